"""Counts what people do from outside and says when it is too much.

All web processes count together: in Redis where there is one, else in a database that several may share. While that is
away each counts alone.
"""

import logging
from hashlib import sha256

from limits import RateLimitItem, WindowStats
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter

from liveroom.accounts import rate_limits
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import Log
from liveroom.room.room import Room
from liveroom.runtime.config import Config
from liveroom.runtime.server.connections import network_around
from liveroom.runtime.time import monotonic, system_now

log = logging.getLogger(__name__)
CLEARED_EACH_S = 5


class Counters:
    """A limit is a ``limits`` item; words name what is counted under it.

    ``redis_url`` may be empty; ``shared`` is then the log whose database counts, None where one process serves alone.
    """

    def __init__(self, redis_url: str, shared: Log | None = None) -> None:
        self._alone = FixedWindowRateLimiter(MemoryStorage())
        self._together = self._alone
        self._away: tuple[type[Exception], ...] = (Unavailable,)
        if redis_url:
            from redis.exceptions import RedisError  # for cost: most rooms have no Redis

            self._away = (RedisError, Unavailable)
            self._together = FixedWindowRateLimiter(_redis(redis_url))
        elif shared is not None:
            self._together = Windows(InDatabase(shared))

    def wait_s(self, item: RateLimitItem, *words: str, count: bool = True) -> int:
        """Seconds until it may be again, 0 if it may; counted if it may, unless only asked."""
        for counter in self._each():
            try:
                may = counter.hit(item, *words) if count else counter.test(item, *words)
                return 0 if may else _until(counter, item, *words)
            except self._away:
                log.warning("what all processes count in is away: this process counts alone")
        return 0

    def count_of(self, item: RateLimitItem, *words: str) -> int:
        """How many were counted, at most as many as may be."""
        for counter in self._each():
            try:
                return item.amount - counter.get_window_stats(item, *words).remaining
            except self._away:
                continue
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
            except self._away:
                continue

    def _each(self) -> tuple[FixedWindowRateLimiter, ...]:
        return (self._together,) if self._together is self._alone else (self._together, self._alone)


def counters_of(config: Config, room: Room) -> Counters:
    """The counters of a web process; only a server database is shared by several of them."""
    return Counters(config.redis.url, room.log if config.database.url.startswith("postgresql") else None)


class InDatabase(Storage):
    """Counters in the room's own database, written as what may be forgotten. Raises Unavailable.

    What it counted is asked by ``window``: a row does not tell how long its window is.
    """

    STORAGE_SCHEME = None

    def __init__(self, shared: Log) -> None:
        super().__init__()
        self._log = shared
        self._cleared = monotonic()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the library may wrap: nothing is."""
        return Unavailable

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count ``amount`` more in a window of ``expiry`` seconds; returns how many there are."""
        if monotonic() - self._cleared > CLEARED_EACH_S:
            self._cleared = monotonic()
            self._log.note(rate_limits.clear_ended)
        return self._log.note(lambda c: rate_limits.counted(c, _name(key), expiry, amount))

    def window(self, key: str, expiry: int) -> tuple[int, int]:
        """How many there are in the window of ``expiry`` seconds, and when it ends in seconds since 1970."""
        return self._log.read(lambda c: rate_limits.count_of(c, _name(key), expiry))

    def get(self, key: str) -> int:
        """As ``window``."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        """As ``window``."""
        raise NotImplementedError

    def check(self) -> bool:
        """Whether the database answers."""
        return self._log.read(lambda _connection: True)

    def reset(self) -> None:
        """Not for one window alone, and nobody asks for all."""
        raise NotImplementedError

    def clear(self, key: str) -> None:
        """Begin anew."""
        self._log.note(lambda c: rate_limits.forget(c, _name(key)))


class Windows(FixedWindowRateLimiter):
    """Fixed windows in the database, none of which is longer than its limit says, whatever the clock was."""

    def __init__(self, kept: InDatabase) -> None:
        super().__init__(kept)
        self._kept = kept

    def test(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Whether ``cost`` more may be."""
        return self._kept.window(item.key_for(*identifiers), item.get_expiry())[0] + cost <= item.amount

    def get_window_stats(self, item: RateLimitItem, *identifiers: str) -> WindowStats:
        """When the window ends and how many may still be."""
        counted, ends_at = self._kept.window(item.key_for(*identifiers), item.get_expiry())
        return WindowStats(ends_at, max(0, item.amount - counted))


def origin(address: str) -> str:
    """An IPv4 address, or the network of an IPv6 one: its owner has 2^64 of them."""
    return network_around(address) or "unknown"


def _name(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _redis(url: str) -> Storage:
    return RedisStorage(url, socket_timeout=0.25, socket_connect_timeout=0.5)


def _until(counter: FixedWindowRateLimiter, item: RateLimitItem, *words: str) -> int:
    reset = counter.get_window_stats(item, *words).reset_time
    return max(1, round(reset - system_now().timestamp()))
