"""Opens a room for any process: engine, tables, head, projection, city; refuses what does not fit, saying why."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from liveroom.accounts.sources import Sources
from liveroom.city.city import City
from liveroom.city.pack import load_city
from liveroom.domain.alarms.model import AlarmRules
from liveroom.founding import Start, found, ready_projection
from liveroom.log.doorbell import Doorbell
from liveroom.log.engine import migrate, open_engine, pending, sqlite_path
from liveroom.log.event_log import Head, Log, as_unavailable
from liveroom.projection.ahead import link_epoch
from liveroom.room import Room
from liveroom.routes import Routes
from liveroom.runtime import Bell, Runtime
from liveroom.runtime.config import Config
from liveroom.runtime.disk import DiskCache
from liveroom.runtime.time import system_now

# Complaints of before this year are refused at the door, so working time begins here.
FIRST_YEAR = 2000
YEARS_AHEAD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A room, open: its doors, its sources, and the bell that its commits ring.

    ``links``: the epoch under which links, tickets and known devices are signed.
    """

    room: Room
    sources: Sources
    bell: Bell
    doorbell: Doorbell
    head: Head
    links: str


def open_room(config: Config, runtime: Runtime, start: Start) -> Opened:
    """Open, and if need be create, the room of a configuration. Raises ConfigError, WrongRoom, Unavailable."""
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
    book = Log(engine, runtime, lambda seq: relay[0].ring(seq) if relay else None)
    head = found(book, start)
    ready_projection(book)
    links = book.read(lambda connection: link_epoch(connection, head))
    doorbell = Doorbell(config.redis.url, f"liveroom:{links}", bell)
    relay.append(doorbell)
    city = city_of(config, start)
    rules = AlarmRules(positions=config.alarms.positions)
    room = Room(book, city, head.kind, rules, routes=routes_of(config, city, head.kind))
    return Opened(room=room, sources=Sources(book), bell=bell, doorbell=doorbell, head=head, links=links)


def city_of(config: Config, start: Start) -> City:
    """The pack of a configuration, with the years that its room may come to. Raises ConfigError."""
    last_year = max(system_now().year, start.at.year if start.at else 0) + YEARS_AHEAD
    return load_city(Path(config.cities) / config.city, years=(FIRST_YEAR, last_year), cache=cache_of(config))


def cache_of(config: Config) -> DiskCache:
    """Where the processes of a configuration keep for the next start what took long to work out."""
    return DiskCache(Path(config.data_dir).resolve() / "cache")


def routes_of(config: Config, city: City, kind: str) -> Routes:
    """How agencies and offices are reached; in a drill as if there were mail, since nothing of it leaves."""
    digest = timedelta(minutes=config.outbox.digest_minutes) or None
    mail = bool(config.mail.host) or kind == "drill"
    messages = bool(config.gateway.url) or kind == "drill"
    return Routes(city, mail=mail, messages=messages, paged=bool(config.mail.page_to), digest=digest)


def today_at(clock: str, config: Config, now: datetime) -> datetime:
    """``HH:MM`` of the city's own today. Raises ValueError."""
    city = load_city(Path(config.cities) / config.city, years=(now.year, now.year + 1), cache=cache_of(config))
    hour, minute = (int(part) for part in clock.split(":"))
    return now.astimezone(city.zone).replace(hour=hour, minute=minute, second=0, microsecond=0)
