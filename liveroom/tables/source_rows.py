"""A row of any table, and how its values are found by the name of a column."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from liveroom.domain.requests import Malformed

BOM = b"\xef\xbb\xbf"
# Columns of a table, and how deep those of nested objects are looked for.
MOST_COLUMNS = 256
_DEEPEST = 3
# Characters of rows that are held at once: photos may stand in them as text.
_HELD = 8 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One record: ``line`` where it begins, from 1; ``values`` by column, or the ``fault`` that makes it unreadable.

    ``offset``: bytes of the file read so far, for a progress bar. ``textual``: values are all text, as in CSV. ``raw``:
    the record as it stands in the file, or as much of it as was read.
    """

    line: int
    offset: int
    values: Mapping[str, Any]
    fault: Malformed | None = None
    textual: bool = False
    raw: str = ""


class SourceRows:
    """A file that is opened anew for each pass; ``columns`` is None where the format names them per record.

    ``said``: what was found out about the file, such as its encoding, by key; ``encoding`` alone may be given instead.
    """

    columns: tuple[str, ...] | None = None

    @property
    def said(self) -> Mapping[str, str]:
        """What was found out about the file: ``kind``, and where it has them ``encoding``, ``delimiter``, ``sheet``."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[SourceRow]:
        """The records in the file's order."""
        raise NotImplementedError


def first_byte(path: Path) -> bytes:
    """The first byte that is neither blank nor a byte order mark, b"" for an empty file."""
    with path.open("rb") as file:
        start = file.read(64 * 1024).removeprefix(BOM).lstrip()
    return start[:1]


def value_at(values: Mapping[str, Any], column: str) -> Any:
    """The value under ``column``; ``a.b`` is also looked up as b within a. None when absent."""
    if column in values:
        return values[column]
    outer, dot, inner = column.partition(".")
    nested = values.get(outer)
    return value_at(nested, inner) if dot and isinstance(nested, Mapping) else None


def has_column(values: Mapping[str, Any], column: str) -> bool:
    """Whether a record names the column, flat or nested."""
    return column in values or column.partition(".")[0] in values


def columns_of(values: Mapping[str, Any], depth: int = 1) -> Iterator[str]:
    """The columns that a record names; those of an object within it as ``a.b``, beside the object itself."""
    for name, value in values.items():
        yield name
        if isinstance(value, Mapping) and depth < _DEEPEST:
            for inner in columns_of(value, depth + 1):
                yield f"{name}.{inner}"


def names_of_columns(rows: SourceRows, sample: list[SourceRow]) -> tuple[str, ...]:
    """The columns of a table in its order, at most MOST_COLUMNS: where records name them, those of the sample."""
    if rows.columns is not None:
        return rows.columns
    found: dict[str, None] = {}
    for name in (name for row in sample for name in columns_of(row.values)):
        found[name] = None
        if len(found) == MOST_COLUMNS:
            break
    return tuple(found)


def some_of(rows: Iterator[SourceRow], most: int) -> list[SourceRow]:
    """The next rows: at most so many, and fewer where they are long; none only at the end."""
    found: list[SourceRow] = []
    held = 0
    for row in islice(rows, most):
        found.append(row)
        held += len(row.raw)
        if held > _HELD:
            break
    return found
