"""A table as the answer to a request: its name, its columns in the reader's language, and what its cells say.

The file is written whole, in slices, before its first byte leaves: a fault is then still a problem document, and a
slow reader holds no transaction open.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from flask import Response

from liveroom.city.city import City
from liveroom.domain.timestamps import from_text
from liveroom.runtime import Runtime
from liveroom.runtime.language import text
from liveroom.tables.export import MEDIA_TYPES, Cell, Export, ExportColumn, written

_PIECE = 64 << 10
_END = 2
# How wide a column is that holds a moment, a number or a short word, and one of words.
NARROW, MOMENT, WORDS = 12, 20, 36


class Wording:
    """The words of one language for the keys of one city; a key that it does not know stands as it is."""

    def __init__(self, city: City, language: str) -> None:
        self.city, self.language = city, language
        self._bodies = {**city.agencies, **city.outside}

    def say(self, key: str) -> str:
        """A text of the catalogue."""
        return text(key, self.language)

    def known(self, subject: str, value: Any, among: Sequence[str] | frozenset[str]) -> str | None:
        """The word of ``subject`` for one of the values ``among``, else the value."""
        if value is None:
            return None
        return self.say(f"{subject}{value}") if value in among else str(value)

    def column(self, name: str) -> str:
        """The name of a column; the city's own word where it has one."""
        return self.city.words.own(f"term.{name}", self.language) or self.say(f"export.{name}")

    def yes(self, value: Any) -> str:
        """Yes or no."""
        return self.say("export.yes" if value else "export.no")

    def agency(self, key: str | None) -> str | None:
        """What an agency is called in short."""
        found = self._bodies.get(key or "")
        return key if found is None else found.short

    def area(self, code: str | None) -> str | None:
        """The name of an area."""
        found = self.city.areas.get(code or "")
        return code if found is None else found.name

    def district(self, area: str | None) -> str | None:
        """The name of the district in which an area lies."""
        found = self.city.areas.get(area or "")
        return None if found is None else self.city.districts[found.district].name

    def category(self, key: str | None) -> str | None:
        """The label of a category."""
        found = self.city.categories.get(key or "")
        return key if found is None else found.label_in(self.language)

    def own(self, table: Mapping[str, Mapping[str, str]], key: str) -> str | None:
        """The city's own word for a key, None where it has none."""
        return table.get(key, {}).get(self.language)


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column of rows: the key of its name behind ``export.``, how a row's cell is read, and its width."""

    name: str
    read: Callable[[Any], Cell]
    width: int = NARROW


def field(key: str) -> Callable[[Mapping[str, Any]], Cell]:
    """Read a field as it is."""
    return lambda row: row.get(key)


def moment(key: str) -> Callable[[Mapping[str, Any]], datetime | None]:
    """Read a field that holds a time as text."""
    return lambda row: from_text(row[key]) if row.get(key) else None


def export_of(columns: Sequence[ListColumn], pages: Iterator[Sequence[Any]], title: str, words: Wording) -> Export:
    """Rows by their columns; ``title``: the key of the list's name."""
    return Export(
        title=words.say(title),
        columns=[ExportColumn(words.column(one.name), one.width) for one in columns],
        pages=([[one.read(row) for one in columns] for row in page] for page in pages),
        zone=words.city.zone,
    )


def download(export: Export, form: str, name: str, now: datetime, runtime: Runtime) -> Response:
    """The file as an answer that no cache keeps; ``now`` stands in its name. Raises what reading the pages raises."""
    file = written(export, form, runtime)
    size = file.seek(0, _END)
    file.seek(0)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}-{now.astimezone(export.zone):%Y%m%d-%H%M}.{form}"',
        "Content-Length": str(size),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    answer = Response(_pieces(file), 200, headers, content_type=MEDIA_TYPES[form])
    # Also where its reader has gone before the end.
    answer.call_on_close(file.close)
    return answer


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
