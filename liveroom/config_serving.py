"""The settings of where this process listens and what it keeps its room in."""

import re

import msgspec

from liveroom.errors import Fault

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MODES = ("eventlet", "threading")
MOST_CONNECTIONS = 60_000
NAME = re.compile(r"[a-z0-9]([a-z0-9.:-]*[a-z0-9])?")
# With a port: an address as IPv6 writes one has at least two colons.
WITH_PORT = re.compile(r"[^:]*:[0-9]*")


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where and how to serve. ``hosts``: names by which browsers may call us, besides loopback.

    ``connections`` of a process in all; ``address_connections`` of those that have shown no credential, from one
    address; ``unjoined`` and ``address_unjoined`` the same of sockets of the feed that have not joined it.
    ``trust_loopback`` comes from the environment alone (LIVEROOM_TRUST_LOOPBACK): a copied file must open no room.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    async_mode: str = "eventlet"
    hosts: tuple[str, ...] = ()
    behind_proxy: bool = False
    trust_loopback: bool = False
    connections: int = 4000
    address_connections: int = 256
    unjoined: int = 2000
    address_unjoined: int = 32

    def trusts_loopback(self, kind: str) -> bool:
        """Whether this machine needs no credential in a room of this kind: a real one only where that was asked for.

        A forwarder that says nothing (ssh, socat, a bare proxy_pass, a container's port) makes the world loopback.
        """
        asked = kind != "real" or self.trust_loopback
        return asked and not self.behind_proxy and self.host in LOOPBACK


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
        faults.append(Fault(f"{where}: server.async_mode", "must be eventlet or threading"))
    if not 0 < server.port < 65536:
        faults.append(Fault(f"{where}: server.port", "must be between 1 and 65535"))
    for name in ("connections", "address_connections", "unjoined", "address_unjoined"):
        if not 0 < getattr(server, name) <= MOST_CONNECTIONS:
            faults.append(Fault(f"{where}: server.{name}", f"must be between 1 and {MOST_CONNECTIONS}"))
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
