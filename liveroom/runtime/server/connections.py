"""How many connections a process holds, and which one it closes when there are too many.

A stranger opens connections as fast as a computer can, so no newcomer is refused. The connection is closed that has
been quiet longest among those that have shown no credential: screens, people and sources are never closed for a
stranger. Running out of descriptors (EMFILE) counts as too many connections.
"""

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

# Open files that a process asks for, where the machine allows them: enough for some thousand screens.
_OPEN_FILES = 65_536
# Of these, so many are for databases, logs, uploads and child processes.
_RESERVED_FILES = 256
# Errors of accept when there are no descriptors or no memory for one; the connection stays in the kernel's queue.
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
# Errors of accept for a connection that was gone before it was accepted.
PASSING = frozenset(
    {errno.ECONNABORTED, errno.EPROTO, errno.EPERM, errno.ENETDOWN, errno.EHOSTUNREACH, errno.ENETUNREACH}
)
EXHAUSTED_PAUSE_S = 0.005
# How many are closed at once when descriptors have run out.
_SPARE = 32
# For how long fewer are accepted after that.
EXHAUSTED_S = 60.0
# A younger connection is not closed for the limit of its address: it shows its credential with its first request.
GRACE_S = 5.0
_SAY_AGAIN_S = 60.0
# The key of a WSGI environment under which `prove` finds the request's connection.
_PROVEN = "liveroom.proven"
SHED = Counter("liveroom_connections_shed", "Connections without a credential that were closed to make room.", ["why"])
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """``total``: of a process; ``per_address``: of those without a credential, by IPv4 address or IPv6 /64.

    ``unlimited``: whether the second does not hold for an address: trusted loopback, and everything behind a proxy,
    where all have one address.
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
    """The open connections of a process; those without a credential in the order of their last request."""

    def __init__(self, limits: ConnectionLimits, clock: Callable[[], float] = monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self._total = limits.total
        self._exhausted_at: float | None = None
        # A native lock, also under eventlet: a socket that is garbage-collected reports its end in any thread and at
        # any point, and a green lock that a native thread had waited for never woke the hub again. Nothing yields while
        # the lock is held.
        self._lock = RLock()
        self._open: dict[Hashable, _Open] = {}
        self._unproven: OrderedDict[Hashable, None] = OrderedDict()
        self._of_network: dict[str, OrderedDict[Hashable, None]] = {}
        self._said_at: float | None = None

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    def opened(self, key: Hashable, address: str, cut: Callable[[], None]) -> None:
        """Count an accepted connection; ``cut`` shuts it down from outside. Others are cut to make room for it."""
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
                # Many screens of one address that come back at once show their credentials a moment later.
                first = islice(ours, min(_SPARE, max(0, len(ours) - self.limits.per_address)))
                leaving += [(one, "address") for one in first if now - self._open[one].heard_at >= GRACE_S]
            if len(self._open) - len(leaving) > self._total:
                # Where all others have shown a credential, this is the newcomer.
                leaving.append((next(iter(self._unproven)), "total"))
            cuts = [self._take_out(one, why) for one, why in leaving if one in self._open]
        self._cut(cuts)

    def heard(self, key: Hashable) -> None:
        """Note a whole request: of those without a credential this connection is now the last to be closed."""
        with self._lock:
            if key in self._open:
                self._open[key].heard_at = self._clock()
            for order in (self._unproven, self._ours(key)):
                if order is not None and key in order:
                    order.move_to_end(key)

    def proven(self, key: Hashable) -> None:
        """Note that the connection has shown a valid credential: it is never closed for another one."""
        with self._lock:
            self._forget_order(key)

    def closed(self, key: Hashable) -> None:
        """Count the connection no more."""
        with self._lock:
            self._forget_order(key)
            self._open.pop(key, None)

    def exhausted(self, error: OSError) -> bool:
        """Whether ``error`` of accept means that descriptors ran out; if so the quietest connections are cut.

        For a minute from then on the total is lower, since databases and files need descriptors too, but never so low
        that those with a credential leave no place for others.
        """
        if error.errno not in _EXHAUSTED:
            return False
        with self._lock:
            now = self._clock()
            self._recover(now)
            if self._exhausted_at is None:
                proven = len(self._open) - len(self._unproven)
                self._total = min(self._total, max(proven + 2 * _SPARE, len(self._open) - _SPARE))
            self._exhausted_at = now
            cuts = [self._take_out(one, "descriptors") for one in list(islice(self._unproven, _SPARE))]
        self._cut(cuts)
        if self._said_at is None or now - self._said_at > _SAY_AGAIN_S:
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

    def _take_out(self, key: Hashable, why: str) -> Callable[[], None]:
        SHED.labels(why).inc()
        self._forget_order(key)
        return self._open.pop(key).cut

    def _cut(self, cuts: list[Callable[[], None]]) -> None:
        for cut in cuts:
            with suppress(OSError):
                cut()


def bind(environ: dict[str, Any], connections: Connections, key: Hashable) -> None:
    """Tell a request's WSGI environment which connection it came by, so that `prove` can find it."""
    environ[_PROVEN] = partial(connections.proven, key)


def prove(environ: dict[str, Any]) -> None:
    """Note that the request with this WSGI environment has shown a valid credential."""
    note = environ.get(_PROVEN)
    if note is not None:
        note()


def raise_open_files(wanted: int = _OPEN_FILES) -> int:
    """Raise this process's limit of open files as far as allowed, at most to ``wanted``; returns the new limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    best = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < best:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (best, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if soft == resource.RLIM_INFINITY else soft


def affordable(wanted: int, open_files: int) -> int:
    """How many of the ``wanted`` connections so many open files allow; at least 64."""
    return max(64, min(wanted, open_files - _RESERVED_FILES))


# Addresses that count as one.


def network_of(address: str) -> str:
    """The network that counts as one address: of IPv6 the /64 of a home or a telephone, of IPv4 the address itself."""
    return network_around(address) or address


def network_around(address: str, *, ipv4_bits: int = 32, ipv6_bits: int = 64) -> str | None:
    """The network of so many bits around an address; None for what is no address.

    Whoever has one address of a network has all of it. The address that an IPv6 socket shows for an IPv4 client
    (``::ffff:192.0.2.1``, RFC 4291 2.5.5.2) counts as the client's, otherwise all IPv4 clients would be one.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if found.version == 6 and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    bits = ipv4_bits if found.version == 4 else ipv6_bits
    return str(found) if bits == found.max_prefixlen else str(ip_network((found, bits), strict=False))
