"""Keeps machines off the citizens' page without asking anybody else: how often one address or contact may write."""

from hashlib import sha256

from limits import RateLimitItemPerHour, RateLimitItemPerMinute

from display.counters import Counters, origin

# Behind one address of a telephone network are many people.
MINUTES, OF_ADDRESS = 15, 30
OF_CONTACT, OF_LINK, FILES = 5, 20, 30


class Spam:
    """``redis_url`` may be empty; ``room`` keeps the counts of rooms that share a Redis apart. All in seconds to wait.

    What is counted is kept in no readable form and for as long as it counts.
    """

    def __init__(self, redis_url: str, room: str) -> None:
        self._counters = Counters(redis_url)
        space = f"liveroom:{room}:lapor"
        self._address = RateLimitItemPerMinute(OF_ADDRESS, MINUTES, namespace=space)
        self._contact = RateLimitItemPerHour(OF_CONTACT, namespace=space)
        self._link = RateLimitItemPerHour(OF_LINK, namespace=space)
        self._files = RateLimitItemPerHour(FILES, namespace=space)

    def of_address(self, address: str) -> int:
        """Count a form from an address; 0 when it may be looked at."""
        return self._counters.wait_s(self._address, "address", _word(origin(address)))

    def of_contact(self, contact: str) -> int:
        """Count a report with a telephone number or e-mail address."""
        return self._counters.wait_s(self._contact, "contact", _word(contact.casefold()))

    def of_link(self, token: str) -> int:
        """Count what is done by one private link."""
        return self._counters.wait_s(self._link, "link", _word(token))

    def of_files(self, address: str) -> int:
        """Count a picture that an address begins to send."""
        return self._counters.wait_s(self._files, "files", _word(origin(address)))


def _word(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
