"""How an order about the room itself becomes an event in a unit: 403, 422 (fields), 404, 422 (code), in this order."""

from liveroom.domain import room
from liveroom.domain.requests import Code, Done, Order, Refused, Role
from liveroom.domain.room import RoomName
from liveroom.log.texts import Texts
from liveroom.ordering import answered, known, remembered, with_text_ids
from liveroom.working_set import WorkingSet


class Steering:
    """What a desk orders for all screens: sound, flash, scene, whether guests are here."""

    def do(self, work: WorkingSet, order: Order) -> Done:
        """Log what the order causes. Raises Refused, Malformed or Unknown, nothing logged of the order."""
        if (before := answered(work, order)) is not None:
            return before
        name, role = known(RoomName, order.name, "command"), known(Role, order.role, "role")
        if not room.may(name, role):
            raise _not_for(name, role)
        draft, line = Texts(), room.ROOM_SPECS[name].line.value
        fields = with_text_ids(room.parse_room(name, order.fields), room.texts_of(name), room.ROOM, draft)
        if "complaint" in fields:
            work.complaint(fields["complaint"])
        event = room.decide_room(name, fields, work.fold.notices.get, work.unit.now, work.unit.real)
        first = work.unit.seq + 1
        work.append((event,), actor=order.actor)
        work.texts.absorb(draft)
        state = event.kind.value.partition(".")[2]
        return remembered(work, order, Done(id=line, seq=work.unit.seq, status=state, state=state), first)

    @staticmethod
    def refuse_strangers(order: Order) -> None:
        """Raises Refused when this role may not; wrong words pass."""
        if order.name in set(RoomName) and order.role in set(Role):
            name, role = RoomName(order.name), Role(order.role)
            if not room.may(name, role):
                raise _not_for(name, role)


def _not_for(name: RoomName, role: Role) -> Refused:
    return Refused(Code.ROLE, f"{name} is not for {role}")
