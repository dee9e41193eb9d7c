"""How a snapshot's cards are written: whole columns as docs/feed.md tells everybody, or blocks for a page of ours."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

COLUMNS = "application/json"
BLOCKS = "application/vnd.liveroom.blocks"
# Rows of a block: 3 ms on the hub after the slice that fills it, and fewer than a browser's breath.
BLOCK = 800
Card = Mapping[str, Any]


class Form(Protocol):
    """Takes rows as they are read, a slice at a time; ``pieces`` then gives the whole text, ``head`` in it."""

    def add(self, rows: Sequence[Card]) -> None:
        """Take the cards of one slice."""

    def pieces(self, head: Mapping[str, object]) -> Iterator[bytes]:
        """The text, piece by piece, after the last slice."""


class Columns:
    """One JSON object whose ``cards`` are columns of all rows."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._columns: dict[str, list[bytes]] = {name: [] for name in fields}

    def add(self, rows: Sequence[Card]) -> None:
        """Take the cards of one slice."""
        for name, parts in self._columns.items():
            parts.append(msgspec.json.encode([row[name] for row in rows])[1:-1])

    def pieces(self, head: Mapping[str, object]) -> Iterator[bytes]:
        """The text, column by column."""
        yield msgspec.json.encode(head)[:-1] + b',"cards":{'
        for index, (name, parts) in enumerate(self._columns.items()):
            yield (b"," if index else b"") + msgspec.json.encode(name) + b":["
            for number, part in enumerate(parts):
                yield b"," + part if number else part
            yield b"]"
        yield b"}}"


class Blocks:
    """A line for the head, which says how many ``rows`` follow, then a line for every 800 of them.

    Of a block, ``all`` are the fields that all its rows share, ``of`` those with few values (the values, then which of
    them each row has), ``each`` the rest, a value a row. A browser reads it in a third of the time, while it comes.
    """

    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = fields
        self._waiting: list[Card] = []
        self._lines: list[bytes] = []
        self._rows = 0

    def add(self, rows: Sequence[Card]) -> None:
        """Take the cards of one slice."""
        self._waiting += rows
        self._rows += len(rows)
        if len(self._waiting) >= BLOCK:
            self._close()

    def pieces(self, head: Mapping[str, object]) -> Iterator[bytes]:
        """The text, line by line."""
        if self._waiting:
            self._close()
        yield msgspec.json.encode({**head, "rows": self._rows, "cards": {}}) + b"\n"
        yield from self._lines

    def _close(self) -> None:
        self._lines.append(msgspec.json.encode(block_of(self._waiting, self._fields)) + b"\n")
        self._waiting = []


def block_of(rows: Sequence[Card], fields: Sequence[str]) -> dict[str, object]:
    """One block of the form ``Blocks``."""
    shared, few, each = dict[str, object](), dict[str, object](), dict[str, object]()
    for name in fields:
        column = [row[name] for row in rows]
        keys: list[Hashable] = [tuple(one) for one in column] if isinstance(column[0], list) else column
        values = dict.fromkeys(keys)
        if len(values) == 1:
            shared[name] = column[0]
        elif len(values) * 4 <= len(rows):
            numbers = {value: number for number, value in enumerate(values)}
            few[name] = [list(values), list(map(numbers.__getitem__, keys))]
        else:
            each[name] = column
    return {"rows": len(rows), "all": shared, "of": few, "each": each}


FORMS: Mapping[str, type[Columns] | type[Blocks]] = {COLUMNS: Columns, BLOCKS: Blocks}


def form_for(accepted: str) -> str:
    """The form for an ``Accept`` header: blocks for who names them, else columns."""
    return BLOCKS if BLOCKS in accepted else COLUMNS
