"""The text of a snapshot: its cards in blocks that are kept compressed, and the two forms in which blocks are written.

A block's text is DEFLATE that refers to nothing before it and ends at a byte, so blocks join to one gzip in any order,
and what did not change is neither written nor compressed again. Several gzips one after the other would be easier, but
browsers read the first alone. Of a kept piece the CRC is known, and that of all follows from those of the pieces.
"""

import zlib
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from operator import sub
from typing import Any, Protocol, cast

import msgspec

# Forms of a snapshot, by media type: columns as docs/feed.md specifies them, and blocks for pages of ours.
COLUMNS = "application/json"
BLOCKS = "application/vnd.liveroom.blocks.v2"
# Characters of a text that is written in planes: names, times and numbers of sources.
_WIDEST = 40
# Values that are compared before all are.
_FIRST = 50
# By field, the values of all cards of a block: lists of one length, in order of id.
Table = dict[str, list[Any]]


# ---- pieces of compressed text, and the gzip that they join to ----

_RAW, _LEVEL, _MEMORY = -zlib.MAX_WBITS, 1, zlib.DEF_MEM_LEVEL
# A gzip without name or date (RFC 1952), and the last, empty block of its DEFLATE (RFC 1951, 3.2.6).
_HEAD, _LAST = bytes((31, 139, 8, 0, 0, 0, 0, 0, 4, 255)), bytes((3, 0))
# Texts up to this length stand as they are: brackets and commas between pieces.
_SHORT = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """Compressed text that can stand anywhere: ``size`` bytes with this ``crc`` when it is read."""

    data: bytes
    size: int
    crc: int

    def text(self) -> bytes:
        """The text."""
        return zlib.decompressobj(_RAW).decompress(self.data)


def piece_of(text: bytes, *, repeats: bool = True) -> Piece:
    """Compress a text; ``repeats`` False: it has no words that come again, only runs of one character."""
    return Piece(data=_deflated(text, repeats=repeats), size=len(text), crc=zlib.crc32(text))


def _deflated(text: bytes, *, repeats: bool = True) -> bytes:
    if len(text) <= _SHORT:
        length = len(text)
        return b"\0" + length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little") + text
    # Among random digits every three come again somewhere: to point there takes longer than the digits themselves.
    strategy = zlib.Z_DEFAULT_STRATEGY if repeats else zlib.Z_RLE
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW, _MEMORY, strategy)
    return deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH)


class GzipText:
    """Joins texts and pieces to one gzip; ``size`` is the length of its text so far."""

    def __init__(self) -> None:
        self.size = 0
        self._crc = 0
        self._out = [_HEAD]

    def add(self, part: bytes | Piece) -> None:
        """Add a text, or a piece as it is."""
        if isinstance(part, Piece):
            self._crc = _times(_shift(part.size), self._crc) ^ part.crc
            self._out.append(part.data)
            self.size += part.size
        else:
            self._crc = zlib.crc32(part, self._crc)
            self._out.append(_deflated(part))
            self.size += len(part)

    def whole(self) -> bytes:
        """The gzip."""
        ending = self._crc.to_bytes(4, "little") + (self.size & 0xFFFFFFFF).to_bytes(4, "little")
        return b"".join((*self._out, _LAST, ending))


# The CRC of two texts together is that of the first times x^(8 · length of the second), plus that of the second:
# polynomials over GF(2) modulo the CRC-32's own, the coefficient of x^0 in the highest bit, as zlib's crc32_combine.
_POLYNOMIAL, _ONE = 0xEDB88320, 1 << 31


def _times(one: int, other: int) -> int:
    product, bit = 0, _ONE
    while one:
        if one & bit:
            product ^= other
            one ^= bit
        bit >>= 1
        other = (other >> 1) ^ _POLYNOMIAL if other & 1 else other >> 1
    return product


def _shift(size: int) -> int:
    """x^(8 · size), from its low ten bits and the others: so most need one product."""
    return _times(_power(size & 0x3FF), _power(size & ~0x3FF))


@cache
def _power(size: int) -> int:
    square, product = _ONE >> 8, _ONE
    while size:
        if size & 1:
            product = _times(square, product)
        square, size = _times(square, square), size >> 1
    return product


