"""Reads for what leadership asks: finished complaints one by one, those opened again, those late; each one slice."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, tuple_

from liveroom.domain.complaints.model import OPEN, Stage, State
from liveroom.log import schema
from liveroom.log.schema import listing

_milestone = schema.milestone.c
_span = schema.span.c
_listing = listing.c


class Finish(NamedTuple):
    """One finished complaint, still done; times in microseconds, ``reopened_at`` before it was finished this time."""

    complaint: str
    agency: str
    class_: str
    clock: str | None
    start: int
    ended_at: int
    kept: int | None
    seq: int
    reopened_at: int | None


def finishes_after(connection: Connection, key: tuple[int, int], end: int, limit: int) -> Sequence[Finish]:
    """Up to ``limit`` complaints finished before ``end``, beyond the key (ended_at, seq), in its order."""
    columns = [_span[name] for name in Finish._fields[:-1]]
    query = select(*columns, _milestone.reopened_at).select_from(
        schema.span.join(schema.milestone, _milestone.id == _span.complaint)
    )
    query = query.where(_span.stage == Stage.FINISH.value, _span.ended_at >= key[0], _span.ended_at < end)
    beyond = tuple_(_span.ended_at, _span.seq) > tuple_(*key)
    rows = connection.execute(query.where(beyond).order_by(_span.ended_at, _span.seq).limit(limit))
    return [Finish._make(row) for row in rows]


def opened_again(connection: Connection, since: int) -> list[tuple[str, str]]:
    """(id, agency) of what is open though it was finished since a moment."""
    statuses = [status.value for status in OPEN]
    query = select(_milestone.id, _milestone.agency).where(
        _milestone.status.in_(statuses), _milestone.finished_at >= since
    )
    return [(row.id, row.agency) for row in connection.execute(query)]


def late_after(connection: Connection, after: str, limit: int) -> Sequence[Any]:
    """Up to ``limit`` overdue complaints beyond the id ``after``: (id, agency), none while it is still to be sent."""
    query = select(_milestone.id, _milestone.agency, _listing.state).select_from(
        schema.milestone.join(listing, _listing.id == _milestone.id)
    )
    rows = connection.execute(
        query.where(_milestone.overdue == 1, _milestone.id > after).order_by(_milestone.id).limit(limit)
    )
    return [(row.id, "" if row.state == State.RECEIVED.value else row.agency) for row in rows]
