"""Exposure: what of a room is open to strangers, said to whoever runs it, and the set-up link of its first admin.

``open_points`` are shown at the start and by `doctor`, and those that are public at /readyz: a caller could find each
of them out with one request. No sentence names a person, a key or a file.
"""

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

log = logging.getLogger(__name__)

# Forwarded requests: the first one within KEPT at each web process that came through a proxy although none is
# configured.

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardedRequest:
    """A request that a proxy passed on: ``place``: machine, host and port of the process; ``header``: what showed it.

    ``at``: real time, aware UTC.
    """

    place: str
    header: str
    at: datetime


def note_forwarded(connection: Connection, place: str, header: str) -> None:
    """Store a forwarded request unless one is stored for the process at ``place``; deletes old ones."""
    now = database_now(connection)
    connection.execute(delete(forwarded).where(forwarded.c.at <= to_micros(now - KEPT)))
    if connection.execute(select(forwarded.c.at).where(forwarded.c.place == place)).first() is None:
        with suppress(IntegrityError), connection.begin_nested():  # a process with the same name may be faster
            connection.execute(insert(forwarded).values(place=place, header=header, at=to_micros(now)))


def forget_forwarded(connection: Connection, place: str) -> None:
    """Delete what is stored for the process at ``place``, which starts anew, and what is old of any process."""
    old = forwarded.c.at <= to_micros(database_now(connection) - KEPT)
    connection.execute(delete(forwarded).where((forwarded.c.place == place) | old))


def forwarded_requests(connection: Connection) -> tuple[ForwardedRequest, ...]:
    """The stored request of each process, the earliest first."""
    query = select(forwarded).where(forwarded.c.at > to_micros(database_now(connection) - KEPT))
    rows = connection.execute(query.order_by(forwarded.c.at, forwarded.c.place))
    return tuple(ForwardedRequest(place=row.place, header=row.header, at=from_micros(row.at)) for row in rows)


EVERYWHERE = ("0.0.0.0", "::")
# Seconds until storing is tried again after a failure, and until it is renewed after a success.
AGAIN_S, DAY_S = 60.0, 24 * 3600.0


def place_of(server: ServerSettings) -> str:
    """``HOST:PORT`` of the process that these settings start."""
    return f"[{server.host}]:{server.port}" if ":" in server.host else f"{server.host}:{server.port}"


def own_place_of(server: ServerSettings) -> str:
    """``place_of`` with the machine's name: several machines that share a database may use the same host and port."""
    return f"{gethostname()} {place_of(server)}"


class ForwardedRequests:
    """Counts requests that came through a proxy while none is configured, and stores the first."""

    def __init__(self, event_log: EventLog, runtime: Runtime, server: ServerSettings) -> None:
        self._log = event_log
        self._runtime = runtime
        self._server = server
        self._warned = False
        self._next = 0.0

    def begin(self) -> None:
        """Forget what an earlier process at this place stored. Raises Unavailable."""
        self._log.touch(lambda c: forget_forwarded(c, own_place_of(self._server)))

    def note(self, header: str) -> None:
        """Note a request with this forwarding header."""
        if self._server.behind_proxy:
            return
        FORWARDED.inc()
        if not self._warned:
            self._warned = True
            log.warning("a request came through a forwarder (%s), and server.behind_proxy is false", header)
        if monotonic() >= self._next:
            self._next = monotonic() + AGAIN_S
            self._runtime.spawn(self._keep, header)

    def _keep(self, header: str) -> None:
        with suppress(Unavailable):
            self._log.touch(lambda c: note_forwarded(c, own_place_of(self._server), header))
            self._next = monotonic() + DAY_S


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPoint:
    """One sentence; ``public``: a stranger could find it out with one request, so /readyz may say it to everybody."""

    said: str
    public: bool = True


def open_points(config: Config, room: Room) -> list[OpenPoint]:
    """What is open to strangers or not set up yet; empty if all is well. Raises Unavailable."""
    found = [OpenPoint(said=said) for said in _exposed(config, room)]
    if room.kind == "real" and (unset := _unpaged_setting(config)) is not None:
        said = (
            f"nobody can be called about an alarm: mail.{unset} is empty, and after 60 s unacknowledged the desk "
            "says that none could be reached; docs/outbox.md"
        )
        found.append(OpenPoint(said=said, public=False))
    return found


def _exposed(config: Config, room: Room) -> list[str]:
    server, found = config.server, []
    if room.kind == "real":
        found += _user_points(config, room)
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
        found += _forwarder_points(room.log.read(forwarded_requests))
    if config.public.map:
        found.append("the public map is on (public.map): /lapor/peta shows everybody what is open, roughly where")
    return found


def _user_points(config: Config, room: Room) -> list[str]:
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


def _unpaged_setting(config: Config) -> str | None:
    """The setting of mail without which no supervisor can be paged (CR-18); None if one can."""
    return next((name for name in ("host", "page_to") if not getattr(config.mail, name)), None)


def _forwarder_points(requests: Sequence[ForwardedRequest]) -> list[str]:
    return [
        f"requests reach {one.place.rpartition(' ')[2]} through a forwarder ({one.header}, first at "
        f"{one.at:%Y-%m-%d %H:%M} UTC) and server.behind_proxy is false: addresses of clients and https are not known; "
        "set it to true where that is your proxy, and find out who else forwards where it is not"
        for one in requests
    ]


# The first admin, made by a one-time link that each start of a web process prints, as notebook servers do. It goes to
# the terminal or journal of whoever starts the room and nowhere else.

PATH = "/setup"


class SetupRefusal(StrEnum):
    """Why a link makes no admin: a user exists by now (LATE); it was replaced, has expired or never existed (GONE)."""

    LATE = "late"
    GONE = "gone"


def link_at_start(config: Config, room: Room) -> str | None:
    """The URL of a new link; None if a user exists or none is needed. Raises Unavailable.

    Drill and test rooms that trust their own machine need no user; behind a proxy they are like any other.
    """
    if room.kind != "real" and config.server.trusts_loopback(room.kind):
        return None
    if config.openid.can_log_in:
        room.log.touch(end_setup_links)
        return None
    token = room.log.touch(lambda c: None if anybody(c) else give_setup_link(c, own_place_of(config.server)))
    return None if token is None else f"{_address(config, room.kind)}{PATH}?token={token}"


def refusal_of(room: Room, token: str) -> SetupRefusal | None:
    """Why this token makes no admin now; None if it does. Raises Unavailable."""
    return room.log.read(lambda connection: _refusal_of(connection, token))


def make_admin(room: Room, token: str, who: Person, password_hash: str) -> SetupRefusal | None:
    """Add ``who`` as the first user, which voids every link; the reason if that is refused. Raises Unavailable."""

    def work(work: UnitOfWork) -> SetupRefusal | None:
        no = _refusal_of(work.transaction.connection, token)
        if no is None:
            add(work, who, who.actor, password_hash=password_hash)
        return no

    return room.unit(work)


def _refusal_of(connection: Connection, token: str) -> SetupRefusal | None:
    if anybody(connection):
        return SetupRefusal.LATE
    return None if is_setup_link(connection, token) else SetupRefusal.GONE


def _address(config: Config, kind: str) -> str:
    """Base URL of the link: the room's public address behind a proxy, else where this process listens."""
    server = config.server
    outside = address_of(config, kind) if server.behind_proxy else None
    here = f"127.0.0.1:{server.port}" if server.host in EVERYWHERE else place_of(server)
    return outside or f"http://{here}"
