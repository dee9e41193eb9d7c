"""CSV in whatever encoding, delimiter and quoting: what the file says of itself, and its rows.

The encoding is that of its byte order mark, else UTF-8 where most of what is not ASCII is that, else what
charset-normalizer finds. A row that is no record carries its fault; memory stays flat at any length.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from charset_normalizer import from_bytes

from liveroom.domain.requests import Malformed
from liveroom.tables.source_rows import MOST_COLUMNS, SourceRow, SourceRows

MAX_LINE = 256 * 1024
# Characters of one record, whose quotes may hold line breaks.
MOST_RECORD = 1 << 20
DELIMITERS = ",;\t|^~"
# What is looked at to find out the encoding, the delimiter, and above which line the table begins.
_SCANNED, _PIECE, _SAMPLE = 64 << 20, 1 << 18, 64 * 1024
_FIRST_LINES = 30
# What offices of our languages write is looked for first, by the letters and signs that they have: of a few words
# charset-normalizer cannot tell these three apart.
_USUAL = ("cp1252", "cp850", "mac_roman")
_OTHERS = ("cp1250", "cp1251", "cp1253", "cp1254", "cp1256", "gb18030", "shift_jis", "euc_kr", "big5", "cp874")
_LETTERS = frozenset("áéíóúüñçàèìòùâêîôûäöãõÁÉÍÓÚÜÑÇÀÈÌÒÙÂÊÎÔÛÄÖÃÕß¿¡ªº«»“”‘’–—…•°²³±€£©®\xa0")
_MOSTLY = 0.8
ENCODINGS = ("utf-8", "utf-16", "utf-32", *_USUAL, *_OTHERS)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"))
_MARKS_16 = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


# Encoding.


@dataclass(slots=True)
class _Bytes:
    """What is not ASCII in a file: how much of it is UTF-8, how much is not, and lines with it."""

    fits: int = 0
    strays: int = 0
    sample: bytes = b""

    def add(self, text: str, piece: bytes) -> None:
        # Counted by codecs: each look at a file reads through all of it.
        strays = len(text) - len(text.encode("utf-8", "ignore").decode())
        self.strays += strays
        self.fits += len(text) - len(text.encode("ascii", "ignore")) - strays
        if strays and len(self.sample) < _SAMPLE:
            lines = (line for line in piece.splitlines(keepends=True) if not line.isascii())
            self.sample += b"".join(lines)[: _SAMPLE - len(self.sample)]


def encoding_of(path: Path) -> str:
    """The encoding of a text file by its name in Python; ``utf-8`` also where some bytes are none."""
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, name in (*_MARKS, *_MARKS_16):
        if start.startswith(mark):
            return name
    if (unmarked := _unmarked_utf16(start)) is not None:
        return unmarked
    found = _looked_through(path)
    return "utf-8" if found.strays <= found.fits else _legacy(found.sample)


def _unmarked_utf16(start: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of what is mostly ASCII is zero."""
    pairs = len(start) // 2
    if pairs < 4:
        return None
    even, odd = start[: pairs * 2 : 2].count(0), start[1 : pairs * 2 : 2].count(0)
    if odd > pairs * 0.6 and even < pairs * 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > pairs * 0.6 and odd < pairs * 0.1 else None


def _looked_through(path: Path) -> _Bytes:
    found, decoder = _Bytes(), codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with path.open("rb") as file:
        read = 0
        while read < _SCANNED and (piece := file.read(_PIECE)):
            read += len(piece)
            if not piece.isascii():
                found.add(decoder.decode(piece), piece)
    return found


def _legacy(sample: bytes) -> str:
    """The encoding of the lines: a usual one that makes letters of them, or what charset-normalizer finds."""
    shares = {name: _share_of_letters(sample, name) for name in _USUAL}
    usual = max(_USUAL, key=lambda name: shares[name])
    if shares[usual] >= _MOSTLY:
        return usual
    best = from_bytes(sample, cp_isolation=[*_OTHERS], preemptive_behaviour=False).best()
    if best is not None:
        return best.encoding
    return usual if shares[usual] > 0 else "utf-8"


def _share_of_letters(sample: bytes, encoding: str) -> float:
    """How much of what is not ASCII are letters and signs of our languages; 0 where it does not fit at all."""
    try:
        others = [one for one in sample.decode(encoding) if one > "\x7f"]
    except UnicodeDecodeError:
        return 0.0
    return sum(1 for one in others if one in _LETTERS) / max(1, len(others))


