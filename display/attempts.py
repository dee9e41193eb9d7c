"""Slows down guessing of passwords: so many tries for one account, so many failures from one address, then a wait.

Counted in Redis where there is one, so that all web processes count together; while it is away each counts alone.
"""

import ipaddress
import logging
from collections.abc import Callable
from hashlib import sha256

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from liveroom.log.users import login_of
from liveroom.time import system_now

# Of an account every try counts until one succeeds; of an address, behind which a whole office may sit, failures do.
MINUTES, OF_ACCOUNT, OF_ADDRESS = 15, 10, 50
log = logging.getLogger(__name__)


class Attempts:
    """``redis_url`` may be empty; ``room`` keeps the counts of rooms that share a Redis apart."""

    def __init__(self, redis_url: str, room: str) -> None:
        self._alone = FixedWindowRateLimiter(MemoryStorage())
        self._together = FixedWindowRateLimiter(_redis(redis_url)) if redis_url else self._alone
        self._account = RateLimitItemPerMinute(OF_ACCOUNT, MINUTES, namespace=f"liveroom:{room}")
        self._address = RateLimitItemPerMinute(OF_ADDRESS, MINUTES, namespace=f"liveroom:{room}")

    def wait_s(self, name: str, address: str) -> int:
        """Count a try for an account; seconds until another one is looked at, 0 if this one is."""
        account, origin = _account(name), _origin(address)
        for counter in self._counters():
            try:
                if not counter.test(self._address, "address", origin):
                    return _until(counter, self._address, "address", origin)
                if not counter.hit(self._account, "account", account):
                    return _until(counter, self._account, "account", account)
                return 0
            except RedisError:
                log.warning("redis does not count log-ins: this process counts alone")
        return 0

    def failed(self, address: str) -> None:
        """The try was none that lets in."""
        self._do(lambda counter: counter.hit(self._address, "address", _origin(address)))

    def succeeded(self, name: str) -> None:
        """The account's owner came in: earlier tries are forgotten."""
        self._do(lambda counter: counter.clear(self._account, "account", _account(name)))

    def _do(self, act: Callable[[FixedWindowRateLimiter], object]) -> None:
        for counter in self._counters():
            try:
                act(counter)
                return
            except RedisError:
                continue

    def _counters(self) -> tuple[FixedWindowRateLimiter, ...]:
        return (self._together,) if self._together is self._alone else (self._together, self._alone)


def _redis(url: str) -> Storage:
    return RedisStorage(url, socket_timeout=0.25, socket_connect_timeout=0.5)


def _until(counter: FixedWindowRateLimiter, item: RateLimitItemPerMinute, *words: str) -> int:
    reset = counter.get_window_stats(item, *words).reset_time
    return max(1, round(reset - system_now().timestamp()))


def _account(name: str) -> str:
    """A name of any length or content, known or not, as a word."""
    return sha256(login_of(name).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _origin(address: str) -> str:
    """An IPv4 address, or the network of an IPv6 one: its owner has 2^64 of them."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))
