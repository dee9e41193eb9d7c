"""Files that people send, photos and videos: one row each; the content lies in the media store.

A file goes from open (bytes arrive) over checking to ready, or is refused; erased ends it. `Uploads` is the register:
every change is one short write that is no event. Files sent without a log-in are bounded, in all and by address.
Pictures that a source only links to are uploads too once they were fetched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Row, delete, func, insert, select, text, update

from liveroom.domain.complaints.proof import Facts
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import schema
from liveroom.log.event_log import EventLog, database_now
from liveroom.log.schema import public_hour, upload
from liveroom.log.texts import new_id

KEPT = ("original", "clean", "thumb")
# The code of one that is whole and here, while the media store is away.
WAITS = "store"
# A file that was given up so long ago is no longer being looked into by anybody.
GIVEN_UP = timedelta(days=1)
_AT_ONCE = 100


class UploadState(StrEnum):
    """Where a file is, from the first byte to the end; ``refused`` and ``erased`` have no content any more."""

    OPEN = "open"
    CHECKING = "checking"
    READY = "ready"
    REFUSED = "refused"
    ERASED = "erased"


class SimilarUpload(msgspec.Struct, frozen=True):
    """An earlier picture that shows the same shot: its upload, complaint, kind, and how many of 256 bits differ."""

    upload: str
    complaint: str
    kind: str
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file.

    ``by``: who sends it, an actor's key or a citizen's ticket. ``length``: bytes when whole. Times are real, aware UTC.
    ``kept``: the hashes of its contents by name. ``alike``: earlier pictures of the same shot.
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
    alike: tuple[SimilarUpload, ...]
    kept: Mapping[str, str]
    created_at: datetime
    strange: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicBounds:
    """Bounds for files without a log-in, in bytes.

    ``lying`` unclaimed in all, ``day`` in 24 hours in all, ``address`` in 24 hours from one address.
    Of ``lying`` one address holds at most one part of ``parts``, so that it takes several to shut out all others.
    """

    lying: int
    day: int
    address: int
    parts: int = 4


class BoundReached(Exception):
    """One more would be too much; ``code`` says of what, ``retry_after`` in seconds when it is worth trying again."""

    def __init__(self, code: str, retry_after: int) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


class TooManyUploads(Exception):
    """This sender has as many files under way as one may have."""


class Uploads:
    """The register of one room's files; ``bounds`` of what is sent without a log-in, None for no bounds."""

    def __init__(self, log: EventLog, bounds: PublicBounds | None = None) -> None:
        self._log = log
        self.bounds = bounds

    def begin(self, *, subject: str, kind: str, by: str, length: int, most: int, origin: str | None = None) -> Upload:
        """Register a file to come; ``origin`` as in the table: not None for one that is sent without a log-in.

        Raises TooManyUploads when ``most`` of this sender are under way for this subject, BoundReached when a file
        without a log-in would be too much.
        """

        def create(connection: Connection) -> Upload:
            mine = (upload.c.by == by, upload.c.subject_id == subject)
            under_way = (*mine, upload.c.state.in_([UploadState.OPEN, UploadState.CHECKING]))
            if connection.execute(select(func.count()).where(*under_way)).scalar_one() >= most:
                raise TooManyUploads(by)
            held = 0
            if origin is not None and self.bounds is not None:
                held = _reserve(connection, self.bounds, origin, length)
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
        """Note under which hashes it is about to be kept, so that its content can be found again whatever happens."""
        query = update(upload).where(upload.c.id == id_, upload.c.state == UploadState.CHECKING).values(**kept)
        self._log.touch(lambda c: c.execute(query))

    def take(self, id_: str, held: int) -> None:
        """Note how many bytes its three contents have. Raises BoundReached as for `begin`."""
        self._log.touch(lambda c: _resize(c, self.bounds, id_, held))

    def ready(self, id_: str, facts: Facts, alike: Sequence[SimilarUpload], kept: Mapping[str, str]) -> bool:
        """It was checked and its content is kept; False when it was erased meanwhile, and the content must go again."""

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
        query = select(upload).where(*mine).order_by(upload.c.id).limit(_AT_ONCE)
        return self._log.read(lambda c: tuple(map(upload_from, c.execute(query))))

    def take_up(self, id_: str) -> bool:
        """Check one that waited; False when another process does already."""
        mine = (upload.c.id == id_, upload.c.state == UploadState.CHECKING, upload.c.code == WAITS)
        return self._log.touch(lambda c: c.execute(update(upload).where(*mine).values(code="")).rowcount == 1)

    def liken(self, id_: str, alike: Sequence[SimilarUpload]) -> None:
        """Replace what shows the same shot, when more was found than at first."""
        query = update(upload).where(upload.c.id == id_, upload.c.state == UploadState.READY)
        self._log.touch(lambda c: c.execute(query.values(alike=_text(tuple(alike)))))

    def stale(self, state: UploadState, older: timedelta) -> tuple[Upload, ...]:
        """Those in this state for longer than ``older``, at most a hundred."""
        return self._older(older, upload.c.changed_at, upload.c.state == state)

    def unclaimed(self, older: timedelta) -> tuple[Upload, ...]:
        """Those checked longer than ``older`` ago that belong to no complaint, at most a hundred."""
        checked = upload.c.state.in_([UploadState.READY, UploadState.REFUSED])
        return self._older(older, upload.c.changed_at, checked, upload.c.subject_id == "")

    def give_up(self, one: Upload) -> bool:
        """Erase one that still belongs to no complaint; False when a report claimed it first."""
        values = {"state": UploadState.ERASED, "facts": None, "alike": None, "origin": None}
        query = update(upload).where(upload.c.id == one.id, upload.c.subject_id == "").values(**values)
        return self._log.touch(lambda c: c.execute(query.values(changed_at=to_micros(database_now(c)))).rowcount == 1)

    def idle(self, older: timedelta) -> tuple[Upload, ...]:
        """All without a log-in that were announced longer than ``older`` ago and are not whole."""
        unclaimed = upload.c.origin.is_not(None)
        return self._older(older, upload.c.changed_at, upload.c.state == UploadState.OPEN, unclaimed, limit=None)

    def forget(self, id_: str, came: int = 0) -> bool:
        """Remove one that never became whole, of which ``came`` bytes did; False when it is whole, or gone already."""

        def remove(connection: Connection) -> bool:
            mine = (upload.c.id == id_, upload.c.state == UploadState.OPEN)
            row = connection.execute(select(upload).where(*mine)).one_or_none()
            if row is None or not connection.execute(delete(upload).where(*mine)).rowcount:
                return False
            _release(connection, row, came)
            return True

        return self._log.touch(remove)

    def stuck(self, older: timedelta) -> tuple[Upload, ...]:
        """Whole ones without a log-in, unclaimed, that could not be kept for ``older``, at most a hundred."""
        unclaimed = upload.c.origin.is_not(None)
        return self._older(older, upload.c.created_at, upload.c.state == UploadState.CHECKING, unclaimed)

    def _older(
        self, older: timedelta, since: Column[Any], *which: ColumnElement[bool], limit: int | None = _AT_ONCE
    ) -> tuple[Upload, ...]:
        """Those of ``which`` whose time ``since`` is longer than ``older`` ago."""

        def look(connection: Connection) -> tuple[Upload, ...]:
            before = to_micros(database_now(connection) - older)
            return tuple(
                map(upload_from, connection.execute(select(upload).where(*which, since < before).limit(limit)))
            )

        return self._log.read(look)

    def strangers(self) -> tuple[int, int]:
        """Of files without a log-in: bytes that lie unclaimed, and bytes that came in 24 hours."""
        return self._log.read(lambda c: (lying(c), came(c)))

    def forget_old(self) -> None:
        """Remove counts that no longer matter, and rows of files that were given up and have nothing in the store."""

        def forget(connection: Connection) -> None:
            _forget_hours(connection)
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
    """The file of this id, in the caller's transaction."""
    row = connection.execute(select(upload).where(upload.c.id == id_)).one_or_none()
    return None if row is None else upload_from(row)


