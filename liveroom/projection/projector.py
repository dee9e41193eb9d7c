"""The interface of a read model that follows the log, and what all of them count and compare with.

A projector gets every event in order and writes its rows when the transaction ends. `fold.PROJECTORS` lists them all:
the fold, the rebuild and the audit go through that list, so a new read model is a file here and a line there.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec import Struct
from sqlalchemy import Connection

from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import LoggedEvent
from liveroom.log import event_log
from liveroom.log.event_log import Slices
from liveroom.log.rows import Row

# A complaint before and after a transaction, or part of one; None before it was received.
Change = tuple[Complaint | None, Complaint]


class Step(Struct, frozen=True, kw_only=True, gc=False):
    """One event and the complaint before and after it."""

    before: Complaint | None
    after: Complaint
    logged: LoggedEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Refolded:
    """A complaint as its events alone make it, step by step; no steps for an id without events."""

    id: str
    steps: tuple[Step, ...]

    @property
    def complaint(self) -> Complaint | None:
        """As it is after the last event."""
        return self.steps[-1].after if self.steps else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """One row that is not what the log says: ``what`` (its table) and its id or key."""

    what: str
    key: str
    expected: str
    found: str


class Projector(ABC):
    """One read model as one transaction sees and leaves it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @abstractmethod
    def apply(self, logged: LoggedEvent, before: Complaint | None, after: Complaint | None, /) -> None:
        """Fold one event; ``before`` and ``after`` are the complaint that it is about, both None for other subjects."""

    def receive(self, steps: Sequence[Step], /) -> None:
        """As ``apply`` of each step: a new complaint's receipt, and perhaps its end, with nothing else between."""
        for step in steps:
            self.apply(step.logged, step.before, step.after)

    @abstractmethod
    def flush(self) -> None:
        """Write what changed and begin anew."""

    @staticmethod
    def differences(_connection: Connection, _complaints: Sequence[Refolded], /) -> list[AuditFinding]:
        """Every row of these complaints that is not what their events make; none of a model without such rows."""
        return []

    @staticmethod
    def recount(_slices: Slices, /) -> list[AuditFinding]:
        """Every sum that is not what its rows add up to, read in slices of one moment; none of one without sums."""
        return []


class StepProjector(Projector):
    """A read model of which the rows follow from a complaint's events one by one; ``flush`` empties ``_steps``."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._steps: list[Step] = []

    @staticmethod
    @abstractmethod
    def matters(step: Step, /) -> bool:
        """Whether the step can change a row."""

    def apply(self, logged: LoggedEvent, before: Complaint | None, after: Complaint | None, /) -> None:
        """Remember that an event made ``before`` into ``after``, if that matters."""
        if after is not None and self.matters(step := Step(before=before, after=after, logged=logged)):
            self._steps.append(step)

    def receive(self, steps: Sequence[Step], /) -> None:
        """Receipt and end matter to all of these."""
        self._steps.extend(steps)


class ChangeProjector(Projector):
    """A read model of which the rows follow from each complaint before and after a transaction."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._changes: dict[str, Change] = {}

    def apply(self, _logged: LoggedEvent, before: Complaint | None, after: Complaint | None, /) -> None:
        """Remember the complaint as it was first and is now."""
        if after is not None:
            first = self._changes.get(after.id)
            self._changes[after.id] = (before if first is None else first[0], after)

    def receive(self, steps: Sequence[Step], /) -> None:
        """Remember what the steps left."""
        after = steps[-1].after
        self._changes[after.id] = (None, after)

    def flush(self) -> None:
        """Write the changes, if any."""
        changes, self._changes = self._changes, {}
        if changes:
            self.write(tuple(changes.values()))

    @abstractmethod
    def write(self, changes: Sequence[Change]) -> None:
        """Write the rows of complaints that changed, at least one."""


# ---- findings ----


def row_difference(what: str, key: str, expected: Row, found: Row) -> list[AuditFinding]:
    """The one finding about a row that differs from what the log says; none when it does not."""
    names = [name for name in {**expected, **found} if expected.get(name) != found.get(name)]
    if not names:
        return []
    right, wrong = ({name: side.get(name) for name in names} for side in (expected, found))
    return [AuditFinding(what=what, key=key, expected=event_log.encode(right), found=event_log.encode(wrong))]


def sum_differences(what: str, counted: Mapping[str, int], kept: Mapping[str, int]) -> list[AuditFinding]:
    """Every number that is kept otherwise than counted; a missing one is 0."""
    return [
        AuditFinding(what=what, key=key, expected=str(counted.get(key, 0)), found=str(kept.get(key, 0)))
        for key in sorted(kept.keys() | counted.keys())
        if kept.get(key, 0) != counted.get(key, 0)
    ]
