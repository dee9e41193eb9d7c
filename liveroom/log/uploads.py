"""The register of files that people send; every change is one short write that is no event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from liveroom.log.book import Log
from liveroom.log.head import database_now
from liveroom.log.schema_uploads import upload
from liveroom.log.texts import new_id
from liveroom.media.facts import Facts
from liveroom.moments import from_micros, to_micros

KEPT = ("original", "clean", "thumb")
# The code of one that is whole and here, while the media store is away.
WAITS = "store"


class UploadState(StrEnum):
    """From the first byte to the end; ``refused`` and ``erased`` have no content any more."""

    OPEN = "open"
    CHECKING = "checking"
    READY = "ready"
    REFUSED = "refused"
    ERASED = "erased"


class Alike(msgspec.Struct, frozen=True):
    """An earlier picture that shows the same shot: its upload, complaint, kind, and how many of 256 bits differ."""

    upload: str
    complaint: str
    kind: str
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """``by`` who sends it: an actor's key or a citizen's ticket; ``length`` bytes when whole; times aware UTC, real."""

    id: str
    subject: str
    kind: str
    by: str
    length: int
    state: UploadState
    code: str
    facts: Facts | None
    alike: tuple[Alike, ...]
    kept: Mapping[str, str]
    created_at: datetime


class TooMany(Exception):
    """This sender has as many files under way as one may have."""


class Uploads:
    """The files of one room."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def begin(self, *, subject: str, kind: str, by: str, length: int, most: int) -> Upload:
        """Register a file to come. Raises TooMany when ``most`` of this sender are under way for this subject."""

        def create(connection: Connection) -> Upload:
            mine = (upload.c.by == by, upload.c.subject_id == subject)
            under_way = (*mine, upload.c.state.in_([UploadState.OPEN, UploadState.CHECKING]))
            if (connection.execute(select(func.count()).where(*under_way)).scalar_one()) >= most:
                raise TooMany(by)
            now = to_micros(database_now(connection))
            values = {"id": new_id(), "subject_id": subject, "kind": kind, "by": by, "length": length, "code": ""}
            times = {"created_at": now, "changed_at": now}
            connection.execute(insert(upload).values(state=UploadState.OPEN, **values, **times))
            return upload_from(connection.execute(select(upload).where(upload.c.id == values["id"])).one())

        return self._log.touch(create)

    def of(self, id_: str) -> Upload | None:
        """The file of this id."""
        return self._log.read(lambda c: upload_of(c, id_))

    def move(self, id_: str, to: UploadState, *, frm: UploadState, code: str = "") -> bool:
        """From one state to another; False when it is not in ``frm`` any more: somebody else was faster."""

        def change(connection: Connection) -> bool:
            values = {"state": to, "code": code, "changed_at": to_micros(database_now(connection))}
            query = update(upload).where(upload.c.id == id_, upload.c.state == frm).values(**values)
            return connection.execute(query).rowcount == 1

        return self._log.touch(change)

    def name(self, id_: str, kept: Mapping[str, str]) -> None:
        """Note under which hashes it is about to be kept: somebody knows what lies in the store, whatever happens."""
        query = update(upload).where(upload.c.id == id_, upload.c.state == UploadState.CHECKING).values(**kept)
        self._log.touch(lambda c: c.execute(query))

    def ready(self, id_: str, facts: Facts, alike: Sequence[Alike], kept: Mapping[str, str]) -> bool:
        """It was looked into, its content is kept; False when it was erased meanwhile: the content is to go again."""

        def change(connection: Connection) -> bool:
            values = {"facts": _text(facts), "alike": _text(tuple(alike)), "code": "", **kept}
            times = {"changed_at": to_micros(database_now(connection)), "state": UploadState.READY}
            mine = update(upload).where(upload.c.id == id_)
            taken = mine.where(upload.c.state == UploadState.CHECKING).values(**values, **times)
            if connection.execute(taken).rowcount:
                return True
            connection.execute(mine.where(upload.c.state == UploadState.ERASED).values(**kept))
            return False

        return self._log.touch(change)

    def waiting(self) -> tuple[Upload, ...]:
        """Those whose content waits for the media store, at most a hundred."""
        mine = (upload.c.state == UploadState.CHECKING, upload.c.code == WAITS)
        query = select(upload).where(*mine).order_by(upload.c.id).limit(100)
        return self._log.read(lambda c: tuple(map(upload_from, c.execute(query))))

    def take_up(self, id_: str) -> bool:
        """One that waited is looked into again; False when somebody else does."""
        mine = (upload.c.id == id_, upload.c.state == UploadState.CHECKING, upload.c.code == WAITS)
        return self._log.touch(lambda c: c.execute(update(upload).where(*mine).values(code="")).rowcount == 1)

    def liken(self, id_: str, alike: Sequence[Alike]) -> None:
        """What shows the same shot, when more was found than at first."""
        query = update(upload).where(upload.c.id == id_, upload.c.state == UploadState.READY)
        self._log.touch(lambda c: c.execute(query.values(alike=_text(tuple(alike)))))

    def stale(self, state: UploadState, older: timedelta) -> tuple[Upload, ...]:
        """Those in this state for longer than so long, at most a hundred."""

        def look(connection: Connection) -> tuple[Upload, ...]:
            before = to_micros(database_now(connection) - older)
            query = select(upload).where(upload.c.state == state, upload.c.changed_at < before).limit(100)
            return tuple(map(upload_from, connection.execute(query)))

        return self._log.read(look)

    def unclaimed(self, older: timedelta) -> tuple[Upload, ...]:
        """Whole ones, or refused, that belong to no complaint for longer than so long, at most a hundred."""

        def look(connection: Connection) -> tuple[Upload, ...]:
            before = to_micros(database_now(connection) - older)
            over = (upload.c.subject_id == "", upload.c.state.in_([UploadState.READY, UploadState.REFUSED]))
            query = select(upload).where(*over, upload.c.changed_at < before).limit(100)
            return tuple(map(upload_from, connection.execute(query)))

        return self._log.read(look)

    def give_up(self, one: Upload) -> None:
        """One that still belongs to none is to go, with its content."""
        values = {"state": UploadState.ERASED, "facts": None, "alike": None}
        query = update(upload).where(upload.c.id == one.id, upload.c.subject_id == "").values(**values)
        self._log.touch(lambda c: c.execute(query))

    def forget(self, id_: str) -> None:
        """Remove one that never became whole."""
        self._log.touch(lambda c: c.execute(delete(upload).where(upload.c.id == id_, upload.c.state == "open")))

    def bind(self, connection: Connection, ids: Sequence[str], *, by: str, subject: str) -> None:
        """Give a citizen's files to the complaint that came of them; only their own that belong to none yet."""
        mine = (upload.c.id.in_(ids), upload.c.by == by, upload.c.subject_id == "")
        connection.execute(update(upload).where(*mine).values(subject_id=subject))


