"""The settings of where this process listens and what it keeps its room in."""

import re

import msgspec

from liveroom.errors import Fault

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MODES = ("eventlet", "gevent", "threading")
NAME = re.compile(r"[a-z0-9]([a-z0-9.:-]*[a-z0-9])?")
# With a port: an address as IPv6 writes one has at least two colons.
WITH_PORT = re.compile(r"[^:]*:[0-9]*")


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where and how to serve. ``hosts``: names by which browsers may call us, besides loopback."""

    host: str = "127.0.0.1"
    port: int = 8000
    async_mode: str = "eventlet"
    hosts: tuple[str, ...] = ()
    behind_proxy: bool = False


class Database(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``url`` empty means SQLite in the data folder."""

    url: str = ""


class Redis(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``url`` empty means no Redis: the bell is in this process, other processes poll."""

    url: str = ""


class Intake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``queue``: reports that may wait at once before sources are asked to come back later."""

    queue: int = 2000


def check_serving(server: Server, intake: Intake, where: str) -> list[Fault]:
    """What does not make sense."""
    faults = []
    if server.async_mode not in MODES:
        faults.append(Fault(f"{where}: server.async_mode", "must be eventlet, gevent or threading"))
    if not 0 < server.port < 65536:
        faults.append(Fault(f"{where}: server.port", "must be between 1 and 65535"))
    if not server.host.strip():
        faults.append(Fault(f"{where}: server.host", "must be an address of this machine, such as 127.0.0.1"))
    for host in server.hosts:
        if not NAME.fullmatch(host) or WITH_PORT.fullmatch(host):
            bare = "must be bare names in small letters, such as wall.example.go.id: no https://, port or path"
            faults.append(Fault(f"{where}: server.hosts", f"{bare}, not {host!r}"))
    if intake.queue < 1:
        faults.append(Fault(f"{where}: intake.queue", "must be at least 1"))
    return faults


def check_stores(database: Database, redis: Redis, where: str) -> list[Fault]:
    """What does not make sense; of an address only the beginning is told, for it may hold a password."""
    faults = []
    if database.url and not database.url.startswith(("sqlite:///", "postgresql+psycopg://")):
        faults.append(Fault(f"{where}: database.url", "must begin with sqlite:/// or postgresql+psycopg://"))
    elif database.url.count("@") > 1:
        # The half of a password would be looked up as a host, and logged as one.
        signs = "has more than one @: in a password write %40 for @, %2F for / and %3A for :"
        faults.append(Fault(f"{where}: database.url", signs))
    if redis.url and not redis.url.startswith(("redis://", "rediss://", "unix://")):
        faults.append(Fault(f"{where}: redis.url", "must begin with redis://, rediss:// or unix://"))
    return faults
