"""A mailbox: mails that citizens write to an address, read over IMAP; each a report, or a further word on one.

A mail is fetched by its UID, in their order, and is marked or moved only after its batch is in the log. The position is
the mailbox's UIDVALIDITY and the last UID. Where the server gave new ones (UIDVALIDITY is another), all is read again:
what is known by its number changes nothing. How a mail is understood is `ingest.mail`'s.
"""

import imaplib
import logging
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Literal, cast

import msgspec
from imap_tools.errors import ImapToolsError, MailboxLoginError
from imap_tools.mailbox import BaseMailBox
from imap_tools.utils import encode_folder

from ingest.mail.message import Mail, Unreadable, read_head, read_mail
from ingest.pull import Batch, Item, Misconfigured, PullSource, Secret, TryLater, first_of, parts_of, read_secret
from liveroom.domain.complaints.intake import DESCRIPTION, REPORTED_AHEAD
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import seconds_of, to_text
from liveroom.room.commands.correspondence import CitizenMail
from liveroom.runtime.http_client import STEP_S, Guard, InternalAddress, public_addresses, within
from liveroom.runtime.language import text
from liveroom.runtime.time import system_now
from liveroom.tables.table_plan import TableCity

# Mails of one batch at most, and bytes after which it is full.
MAILS, BATCH_BYTES = 50, 20_000_000
# Seconds for one question to the server and its whole answer.
COMMAND_S = 60.0
# Bytes of headers that are kept of a mail that is too large, and of answers beside what was asked for.
HEAD_BYTES, ANSWER_BYTES = 64_000, 20_000_000
PORTS = {"tls": 993, "starttls": 143, "none": 143}
# What a server says where it takes the name and the password, and cannot serve just now (RFC 5530).
NOT_NOW = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")
# What it says where a mail is gone of which it has not told yet.
GONE = b"[EXPUNGEISSUED]"
FAILURES = (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError)
_SIZE, _DATE = re.compile(rb"RFC822\.SIZE (\d{1,15})"), re.compile(rb'INTERNALDATE "([^"]{10,40})"')
_UID = re.compile(rb"\bUID (\d{1,10})")
# After what imaplib shows the line that it did not expect, which may be one of a mail.
_QUOTING = re.compile("(unexpected response|unterminated line).*", re.DOTALL)
log = logging.getLogger(__name__)


class MailPosition(msgspec.Struct, frozen=True):
    """Which mail was read last ``of`` which folder in its state ``validity``; ``since``: the first day that is read."""

    of: str
    validity: int
    uid: int
    since: str


@dataclass(frozen=True, slots=True)
class _Listed:
    """A mail on the server: its size in bytes and when it came there."""

    uid: int
    size: int
    came: datetime | None