def uploads_of(connection: Connection, subject: str) -> tuple[Upload, ...]:
    """All of one complaint, oldest first."""
    query = select(upload).where(upload.c.subject_id == subject).order_by(upload.c.id)
    return tuple(map(upload_from, connection.execute(query)))


def ready_after(connection: Connection, last: str, limit: int) -> tuple[Upload, ...]:
    """Up to ``limit`` ready files with an id above ``last``, by id: for going through all of them in slices."""
    query = select(upload).where(upload.c.state == UploadState.READY, upload.c.id > last)
    return tuple(map(upload_from, connection.execute(query.order_by(upload.c.id).limit(limit))))


def others_keep(connection: Connection, name: str, but: str) -> bool:
    """Whether another file that stays has the same content, which lies in the store once."""
    column = upload.c
    same = (column.original == name) | (column.clean == name) | (column.thumb == name)
    others = (column.id != but, column.state != UploadState.ERASED)
    return connection.execute(select(column.id).where(same, *others).limit(1)).first() is not None


def upload_from(row: Row[Any]) -> Upload:
    """The file of its row."""
    return Upload(
        id=row.id,
        subject=row.subject_id,
        kind=row.kind,
        by=row.by,
        length=row.length,
        state=UploadState(row.state),
        code=row.code,
        facts=msgspec.json.decode(row.facts, type=Facts) if row.facts else None,
        alike=msgspec.json.decode(row.alike, type=tuple[SimilarUpload, ...]) if row.alike else (),
        kept={name: getattr(row, name) for name in KEPT if getattr(row, name)},
        created_at=from_micros(row.created_at),
        strange=row.origin is not None,
    )


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


