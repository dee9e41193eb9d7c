"""Signed links of agencies and citizens (itsdangerous), the tickets that citizens report with, and their contacts.

Everything is signed with one key (`links.key`, else a file in the data folder) and with the epoch of the log, so what
was given out before a restore is void. ``address`` None in a class below means that the room has no public address, so
there are no links.
"""

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer
from sqlalchemy import Connection, insert, select

from liveroom.accounts.sources import key_hash
from liveroom.domain.timestamps import to_micros
from liveroom.log import schema
from liveroom.log.event_log import database_now
from liveroom.log.schema import citizen_link, mailed
from liveroom.runtime.config import SHORTEST_KEY, Config
from liveroom.runtime.errors import ConfigError, Fault
from liveroom.runtime.time import system_now

KEY_FILE = "link.key"
# Longest token that is read at all.
LONGEST = 512


# What all links share: the address of the room and the signing key.


def address_of(config: Config, kind: str) -> str | None:
    """The base URL for links that leave this machine: `links.address`, else the first of `server.hosts`.

    Without either a drill or test room uses this machine's own address and a real room has None.
    """
    server = config.server
    address = config.links.address or (f"https://{server.hosts[0]}" if server.hosts else None)
    if address is None and kind != "real":
        address = f"http://127.0.0.1:{server.port}"
    return address.rstrip("/") if address else None


def key_of(config: Config) -> str:
    """The signing key: the configured one, else the one in the data folder. Raises ConfigError."""
    return config.links.key or kept_key(Path(config.data_dir))


def kept_key(folder: Path) -> str:
    """The key in the data folder, generated at first use and readable by its owner only. Processes may race for it.

    Raises ConfigError when the file is too short to be a key.
    """
    path = folder / KEY_FILE
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{KEY_FILE}.{secrets.token_hex(8)}"
    if not path.exists():
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)  # whole or not at all, and the first one stays
        except FileExistsError:
            pass
        finally:
            part.unlink()
    key = path.read_text("ascii", "replace").strip()
    if len(key) < SHORTEST_KEY:  # cut off by a full disk or a power cut: whoever guesses it signs for every agency
        remedy = "put back a copy of it, or remove it: a new one is drawn, and links in letters already sent end"
        raise ConfigError([Fault(str(path), f"must hold at least {SHORTEST_KEY} characters; {remedy}")])
    return key


# Agency links: one agency, one complaint, until a moment. Whoever holds one acts for that agency on that complaint. A
# link proves nothing about the complaint: each use checks anew that it still lies with the agency.


class LinkFault(StrEnum):
    """Why a link opens nothing: not signed by us (or with another key or log), expired, or for another complaint."""

    BAD = "bad"
    EXPIRED = "expired"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyLink:
    """The content of a valid link; ``until`` is room time, aware UTC."""

    agency: str
    complaint: str
    until: datetime


class AgencyLinks:
    """Makes and reads the agency links of one log; ``lasts``: how long a link is valid, in room time."""

    def __init__(self, *, key: str, epoch: str, address: str | None, lasts: timedelta) -> None:
        self._signed = URLSafeSerializer(key, salt=f"agency-link:{epoch}")
        self._address = address
        self._lasts = lasts

    def link_for(self, agency: str, complaint_id: str, now: datetime) -> str | None:
        """The URL that opens this complaint for this agency, valid from room time ``now``; None without an address."""
        if self._address is None:
            return None
        return f"{self._address}/agency/c/{complaint_id}?k={self.token(agency, complaint_id, now)}"

    def token(self, agency: str, complaint_id: str, now: datetime) -> str:
        """The signed token of a link: agency, complaint and end."""
        return str(self._signed.dumps([agency, complaint_id, int((now + self._lasts).timestamp())]))

    def read(self, token: str, complaint_id: str, now: datetime) -> AgencyLink | LinkFault:
        """The link of a token that was shown for a complaint, or why it opens nothing."""
        try:
            agency, complaint, until = self._signed.loads(token[:LONGEST])
        except (BadData, ValueError, TypeError):
            return LinkFault.BAD
        ends = datetime.fromtimestamp(until, UTC)
        if ends <= now:
            return LinkFault.EXPIRED
        if complaint != complaint_id:
            return LinkFault.OTHER
        return AgencyLink(agency=agency, complaint=complaint, until=ends)


def agency_links(config: Config, epoch: str, kind: str) -> AgencyLinks:
    """The agency links of a room of this ``kind`` (see ``address_of``)."""
    links = config.links
    return AgencyLinks(
        key=key_of(config), epoch=epoch, address=address_of(config, kind), lasts=timedelta(days=links.days)
    )


# Citizens have no account: they get a ticket for one report, then a link to it. A ticket is signed and carries 256
# random bits; the token of the link, the idempotency key of the report and the owner name of its pictures all derive
# from them, so a form that is sent twice gets one answer. Tickets are not stored.