class MailboxSource(PullSource, frozen=True, kw_only=True):
    """``host`` and ``port`` of an IMAP server; ``authorities``: a file of those who signed its certificate, where they
    are none of the public ones. ``done``: the folder to which a mail goes that was taken; empty: it stays, and is left
    as it is. ``since``: how old the oldest mail of the first reading may be. ``own``: further addresses of this room;
    ``lists``: mails over mailing lists are taken. ``largest_mb``: of one mail.
    """

    host: str
    user: str
    password: Secret
    port: int = 0
    security: Literal["tls", "starttls", "none"] = "tls"
    authorities: str = ""
    folder: str = "INBOX"
    done: str = ""
    since: str = "7d"
    category: str = "email"
    own: list[str] = msgspec.field(default_factory=list)
    lists: bool = False
    largest_mb: int = 25

    CHANNEL: ClassVar[str] = "email"

    def faults(self) -> Iterator[tuple[str, str]]:
        """What cannot be."""
        for field in ("host", "user", "folder"):
            if not getattr(self, field).strip() or not getattr(self, field).isprintable():
                yield field, "must be text in one line"
        if not 0 <= self.port < 65_536:
            yield "port", "must be the number of a port"
        if self.done == self.folder or not self.done.isprintable():
            yield "done", "must be another folder than folder, in one line"
        if seconds_of(self.since) is None:
            yield "since", "must be a number and a unit, such as 7d"
        if not 0 < self.largest_mb <= 100:
            yield "largest_mb", "must be from 1 to 100"
        if not self.category.strip() or len(self.category) > 128:
            yield "category", "must be 1 to 128 characters"

    def fetch_in(self, position: str | None, city: TableCity) -> Iterator[Batch]:
        """The mails after the position, in the order in which they came into the folder."""
        return self._mails(position, city, self.done)

    def preview_in(self, position: str | None, city: TableCity) -> Batch | None:
        """As ``fetch_in`` begins; no folder is made, and no mail is moved or marked."""
        return first_of(self._mails(position, city, ""))

    def _mails(self, position: str | None, city: TableCity, done: str) -> Iterator[Batch]:
        known, of = _known(position), f"{self.user}@{self.host}/{self.folder}"
        if known is not None and known.of != of:
            known = None  # another one: the numbers of its mails say nothing about these
        with _Opened(self, done) as opened:
            validity = opened.validity
            if known is not None and known.validity != validity:
                log.warning("source %s: the server counts the mails anew, so all of them are read again", self.name)
            since = known.since if known is not None else self._first_day()
            after = known.uid if known is not None and known.validity == validity else 0
            if done and after:
                # What was taken when a process died; what is older than the first reading never was.
                opened.move(opened.uids(f"1:{after}", since))
            for some in _batches(opened.listed(after, since)):
                items = [item for one in some if (item := self._item(opened, one, city)) is not None]
                yield Batch(items, _text(MailPosition(of=of, validity=validity, uid=some[-1].uid, since=since)))
                if done:
                    opened.move([one.uid for one in some])

    def _first_day(self) -> str:
        age = timedelta(seconds=seconds_of(self.since) or 0)
        # A day more, since the server counts days in its own zone.
        return (system_now() - age - timedelta(days=1)).date().isoformat()

    def _item(self, opened: "_Opened", one: _Listed, city: TableCity) -> Item | None:
        """The mail as it is taken; None where it is gone from the server."""
        # Some servers know the size about; a batch is as large as what they say of it.
        most = min(self.largest_mb * 1_000_000, 2 * one.size + HEAD_BYTES)
        raw = b"" if one.size > most else opened.content(one.uid, "", most + 1)
        if raw is None:
            if not opened.uids(str(one.uid)):
                return None
            fault = Malformed("mail", "is not given out by its server: it was not read, and is in the mailbox")
            return Item(raw=f"UID {one.uid}", fault=fault)
        if one.size > most or len(raw) > most:
            head = opened.content(one.uid, "HEADER", HEAD_BYTES)
            said = f"{self.largest_mb} MB" if one.size > most else "its server said"
            fault = Malformed("mail", f"is larger than {said}: it was not read, and is in the mailbox")
            return None if head is None else Item(raw=_told(read_head(head), f"UID {one.uid}"), fault=fault)
        try:
            mail = read_mail(raw)
        except Unreadable as no:
            fault = Malformed("mail", f"{no}: it was not read, and is in the mailbox")
            return Item(raw=_told(read_head(raw[:HEAD_BYTES]), f"UID {one.uid}"), fault=fault)
        except Exception:  # a fault of ours, which must not keep all the other mails from the room
            log.exception("source %s: a mail cannot be read", self.name)
            return Item(raw=f"UID {one.uid}", fault=Malformed("mail", "cannot be read, and is in the mailbox"))
        return self._read_item(mail, one, city.languages[0])

    def _read_item(self, mail: Mail, one: _Listed, language: str) -> Item:
        said = {
            "source_id": mail.number,
            "category": self.category,
            "channel": self.CHANNEL,
            "description": _words(_told(mail.subject, mail.words), mail, language),
            "person": {"name": mail.name, "email": mail.sender},
        }
        if (reported_at := _reported(mail.sent, one.came)) is not None:
            said["reported_at"] = to_text(reported_at)
        letter = CitizenMail(
            id=mail.number,
            sender=mail.sender,
            named=mail.named,
            complaints=mail.complaints,
            answers=mail.answers,
            photos=mail.photos,
            words=_words(mail.words or mail.subject, mail, language),
        )
        return Item(raw=_told(mail.head, mail.words), value=said, fault=self._fault(mail), letter=letter)

    def _fault(self, mail: Mail) -> Malformed | None:
        """Why a mail is no report."""
        if mail.robot:
            return Malformed("mail", f"is from a robot ({mail.robot}): nobody answers it")
        if mail.list and not self.lists:
            return Malformed("mail", f"is from a mailing list ({mail.list})")
        if mail.sender and mail.sender in {one.strip().lower() for one in (self.user, *self.own)}:
            return Malformed("mail", "is from a robot (From): it is this room's own")
        if not (mail.subject or mail.words or mail.photos):
            return Malformed("mail", "is empty: it has neither words nor a photo")
        return None


def _known(position: str | None) -> MailPosition | None:
    """The position; None at the beginning, and where a source of another kind had this name before."""
    try:
        found = None if position is None else msgspec.json.decode(position, type=MailPosition)
        if found is not None:
            date.fromisoformat(found.since)
        return found
    except (msgspec.DecodeError, ValueError):
        return None


def _text(position: MailPosition) -> str:
    return msgspec.json.encode(position).decode()


