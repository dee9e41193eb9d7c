"""Insert-or-update in the two dialects we run on. A statement is made once: making one costs more than running it."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from liveroom.log import schema

Row = Mapping[str, Any]


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write whole rows by primary key."""
    if rows:
        connection.execute(_writing(connection.dialect.name, table, tuple(rows[0])), list(rows))


def add(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add each row's ``value`` to that of the row with its primary key; a missing one counts as 0."""
    if rows:
        connection.execute(_adding(connection.dialect.name, table), list(rows))


def add_totals(connection: Connection, changes: Mapping[str, int]) -> None:
    """Add each amount to its total."""
    add(connection, schema.total, [{"key": key, "value": value} for key, value in sorted(changes.items())])


@cache
def _writing(dialect: str, table: Table, names: tuple[str, ...]) -> Any:
    statement, keys = _insert(dialect, table), _keys(table)
    values = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)


@cache
def _adding(dialect: str, table: Table) -> Any:
    statement = _insert(dialect, table)
    grown = {"value": table.c.value + statement.excluded.value}
    return statement.on_conflict_do_update(index_elements=_keys(table), set_=grown)


def _keys(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def _insert(dialect: str, table: Table) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)
