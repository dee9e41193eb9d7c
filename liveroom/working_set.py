"""One unit of the room at work: the log's unit, the fold of what it says, and the texts that go with it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from liveroom.domain.complaint import Complaint
from liveroom.domain.events import Event, Logged
from liveroom.domain.settling import settle
from liveroom.log.texts import Texts
from liveroom.log.unit import Unit
from liveroom.orders import Unknown
from liveroom.projection.fold import Fold

CLOCK = "clock"


class WorkingSet:
    """Append and fold in one step, so that every decision in a unit sees all that the unit has said so far."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.fold = Fold(unit.connection)
        self.texts = Texts()

    def append(self, events: Sequence[Event], *, actor: str) -> tuple[Logged, ...]:
        """Log ``events`` and fold them."""
        logged = self.unit.append(events, actor=actor)
        self.fold.apply(logged)
        return logged

    def settled(self, complaint: Complaint) -> Complaint:
        """The complaint after the deadlines that were due by now: no command overtakes a breach."""
        self.append(settle(complaint, self.unit.now), actor=CLOCK)
        return self.complaint(complaint.id)

    def settle_all(self, ids: Iterable[str], until: datetime) -> None:
        """Log everything that was due by ``until`` on these complaints, in the order in which it was due."""
        due = [event for id_ in ids for event in settle(self.complaint(id_), until)]
        self.append(sorted(due, key=lambda event: event.at), actor=CLOCK)

    def complaint(self, id_: str) -> Complaint:
        """A complaint that is known to exist. Raises Unknown otherwise."""
        found = self.fold.complaint(id_)
        if found is None:
            raise Unknown(id_)
        return found

    def finish(self) -> None:
        """Write texts and rows; the unit itself is finished by the log."""
        self.texts.write(self.unit.connection)
        self.fold.flush()
