"""Commands on the room itself (sound, flash, scene, visit) and the handover of a shift.

Refusals in this order: 403 Refused, 422 Malformed, 404 Unknown, 422 Refused.
"""

from dataclasses import dataclass
from datetime import datetime

from liveroom.accounts.users import Person, at_desks, login_of, names_of
from liveroom.domain import room
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.events import Event, Kind, LoggedEvent
from liveroom.domain.requests import Code, Command, CommandResult, Refused, Role
from liveroom.domain.room import ROOM, HandoverCommandName, RoomCommandName
from liveroom.log.engine import Connection
from liveroom.log.event_log import EventLog, last_of_kind, room_now
from liveroom.log.texts import TextRows, dossier_of
from liveroom.projection import complaints
from liveroom.projection.alarms import standing_after
from liveroom.projection.notices import notice
from liveroom.room.transaction import UnitOfWork, earlier_answer, remember_answer, with_text_ids, word_of


class RoomCommands:
    """Executes what a desk sets for all screens: sound, flash, scene, whether guests are here."""

    def execute(self, work: UnitOfWork, command: Command) -> CommandResult:
        """Log what the command causes. Raises Refused, Malformed or Unknown, nothing logged of the command."""
        if (before := earlier_answer(work, command)) is not None:
            return before
        name, role = word_of(RoomCommandName, command.name, "command"), word_of(Role, command.role, "role")
        if not room.may(name, role):
            raise _not_for(name, role)
        draft, line = TextRows(), room.ROOM_SPECS[name].line.value
        fields = with_text_ids(room.parse_room(name, command.fields), room.texts_of(name), room.ROOM, draft)
        if "complaint" in fields:
            work.complaint(fields["complaint"])
        event = room.decide_room(name, fields, work.fold.notices.get, work.transaction.now, work.transaction.real)
        first = work.transaction.seq + 1
        work.append((event,), actor=command.actor)
        work.texts.absorb(draft)
        state = event.kind.value.partition(".")[2]
        return remember_answer(
            work, command, CommandResult(id=line, seq=work.transaction.seq, status=state, state=state), first
        )

    @staticmethod
    def refuse_strangers(command: Command) -> None:
        """Raises Refused for a role that may not. Unknown names are left to ``execute``."""
        if command.name in set(RoomCommandName) and command.role in set(Role):
            name, role = RoomCommandName(command.name), Role(command.role)
            if not room.may(name, role):
                raise _not_for(name, role)


def _not_for(name: RoomCommandName, role: Role) -> Refused:
    return Refused(Code.ROLE, f"{name} is not for {role}")


# Handover: one person offers the shift, another confirms it.

# Most alarms listed in a handover.
MOST_ALARMS = 200


class HandoverCommands:
    """Executes offers and confirmations of a handover."""

    def execute(self, work: UnitOfWork, command: Command) -> CommandResult:
        """Log what the command causes. Raises Refused or Malformed with nothing logged of the command."""
        if (before := earlier_answer(work, command)) is not None:
            return before
        name, role = word_of(HandoverCommandName, command.name, "command"), word_of(Role, command.role, "role")
        if not room.may_hand_over(role):
            raise Refused(Code.ROLE, f"{name} is not for {role}")
        draft = TextRows()
        raw = room.parse_handover(name, command.fields)
        fields = with_text_ids(raw, room.TEXTS[name], ROOM, draft)
        first = work.transaction.seq + 1
        work.append((self._event(work, name, fields, command, role),), actor=command.actor)
        work.texts.absorb(draft)
        state = name.value
        return remember_answer(
            work, command, CommandResult(id=room.LINE, seq=work.transaction.seq, status=state, state=state), first
        )

    def _event(
        self, work: UnitOfWork, name: HandoverCommandName, fields: dict[str, object], command: Command, role: Role
    ) -> Event:
        if name is HandoverCommandName.CONFIRM_HANDOVER:
            return room.confirmed(work.fold.notices.get(room.LINE), command.actor, role, work.transaction.now)
        fields = {**fields, "to": _receiver(work.transaction.connection, fields.get("to"), command.actor)}
        alarms = standing_after(work.transaction.connection, "", MOST_ALARMS)
        return room.offered(
            fields, [alarm.id for alarm in alarms], _stock(work.transaction.connection), work.transaction.now
        )


def _receiver(connection: Connection, to: object, giver: str) -> object:
    """The actor who is to take the shift, by log-in name or name among people at desks; None for anybody.

    Where nobody has an account any name is accepted. Raises Refused if the name fits nobody, several, or the giver.
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
    """What the handover page shows: ``alarms`` and ``counts`` as of ``now`` (room time), the last offer and
    confirmation.

    ``names``: by actor; ``colleagues``: people at desks, who may take the shift.
    """

    now: datetime
    alarms: tuple[Alarm, ...]
    counts: dict[str, int]
    offered: LoggedEvent | None
    confirmed: LoggedEvent | None
    note: str | None
    names: dict[str, str]
    colleagues: list[Person]


def shift(log: EventLog) -> ShiftReport:
    """The state of the handover now. Raises Unavailable."""
    return log.read(_shift)


def _shift(connection: Connection) -> ShiftReport:
    any_yet = notice(connection, room.LINE) is not None
    offered = last_of_kind(connection, ROOM, Kind.HANDOVER_OFFERED) if any_yet else None
    confirmed = last_of_kind(connection, ROOM, Kind.HANDOVER_CONFIRMED) if any_yet else None
    note = offered.event.payload.get("note") if offered is not None else None
    texts = dossier_of(connection, ROOM, people=False).texts if note else {}
    actors = {logged.actor for logged in (offered, confirmed) if logged is not None}
    actors |= {str(offered.event.payload["to"])} if offered is not None and offered.event.payload.get("to") else set()
    return ShiftReport(
        now=room_now(connection),
        alarms=standing_after(connection, "", MOST_ALARMS),
        counts=_stock(connection),
        offered=offered,
        confirmed=confirmed,
        note=texts.get(note or "", ("", None))[1],
        names=dict(names_of(connection, actors)),
        colleagues=at_desks(connection),
    )


def _stock(connection: Connection) -> dict[str, int]:
    """Counts of complaints that are open and overdue now."""
    found = complaints.counts(connection, complaints.today(connection))["stock"]
    assert isinstance(found, dict)
    return dict(found)