# ---- bounds on what anybody may send without a log-in: how much lies unclaimed, and how much came in 24 hours ----
#
# Counted in the database, under a lock of its own, from the moment that a file is announced: however many processes and
# requests there are, the sums never go beyond the bounds. What no report claims yet is counted in its rows (``held``);
# what came is kept by the hour for a day, for everybody (origin "") and for each address under a keyed hash.

HOURS, HOUR_S = 24, 3600
# A file takes a row, names in folders and whole blocks of the disk, however small it is.
LEAST = 64 * 1024
# Beside what was sent lies a clean copy of about its size; what it really takes is counted once that is known.
COPIES = 2
# When it is worth asking again whether somebody else's files were claimed or have gone.
LYING_AGAIN_S = 300
# Any number that nothing else in this database locks.
LOCK = 0x6C61706F72
EVERYBODY = ""


def _reserve(connection: Connection, bounds: PublicBounds, origin: str, length: int) -> int:
    """Count a file of ``length`` bytes before the first one comes; returns the bytes of the disk counted for it.

    ``origin`` stands for an address; empty: one that is not counted by itself. Raises BoundReached with the codes
    ``public_full``, ``public_day``, ``public_address``; the caller's transaction must then be rolled back.
    """
    _lock_counts(connection)
    held = COPIES * max(length, LEAST)
    if lying(connection) + held > bounds.lying:
        raise BoundReached("public_full", LYING_AGAIN_S)
    if origin and lying(connection, origin) + held > bounds.lying // bounds.parts:
        raise BoundReached("public_address", LYING_AGAIN_S)
    hour = _hour(database_now(connection))
    for whose, most, code in ((origin, bounds.address, "public_address"), (EVERYBODY, bounds.day, "public_day")):
        if code == "public_address" and not origin:
            continue
        if wait_s := _wait_s(connection, whose, most - max(length, LEAST)):
            raise BoundReached(code, wait_s)
        _count(connection, hour, whose, max(length, LEAST))
    return held


def _resize(connection: Connection, bounds: PublicBounds | None, id_: str, held: int) -> None:
    """Note what a checked file really takes of the disk. Raises BoundReached when that is too much for now."""
    _lock_counts(connection)
    mine = (upload.c.id == id_, upload.c.origin.is_not(None))
    before = connection.execute(select(upload.c.held).where(*mine)).scalar_one_or_none()
    if before is None:  # a report claimed it
        return
    if bounds is not None and held > before and lying(connection) - before + held > bounds.lying:
        raise BoundReached("public_full", LYING_AGAIN_S)
    connection.execute(update(upload).where(*mine).values(held=held))


