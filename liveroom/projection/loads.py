"""How much lies where: numbers of open complaints by area, category and agency, and what is oldest among them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from liveroom.domain.complaints.model import OPEN, State, Status
from liveroom.log.schema import listing, listing_agency

RECEIVED = State.RECEIVED.value
BY = {"area": listing.c.area, "category": listing.c.category}
OPEN_STATUSES = tuple(sorted(status.value for status in OPEN))


@dataclass(slots=True, kw_only=True)
class Load:
    """Open complaints of one key; ``oldest`` is the earliest receipt among them, in microseconds."""

    waiting: int = 0
    in_process: int = 0
    overdue: int = 0
    oldest: int | None = None

    @property
    def open(self) -> int:
        """All of them."""
        return self.waiting + self.in_process

    def add(self, other: "Load") -> None:
        """Count others in."""
        self.waiting += other.waiting
        self.in_process += other.in_process
        self.overdue += other.overdue
        self.oldest = min((one for one in (self.oldest, other.oldest) if one is not None), default=None)


def loads_by(connection: Connection, by: str, status: str) -> Mapping[str, Load]:
    """Loads of one status by ``area`` or ``category``; the empty key has those without any."""
    column = BY[by]
    query = select(column.label("key"), *_numbers(listing)).where(listing.c.status == status).group_by(column)
    return _loads(connection, query, status)


def loads_of_agencies(connection: Connection, status: str, agency: str | None = None) -> Mapping[str, Load]:
    """Loads of one status of every agency, or of one; a complaint with several counts in each.

    What is only meant for an agency is not its load: with the empty key stands what no agency has.
    """
    table = listing_agency
    query = select(table.c.agency.label("key"), *_numbers(table)).where(table.c.status == status)
    query = query if agency is None else query.where(table.c.agency == agency)
    found = dict(_loads(connection, query.group_by(table.c.agency), status))
    if agency is None and status == Status.WAITING.value:
        desk = select(func.max("").label("key"), *_numbers(listing))
        desk = desk.where(listing.c.status == status, listing.c.state == RECEIVED)
        found |= _loads(connection, desk, status)
    return found


def _numbers(table: Any) -> tuple[Any, ...]:
    columns = table.c
    return (
        func.count().label("n"),
        func.sum(columns.overdue).label("late"),
        func.min(columns.received_at).label("oldest"),
    )


def _loads(connection: Connection, query: Select[Any], status: str) -> Mapping[str, Load]:
    found: dict[str, Load] = defaultdict(Load)
    for row in connection.execute(query):
        if row.n:
            found[row.key] = Load(**{status: row.n}, overdue=int(row.late or 0), oldest=row.oldest)
    return found
