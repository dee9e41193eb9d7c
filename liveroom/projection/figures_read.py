"""Reads for figures: tallies by range, spans and emergencies by index; each is one slice, bounded by its arguments.

Times are whole microseconds, quarters whole numbers of 15 minutes since 1970, ranges half open.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, case, func, select, tuple_

from liveroom.domain.complaints.model import Stage, Status
from liveroom.domain.events import Kind
from liveroom.log import event_log, schema
from liveroom.projection.figures_tally import NOW

_milestone = schema.milestone.c
_span = schema.span.c
_tally = schema.tally.c
Rows = Sequence[Row[*tuple[Any, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergencies:
    """Critical complaints forwarded in a window, those of them in time, and those that wait for it too long already."""

    forwarded: int
    within: int
    waiting: int


def stock(connection: Connection) -> dict[tuple[str, str], int]:
    """Complaints of now by (waiting | in_process | overdue, agency)."""
    query = select(_tally.what, _tally.agency, _tally.value).where(
        _tally.what.in_(["waiting", "in_process", "overdue"]), _tally.quarter == NOW
    )
    return {(row.what, row.agency): row.value for row in connection.execute(query)}


def by_quarter(connection: Connection, what: str, first: int, before: int) -> dict[int, int]:
    """The tally of all agencies for each quarter that has any."""
    query = select(_tally.quarter, func.sum(_tally.value)).where(
        _tally.what == what, _tally.quarter >= first, _tally.quarter < before
    )
    return {quarter: int(value) for quarter, value in connection.execute(query.group_by(_tally.quarter))}


def by_agency(connection: Connection, what: Collection[str], first: int, before: int) -> dict[tuple[str, str], int]:
    """The tallies of these quarters together by (what, agency)."""
    query = select(_tally.what, _tally.agency, func.sum(_tally.value)).where(
        _tally.what.in_(what), _tally.quarter >= first, _tally.quarter < before
    )
    rows = connection.execute(query.group_by(_tally.what, _tally.agency))
    return {(name, agency): int(value) for name, agency, value in rows if value}


def received_between(connection: Connection, start: int, end: int) -> int:
    """How many complaints came in."""
    at = schema.complaint.c.received_at
    return connection.execute(select(func.count()).where(at >= start, at < end)).scalar_one()


def finished_between(connection: Connection, start: int, end: int) -> int:
    """How many complaints were finished, and are still done."""
    query = select(func.count()).where(_span.stage == Stage.FINISH.value, _span.ended_at >= start, _span.ended_at < end)
    return connection.execute(query).scalar_one()


def mark_of_spans(connection: Connection, stage: str, start: int, end: int) -> tuple[int, int]:
    """How many spans ended in the range, and their last seq: another pair as soon as any of them is another.

    A span that came or changed bears a seq above all before it; one that went is missing from the number.
    """
    query = select(func.count(), func.coalesce(func.max(_span.seq), 0))
    row = connection.execute(query.where(_span.stage == stage, _span.ended_at >= start, _span.ended_at < end)).one()
    return row[0], row[1]


def spans_after(connection: Connection, stage: str, key: tuple[int, int], end: int, limit: int) -> Rows:
    """Up to ``limit`` spans that ended before ``end``, beyond the key (ended_at, seq), in its order."""
    query = select(_span.agency, _span.class_, _span.clock, _span.start, _span.ended_at, _span.kept, _span.seq).where(
        _span.stage == stage, _span.ended_at >= key[0], _span.ended_at < end
    )
    beyond = tuple_(_span.ended_at, _span.seq) > tuple_(*key)
    return connection.execute(query.where(beyond).order_by(_span.ended_at, _span.seq).limit(limit)).all()


def oldest_waiting(connection: Connection, agency: str) -> tuple[str, int] | None:
    """Id and time of receipt of the complaint that has waited longest with an agency."""
    query = select(_milestone.id, _milestone.received_at).where(
        _milestone.status == Status.WAITING.value, _milestone.agency == agency
    )
    row = connection.execute(query.order_by(_milestone.received_at).limit(1)).one_or_none()
    return None if row is None else (row.id, row.received_at)


def emergencies(connection: Connection, since: int, now: int, target: int) -> Emergencies:
    """Emergencies first forwarded since a moment against a ``target`` in microseconds (CR-90); no inherited ones."""
    late = _milestone.forwarded_at - _milestone.received_at > target
    statuses, own = [status.value for status in Status], _milestone.inherited == 0
    query = select(func.count(), func.coalesce(func.sum(case((late, 1), else_=0)), 0)).where(
        _milestone.critical == 1, _milestone.status.in_(statuses), _milestone.forwarded_at >= since, own
    )
    forwarded, late_ones = connection.execute(query).one()
    waits = select(func.count()).where(
        _milestone.critical == 1, _milestone.status == Status.WAITING.value, _milestone.forwarded_at.is_(None), own
    )
    waiting = connection.execute(waits.where(_milestone.received_at < now - target)).scalar_one()
    return Emergencies(forwarded=forwarded, within=forwarded - int(late_ones), waiting=waiting)


def overdue_after(connection: Connection, after: str, limit: int) -> Rows:
    """Up to ``limit`` overdue complaints with an id above ``after``: how late each is, by id."""
    query = select(
        _milestone.id,
        _milestone.late_from,
        _milestone.late_due,
        _milestone.late_clock,
        _milestone.stopped_at,
        _milestone.escalation,
    ).where(_milestone.overdue == 1, _milestone.id > after)
    return connection.execute(query.order_by(_milestone.id).limit(limit)).all()


def first_day(connection: Connection) -> date | None:
    """The city's date on which this room opened its first day; None before."""
    event = schema.event.c
    query = select(event.payload).where(event.subject_id == "room", event.kind == Kind.DAY_OPENED.value)
    payload = connection.execute(query.order_by(event.seq).limit(1)).scalar_one_or_none()
    return None if payload is None else date.fromisoformat(event_log.decode_payload(payload)["date"])


def first_finish(connection: Connection) -> int | None:
    """The first quarter in which a complaint was finished; None without any."""
    query = select(_tally.quarter).where(_tally.what == "finished", _tally.value > 0)
    return connection.execute(query.order_by(_tally.quarter).limit(1)).scalar_one_or_none()
