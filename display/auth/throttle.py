"""Rate limits of log-ins and of other requests, and the counters and known devices they rest on.

`Counters` count fixed windows, of all web processes together: in Redis if one is set, else in the PostgreSQL database
that processes share, else in memory. While the shared store is away each process counts alone.

`Attempts` slows down guesses without shutting out the owner of a name (after OWASP's device cookies). A browser that
logged in under a name before (`KnownDevices`) has a count of its own for that name, and so has the network from which
its owner usually comes. All others are strangers and counted three times: tries per name and address, failures per
address, tries per name in all. Whoever guesses to shut somebody out thus shuts out strangers, and themselves first.
Codes of a second factor count per person, by quarter hours and by days; of unknown devices also in all.
"""

import hmac
import logging
import secrets
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256

from flask import Request
from itsdangerous import BadData, URLSafeTimedSerializer
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute, WindowStats
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.wrappers import Response

from liveroom.accounts import rate_limits
from liveroom.accounts.rate_limits import network_of
from liveroom.accounts.users import login_of
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import EventLog
from liveroom.room.room import Room
from liveroom.runtime.config import Config
from liveroom.runtime.server.connections import network_around
from liveroom.runtime.time import monotonic, system_now

log = logging.getLogger(__name__)
_CLEARED_EACH_S = 5


class Counters:
    """Counts by fixed windows. A limit is an item of the library ``limits``; ``words`` name what is counted under it.

    ``redis_url`` may be empty; ``shared`` is then the log whose database counts, None where one process serves alone.
    """

    def __init__(self, redis_url: str, shared: EventLog | None = None) -> None:
        self._alone = FixedWindowRateLimiter(MemoryStorage())
        self._together = self._alone
        self._away: tuple[type[Exception], ...] = (Unavailable,)
        if redis_url:
            from redis.exceptions import RedisError  # for cost: most rooms have no Redis

            self._away = (RedisError, Unavailable)
            self._together = FixedWindowRateLimiter(_redis(redis_url))
        elif shared is not None:
            self._together = DatabaseWindows(DatabaseStorage(shared))

    def wait_s(self, item: RateLimitItem, *words: str, count: bool = True) -> int:
        """0 if one more is allowed, which is counted unless ``count`` is False; else seconds until the window ends."""
        for counter in self._each():
            try:
                may = counter.hit(item, *words) if count else counter.test(item, *words)
                return 0 if may else _seconds_left(counter, item, *words)
            except self._away:
                log.warning("the counters that all processes share are away: this process counts alone")
        return 0

    def count_of(self, item: RateLimitItem, *words: str) -> int:
        """How many were counted, at most as many as are allowed."""
        for counter in self._each():
            try:
                return item.amount - counter.get_window_stats(item, *words).remaining
            except self._away:
                continue
        return 0

    def note(self, item: RateLimitItem, *words: str) -> None:
        """Count one that happened."""
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


class DatabaseStorage(Storage):
    """Counters in the room's own database, written without waiting for the disk: they may be lost. Raises Unavailable.

    Counts are read by ``window`` alone: a row does not hold how long its window is.
    """

    STORAGE_SCHEME = None

    def __init__(self, shared: EventLog) -> None:
        super().__init__()
        self._log = shared
        self._cleared = monotonic()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the library would wrap in an error of its own: nothing."""
        return Unavailable

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count ``amount`` more in a window of ``expiry`` seconds; returns how many there are."""
        if monotonic() - self._cleared > _CLEARED_EACH_S:
            self._cleared = monotonic()
            self._log.note(rate_limits.clear_ended)
        return self._log.note(lambda c: rate_limits.increment(c, _key_hash(key), expiry, amount))

    def window(self, key: str, expiry: int) -> tuple[int, int]:
        """The count in the window of ``expiry`` seconds, and its end in seconds since 1970."""
        return self._log.read(lambda c: rate_limits.count_of(c, _key_hash(key), expiry))

    def get(self, key: str) -> int:
        """Not supported: see ``window``."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        """Not supported: see ``window``."""
        raise NotImplementedError

    def check(self) -> bool:
        """Whether the database answers."""
        return self._log.read(lambda _connection: True)

    def reset(self) -> None:
        """Not supported: nothing clears all counters."""
        raise NotImplementedError

    def clear(self, key: str) -> None:
        """Begin anew."""
        self._log.note(lambda c: rate_limits.forget(c, _key_hash(key)))


class DatabaseWindows(FixedWindowRateLimiter):
    """Fixed windows in the database; none is longer than its limit says, even after the clock was set back."""

    def __init__(self, kept: DatabaseStorage) -> None:
        super().__init__(kept)
        self._kept = kept

    def test(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Whether ``cost`` more are allowed."""
        return self._kept.window(item.key_for(*identifiers), item.get_expiry())[0] + cost <= item.amount

    def get_window_stats(self, item: RateLimitItem, *identifiers: str) -> WindowStats:
        """The end of the window and how many more are allowed."""
        counted, ends_at = self._kept.window(item.key_for(*identifiers), item.get_expiry())
        return WindowStats(ends_at, max(0, item.amount - counted))


