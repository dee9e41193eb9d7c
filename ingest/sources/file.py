"""Files of complaints: CSV, JSON or JSONL -> rows with their line -> reports, by the rules of the API.

Files are read as the world writes them: four delimiters, quoted line breaks, ragged rows, stray bytes. A row that is no
record carries its fault; Malformed("file") is raised when the file as a whole is none. CSV and JSONL take flat memory
at any length, a JSON array at most 64 MiB.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from liveroom.domain.complaints.intake import PERSON, REPORTED_AHEAD, Report, report_of
from liveroom.domain.fields import FieldReader
from liveroom.domain.requests import Malformed
from liveroom.runtime.http_input import MAX_BYTES, BadJson, read_json, too_deep

MAX_LINE = 256 * 1024
MAX_ARRAY = 64 * 1024 * 1024
DELIMITERS = ",;\t|"
_BOM = b"\xef\xbb\xbf"
_BLANK = " \t\r\n"

# Fields of a report that a column can be mapped to.
PLAIN = ("source_id", "category", "description", "address", "area", "channel", "reported_at", "updated_at", "priority")
NUMBERS = ("lat", "lon")
FIELDS = (*PLAIN, *NUMBERS, *(f"person.{name}" for name in PERSON), "media", "drill", "closed_at")
REQUIRED = ("source_id", "category")
# Records that are asked for their columns where the format names them per record.
_LOOK_AT = 100
_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,3})?", re.ASCII)


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
    """A file that is opened anew for each pass; ``columns`` is None where the format names them per record."""

    columns: tuple[str, ...] | None = None

    def __iter__(self) -> Iterator[SourceRow]:
        """The records in the file's order."""
        raise NotImplementedError


def first_byte(path: Path) -> bytes:
    """The first byte that is neither blank nor a byte order mark, b"" for an empty file."""
    with path.open("rb") as file:
        start = file.read(64 * 1024).removeprefix(_BOM).lstrip()
    return start[:1]


# CSV.


class CsvRows(SourceRows):
    """A CSV file in UTF-8, its first record the header. Raises Malformed("file") when it is none or names repeat."""

    def __init__(self, path: Path) -> None:
        """Read the header of ``path``."""
        self._path = path
        with _opened(path) as text:
            header = _header(text)
            self._delimiter = max(DELIMITERS, key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))
            text.seek(0)
            names = next(csv.reader(_Lines(text), delimiter=self._delimiter), [])
        self.columns = tuple(name.strip() for name in names)
        twice = sorted({name for name in self.columns if name and self.columns.count(name) > 1})
        if twice:
            raise Malformed("file", f"column {twice[0]!r} stands twice in the header")

    def __iter__(self) -> Iterator[SourceRow]:
        """Each record after the header; blank lines are passed over."""
        with _opened(self._path) as text:
            lines = _Lines(text)
            reader = csv.reader(lines, delimiter=self._delimiter)
            next(reader, None)
            while True:
                line, lines.cut = reader.line_num + 1, False
                lines.of_record.clear()
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield self._row(line, text, [], f"{error}; is a quote left open?", lines)
                    continue
                if cells:
                    yield self._row(line, text, cells, lines.fault(), lines)

    def _row(self, line: int, text: TextIO, cells: list[str], fault: str | None, lines: "_Lines") -> SourceRow:
        columns = self.columns or ()
        if fault is None and len(cells) != len(columns):
            fault = f"has {len(cells)} cells where the header has {len(columns)}"
        return SourceRow(
            line=line,
            offset=text.buffer.tell(),
            values=dict(zip(columns, cells, strict=False)),
            fault=Malformed("", fault) if fault else None,
            textual=True,
            raw="".join(lines.of_record),
        )


def _opened(path: Path) -> TextIO:
    """The file as text; bytes that are no UTF-8 become lone surrogates, which no field takes."""
    return io.TextIOWrapper(path.open("rb"), encoding="utf-8-sig", errors="surrogateescape", newline="")


def _header(text: TextIO) -> str:
    """The first line. Raises Malformed("file") for UTF-16 and for the `sep=` line of Excel."""
    line = text.readline(MAX_LINE)
    if "\0" in line:
        raise Malformed("file", "is UTF-16 or no text: save it as CSV in UTF-8")
    if line.lower().startswith("sep="):
        raise Malformed("file", "begins with a line 'sep=' that is no header: take it out")
    return line


