"""Empty rows and events of what was erased; the erasure ledger file."""

import fcntl
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
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

# What was erased, in a file beside the database and outside every backup: so that no restore brings it back.
#
# One line of JSON an erasure, appended and synced before the rows go: ids, times and the reason given; no name.
# A backup has a copy of it beside itself, so that whoever takes the one to another machine takes the other.

COPY = "liveroom-erasures/1"


class ErasureScope(StrEnum):
    """How much goes: who reported, or everything that was said, shown and attached."""

    PERSON = "person"
    ALL = "all"


class Erasure(msgspec.Struct, frozen=True):
    """One line: ``at`` microseconds of real time, ``by`` who had it done, ``reason`` in their words."""

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
    """The file of one kind of room; there is none before the first erasure."""

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
        """Those of a copy. Raises ValueError for one that is not whole, or of another kind of room; OSError."""
        try:
            first, *lines, last, rest = path.read_bytes().split(b"\n")
            begin = msgspec.json.decode(first, type=_Begin)
            told = tuple(msgspec.json.decode(line, type=Erasure) for line in lines)
            whole = not rest and msgspec.json.decode(last, type=_End).end == len(told)
        except (ValueError, msgspec.DecodeError):
            whole = False
        if not whole or begin.format != COPY:
            raise ValueError(f"{path} is no whole copy of erasures: copy it anew from where the backup was made")
        if begin.kind != self._kind:
            raise ValueError(f"{path} is of the {begin.kind} room, not of the {self._kind} room")
        return told

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
    """Where a backup's copy of the erasures is."""
    return backup.with_name(f"{backup.name}.erasures")


# Takes out of events and alarms what can betray a person: the exact place, and a category in a source's own words.
#
# The log is written once and for ever but for this: the law asks for it, and what the city counts by is left in it.

SURGES = (Kind.SURGE_BEGAN.value, Kind.SURGE_GROWN.value)


def subjects_of(complaint: str) -> tuple[str, ...]:
    """The ids under which something may be kept of a complaint: its own, and those of its alarms."""
    return (complaint, *(f"{kind}:{complaint}" for kind in AlarmKind))


def blank_events(connection: Connection, complaint: str, listed: Collection[str]) -> None:
    """Blank what its events and alarms hold; ``listed`` are the city's categories. Idempotent."""
    table, its = schema.event, subjects_of(complaint)
    rows = connection.execute(select(table.c.seq, table.c.payload).where(table.c.subject_id.in_(its))).all()
    for seq, text in rows:
        if (blanked := _blanked(text, listed)) is not None:
            connection.execute(update(table).where(table.c.seq == seq).values(payload=blanked))
    _blank_alarms(connection, its, listed)


def blank_surges(connection: Connection, listed: Collection[str]) -> None:
    """Blank the categories of surges that an earlier version of the room told in a source's words. Idempotent."""
    event, notice = schema.event, schema.notice
    told = select(event.c.seq, event.c.payload).where(event.c.subject_id == "room", event.c.kind.in_(SURGES))
    for seq, text in connection.execute(told).all():
        if (blanked := _blanked(text, listed)) is not None:
            connection.execute(update(event).where(event.c.seq == seq).values(payload=blanked))
    standing = select(notice.c.id, notice.c.body).where(notice.c.id.like("surge:%"))
    for id_, text in connection.execute(standing).all():
        if (blanked := _blanked(text, listed)) is not None:
            connection.execute(update(notice).where(notice.c.id == id_).values(body=blanked))


def _blanked(text: str, listed: Collection[str]) -> str | None:
    """The text without what betrays; None where there is nothing of it."""
    payload = event_log.decode_payload(text)
    blanked = redacted(payload, listed)
    return None if blanked == payload else event_log.encode(blanked)


def _blank_alarms(connection: Connection, ids: Collection[str], listed: Collection[str]) -> None:
    table = schema.alarm
    for row in connection.execute(select(table.c.id, table.c.body).where(table.c.id.in_(ids))).all():
        alarm = event_log.decode_alarm(row.body)
        if alarm.category is not None and alarm.category not in listed:
            body = event_log.encode(replace(alarm, category=REDACTED))
            connection.execute(update(table).where(table.c.id == row.id).values(body=body))


# Erases what was said, who said it and where: rows stay, emptied and dated, so that every event leads somewhere.

MARK = "erased"


def holds(connection: Connection, subject: str, what: ErasureScope) -> bool:
    """Whether some of it is still to be erased."""
    tables = (schema.person,) if what is ErasureScope.PERSON else (schema.person, schema.text, schema.media)
    for table in tables:
        query = select(table.c.id).where(table.c.subject_id == subject, table.c.erased_at.is_(None)).limit(1)
        if connection.execute(query).first() is not None:
            return True
    return what is ErasureScope.ALL and not words_erased(connection, subject)


