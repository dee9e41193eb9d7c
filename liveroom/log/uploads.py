"""The register of files that people send; every change is one short write that is no event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from liveroom.domain.complaints.proof import Facts
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import public_uploads
from liveroom.log.book import Log
from liveroom.log.head import database_now
from liveroom.log.public_uploads import PublicBounds
from liveroom.log.schema_uploads import upload
from liveroom.log.texts import new_id

KEPT = ("original", "clean", "thumb")
# The code of one that is whole and here, while the media store is away.
WAITS = "store"
# Nobody looks into a file that was given up so long ago.
GIVEN_UP = timedelta(days=1)


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
    """``by`` who sends it: an actor's key or a citizen's ticket; ``length`` bytes when whole; times aware UTC, real.

    ``strange``: sent without a log-in, and claimed by no report.
    """

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
    strange: bool = False


class TooMany(Exception):
    """This sender has as many files under way as one may have."""


class Uploads:
    """The files of one room; ``bounds`` of what strangers send, None: there are none."""

    def __init__(self, log: Log, bounds: PublicBounds | None = None) -> None:
        self._log = log
        self.bounds = bounds

    def begin(self, *, subject: str, kind: str, by: str, length: int, most: int, origin: str | None = None) -> Upload:
        """Register a file to come; ``origin`` as in the table: not None for a stranger's.

        Raises TooMany when ``most`` of this sender are under way for this subject, BoundReached for a stranger.
        """

        def create(connection: Connection) -> Upload:
            mine = (upload.c.by == by, upload.c.subject_id == subject)
            under_way = (*mine, upload.c.state.in_([UploadState.OPEN, UploadState.CHECKING]))
            if (connection.execute(select(func.count()).where(*under_way)).scalar_one()) >= most:
                raise TooMany(by)
            held = 0
            if origin is not None and self.bounds is not None:
                held = public_uploads.expect(connection, self.bounds, origin, length)
            now = to_micros(database_now(connection))
            values = {"id": new_id(), "subject_id": subject, "kind": kind, "by": by, "length": length, "code": ""}
            values |= {"origin": origin, "held": held}
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
            values: dict[str, Any] = {"state": to, "code": code, "changed_at": to_micros(database_now(connection))}
            if to is UploadState.REFUSED:  # nothing of it is kept
                values["origin"] = None
            query = update(upload).where(upload.c.id == id_, upload.c.state == frm).values(**values)
            return connection.execute(query).rowcount == 1

        return self._log.touch(change)

    def name(self, id_: str, kept: Mapping[str, str]) -> None:
        """Note under which hashes it is about to be kept: somebody knows what lies in the store, whatever happens."""
        query = update(upload).where(upload.c.id == id_, upload.c.state == UploadState.CHECKING).values(**kept)
        self._log.touch(lambda c: c.execute(query))

    def take(self, id_: str, held: int) -> None:
        """Note how many bytes its three contents have. Raises BoundReached when a stranger's are too many for now."""
        self._log.touch(lambda c: public_uploads.take(c, self.bounds, id_, held))

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

    def give_up(self, one: Upload) -> bool:
        """One that still belongs to none is to go, with its content; False when a report was faster."""
        values = {"state": UploadState.ERASED, "facts": None, "alike": None, "origin": None}
        query = update(upload).where(upload.c.id == one.id, upload.c.subject_id == "").values(**values)
        return self._log.touch(lambda c: c.execute(query.values(changed_at=to_micros(database_now(c)))).rowcount == 1)

    def idle(self, older: timedelta) -> tuple[Upload, ...]:
        """Strangers' files that were announced longer ago than so and are not whole."""

        def look(connection: Connection) -> tuple[Upload, ...]:
            before = to_micros(database_now(connection) - older)
            mine = (upload.c.state == UploadState.OPEN, upload.c.origin.is_not(None), upload.c.changed_at < before)
            return tuple(map(upload_from, connection.execute(select(upload).where(*mine))))

        return self._log.read(look)

    def forget(self, id_: str, came: int = 0) -> bool:
        """Remove one that never became whole, of which ``came`` bytes did; False when it is whole, or gone already."""

        def remove(connection: Connection) -> bool:
            mine = (upload.c.id == id_, upload.c.state == UploadState.OPEN)
            row = connection.execute(select(upload).where(*mine)).one_or_none()
            if row is None or not connection.execute(delete(upload).where(*mine)).rowcount:
                return False
            public_uploads.give_back(connection, row, came)
            return True

        return self._log.touch(remove)

    def stuck(self, older: timedelta) -> tuple[Upload, ...]:
        """Strangers' whole files that could not be kept for so long and that no report claimed, at most a hundred."""

        def look(connection: Connection) -> tuple[Upload, ...]:
            before = to_micros(database_now(connection) - older)
            mine = (upload.c.state == UploadState.CHECKING, upload.c.origin.is_not(None), upload.c.created_at < before)
            return tuple(map(upload_from, connection.execute(select(upload).where(*mine).limit(100))))

        return self._log.read(look)

    def strangers(self) -> tuple[int, int]:
        """Bytes that lie unclaimed, and bytes that came in 24 hours."""
        return self._log.read(lambda c: (public_uploads.lying(c), public_uploads.came(c)))

    def forget_old(self) -> None:
        """What strangers sent longer ago than it counts, and what was given up and has nothing in the store."""

        def forget(connection: Connection) -> None:
            public_uploads.forget_old(connection)
            before = to_micros(database_now(connection) - GIVEN_UP)
            empty = (upload.c.state == UploadState.ERASED, *(upload.c[name].is_(None) for name in KEPT))
            gone = (*empty, upload.c.subject_id == "", upload.c.changed_at < before)
            connection.execute(delete(upload).where(*gone))

        self._log.touch(forget)

    def bind(self, connection: Connection, ids: Sequence[str], *, by: str, subject: str) -> None:
        """Give a citizen's files to the complaint that came of them; only their own that belong to none yet."""
        mine = (upload.c.id.in_(ids), upload.c.by == by, upload.c.subject_id == "")
        connection.execute(update(upload).where(*mine).values(subject_id=subject, origin=None))


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
        strange=row.origin is not None,
    )


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
