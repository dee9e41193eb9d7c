"""Backup and restore: the truth of one moment as JSON lines under gzip, readable by either kind of database.

First a line with the format, then a line a row, last the number of events, so that a file which was cut off is known.
A restore draws a new epoch, leaves the projection to be rebuilt and holds the outbox. Docs: docs/log.md#backup.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, Table, delete, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError

from liveroom.log import schema
from liveroom.log.erasure import Erasures, beside
from liveroom.log.event_log import EventLog, Slices, database_now, draw
from liveroom.log.outbox import hold
from liveroom.log.schema import OF_TEXTS, PASSING, PROJECTION, TRUTH
from liveroom.runtime.disk import whole_file

FORMAT = "liveroom-backup/1"
AT_ONCE = 500


class BadBackup(ValueError):
    """The file is no backup, is cut off, or is of a format this version does not know."""


def backup(log: EventLog, path: Path, ledger: Erasures | None = None) -> int:
    """Write the log of one moment to ``path``, and the erasures of ``ledger`` beside it; returns the events in it.

    A half-written file never has its name, and what has it is on the disk: the erasures first, so that no backup looks
    whole without them. Raises OSError naming the file.
    """
    with whole_file(path) as out:
        with gzip.GzipFile(path.name, "wb", compresslevel=3, fileobj=out) as file:
            events = _write_all(log, file)
        if ledger is not None:  # now, so that what was erased while this was written is in it
            ledger.copy_to(beside(path))
    return events


def _write_all(log: EventLog, file: gzip.GzipFile) -> int:
    lines = 0
    with log.for_upkeep().slices() as slices:
        _write(file, {"format": FORMAT})
        for table in TRUTH:
            for row in _rows(slices, table):
                _write(file, {"table": str(table.name), "row": row})
                lines += table is schema.event
        _write(file, {"end": lines})
    return lines


def _write(file: gzip.GzipFile, value: object) -> None:
    file.write(msgspec.json.encode(value) + b"\n")


def _rows(slices: Slices, table: Table) -> Iterator[dict[str, Any]]:
    """Every row in the order of its key, in slices of one open transaction."""
    key = next(iter(table.primary_key.columns))
    names = [str(column.name) for column in table.columns]
    last: Any = None
    while True:
        query = select(table).order_by(key).limit(AT_ONCE)
        if last is not None:
            query = query.where(key > last)
        part = [dict(zip(names, row, strict=True)) for row in slices.run(partial(_fetch, query=query))]
        yield from part
        if len(part) < AT_ONCE:
            return
        last = part[-1][str(key.name)]


def _fetch(connection: Connection, query: Select[Any]) -> Sequence[Row[Any]]:
    return connection.execute(query).all()


def restore(connection: Connection, path: Path, note: Callable[[int], None]) -> int:
    """Replace everything in the database by the backup's content and draw a new epoch; returns the events.

    The projection is left empty for a rebuild, and nothing leaves the outbox until somebody releases it. Raises
    BadBackup; the caller's transaction is then to be rolled back.
    """
    for table in (*TRUTH, *PROJECTION, *OF_TEXTS, *PASSING):
        connection.execute(delete(table))
    events = 0
    for table, rows in _runs(path):
        _insert(connection, table, rows)
        events += len(rows) if table is schema.event else 0
        note(events)
    epoch = draw()
    if not connection.execute(update(schema.head).values(epoch=epoch, projection="")).rowcount:
        raise BadBackup("the backup holds no room")
    hold(connection, epoch, database_now(connection))
    return events


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    try:
        connection.execute(insert(table), rows)
    except (IntegrityError, DataError) as error:
        raise BadBackup(f"rows of {table.name} in the backup contradict each other") from error


class _Line(msgspec.Struct):
    """A line of the file: a row of a table, or the end with the number of events before it."""

    table: str = ""
    row: dict[str, int | str | None] = {}
    end: int | None = None


def _runs(path: Path) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    """Rows of the file, up to AT_ONCE of one table together. Raises BadBackup when the file is not whole."""
    current, run, events, end = schema.head, list[dict[str, Any]](), 0, None
    for line in _lines(path):
        if line.end is not None:
            end = line.end
            continue
        table = _table_of(line)
        if run and (table is not current or len(run) >= AT_ONCE):
            yield current, run
            run = []
        current = table
        run.append(line.row)
        events += table is schema.event
    if run:
        yield current, run
    if end != events:
        raise BadBackup(f"the backup is cut off: it holds {events} events and its end says {end}")


def _table_of(line: _Line) -> Table:
    """The table of a row that fits it. Raises BadBackup."""
    table = next((table for table in TRUTH if table.name == line.table), None)
    if table is None:
        raise BadBackup(f"the backup has a table this version does not know: {line.table!r}")
    kinds = {str(column.name): column.type.python_type for column in table.columns}
    for name, value in line.row.items():
        if name not in kinds:
            raise BadBackup(f"the backup's {table.name} has a column this version does not know: {name!r}")
        if value is not None and not isinstance(value, kinds[name]):
            raise BadBackup(f"{table.name}.{name} in the backup is no {kinds[name].__name__}")
    return table


def _lines(path: Path) -> Iterator[_Line]:
    decode = msgspec.json.Decoder(_Line).decode
    try:
        with gzip.open(path, "rb") as file:
            if msgspec.json.decode(file.readline(), type=dict[str, str]) != {"format": FORMAT}:
                raise BadBackup(f"not a {FORMAT} file")
            for line in file:
                yield decode(line)
    except (OSError, EOFError, zlib.error, msgspec.DecodeError) as error:
        raise BadBackup(f"the backup cannot be read: {error}") from error
