"""Rows written and read by statements that are made and compiled once.

To make a statement costs more than to run it, and so does to look up its compiled text: every event of the log comes
through here. SQLite's are given to its driver, since all that SQLAlchemy does around one costs twice what it costs.
Raises what the database raises, as SQLAlchemy wraps it.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ClauseElement, Connection, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.sql.compiler import SQLCompiler

Row = Mapping[str, Any]
# Rows in one statement: SQLite takes 32,766 values.
TOGETHER = 500
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


class _Statement:
    """A statement with ``bindparam`` for each value, and its text and values for each kind of database."""

    def __init__(self, statement: ClauseElement, names: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._names = names
        self._compiled: dict[str, _DriverStatement] = {}

    def _for(self, dialect: Dialect) -> _DriverStatement:
        return self._compiled.get(dialect.name) or self._compile(dialect)

    def _compile(self, dialect: Dialect) -> _DriverStatement:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._names)
        assert isinstance(compiled, SQLCompiler)
        found = self._compiled[dialect.name] = (compiled.string, _values_of(compiled, self._fixed(compiled)))
        return found

    def _fixed(self, compiled: SQLCompiler) -> Row:
        """Values that the statement has of its own: none, or rows could not be written by it. Raises ValueError."""
        fixed = [bind.key for bind in compiled.binds.values() if not bind.required and bind.value is not None]
        if fixed or compiled.prefetch:
            raise ValueError(f"cannot be prepared, {fixed or compiled.prefetch} have values of their own: {compiled}")
        return {}


class Prepared(_Statement):
    """An insert, update or delete with ``bindparam`` for each value; ``names``: the columns of an insert."""

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Run it for each of ``rows``, which map every name to its value."""
        if not rows:
            return
        text, values_of = self._for(connection.dialect)
        self._give(connection, text, [values_of(row) for row in rows])

    def run_together(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Run an insert once for all of ``rows``, as far as a statement of SQLite takes them; elsewhere as ``run``.

        For a table with a trigger: SQLite lets an index of words write itself down before each statement.
        """
        if connection.dialect.name != "sqlite":
            self.run(connection, rows)
            return
        text, values_of = self._for(connection.dialect)
        one = text[text.rindex("(") :]
        for start in range(0, len(rows), TOGETHER):
            part = rows[start : start + TOGETHER]
            values = tuple(value for row in part for value in values_of(row))
            self._give(connection, text + f", {one}" * (len(part) - 1), [values])

    @staticmethod
    def _give(connection: Connection, text: str, values: list[Any]) -> None:
        """Let the driver run it for each of ``values``, at least one."""
        if (driver := _sqlite(connection)) is None:
            connection.exec_driver_sql(text, values if len(values) > 1 else values[0])
            return
        try:
            if len(values) > 1:
                driver.executemany(text, values)
            else:
                driver.execute(text, values[0])
        except sqlite3.Error as error:
            raise _wrapped(error, text, connection) from error


class PreparedQuery(_Statement):
    """A query with ``bindparam`` for each value; its columns are numbers and texts, which need no conversion."""

    def _fixed(self, compiled: SQLCompiler) -> Row:
        """What the query says itself, such as the offset that SQLite wants beside a limit."""
        return {name: value for name, value in compiled.params.items() if value is not None}

    def rows(self, connection: Connection, values: Row) -> Sequence[Any]:
        """What it finds, a tuple a row."""
        text, values_of = self._for(connection.dialect)
        if (driver := _sqlite(connection)) is None:
            return connection.exec_driver_sql(text, values_of(values)).all()
        try:
            return driver.execute(text, values_of(values)).fetchall()
        except sqlite3.Error as error:
            raise _wrapped(error, text, connection) from error


def say(connection: Connection, text: str) -> None:
    """Run a statement of SQLite's own that has no values, such as BEGIN."""
    try:
        connection.connection.driver_connection.execute(text)  # type: ignore[union-attr]  # SQLite's
    except sqlite3.Error as error:
        raise _wrapped(error, text, connection) from error


def _sqlite(connection: Connection) -> sqlite3.Connection | None:
    """SQLite's own connection, once a transaction has begun on it; None for another database."""
    if connection.dialect.name != "sqlite" or not connection.in_transaction():
        return None
    driver: sqlite3.Connection | None = connection.connection.driver_connection
    return driver


def _wrapped(error: sqlite3.Error, text: str, connection: Connection) -> BaseException:
    """The driver's error as SQLAlchemy would have raised it, without what was written."""
    return DBAPIError.instance(text, (), error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect)


def _values_of(compiled: SQLCompiler, fixed: Row) -> Callable[[Row], Any]:
    """What the driver takes of a row: its values in order, or by name."""
    convert: Mapping[str, Any] = compiled._bind_processors  # SQLAlchemy has no public name for them
    order = compiled.positiontup if compiled.positional else None
    if order is None:
        names = tuple(compiled.binds)
        return lambda row: dict(zip(names, _converted(names, convert, {**fixed, **row}), strict=True))
    if not convert and not fixed:
        return itemgetter(*order) if len(order) > 1 else lambda row: tuple([row[name] for name in order])
    return lambda row: tuple(_converted(order, convert, {**fixed, **row}))


def _converted(names: Sequence[str], convert: Mapping[str, Any], row: Row) -> list[Any]:
    return [convert[name](row[name]) if name in convert else row[name] for name in names]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows that have all the same columns."""
    if rows:
        _inserted(table, tuple(rows[0])).run(connection, rows)


def insert_together(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """As ``insert_rows``, by as few statements as there can be."""
    if rows:
        _inserted(table, tuple(rows[0])).run_together(connection, rows)


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