# ---- blocks ----


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbours by id, ``first`` the lowest; ``pieces`` as the form of the snapshot writes them."""

    first: str
    rows: int
    pieces: tuple[Piece, ...]


class SnapshotForm(Protocol):
    """How a snapshot is written: the pieces of a block, what they say, and the whole of head and blocks."""

    fields: Sequence[str]

    def pieces(self, table: Table) -> tuple[Piece, ...]:
        """A block's pieces; it has at least one row."""

    def table(self, pieces: tuple[Piece, ...]) -> Table:
        """What a block's pieces say, by field in the order of fields."""

    def whole(self, head: Mapping[str, object], blocks: Sequence[Block]) -> Iterator[bytes | Piece]:
        """All of the text, which begins with the fields of ``head``."""


class ColumnsForm:
    """One JSON object whose ``cards`` are columns of all rows; of a block a piece a column."""

    def __init__(self, fields: Sequence[str]) -> None:
        self.fields = fields

    def pieces(self, table: Table) -> tuple[Piece, ...]:
        """Each column without its brackets."""
        return tuple(piece_of(msgspec.json.encode(table[name])[1:-1]) for name in self.fields)

    def table(self, pieces: tuple[Piece, ...]) -> Table:
        """Read the columns of a block."""
        texts = (b"[" + piece.text() + b"]" for piece in pieces)
        return {name: _hashable(msgspec.json.decode(text)) for name, text in zip(self.fields, texts, strict=True)}

    def whole(self, head: Mapping[str, object], blocks: Sequence[Block]) -> Iterator[bytes | Piece]:
        """The text, column by column."""
        yield msgspec.json.encode(head)[:-1] + b',"cards":{'
        for index, name in enumerate(self.fields):
            yield (b"," if index else b"") + msgspec.json.encode(name) + b":["
            for number, block in enumerate(blocks):
                if number:
                    yield b","
                yield block.pieces[index]
            yield b"]"
        yield b"}}"


class BlocksForm:
    """A line for the head, which says how many ``rows`` follow, then a line a block.

    In a block, ``all`` holds the fields that are equal in all its rows, ``of`` those with few values (the values, then
    the number of each row's), ``same`` those that are another one again, ``steps`` whole numbers as the first and then
    differences, ``planes`` texts (see `planes_of`), ``each`` the rest, one value a row. A browser can read it while it
    arrives; most of it are the random digits of names and times, so it is short and soon compressed.
    """

    def __init__(self, fields: Sequence[str]) -> None:
        self.fields = fields

    def pieces(self, table: Table) -> tuple[Piece, ...]:
        """The block's line, its planes in a piece of their own."""
        shared, few, each = dict[str, object](), dict[str, object](), dict[str, object]()
        same, steps, texts = dict[str, str](), dict[str, list[int]](), dict[str, list[Any]]()
        planes = dict[str, tuple[int, str]]()
        rows = len(table["id"])
        for name, column in table.items():
            values: dict[Hashable, int] = {} if _differ(column) else dict.fromkeys(column, 0)
            if len(values) == 1:
                shared[name] = column[0]
            elif values and len(values) * 4 <= rows:
                numbers = {value: number for number, value in enumerate(values)}
                few[name] = [list(values), list(map(numbers.__getitem__, column))]
            elif twin := next((one for one, its in texts.items() if its == column), None):
                same[name] = twin
            elif type(column[0]) is int:
                steps[name] = [column[0], *map(sub, column[1:], column)]
            elif type(column[0]) is str and (found := planes_of(column)) is not None:
                texts[name], planes[name] = column, found
            else:
                each[name] = column
        said = {"rows": rows, "all": shared, "of": few, "same": same, "steps": steps, "each": each}
        begun = msgspec.json.encode(said)[:-1] + b',"planes":'
        return piece_of(begun), piece_of(msgspec.json.encode(planes) + b"}\n", repeats=False)

    def table(self, pieces: tuple[Piece, ...]) -> Table:
        """Read a block's line."""
        said = msgspec.json.decode(b"".join(piece.text() for piece in pieces), type=_BlockLine)
        found: Table = {name: _hashable([value]) * said.rows for name, value in said.all.items()}
        for name, (values, numbers) in said.of.items():
            found[name] = list(map(_hashable(values).__getitem__, numbers))
        found |= {name: list(accumulate(steps)) for name, steps in said.steps.items()}
        found |= {name: _rows_of(text, said.rows) for name, (_, text) in said.planes.items()}
        found |= {name: list(found[twin]) for name, twin in said.same.items()}
        found |= {name: _hashable(column) for name, column in said.each.items()}
        return {name: found[name] for name in self.fields}

    def whole(self, head: Mapping[str, object], blocks: Sequence[Block]) -> Iterator[bytes | Piece]:
        """The text, line by line."""
        yield msgspec.json.encode({**head, "rows": sum(block.rows for block in blocks), "cards": {}}) + b"\n"
        for block in blocks:
            yield from block.pieces


