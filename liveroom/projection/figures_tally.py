"""Counts by quarter of an hour and agency, so that a figure reads a day without reading its complaints."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Connection

from liveroom.domain.complaints.model import OPEN, Status
from liveroom.log import schema
from liveroom.projection.figures_milestone import Milestone
from liveroom.projection.upsert import add

QUARTER = 900_000_000
# Zones lie whole quarters of an hour apart, so a city's day is a range of quarters whatever its zone.
NOW = 0
Key = tuple[str, int, str]


def contributions(row: Milestone | None) -> Counter[Key]:
    """What one complaint adds to each (what, quarter of 1970, agency).

    ``received``, ``done`` and ``elsewhere`` by the moment it became that, ``finished`` and ``reopened`` by the last
    time it did, whatever came after; ``waiting``, ``in_process`` and ``overdue`` are of now and stand at quarter 0.
    All move to the agency that leads the complaint now.
    """
    counts: Counter[Key] = Counter()
    if row is None:
        return counts
    moments = {"received": row.received_at, "finished": row.finished_at, "reopened": row.reopened_at}
    if row.status in (Status.DONE, Status.ELSEWHERE):
        moments[row.status] = row.closed_at
    for what, at in moments.items():
        if at is not None:
            counts[what, at // QUARTER, row.agency] = 1
    if row.status in OPEN:
        counts[row.status, NOW, row.agency] = 1
    if row.overdue:
        counts["overdue", NOW, row.agency] = 1
    return counts


def change(old: Milestone | None, new: Milestone | None) -> Counter[Key]:
    """How the tallies change when ``old`` becomes ``new``."""
    counts = contributions(new)
    counts.subtract(contributions(old))
    return counts


def add_tallies(connection: Connection, changes: Mapping[Key, int]) -> None:
    """Add each amount to its tally; a missing one counts as 0."""
    rows = [
        {"what": what, "quarter": quarter, "agency": agency, "value": value}
        for (what, quarter, agency), value in sorted(changes.items())
        if value
    ]
    add(connection, schema.tally, rows)
