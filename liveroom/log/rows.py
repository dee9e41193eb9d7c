"""Rows written by statements that are made and compiled once.

To make a statement costs more than to run it, and so does to look up its compiled text: every event of the log comes
through here. Raises what the database raises, as SQLAlchemy wraps it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ClauseElement, Connection, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.compiler import SQLCompiler

Row = Mapping[str, Any]
# The text for the driver, and what it takes of a row.
_DriverStatement = tuple[str, Callable[[Row], Any]]


def insert_or_not(connection: Connection, table: Table, **values: Any) -> bool:
    """Insert one row; False where another process was faster with the same key, and nothing else is undone."""
    try:
        with connection.begin_nested():
            connection.execute(insert(table).values(**values))
    except IntegrityError:
        return False
    return True


class Prepared:
    """An insert, update or delete with ``bindparam`` for each value; ``names``: the columns of an insert."""

    def __init__(self, statement: ClauseElement, names: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._names = names
        self._compiled: dict[str, _DriverStatement] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Run it for each of ``rows``, which map every name to its value."""
        if not rows:
            return
        dialect = connection.dialect
        text, values_of = self._compiled.get(dialect.name) or self._compile(dialect)
        values: list[Any] = [values_of(row) for row in rows]
        connection.exec_driver_sql(text, values if len(values) > 1 else values[0])

    def _compile(self, dialect: Dialect) -> _DriverStatement:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._names)
        assert isinstance(compiled, SQLCompiler)
        fixed = [bind.key for bind in compiled.binds.values() if not bind.required and bind.value is not None]
        if fixed or compiled.prefetch:
            raise ValueError(f"cannot be prepared, {fixed or compiled.prefetch} have values of their own: {compiled}")
        found = self._compiled[dialect.name] = (compiled.string, _values_of(compiled))
        return found


def _values_of(compiled: SQLCompiler) -> Callable[[Row], Any]:
    """What the driver takes of a row: its values in order, or by name."""
    convert: Mapping[str, Any] = compiled._bind_processors  # SQLAlchemy has no public name for them
    order = compiled.positiontup if compiled.positional else None
    if order is None:
        names = tuple(compiled.binds)
        return lambda row: {name: convert[name](row[name]) if name in convert else row[name] for name in names}
    if not convert:
        return lambda row: tuple([row[name] for name in order])
    return lambda row: tuple([convert[name](row[name]) if name in convert else row[name] for name in order])


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows that have all the same columns."""
    if rows:
        _inserted(table, tuple(rows[0])).run(connection, rows)


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write whole rows by primary key; they have all the same columns."""
    if rows:
        _upserted(connection.dialect.name, table, tuple(rows[0])).run(connection, rows)


def add(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add each row's ``value`` to that of the row with its primary key; a missing one counts as 0."""
    if rows:
        _added(connection.dialect.name, table, tuple(rows[0])).run(connection, rows)


@cache
def _inserted(table: Table, names: tuple[str, ...]) -> Prepared:
    return Prepared(insert(table), names)


@cache
def _upserted(dialect: str, table: Table, names: tuple[str, ...]) -> Prepared:
    statement, keys = _insert(dialect, table), _keys(table)
    values = {name: statement.excluded[name] for name in names if name not in keys}
    return Prepared(statement.on_conflict_do_update(index_elements=keys, set_=values), names)


@cache
def _added(dialect: str, table: Table, names: tuple[str, ...]) -> Prepared:
    statement = _insert(dialect, table)
    grown = {"value": table.c.value + statement.excluded.value}
    return Prepared(statement.on_conflict_do_update(index_elements=_keys(table), set_=grown), names)


def _keys(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def _insert(dialect: str, table: Table) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)
