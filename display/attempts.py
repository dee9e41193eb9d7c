"""Slows down guessing of passwords without shutting out their owner: strangers wait, a device that was let in does not.

After OWASP's device cookies: a browser that logged in as somebody keeps a signed word of it (``known_devices.py``) and
is counted for itself alone. So is, for one name, the network from which its owner usually comes
(``log/known_places.py``). Everybody else is counted three times: so many tries for one name from one address, so many
failures from one address, so many tries for one name from anywhere. Whoever guesses to shut somebody out shuts out
strangers, and themselves first.

Codes of a second factor are counted only after a right password: for one person by quarter hours and by days, of
devices not known yet also in all.
"""

import hmac
from hashlib import sha256

from limits import RateLimitItemPerDay, RateLimitItemPerMinute

from display.counters import Counters, origin
from liveroom.accounts.rate_limits import network_of
from liveroom.accounts.users import login_of

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
