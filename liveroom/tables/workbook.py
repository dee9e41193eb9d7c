"""The table in an XLSX file, read as a stream; macros, links and formulas are never run.

An office has a sheet a month: whatever sheets have the columns of the first one with a table are read, in their order.

An archive is refused by what it declares before anything is unpacked, and by what comes out of it while it is read:
`zipfile` gives no more of a member than it declares. Dates are dates, whatever they look like in the sheet.
"""

import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from liveroom.domain.requests import Malformed
from liveroom.tables.source_rows import MOST_COLUMNS, SourceRow, SourceRows

# Of an archive, by what it declares: its members, all of them unpacked in bytes, and each that is no sheet, for the
# table of texts is held in memory; one packed more tightly than this is a bomb.
MOST_MEMBERS, MOST_BYTES, MOST_TEXTS, MOST_RATIO = 2_000, 512 << 20, 96 << 20, 400
_SMALL = 1 << 20
_SHEETS, _BOOK = "xl/worksheets/", "xl/workbook.xml"
# Of what is held in memory until it ends: a row of a sheet or what follows its rows, and each of the other parts.
MOST_HELD = 16 << 20
_HELD = frozenset({_BOOK, "[Content_Types].xml", "xl/styles.xml", "docProps/core.xml", "docProps/custom.xml"})
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
# Rows of a sheet as Excel has them. What a sheet says of its own size is not asked: some programs write `A1`.
MOST_ROWS = 1_048_576
# Names of columns stand in one of the first rows.
_FIRST_ROWS = 20
_LONGEST_CELL = 40_000
# Of the sheets that are read, so many are named.
_NAMED_SHEETS = 12


def check_archive(path: Path) -> None:
    """Raises Malformed("file") for what is no workbook, is encrypted, or would become too large."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_members(members)
            for one in members:
                if one.filename.startswith(_SHEETS) and one.file_size > MOST_HELD:
                    _check_rows(archive, one)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise Malformed("file", "is no whole XLSX file") from error


def _check_members(members: Sequence[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise Malformed("file", f"is an archive of {len(members)} files, at most {MOST_MEMBERS} are looked at")
    if _BOOK not in {one.filename for one in members}:
        raise Malformed("file", "is an archive and no XLSX file")
    if any(one.flag_bits & 1 for one in members):
        raise Malformed("file", "is encrypted: save it without a password")
    if sum(one.file_size for one in members) > MOST_BYTES:
        raise Malformed("file", f"would unpack to more than {MOST_BYTES >> 20} MB; save it as CSV")
    for one in members:
        # Wherever the texts stand: an archive may call them as it likes.
        if not one.filename.startswith(_SHEETS) and one.file_size > MOST_TEXTS:
            raise Malformed("file", f"has more than {MOST_TEXTS >> 20} MB in {one.filename[:80]}; save it as CSV")
        if (one.filename in _HELD or one.filename.endswith(".rels")) and one.file_size > MOST_HELD:
            raise Malformed("file", f"{one.filename[:80]} has more than {MOST_HELD >> 20} MB; save it as CSV")
        if one.file_size > _SMALL and one.file_size > MOST_RATIO * max(one.compress_size, 1):
            raise Malformed("file", f"{one.filename[:80]} is packed {MOST_RATIO} times and more: not unpacked")


def _check_rows(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Raises Malformed("file") where a row goes on and on: it becomes a whole before its first cell is seen."""
    since, before = 0, b""
    with archive.open(member) as file:
        while piece := file.read(_SMALL):
            since = 0 if _ROW.search(before + piece) else since + len(piece)
            if since > MOST_HELD:
                raise Malformed("file", f"has a row of more than {MOST_HELD >> 20} MB; save it as CSV")
            before = piece[-32:]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet with a table. ``skipped``: rows up to that of the names; ``last``: its last one, 0 where it says none."""

    title: str
    names: tuple[str, ...]
    skipped: int
    last: int


class WorkbookRows(SourceRows):
    """The sheets of an XLSX file that have its table. Raises Malformed("file") where there is none."""

    def __init__(self, path: Path) -> None:
        """Find the sheets and the names of their columns."""
        check_archive(path)
        self._path, self._size = path, path.stat().st_size
        with self._opened() as book:
            try:
                found = [one for one in map(_sheet, book.worksheets) if one is not None]
            except Exception as error:  # by whatever a file makes openpyxl stumble over
                raise Malformed("file", f"cannot be read as XLSX ({type(error).__name__})") from error
        if not found:
            raise Malformed("file", "no sheet of it holds a table")
        # A cover sheet of words has one column.
        self.columns = next((one.names for one in found if len(one.names) > 1), found[0].names)
        self._sheets = [one for one in found if one.names == self.columns]
        self._most = sum(one.last for one in self._sheets)

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        """The workbook; given as an open file, for openpyxl would go by the name of one."""
        with self._path.open("rb") as file, closing(self._loaded(file)) as book:
            yield book

    def _loaded(self, file: BinaryIO) -> Any:
        # With it comes a library of pictures, which a process that reads no workbook does without.
        import openpyxl

        try:
            return openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except Exception as error:
            raise Malformed("file", f"cannot be read as XLSX ({type(error).__name__})") from error

    @property
    def said(self) -> Mapping[str, str]:
        """The sheets that are read."""
        more = ["…"] if len(self._sheets) > _NAMED_SHEETS else []
        return {"kind": "xlsx", "sheet": ", ".join([one.title for one in self._sheets[:_NAMED_SHEETS]] + more)}

    def __iter__(self) -> Iterator[SourceRow]:
        """Each row below the names that has something in it; ``line`` is the row's number in its sheet."""
        before = 0
        with self._opened() as book:
            for sheet in self._sheets:
                yield from self._rows(book[sheet.title], sheet, before)
                before += sheet.last

    def _rows(self, sheet: Any, read: _Sheet, before: int) -> Iterator[SourceRow]:
        rows = enumerate(_values(sheet, len(self.columns or ())), 1)
        while True:
            try:
                line, cells = next(rows)
            except StopIteration:
                return
            except Exception as error:  # noqa: BLE001 - as above
                fault = Malformed("", f"the sheet {read.title!r} cannot be read from here on ({type(error).__name__})")
                yield SourceRow(line=0, offset=self._size, values={}, fault=fault)
                return
            if line > read.skipped and any(cell is not None for cell in cells):
                yield self._row(line, cells, before + line)

    def _row(self, line: int, cells: tuple[Any, ...], so_far: int) -> SourceRow:
        values = {name: cell for name, cell in zip(self.columns or (), cells, strict=False) if cell is not None}
        raw = json.dumps(values, ensure_ascii=False, default=str)
        offset = self._size * so_far // max(self._most, so_far)
        return SourceRow(line=line, offset=offset, values=values, raw=raw)


