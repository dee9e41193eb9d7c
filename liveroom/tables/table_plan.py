"""Which column is which field and how its cells are read (`TablePlan`), and by that a row of a table as a report.

What is read is what a source would have sent (docs/intake.md), so every rule of the intake holds. Text stays as it is;
moments, degrees, categories and priorities are understood as offices write them.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

import msgspec

from liveroom.city.areas import Area
from liveroom.city.categories import Category
from liveroom.domain import timestamps
from liveroom.domain.complaints.intake import PERSON, REPORTED_AHEAD, Report, report_of
from liveroom.domain.fields import FieldReader
from liveroom.domain.notifications import CHANNEL
from liveroom.domain.requests import Malformed
from liveroom.tables.cells import DateOrder, has_decimal_comma, read_degrees, read_moment, read_point
from liveroom.tables.column_names import PRIORITIES, plain_name
from liveroom.tables.source_rows import SourceRow, value_at

# Fields of a report that a column can be; `point` is a place in one cell.
MOMENTS = ("reported_at", "closed_at", "updated_at")
TEXTS = ("source_id", "category", "description", "address", "area", "channel", "priority")
DEGREES = ("lat", "lon")
PEOPLE = tuple(f"person.{name}" for name in PERSON)
FIELDS = (*TEXTS, *MOMENTS, *DEGREES, "point", *PEOPLE, "media", "drill")
# What the channel of the room's own page for citizens is in a file: who reports there gets letters, and not of history.
_THEIR_PAGE = "website"
# A cell of CSV that begins so is a formula to a spreadsheet; an apostrophe before it says that it is text.
NEVER_FIRST = ("=", "@", "\t", "\r", "+", "-")
# Marks an id that is made of a row's content.
MADE_OF_ROW = "row-"
# A point this far outside the city, in widths of its box, is still not turned.
_AROUND = 1.0


class TableCity(Protocol):
    """The city as a table needs it."""

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Its languages, the first one its own."""

    @property
    def categories(self) -> Mapping[str, Category]:
        """By key."""

    @property
    def areas(self) -> Mapping[str, Area]:
        """By code."""

    @property
    def bounds(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """South-west and north-east corner as (lat, lon)."""

    def in_city(self, lat: float, lon: float) -> bool:
        """Whether a point lies in the city."""

    def category_key(self, text: str) -> str:
        """The key of the category that a source calls ``text``; an unknown text itself."""


class TablePlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a table is read.

    ``columns``: by field; "" for a field that is not taken, and for ``source_id`` that an id is made of each row. A
    field that is missing here is read from the column of its own name. ``dates``: the order of day and month where both
    may be either. ``categories``: keys by what the table calls them; "" leaves one for triage. ``encoding``: of a CSV,
    where somebody said it. ``turn``: swap coordinates that lie in the city only the other way round. ``outside``: what
    becomes of points outside the city.
    """

    columns: dict[str, str] = msgspec.field(default_factory=dict)
    dates: DateOrder | None = None
    categories: dict[str, str] = msgspec.field(default_factory=dict)
    encoding: str = ""
    turn: bool = True
    outside: Literal["take", "refuse"] = "take"

    def column(self, field: str) -> str:
        """The column of a field, "" where none is."""
        return self.columns.get(field, "" if field == "point" else field)


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


class CategoryNames:
    """The city's categories by any of their names: key, label, short label and alias, in every language."""

    def __init__(self, city: TableCity) -> None:
        names: dict[str, set[str]] = {}
        for key, one in city.categories.items():
            known = (key, one.label, *one.labels.values(), one.short or "", *one.shorts.values(), *one.aliases)
            for name in filter(None, map(plain_name, known)):
                names.setdefault(name, set()).add(key)
        # A name of two categories names neither.
        self.by_name: Mapping[str, str] = {name: min(keys) for name, keys in names.items() if len(keys) == 1}
        self._city = city

    def key(self, text: str) -> str | None:
        """The key of the category of this name; None where there is none."""
        exact = self._city.category_key(text)
        if exact != text or exact in self._city.categories:
            return exact
        return self.by_name.get(plain_name(text))


class TableReader:
    """Reads rows by a plan; ``noted`` counts what was done to them: ``turned``, ``outside``, ``comma``."""

    def __init__(self, plan: TablePlan, city: TableCity) -> None:
        self.plan = plan
        self._city = city
        self._names = CategoryNames(city)
        named = Counter(plain_name(area.name) for area in city.areas.values())
        self._areas = {plain_name(a.name): a.code for a in city.areas.values() if named[plain_name(a.name)] == 1}
        (self._south, self._west), (self._north, self._east) = city.bounds
        self.noted: Counter[str] = Counter()

    def report(self, row: SourceRow, now: datetime, kind: str) -> Report:
        """The report of a row: ``reported_at`` counts as received, ``closed_at`` ends it. Raises Malformed.

        ``now`` bounds its times, ``kind`` is the room's.
        """
        values = self.values(row)
        try:
            return history_report(values, now, kind)
        except Malformed as fault:
            raise self._placed(fault) from None

    def values(self, row: SourceRow) -> dict[str, Any]:
        """The row's cells under the intake's names and nesting, as JSON would have them. Raises Malformed."""
        if row.fault is not None:
            raise row.fault
        found: dict[str, Any] = {field: self._text(row, field) for field in TEXTS}
        if self.plan.columns.get("source_id") == "":
            found["source_id"] = id_of_row(row)
        found["category"] = self._category(found["category"])
        found["area"] = self._area(found["area"])
        found["priority"] = self._priority(found["priority"])
        for field in MOMENTS:
            found[field] = self._moment(row, field)
        found["lat"], found["lon"] = self._place(row)
        found["person"] = self._person(row)
        found["media"] = self._media(row)
        found["drill"] = self._drill(row)
        return found

    def unread(self, row: SourceRow) -> dict[str, Any]:
        """The row's cells under the intake's names as they stand, for whoever corrects them."""
        flat = {field: self._cell(row, field) for field in FIELDS if field not in PEOPLE}
        people = {field.partition(".")[2]: self._cell(row, field) for field in PEOPLE}
        return said({**flat, "person": people})

    def _cell(self, row: SourceRow, field: str) -> Any:
        column = self.plan.column(field)
        value = value_at(row.values, column) if column else None
        if not isinstance(value, str):
            return value
        if row.textual and value[:1] == "'" and value[1:2] in NEVER_FIRST:
            value = value[1:]
        return value if value.strip() else None

    def _text(self, row: SourceRow, field: str) -> Any:
        """A text; a number of JSON or of a sheet is one too."""
        value = self._cell(row, field)
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        if isinstance(value, int | float | date) and not isinstance(value, bool):
            return str(value)
        return value

    def _category(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        said = value.strip()
        chosen = self.plan.categories.get(said)
        return (self._names.key(said) if chosen is None else chosen) or said

    def _area(self, value: Any) -> Any:
        if not isinstance(value, str) or value.strip() in self._city.areas:
            return value.strip() if isinstance(value, str) else value
        return self._areas.get(plain_name(value), value)

    def _priority(self, value: Any) -> Any:
        return PRIORITIES.get(plain_name(value), value.strip()) if isinstance(value, str) else value

    def _moment(self, row: SourceRow, field: str) -> Any:
        value = self._cell(row, field)
        if value is None:
            return None
        if isinstance(value, str):
            try:
                timestamps.read(value.strip())
            except ValueError:
                pass
            else:
                return value.strip()
        try:
            return timestamps.to_text(read_moment(value, self._city.zone, self.plan.dates))
        except (ValueError, OverflowError) as error:
            raise self._refused(field, value, error) from None

    def _place(self, row: SourceRow) -> tuple[Any, Any]:
        point = self._cell(row, "point")
        if point is not None:
            try:
                lat, lon = read_point(point)
            except (ValueError, OverflowError) as error:
                raise self._refused("point", point, error) from None
        else:
            degrees = [self._degrees(row, field) for field in DEGREES]
            if None in degrees:
                return degrees[0], degrees[1]
            lat, lon = degrees
        if self.plan.turn and not self._near(lat, lon) and self._near(lon, lat):
            lat, lon = lon, lat
            self.noted["turned"] += 1
        # Out of range is for the field to refuse.
        if abs(lat) <= 90 and abs(lon) <= 180 and not self._city.in_city(lat, lon):
            if self.plan.outside == "refuse":
                raise self._placed(
                    Malformed("point" if point is not None else "lat", f"{lat}, {lon} is outside the city")
                )
            self.noted["outside"] += 1
        return lat, lon

    def _degrees(self, row: SourceRow, field: str) -> Any:
        value = self._cell(row, field)
        if value is None:
            return None
        try:
            number = read_degrees(value)
        except (ValueError, OverflowError) as error:
            raise self._refused(field, value, error) from None
        self.noted["comma"] += has_decimal_comma(value)
        return number

    def _near(self, lat: float, lon: float) -> bool:
        """Whether a point lies in the city's box or around it."""
        high, wide = (self._north - self._south) * _AROUND, (self._east - self._west) * _AROUND
        return self._south - high <= lat <= self._north + high and self._west - wide <= lon <= self._east + wide

    def _person(self, row: SourceRow) -> Any:
        whole = row.values.get("person")
        if whole is not None and not isinstance(whole, Mapping) and not row.textual:
            return whole
        found = {field.partition(".")[2]: self._text(row, field) for field in PEOPLE}
        return found if any(value is not None for value in found.values()) else None

    def _media(self, row: SourceRow) -> Any:
        value = self._cell(row, "media")
        return value.split() if isinstance(value, str) else value

    def _drill(self, row: SourceRow) -> Any:
        value = self._cell(row, "drill")
        return {"true": True, "false": False}.get(value.strip().lower(), value) if isinstance(value, str) else value

    def _refused(self, field: str, value: Any, error: Exception) -> Malformed:
        """The fault of a cell that cannot be read: what it holds is no text about a person."""
        said = value if isinstance(value, str) else json.dumps(value, default=str)
        return self._placed(Malformed(field, f"{said[:60]!r} {error}"))

    def _placed(self, fault: Malformed) -> Malformed:
        """A fault that names the column too, where that has another name."""
        column = self.plan.column(fault.field.partition("[")[0])
        if not column or column == fault.field:
            return fault
        return Malformed(fault.field, f"{fault.message} (column {column!r})")


def said(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something: whoever corrects a row need not read past the others."""
    inner = {name: said(one) if isinstance(one, dict) else one for name, one in values.items()}
    return {name: one for name, one in inner.items() if one not in (None, {})}


def id_of_row(row: SourceRow) -> str:
    """An id made of all that a row says: the same row has the same one in every file and on every day."""
    said = {name: str(value) for name, value in row.values.items() if value not in (None, "")}
    text = json.dumps(said, sort_keys=True, ensure_ascii=True)
    return MADE_OF_ROW + hashlib.sha256(text.encode()).hexdigest()[:40]


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
    channel = _THEIR_PAGE if report.channel == CHANNEL else report.channel
    return replace(report, channel=channel, received_at=report.reported_at, closed_at=closed_at)
