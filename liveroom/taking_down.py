"""A complaint that an officer takes down: by telephone, WhatsApp or at the counter; the room's own source."""

from dataclasses import replace

from liveroom.accepting import Accepting
from liveroom.accounts.sources import Sources
from liveroom.domain.complaints.commands import DESK
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import Code, Done, Order, Refused, Role
from liveroom.numbering import next_number
from liveroom.ordering import answered, known, remembered
from liveroom.room import Room
from liveroom.working_set import WorkingSet

SOURCE, LETTER = "desk", "M"
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
        number = next_number(work, self._room.city, self._source, LETTER)
        numbered = replace(report, source_id=number, drill=report.drill or self._room.kind == "drill")
        kept = self._accepting.accept(work, numbered, self._source, actor=order.actor)
        state = work.complaint(kept.id).state.value
        return remembered(work, order, Done(id=kept.id, seq=kept.seq, status=kept.status, state=state), first)
