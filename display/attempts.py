"""Slows down guessing of passwords: so many tries for one account, so many failures from one address, then a wait."""

from hashlib import sha256

from limits import RateLimitItemPerMinute

from display.counters import Counters, origin
from liveroom.log.users import login_of

# Of an account every try counts until one succeeds; of an address, behind which a whole office may sit, failures do.
MINUTES, OF_ACCOUNT, OF_ADDRESS = 15, 10, 50


class Attempts:
    """``redis_url`` may be empty; ``room`` keeps the counts of rooms that share a Redis apart."""

    def __init__(self, redis_url: str, room: str) -> None:
        self._counters = Counters(redis_url)
        self._account = RateLimitItemPerMinute(OF_ACCOUNT, MINUTES, namespace=f"liveroom:{room}")
        self._address = RateLimitItemPerMinute(OF_ADDRESS, MINUTES, namespace=f"liveroom:{room}")

    def wait_s(self, name: str, address: str) -> int:
        """Count a try for an account; seconds until another one is looked at, 0 if this one is."""
        wait = self._counters.wait_s(self._address, "address", origin(address), count=False)
        return wait or self._counters.wait_s(self._account, "account", _account(name))

    def failed(self, address: str) -> None:
        """The try was none that lets in."""
        self._counters.note(self._address, "address", origin(address))

    def succeeded(self, name: str) -> None:
        """The account's owner came in: earlier tries are forgotten."""
        self._counters.forget(self._account, "account", _account(name))


def _account(name: str) -> str:
    """A name of any length or content, known or not, as a word."""
    return sha256(login_of(name).encode("utf-8", "surrogatepass")).hexdigest()[:32]
