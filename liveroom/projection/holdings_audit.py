"""Checks who has what against the complaints, and each agency's totals against what it has."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection, case, func, select

from liveroom.domain.complaints.model import Complaint, Status
from liveroom.log import schema
from liveroom.projection.holdings_read import IN_A_QUERY, held

Wrong = tuple[str, str, str, str]
_complaint, _holding, _total = schema.complaint.c, schema.holding.c, schema.agency_total.c


def wrong_holdings(connection: Connection, complaints: Sequence[Complaint]) -> tuple[Wrong, ...]:
    """(table, id, expected, found) of complaints that others have than their events say."""
    kept: dict[str, set[str]] = {one.id: set() for one in complaints}
    for start in range(0, len(complaints), IN_A_QUERY):
        ids = [one.id for one in complaints[start : start + IN_A_QUERY]]
        for row in held(connection, ids):
            if row.held:
                kept[row.complaint].add(row.agency)
    return tuple(
        ("holding", one.id, " ".join(sorted(one.agencies)), " ".join(sorted(kept[one.id])))
        for one in complaints
        if kept[one.id] != set(one.agencies)
    )


def wrong_agency_totals(connection: Connection) -> tuple[Wrong, ...]:
    """(table, key, expected, found) of totals that are not what the agency's complaints add up to."""
    rows = connection.execute(select(_total.agency, _total.key, _total.value).where(_total.value != 0))
    kept = {f"{row.agency} {row.key}": row.value for row in rows}
    counted = {f"{agency} {key}": value for (agency, key), value in _recount(connection).items() if value}
    return tuple(
        ("agency_total", key, str(counted.get(key, 0)), str(kept.get(key, 0)))
        for key in sorted(kept.keys() | counted.keys())
        if kept.get(key, 0) != counted.get(key, 0)
    )


def _recount(connection: Connection) -> Counter[tuple[str, str]]:
    late = func.sum(case((_complaint.overdue == 1, 1), else_=0))
    by = (_holding.agency, _complaint.day, _complaint.status, _complaint.closed_day)
    query = select(*by, func.count(), late).join(schema.holding, _holding.complaint == _complaint.id)
    counts: Counter[tuple[str, str]] = Counter()
    for agency, day, status, closed_day, number, overdue in connection.execute(
        query.where(_holding.held == 1).group_by(*by)
    ):
        counts[agency, f"cohort:{day}:in"] += number
        counts[agency, f"cohort:{day}:{status}"] += number
        if status in (Status.WAITING, Status.IN_PROCESS):
            counts[agency, "stock:open"] += number
            counts[agency, "stock:overdue"] += overdue
        if status == Status.DONE:
            counts[agency, f"flow:{closed_day}:done"] += number
    return counts
