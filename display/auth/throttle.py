"""Rate limits of log-ins."""

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

# Counts what people do from outside and says when it is too much.
#
# All web processes count together: in Redis where there is one, else in a database that several may share. While that
# is away each counts alone.

log = logging.getLogger(__name__)
CLEARED_EACH_S = 5


class Counters:
    """A limit is a ``limits`` item; words name what is counted under it.

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

    def __init__(self, shared: EventLog) -> None:
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
        return self._log.note(lambda c: rate_limits.increment(c, _name(key), expiry, amount))

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


# Slows down guessing of passwords without shutting out their owner: strangers wait, a device that was let in does not.
#
# After OWASP's device cookies: a browser that logged in as somebody keeps a signed word of it (``known_devices.py``)
# and is counted for itself alone. So is, for one name, the network from which its owner usually comes
# (``log/known_places.py``). Everybody else is counted three times: so many tries for one name from one address, so many
# failures from one address, so many tries for one name from anywhere. Whoever guesses to shut somebody out shuts out
# strangers, and themselves first.
#
# Codes of a second factor are counted only after a right password: for one person by quarter hours and by days, of
# devices not known yet also in all.

# In so many minutes. Of an address, behind which a whole office may sit, failures count; elsewhere every try does.
MINUTES = 15
OF_DEVICE, OF_PAIR, OF_ADDRESS, OF_STRANGERS = 10, 5, 50, 30
# Tries for one name from a network where its owner came in lately.
OF_PLACE = 10
# Codes: three of a million are right at any moment, so that a day of guessing finds one in 10,000.
OF_CODES, OF_CODES_A_DAY, OF_ALL_CODES = 10, 40, 200
# What somebody who is logged in may try on their own account.
OF_OWN = 10
# Ways back of strangers whom an OpenID provider answered no: each asks it, and it is not ours to wear out.
OF_RETURNS = 100


class Attempts:
    """``room`` keeps the counts of rooms that share a Redis apart, ``key`` hides whose they are."""

    def __init__(self, counters: Counters, room: str, key: str) -> None:
        self._counters, self._key = counters, key.encode()
        self._device, self._pair, self._address, self._strangers, self._returns = (
            RateLimitItemPerMinute(most, MINUTES, namespace=f"liveroom:{room}")
            for most in (OF_DEVICE, OF_PAIR, OF_ADDRESS, OF_STRANGERS, OF_RETURNS)
        )
        self._place, self._codes, self._all_codes, self._own = (
            RateLimitItemPerMinute(most, MINUTES, namespace=f"liveroom:{room}")
            for most in (OF_PLACE, OF_CODES, OF_ALL_CODES, OF_OWN)
        )
        self._codes_a_day = RateLimitItemPerDay(OF_CODES_A_DAY, 1, namespace=f"liveroom:{room}")

    def trusted(self, device: str | None) -> str | None:
        """Count a try of a device that was let in under this name before; one that guesses too often is a stranger."""
        counted = device is not None and self._counters.wait_s(self._device, "device", device) == 0
        return device if counted else None

    def wait_s(self, name: str, address: str, *, usual: bool = False) -> int:
        """Count a try of no known device; seconds until another one is looked at, 0 if this one is.

        ``usual``: the owner of the name comes in from this network.
        """
        if usual and self._counters.wait_s(self._place, "place", self._name(name), self._network(address)) == 0:
            return 0
        wait = self._counters.wait_s(self._address, "address", self._place_of(address), count=False)
        wait = wait or self._counters.wait_s(self._pair, "pair", self._name(name), self._place_of(address))
        return wait or self._counters.wait_s(self._strangers, "strangers", self._name(name))

    def failed(self, address: str) -> None:
        """A stranger's try was none that lets in."""
        self._counters.note(self._address, "address", self._place_of(address))

    def return_wait_s(self, address: str) -> int:
        """Seconds until somebody who comes back from a provider is looked at, 0 if now."""
        return self._counters.wait_s(self._returns, "returns", self._place_of(address), count=False)

    def returned_in_vain(self, address: str) -> None:
        """A stranger came back from a provider, and what it answered let nobody in."""
        self._counters.note(self._returns, "returns", self._place_of(address))

    def code_wait_s(self, name: str, device: str | None) -> int:
        """Count a code for somebody whose password was right; seconds until another one is looked at, 0 if this is."""
        words = (self._name(name), device or "")
        wait = 0 if device else self._counters.wait_s(self._all_codes, "all-codes", count=False)
        wait = wait or self._counters.wait_s(self._codes, "codes", *words)
        return wait or self._counters.wait_s(self._codes_a_day, "codes-a-day", *words)

    def code_failed(self, device: str | None) -> None:
        """A code was wrong."""
        if not device:
            self._counters.note(self._all_codes, "all-codes")

    def code_fitted(self, name: str, device: str | None) -> None:
        """The owner came in: earlier codes from this device, or from those not known, are forgotten."""
        for item, what in ((self._codes, "codes"), (self._codes_a_day, "codes-a-day")):
            self._counters.forget(item, what, self._name(name), device or "")

    def own_wait_s(self, name: str) -> int:
        """Count what somebody who is logged in tries on their own account; seconds until another try, 0 if now.

        ``name`` may also be that of a link, under which its holder tries passwords.
        """
        return self._counters.wait_s(self._own, "own", self._name(name))

    def own_fitted(self, name: str) -> None:
        """It was right."""
        self._counters.forget(self._own, "own", self._name(name))

    def succeeded(self, name: str, address: str, device: str | None = None) -> None:
        """The owner came in: earlier tries from there are forgotten. What strangers tried elsewhere is not."""
        self._counters.forget(self._pair, "pair", self._name(name), self._place_of(address))
        self._counters.forget(self._place, "place", self._name(name), self._network(address))
        if device is not None:
            self._counters.forget(self._device, "device", device)

    def _name(self, name: str) -> str:
        return self._word(login_of(name))

    def _place_of(self, address: str) -> str:
        return self._word(origin(address))

    def _network(self, address: str) -> str:
        return self._word(network_of(address) or "")

    def _word(self, said: str) -> str:
        """Of any length or content. Nobody who reads the counts, or tries every address there is, learns who came."""
        return hmac.digest(self._key, said.encode("utf-8", "surrogatepass"), sha256).hex()[:32]


