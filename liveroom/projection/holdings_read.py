"""Reads of who has what; each uses an index and is bounded by its caller."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from liveroom.domain.complaints.model import Complaint
from liveroom.log import event_log, schema
from liveroom.projection.totals import wire_counts, wire_keys

IN_A_QUERY = 500
_holding, _complaint = schema.holding, schema.complaint
_body = select(_complaint.c.body).join(_holding, _holding.c.complaint == _complaint.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """That an agency has a complaint, or had it: ``moved`` is the seq at which that last changed."""

    complaint: str
    agency: str
    held: bool
    moved: int


def held(connection: Connection, complaints: Collection[str]) -> tuple[Held, ...]:
    """Who has, and who had, each of these complaints (at most 500)."""
    table = _holding.c
    query = select(table.complaint, table.agency, table.held, table.moved)
    rows = connection.execute(query.where(table.complaint.in_(tuple(complaints))))
    return tuple(Held(complaint=r.complaint, agency=r.agency, held=bool(r.held), moved=r.moved) for r in rows)


def open_of(connection: Connection, agency: str, after: str, limit: int) -> tuple[Complaint, ...]:
    """Up to ``limit`` open complaints of one agency with an id above ``after``, by id."""
    table = _holding.c
    query = _body.where(table.agency == agency, table.open == 1, table.complaint > after)
    rows = connection.execute(query.order_by(table.complaint).limit(limit)).scalars()
    return tuple(event_log.decode_complaint(body) for body in rows)


def closed_of(
    connection: Connection, agency: str, date: str, after: tuple[str, str], limit: int
) -> tuple[Complaint, ...]:
    """Up to ``limit`` complaints of one agency closed since ``date`` beyond the key (closed_day, id) ``after``."""
    table = _holding.c
    beyond = (table.closed_day > after[0]) | ((table.closed_day == after[0]) & (table.complaint > after[1]))
    query = _body.where(table.agency == agency, table.closed_day >= date, beyond)
    rows = connection.execute(query.order_by(table.closed_day, table.complaint).limit(limit)).scalars()
    return tuple(event_log.decode_complaint(body) for body in rows)


def counts_of(connection: Connection, agencies: Collection[str], date: str) -> Mapping[str, dict[str, object]]:
    """By agency, ``counts`` of the feed as its own complaints add up to them."""
    if not agencies:
        return {}
    table = schema.agency_total.c
    query = select(table.agency, table.key, table.value)
    query = query.where(table.agency.in_(tuple(agencies)), table.key.in_(wire_keys(date)))
    found: dict[str, dict[str, int]] = {agency: {} for agency in agencies}
    for row in connection.execute(query):
        found[row.agency][row.key] = row.value
    return {agency: wire_counts(values, date) for agency, values in found.items()}