def _batches(listed: Iterator[_Listed]) -> Iterator[list[_Listed]]:
    """Mails of one batch: as many as memory may hold."""
    some: list[_Listed] = []
    size = 0
    for one in listed:
        if some and (len(some) == MAILS or size + one.size > BATCH_BYTES):
            yield some
            some, size = [], 0
        some.append(one)
        size += one.size
    if some:
        yield some


def _told(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _words(said: str, mail: Mail, language: str) -> str:
    """What was said, and what of the mail is not here, in as many characters as a report may have."""
    notes = [text("mailbox.left_out", language, names=", ".join(mail.left_out))] if mail.left_out else []
    whole = _told(said, *notes)
    if len(whole) <= DESCRIPTION:
        return whole
    notes.append(text("mailbox.cut", language))
    room = DESCRIPTION - sum(len(note) + 2 for note in notes)
    return _told(said[: max(0, room)].rstrip(), *notes)[:DESCRIPTION]


def _reported(sent: datetime | None, came: datetime | None) -> datetime | None:
    """When it was written, not after the server had it; the same for a mail that is read again."""
    said = sent if came is None or (sent is not None and sent <= came) else came
    # A server whose clock is ahead knows of no time that the room could take.
    return said if said is not None and said.year >= 2000 and said <= system_now() + REPORTED_AHEAD / 2 else None


# The server.


class _Client(imaplib.IMAP4):
    """A session of which every answer is bounded, and whose socket can be shut from outside while it is opened."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None, guard: Guard) -> None:
        self._tls, self._guard = tls, guard
        self.left = ANSWER_BYTES
        super().__init__(host, port, timeout=STEP_S)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        self._guard.watch(lambda: plain)
        if self._tls is None:
            return plain
        opened = self._tls.wrap_socket(plain, server_hostname=self.host)
        self._guard.watch(lambda: opened)
        return opened

    def read(self, size: int) -> bytes:
        """Bytes that the server announced."""
        self._spend(size)
        return super().read(size)

    def readline(self) -> bytes:
        """One line of an answer."""
        line = super().readline()
        self._spend(len(line))
        return line

    def _spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise OSError("the server answers without end")


class _MailBox(BaseMailBox):
    """imap-tools over a bounded session."""

    def __init__(self, client: _Client) -> None:
        self._ours = client
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return self._ours


class _Opened:
    """The folder of a source, opened for a while; only with ``done``, to which mails are moved, it can be changed.

    Raises TryLater and Misconfigured alone.
    """

    def __init__(self, source: MailboxSource, done: str) -> None:
        self._source, self._done = source, done
        self._client: _Client | None = None
        self._box: _MailBox
        self._able: frozenset[str] = frozenset()
        self.validity = 0

    def __enter__(self) -> "_Opened":
        try:
            self._open()
        except BaseException as error:
            self.__exit__(type(error))
            raise
        return self

    def __exit__(self, fault: type[BaseException] | None = None, *_: object) -> None:
        if self._client is None:
            return
        with suppress(*FAILURES), within(STEP_S) as guard:
            guard.watch(lambda: self._client and self._client.sock)
            if fault is None:
                self._client.logout()
            else:
                self._client.shutdown()

    @contextmanager
    def _asking(self, most: int = 0) -> Iterator[Guard]:
        """One question: bounded in time and bytes, what fails as TryLater."""
        with within(COMMAND_S) as guard:
            if self._client is not None:
                self._client.left = ANSWER_BYTES + most
                guard.watch(lambda: self._client and self._client.sock)
            try:
                yield guard
            except ssl.SSLCertVerificationError as error:
                raise Misconfigured(
                    "security", f"the certificate of {self._source.host}: {error.verify_message}"
                ) from error
            except FAILURES as error:
                said = _QUOTING.sub(r"\1", str(error))[:200]
                why = "too slow" if guard.late or isinstance(error, TimeoutError) else said
                raise TryLater(f"{self._source.host}: {why or type(error).__name__}") from error

    def _open(self) -> None:
        source = self._source
        password, port = read_secret(source.password, "password"), source.port or PORTS[source.security]
        tls = self._tls()
        if source.security == "none":
            _refuse_outside(source.host, port)
        with self._asking() as guard:
            self._client = _Client(source.host, port, tls if source.security == "tls" else None, guard)
            if source.security == "starttls":
                self._client.starttls(tls)
        box = self._box = _MailBox(self._client)
        with self._asking():
            self._log_in(box, password)
        with self._asking():  # it says what it can once it knows who asks
            self._able = frozenset(self._client.capability()[1][0].decode("ascii", "replace").upper().split())
        with self._asking():
            if not box.folder.exists(source.folder):
                raise Misconfigured("folder", f"there is no folder {source.folder!r}")
            if self._done and not box.folder.exists(self._done):
                box.folder.create(self._done)
            box.folder.set(source.folder, readonly=not self._done)
        with self._asking():
            found = self._client.response("UIDVALIDITY")[1]
            self.validity = int(cast(bytes, found[0])) if found and found[0] else 0

    def _tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._source.authorities or None)
        except OSError as error:
            raise Misconfigured(
                "authorities", f"{self._source.authorities} cannot be read: {error.strerror}"
            ) from error

    def _log_in(self, box: _MailBox, password: str) -> None:
        user = self._source.user
        try:
            if f"{user}{password}".isascii():
                box.login(user, password, initial_folder=None)
            else:
                box.login_utf8(user, password, initial_folder=None)
        except (MailboxLoginError, imaplib.IMAP4.error) as error:
            if isinstance(error, imaplib.IMAP4.abort) or any(word in str(error).upper() for word in NOT_NOW):
                raise
            raise Misconfigured("password", f"{self._source.host} does not let {user} in with it") from error

    def uids(self, which: str, since: str = "") -> list[int]:
        """The UIDs of the folder in ``which``, in order; ``since``: of mails that came on that day or later."""
        asked = f"UID {which}" + (f" SINCE {date.fromisoformat(since):%d-%b-%Y}" if since else "")
        with self._asking():
            return sorted(map(int, self._box.uids(asked, charset=None)))

    def listed(self, after: int, since: str) -> Iterator[_Listed]:
        """The mails after a UID, in their order; of a folder that is read for the first time those since a day."""
        # The last mail is always in a range that ends with *.
        found = [uid for uid in self.uids(f"{after + 1}:*", "" if after else since) if uid > after]
        for some in parts_of(found, MAILS):
            lines = self._fetch(",".join(map(str, some)), "(UID RFC822.SIZE INTERNALDATE)")
            yield from sorted((one for line in lines if (one := _listed(line)) is not None), key=lambda one: one.uid)

    def content(self, uid: int, part: str, most: int) -> bytes | None:
        """The first ``most`` bytes of a mail or a part of it, unmarked; None where it is gone."""
        for one in self._fetch(str(uid), f"(UID BODY.PEEK[{part}]<0.{most}>)", most):
            if isinstance(one, tuple):
                return bytes(one[1])
        return None

    def _fetch(self, uids: str, what: str, most: int = 0) -> list[Any]:
        with self._asking(most):
            assert self._client is not None
            status, found = self._client.uid("FETCH", uids, what)
            if status != "OK":
                raise OSError(f"FETCH: {status}")
            return list(found or ())

    def move(self, uids: Sequence[int]) -> None:
        """Move mails to the folder of those that are done; what somebody moved or removed meanwhile is no matter."""
        for some in parts_of(uids, MAILS):
            for last in (False, False, True):
                there = self.uids(",".join(map(str, some)))
                if not there or self._move(",".join(map(str, there)), last=last):
                    break

    def _move(self, uids: str, *, last: bool) -> bool:
        """False where one of them was gone and nothing was moved; with ``last`` that raises TryLater too."""
        client, folder = self._client, encode_folder(self._done)
        assert client is not None
        if "MOVE" in self._able:
            steps: list[tuple[Any, ...]] = [("MOVE", uids, folder)]
        elif "UIDPLUS" in self._able:
            # Never a plain EXPUNGE, which would end what other clients have marked.
            steps = [("COPY", uids, folder), ("STORE", uids, "+FLAGS.SILENT", r"(\Deleted)"), ("EXPUNGE", uids)]
        else:
            raise Misconfigured("done", f"{self._source.host} cannot move single mails: leave it empty")
        for step in steps:
            with self._asking():
                status, said = client.uid(*step)
                if status != "OK" and not last and GONE in bytes(said[0] or b"").upper():
                    return False
                if status != "OK":
                    raise OSError(f"{step[0]}: {said}")
        return True


def _listed(line: Any) -> _Listed | None:
    """A mail by the server's line on it; None for a line on something else."""
    words = line[0] if isinstance(line, tuple) else line
    if not isinstance(words, bytes):
        return None
    uid, size, came = _UID.search(words), _SIZE.search(words), _DATE.search(words)
    if uid is None or size is None:
        return None
    return _Listed(uid=int(uid[1]), size=int(size[1]), came=_moment(came[1]) if came else None)


def _moment(said: bytes) -> datetime | None:
    try:
        return datetime.strptime(said.decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _refuse_outside(host: str, port: int) -> None:
    """Raises Misconfigured where a password would go over the internet as it stands."""
    try:
        public_addresses(host, port)
    except InternalAddress:
        return
    except OSError as error:
        raise TryLater(f"{host}: {error}") from error
    raise Misconfigured("security", "none is for a server inside: this one is on the internet")
