"""Clock repair: put a room right whose machine's clock was ahead, with one event and a new epoch of the log.

Safe beside running processes: it is one transaction under the head lock, and every process notices the new epoch. After
it ``promise_anew`` moves the deadlines of open complaints, some at a time.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from liveroom.domain.clock_repair import ClockRepair, promised_anew, repair_of
from liveroom.domain.events import Kind
from liveroom.domain.policy import Policy
from liveroom.domain.requests import COMMAND_LINE
from liveroom.domain.room import ROOM
from liveroom.domain.timestamps import to_micros
from liveroom.log import outbox
from liveroom.log.engine import Connection
from liveroom.log.event_log import (
    Head,
    Transaction,
    database_now,
    draw,
    extended_of,
    last_of_kind,
    read_head,
    refuse_ahead,
    renew_epoch,
)
from liveroom.log.lease import read_pulse
from liveroom.log.time_guard import WrongClock, stamp
from liveroom.projection.ahead import AheadCounts, count_ahead, first_ahead, link_epoch, move_back, open_since
from liveroom.room.room import AT_ONCE, Room
from liveroom.room.transaction import UnitOfWork, settle_complaint


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
    if last is None:
        return 0
    ids = room.log.read(lambda c: open_since(c, repair_of(last.event).first))
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
    ahead = count_ahead(connection, first_ahead(connection, to_micros(real)), head.time.at(real))
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
        first=first_ahead(connection, to_micros(real)),
        date=room.city.policy.day(now).isoformat(),
        epoch=draw(),
        links=link_epoch(connection, head),
    )
    time = head.time if room.kind == "real" else head.time.restarted(real, now)
    renew_epoch(connection, epoch=found.epoch, logged_at=real, time=time)
    move_back(connection, found)
    outbox.hold(connection, found.epoch, real)
    unit = Transaction(connection)
    work = UnitOfWork(unit, room.rules, room.routes)
    work.append((found.event(),), actor=COMMAND_LINE)
    work.finish()
    unit.finish()
    return found
