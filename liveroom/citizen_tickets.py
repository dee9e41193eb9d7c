"""What a citizen holds instead of an account: a ticket for one report, then a link to it; neither is stored here.

A ticket is signed and carries 256 random bits. The link's token, the key under which the report is taken once and the
name under which its pictures are sent are all made of those bits, so that a form that is sent twice gets one answer.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

from liveroom.agency_links import address_of, key_of
from liveroom.runtime.config import Config
from liveroom.runtime.time import system_now

LASTS, LEAST = timedelta(hours=24), timedelta(seconds=3)
LONGEST = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A good ticket; ``age`` since it was given out."""

    bits: str
    age: timedelta

    @property
    def token(self) -> str:
        """What opens the report afterwards."""
        return _drawn("link", self.bits)

    @property
    def command(self) -> str:
        """Under which the report is taken once."""
        return _drawn("report", self.bits)

    def seal(self, text: str) -> str:
        """Tells the same text again from another, and tells nobody without the ticket what it was."""
        return _drawn(f"seal:{text}", self.bits)

    @property
    def sender(self) -> str:
        """Whose the pictures are until there is a report."""
        return f"citizen:{_drawn('files', self.bits)}"


class Tickets:
    """Gives out and reads the tickets of one log."""

    def __init__(self, key: str, epoch: str) -> None:
        self._key = f"{epoch}:{key}".encode()
        self._signed = URLSafeTimedSerializer(key, salt=f"citizen-ticket:{epoch}")
        self._alike = URLSafeSerializer(key, salt=f"citizen-alike:{epoch}")

    def give(self) -> str:
        """A new one."""
        return str(self._signed.dumps(secrets.token_urlsafe(32)))

    def read(self, value: str) -> Ticket | None:
        """The ticket; None for one that is over, of another log, or not ours."""
        try:
            bits, given = self._signed.loads(value[:LONGEST], max_age=int(LASTS.total_seconds()), return_timestamp=True)
        except BadData:
            return None
        return Ticket(bits=str(bits), age=system_now() - given)

    def stand_in(self, address: str) -> str:
        """The same for the same address, and nobody without the key can tell of which."""
        return hmac.new(self._key, address.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def alike(self, complaint: str) -> str:
        """Names an open complaint to a citizen without telling which."""
        return str(self._alike.dumps(complaint))

    def alike_of(self, value: str) -> str | None:
        """The complaint that was named so."""
        try:
            return str(self._alike.loads(value[:LONGEST]))
        except BadData:
            return None


class CitizenLinks:
    """Links in letters: signed, since a token is known to its citizen alone. ``address`` None: there are none."""

    def __init__(self, *, key: str, epoch: str, address: str | None) -> None:
        self._signed = URLSafeSerializer(key, salt=f"citizen-link:{epoch}")
        self._address = address

    def address(self, complaint: str) -> str | None:
        """The address by which the citizen opens the report."""
        return None if self._address is None else f"{self._address}/lapor/s/{self._signed.dumps(complaint)}"

    def read(self, token: str) -> str | None:
        """The complaint of a signed link; None for anything else."""
        try:
            return str(self._signed.loads(token[:LONGEST]))
        except BadData:
            return None


def tickets(config: Config, epoch: str) -> Tickets:
    """The tickets of a room."""
    return Tickets(key_of(config), epoch)


def citizen_links(config: Config, epoch: str, kind: str) -> CitizenLinks:
    """The links of a room's letters to citizens."""
    return CitizenLinks(key=key_of(config), epoch=epoch, address=address_of(config, kind))


def _drawn(what: str, bits: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(f"{what}:{bits}".encode()).digest()).rstrip(b"=").decode()
