"""A complaint that an officer takes down: by telephone, WhatsApp or at the counter; the room's own source."""

from dataclasses import replace

from liveroom.accepting import Accepting
from liveroom.domain.names import Role
from liveroom.domain.refusals import Code, Refused
from liveroom.domain.report import Report
from liveroom.domain.specs import DESK
from liveroom.log.sources import Sources
from liveroom.ordering import answered, known, remembered
from liveroom.orders import Done, Order
from liveroom.projection.read import last_number
from liveroom.room import Room
from liveroom.working_set import WorkingSet

SOURCE = "desk"
CHANNELS = ("phone", "112", "whatsapp", "counter", "email")


class TakingDown:
    """One room's desk as a source; it has no rhythm, so nobody misses it."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._accepting = Accepting(room.city)
        self._sources = Sources(room.log)
        self._source = ""

    def take(self, order: Order, report: Report) -> Done:
        """Keep the report once for this order; its number is the day's next. Raises Refused, Malformed, Unavailable."""
        if known(Role, order.role, "role") not in DESK:
            raise Refused(Code.ROLE, f"taking complaints down is not for {order.role}")
        self._source = self._source or self._sources.ensure(SOURCE, None)
        return self._room.unit(lambda work: self._take(work, order, report))

    def _take(self, work: WorkingSet, order: Order, report: Report) -> Done:
        if (before := answered(work, order)) is not None:
            return before
        first = work.unit.seq + 1
        numbered = replace(report, source_id=self._number(work), drill=report.drill or self._room.kind == "drill")
        kept = self._accepting.accept(work, numbered, self._source, actor=order.actor)
        state = work.complaint(kept.id).state.value
        return remembered(work, order, Done(id=kept.id, seq=kept.seq, status=kept.status, state=state), first)

    def _number(self, work: WorkingSet) -> str:
        """``M-20261125-00007``: what the citizen is told."""
        begins = f"M-{self._room.city.policy.day(work.unit.now):%Y%m%d}-"
        last = last_number(work.unit.connection, self._source, begins + "00000", begins + "99999")
        return f"{begins}{int(last[-5:]) + 1 if last else 1:05}"
