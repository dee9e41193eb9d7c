"""What stands open, in words for whoever runs the room: at the start, in `doctor` and at /readyz.

All of it is what a caller could find out with one request; nothing names a person, a key or a file.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from socket import gethostname

from liveroom.accounts.users import Users
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import Log
from liveroom.log.forwarded import Forwarded, forget_forwarded, forwarded_requests, note_forwarded
from liveroom.room.room import Room
from liveroom.runtime import Runtime
from liveroom.runtime.config import LOOPBACK, Config, Server
from liveroom.runtime.metrics import FORWARDED
from liveroom.runtime.time import monotonic

EVERYWHERE = ("0.0.0.0", "::")
# A database that is away is not asked at every request; one that has the note is told each day that it goes on.
AGAIN_S, DAY_S = 60.0, 24 * 3600.0
log = logging.getLogger(__name__)


def place_of(server: Server) -> str:
    """``HOST:PORT`` of the process that these settings start."""
    return f"[{server.host}]:{server.port}" if ":" in server.host else f"{server.host}:{server.port}"


def own_place_of(server: Server) -> str:
    """The same of this machine, by its name: several whose rooms share a database listen alike."""
    return f"{gethostname()} {place_of(server)}"


class Forwardings:
    """Counts the requests that a forwarder says it passed on while no proxy is configured, and remembers the first."""

    def __init__(self, book: Log, runtime: Runtime, server: Server) -> None:
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
    nobody = not config.openid.lets_in and not Users(room.log).any()
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


def _of_forwarders(requests: Sequence[Forwarded]) -> list[str]:
    return [
        f"requests reach {one.place.rpartition(' ')[2]} through a forwarder ({one.header}, first at "
        f"{one.at:%Y-%m-%d %H:%M} UTC) and server.behind_proxy is false: addresses of clients and https are not known; "
        "set it to true where that is your proxy, and find out who else forwards where it is not"
        for one in requests
    ]
