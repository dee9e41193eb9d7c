"""Reads CSV as the world writes it: any of four delimiters, quoted line breaks, ragged rows, stray bytes."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from ingest.rows import Row, Rows
from liveroom.domain.requests import Malformed

DELIMITERS = ",;\t|"
MAX_LINE = 256 * 1024


class CsvRows(Rows):
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

    def __iter__(self) -> Iterator[Row]:
        """Each record after the header; blank lines are passed over."""
        with _opened(self._path) as text:
            lines = _Lines(text)
            reader = csv.reader(lines, delimiter=self._delimiter)
            next(reader, None)
            while True:
                line, lines.cut = reader.line_num + 1, False
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield self._row(line, text, [], f"{error}; is a quote left open?")
                    continue
                if cells:
                    yield self._row(line, text, cells, lines.fault())

    def _row(self, line: int, text: TextIO, cells: list[str], fault: str | None) -> Row:
        """One record, or why it is none."""
        columns = self.columns or ()
        if fault is None and len(cells) != len(columns):
            fault = f"has {len(cells)} cells where the header has {len(columns)}"
        return Row(
            line=line,
            offset=text.buffer.tell(),
            values=dict(zip(columns, cells, strict=False)),
            fault=Malformed("", fault) if fault else None,
            textual=True,
        )


def _opened(path: Path) -> TextIO:
    """The file as text; bytes that are no UTF-8 become half surrogates, which no field takes."""
    return io.TextIOWrapper(path.open("rb"), encoding="utf-8-sig", errors="surrogateescape", newline="")


def _header(text: TextIO) -> str:
    """The first line. Raises Malformed("file") for what Excel writes and only Excel reads."""
    line = text.readline(MAX_LINE)
    if "\0" in line:
        raise Malformed("file", "is UTF-16 or no text: save it as CSV in UTF-8")
    if line.lower().startswith("sep="):
        raise Malformed("file", "begins with a line 'sep=' that is no header: take it out")
    return line


class _Lines:
    """Physical lines of bounded length; ``cut`` tells that something of a longer one was left out, ``over`` that more
    were asked for than there are: a record that is whole never does."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.cut = self.over = False

    def __iter__(self) -> "_Lines":
        return self

    def fault(self) -> str | None:
        """What is wrong with the record that was read last."""
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
        return line if line.endswith(("\n", "\r")) else line + "\n"