def _sheet(sheet: Any) -> _Sheet | None:
    first = list(islice(_values(sheet), _FIRST_ROWS))
    place = _names_at(first)
    if place is None:
        return None
    return _Sheet(sheet.title, _named(first[place]), place + 1, sheet.max_row or 0)


def _values(sheet: Any, columns: int = MOST_COLUMNS) -> Iterator[tuple[Any, ...]]:
    """The rows with their numbers as places, and blank ones between them."""
    for cells in sheet.iter_rows(max_row=MOST_ROWS, max_col=columns, values_only=True):
        yield () if cells.count(None) == len(cells) else tuple(_cell(one) for one in cells)


def _cell(value: Any) -> Any:
    """A cell as JSON and `cells` know it: text, number, date or nothing."""
    if isinstance(value, str):
        return value[:_LONGEST_CELL] if value.strip() else None
    if isinstance(value, bool | int | float | datetime | date) or value is None:
        return value
    if isinstance(value, time | timedelta):
        return str(value)
    return str(value)[:_LONGEST_CELL]


def _names_at(first: list[tuple[Any, ...]]) -> int | None:
    """The place of the names: the first row with nearly as many filled cells as the fullest of the first."""
    filled = [sum(1 for cell in cells if cell is not None) for cells in first]
    fullest = max(filled, default=0)
    return next((place for place, n in enumerate(filled) if n and n >= fullest * 0.6), None)


def _named(cells: tuple[Any, ...]) -> tuple[str, ...]:
    """Names of columns; a blank one is ``#3``, one that stands twice gets its number."""
    found: list[str] = []
    last = max(place for place, cell in enumerate(cells, 1) if cell is not None)
    for place, cell in enumerate(cells[:last], 1):
        name = " ".join(str(cell).split()) if cell is not None else f"#{place}"
        found.append(f"{name} #{place}" if name in found else name)
    return tuple(found)
