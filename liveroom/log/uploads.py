"""Upload rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, text, update

from liveroom.domain.complaints.proof import Facts
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import schema
from liveroom.log.event_log import EventLog, database_now
from liveroom.log.schema import public_hour, upload
from liveroom.log.texts import new_id

# Pictures that a source only links to, and which of them were fetched: an upload that bears the link's name.

FETCHED = "fetch:"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedPicture:
    """A link of a complaint; ``id`` of its row, which is in the order of coming."""

    id: str
    subject: str
    url: str

    @property
    def by(self) -> str:
        """Whose upload the fetched picture is."""
        return f"{FETCHED}{self.id}"


def not_fetched(connection: Connection, last: str, limit: int) -> tuple[LinkedPicture, ...]:
    """Links of reports after the row ``last`` that were neither fetched nor given up nor erased, oldest first."""
    media = schema.media.c
    asked = (media.kind == "report", media.erased_at.is_(None), media.url.like("https://%"), media.id > last)
    known = select(upload.c.id).where(upload.c.by == FETCHED + media.id).exists()
    rows = connection.execute(select(schema.media).where(*asked, ~known).order_by(media.id).limit(limit))
    return tuple(LinkedPicture(id=row.id, subject=row.subject_id, url=row.url) for row in rows)


def id_at(moment: datetime) -> str:
    """What the ids of rows that came after a moment (aware, real time) are greater than."""
    drawn = f"{int(moment.timestamp() * 1000):012x}"
    return f"{drawn[:8]}-{drawn[8:]}"


# Bounds on what anybody may send without a log-in: how much may lie unclaimed, and how much may come in 24 hours.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicBounds:
    """Bytes: ``lying`` unclaimed in all, ``day`` in 24 hours in all, ``address`` in 24 hours from one address.

    Of ``lying`` one address holds at most one part of ``parts``: it takes several to shut out all others.
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


def expect(connection: Connection, bounds: PublicBounds, origin: str, length: int) -> int:
    """Count a file of ``length`` bytes before its first has come; returns what it holds of the disk until it is known.

    ``origin`` stands for an address; empty: one that is not counted by itself. Raises BoundReached with the codes
    ``public_full``, ``public_day``, ``public_address``; then the caller's transaction is to end without a trace.
    """
    _alone(connection)
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


def take(connection: Connection, bounds: PublicBounds | None, id_: str, held: int) -> None:
    """Note what a file that was looked into holds of the disk. Raises BoundReached when that is too much for now."""
    _alone(connection)
    mine = (upload.c.id == id_, upload.c.origin.is_not(None))
    before = connection.execute(select(upload.c.held).where(*mine)).scalar_one_or_none()
    if before is None:  # a report claimed it
        return
    if bounds is not None and held > before and lying(connection) - before + held > bounds.lying:
        raise BoundReached("public_full", LYING_AGAIN_S)
    connection.execute(update(upload).where(*mine).values(held=held))


def give_back(connection: Connection, row: Row[Any], came: int) -> None:
    """Count only what came of a file that was announced and is given up; its row is the caller's to remove."""
    unsent = max(row.length, LEAST) - max(came, LEAST)
    if row.origin is None or unsent <= 0:
        return
    hours, hour = public_hour.c, _hour(from_micros(row.created_at))
    # Always in this order: two that wait for each other's row would never end.
    for whose in dict.fromkeys((row.origin, EVERYBODY)):
        mine = (hours.hour == hour, hours.origin == whose)
        connection.execute(update(public_hour).where(*mine).values(bytes=hours.bytes - unsent))


def lying(connection: Connection, origin: str | None = None) -> int:
    """Bytes that files of nobody's report hold of the disk, or are announced to: all, or those of one ``origin``."""
    whose = upload.c.origin.is_not(None) if origin is None else upload.c.origin == origin
    query = select(func.coalesce(func.sum(upload.c.held), 0)).where(whose)
    return int(connection.execute(query).scalar_one())


def came(connection: Connection) -> int:
    """Bytes that strangers sent, or announced, in the last 24 hours."""
    return sum(held for _, held in _hours_of(connection, EVERYBODY))


def forget_old(connection: Connection) -> None:
    """Nothing of an address stays longer than it counts."""
    connection.execute(delete(public_hour).where(public_hour.c.hour <= _hour(database_now(connection)) - HOURS))


def forget_ahead(connection: Connection, now: datetime) -> None:
    """What came in hours that have not begun came while a clock was ahead: it counts for nobody."""
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


def _alone(connection: Connection) -> None:
    """Until this transaction ends nobody else counts; on SQLite nobody else writes anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


# The register of files that people send; every change is one short write that is no event.

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


class SimilarUpload(msgspec.Struct, frozen=True):
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
    alike: tuple[SimilarUpload, ...]
    kept: Mapping[str, str]
    created_at: datetime
    strange: bool = False


class TooManyUploads(Exception):
    """This sender has as many files under way as one may have."""


class Uploads:
    """The files of one room; ``bounds`` of what strangers send, None: there are none."""

    def __init__(self, log: EventLog, bounds: PublicBounds | None = None) -> None:
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
                raise TooManyUploads(by)
            held = 0
            if origin is not None and self.bounds is not None:
                held = expect(connection, self.bounds, origin, length)
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
        self._log.touch(lambda c: take(c, self.bounds, id_, held))

    def ready(self, id_: str, facts: Facts, alike: Sequence[SimilarUpload], kept: Mapping[str, str]) -> bool:
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

    def liken(self, id_: str, alike: Sequence[SimilarUpload]) -> None:
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
            give_back(connection, row, came)
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
        return self._log.read(lambda c: (lying(c), came(c)))

    def forget_old(self) -> None:
        """What strangers sent longer ago than it counts, and what was given up and has nothing in the store."""

        def forget(connection: Connection) -> None:
            forget_old(connection)
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
        alike=msgspec.json.decode(row.alike, type=tuple[SimilarUpload, ...]) if row.alike else (),
        kept={name: getattr(row, name) for name in KEPT if getattr(row, name)},
        created_at=from_micros(row.created_at),
        strange=row.origin is not None,
    )


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
