"""Signed links of agencies and citizens (itsdangerous)."""

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
from liveroom.log.schema import citizen_link
from liveroom.runtime.config import SHORTEST_KEY, Config
from liveroom.runtime.errors import ConfigError, Fault
from liveroom.runtime.time import system_now

# Signed links: one agency, one complaint, until a moment; whoever holds one acts for that agency on that complaint.
#
# A link proves nothing about the complaint: whether it still lies with the agency is asked anew at every use.

KEY_FILE = "link.key"
LONGEST = 512


class LinkFault(StrEnum):
    """Why a link opens nothing: not ours (or of another key or log), over, or of another complaint."""

    BAD = "bad"
    EXPIRED = "expired"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyLink:
    """What a good link says; ``until`` is room time, aware UTC."""

    agency: str
    complaint: str
    until: datetime


class AgencyLinks:
    """Makes and reads the links of one log: those of a room before its restore are void. ``address`` None: none."""

    def __init__(self, *, key: str, epoch: str, address: str | None, lasts: timedelta) -> None:
        self._signed = URLSafeSerializer(key, salt=f"agency-link:{epoch}")
        self._address = address
        self._lasts = lasts

    def link_for(self, agency: str, complaint_id: str, now: datetime) -> str | None:
        """The address that opens this complaint for this agency, counted from room time ``now``; None without one."""
        if self._address is None:
            return None
        return f"{self._address}/agency/c/{complaint_id}?k={self.token(agency, complaint_id, now)}"

    def token(self, agency: str, complaint_id: str, now: datetime) -> str:
        """What the link carries."""
        return str(self._signed.dumps([agency, complaint_id, int((now + self._lasts).timestamp())]))

    def read(self, token: str, complaint_id: str, now: datetime) -> AgencyLink | LinkFault:
        """The link of a token as shown for a complaint, or why it opens nothing."""
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
    """The links of a room; a drill's and a test's lead to this machine where no address is known."""
    links = config.links
    return AgencyLinks(
        key=key_of(config), epoch=epoch, address=address_of(config, kind), lasts=timedelta(days=links.days)
    )


def address_of(config: Config, kind: str) -> str | None:
    """Under which people beyond this machine reach the room; None where a real one knows none."""
    server = config.server
    address = config.links.address or (f"https://{server.hosts[0]}" if server.hosts else None)
    if address is None and kind != "real":
        address = f"http://127.0.0.1:{server.port}"
    return address.rstrip("/") if address else None


def key_of(config: Config) -> str:
    """What signs links: the configured key, or the one that is kept in the data folder."""
    return config.links.key or kept_key(Path(config.data_dir))


def kept_key(folder: Path) -> str:
    """The key in the data folder, drawn at first use; nobody but its owner reads it. Processes may race for it.

    Raises ConfigError when the file holds none.
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


# What a citizen holds instead of an account: a ticket for one report, then a link to it; neither is stored here.
#
# A ticket is signed and carries 256 random bits. The link's token, the key under which the report is taken once and the
# name under which its pictures are sent are all made of those bits, so that a form that is sent twice gets one answer.

LASTS, LEAST = timedelta(hours=24), timedelta(seconds=3)


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


# Private links as rows, and whom a citizen's letter may go to now: nobody once the person was erased.


def add_link(connection: Connection, token: str, complaint: str) -> None:
    """Let this token, 256 random bits, open a complaint."""
    values = {"token_hash": key_hash(token), "complaint": complaint, "created_at": to_micros(database_now(connection))}
    connection.execute(insert(citizen_link).values(**values))


def linked(connection: Connection, token: str) -> str | None:
    """The id of the complaint that a token opens."""
    query = select(citizen_link.c.complaint).where(citizen_link.c.token_hash == key_hash(token))
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found


def has_link(connection: Connection, complaint: str) -> bool:
    """Whether a complaint came by the citizens' page."""
    query = select(citizen_link.c.complaint).where(citizen_link.c.complaint == complaint).limit(1)
    return connection.execute(query).first() is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What a citizen left last: an ``email`` address, a ``phone`` number as ``phone_key`` has it; None: no such one.

    Whether a machine may call it is asked when it does, so that what is not called is seen.
    """

    email: str | None = None
    phone: str | None = None


def contacts(connection: Connection, complaints: Collection[str]) -> dict[str, Contact]:
    """Of those of these complaints that came by the citizens' page, and whose person was not erased."""
    if not complaints:
        return {}
    person, link = schema.person.c, citizen_link.c
    query = select(link.complaint, person.email, person.phone_key)
    query = query.join(schema.person, person.subject_id == link.complaint)
    mine = (link.complaint.in_(list(complaints)), person.erased_at.is_(None))
    rows = connection.execute(query.where(*mine).order_by(person.id))
    return {row.complaint: Contact(email=row.email, phone=row.phone_key) for row in rows}


def contact_of(connection: Connection, complaint: str) -> Contact:
    """The same of one complaint; an empty one for nobody."""
    return contacts(connection, (complaint,)).get(complaint, Contact())
