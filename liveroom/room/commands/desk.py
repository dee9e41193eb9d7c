"""Room-wide commands: sound, flash, scene, visit, handover."""

from dataclasses import dataclass
from datetime import datetime

from liveroom.accounts.users import Person, at_desks, login_of, names_of
from liveroom.domain import room
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.events import Event, Kind, Logged
from liveroom.domain.requests import Code, Command, Done, Refused, Role
from liveroom.domain.room import ROOM, HandoverName, RoomName
from liveroom.log.engine import Connection
from liveroom.log.event_log import EventLog, last_of_kinds, room_now
from liveroom.log.texts import TextRows, papers_of
from liveroom.projection import complaints
from liveroom.projection.alarms import standing_after
from liveroom.projection.notices import notice
from liveroom.room.transaction import UnitOfWork, earlier_answer, remember_answer, with_text_ids, word_of

# How a command about the room itself becomes an event in a unit: 403, 422 (fields), 404, 422 (code), in this order.


class RoomCommands:
    """What a desk commands for all screens: sound, flash, scene, whether guests are here."""

    def execute(self, work: UnitOfWork, command: Command) -> Done:
        """Log what the command causes. Raises Refused, Malformed or Unknown, nothing logged of the command."""
        if (before := earlier_answer(work, command)) is not None:
            return before
        name, role = word_of(RoomName, command.name, "command"), word_of(Role, command.role, "role")
        if not room.may(name, role):
            raise _not_for(name, role)
        draft, line = TextRows(), room.ROOM_SPECS[name].line.value
        fields = with_text_ids(room.parse_room(name, command.fields), room.texts_of(name), room.ROOM, draft)
        if "complaint" in fields:
            work.complaint(fields["complaint"])
        event = room.decide_room(name, fields, work.fold.notices.get, work.unit.now, work.unit.real)
        first = work.unit.seq + 1
        work.append((event,), actor=command.actor)
        work.texts.absorb(draft)
        state = event.kind.value.partition(".")[2]
        return remember_answer(work, command, Done(id=line, seq=work.unit.seq, status=state, state=state), first)

    @staticmethod
    def refuse_strangers(command: Command) -> None:
        """Raises Refused when this role may not; wrong words pass."""
        if command.name in set(RoomName) and command.role in set(Role):
            name, role = RoomName(command.name), Role(command.role)
            if not room.may(name, role):
                raise _not_for(name, role)


def _not_for(name: RoomName, role: Role) -> Refused:
    return Refused(Code.ROLE, f"{name} is not for {role}")


# How a shift is handed over in a unit, and how the desk reads the last handover.

MOST_ALARMS = 200


class HandoverCommands:
    """Offers and takes shifts."""

    def execute(self, work: UnitOfWork, command: Command) -> Done:
        """Log what the command causes. Raises Refused or Malformed with nothing logged of the command."""
        if (before := earlier_answer(work, command)) is not None:
            return before
        name, role = word_of(HandoverName, command.name, "command"), word_of(Role, command.role, "role")
        if not room.may_hand_over(role):
            raise Refused(Code.ROLE, f"{name} is not for {role}")
        draft = TextRows()
        raw = room.parse_handover(name, command.fields)
        fields = with_text_ids(raw, room.TEXTS[name], ROOM, draft)
        first = work.unit.seq + 1
        work.append((self._event(work, name, fields, command, role),), actor=command.actor)
        work.texts.absorb(draft)
        state = name.value
        return remember_answer(work, command, Done(id=room.LINE, seq=work.unit.seq, status=state, state=state), first)

    def _event(
        self, work: UnitOfWork, name: HandoverName, fields: dict[str, object], command: Command, role: Role
    ) -> Event:
        if name is HandoverName.CONFIRM_HANDOVER:
            return room.confirmed(work.fold.notices.get(room.LINE), command.actor, role, work.unit.now)
        fields = {**fields, "to": _receiver(work.unit.connection, fields.get("to"), command.actor)}
        alarms = standing_after(work.unit.connection, "", MOST_ALARMS)
        return room.offered(fields, [alarm.id for alarm in alarms], stock(work.unit.connection), work.unit.now)


def _receiver(connection: Connection, to: object, giver: str) -> object:
    """Whoever is meant by a log-in name or a name, of those who sit at desks; anybody where nobody logs in.

    Raises Refused: offered to nobody or to who gives it, a shift could be taken by nobody.
    """
    if to is None:
        return None
    colleagues, wanted = at_desks(connection), login_of(str(to))
    if not colleagues and wanted != login_of(giver):
        return to
    by_key = [who.actor for who in colleagues if login_of(who.actor) == wanted]
    found = by_key or [who.actor for who in colleagues if login_of(who.name) == wanted]
    if found == [giver] or not colleagues:
        raise Refused(Code.FIELD, "somebody else has to take the shift", "to")
    if len(found) != 1:
        raise Refused(
            Code.FIELD, "two are called so: write the log-in name" if found else "nobody here is called so", "to"
        )
    return found[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftReport:
    """``alarms`` and ``counts`` as they stand now; the last offer and who took it, None without any; names by actor.

    ``colleagues``: who sits at desks, and so may take it.
    """

    now: datetime
    alarms: tuple[Alarm, ...]
    counts: dict[str, int]
    offered: Logged | None
    confirmed: Logged | None
    note: str | None
    names: dict[str, str]
    colleagues: list[Person]


def shift(log: EventLog) -> ShiftReport:
    """The present handover. Raises Unavailable."""
    return log.read(_shift)


def _shift(connection: Connection) -> ShiftReport:
    any_yet = notice(connection, room.LINE) is not None
    offered = last_of_kinds(connection, ROOM, (Kind.HANDOVER_OFFERED,)) if any_yet else None
    confirmed = last_of_kinds(connection, ROOM, (Kind.HANDOVER_CONFIRMED,)) if any_yet else None
    note = offered.event.payload.get("note") if offered is not None else None
    texts = papers_of(connection, ROOM, people=False).texts if note else {}
    actors = {logged.actor for logged in (offered, confirmed) if logged is not None}
    actors |= {str(offered.event.payload["to"])} if offered is not None and offered.event.payload.get("to") else set()
    return ShiftReport(
        now=room_now(connection),
        alarms=standing_after(connection, "", MOST_ALARMS),
        counts=stock(connection),
        offered=offered,
        confirmed=confirmed,
        note=texts.get(note or "", ("", None))[1],
        names=dict(names_of(connection, actors)),
        colleagues=at_desks(connection),
    )


def stock(connection: Connection) -> dict[str, int]:
    """How many complaints are open and overdue now."""
    found = complaints.counts(connection, complaints.today(connection))["stock"]
    assert isinstance(found, dict)
    return dict(found)
