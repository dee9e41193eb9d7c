"""The page `/open-data` and the files that it offers, made by `run.py open-data`; 404 where the settings keep it shut.

Nothing here reads the log: what there is lies in the data folder. A drill has no such page, its complaints being made
up.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec
from flask import Response, request, send_file

from display.citizens.responses import CitizenSite, message_page, render
from display.pages.page import language_of
from liveroom.open_data.columns import table_schema
from liveroom.open_data.editions import MEDIA_TYPES, EditionFile, Editions, MonthEdition
from liveroom.runtime.language import written_day, written_month, written_number
from liveroom.runtime.time import monotonic

# How long what there is stays known, and how long a browser may take a file for the newest.
KEPT_S = 60
_CACHE = f"public, max-age={KEPT_S}"
_LABELS = {"csv": "CSV", "geojson": "GeoJSON", "parquet": "Parquet"}
COLUMNS_FILE = "columns.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedFile:
    """A file as the page shows it."""

    format: str
    label: str
    size: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedMonth:
    """A month as the page shows it."""

    edition: MonthEdition
    name: str
    rows: str
    counted: str
    made_on: str
    files: tuple[OfferedFile, ...]


class OpenDataPage:
    """The page and its files; ``data_dir``: where they lie."""

    def __init__(self, site: CitizenSite, data_dir: Path) -> None:
        self._site = site
        self._editions = Editions(data_dir, site.room.kind)
        self._open = site.public.open_data and site.room.kind != "drill"
        self._known: tuple[float, list[MonthEdition]] | None = None

    def page(self) -> Response:
        """The months with their files, what is in them, and the columns."""
        if not self._open:
            return message_page(self._site, "none", 404)
        city = self._site.room.city
        language = language_of(city)
        context = {
            "months": [_offered(edition, language) for edition in self._current()],
            "licence": city.open_data,
            "schema": table_schema(city, language),
            "after_days": self._site.public.open_data_days,
        }
        answer = render(self._site, "open_data.html", context)
        answer.headers["Cache-Control"] = _CACHE
        del answer.headers["X-Robots-Tag"]  # it is there to be found
        return answer

    def file(self, name: str) -> Response:
        """A file of a month, whole or a range of it, or the columns as a Table Schema."""
        if not self._open:
            return message_page(self._site, "none", 404)
        if name == COLUMNS_FILE:
            return self._columns()
        month, _, format_ = name.partition(".")
        for _try in range(2):  # a new edition may take the place of the one that was just read of
            edition = self._editions.of(month)
            found = None if edition is None else edition.file(format_)
            if found is None:
                break
            try:
                return self._send(month, found)
            except FileNotFoundError:
                continue
        return message_page(self._site, "none", 404)

    def _send(self, month: str, found: EditionFile) -> Response:
        answer = send_file(
            self._editions.folder(month).resolve() / found.stored,
            mimetype=MEDIA_TYPES[found.format].partition(";")[0],
            as_attachment=True,
            download_name=f"{self._site.room.city.key}-{month}.{found.format}",
            conditional=True,
            etag=found.sha256,
            last_modified=None,
        )
        answer.headers["Content-Type"] = MEDIA_TYPES[found.format]
        answer.headers["Cache-Control"] = _CACHE
        return answer

    def _columns(self) -> Response:
        city = self._site.room.city
        described = table_schema(city, language_of(city))
        answer = Response(msgspec.json.encode(described), content_type="application/json")
        answer.headers["Cache-Control"] = _CACHE
        answer.add_etag()
        answer.make_conditional(request)
        return answer

    def _current(self) -> list[MonthEdition]:
        """What there is, at most a minute old: however many ask, the folder is read once."""
        if self._known is None or monotonic() - self._known[0] >= KEPT_S:
            self._known = monotonic(), self._editions.newest_first()
        return self._known[1]


def _offered(edition: MonthEdition, language: str) -> OfferedMonth:
    return OfferedMonth(
        edition=edition,
        name=written_month(date.fromisoformat(f"{edition.month}-01"), language),
        rows=written_number(edition.rows, language, 0),
        counted=written_number(edition.counted, language, 0),
        made_on=written_day(date.fromisoformat(edition.made_on), language),
        files=tuple(
            OfferedFile(
                format=one.format,
                label=_LABELS[one.format],
                size=f"{written_number(one.size / 1000, language, 0 if one.size >= 10_000 else 1)} kB",
                sha256=one.sha256,
            )
            for one in edition.files
        ),
    )