def erase_rows(connection: Connection, subject: str, what: ErasureScope, at: datetime, listed: Collection[str]) -> None:
    """Empty the rows of a complaint; its files name their content until that is out of the store. Idempotent.

    ``listed``: the city's categories; another one is a source's own words and goes too.
    """
    real = to_micros(at)
    person, rows = schema.person.c, (schema.person.c.subject_id == subject, schema.person.c.erased_at.is_(None))
    nobody = dict.fromkeys(("name", "phone", "email", "phone_key"))
    connection.execute(update(person.id.table).where(*rows).values(**nobody, erased_at=real))
    _forget_answers(connection, subject)
    if what is ErasureScope.PERSON:
        return
    _erase_texts(connection, subject, real)
    blank_events(connection, subject, listed)
    links = (schema.media.c.subject_id == subject, schema.media.c.erased_at.is_(None))
    connection.execute(update(schema.media).where(*links).values(url=None, erased_at=real))
    connection.execute(delete(citizen_link).where(citizen_link.c.complaint == subject))
    if not erased(connection, subject):  # nothing was ever said: what a resend says later is not kept either
        marker = {"id": new_id(), "subject_id": subject, "kind": MARK, "body": "", "erased_at": real}
        connection.execute(insert(schema.text), [marker])
    _erase_files(connection, subject, real)


def _erase_texts(connection: Connection, subject: str, real: int) -> None:
    """Its own, those of its alarms, and the words by which it is found."""
    if connection.dialect.name == "sqlite":  # else what the index holds of a word would only be called deleted
        connection.exec_driver_sql("INSERT INTO searched_words(searched_words, rank) VALUES ('secure-delete', 1)")
    connection.execute(delete(searched).where(searched.c.id == subject))
    text = schema.text.c
    its = text.subject_id.in_(subjects_of(subject))
    connection.execute(update(schema.text).where(its, text.erased_at.is_(None)).values(body="", erased_at=real))


def _forget_answers(connection: Connection, subject: str) -> None:
    """What a mail server said of an address is no business of anybody any more."""
    its = select(outbox.c.id).where(outbox.c.subject == subject)
    connection.execute(update(delivery_attempt).where(delivery_attempt.c.delivery.in_(its)).values(reason=""))


def _erase_files(connection: Connection, subject: str, real: int) -> None:
    its = (upload.c.subject_id == subject, upload.c.state != UploadState.ERASED)
    values = {"facts": None, "alike": None, "state": UploadState.ERASED, "erased_at": real}
    connection.execute(update(upload).where(*its).values(**values))


def subjects_erased(connection: Connection) -> frozenset[str]:
    """Ids of the complaints of which this log says that something was erased."""
    query = select(schema.event.c.subject_id).where(schema.event.c.kind == Kind.ERASED.value).distinct()
    return frozenset(connection.execute(query).scalars())


def uploads_under_way(connection: Connection, subject: str) -> Sequence[str]:
    """Ids of its files, of which a part may still lie in the folder of arrivals."""
    return connection.execute(select(upload.c.id).where(upload.c.subject_id == subject)).scalars().all()


# Files whose content is to go: erased or given up, they name it until it is out of the media store.

NAMES = tuple(upload.c[name] for name in KEPT)


def to_empty(connection: Connection, subject: str | None, limit: int) -> tuple[Upload, ...]:
    """The next ``limit`` of all complaints or one, oldest first."""
    named = or_(*(name.is_not(None) for name in NAMES))
    query = select(upload).where(upload.c.state == UploadState.ERASED, named)
    if subject is not None:
        query = query.where(upload.c.subject_id == subject)
    return tuple(map(upload_from, connection.execute(query.order_by(upload.c.id).limit(limit))))


def nobody_elses(connection: Connection, one: Upload) -> tuple[str, ...]:
    """Of its content, what no other file holds."""
    return tuple(dict.fromkeys(name for name in one.kept.values() if not others_keep(connection, name, one.id)))


def emptied(connection: Connection, one: Upload) -> None:
    """Its content is out of the store; one that belongs to no complaint is forgotten."""
    connection.execute(update(upload).where(upload.c.id == one.id).values(dict.fromkeys(KEPT)))
    connection.execute(delete(upload).where(upload.c.id == one.id, upload.c.subject_id == ""))


def on_its_way_out(connection: Connection, names: tuple[str, ...]) -> bool:
    """Whether some of this content is being taken out just now."""
    held = or_(*(name.in_(names) for name in NAMES))
    query = select(upload.c.id).where(upload.c.state == UploadState.ERASED, held).limit(1)
    return connection.execute(query).first() is not None


# Files of proof that are whole and that no order ever named: somebody sent them and left, or sent a better one.

Key = tuple[int, str]
FIRST: Key = (0, "")
_row = upload.c


def unused_after(connection: Connection, key: Key, older: timedelta, limit: int) -> tuple[Sequence[Upload], Key, bool]:
    """Of the next ``limit`` that became ready longer ago than ``older``: those not named, the key to go on from, and
    whether there may be more. What was named once stays named, so nobody has to look behind the key again."""
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
    """It is to go with its content, unless it was named meanwhile; give this under the head's lock, as orders are."""
    if f"{UPLOAD}{one.id}" in _named(connection, [one.subject]):
        return False
    # Of no complaint any more: whoever empties the store forgets such a row.
    gone = {"state": UploadState.ERASED, "subject_id": "", "facts": None, "alike": None}
    mine = (_row.id == one.id, _row.state == UploadState.READY)
    return connection.execute(update(upload).where(*mine).values(**gone)).rowcount == 1


def _named(connection: Connection, subjects: Sequence[str]) -> frozenset[str]:
    media = schema.media.c
    query = select(media.url).where(media.subject_id.in_(subjects), media.url.startswith(UPLOAD))
    return frozenset(connection.execute(query).scalars())
