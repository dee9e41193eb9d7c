"""What an alarm is after its events: a demand on a person, with seven states and a limit to every silence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from liveroom.domain.complaint import Stage

CHATTER_WITHIN = timedelta(seconds=60)


class AlarmKind(StrEnum):
    """The four there are; a new complaint is none of them. Rule: CR-02."""

    WARNED = "warned"
    PASSED = "passed"
    CRITICAL = "critical"
    LOST = "lost"


class AlarmState(StrEnum):
    """The seven of the life cycle; only ``unacked`` flashes and sounds. Rule: control-room.md section 2."""

    NORMAL = "normal"
    UNACKED = "unacked"
    ACKED = "acked"
    RETURNED = "returned"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out_of_service"


class Rule(StrEnum):
    """What suppresses by design: ``redundant`` the room itself (CR-04), the others a supervisor."""

    REDUNDANT = "redundant"
    MAINTENANCE = "maintenance"


QUIET = frozenset({AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE})
LOUD = frozenset(AlarmState) - QUIET
LISTED = LOUD - {AlarmState.NORMAL}

# CR-06. The loss of the whole feed, priority 1, is each screen's own and no alarm of the room.
PRIORITY: Mapping[AlarmKind, int] = {
    AlarmKind.CRITICAL: 1,
    AlarmKind.PASSED: 2,
    AlarmKind.LOST: 2,
    AlarmKind.WARNED: 3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm folded up to ``seq``; all times aware UTC.

    It is about a ``complaint``, a ``source``, or, grouped, an ``agency`` with the ``count`` of what it stands for.
    ``active``: its condition is true. ``raised_at`` begins this life, ``activated_at`` is the last entry to unacked;
    acknowledgement, owner, page and quiet spell end with the next activation. An ``owner`` of an overdue one has taken
    it: its condition is false until another deadline or a multiple passes (CR-31). ``page_at`` and ``expires_at``
    are when its silence ends; ``recent`` its activations of the last minute (CR-23).
    """

    id: str
    kind: AlarmKind
    priority: int
    seq: int = 0
    state: AlarmState = AlarmState.NORMAL
    active: bool = False
    complaint: str | None = None
    source: str | None = None
    agency: str | None = None
    area: str | None = None
    category: str | None = None
    stage: Stage | None = None
    due_at: datetime | None = None
    count: int = 1
    raised_at: datetime | None = None
    activated_at: datetime | None = None
    rearmed: int = 0
    acked_by: str | None = None
    acked_at: datetime | None = None
    acked_from: str | None = None
    owner: str | None = None
    expires_at: datetime | None = None
    shelved_by: str | None = None
    shelved_until: datetime | None = None
    rule: Rule | None = None
    suppressed_until: datetime | None = None
    reason: str | None = None
    review_at: datetime | None = None
    page_at: datetime | None = None
    paged_at: datetime | None = None
    recent: tuple[datetime, ...] = ()
    chattering: bool = False

    @property
    def listed(self) -> bool:
        """Whether it stands in the list of alarms; the quiet ones are counted and have lists of their own."""
        return self.state in LISTED

    @property
    def grouped(self) -> bool:
        """One for several complaints of an agency (CR-33, and those overdue when they came in)."""
        return self.complaint is None and self.source is None

    @property
    def quarter(self) -> bool:
        """Grouped pre-warnings: its condition lasts a quarter of an hour, and until somebody has acknowledged it."""
        return self.grouped and self.kind is AlarmKind.WARNED

    @property
    def next_due(self) -> datetime | None:
        """The next moment the clock must judge; None when only people or its condition can move it."""
        match self.state:
            case AlarmState.UNACKED:
                return self.page_at if self.paged_at is None else None
            case AlarmState.ACKED:
                return self.expires_at
            case AlarmState.SHELVED:
                return self.shelved_until
            case AlarmState.SUPPRESSED:
                return self.suppressed_until
            case AlarmState.NORMAL | AlarmState.RETURNED | AlarmState.OUT_OF_SERVICE:
                return None
