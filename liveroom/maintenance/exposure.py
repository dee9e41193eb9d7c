"""What stands open to strangers, in plain words; the first admin by a one-time link."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from socket import gethostname

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from liveroom.accounts.links import address_of
from liveroom.accounts.users import Person, Users, anybody, end_setup_links, give_setup_link, is_setup_link
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import EventLog, database_now
from liveroom.log.schema import forwarded
from liveroom.room.commands.users import add
from liveroom.room.room import Room
from liveroom.room.transaction import UnitOfWork
from liveroom.runtime import Runtime
from liveroom.runtime.config import LOOPBACK, Config, ServerSettings
from liveroom.runtime.metrics import FORWARDED
from liveroom.runtime.time import monotonic

# The first request of a month at each web process that a forwarder passed on although no proxy is configured.

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardedRequest:
    """``place``: machine, host and port of the process that was asked; ``header``: what gave it away; ``at``: UTC."""

    place: str
    header: str
    at: datetime


def note_forwarded(connection: Connection, place: str, header: str) -> None:
    """Remember it as the first of the process at ``place``, unless one before is remembered."""
    now = database_now(connection)
    connection.execute(delete(forwarded).where(forwarded.c.at <= to_micros(now - KEPT)))
    if connection.execute(select(forwarded.c.at).where(forwarded.c.place == place)).first() is None:
        with suppress(IntegrityError), connection.begin_nested():  # two that name themselves alike may be as fast
            connection.execute(insert(forwarded).values(place=place, header=header, at=to_micros(now)))


def forget_forwarded(connection: Connection, place: str) -> None:
    """The process at ``place`` starts anew; what is old is forgotten of all, for a machine may not come back."""
    old = forwarded.c.at <= to_micros(database_now(connection) - KEPT)
    connection.execute(delete(forwarded).where((forwarded.c.place == place) | old))


def forwarded_requests(connection: Connection) -> tuple[ForwardedRequest, ...]:
    """One of each process that had one, the earliest first."""
    query = select(forwarded).where(forwarded.c.at > to_micros(database_now(connection) - KEPT))
    rows = connection.execute(query.order_by(forwarded.c.at, forwarded.c.place))
    return tuple(ForwardedRequest(place=row.place, header=row.header, at=from_micros(row.at)) for row in rows)


# What stands open, in words for whoever runs the room: at the start, in `doctor` and at /readyz.
#
# All of it is what a caller could find out with one request; nothing names a person, a key or a file.

EVERYWHERE = ("0.0.0.0", "::")
# A database that is away is not asked at every request; one that has the note is told each day that it goes on.
AGAIN_S, DAY_S = 60.0, 24 * 3600.0
log = logging.getLogger(__name__)


def place_of(server: ServerSettings) -> str:
    """``HOST:PORT`` of the process that these settings start."""
    return f"[{server.host}]:{server.port}" if ":" in server.host else f"{server.host}:{server.port}"


def own_place_of(server: ServerSettings) -> str:
    """The same of this machine, by its name: several whose rooms share a database listen alike."""
    return f"{gethostname()} {place_of(server)}"


class ForwardedRequests:
    """Counts the requests that a forwarder says it passed on while no proxy is configured, and remembers the first."""

    def __init__(self, book: EventLog, runtime: Runtime, server: ServerSettings) -> None:
        self._log = book
        self._runtime = runtime
        self._server = server
        self._said = False
        self._next = 0.0

    def begin(self) -> None:
        """What the process at this place saw before is of before. Raises Unavailable."""
        self._log.touch(lambda c: forget_forwarded(c, own_place_of(self._server)))

    def note(self, header: str) -> None:
        """One that came with this header."""
        if self._server.behind_proxy:
            return
        FORWARDED.inc()
        if not self._said:
            self._said = True
            log.warning("a request came through a forwarder (%s), and server.behind_proxy is false", header)
        if monotonic() >= self._next:
            self._next = monotonic() + AGAIN_S
            self._runtime.spawn(self._keep, header)

    def _keep(self, header: str) -> None:
        with suppress(Unavailable):
            self._log.touch(lambda c: note_forwarded(c, own_place_of(self._server), header))
            self._next = monotonic() + DAY_S


def open_points(config: Config, room: Room) -> list[str]:
    """What is open or will be missed, a sentence each; empty where there is nothing to say. Raises Unavailable."""
    server, found = config.server, []
    if room.kind == "real":
        found += _of_people(config, room)
    if not server.behind_proxy and server.host not in LOOPBACK:
        found.append(
            f"server.host {server.host} is open to the network and no proxy ends TLS before it: passwords, keys and "
            "pictures travel readable; bind 127.0.0.1 and let nginx be the door (docs/deployment.md)"
        )
    if server.behind_proxy and server.host in EVERYWHERE:
        found.append(
            f"server.host {server.host} answers the whole network, and whoever reaches the port is believed to be the "
            "proxy: bind an address that the proxy alone reaches"
        )
    if not server.hosts and (server.behind_proxy or server.host not in LOOPBACK):
        found.append(
            "server.hosts is empty: browsers are answered by no name but this machine's own, and a proxy that does not "
            "pass the browser's Host takes the protection of names away; write the room's names there"
        )
    if not server.behind_proxy:
        found += _of_forwarders(room.log.read(forwarded_requests))
    if config.public.map:
        found.append("the public map is on (public.map): /lapor/peta shows everybody what is open, roughly where")
    return found


def _of_people(config: Config, room: Room) -> list[str]:
    nobody = not config.openid.can_log_in and not Users(room.log).any()
    found = []
    if nobody:
        found.append(
            "nobody can log in yet: open the set-up link that the start printed (in its terminal or journal), or make "
            "the first admin with run.py user add NAME --role admin"
        )
    if config.server.trusts_loopback(room.kind):
        may = (
            "sees everything and acts as anybody until somebody can log in"
            if nobody
            else "may look at every feed, also the desk's, without a log-in"
        )
        found.append(
            f"this room trusts whoever reaches it over loopback (LIVEROOM_TRUST_LOOPBACK=1): anybody on this machine, "
            f"and whoever a forwarder lets in, {may}; start it without that variable to end this"
        )
    return found


def _of_forwarders(requests: Sequence[ForwardedRequest]) -> list[str]:
    return [
        f"requests reach {one.place.rpartition(' ')[2]} through a forwarder ({one.header}, first at "
        f"{one.at:%Y-%m-%d %H:%M} UTC) and server.behind_proxy is false: addresses of clients and https are not known; "
        "set it to true where that is your proxy, and find out who else forwards where it is not"
        for one in requests
    ]


# The first admin of a room: made by a one-time link that each start of a web process prints, as notebooks do.
#
# The link goes to the terminal or the journal of whoever starts the room, and nowhere else.

PATH = "/setup"


class SetupRefusal(StrEnum):
    """Why a link makes no admin: somebody can log in by now; or it was replaced, is too old, or never was."""

    LATE = "late"
    GONE = "gone"


def link_at_start(config: Config, room: Room) -> str | None:
    """The address of a new link; None where somebody can log in, or needs not to. Raises Unavailable.

    Rooms that rehearse trust their own machine and need nobody; behind a proxy they are as any other.
    """
    if room.kind != "real" and config.server.trusts_loopback(room.kind):
        return None
    if config.openid.can_log_in:
        room.log.touch(end_setup_links)
        return None
    token = room.log.touch(lambda c: None if anybody(c) else give_setup_link(c, own_place_of(config.server)))
    return None if token is None else f"{_address(config, room.kind)}{PATH}?token={token}"


def refusal_of(room: Room, token: str) -> SetupRefusal | None:
    """Why this token makes no admin now; None where it does. Raises Unavailable."""
    return room.log.read(lambda connection: _refusal_of(connection, token))


def make_admin(room: Room, token: str, who: Person, password_hash: str) -> SetupRefusal | None:
    """Let ``who`` log in as the first person of all; every link ends by it. Why not, where not. Raises Unavailable."""

    def work(work: UnitOfWork) -> SetupRefusal | None:
        no = _refusal_of(work.unit.connection, token)
        if no is None:
            add(work, who, who.actor, password_hash=password_hash)
        return no

    return room.unit(work)


def _refusal_of(connection: Connection, token: str) -> SetupRefusal | None:
    if anybody(connection):
        return SetupRefusal.LATE
    return None if is_setup_link(connection, token) else SetupRefusal.GONE


def _address(config: Config, kind: str) -> str:
    """Behind a proxy the room's own name; else where this process listens."""
    server = config.server
    outside = address_of(config, kind) if server.behind_proxy else None
    here = f"127.0.0.1:{server.port}" if server.host in EVERYWHERE else place_of(server)
    return outside or f"http://{here}"