def _release(connection: Connection, row: Row[Any], came: int) -> None:
    """Count only the bytes that came of a file that is given up; the caller removes its row."""
    unsent = max(row.length, LEAST) - max(came, LEAST)
    if row.origin is None or unsent <= 0:
        return
    hours, hour = public_hour.c, _hour(from_micros(row.created_at))
    # Always in this order, or two transactions could wait for each other's row.
    for whose in dict.fromkeys((row.origin, EVERYBODY)):
        mine = (hours.hour == hour, hours.origin == whose)
        connection.execute(update(public_hour).where(*mine).values(bytes=hours.bytes - unsent))


def lying(connection: Connection, origin: str | None = None) -> int:
    """Bytes of the disk that unclaimed files hold or have announced: all, or those of one ``origin``."""
    whose = upload.c.origin.is_not(None) if origin is None else upload.c.origin == origin
    query = select(func.coalesce(func.sum(upload.c.held), 0)).where(whose)
    return int(connection.execute(query).scalar_one())


def came(connection: Connection) -> int:
    """Bytes that were sent without a log-in, or announced, in the last 24 hours."""
    return sum(held for _, held in _hours_of(connection, EVERYBODY))


def _forget_hours(connection: Connection) -> None:
    """Nothing of an address stays longer than it counts."""
    connection.execute(delete(public_hour).where(public_hour.c.hour <= _hour(database_now(connection)) - HOURS))


def forget_ahead(connection: Connection, now: datetime) -> None:
    """Drop the hours that have not begun: what came in them came while a clock was ahead."""
    connection.execute(delete(public_hour).where(public_hour.c.hour > _hour(now)))


def _wait_s(connection: Connection, origin: str, most: int) -> int:
    """Seconds until what came in 24 hours is not above ``most``; 0: it is not."""
    hours = _hours_of(connection, origin)
    over = sum(held for _, held in hours) - most
    if over <= 0:
        return 0
    now = database_now(connection).timestamp()
    for hour, held in hours:
        over -= held
        if over <= 0:
            return max(60, int((hour + HOURS) * HOUR_S - now))
    return HOURS * HOUR_S  # it alone is more than may come in a day


def _hours_of(connection: Connection, origin: str) -> list[tuple[int, int]]:
    hours = public_hour.c
    since = _hour(database_now(connection)) - HOURS
    query = select(hours.hour, hours.bytes).where(hours.origin == origin, hours.hour > since).order_by(hours.hour)
    return [(row.hour, row.bytes) for row in connection.execute(query)]


def _count(connection: Connection, hour: int, origin: str, length: int) -> None:
    hours = public_hour.c
    mine = (hours.hour == hour, hours.origin == origin)
    if not connection.execute(update(public_hour).where(*mine).values(bytes=hours.bytes + length)).rowcount:
        connection.execute(insert(public_hour).values(hour=hour, origin=origin, bytes=length))


def _hour(moment: datetime) -> int:
    return int(moment.timestamp()) // HOUR_S


def _lock_counts(connection: Connection) -> None:
    """Keep others from counting until this transaction ends; on SQLite nobody else writes anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


# ---- pictures that a source only links to; one that was fetched is an upload whose `by` names the link ----

FETCHED = "fetch:"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedPicture:
    """A link of a complaint; ``id`` is its row's, and ids are in order of arrival."""

    id: str
    subject: str
    url: str

    @property
    def by(self) -> str:
        """``Upload.by`` of the fetched picture."""
        return f"{FETCHED}{self.id}"


def not_fetched(connection: Connection, last: str, limit: int) -> tuple[LinkedPicture, ...]:
    """Links of reports after the row ``last`` that were neither fetched nor given up nor erased, oldest first."""
    media = schema.media.c
    asked = (media.kind == "report", media.erased_at.is_(None), media.url.like("https://%"), media.id > last)
    known = select(upload.c.id).where(upload.c.by == FETCHED + media.id).exists()
    rows = connection.execute(select(schema.media).where(*asked, ~known).order_by(media.id).limit(limit))
    return tuple(LinkedPicture(id=row.id, subject=row.subject_id, url=row.url) for row in rows)


def id_at(moment: datetime) -> str:
    """A lower bound for the ids of rows written after a moment (aware, real time)."""
    millis = f"{int(moment.timestamp() * 1000):012x}"
    return f"{millis[:8]}-{millis[8:]}"