def origin(address: str) -> str:
    """An IPv4 address, or the network of an IPv6 one: its owner has 2^64 of them."""
    return network_around(address) or "unknown"


def _key_hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _redis(url: str) -> Storage:
    return RedisStorage(url, socket_timeout=0.25, socket_connect_timeout=0.5)


def _seconds_left(counter: FixedWindowRateLimiter, item: RateLimitItem, *words: str) -> int:
    reset = counter.get_window_stats(item, *words).reset_time
    return max(1, round(reset - system_now().timestamp()))


class AddressLimit:
    """At most ``most`` requests a minute of one kind from one address, and ``in_all`` from everywhere.

    Addresses are counted under keyed hashes; ``space`` keeps the counts of rooms and kinds apart.
    """

    def __init__(self, counters: Counters, space: str, key: str, most: int, in_all: int) -> None:
        self._counters, self._key = counters, key.encode()
        self._one, self._all = (RateLimitItemPerMinute(count, namespace=space) for count in (most, in_all))

    def wait_s(self, address: str) -> int:
        """Count one; 0 if it is allowed, else seconds until another one is."""
        if wait := self._counters.wait_s(self._all, "all", count=False):
            return wait
        hashed = hmac.digest(self._key, origin(address).encode(), sha256).hex()[:32]
        if wait := self._counters.wait_s(self._one, "address", hashed):
            return wait
        self._counters.note(self._all, "all")
        return 0


# ---- attempts: what is allowed within 15 minutes ----

# Of an address, behind which a whole office may sit, only failures count; elsewhere every try does.
_MINUTES = 15
OF_DEVICE, OF_PAIR, OF_ADDRESS, OF_STRANGERS = 10, 5, 50, 30
# Tries for one name from the network where its owner logged in lately.
OF_PLACE = 10
# Three codes of a million are right at any moment: a day of guesses finds one with a chance of 1 in 10,000.
OF_CODES, _OF_CODES_A_DAY, _OF_ALL_CODES = 10, 40, 200
# Tries of somebody who is logged in, on their own account.
OF_OWN = 10
# Refused returns of strangers from an OpenID provider: each return costs the provider a request.
_OF_RETURNS = 100