def upload_of(connection: Connection, id_: str) -> Upload | None:
    """The file of this id, read in a transaction of somebody else's."""
    row = connection.execute(select(upload).where(upload.c.id == id_)).one_or_none()
    return None if row is None else upload_from(row)


def uploads_of(connection: Connection, subject: str) -> tuple[Upload, ...]:
    """All of one complaint, oldest first."""
    query = select(upload).where(upload.c.subject_id == subject).order_by(upload.c.id)
    return tuple(map(upload_from, connection.execute(query)))


def ready_after(connection: Connection, last: str, limit: int) -> tuple[Upload, ...]:
    """Whole pictures by id, those after ``last``: for looking through all of them in slices."""
    query = select(upload).where(upload.c.state == UploadState.READY, upload.c.id > last)
    return tuple(map(upload_from, connection.execute(query.order_by(upload.c.id).limit(limit))))


def others_keep(connection: Connection, name: str, but: str) -> bool:
    """Whether another file that stays has the same content: it lies in the store once."""
    column = upload.c
    same = (column.original == name) | (column.clean == name) | (column.thumb == name)
    others = (column.id != but, column.state != UploadState.ERASED)
    return connection.execute(select(column.id).where(same, *others).limit(1)).first() is not None


def upload_from(row: Row[Any]) -> Upload:
    """The file that a row tells of."""
    return Upload(
        id=row.id,
        subject=row.subject_id,
        kind=row.kind,
        by=row.by,
        length=row.length,
        state=UploadState(row.state),
        code=row.code,
        facts=msgspec.json.decode(row.facts, type=Facts) if row.facts else None,
        alike=msgspec.json.decode(row.alike, type=tuple[Alike, ...]) if row.alike else (),
        kept={name: getattr(row, name) for name in KEPT if getattr(row, name)},
        created_at=from_micros(row.created_at),
    )


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