# How long a ticket is valid, and how old it must be: no person fills in the form faster.
LASTS, LEAST = timedelta(hours=24), timedelta(seconds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A valid ticket; ``age`` since it was issued."""

    bits: str
    age: timedelta

    @property
    def token(self) -> str:
        """The token of the link that opens the report afterwards."""
        return _derived("link", self.bits)

    @property
    def command(self) -> str:
        """The command id under which the report is accepted once."""
        return _derived("report", self.bits)

    def seal(self, text: str) -> str:
        """A keyed hash of a text: equal for equal texts, and it reveals nothing without the ticket."""
        return _derived(f"seal:{text}", self.bits)

    @property
    def sender(self) -> str:
        """The owner of the uploaded pictures until there is a report."""
        return f"citizen:{_derived('files', self.bits)}"


class Tickets:
    """Issues and reads the tickets of one log."""

    def __init__(self, key: str, epoch: str) -> None:
        self._key = f"{epoch}:{key}".encode()
        self._signed = URLSafeTimedSerializer(key, salt=f"citizen-ticket:{epoch}")
        self._alike = URLSafeSerializer(key, salt=f"citizen-alike:{epoch}")

    def give(self) -> str:
        """A new ticket, signed."""
        return str(self._signed.dumps(secrets.token_urlsafe(32)))

    def read(self, value: str) -> Ticket | None:
        """The ticket; None if it has expired, belongs to another log, or is not signed by us."""
        try:
            bits, given = self._signed.loads(value[:LONGEST], max_age=int(LASTS.total_seconds()), return_timestamp=True)
        except BadData:
            return None
        return Ticket(bits=str(bits), age=system_now() - given)

    def stand_in(self, address: str) -> str:
        """A keyed hash of a client's address: equal for equal addresses, and it reveals nothing without the key."""
        return hmac.new(self._key, address.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def alike(self, complaint: str) -> str:
        """A signed token that names a similar open complaint in a form, for ``alike_of``."""
        return str(self._alike.dumps(complaint))

    def alike_of(self, value: str) -> str | None:
        """The complaint that a token of ``alike`` names; None for anything else."""
        try:
            return str(self._alike.loads(value[:LONGEST]))
        except BadData:
            return None


class CitizenLinks:
    """The links in letters to citizens: signed complaint ids, since only the citizen knows the token of a ticket."""

    def __init__(self, *, key: str, epoch: str, address: str | None) -> None:
        self._signed = URLSafeSerializer(key, salt=f"citizen-link:{epoch}")
        self._address = address

    def address(self, complaint: str) -> str | None:
        """The URL by which the citizen opens the report; None without an address."""
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


def _derived(what: str, bits: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(f"{what}:{bits}".encode()).digest()).rstrip(b"=").decode()


# Stored links and contacts of citizens. Nobody is contacted any more once their person was erased.


def add_link(connection: Connection, token: str, complaint: str) -> None:
    """Let this token (256 random bits, stored as a hash) open a complaint."""
    values = {"token_hash": key_hash(token), "complaint": complaint, "created_at": to_micros(database_now(connection))}
    connection.execute(insert(citizen_link).values(**values))


def linked(connection: Connection, token: str) -> str | None:
    """The id of the complaint that a token opens; None if there is none."""
    query = select(citizen_link.c.complaint).where(citizen_link.c.token_hash == key_hash(token))
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found


def has_link(connection: Connection, complaint: str) -> bool:
    """Whether a complaint came through the citizens' page."""
    query = select(citizen_link.c.complaint).where(citizen_link.c.complaint == complaint).limit(1)
    return connection.execute(query).first() is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How a citizen can be reached, as they last left it: ``email``, and ``phone`` in the form of ``phone_key``.

    Whether a machine may write to that number is checked when it is used, so that a refusal is visible in the outbox.
    """

    email: str | None = None
    phone: str | None = None


def contacts(connection: Connection, complaints: Collection[str]) -> dict[str, Contact]:
    """By complaint, the contact of each that came through the citizens' page and whose person was not erased."""
    if not complaints:
        return {}
    person, link = schema.person.c, citizen_link.c
    query = select(link.complaint, person.email, person.phone_key)
    query = query.join(schema.person, person.subject_id == link.complaint)
    mine = (link.complaint.in_(list(complaints)), person.erased_at.is_(None))
    rows = connection.execute(query.where(*mine).order_by(person.id))
    return {row.complaint: Contact(email=row.email, phone=row.phone_key) for row in rows}


def contact_of(connection: Connection, complaint: str) -> Contact:
    """The contact of one complaint, empty if there is none."""
    return contacts(connection, (complaint,)).get(complaint, Contact())


# Mails that were taken as a further word on a complaint: what is read again must not be taken again, ever.


def note_mail(connection: Connection, source: str, number: str, complaint: str) -> None:
    """Note that a source's mail with this number was taken as a word on a complaint."""
    connection.execute(insert(mailed).values(source=source, number=number, complaint=complaint))


def complaint_of_mail(connection: Connection, source: str, number: str) -> str | None:
    """The id of the complaint on which it was taken as a word; None where it was not."""
    query = select(mailed.c.complaint).where(mailed.c.source == source, mailed.c.number == number)
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found