class Attempts:
    """``room`` keeps apart the counts of rooms that share a Redis; ``key`` hides whose they are."""

    def __init__(self, counters: Counters, room: str, key: str) -> None:
        self._counters, self._key = counters, key.encode()
        self._device, self._pair, self._address, self._strangers, self._returns = (
            RateLimitItemPerMinute(most, _MINUTES, namespace=f"liveroom:{room}")
            for most in (OF_DEVICE, OF_PAIR, OF_ADDRESS, OF_STRANGERS, _OF_RETURNS)
        )
        self._place, self._codes, self._all_codes, self._own = (
            RateLimitItemPerMinute(most, _MINUTES, namespace=f"liveroom:{room}")
            for most in (OF_PLACE, OF_CODES, _OF_ALL_CODES, OF_OWN)
        )
        self._codes_a_day = RateLimitItemPerDay(_OF_CODES_A_DAY, 1, namespace=f"liveroom:{room}")

    def trusted(self, device: str | None) -> str | None:
        """Count a try of a known device and return it; None without one, or if it tried too often: then a stranger."""
        counted = device is not None and self._counters.wait_s(self._device, "device", device) == 0
        return device if counted else None

    def wait_s(self, name: str, address: str, *, usual: bool = False) -> int:
        """Count a try without a known device; 0 if it is checked, else seconds until another one is.

        ``usual``: the owner of the name logs in from this network.
        """
        if usual and self._counters.wait_s(self._place, "place", self._name(name), self._network(address)) == 0:
            return 0
        wait = self._counters.wait_s(self._address, "address", self._origin(address), count=False)
        wait = wait or self._counters.wait_s(self._pair, "pair", self._name(name), self._origin(address))
        return wait or self._counters.wait_s(self._strangers, "strangers", self._name(name))

    def failed(self, address: str) -> None:
        """Count a failed log-in of a stranger."""
        self._counters.note(self._address, "address", self._origin(address))

    def return_wait_s(self, address: str) -> int:
        """0 if a return from the provider is checked now, else seconds until one is."""
        return self._counters.wait_s(self._returns, "returns", self._origin(address), count=False)

    def return_failed(self, address: str) -> None:
        """Count a return of a stranger whom the provider, or its claims, did not let in."""
        self._counters.note(self._returns, "returns", self._origin(address))

    def code_wait_s(self, name: str, device: str | None) -> int:
        """Count a code of somebody whose password was right; 0 if it is checked, else seconds until another one is."""
        words = (self._name(name), device or "")
        wait = 0 if device else self._counters.wait_s(self._all_codes, "all-codes", count=False)
        wait = wait or self._counters.wait_s(self._codes, "codes", *words)
        return wait or self._counters.wait_s(self._codes_a_day, "codes-a-day", *words)

    def code_failed(self, device: str | None) -> None:
        """Count a wrong code."""
        if not device:
            self._counters.note(self._all_codes, "all-codes")

    def code_succeeded(self, name: str, device: str | None) -> None:
        """Forget earlier codes from this device, or from unknown ones: the owner logged in."""
        for item, what in ((self._codes, "codes"), (self._codes_a_day, "codes-a-day")):
            self._counters.forget(item, what, self._name(name), device or "")

    def own_wait_s(self, name: str) -> int:
        """Count a try of somebody on their own account; 0 if it is checked, else seconds until another one is.

        ``name`` may also stand for a link, whose holder tries passwords.
        """
        return self._counters.wait_s(self._own, "own", self._name(name))

    def own_succeeded(self, name: str) -> None:
        """Forget earlier tries on their own account: this one was right."""
        self._counters.forget(self._own, "own", self._name(name))

    def succeeded(self, name: str, address: str, device: str | None = None) -> None:
        """Forget earlier tries from there: the owner logged in. What strangers tried elsewhere still counts."""
        self._counters.forget(self._pair, "pair", self._name(name), self._origin(address))
        self._counters.forget(self._place, "place", self._name(name), self._network(address))
        if device is not None:
            self._counters.forget(self._device, "device", device)

    def _name(self, name: str) -> str:
        return self._digest(login_of(name))

    def _origin(self, address: str) -> str:
        return self._digest(origin(address))

    def _network(self, address: str) -> str:
        return self._digest(network_of(address) or "")

    def _digest(self, text: str) -> str:
        """A keyed hash, so that nobody who reads the counts, or tries every address there is, learns who came."""
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), sha256).hex()[:32]


# ---- known devices ----

_DEVICE_COOKIE, _DEVICE_PATH, _DEVICE_LASTS = "liveroom_device", "/login", timedelta(days=180)
# Names of people who share a desk's browser; the one that logged in longest ago is dropped first.
_MOST_NAMES, _LONGEST_COOKIE = 12, 2048


class KnownDevices:
    """The signed cookie by which a browser shows who logged in with it; ``key`` signs, for the log of one ``epoch``.

    It opens nothing and holds no name: whoever steals it may guess at its names as often as the limits let a device.
    """

    def __init__(self, key: str, epoch: str) -> None:
        self._signed = URLSafeTimedSerializer(key, salt=f"known-device:{epoch}")

    def known(self, asked: Request, name: str) -> str | None:
        """The device's id under this name, if somebody logged in with it under that name before."""
        return self._kept(asked).get(_name_hash(name))

    def remember(self, asked: Request, response: Response, name: str, *, secure: bool) -> None:
        """Set the cookie after a log-in under this name, with a new device id each time."""
        kept = {mark: number for mark, number in self._kept(asked).items() if mark != _name_hash(name)}
        kept[_name_hash(name)] = secrets.token_urlsafe(12)
        value = str(self._signed.dumps(dict(list(kept.items())[-_MOST_NAMES:])))
        lasts_s = int(_DEVICE_LASTS.total_seconds())
        response.set_cookie(
            _DEVICE_COOKIE, value, lasts_s, path=_DEVICE_PATH, secure=secure, httponly=True, samesite="Lax"
        )

    def _kept(self, asked: Request) -> Mapping[str, str]:
        try:
            shown = asked.cookies.get(_DEVICE_COOKIE, "")[:_LONGEST_COOKIE]
            kept = self._signed.loads(shown, max_age=int(_DEVICE_LASTS.total_seconds()))
        except BadData:
            return {}
        return kept if isinstance(kept, dict) else {}


def _name_hash(name: str) -> str:
    """Tells names apart without holding them."""
    return sha256(login_of(name).encode("utf-8", "surrogatepass")).hexdigest()[:16]
