"""Slows down guessing of passwords without shutting out their owner: strangers wait, a device that was let in does not.

After OWASP's device cookies: a browser that logged in as somebody keeps a signed word of it (``known_devices.py``) and
is counted for itself alone. Everybody else is counted three times: so many tries for one name from one address, so many
failures from one address, so many tries for one name from anywhere. Whoever guesses to shut somebody out shuts out
strangers, and themselves first.
"""

from hashlib import sha256

from limits import RateLimitItemPerMinute

from display.counters import Counters, origin
from liveroom.log.users import login_of

# In so many minutes. Of an address, behind which a whole office may sit, failures count; elsewhere every try does.
MINUTES = 15
OF_DEVICE, OF_PAIR, OF_ADDRESS, OF_STRANGERS = 10, 5, 50, 30
# Ways back of strangers whom an OpenID provider answered no: each asks it, and it is not ours to wear out.
OF_RETURNS = 100


class Attempts:
    """``redis_url`` may be empty; ``room`` keeps the counts of rooms that share a Redis apart."""

    def __init__(self, redis_url: str, room: str) -> None:
        self._counters = Counters(redis_url)
        self._device, self._pair, self._address, self._strangers, self._returns = (
            RateLimitItemPerMinute(most, MINUTES, namespace=f"liveroom:{room}")
            for most in (OF_DEVICE, OF_PAIR, OF_ADDRESS, OF_STRANGERS, OF_RETURNS)
        )

    def trusted(self, device: str | None) -> str | None:
        """Count a try of a device that was let in under this name before; one that guesses too often is a stranger."""
        counted = device is not None and self._counters.wait_s(self._device, "device", device) == 0
        return device if counted else None

    def wait_s(self, name: str, address: str) -> int:
        """Count a stranger's try; seconds until another one is looked at, 0 if this one is."""
        wait = self._counters.wait_s(self._address, "address", origin(address), count=False)
        wait = wait or self._counters.wait_s(self._pair, "pair", _word(name), origin(address))
        return wait or self._counters.wait_s(self._strangers, "strangers", _word(name))

    def failed(self, address: str) -> None:
        """A stranger's try was none that lets in."""
        self._counters.note(self._address, "address", origin(address))

    def return_wait_s(self, address: str) -> int:
        """Seconds until somebody who comes back from a provider is looked at, 0 if now."""
        return self._counters.wait_s(self._returns, "returns", origin(address), count=False)

    def returned_in_vain(self, address: str) -> None:
        """A stranger came back from a provider, and what it answered let nobody in."""
        self._counters.note(self._returns, "returns", origin(address))

    def succeeded(self, name: str, address: str, device: str | None = None) -> None:
        """The owner came in: earlier tries from there are forgotten. What strangers tried elsewhere is not."""
        self._counters.forget(self._pair, "pair", _word(name), origin(address))
        if device is not None:
            self._counters.forget(self._device, "device", device)


def _word(name: str) -> str:
    """A name of any length or content, known or not, as a word."""
    return sha256(login_of(name).encode("utf-8", "surrogatepass")).hexdigest()[:32]
