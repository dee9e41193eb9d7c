"""Insert-or-update in the two dialects we run on."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from liveroom.log import schema


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write whole rows by primary key."""
    if not rows:
        return
    statement = insert_or(connection, table)
    keys = [column.name for column in table.primary_key.columns]
    values = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), list(rows))


def add_totals(connection: Connection, changes: Mapping[str, int]) -> None:
    """Add each amount to its total; a missing total counts as 0."""
    if not changes:
        return
    statement = insert_or(connection, schema.total)
    grown = {"value": schema.total.c.value + statement.excluded.value}
    rows = [{"key": key, "value": value} for key, value in sorted(changes.items())]
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=grown), rows)


def insert_or(connection: Connection, table: Table) -> Any:
    """The insert of this dialect, which can say what to do about a row that is there already."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