# Delimiter and quoting, and the line of the names.


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the cells of a file are told apart; ``skipped``: records above the names of the columns."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None
    skipped: int = 0

    def reader(self, lines: Iterator[str]) -> Any:
        """A reader of the csv module."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape,
            doublequote=self.escape is None,
        )


def dialect_of(start: Sequence[str]) -> Dialect:
    """The dialect of a file that begins with these lines. Excel's line ``sep=;`` says the delimiter."""
    if not start:
        return Dialect(",")
    text = "".join(start)
    said = start[0].strip()
    skipped = 0
    marks = DELIMITERS
    if said.lower().startswith("sep=") and len(said) == 5:
        marks, skipped = said[4], 1
    quote = "'" if start[skipped:] and _quoted_by(start[-1], "'") and '"' not in text else '"'
    escape = "\\" if '\\"' in text and '""' not in text else None
    ways = [Dialect(mark, quote, escape, skipped) for mark in marks]
    best = max(ways, key=lambda way: _fitness(way, start))
    return Dialect(best.delimiter, quote, escape, skipped + _titles(_records(best, start)[skipped:]))


def _quoted_by(line: str, mark: str) -> bool:
    return len(line) > 2 and line.startswith(mark) and line.rstrip("\r\n").endswith(mark)


def _records(way: Dialect, start: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = []
    reader = way.reader(iter(start))
    try:
        found.extend(cells for cells in reader if cells)
    except csv.Error:
        return found
    return found


def _fitness(way: Dialect, start: Sequence[str]) -> tuple[bool, int]:
    """Whether most records have as many cells as the widest usual one, and how many these are."""
    widths = [len(cells) for cells in _records(way, start)]
    if not widths:
        return False, 0
    usual = max(set(widths), key=lambda width: (widths.count(width), width))
    return usual > 1 and widths.count(usual) * 2 >= len(widths), max(usual, widths[0])


def _titles(records: list[list[str]]) -> int:
    """How many records stand above the names: titles, of one filled cell where the table has three and more."""
    filled = [sum(1 for cell in cells if cell.strip()) for cells in records[:_FIRST_LINES]]
    if max(filled, default=0) < 3:
        return 0
    return next((n for n, cells in enumerate(filled) if cells > 1), 0)


# Rows.


class CsvRows(SourceRows):
    """A CSV file. Raises Malformed("file") when it is none or names repeat."""

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        """Find out how ``path`` is written, and read its names; ``encoding``: where somebody said it."""
        self._path = path
        self._encoding = encoding or encoding_of(path)
        try:
            "".encode(self._encoding)
        except LookupError as error:
            raise Malformed("encoding", f"{self._encoding[:40]!r} is none that is known here") from error
        with self._opened() as text:
            start = [line for line in islice(iter(lambda: text.readline(MAX_LINE), ""), _FIRST_LINES) if line]
            if any("\0" in line for line in start[:1]):
                raise Malformed("file", "is no text")
            self._dialect = dialect_of(start)
            text.seek(0)
            try:
                names: list[str] = next(self._reader(_Lines(text)), [])
            except csv.Error as error:
                raise Malformed("file", f"the names of its columns cannot be read: {error}") from error
        if len(names) > MOST_COLUMNS:
            raise Malformed("file", f"has {len(names)} columns, at most {MOST_COLUMNS} are read")
        self.columns = tuple(name.strip() or f"#{place}" for place, name in enumerate(names, 1))
        twice = sorted({name for name in self.columns if self.columns.count(name) > 1})
        if twice:
            raise Malformed("file", f"column {twice[0]!r} stands twice in the header")

    @property
    def said(self) -> Mapping[str, str]:
        """Its encoding and delimiter."""
        return {"kind": "csv", "encoding": self._encoding, "delimiter": self._dialect.delimiter}

    def _opened(self) -> TextIO:
        """The file as text; bytes that do not fit become lone surrogates, which no field takes, or marks of doubt."""
        utf8 = self._encoding == "utf-8"
        encoding, errors = ("utf-8-sig", "surrogateescape") if utf8 else (self._encoding, "replace")
        return io.TextIOWrapper(self._path.open("rb"), encoding=encoding, errors=errors, newline="")

    def _reader(self, lines: "_Lines") -> Any:
        """A reader past what stands above the names."""
        reader = self._dialect.reader(iter(lines))
        left = self._dialect.skipped
        while left:
            left -= bool(next(reader, [""]))
        return reader

    def __iter__(self) -> Iterator[SourceRow]:
        """Each record after the header; blank lines are passed over."""
        with self._opened() as text:
            lines = _Lines(text)
            reader = self._reader(lines)
            next(reader, None)
            while True:
                line = reader.line_num + 1
                lines.begin()
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield self._row(line, text, [], f"{error}; is a quote left open?", lines)
                    continue
                if any(cells):
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


class _Lines:
    """Physical lines of bounded length. Raises csv.Error where a record has too many of them.

    ``cut``: a longer line was shortened. ``over``: a line was asked for after the last one, which a whole record never
    does. ``of_record``: the lines since it was emptied.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.cut = self.over = False
        self.of_record: list[str] = []
        self._length = 0

    def begin(self) -> None:
        """A record begins."""
        self.cut, self._length = False, 0
        self.of_record.clear()

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
        self._length += len(line)
        if self._length > MOST_RECORD:
            raise csv.Error(f"the record is longer than {MOST_RECORD} characters")
        self.of_record.append(line)
        return line if line.endswith(("\n", "\r")) else line + "\n"
