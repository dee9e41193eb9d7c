"""A table written as a file that office programs open: CSV (RFC 4180, UTF-8 with its mark) or XLSX.

`written` takes the rows in pages and gives others their turn in between, so a long table stalls nobody. Whatever
citizens wrote stays text: no cell of it ever becomes a formula where the file is opened.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import partial
from io import BytesIO, StringIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from liveroom.runtime import Runtime

CSV, XLSX = "csv", "xlsx"
FORMS = (CSV, XLSX)
MEDIA_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# One cell: a moment is aware, and is written as the city's clock showed it; None is an empty cell.
Cell = str | int | float | bool | datetime | date | None
Row = Sequence[Cell]

# Rows at once: about 3 ms of the event loop as CSV, while an XLSX is written by a thread of its own.
_CSV_ROWS, _XLSX_ROWS = 100, 500
_BOM = b"\xef\xbb\xbf"
# Held in memory up to here, beyond it in a file without a name.
_IN_MEMORY = 4 << 20
# What a cell may not begin with: office programs take it for a formula, whatever stands around it in the CSV.
_FORMULA = tuple("=+-@\t\r\n") + tuple("\uff1d\uff0b\uff0d\uff20")
# Where the list separator is a semicolon, as in Indonesian and in Spanish, they part even a comma's CSV there, and read
# quotes within a cell as letters: what follows begins a cell of its own.
_FORMULA_INSIDE = re.compile("(?<=.)([;\t\r\n])(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])", re.DOTALL)
# What XML cannot hold.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_XLSX_CELL = 32_767
# A sheet has 1,048,576 rows; the table goes on in the next one.
_ROWS_A_SHEET = 1_000_000
_TITLE = re.compile(r"[\\*?:/\[\]]")
_LONGEST_TITLE = 31
PERCENT = "0%"
# What openpyxl does not leave text.
_TAKEN_FOR_MORE = ("=", "#")


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """The name over a column; of an XLSX its ``width`` in characters and its number format (``PERCENT``, …)."""

    name: str
    width: int = 16
    number_format: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A table to be written: ``title`` names the sheet, ``zone`` is the city's; a row has a cell for each column."""

    title: str
    columns: Sequence[ExportColumn]
    pages: Iterable[Sequence[Row]]
    zone: tzinfo


def written(export: Export, form: str, runtime: Runtime) -> IO[bytes]:
    """The whole file, open at its beginning; ``form`` is CSV or XLSX. Raises what reading the pages raises."""
    file: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - whoever sends it closes it
    try:
        if form == CSV:
            for piece in csv_pieces(export):
                file.write(piece)
                runtime.sleep(0)
        else:
            _write_workbook(export, file, runtime.run_aside)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def csv_pieces(export: Export) -> Iterator[bytes]:
    """The CSV piece by piece, each a few milliseconds' work; the first has the names of the columns."""
    yield _BOM + _csv_lines([[one.name for one in export.columns]], export.zone)
    for rows in _cut(export.pages, _CSV_ROWS):
        yield _csv_lines(rows, export.zone)


def _cut(pages: Iterable[Sequence[Row]], size: int) -> Iterator[Sequence[Row]]:
    for page in pages:
        for start in range(0, len(page), size):
            yield page[start : start + size]


def _csv_lines(rows: Iterable[Row], zone: tzinfo) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_csv_cell(cell, zone) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


def _csv_cell(cell: Cell, zone: tzinfo) -> str | int | float | None:
    if isinstance(cell, str):
        guarded = _FORMULA_INSIDE.sub(r"\1'", cell)
        return f"'{guarded}" if cell.startswith(_FORMULA) else guarded
    if isinstance(cell, datetime):
        return f"{cell.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, date):
        return cell.isoformat()
    return int(cell) if isinstance(cell, bool) else cell


# ---- XLSX ----


def _write_workbook(export: Export, file: IO[bytes], aside: Callable[[Callable[[], Any]], Any]) -> None:
    """Write it with openpyxl, all of it in a native thread, since packing a long sheet takes seconds."""
    sheets = aside(lambda: _Sheets(export))
    try:
        for rows in _cut(export.pages, _XLSX_ROWS):
            aside(partial(sheets.add, rows))
    except BaseException:
        # A sheet lies in a file of its own until it is saved, and only saving removes that.
        aside(lambda: sheets.save(BytesIO()))
        raise
    aside(lambda: sheets.save(file))


class _Sheets:
    """A workbook that is only ever added to."""

    def __init__(self, export: Export) -> None:
        # Comes with a library of pictures, which a process that nobody asks for a workbook does without.
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment, Font
        from openpyxl.utils import get_column_letter

        self._export, self._letter = export, get_column_letter
        self._book = Workbook(write_only=True)
        self._cell, self._bold, self._wrapped = WriteOnlyCell, Font(bold=True), Alignment(wrap_text=True)
        self._sheet: Any = None
        self._rows = 0
        self._begin()

    def add(self, rows: Sequence[Row]) -> None:
        """Add rows below those that are there."""
        for row in rows:
            if self._rows == _ROWS_A_SHEET:
                self._begin()
            self._sheet.append([self._made(cell, one) for cell, one in zip(row, self._export.columns, strict=True)])
            self._rows += 1

    def save(self, file: IO[bytes]) -> None:
        """Write the workbook; nothing can be added after it."""
        self._book.save(file)

    def _begin(self) -> None:
        number = len(self._book.worksheets) + 1
        title = _TITLE.sub(" ", self._export.title)[: _LONGEST_TITLE - 3].strip() or "Liveroom"
        self._sheet = self._book.create_sheet(title if number == 1 else f"{title} {number}")
        self._sheet.freeze_panes = "A2"
        for place, one in enumerate(self._export.columns, 1):
            self._sheet.column_dimensions[self._letter(place)].width = one.width
        self._sheet.append([self._head(one.name) for one in self._export.columns])
        self._rows = 0

    def _head(self, name: str) -> Any:
        cell = self._cell_of(name)
        cell.font, cell.alignment = self._bold, self._wrapped
        return cell

    def _made(self, value: Cell, column: ExportColumn) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, datetime):
            # A workbook knows no zones; openpyxl gives moments and days a format of their own.
            return value.astimezone(self._export.zone).replace(tzinfo=None, microsecond=0)
        return value if value is None or not column.number_format else self._formed(value, column.number_format)

    def _formed(self, value: Any, number_format: str) -> Any:
        cell = self._cell(self._sheet, value)
        cell.number_format = number_format
        return cell

    def _text(self, value: str) -> Any:
        """Text, as a cell made for it where openpyxl would take it for a formula or an error: that is slower."""
        text = _NO_XML.sub("\ufffd", value)[:_LONGEST_XLSX_CELL]
        return self._cell_of(text) if text.startswith(_TAKEN_FOR_MORE) else text

    def _cell_of(self, text: str) -> Any:
        cell = self._cell(self._sheet, text)
        cell.data_type = "s"
        return cell