def _differ(column: Sequence[Hashable]) -> bool:
    """Whether its values seem to be all different, by the first: names and moments, which need not be counted."""
    return len(column) > _FIRST and len(set(column[:_FIRST])) == _FIRST


def planes_of(column: list[str] | list[str | None]) -> tuple[int, str] | None:
    """Texts as their width and all their first characters, then all the second and so on, which are few each.

    Shorter ones are filled up with blanks, and one of blanks alone is None. None where they are not such texts.
    """
    if None in column:
        texts = [text for text in column if text is not None]
        column = [text or "" for text in column]
    else:
        texts = column = cast(list[str], column)
    widths = set(map(len, texts))
    width = max(widths)
    # A page trims whatever is white: a text that ends so would not come back.
    if width > _WIDEST or 0 in widths or any(map(str.isspace, {text[-1] for text in texts})):
        return None
    if len(widths) > 1 or len(texts) < len(column):
        column = [text.ljust(width) for text in column]
    joined = "".join(column)
    if not joined.isascii():
        return None
    text = joined.encode()
    return width, b"".join([text[place::width] for place in range(width)]).decode()


def _rows_of(planes: str, rows: int) -> list[str | None]:
    return [planes[row::rows].rstrip(" ") or None for row in range(rows)]


class _BlockLine(msgspec.Struct):
    rows: int
    all: dict[str, Any]
    of: dict[str, tuple[list[Any], list[int]]]
    same: dict[str, str]
    steps: dict[str, list[int]]
    each: dict[str, list[Any]]
    planes: dict[str, tuple[int, str]]


FORMS: Mapping[str, type[ColumnsForm] | type[BlocksForm]] = {COLUMNS: ColumnsForm, BLOCKS: BlocksForm}


def form_for(accepted: str) -> str:
    """The form for an ``Accept`` header: blocks where it names them, else columns."""
    return BLOCKS if BLOCKS in accepted else COLUMNS


def _hashable(column: list[Any]) -> list[Any]:
    """A column as cards have it: lists in it, such as the agencies of each, are tuples."""
    return [tuple(one) for one in column] if column and isinstance(column[0], list) else column


# ---- a block with changes ----


def put(table: Table, card: Mapping[str, Any]) -> None:
    """Put a card in the place of the one with its id, or where it belongs by id."""
    ids = table["id"]
    place = bisect_left(ids, card["id"])
    if place < len(ids) and ids[place] == card["id"]:
        for name, column in table.items():
            column[place] = card[name]
    else:
        for name, column in table.items():
            column.insert(place, card[name])


def drop(table: Table, id_: str) -> None:
    """Take out the card with this id, if it is there."""
    ids = table["id"]
    place = bisect_left(ids, id_)
    if place < len(ids) and ids[place] == id_:
        for column in table.values():
            del column[place]


def cut(table: Table, size: int) -> Iterator[Table]:
    """Its rows in tables of ``size``."""
    for start in range(0, len(table["id"]), size):
        yield {name: column[start : start + size] for name, column in table.items()}


def blocks_of(form: SnapshotForm, tables: Iterable[Table]) -> Iterator[Block]:
    """Write tables, none of them empty."""
    for table in tables:
        yield Block(first=table["id"][0], rows=len(table["id"]), pieces=form.pieces(table))
