"""Counts what people do from outside and says when it is too much.

Counted in Redis where there is one, so that all web processes count together; while it is away each counts alone.
"""

import ipaddress
import logging

from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from liveroom.time import system_now

log = logging.getLogger(__name__)


class Counters:
    """``redis_url`` may be empty. A limit is a ``limits`` item; words name what is counted under it."""

    def __init__(self, redis_url: str) -> None:
        self._alone = FixedWindowRateLimiter(MemoryStorage())
        self._together = FixedWindowRateLimiter(_redis(redis_url)) if redis_url else self._alone

    def wait_s(self, item: RateLimitItem, *words: str, count: bool = True) -> int:
        """Seconds until it may be again, 0 if it may; counted if it may, unless only asked."""
        for counter in self._each():
            try:
                may = counter.hit(item, *words) if count else counter.test(item, *words)
                return 0 if may else _until(counter, item, *words)
            except RedisError:
                log.warning("redis does not count: this process counts alone")
        return 0

    def note(self, item: RateLimitItem, *words: str) -> None:
        """Count one that was."""
        self.wait_s(item, *words)

    def forget(self, item: RateLimitItem, *words: str) -> None:
        """Begin anew."""
        for counter in self._each():
            try:
                counter.clear(item, *words)
                return
            except RedisError:
                continue

    def _each(self) -> tuple[FixedWindowRateLimiter, ...]:
        return (self._together,) if self._together is self._alone else (self._together, self._alone)


def origin(address: str) -> str:
    """An IPv4 address, or the network of an IPv6 one: its owner has 2^64 of them."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))


def _redis(url: str) -> Storage:
    return RedisStorage(url, socket_timeout=0.25, socket_connect_timeout=0.5)


def _until(counter: FixedWindowRateLimiter, item: RateLimitItem, *words: str) -> int:
    reset = counter.get_window_stats(item, *words).reset_time
    return max(1, round(reset - system_now().timestamp()))
