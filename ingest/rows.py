"""Rows of a file as a source exported it, each with the line where it begins; flat in memory at any length."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveroom.domain.requests import Malformed


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record: ``line`` counts from 1, ``values`` by column, or the ``fault`` that makes it unreadable.

    ``offset``: bytes of the file read so far, for a progress bar. ``textual``: values are all text, as in CSV.
    """

    line: int
    offset: int
    values: Mapping[str, Any]
    fault: Malformed | None = None
    textual: bool = False


class Rows:
    """A file that is opened anew for each pass; ``columns`` is None where the format names them per record."""

    columns: tuple[str, ...] | None = None

    def __iter__(self) -> Iterator[Row]:
        """The records in the file's order."""
        raise NotImplementedError


def first_byte(path: Path) -> bytes:
    """The first byte that is neither blank nor a byte order mark, b"" for an empty file."""
    with path.open("rb") as file:
        start = file.read(64 * 1024).removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1]