class _Lines:
    """Physical lines of bounded length.

    ``cut``: a longer line was shortened. ``over``: a line was asked for after the last one, which a whole record never
    does. ``of_record``: the lines since it was emptied.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.cut = self.over = False
        self.of_record: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def fault(self) -> str | None:
        """The fault of the record that was read last, if any."""
        if self.over:
            return "a quote is left open to the end of the file; is it cut off?"
        return "the line is too long" if self.cut else None

    def __next__(self) -> str:
        line = self._text.readline(MAX_LINE)
        if not line:
            self.over = True
            raise StopIteration
        rest = line
        while rest and not rest.endswith(("\n", "\r")):
            rest = self._text.readline(MAX_LINE)
            self.cut = self.cut or bool(rest)
        self.of_record.append(line)
        return line if line.endswith(("\n", "\r")) else line + "\n"


# JSON.


class JsonLines(SourceRows):
    """JSONL: one object a line; a line that is none is a fault of its own."""

    def __init__(self, path: Path) -> None:
        """Remember where; nothing is read yet."""
        self._path = path

    def __iter__(self) -> Iterator[SourceRow]:
        """Each line that is not blank."""
        with self._path.open("rb") as file:
            line = 0
            while raw := file.readline(MAX_BYTES + 1):
                line += 1
                cut, first = len(raw) > MAX_BYTES, raw
                while cut and raw and not raw.endswith(b"\n"):
                    raw = file.readline(MAX_BYTES + 1)
                if cut:
                    yield _row(line, file.tell(), None, f"the line is longer than {MAX_BYTES} bytes", first)
                elif text := raw.removeprefix(_BOM).strip():
                    yield _parsed(line, file.tell(), text)


class JsonArray(SourceRows):
    """One array of objects, read whole. Raises Malformed("file") when it is too large, too deep or no UTF-8."""

    def __init__(self, path: Path) -> None:
        """Check ``path`` before anything is taken from it."""
        if path.stat().st_size > MAX_ARRAY:
            raise Malformed("file", f"an array may have at most {MAX_ARRAY} bytes; write one object a line (.jsonl)")
        raw = path.read_bytes().removeprefix(_BOM)
        if too_deep(raw):
            raise Malformed("file", "brackets nest too deep")
        try:
            self._text = raw.decode()
        except UnicodeDecodeError as error:
            raise Malformed("file", f"not UTF-8 at byte {error.start}") from None

    def __iter__(self) -> Iterator[SourceRow]:
        """Each item. The first place that is no JSON is a fault and the end: items after it cannot be found."""
        decoder, text = json.JSONDecoder(), self._text
        at, line = self._skip(text.index("[") + 1, ","), 1
        counted = 0
        while at < len(text) and text[at] != "]":
            line, counted = line + text.count("\n", counted, at), at
            try:
                value, end = decoder.raw_decode(text, at)
            except (json.JSONDecodeError, ValueError) as error:
                yield _row(line, at, None, f"not JSON from here on: {error}", text[at : at + MAX_BYTES].encode())
                return
            yield _row(line, end, value, None, text[at:end].encode())
            at = self._skip(end, ",")
        rest = self._skip(at + 1, "")
        if at >= len(text):
            yield self._end(at, "the array has no end: is the file cut off?")
        elif rest < len(text):
            yield self._end(rest, "something stands behind the array: it is not read")

    def _end(self, at: int, fault: str) -> SourceRow:
        return _row(self._text.count("\n", 0, at) + 1, at, None, fault)

    def _skip(self, at: int, more: str) -> int:
        """The next place that is neither blank nor a separator."""
        while at < len(self._text) and self._text[at] in _BLANK + more:
            at += 1
        return at


def _parsed(line: int, offset: int, text: bytes) -> SourceRow:
    try:
        return _row(line, offset, read_json(text), None, text)
    except BadJson as error:
        return _row(line, offset, None, str(error), text)


def _row(line: int, offset: int, value: Any, fault: str | None, raw: bytes = b"") -> SourceRow:
    """A row of a value, which must be an object."""
    if fault is None and not isinstance(value, dict):
        fault = "must be an object"
    values = value if isinstance(value, dict) else {}
    no = Malformed("", fault) if fault else None
    return SourceRow(line=line, offset=offset, values=values, fault=no, raw=raw.decode("utf-8", "backslashreplace"))


# Columns: which column of a file is which field of a report.


def parse_map(text: str) -> dict[str, str]:
    """``field=column,field=column`` as columns by field. Raises Malformed for a field unknown or given twice."""
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        field, equals, column = (part.strip() for part in pair.partition("="))
        if not equals or not column:
            raise Malformed(field, f"--map wants field=column, not {pair!r}")
        if field not in FIELDS:
            raise Malformed(field, f"--map knows no field {field!r}, only {', '.join(FIELDS)}")
        if field in found:
            raise Malformed(field, f"--map gives {field!r} twice")
        found[field] = column
    return found


def check_columns(rows: SourceRows, columns: Mapping[str, str]) -> None:
    """Check that the file has every mapped column and what every report needs, before anything is written.

    Raises Malformed naming the field. Where records name their own columns, the first hundred are asked.
    """
    first = list(islice(rows, _LOOK_AT))
    if not first and not rows.columns:
        raise Malformed("file", "the file is empty")
    readable = [row.values for row in first if row.fault is None]
    if rows.columns is None and not readable:
        return
    for field in dict.fromkeys((*REQUIRED, *columns)):
        column = columns.get(field, field)
        known = column in rows.columns if rows.columns is not None else any(_has(row, column) for row in readable)
        if not known:
            raise Malformed(field, f"there is no column {column!r}")


def _has(values: Mapping[str, Any], column: str) -> bool:
    """Whether a record names the column, flat or nested."""
    return column in values or column.partition(".")[0] in values


def _value_at(values: Mapping[str, Any], column: str) -> Any:
    """The value under ``column``; ``a.b`` is also looked up as b within a. None when absent."""
    if column in values:
        return values[column]
    outer, dot, inner = column.partition(".")
    nested = values.get(outer)
    return _value_at(nested, inner) if dot and isinstance(nested, Mapping) else None


# Reports.


def row_report(row: SourceRow, columns: Mapping[str, str], now: datetime, kind: str) -> Report:
    """The report of one row: ``reported_at`` counts as received, ``closed_at`` ends it. Raises Malformed.

    ``now`` bounds both times, ``kind`` is the room's.
    """
    if row.fault is not None:
        raise row.fault
    return history_report(row_values(row, columns), now, kind)


def history_report(values: Any, now: datetime, kind: str) -> Report:
    """The report of a record of what has been: ``reported_at`` counts as received, ``closed_at`` ends it.

    Raises Malformed.
    """
    report = report_of(values, now, kind)
    closed_at = FieldReader(values).moment("closed_at", now + REPORTED_AHEAD)
    if closed_at is not None and report.reported_at is None:
        raise Malformed("reported_at", "is required where closed_at is given")
    if closed_at is not None and report.reported_at is not None and closed_at < report.reported_at:
        raise Malformed("closed_at", "is before reported_at")
    return replace(report, received_at=report.reported_at, closed_at=closed_at)


def row_values(row: SourceRow, columns: Mapping[str, str]) -> dict[str, Any]:
    """The row's cells under the intake's names and nesting; text of CSV becomes what JSON would say, "" nothing."""
    values = {field: _cell(row, columns, field) for field in (*PLAIN, *NUMBERS, "media", "drill", "closed_at")}
    named = {name: _cell(row, columns, f"person.{name}") for name in PERSON}
    whole = row.values.get("person")
    return {**values, "person": named if row.textual or whole is None or isinstance(whole, Mapping) else whole}


def _cell(row: SourceRow, columns: Mapping[str, str], field: str) -> Any:
    value = _value_at(row.values, columns.get(field, field))
    if not row.textual:
        return value
    return _typed(field, value) if value and value.strip() else None


def _typed(field: str, text: str) -> Any:
    """A text cell as JSON would have it; one that cannot be converted stays text, and the field refuses it."""
    bare = text.strip()
    if field in NUMBERS:
        return float(bare) if _NUMBER.fullmatch(bare) else text
    if field == "media":
        return bare.split()
    if field == "drill":
        return {"true": True, "false": False}.get(bare.lower(), text)
    return bare if field in ("reported_at", "updated_at", "closed_at", "priority") else text
