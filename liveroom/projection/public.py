"""Reads for the map that everybody may open: open complaints of any day, and those done lately.

Nothing that was rejected, passed on, merged or erased, and no words: only codes, places and times. Each read is one
slice and goes on after a key.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, func, select, tuple_

from liveroom.domain.complaints.model import Status
from liveroom.log import schema
from liveroom.log.schema import listing
from liveroom.projection.complaints import OPEN_STATUSES
from liveroom.projection.search import END, Key, Walk, walk

DoneKey = tuple[str, str]
# After every day that there is.
LATEST: DoneKey = ("9999", "")
_listing, _complaint = listing.c, schema.complaint.c


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
