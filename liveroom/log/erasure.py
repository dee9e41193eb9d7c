"""Erasure: empties what was said, who said it and where, and keeps the ledger of what was erased.

Rows stay, emptied and dated, so that every event still leads somewhere. Events are written once and for ever, except
that erasure redacts them: the exact place, and a category in a source's own words, can identify a person (the law asks
for it; what the city counts by is left). Contents of files go in two steps: the row says that it is erased, then the
media store is emptied. The ledger lies in a file beside the database and outside every backup, so that no restore
brings back what was erased.
"""

import fcntl
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import msgspec
from sqlalchemy import Connection, delete, insert, literal, or_, select, tuple_, update

from liveroom.domain.alarms.model import AlarmKind
from liveroom.domain.complaints.decide import REDACTED, redacted
from liveroom.domain.complaints.proof import PROOF
from liveroom.domain.events import Kind
from liveroom.domain.fields import UPLOAD
from liveroom.domain.timestamps import to_micros
from liveroom.log import event_log, schema
from liveroom.log.event_log import database_now
from liveroom.log.schema import citizen_link, delivery_attempt, outbox, searched, upload
from liveroom.log.texts import erased, new_id, words_erased
from liveroom.log.uploads import KEPT, Upload, UploadState, others_keep, upload_from
from liveroom.runtime.disk import sync_folder, whole_file

COPY = "liveroom-erasures/1"
_FILE_COLUMNS = tuple(upload.c[name] for name in KEPT)


class ErasureScope(StrEnum):
    """How much goes: who reported, or everything that was said, shown and attached."""

    PERSON = "person"
    ALL = "all"


# ---- the ledger ----


class Erasure(msgspec.Struct, frozen=True):
    """One line of the ledger: ``at`` microseconds of real time, ``by`` who had it done, ``reason`` in their words."""

    at: int
    complaint: str
    what: ErasureScope
    by: str
    reason: str = ""


class _Begin(msgspec.Struct, forbid_unknown_fields=True):
    """The first line of a copy."""

    format: str
    kind: str


class _End(msgspec.Struct, forbid_unknown_fields=True):
    """The last line of a copy: how many are before it."""

    end: int


class Erasures:
    """The ledger of one kind of room: one line of JSON an erasure, with ids, times and the reason given, but no name.

    A line is appended and synced before the rows are emptied. There is no file before the first erasure. A backup has a
    copy beside itself, so that whoever takes the one to another machine takes the other.
    """

    def __init__(self, data_dir: Path, kind: str) -> None:
        self._kind = kind
        self.path = data_dir / f"erasures-{kind}.jsonl"

    def copy_to(self, path: Path) -> int:
        """Write all of them to ``path``, which has its name only when it is whole; returns how many. Raises OSError."""
        known = list(self)
        with whole_file(path) as out:
            for line in (_Begin(format=COPY, kind=self._kind), *known, _End(end=len(known))):
                out.write(msgspec.json.encode(line) + b"\n")
        return len(known)

    def read_copy(self, path: Path) -> tuple[Erasure, ...]:
        """The erasures of a copy. Raises OSError, or ValueError for one that is cut off or of another kind of room."""
        try:
            first, *lines, last, rest = path.read_bytes().split(b"\n")
            begin = msgspec.json.decode(first, type=_Begin)
            erasures = tuple(msgspec.json.decode(line, type=Erasure) for line in lines)
            whole = not rest and msgspec.json.decode(last, type=_End).end == len(erasures)
        except (ValueError, msgspec.DecodeError):
            whole = False
        if not whole or begin.format != COPY:
            raise ValueError(f"{path} is no whole copy of erasures: copy it anew from where the backup was made")
        if begin.kind != self._kind:
            raise ValueError(f"{path} is of the {begin.kind} room, not of the {self._kind} room")
        return erasures

    def take_over(self, erasures: Iterable[Erasure]) -> None:
        """Add those that are not in it, and the file if there is none. Raises OSError."""
        known = set(self)
        self.append(*(one for one in erasures if one not in known))

    def append(self, *erasures: Erasure) -> None:
        """Add lines; returns when the disk has them. Raises OSError."""
        self.path.touch(mode=0o600)
        with self.path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            whole = file.read().rfind(b"\n") + 1  # a line that a crash cut off erased nothing
            file.truncate(whole)
            file.seek(whole)
            file.write(b"".join(msgspec.json.encode(one) + b"\n" for one in erasures))
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.path.parent)

    def __iter__(self) -> Iterator[Erasure]:
        """All of them, as they were added. Raises ValueError naming a line that is none."""
        if not self.path.exists():
            return
        lines = self.path.read_bytes().split(b"\n")
        for number, line in enumerate(lines[:-1], 1):
            try:
                yield msgspec.json.decode(line, type=Erasure)
            except msgspec.DecodeError as error:
                raise ValueError(f"{self.path}:{number} is no erasure: restore nothing before it is mended") from error


