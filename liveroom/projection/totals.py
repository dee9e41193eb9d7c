"""Totals: the counts that add up over all complaints; and insert-or-update in the two SQL dialects.

A total is the sum of what each complaint contributes to its key, so a change of a complaint is a difference of two
contributions. Kinds of keys, by day or for all (control-room rules CR-75 and CR-77): `cohort` of the complaints
received on a day, `stock` of everything open, `flow` of what was done on a day.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from liveroom.domain.complaints.model import Complaint, Status
from liveroom.log import schema

# A complaint before and after a change; None where there is none.
Pair = tuple[Complaint | None, Complaint | None]
Row = Mapping[str, Any]


def contributions(complaint: Complaint | None) -> Counter[str]:
    """Total keys and the amount this complaint adds to each.

    A reopened complaint leaves the flow of its day and is not counted as received again.
    """
    counts: Counter[str] = Counter()
    if complaint is None:
        return counts
    counts[f"cohort:{complaint.day}:in"] = 1
    counts[f"cohort:{complaint.day}:{complaint.status}"] = 1
    if complaint.open:
        counts["stock:open"] = 1
        counts["stock:overdue"] = int(complaint.overdue)
    if complaint.status is Status.DONE:
        counts[f"flow:{complaint.closed_day}:done"] = 1
    return counts


def difference(old: Complaint | None, new: Complaint | None) -> Counter[str]:
    """How the totals change when ``old`` becomes ``new``; keys that do not change are absent."""
    change = contributions(new)
    change.subtract(contributions(old))
    return Counter({key: value for key, value in change.items() if value})


def wire_counts(values: dict[str, int], today: str) -> dict[str, object]:
    """``counts`` of the feed for the city's ``today`` (ISO date)."""
    cohort = {part: values.get(f"cohort:{today}:{part}", 0) for part in ("in", *(s.value for s in Status))}
    stock = {part: values.get(f"stock:{part}", 0) for part in ("open", "overdue")}
    return {"day": today, "cohort": cohort, "stock": stock, "flow": {"done": values.get(f"flow:{today}:done", 0)}}


def wire_keys(today: str) -> tuple[str, ...]:
    """The total keys that ``wire_counts`` needs."""
    cohort = tuple(f"cohort:{today}:{part}" for part in ("in", *(s.value for s in Status)))
    return (*cohort, "stock:open", "stock:overdue", f"flow:{today}:done")


# ---- insert or update; a statement is made once, because making one costs more than running it ----


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write whole rows by primary key."""
    if rows:
        connection.execute(_upsert_statement(connection.dialect.name, table, tuple(rows[0])), list(rows))


def add(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add each row's ``value`` to that of the row with its primary key; a missing one counts as 0."""
    if rows:
        connection.execute(_add_statement(connection.dialect.name, table), list(rows))


def add_totals(connection: Connection, changes: Mapping[str, int]) -> None:
    """Add each amount to its total."""
    add(connection, schema.total, [{"key": key, "value": value} for key, value in sorted(changes.items())])


@cache
def _upsert_statement(dialect: str, table: Table, names: tuple[str, ...]) -> Any:
    statement, keys = _insert(dialect, table), _keys(table)
    values = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)


@cache
def _add_statement(dialect: str, table: Table) -> Any:
    statement = _insert(dialect, table)
    grown = {"value": table.c.value + statement.excluded.value}
    return statement.on_conflict_do_update(index_elements=_keys(table), set_=grown)


def _keys(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def _insert(dialect: str, table: Table) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)
