"""An alarm as its events left it: kinds, states, ids, and the limits of each silence.

An alarm is a demand on a person. Its id is calculated from what it is about, so that the same thing is always the same
alarm. Every silence (acknowledged, shelved, suppressed, out of service) has a longest time; the numbers are those of
control-room.md. Times are aware UTC.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec

from liveroom.domain.complaints.model import Stage

# Activations of one alarm that count together as chattering (CR-23).
CHATTER_WITHIN = timedelta(seconds=60)
# One alarm for the pre-warnings of an agency within this time (CR-33).
GROUP_WITHIN = timedelta(minutes=15)
# Stands for an agency in an id where there is none.
NOBODY = "-"
LONGEST = 64
# What can be lost beside sources; no id of a source has a colon or is this word.
FEED, SCREEN, OUTBOX = "feed", "screen:", "outbox:"
# Begins the id of the alarm of what was overdue already when it came in.
INHERITED = "inherited:"


class AlarmKind(StrEnum):
    """The four kinds; a new complaint is no alarm. Rule: CR-02."""

    WARNED = "warned"
    PASSED = "passed"
    CRITICAL = "critical"
    LOST = "lost"


class AlarmState(StrEnum):
    """The seven states of the life cycle; only ``unacked`` flashes and sounds. Rule: control-room.md section 2."""

    NORMAL = "normal"
    UNACKED = "unacked"
    ACKED = "acked"
    RETURNED = "returned"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out_of_service"


class Rule(StrEnum):
    """Why an alarm is suppressed: ``redundant`` by the room itself (CR-04), the others by a supervisor."""

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


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """One alarm folded up to ``seq``; all times aware UTC.

    It is about a ``complaint``, a ``source``, or, grouped, an ``agency`` with the ``count`` of what it stands for.
    ``active``: its condition is true. ``raised_at`` begins this life, ``activated_at`` is the last entry to unacked;
    acknowledgement, owner, page and quiet spell end with the next activation. An ``owner`` of an overdue one has taken
    it: its condition is false until another deadline or a multiple passes (CR-31). ``page_at`` and ``expires_at``
    are when its silence ends; ``unreached``: the page at ``paged_at`` had nobody to go to; ``recent`` its activations
    of the last minute (CR-23).
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
    unreached: bool = False
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


# Ids of alarms, at most LONGEST characters.


def of_complaint(kind: AlarmKind, complaint: str) -> str:
    """``passed:COMPLAINT``."""
    return f"{kind.value}:{complaint}"


def of_source(source: str) -> str:
    """``lost:SOURCE``."""
    return f"{AlarmKind.LOST.value}:{source}"


def way_out(kind: str, key: str) -> str:
    """The name of a receiver whose deliveries are stuck, an agency by its key alone: ``lost:outbox:AGENCY``."""
    name = key if kind == "agency" else f"{kind}-{key}"
    return _short(name, LONGEST - len(of_source(OUTBOX)))


def loss_priority(source: str) -> int:
    """The priority of a loss: the feed first, a screen, one of several, last. Rule: CR-06."""
    if source == FEED:
        return 1
    return 3 if source.startswith(SCREEN) else PRIORITY[AlarmKind.LOST]


def of_group(agency: str | None, at: datetime) -> str:
    """``warned:AGENCY:2026-11-24T08:15``: the pre-warnings of one agency in a quarter of an hour, UTC. Rule: CR-33."""
    end = f":{quarter(at):%Y-%m-%dT%H:%M}"
    start = f"{AlarmKind.WARNED.value}:"
    return start + _short(agency or NOBODY, LONGEST - len(start + end)) + end


def quarter(at: datetime) -> datetime:
    """The beginning of the quarter of an hour that ``at`` lies in, UTC."""
    utc = at.astimezone(UTC)
    return utc - (utc - utc.replace(hour=0, minute=0, second=0, microsecond=0)) % GROUP_WITHIN


def of_inherited(agency: str | None) -> str:
    """``inherited:AGENCY``: what was overdue already when it came in. Rule: design section 3."""
    return INHERITED + _short(agency or NOBODY, LONGEST - len(INHERITED))


def unraised_of(id_: str) -> Alarm:
    """The alarm of a source before its first event: maintenance is announced before the source falls silent.

    Raises ValueError for an id that is no source's.
    """
    kind, _, source = id_.partition(":")
    if kind != AlarmKind.LOST or not source:
        raise ValueError(f"the alarm {id_} was never raised")
    return Alarm(id=id_, kind=AlarmKind.LOST, priority=loss_priority(source), source=source)


def _short(key: str, room: int) -> str:
    """The key, or as much of it as fits with a hash of the whole: two long keys never share an alarm."""
    if len(key) <= room:
        return key
    mark = hashlib.sha256(key.encode()).hexdigest()[:8]
    return f"{key[: room - len(mark) - 1]}~{mark}"


def _by_priority(first: int, second: int, third: int) -> Mapping[int, timedelta]:
    return {1: timedelta(minutes=first), 2: timedelta(minutes=second), 3: timedelta(minutes=third)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRules:
    """The limits of alarms, from control-room.md; mappings are by priority.

    ``positions``: staffed desks. ``page_after``: CR-18; ``reachable``: a page reaches somebody. ``ack_expires``:
    CR-20. ``shelve_longest``: CR-21. ``review_within`` and, by our own choice, ``suppress_longest``: CR-22.
    ``chatter_count`` activations in 60 s: CR-23. ``warned_per_hour`` pre-warnings a position are raised one by one,
    the rest grouped: CR-33. ``surge_count`` complaints of a category in neighbouring areas ``surge_within``: the
    issue's own choice. ``dark_after``: for how long a screen that is called dark has not been heard.
    """

    positions: int = 1
    page_after: timedelta = timedelta(seconds=60)
    reachable: bool = True
    ack_expires: Mapping[int, timedelta] = field(default_factory=lambda: _by_priority(15, 60, 240))
    shelve_longest: Mapping[int, timedelta] = field(default_factory=lambda: _by_priority(30, 240, 480))
    review_within: timedelta = timedelta(days=7)
    suppress_longest: timedelta = timedelta(days=7)
    chatter_count: int = 3
    warned_per_hour: int = 4
    surge_count: int = 12
    surge_within: timedelta = timedelta(minutes=20)
    dark_after: timedelta = timedelta(seconds=15)