def beside(backup: Path) -> Path:
    """Where a backup's copy of the ledger is."""
    return backup.with_name(f"{backup.name}.erasures")


# ---- redaction of events, alarms and notices ----

_SURGES = (Kind.SURGE_BEGAN.value, Kind.SURGE_GROWN.value)


def _subjects_of(complaint: str) -> tuple[str, ...]:
    """The ids under which something may be kept of a complaint: its own, and those of its alarms."""
    return (complaint, *(f"{kind}:{complaint}" for kind in AlarmKind))


def _redact_events(connection: Connection, complaint: str, listed: Collection[str]) -> None:
    """Redact a complaint's events and alarms; ``listed`` are the city's categories. Idempotent."""
    table, its = schema.event, _subjects_of(complaint)
    rows = connection.execute(select(table.c.seq, table.c.payload).where(table.c.subject_id.in_(its))).all()
    for seq, text in rows:
        if (redacted := _redacted(text, listed)) is not None:
            connection.execute(update(table).where(table.c.seq == seq).values(payload=redacted))
    _redact_alarms(connection, its, listed)


def redact_surges(connection: Connection, listed: Collection[str]) -> None:
    """Redact surges whose category an earlier version of the room gave in a source's words. Idempotent."""
    event, notice = schema.event, schema.notice
    logged = select(event.c.seq, event.c.payload).where(event.c.subject_id == "room", event.c.kind.in_(_SURGES))
    for seq, text in connection.execute(logged).all():
        if (redacted := _redacted(text, listed)) is not None:
            connection.execute(update(event).where(event.c.seq == seq).values(payload=redacted))
    in_force = select(notice.c.id, notice.c.body).where(notice.c.id.like("surge:%"))
    for id_, text in connection.execute(in_force).all():
        if (redacted := _redacted(text, listed)) is not None:
            connection.execute(update(notice).where(notice.c.id == id_).values(body=redacted))


def _redacted(text: str, listed: Collection[str]) -> str | None:
    """The JSON without what identifies; None where there is nothing to redact."""
    payload = event_log.decode_payload(text)
    kept = redacted(payload, listed)
    return None if kept == payload else event_log.encode(kept)


def _redact_alarms(connection: Connection, ids: Collection[str], listed: Collection[str]) -> None:
    table = schema.alarm
    for row in connection.execute(select(table.c.id, table.c.body).where(table.c.id.in_(ids))).all():
        alarm = event_log.decode_alarm(row.body)
        if alarm.category is not None and alarm.category not in listed:
            body = event_log.encode(msgspec.structs.replace(alarm, category=REDACTED))
            connection.execute(update(table).where(table.c.id == row.id).values(body=body))


# ---- rows of a complaint ----

# The kind of the text that says a complaint without any was erased.
_MARKER = "erased"


