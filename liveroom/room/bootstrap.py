"""Bootstrap: open the room of a configuration for a process, or create it: engine, tables, head, projection, city.

Whatever does not fit together is refused with a reason: another kind of room or city than the database was created for
(WrongRoom), tables of a version that cannot be migrated (WrongVersion), a bad pack or setting (ConfigError), a database
that is away (Unavailable).
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from liveroom.accounts.sources import Sources
from liveroom.city.city import City
from liveroom.city.pack import load_city
from liveroom.domain.alarms.model import AlarmRules
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.doorbell import Doorbell
from liveroom.log.engine import Connection, migrate, open_engine, pending, sqlite_path
from liveroom.log.event_log import (
    EventLog,
    Head,
    NoLog,
    Transaction,
    as_unavailable,
    create_head,
    database_now,
    link_epoch,
    read_head,
    refuse_ahead,
    set_time,
)
from liveroom.log.lease import read_pulse
from liveroom.log.time_guard import STEP, spell, stamp
from liveroom.projection import VERSION
from liveroom.projection.fold import remake
from liveroom.room.recipients import Recipients
from liveroom.room.room import Room
from liveroom.runtime import Bell, Runtime
from liveroom.runtime.config import Config
from liveroom.runtime.disk import DiskCache
from liveroom.runtime.language import catalogue
from liveroom.runtime.time import RoomTime, real_time, system_now

log = logging.getLogger(__name__)


class WrongRoom(Exception):
    """The database was created for another kind of room or another city."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Which room to open, and its time if it is new: real time, or for a drill or test ``at`` as room time now.

    ``rate``: room seconds per real second; 0 stands still.
    """

    kind: str
    city: str
    rate: int = 1
    at: datetime | None = None


def create_room(event_log: EventLog, start: Start) -> Head:
    """The head of the log, created if the database is empty. Raises WrongRoom or Unavailable."""
    try:
        head = event_log.read(read_head)
    except NoLog:
        event_log.touch(lambda c: _create(c, start))
        head = event_log.read(read_head)
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


def resume_time(event_log: EventLog, start: Start) -> None:
    """Let a drill's time go on where it stopped, or at ``start.at`` if that is later; nothing fell due in between."""
    event_log.write(lambda unit: _resume_time(unit, start))


def _resume_time(unit: Transaction, start: Start) -> None:
    pulse = read_pulse(unit.connection)
    # A new room whose time was not given was made on real time, which has no base of its own.
    began = from_micros(unit.head.time.room_base) if unit.head.time.room_base else unit.now
    stopped = pulse.due_to if pulse is not None else began
    at = max(stopped, start.at) if start.at is not None else stopped
    real = unit.real
    set_time(unit.connection, RoomTime(real_base=to_micros(real), room_base=to_micros(at), rate=start.rate))


def check_clock(event_log: EventLog) -> str | None:
    """Check the machine's clock against the log; a message if the room stood still for more than a small step.

    Raises WrongClock when the last event lies ahead of it: nobody may be served by that time.
    """
    head, pulse, real = event_log.read(lambda c: (read_head(c), read_pulse(c), database_now(c)))
    refuse_ahead(head, real)
    if pulse is None or abs(real - pulse.real_at) <= STEP:
        return None
    still = spell(real - pulse.real_at)
    if pulse.real_at > real:
        return f"the room's last pulse was at {stamp(pulse.real_at)}, {still} ahead of now, {stamp(real)}: believed"
    return f"the room stood still from {stamp(pulse.real_at)} to now, {stamp(real)}: {still}"


def ready_projection(event_log: EventLog) -> None:
    """Rebuild the projection if another version of the product wrote it. Call before serving."""
    if event_log.read(read_head).projection == VERSION:
        return
    log.warning("the projection was written by another version: it is being rebuilt from the log")
    # A rebuild dates nothing, so it works with a wrong clock too: the repair of the clock calls it.
    folded = event_log.for_upkeep().touch(_rebuild)
    log.warning("the projection is rebuilt, %d events", folded)


def _rebuild(connection: Connection) -> int:
    read_head(connection, lock=True)
    return remake(connection)


# The city's calendar is worked out for these years: older complaints are refused at intake.
FIRST_YEAR = 2000
YEARS_AHEAD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRoom:
    """An open room with its sources and the bell that its commits ring.

    ``links``: the epoch under which links, tickets and known networks are signed.
    """

    room: Room
    sources: Sources
    bell: Bell
    doorbell: Doorbell
    head: Head
    links: str


def open_room(config: Config, runtime: Runtime, start: Start) -> OpenRoom:
    """Open the room of a configuration, created if need be.

    Raises ConfigError, WrongRoom, WrongVersion and Unavailable.
    """
    url = config.database_url(start.kind)
    path = sqlite_path(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(url, synced=start.kind == "real")
    with as_unavailable():
        if pending(engine):
            migrate(engine)
    bell = Bell()
    relay: list[Doorbell] = []
    event_log = EventLog(engine, runtime, lambda seq: relay[0].ring(seq) if relay else None)
    head = create_room(event_log, start)
    ready_projection(event_log)
    links = event_log.read(lambda connection: link_epoch(connection, head))
    doorbell = Doorbell(config.redis.url, f"liveroom:{links}", bell)
    relay.append(doorbell)
    city = city_of(config, start)
    catalogue().first, catalogue().home = city.languages[0], city.locale
    routes = routes_of(config, city, head.kind)
    rules = AlarmRules(
        positions=config.alarms.positions,
        dark_after=timedelta(seconds=config.screens.dark_after_s),
        reachable=routes.pages,
    )
    room = Room(event_log, city, head.kind, rules, routes=routes)
    return OpenRoom(room=room, sources=Sources(event_log), bell=bell, doorbell=doorbell, head=head, links=links)


def city_of(config: Config, start: Start) -> City:
    """The city pack of a configuration, for the years that its room may reach. Raises ConfigError."""
    last_year = max(system_now().year, start.at.year if start.at else 0) + YEARS_AHEAD
    return load_city(Path(config.cities) / config.city, years=(FIRST_YEAR, last_year), cache=cache_of(config))


def cache_of(config: Config) -> DiskCache:
    """The cache in the data folder, which makes the next start of any process faster."""
    return DiskCache(Path(config.data_dir).resolve() / "cache")


def routes_of(config: Config, city: City, kind: str) -> Recipients:
    """By which channels receivers are reached; a drill acts as if mail and messages were set up, and sends nothing."""
    digest = timedelta(minutes=config.outbox.digest_minutes) or None
    mail = bool(config.mail.host) or kind == "drill"
    messages = bool(config.gateway.url) or kind == "drill"
    paged = bool(config.mail.page_to) or kind == "drill"
    told = config.outbox.subscriptions
    return Recipients(city, mail=mail, messages=messages, paged=paged, digest=digest, subscriptions=told)


def today_at(clock: str, config: Config, now: datetime) -> datetime:
    """Today at ``HH:MM`` in the city's time zone. Raises ValueError."""
    city = load_city(Path(config.cities) / config.city, years=(now.year, now.year + 1), cache=cache_of(config))
    hour, minute = (int(part) for part in clock.split(":"))
    return now.astimezone(city.zone).replace(hour=hour, minute=minute, second=0, microsecond=0)
