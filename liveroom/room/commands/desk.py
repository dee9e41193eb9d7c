"""Commands on the room itself (sound, flash, scene, visit) and the handover of a shift.

There is always a room; a complaint that a field of a command names is looked up when it is decided.
"""

from dataclasses import dataclass
from datetime import datetime

from liveroom.accounts.users import Person, at_desks, login_of, names_of
from liveroom.domain import room
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.events import Event, Kind, LoggedEvent
from liveroom.domain.events.room_payloads import HandoverOffered
from liveroom.domain.requests import Code, CommandResult, Refused
from liveroom.domain.room import HANDOVER_SPECS, ROOM, ROOM_SPECS, HandoverCommandName, RoomCommandName
from liveroom.log.engine import Connection
from liveroom.log.event_log import EventLog, last_of_kind, room_now
from liveroom.log.texts import dossier_of
from liveroom.projection import complaints
from liveroom.projection.alarms import standing_after
from liveroom.projection.notices import notice
from liveroom.room.pipeline import Handler, ParsedCommand
from liveroom.room.transaction import UnitOfWork


def room_handler() -> Handler[None]:
    """What a desk sets for all screens (sound, flash, scene, whether guests are here), and the handover of a shift."""
    return Handler(specs={**ROOM_SPECS, **HANDOVER_SPECS}, load=lambda *_: None, decide=_decide)


def _decide(work: UnitOfWork, given: ParsedCommand[None]) -> CommandResult:
    if given.name in HANDOVER_SPECS:
        event, line, state = _handover(work, given), room.LINE, given.name
    else:
        name = RoomCommandName(given.name)
        if "complaint" in given.fields:
            work.complaint(given.fields["complaint"])
        event = room.decide_room(name, given.fields, work.fold.notices.get, work.transaction.now, work.transaction.real)
        line, state = ROOM_SPECS[name].line.value, event.kind.value.partition(".")[2]
    work.append((event,), actor=given.actor)
    return CommandResult(id=line, seq=work.transaction.seq, status=state, state=state)


# Handover: one person offers the shift, another confirms it.

# Most alarms listed in a handover.
MOST_ALARMS = 200


def _handover(work: UnitOfWork, given: ParsedCommand[None]) -> Event:
    if given.name == HandoverCommandName.CONFIRM_HANDOVER:
        return room.confirmed(work.fold.notices.get(room.LINE), given.actor, given.role, work.transaction.now)
    fields = {**given.fields, "to": _receiver(work.transaction.connection, given.fields.get("to"), given.actor)}
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
    offer = offered.event.payload if offered is not None else None
    assert offer is None or isinstance(offer, HandoverOffered)
    note = offer.note if offer is not None else None
    texts = dossier_of(connection, ROOM, people=False).texts if note else {}
    actors = {logged.actor for logged in (offered, confirmed) if logged is not None}
    actors |= {offer.to} if offer is not None and offer.to else set()
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
