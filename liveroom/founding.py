"""Creates a room's log in a database, or opens it and refuses another kind or city than it was created for."""

import logging
from dataclasses import dataclass
from datetime import datetime

from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.engine import Connection
from liveroom.log.event_log import Head, Log, NoLog, Unit, create_head, database_now, read_head, refuse_ahead, set_time
from liveroom.log.lease import read_pulse
from liveroom.log.time_guard import STEP, spell, stamp
from liveroom.projection import VERSION
from liveroom.projection.fold import remake
from liveroom.runtime.time import RoomTime, real_time

log = logging.getLogger(__name__)


class WrongRoom(Exception):
    """The database was created for another kind of room or another city."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How a room's time begins: ``rate`` 1 and no ``at`` is real time; ``at`` is room time now (drill, test)."""

    kind: str
    city: str
    rate: int = 1
    at: datetime | None = None


def found(book: Log, start: Start) -> Head:
    """The head of the room, created if the database is empty. Raises WrongRoom or Unavailable."""
    try:
        head = book.read(read_head)
    except NoLog:
        book.touch(lambda c: _create(c, start))
        head = book.read(read_head)
    if (head.kind, head.city) != (start.kind, start.city):
        raise WrongRoom(
            f"this database is the {head.kind} room of {head.city}, "
            f"it cannot serve as the {start.kind} room of {start.city}: "
            "`city` and the database (database.url, data_dir) do not belong together; set the right one"
        )
    return head


def _create(connection: Connection, start: Start) -> None:
    time = real_time()
    if start.at is not None:
        real = database_now(connection)
        time = RoomTime(real_base=to_micros(real), room_base=to_micros(start.at), rate=start.rate)
    create_head(connection, kind=start.kind, city=start.city, time=time, projection=VERSION)


def go_on(book: Log, start: Start) -> None:
    """Let a drill's time go on where it stopped, or at ``start.at`` if that is later: nobody served in between."""
    book.write(lambda unit: _go_on(unit, start))


def _go_on(unit: Unit, start: Start) -> None:
    pulse = read_pulse(unit.connection)
    stopped = pulse.due_to if pulse is not None else from_micros(unit.head.time.room_base)
    at = max(stopped, start.at) if start.at is not None else stopped
    real = unit.real
    set_time(unit.connection, RoomTime(real_base=to_micros(real), room_base=to_micros(at), rate=start.rate))


def believe_clock(book: Log) -> str | None:
    """Believe the clock at the start of a process; what to say when the room stood still for more than a small step.

    Raises WrongClock when the last event lies ahead: nobody may be served by that time.
    """
    head, pulse, real = book.read(lambda c: (read_head(c), read_pulse(c), database_now(c)))
    refuse_ahead(head, real)
    if pulse is None or abs(real - pulse.real_at) <= STEP:
        return None
    still = spell(real - pulse.real_at)
    if pulse.real_at > real:
        return f"the room's last pulse was at {stamp(pulse.real_at)}, {still} ahead of now, {stamp(real)}: believed"
    return f"the room stood still from {stamp(pulse.real_at)} to now, {stamp(real)}: {still}"


def ready_projection(book: Log) -> None:
    """Rebuild the projection if another version wrote it; before serving."""
    if book.read(read_head).projection == VERSION:
        return
    log.warning("the projection was written by another version: it is being rebuilt from the log")
    # It dates nothing, so it needs no clock that is right: a repair of the clock comes by here.
    folded = book.for_upkeep().touch(_rebuild)
    log.warning("the projection is rebuilt, %d events", folded)


def _rebuild(connection: Connection) -> int:
    read_head(connection, lock=True)
    return remake(connection)
