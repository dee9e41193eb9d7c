"""Commands on the room itself (sound, flash, scene, visit) and the handover of a shift, with what happened in it.

There is always a room; a complaint that a field of a command names is looked up when it is decided.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from msgspec import UNSET

from liveroom.accounts.users import Person, at_desks, login_of, names_of
from liveroom.domain import room
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Event, Kind, LoggedEvent
from liveroom.domain.events.room_payloads import HandoverOffered
from liveroom.domain.requests import Code, CommandResult, Refused
from liveroom.domain.room import HANDOVER_SPECS, ROOM, ROOM_SPECS, HandoverCommandName, RoomCommandName, Stretch
from liveroom.domain.timestamps import from_micros
from liveroom.log.engine import Connection
from liveroom.log.event_log import EventLog, Slices, event_at, last_of_kind, read_head, room_now
from liveroom.log.texts import dossier_of
from liveroom.projection import complaints
from liveroom.projection.alarms import alarms_of, standing_after
from liveroom.projection.figures import overdue_after
from liveroom.projection.notices import (
    STRETCH,
    AlarmStep,
    PendingEnd,
    day_begun,
    happened_between,
    holds_ending,
    notice,
)
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
    connection, now, here = work.transaction.connection, work.transaction.now, work.transaction.seq
    line = work.fold.notices.get(room.LINE)
    if given.name == HandoverCommandName.CONFIRM_HANDOVER:
        offer = last_of_kind(connection, ROOM, Kind.HANDOVER_OFFERED) if line is not None else None
        since = _since(offer) if offer is not None else here
        stretch = Stretch(since=since, up_to=here, offer=None if offer is None else offer.seq)
        return room.confirmed(line, given.actor, given.role, stretch, now)
    fields = {**given.fields, "to": _receiver(connection, given.fields.get("to"), given.actor)}
    alarms = standing_after(connection, "", MOST_ALARMS)
    taken = last_of_kind(connection, ROOM, Kind.HANDOVER_CONFIRMED) if line is not None else None
    stretch = Stretch(since=day_begun(connection) if taken is None else taken.seq, up_to=here)
    return room.offered(fields, [alarm.id for alarm in alarms], _stock(connection), stretch, now)


def _since(offer: LoggedEvent) -> int:
    """Where the shift that is offered began; an offer of an earlier version does not say, and counts from itself."""
    payload = offer.event.payload
    assert isinstance(payload, HandoverOffered)
    return offer.seq if payload.since_seq is UNSET else payload.since_seq


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


# What is counted, by the kinds of events that it is.
COUNTED: Mapping[str, tuple[Kind, ...]] = {
    "received": (Kind.RECEIVED,),
    "forwarded": (Kind.FORWARDED,),
    "accepted": (Kind.ACCEPTED,),
    "finished": (Kind.VALIDATED, Kind.CLOSED),
    "reopened": (Kind.REOPENED,),
    "elsewhere": (Kind.REJECTED, Kind.REFERRED, Kind.MERGED),
    "passed": (Kind.DEADLINE_PASSED,),
    "commented": (Kind.COMMENTED,),
    "rang": (Kind.ALARM_RAISED, Kind.ALARM_REACTIVATED, Kind.ALARM_RECURRED),
}
# Alarms, holds and late complaints that are named one by one; and events that are looked through, the latest.
MOST_NAMED, MOST_EVENTS = 40, 400_000
# Holds and shelved alarms that end within the next shift.
SOON = timedelta(hours=8)
# The order in which alarms of these kinds are named.
_KINDS_FIRST = ("critical", "lost", "passed", "warned")


@dataclass(frozen=True, slots=True, kw_only=True)
class RungAlarm:
    """An alarm that rang in the shift, last at ``at``; ``taken_by`` the first who acknowledged it then, if any."""

    alarm: Alarm
    at: datetime
    taken_by: str | None = None
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftCourse:
    """What happened in the events in (``since``, ``up_to``], ``since_at`` is room time at the first.

    ``counts``: by the names of COUNTED. ``rang``: how many alarms there were, of which ``alarms`` are named, those that
    nobody took first; ``untaken``: how many of all nobody took. ``holds`` and ``shelved`` end within SOON, ``late``
    are overdue now, the oldest first: of now and not of the shift, and empty for one that is over.
    """

    since: int
    up_to: int
    since_at: datetime | None
    counts: Mapping[str, int]
    rang: int = 0
    untaken: int = 0
    alarms: tuple[RungAlarm, ...] = ()
    holds: tuple[PendingEnd, ...] = ()
    shelved: tuple[Alarm, ...] = ()
    late: tuple[Complaint, ...] = ()


def course_of(slices: Slices, since: int, up_to: int, now: datetime | None) -> ShiftCourse:
    """What happened in a stretch of the log; ``now`` None: without what is still to be done."""
    since = max(since, up_to - MOST_EVENTS)
    kinds: Counter[str] = Counter()
    rang: dict[str, tuple[int, str | None, int | None]] = {}
    for low in range(since, up_to, STRETCH):
        counted, steps = slices.run(partial(happened_between, since=low, up_to=min(up_to, low + STRETCH)))
        kinds.update(counted)
        for step in steps:
            _note(rang, step)
    order = {kind: place for place, kind in enumerate(_KINDS_FIRST)}
    first = sorted(rang, key=lambda id_: (rang[id_][1] is not None, order.get(id_.partition(":")[0], 9), -rang[id_][0]))
    known = {one.id: one for one in slices.run(partial(alarms_of, ids=first[:MOST_NAMED]))}
    begun = slices.run(partial(event_at, seq=max(since, 1)))
    course = ShiftCourse(
        since=since,
        up_to=up_to,
        since_at=None if begun is None else begun.event.at,
        counts={name: sum(kinds[kind.value] for kind in of) for name, of in COUNTED.items()},
        rang=len(rang),
        untaken=sum(by is None for _, by, _ in rang.values()),
        alarms=tuple(_rung(known[id_], *rang[id_]) for id_ in first[:MOST_NAMED] if id_ in known),
    )
    return course if now is None else replace(course, **_still_to_do(slices, now))


def _note(rang: dict[str, tuple[int, str | None, int | None]], step: AlarmStep) -> None:
    if not step.taken:
        rang[step.alarm] = (step.at, None, None)
    elif step.alarm in rang and rang[step.alarm][1] is None:
        rang[step.alarm] = (rang[step.alarm][0], step.actor, step.at)


def _rung(alarm: Alarm, at: int, by: str | None, taken_at: int | None) -> RungAlarm:
    taken = None if taken_at is None else from_micros(taken_at)
    return RungAlarm(alarm=alarm, at=from_micros(at), taken_by=by, taken_at=taken)


def _still_to_do(slices: Slices, now: datetime) -> dict[str, Any]:
    soon = now + SOON
    standing = slices.run(partial(standing_after, after="", limit=MOST_ALARMS))
    shelved = [one for one in standing if one.shelved_until is not None and one.shelved_until <= soon]
    late = [row.id for row in slices.run(partial(overdue_after, after="", limit=MOST_NAMED))]
    found = slices.run(partial(complaints.complaints, ids=late))
    return {
        "holds": tuple(slices.run(partial(holds_ending, until=soon, limit=MOST_NAMED))),
        "shelved": tuple(sorted(shelved, key=lambda one: one.shelved_until or soon)),
        "late": tuple(sorted(found, key=lambda one: one.id)),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedShift:
    """A shift that was handed over and taken: both events, the note, names by actor, and what had happened in it."""

    offered: LoggedEvent
    confirmed: LoggedEvent
    note: str | None
    names: Mapping[str, str]
    course: ShiftCourse


def signed_shift(log: EventLog, seq: int) -> SignedShift | None:
    """The shift that was taken by event ``seq``; None where that is no such event, or of a version that kept no
    positions. Raises Unavailable."""
    with log.slices() as slices:
        signed = slices.run(partial(_signed, seq=seq))
        if signed is None:
            return None
        offered, confirmed, note = signed
        fields = confirmed.event.fields
        course = course_of(slices, int(fields["since_seq"]), int(fields["up_to_seq"]), None)
        actors = {offered.actor, confirmed.actor, *(one.taken_by for one in course.alarms if one.taken_by)}
        names = slices.run(partial(names_of, actors=actors))
    return SignedShift(offered=offered, confirmed=confirmed, note=note, names=dict(names), course=course)


def _signed(connection: Connection, seq: int) -> tuple[LoggedEvent, LoggedEvent, str | None] | None:
    confirmed = event_at(connection, seq)
    if confirmed is None or confirmed.event.kind is not Kind.HANDOVER_CONFIRMED:
        return None
    offer_seq = confirmed.event.fields.get("offer_seq")
    offered = None if offer_seq is None else event_at(connection, offer_seq)
    if offered is None:
        return None
    note = offered.event.fields.get("note")
    texts = dossier_of(connection, ROOM, people=False).texts if note else {}
    return offered, confirmed, texts.get(note or "", ("", None))[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftReport:
    """What a desk is shown to hand over: ``alarms`` and ``counts`` as of ``now`` (room time), the last offer and
    confirmation, and what happened in the shift.

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
    course: ShiftCourse


def shift(log: EventLog) -> ShiftReport:
    """The state of the handover now, and what happened since the last shift was taken. Raises Unavailable."""
    with log.slices() as slices:
        found = slices.run(_shift)
        head = slices.run(read_head).seq
        since = slices.run(day_begun) if found.confirmed is None else found.confirmed.seq
        course = course_of(slices, since, head, found.now)
        names = slices.run(partial(names_of, actors={one.taken_by for one in course.alarms if one.taken_by}))
    return replace(found, course=course, names={**found.names, **names})


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
        course=ShiftCourse(since=0, up_to=0, since_at=None, counts={}),
    )


def _stock(connection: Connection) -> dict[str, int]:
    """Counts of complaints that are open and overdue now."""
    found = complaints.counts(connection, complaints.today(connection))["stock"]
    assert isinstance(found, dict)
    return dict(found)
