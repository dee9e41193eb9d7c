"""How many connections the built-in server holds, and which one it closes first."""

import errno
import logging
import resource
from _thread import RLock
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address, ip_network
from itertools import islice
from typing import Any

from prometheus_client import Counter

from liveroom.runtime.time import monotonic

# Which addresses of the network count as one: whoever has one of a network has all of it.


def network_around(address: str, *, ipv4_bits: int = 32, ipv6_bits: int = 64) -> str | None:
    """The network of so many bits around an address; None for what is no address.

    An IPv4 address is itself and a home or telephone has an IPv6 /64, unless other bits are asked for. One that an
    IPv6 socket shows of an IPv4 client (``::ffff:192.0.2.1``, RFC 4291 2.5.5.2) is the client's, else all were one.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if found.version == 6 and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    bits = ipv4_bits if found.version == 4 else ipv6_bits
    return str(found) if bits == found.max_prefixlen else str(ip_network((found, bits), strict=False))


# Connections of the built-in server: how many there may be, and which one is closed when there are too many.
#
# A stranger opens connections as fast as a computer can, so nobody is refused at the door: who comes last gets in, and
# the connection that has been quiet longest among those that have shown no credential goes. Screens, people and sources
# are never closed for a stranger. Descriptors that run out (EMFILE) are treated as too many.

# Open files that a process asks for, where the machine allows them: some thousand screens with room to spare.
OPEN_FILES = 65_536
# Of those that it may have, so many are for databases, logs, uploads and children.
RESERVED = 256
# What accept says when there are no more descriptors or no memory for one; the connection stays in the kernel's queue.
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
# What it says of a connection that is gone before it was accepted.
PASSING = frozenset(
    {errno.ECONNABORTED, errno.EPROTO, errno.EPERM, errno.ENETDOWN, errno.EHOSTUNREACH, errno.ENETUNREACH}
)
EXHAUSTED_PAUSE_S = 0.005
# So many are closed at once when descriptors have run out.
SPARE = 32
# So long fewer are taken after that.
EXHAUSTED_S = 60.0
# So long nobody is closed for the number of its address: a connection shows its credential with a request.
GRACE_S = 5.0
SAY_AGAIN_S = 60.0
# Where a request's environment holds the function that says: this connection has shown a credential.
PROVEN = "liveroom.proven"
SHED = Counter("liveroom_connections_shed", "Connections without a credential that were closed to make room.", ["why"])
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """``total`` of a process; ``per_address`` of those that have shown no credential, by IPv4 address or IPv6 /64.

    ``unlimited`` tells whether an address is left out of the second: trusted loopback, and the proxy, before which all
    come from one address.
    """

    total: int
    per_address: int
    unlimited: Callable[[str], bool] = lambda _address: False


@dataclass(slots=True)
class _Open:
    network: str | None
    cut: Callable[[], None]
    heard_at: float


class Connections:
    """Every open connection of a process, those without a credential in the order in which they last sent a request."""

    def __init__(self, limits: ConnectionLimits, clock: Callable[[], float] = monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self._total = limits.total
        self._exhausted_at: float | None = None
        # The native one, also under eventlet: a socket that is collected says that it closed in whatever thread and in
        # the middle of anything, and a green lock that a native thread had waited for never woke the hub again.
        # Nothing yields while it is held.
        self._lock = RLock()
        self._open: dict[Hashable, _Open] = {}
        self._unproven: OrderedDict[Hashable, None] = OrderedDict()
        self._of_network: dict[str, OrderedDict[Hashable, None]] = {}
        self._said_at: float | None = None

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    def opened(self, key: Hashable, address: str, cut: Callable[[], None]) -> None:
        """A connection was accepted; ``cut`` shuts it down from outside. Others are cut to make room for it."""
        network = None if self.limits.unlimited(address) else network_of(address)
        with self._lock:
            now = self._clock()
            self._recover(now)
            self._open[key] = _Open(network=network, cut=cut, heard_at=now)
            self._unproven[key] = None
            leaving: list[tuple[Hashable, str]] = []
            if network is not None:
                ours = self._of_network.setdefault(network, OrderedDict())
                ours[key] = None
                # A hall of screens that come back at once shows its credentials a moment later.
                first = islice(ours, min(SPARE, max(0, len(ours) - self.limits.per_address)))
                leaving += [(one, "address") for one in first if now - self._open[one].heard_at >= GRACE_S]
            if len(self._open) - len(leaving) > self._total:
                # Where everybody has shown a credential, it is the newcomer that goes.
                leaving.append((next(iter(self._unproven)), "total"))
            cuts = [self._taken_out(one, why) for one, why in leaving if one in self._open]
        self._cut(cuts)

    def heard(self, key: Hashable) -> None:
        """A whole request came: of those without a credential this connection now goes last."""
        with self._lock:
            if key in self._open:
                self._open[key].heard_at = self._clock()
            for order in (self._unproven, self._ours(key)):
                if order is not None and key in order:
                    order.move_to_end(key)

    def proven(self, key: Hashable) -> None:
        """The connection has shown a credential that is good: it is closed for nobody."""
        with self._lock:
            self._forget_order(key)

    def closed(self, key: Hashable) -> None:
        """The connection is gone."""
        with self._lock:
            self._forget_order(key)
            self._open.pop(key, None)

    def exhausted(self, error: OSError) -> bool:
        """Whether ``error`` of accept means that descriptors ran out; if so the quietest connections are cut.

        For a minute from then on there are fewer in all, for databases and files need descriptors too; never so few
        that who has shown a credential leaves no place for others.
        """
        if error.errno not in EXHAUSTED:
            return False
        with self._lock:
            now = self._clock()
            self._recover(now)
            if self._exhausted_at is None:
                proven = len(self._open) - len(self._unproven)
                self._total = min(self._total, max(proven + 2 * SPARE, len(self._open) - SPARE))
            self._exhausted_at = now
            cuts = [self._taken_out(one, "descriptors") for one in list(islice(self._unproven, SPARE))]
        self._cut(cuts)
        if self._said_at is None or now - self._said_at > SAY_AGAIN_S:
            self._said_at = now
            log.error("no connection can be accepted: %s; the quietest without a credential is closed", error.strerror)
        return True

    def _recover(self, now: float) -> None:
        if self._exhausted_at is not None and now - self._exhausted_at > EXHAUSTED_S:
            self._exhausted_at, self._total = None, self.limits.total

    def _ours(self, key: Hashable) -> OrderedDict[Hashable, None] | None:
        one = self._open.get(key)
        return None if one is None or one.network is None else self._of_network.get(one.network)

    def _forget_order(self, key: Hashable) -> None:
        self._unproven.pop(key, None)
        ours, one = self._ours(key), self._open.get(key)
        if ours is not None and one is not None and one.network is not None:
            ours.pop(key, None)
            if not ours:
                self._of_network.pop(one.network, None)

    def _taken_out(self, key: Hashable, why: str) -> Callable[[], None]:
        SHED.labels(why).inc()
        self._forget_order(key)
        return self._open.pop(key).cut

    def _cut(self, cuts: list[Callable[[], None]]) -> None:
        for cut in cuts:
            with suppress(OSError):
                cut()


def prove(environ: dict[str, Any]) -> None:
    """Say of a request's WSGI environment that its connection has shown a credential that is good."""
    say = environ.get(PROVEN)
    if say is not None:
        say()


def proving(connections: Connections, key: Hashable) -> Callable[[], None]:
    """What `PROVEN` of a request's environment holds."""
    return partial(connections.proven, key)


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the /64 that a home or a phone gets, of IPv4 the address itself."""
    return network_around(address) or address


def raise_open_files(wanted: int = OPEN_FILES) -> int:
    """Raise this process's limit of open files as far as it may be, at most to ``wanted``; returns the limit then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    best = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < best:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (best, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if soft == resource.RLIM_INFINITY else soft


def affordable(wanted: int, open_files: int) -> int:
    """How many of ``wanted`` connections ``open_files`` descriptors are enough for; at least 64."""
    return max(64, min(wanted, open_files - RESERVED))
