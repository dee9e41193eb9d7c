"""The log in a file that any of our databases can read: truth only, as JSON lines under gzip, of one moment."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, delete, insert, select, update

from liveroom.log import schema
from liveroom.log.book import Log, Slices
from liveroom.log.head import draw

FORMAT = "liveroom-backup/1"
TRUTH: tuple[Table, ...] = (
    schema.head,
    schema.event,
    schema.text,
    schema.person,
    schema.media,
    schema.command,
    schema.source,
    schema.screen,
)
AT_ONCE = 500


class BadBackup(ValueError):
    """The file is no backup, is cut off, or is of a format this version does not know."""


def backup(log: Log, path: Path) -> int:
    """Write the log of one moment to ``path``; returns the events in it. A half-written file never has its name."""
    part = path.with_name(path.name + ".part")
    lines = 0
    with log.slices() as slices, gzip.open(part, "wb", compresslevel=3) as file:
        _write(file, {"format": FORMAT})
        for table in TRUTH:
            for row in _rows(slices, table):
                _write(file, {"table": table.name, "row": row})
                lines += table is schema.event
        _write(file, {"end": lines})
    part.replace(path)
    return lines


def _write(file: gzip.GzipFile, value: object) -> None:
    file.write(msgspec.json.encode(value) + b"\n")


def _rows(slices: Slices, table: Table) -> Iterator[dict[str, Any]]:
    """Every row by primary key, in slices of one open transaction."""
    key = next(iter(table.primary_key.columns))
    last: Any = None
    while True:
        query = select(table).order_by(key).limit(AT_ONCE)
        if last is not None:
            query = query.where(key > last)
        part = slices.run(lambda c, q=query: [dict(row) for row in c.execute(q).mappings()])  # type: ignore[misc]
        yield from part
        if len(part) < AT_ONCE:
            return
        last = part[-1][key.name]


def restore(connection: Connection, path: Path, note: Callable[[int], None]) -> int:
    """Replace everything in the database by the backup's content and draw a new epoch; returns the events.

    The projection is left empty for a rebuild. Raises BadBackup; the caller's transaction is then to be rolled back.
    """
    for table in (*TRUTH, *schema.PROJECTION, schema.pulse, schema.lease):
        connection.execute(delete(table))
    events = 0
    for table, rows in _tables(path):
        connection.execute(insert(table), rows)
        events += len(rows) if table is schema.event else 0
        note(events)
    values = {"epoch": draw(), "projection": ""}
    if not connection.execute(update(schema.head).values(**values)).rowcount:
        raise BadBackup("the backup holds no room")
    return events


def _tables(path: Path) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    """Rows of the file in runs of one table. Raises BadBackup when the file is not whole."""
    by_name, run, current = {table.name: table for table in TRUTH}, list[dict[str, Any]](), None
    ended = False
    for line in _lines(path):
        if "end" in line:
            ended = True
            continue
        table = by_name.get(line.get("table", ""))
        if table is None:
            raise BadBackup(f"the backup has a table this version does not know: {line.get('table')}")
        if current is not None and (table is not current or len(run) >= AT_ONCE):
            yield current, run
            run = []
        current = table
        run.append(line["row"])
    if current is not None:
        yield current, run
    if not ended:
        raise BadBackup("the backup is cut off: its last line is missing")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rb") as file:
            first = msgspec.json.decode(file.readline(), type=dict[str, Any])
            if first.get("format") != FORMAT:
                raise BadBackup(f"not a {FORMAT} file")
            for line in file:
                yield msgspec.json.decode(line, type=dict[str, Any])
    except (OSError, EOFError, msgspec.DecodeError) as error:
        raise BadBackup(f"the backup cannot be read: {error}") from error