def anything_left(connection: Connection, subject: str, what: ErasureScope) -> bool:
    """Whether some of this scope is still to be erased."""
    tables = (schema.person,) if what is ErasureScope.PERSON else (schema.person, schema.text, schema.media)
    for table in tables:
        query = select(table.c.id).where(table.c.subject_id == subject, table.c.erased_at.is_(None)).limit(1)
        if connection.execute(query).first() is not None:
            return True
    return what is ErasureScope.ALL and not words_erased(connection, subject)


def erase_rows(connection: Connection, subject: str, what: ErasureScope, at: datetime, listed: Collection[str]) -> None:
    """Empty the rows of a complaint; its files name their content until that is out of the media store. Idempotent.

    ``listed``: the city's categories; any other is a source's own words and goes too.
    """
    real = to_micros(at)
    person, rows = schema.person.c, (schema.person.c.subject_id == subject, schema.person.c.erased_at.is_(None))
    nobody = dict.fromkeys(("name", "phone", "email", "phone_key"))
    connection.execute(update(person.id.table).where(*rows).values(**nobody, erased_at=real))
    _forget_answers(connection, subject)
    _forget_refused(connection, subject)
    if what is ErasureScope.PERSON:
        return
    _erase_texts(connection, subject, real)
    _redact_events(connection, subject, listed)
    links = (schema.media.c.subject_id == subject, schema.media.c.erased_at.is_(None))
    connection.execute(update(schema.media).where(*links).values(url=None, erased_at=real))
    connection.execute(delete(citizen_link).where(citizen_link.c.complaint == subject))
    if not erased(connection, subject):  # nothing was ever said: what a resend says later is not kept either
        marker = {"id": new_id(), "subject_id": subject, "kind": _MARKER, "body": "", "erased_at": real}
        connection.execute(insert(schema.text), [marker])
    _erase_files(connection, subject, real)


def _erase_texts(connection: Connection, subject: str, real: int) -> None:
    """Erase its texts, those of its alarms, and the words by which it is found."""
    if connection.dialect.name == "sqlite":  # else what the index holds of a word would only be called deleted
        connection.exec_driver_sql("INSERT INTO searched_words(searched_words, rank) VALUES ('secure-delete', 1)")
    connection.execute(delete(searched).where(searched.c.id == subject))
    text = schema.text.c
    its = text.subject_id.in_(_subjects_of(subject))
    connection.execute(update(schema.text).where(its, text.erased_at.is_(None)).values(body="", erased_at=real))


def _forget_answers(connection: Connection, subject: str) -> None:
    """Empty what receivers answered: a mail server quotes the address."""
    its = select(outbox.c.id).where(outbox.c.subject == subject)
    connection.execute(update(delivery_attempt).where(delivery_attempt.c.delivery.in_(its)).values(reason=""))


# Characters.
_LONG_NUMBER = 8


def _forget_refused(connection: Connection, subject: str) -> None:
    """Delete what of it was refused and stands in quarantine: what was accepted as it, or came under its number.

    Where no number could be read of an entry, its text is searched for it.
    """
    event, row = schema.event.c, schema.quarantine.c
    received = select(event.payload).where(event.subject_id == subject, event.kind == Kind.RECEIVED.value).limit(1)
    its = row.complaint == subject
    if (text := connection.execute(received).scalar_one_or_none()) is not None:
        payload = event_log.decode_payload(text)
        number = payload["source_id"]
        # In quotes, or too long to be part of something else by chance.
        named = number if len(number) >= _LONG_NUMBER else f'"{number}"'
        unread = row.source_id.is_(None) & row.raw.contains(named, autoescape=True)
        its |= (row.source == payload["source"]) & ((row.source_id == number) | unread)
    connection.execute(delete(schema.quarantine).where(its))


def _erase_files(connection: Connection, subject: str, real: int) -> None:
    its = (upload.c.subject_id == subject, upload.c.state != UploadState.ERASED)
    values = {"facts": None, "alike": None, "state": UploadState.ERASED, "erased_at": real}
    connection.execute(update(upload).where(*its).values(**values))


def subjects_erased(connection: Connection) -> frozenset[str]:
    """Ids of the complaints of which this log says that something was erased."""
    query = select(schema.event.c.subject_id).where(schema.event.c.kind == Kind.ERASED.value).distinct()
    return frozenset(connection.execute(query).scalars())


