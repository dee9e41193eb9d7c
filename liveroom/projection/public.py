"""Reads for what everybody may open: the map, and the files of open data. Each is one slice and goes on after a key.

The map: open complaints of any day and those done lately; nothing that was rejected, passed on, merged or erased, and
no words: only codes, places and times. The files: what was received within a month, whatever became of it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, func, select, tuple_

from liveroom.domain.complaints.model import Status
from liveroom.domain.events import Kind
from liveroom.log import schema
from liveroom.log.event_log import decode_payload
from liveroom.log.schema import listing
from liveroom.projection.complaints import OPEN_STATUSES
from liveroom.projection.search import END, Key, Walk, walk

DoneKey = tuple[str, str]
# After every day that there is.
LATEST: DoneKey = ("9999", "")
_listing, _complaint = listing.c, schema.complaint.c
# Whose erasures are of what was kept long enough, and not of somebody who asked.
RETENTION = "retention"
# Before every moment that there is.
EARLIEST: Key = (-1, "")


class Spot(NamedTuple):
    """One complaint as rows know it, its place still exact; ``received_at`` in microseconds."""

    status: str
    overdue: bool
    category: str
    area: str
    lat: float | None
    lon: float | None
    received_at: int


class _Body(msgspec.Struct):
    """The one field of a complaint that no column has."""

    merged_into: str | None = None


_body = msgspec.json.Decoder(_Body)


def open_before(connection: Connection, key: Key, limit: int) -> tuple[list[Spot], Key | None]:
    """Of the next ``limit`` open ones, newest first: what may be shown, and the next key, None at the end."""
    walked = Walk(by="", values=(), statuses=tuple(OPEN_STATUSES), since=0, until=END)
    rows = walk(connection, walked, key, limit)
    return _shown(connection, rows), _next(rows, limit, ("received_at", "id"))


def done_before(connection: Connection, first: str, key: DoneKey, limit: int) -> tuple[list[Spot], DoneKey | None]:
    """The same for those done on the day ``first`` (ISO date) or later; merged ones are left to the main one."""
    query = select(*listing.c, _complaint.closed_day, _complaint.body).join_from(
        schema.complaint, listing, _listing.id == _complaint.id
    )
    recent = (*_done_since(first), tuple_(_complaint.closed_day, _complaint.id) < tuple_(*key))
    newest = (_complaint.closed_day.desc(), _complaint.id.desc())
    rows = connection.execute(query.where(*recent).order_by(*newest).limit(limit)).all()
    own = [row for row in rows if _body.decode(row.body).merged_into is None]
    return _shown(connection, own), _next(rows, limit, ("closed_day", "id"))


def how_many(connection: Connection, first: str) -> tuple[int, int]:
    """How many are open, and how many were done on the day ``first`` or later, shown or not."""
    still = select(func.count()).select_from(listing).where(_listing.status.in_(OPEN_STATUSES))
    done = select(func.count()).select_from(schema.complaint).where(*_done_since(first))
    return connection.execute(still).scalar_one(), connection.execute(done).scalar_one()


def _done_since(first: str) -> tuple[Any, ...]:
    return _complaint.status == Status.DONE.value, _complaint.closed_day >= first


def _shown(connection: Connection, rows: Sequence[Any]) -> list[Spot]:
    erased = erased_among(connection, [row.id for row in rows])
    return [
        Spot(row.status, bool(row.overdue), row.category, row.area, row.lat, row.lon, row.received_at)
        for row in rows
        if row.id not in erased
    ]


def erased_among(connection: Connection, ids: Collection[str]) -> frozenset[str]:
    """Those of ``ids`` of which the words were erased: whoever asked for that wants to be seen nowhere."""
    text = schema.text.c
    query = select(text.subject_id).where(text.subject_id.in_(list(ids)), text.erased_at.is_not(None))
    return frozenset(connection.execute(query).scalars()) if ids else frozenset()


def _next(rows: Sequence[Any], limit: int, names: tuple[str, str]) -> Any:
    return tuple(getattr(rows[-1], name) for name in names) if len(rows) == limit else None


# ---- the files of open data ----


class ReceivedComplaint(NamedTuple):
    """One complaint of a month, exact as rows know it; ``received_at`` in microseconds.

    ``reporter``: the telephone or address of who reported, by which two of one person are told; it goes no further.
    ``late``: whether the time to finish passed before it was done; None where none was promised. ``area``: "" for none.
    """

    id: str
    received_at: int
    category: str
    area: str
    status: str
    closed_at: datetime | None
    late: bool | None
    reporter: str | None


class _Finish(msgspec.Struct):
    passed: bool = False


class _Course(msgspec.Struct):
    """What became of a complaint, as far as no column has it."""

    closed_at: datetime | None = None
    finish: _Finish | None = None


_course = msgspec.json.Decoder(_Course)


def first_received(connection: Connection) -> int | None:
    """When the first complaint of all was received, in microseconds; None without any."""
    found: int | None = connection.execute(select(func.min(_listing.received_at))).scalar_one()
    return found


def received_between(
    connection: Connection, since: int, until: int, after: Key, limit: int
) -> tuple[list[ReceivedComplaint], Key | None]:
    """Of the next ``limit`` (at most 500) received in [since, until), oldest first: those of which nothing was erased
    at somebody's wish; and the next key, None at the end."""
    query = select(*(_listing[name] for name in ("id", "received_at", "category", "area", "status")), _complaint.body)
    within = (_listing.received_at >= since, _listing.received_at < until)
    beyond = tuple_(_listing.received_at, _listing.id) > tuple_(*after)
    oldest = query.join_from(listing, schema.complaint, _listing.id == _complaint.id).where(*within, beyond)
    rows = connection.execute(oldest.order_by(_listing.received_at, _listing.id).limit(limit)).all()
    ids = [row.id for row in rows]
    gone, reporters = _erased_on_request(connection, ids), _reporters(connection, ids)
    found = []
    for row in rows:
        if row.id not in gone:
            course = _course.decode(row.body)
            late = None if course.finish is None else course.finish.passed
            parts = (row.id, row.received_at, row.category, row.area, row.status, course.closed_at, late)
            found.append(ReceivedComplaint(*parts, reporters.get(row.id)))
    return found, _next(rows, limit, ("received_at", "id"))


def _erased_on_request(connection: Connection, ids: Collection[str]) -> frozenset[str]:
    """As ``erased_among``, without those that went because they were kept long enough."""
    erased = erased_among(connection, ids)
    if not erased:
        return erased
    event = schema.event.c
    query = select(event.subject_id, event.actor, event.payload).where(
        event.subject_id.in_(sorted(erased)), event.kind == Kind.ERASED.value
    )
    # Without an event it was erased in the backup that this room was restored from, for whatever reason.
    asked: dict[str, bool] = {}
    for row in connection.execute(query):
        wished = row.actor != RETENTION and decode_payload(row.payload).get("what") == "all"
        asked[row.subject_id] = asked.get(row.subject_id, False) or wished
    return frozenset(id_ for id_ in erased if asked.get(id_, True))


def _reporters(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    person = schema.person.c
    query = select(person.subject_id, person.phone_key, person.email).where(
        person.subject_id.in_(list(ids)), person.erased_at.is_(None)
    )
    rows = connection.execute(query.order_by(person.id)) if ids else ()
    found = {row.subject_id: row.phone_key or (row.email or "").lower() for row in rows}
    return {id_: known for id_, known in found.items() if known}
