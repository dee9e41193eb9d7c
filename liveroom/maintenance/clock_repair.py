"""Clock repair: put a room right whose machine's clock was ahead, with one event and a new epoch of the log.

Safe beside running processes: it is one transaction under the head lock, and every process notices the new epoch. After
it ``promise_anew`` moves the deadlines of open complaints, some at a time.

Events are never touched, nor what is evidence: accesses to personal data, attempts at deliveries, answers to commands.
Leases need nothing, because one that lasts too long counts as free (liveroom.log.lease). Docs:
docs/log.md#a-clock-that-was-wrong.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Column, Connection, delete, func, select, update

from liveroom.accounts import credentials, rate_limits, users
from liveroom.accounts import second_factor as factors
from liveroom.accounts.sources import FORMER_LASTS
from liveroom.domain.clock_repair import ClockRepair, promised_anew
from liveroom.domain.complaints.model import OPEN
from liveroom.domain.events import Kind
from liveroom.domain.events.room_payloads import ClockRepaired
from liveroom.domain.policy import Policy
from liveroom.domain.requests import COMMAND_LINE
from liveroom.domain.room import ROOM
from liveroom.domain.timestamps import to_micros
from liveroom.log import outbox, schema, uploads
from liveroom.log.event_log import (
    Head,
    Transaction,
    database_now,
    draw,
    extended_of,
    last_of_kind,
    link_epoch,
    read_head,
    refuse_ahead,
    renew_epoch,
)
from liveroom.log.lease import read_pulse
from liveroom.log.outbox import WAITING
from liveroom.log.schema import (
    forwarded,
    half_log_in,
    known_place,
    pairing,
    password_link,
    screen_call,
    screen_page,
    screen_watch,
    second_factor,
    session,
    setup_link,
)
from liveroom.log.time_guard import WrongClock, stamp
from liveroom.room.room import AT_ONCE, Room
from liveroom.room.transaction import UnitOfWork, settle_complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class AheadCounts:
    """``events`` logged ahead, ``judged`` of them deadlines that passed; ``received``: complaints of the future."""

    events: int
    judged: int
    received: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairFinding:
    """A log whose ``last`` event lies ahead of ``now`` (real time, aware UTC), and the rows with times ahead."""

    last: datetime
    now: datetime
    ahead: AheadCounts


def look(room: Room) -> RepairFinding | None:
    """What a repair would find; None if nothing lies ahead. Raises Unavailable."""
    return room.log.read(_look)


def repair(room: Room) -> ClockRepair:
    """Repair the room. Raises ValueError if nothing lies ahead, or Unavailable."""
    return room.log.touch(lambda connection: _repair(connection, room))


def promise_anew(room: Room) -> int:
    """After a repair: let whatever of an open complaint runs from a moment ahead run from now; returns how many
    changed.

    May be repeated after a stop: it changes only what still lies ahead. Raises Unavailable part of the way.
    """
    last = room.log.read(lambda c: last_of_kind(c, ROOM, Kind.CLOCK_REPAIRED))
    repaired = None if last is None else last.event.payload
    if not isinstance(repaired, ClockRepaired):
        return 0
    ids = room.log.read(lambda c: _open_since(c, repaired.first))
    parts = (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
    return sum(room.unit(partial(_promised_anew, ids=part, policy=room.city.policy)) for part in parts)


def _promised_anew(work: UnitOfWork, *, ids: tuple[str, ...], policy: Policy) -> int:
    extended, changed = extended_of(work.transaction.connection, ids), 0
    for id_ in ids:
        complaint = settle_complaint(work, work.complaint(id_))
        events = promised_anew(complaint, policy, work.transaction.now, extended=id_ in extended)
        work.append(events, actor=COMMAND_LINE)
        changed += bool(events)
    return changed


def _look(connection: Connection) -> RepairFinding | None:
    head, real = read_head(connection), database_now(connection)
    if not _lies_ahead(head, real):
        return None
    ahead = _count_ahead(connection, _first_ahead(connection, to_micros(real)), head.time.at(real))
    return RepairFinding(last=head.logged_at, now=real, ahead=ahead)


def _lies_ahead(head: Head, real: datetime) -> bool:
    try:
        refuse_ahead(head, real)
    except WrongClock:
        return True
    return False


def _repair(connection: Connection, room: Room) -> ClockRepair:
    head, real = read_head(connection, lock=True), database_now(connection)
    if not _lies_ahead(head, real):
        raise ValueError(
            f"nothing to repair: the last event was written at {stamp(head.logged_at)}, it is {stamp(real)}"
        )
    pulse = read_pulse(connection)
    # The last time that the wrong clock is known to have shown; it ran on for a while after the last event.
    was_real = max(head.logged_at, pulse.real_at) if pulse is not None else head.logged_at
    was = head.time.at(was_real)
    # A drill and a test room have a time of their own: it goes on where it stood.
    now = head.time.at(real) if room.kind == "real" else was
    found = ClockRepair(
        was=was,
        now=now,
        was_real=was_real,
        now_real=real,
        first=_first_ahead(connection, to_micros(real)),
        date=room.city.policy.day(now).isoformat(),
        epoch=draw(),
        links=link_epoch(connection, head),
    )
    time = head.time if room.kind == "real" else head.time.restarted(real, now)
    renew_epoch(connection, epoch=found.epoch, logged_at=real, time=time)
    _move_back(connection, found)
    outbox.hold(connection, found.epoch, real)
    unit = Transaction(connection)
    work = UnitOfWork(unit, room.rules, room.routes)
    work.append((found.event(),), actor=COMMAND_LINE)
    work.finish()
    unit.finish()
    return found


# ---- what the wrong clock dated in the future ----


def _count_ahead(connection: Connection, first: int, now: datetime) -> AheadCounts:
    """Count from the number of the first event that was logged ahead, and from room time ``now``."""
    event, complaint = schema.event.c, schema.complaint.c
    logged = select(func.count()).where(event.seq >= first)
    passed = logged.where(event.kind == Kind.DEADLINE_PASSED.value)
    received = select(func.count()).where(complaint.received_at > to_micros(now))
    events, judged, taken = (connection.execute(one).scalar_one() for one in (logged, passed, received))
    return AheadCounts(events=events, judged=judged, received=taken)


def _open_since(connection: Connection, first: int) -> tuple[str, ...]:
    """The open complaints of which something was logged from this number on."""
    table = schema.complaint.c
    query = select(table.id).where(table.seq >= first, table.status.in_([status.value for status in OPEN]))
    return tuple(connection.execute(query.order_by(table.id)).scalars())


def _first_ahead(connection: Connection, micros: int) -> int:
    """The number of the first event that was logged later than a moment; there is one."""
    event = schema.event.c
    # Times of logging never decrease, so looking back from the head ends soon.
    last = select(event.seq).where(event.logged_at <= micros).order_by(event.seq.desc()).limit(1)
    return (connection.execute(last).scalar_one_or_none() or 0) + 1


# ---- what it wrote beside the log, moved back ----


def _move_back(connection: Connection, repair: ClockRepair) -> None:
    """Move back or end whatever the wrong clock wrote beside the log; under the head lock."""
    _sessions(connection, repair)
    _keys(connection, repair)
    _counts(connection, repair)
    _heard(connection, repair)
    _deliveries(connection, repair)
    # The clock writes it anew within a second; until then nobody has judged anything.
    connection.execute(delete(schema.pulse))


def _sessions(connection: Connection, repair: ClockRepair) -> None:
    """Sessions and links last no longer than they were meant to."""
    now, by = to_micros(repair.now_real), _by_real(repair)
    begun = update(session).where(session.c.created_at > now)
    connection.execute(begun.values(created_at=session.c.created_at - by, ends_at=session.c.ends_at - by))
    _back(connection, session.c.seen_at, repair)
    longest = to_micros(repair.now_real + credentials.LASTS)
    links = update(password_link).where(password_link.c.ends_at > longest)
    connection.execute(links.values(ends_at=password_link.c.ends_at - by))
    # Whoever is halfway through a log-in types the password again, and a start prints another link for the first admin.
    for column, lasts in ((half_log_in.c.ends_at, factors.WAITS), (setup_link.c.ends_at, users.LASTS)):
        connection.execute(delete(column.table).where(column > to_micros(repair.now_real + lasts)))
    _back(connection, known_place.c.seen_at, repair)
    # Codes of screens that wait to be paired: the page asks for another.
    connection.execute(delete(pairing))


def _keys(connection: Connection, repair: ClockRepair) -> None:
    """A key that was replaced is good no longer than its time from now; codes of now are good again."""
    former, step = schema.former_key.c, int(repair.now_real.timestamp()) // factors.STEP_S
    for column in (former.key_at, schema.source.c.key_at, second_factor.c.created_at):
        _back(connection, column, repair)
    longest = to_micros(repair.now_real + FORMER_LASTS)
    connection.execute(update(schema.former_key).where(former.ends_at > longest).values(ends_at=longest))
    connection.execute(update(second_factor).where(second_factor.c.last_step > step).values(last_step=step))


def _counts(connection: Connection, repair: ClockRepair) -> None:
    """No rate limit waits for a window that opened tomorrow, and no upload for the bytes of tomorrow."""
    rate_limits.clear_open(connection, repair.now_real)
    uploads.forget_ahead(connection, repair.now_real)
    _back(connection, forwarded.c.at, repair)


def _heard(connection: Connection, repair: ClockRepair) -> None:
    """No source or screen was heard tomorrow: silence is silence again."""
    for column in (schema.source.c.created_at, schema.source.c.heard_at, screen_page.c.heard_at):
        _back(connection, column, repair)
    now = to_micros(repair.now_real)
    connection.execute(delete(screen_watch).where(screen_watch.c.at > now))
    connection.execute(delete(screen_call).where(screen_call.c.at > now))


def _deliveries(connection: Connection, repair: ClockRepair) -> None:
    """What waits is due once it is released, and has waited since it really did."""
    row, now = schema.outbox.c, to_micros(repair.now)
    by = (repair.was - repair.now) // timedelta(microseconds=1)
    late = (row.state == WAITING) & (row.next_at > now) & ((row.at > now) | (row.tries > 0))
    connection.execute(update(schema.outbox).where(late).values(next_at=now))
    connection.execute(update(schema.outbox).where(row.at > now).values(at=row.at - by))


def _back(connection: Connection, column: Column[int], repair: ClockRepair) -> None:
    ahead = update(column.table).where(column > to_micros(repair.now_real))
    connection.execute(ahead.values({column: column - _by_real(repair)}))


def _by_real(repair: ClockRepair) -> int:
    return (repair.was_real - repair.now_real) // timedelta(microseconds=1)