# What a browser keeps of those who logged in with it: a signed word, so that guessing elsewhere does not shut it out.
#
# It opens nothing and holds no name: whoever steals it may guess at one name, as often as the limits let a device.

COOKIE, PATH, LASTS = "liveroom_device", "/login", timedelta(days=180)
# People who share a desk's browser; the one who came in longest ago is forgotten first.
MOST, LONGEST = 12, 2048


class KnownDevices:
    """``key`` signs; a word of the log of another ``epoch`` is none."""

    def __init__(self, key: str, epoch: str) -> None:
        self._signed = URLSafeTimedSerializer(key, salt=f"known-device:{epoch}")

    def known(self, asked: Request, name: str) -> str | None:
        """The device's own number, if somebody logged in with it under this name before."""
        return self._kept(asked).get(_mark(name))

    def remember(self, asked: Request, response: Response, name: str, *, secure: bool) -> None:
        """Let the browser keep that it was let in under this name, under another number each time."""
        kept = {mark: number for mark, number in self._kept(asked).items() if mark != _mark(name)}
        kept[_mark(name)] = secrets.token_urlsafe(12)
        word = str(self._signed.dumps(dict(list(kept.items())[-MOST:])))
        lasts_s = int(LASTS.total_seconds())
        response.set_cookie(COOKIE, word, lasts_s, path=PATH, secure=secure, httponly=True, samesite="Lax")

    def _kept(self, asked: Request) -> Mapping[str, str]:
        try:
            shown = asked.cookies.get(COOKIE, "")[:LONGEST]
            kept = self._signed.loads(shown, max_age=int(LASTS.total_seconds()))
        except BadData:
            return {}
        return kept if isinstance(kept, dict) else {}


def _mark(name: str) -> str:
    """Tells names apart and says none."""
    return sha256(login_of(name).encode("utf-8", "surrogatepass")).hexdigest()[:16]