def uploads_under_way(connection: Connection, subject: str) -> Sequence[str]:
    """Ids of its files; parts of them may still lie in the folder of arrivals."""
    return connection.execute(select(upload.c.id).where(upload.c.subject_id == subject)).scalars().all()


# ---- contents of files: an erased file names its content until that is out of the media store ----


def uploads_to_empty(connection: Connection, subject: str | None, limit: int) -> tuple[Upload, ...]:
    """The next ``limit`` erased files whose content is still named, oldest first; of one complaint, or None for all."""
    named = or_(*(column.is_not(None) for column in _FILE_COLUMNS))
    query = select(upload).where(upload.c.state == UploadState.ERASED, named)
    if subject is not None:
        query = query.where(upload.c.subject_id == subject)
    return tuple(map(upload_from, connection.execute(query.order_by(upload.c.id).limit(limit))))


def unshared_content(connection: Connection, one: Upload) -> tuple[str, ...]:
    """Hashes of its contents that no other file has."""
    return tuple(dict.fromkeys(name for name in one.kept.values() if not others_keep(connection, name, one.id)))


def mark_emptied(connection: Connection, one: Upload) -> None:
    """Note that its content is out of the store; the row of a file that belongs to no complaint goes too."""
    connection.execute(update(upload).where(upload.c.id == one.id).values(dict.fromkeys(KEPT)))
    connection.execute(delete(upload).where(upload.c.id == one.id, upload.c.subject_id == ""))


def is_being_removed(connection: Connection, names: tuple[str, ...]) -> bool:
    """Whether some of this content is being taken out of the store just now."""
    held = or_(*(column.in_(names) for column in _FILE_COLUMNS))
    query = select(upload.c.id).where(upload.c.state == UploadState.ERASED, held).limit(1)
    return connection.execute(query).first() is not None


# ---- proof that no command ever named: somebody sent it and left, or sent a better one ----

Key = tuple[int, str]
FIRST: Key = (0, "")
_row = upload.c


def unused_after(connection: Connection, key: Key, older: timedelta, limit: int) -> tuple[Sequence[Upload], Key, bool]:
    """Of the next ``limit`` files that became ready longer than ``older`` ago: unused proof, the next key, and whether
    there may be more. What was named once stays named, so nobody has to look behind the key again."""
    before = to_micros(database_now(connection) - older)
    beyond = tuple_(_row.changed_at, _row.id) > tuple_(literal(key[0]), literal(key[1]))
    query = select(upload).where(_row.state == UploadState.READY, beyond, _row.changed_at < before)
    rows = connection.execute(query.order_by(_row.changed_at, _row.id).limit(limit)).all()
    proofs = [row for row in rows if row.kind == PROOF]
    named = _named(connection, [row.subject_id for row in proofs]) if proofs else frozenset()
    last = (rows[-1].changed_at, rows[-1].id) if rows else key
    unused = [upload_from(row) for row in proofs if f"{UPLOAD}{row.id}" not in named]
    return unused, last, len(rows) == limit


def give_up_unused(connection: Connection, one: Upload) -> bool:
    """Erase one, unless it was named meanwhile; False then. To be called under the head lock, where commands run."""
    if f"{UPLOAD}{one.id}" in _named(connection, [one.subject]):
        return False
    # Of no complaint any more: such a row goes once the store is emptied.
    gone = {"state": UploadState.ERASED, "subject_id": "", "facts": None, "alike": None}
    mine = (_row.id == one.id, _row.state == UploadState.READY)
    return connection.execute(update(upload).where(*mine).values(**gone)).rowcount == 1


def _named(connection: Connection, subjects: Sequence[str]) -> frozenset[str]:
    media = schema.media.c
    query = select(media.url).where(media.subject_id.in_(subjects), media.url.startswith(UPLOAD))
    return frozenset(connection.execute(query).scalars())
