"""The plan that a file itself suggests: what each column means and why, and what only a person can say.

Nothing is written, and what is looked at is the first thousand rows. Where day and month may be either, no order is
guessed: it is asked. Columns about persons are not taken unless somebody says so.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from rapidfuzz import fuzz, process

from liveroom.domain.complaints.intake import CODE
from liveroom.domain.requests import Malformed
from liveroom.tables.cells import (
    DateOrder,
    degrees_among,
    looks_like_moment,
    looks_like_point,
    order_shown,
)
from liveroom.tables.column_names import PRIORITIES, fields_named, personal_field, plain_name
from liveroom.tables.source_rows import SourceRow, SourceRows, has_column, names_of_columns, some_of, value_at
from liveroom.tables.table_plan import FIELDS, MOMENTS, CategoryNames, TableCity, TablePlan

SAMPLE = 1_000
# Where these do not show whether day or month is first, so many are asked: an export is often in order of time.
_ASKED = 50_000
# Of the filled cells of a column so many must be what its name says, and so many of an id be different.
_HALF, _MOST_OF, _NEARLY_ALL = 0.5, 0.6, 0.98
_SHOWN, _LONGEST_SHOWN = 3, 80
MOST_CATEGORIES = 300
_ALIKE = 80.0
# From so many real dates without a day above 12, beside so many texts with one, it is no chance.
_REAL, _TEXTUAL = 10, 3
# Names that a mere count of the rows has too.
_COUNTS = frozenset({"no", "nomor", "number", "numero"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSeen:
    """A column: some of its values, and the field it is taken for, "" for none.

    ``why``: given, name, content, or personal (about a person, so not taken and not shown).
    """

    name: str
    samples: tuple[str, ...]
    field: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CategorySeen:
    """What the file calls a category, in how many of the rows looked at; ``near``: one that it may mean."""

    text: str
    rows: int
    key: str | None
    near: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """``plan``: complete but for ``questions``: ``category`` (no column is it), ``dates`` (day or month first?).

    ``said``: of the file. ``order``: why day and month are read so: ``shown``, ``given``, ``asked``, or "" where none
    is in doubt. ``sample``: the rows looked at.
    """

    plan: TablePlan
    said: Mapping[str, str]
    columns: tuple[ColumnSeen, ...]
    categories: tuple[CategorySeen, ...]
    questions: tuple[str, ...]
    order: str
    sample: tuple[SourceRow, ...]


def understand(rows: SourceRows, city: TableCity, given: TablePlan) -> Understood:
    """What a file is taken for; ``given``: what somebody said already, which holds.

    Raises Malformed for a file without rows or columns, and for a given column that it lacks.
    """
    sample = some_of(iter(rows), SAMPLE)
    if not sample and not rows.columns:
        raise Malformed("file", "the file is empty")
    good = [row for row in sample if row.fault is None]
    names = names_of_columns(rows, good)
    check_columns(rows, good, given.columns)
    taken, why = _Guess(names, good, city, given.columns).made()
    columns = {**taken, **{field: "" for field in ("source_id",) if field not in taken}}
    order, order_why = _order(good, columns, given.dates)
    if order_why == "asked":
        order, order_why = _order(islice(rows, len(sample), _ASKED), columns, None, asked=True)
    _refuse_turned(good, columns)
    plan = msgspec.structs.replace(given, columns=columns, dates=order)
    questions = ["category"] if names and not columns.get("category") else []
    questions += ["dates"] if order_why == "asked" else []
    return Understood(
        plan=plan,
        said=rows.said,
        columns=_columns(names, good, columns, why),
        categories=_categories(good, plan, city),
        questions=tuple(questions),
        order=order_why,
        sample=tuple(sample),
    )


def settled(found: Understood) -> TablePlan:
    """The plan, for those who cannot be asked. Raises Malformed naming the first thing that somebody has to say."""
    if "category" in found.questions:
        names = ", ".join(one.name for one in found.columns[:20])
        raise Malformed("category", f"there is no column 'category', and no other is one by its name: {names}")
    if "dates" in found.questions:
        field = next(one for one in MOMENTS if found.plan.columns.get(one))
        said = "may be day/month or month/day: say --dates dmy or --dates mdy"
        raise Malformed(field, f"the dates in column {found.plan.columns[field]!r} {said}")
    return found.plan


def check_columns(rows: SourceRows, sample: Sequence[SourceRow], columns: Mapping[str, str]) -> None:
    """Raises Malformed, naming the field, for a given column that the file lacks."""
    for field, column in columns.items():
        if field not in FIELDS:
            raise Malformed(field, f"is no field of a report: {', '.join(FIELDS)}")
        if not column or (rows.columns is None and not sample):
            continue
        names = rows.columns
        if not (column in names if names is not None else any(has_column(row.values, column) for row in sample)):
            raise Malformed(field, f"there is no column {column!r}")


# Guesses.


class _Guess:
    """Which column is which field, the surest first: as given, its own name, a known name, the content."""

    def __init__(
        self, names: Sequence[str], sample: Sequence[SourceRow], city: TableCity, given: Mapping[str, str]
    ) -> None:
        self._names, self._city = names, city
        self._cells = {name: [value_at(row.values, name) for row in sample] for name in names}
        self._taken = dict(given)
        self._why = {column: "given" for column in given.values() if column}

    def made(self) -> tuple[dict[str, str], dict[str, str]]:
        """Columns by field, and why by column."""
        for field in FIELDS:
            if field != "point" and field in self._names and field not in self._taken:
                self._take(field, field, "name")
        named = [
            (FIELDS.index(field), rank, name, field)
            for name in self._names
            if personal_field(name) is None
            for field, rank in fields_named(name).items()
        ]
        for _, _, name, field in sorted(named):
            if self._free(field, name) and self._fits(field, self._filled(name), name):
                self._take(field, name, "name")
        self._by_content()
        return self._taken, self._why

    def _take(self, field: str, column: str, why: str) -> None:
        self._taken[field] = column
        self._why[column] = why

    def _free(self, field: str, column: str) -> bool:
        if field in self._taken or column in self._why:
            return False
        if field == "point":
            return not (self._taken.get("lat") and self._taken.get("lon"))
        return not (field in ("lat", "lon") and self._taken.get("point"))

    def _filled(self, column: str) -> list[Any]:
        return [
            one for one in self._cells[column] if one is not None and not (isinstance(one, str) and not one.strip())
        ]

    def _fits(self, field: str, filled: list[Any], name: str) -> bool:
        if field == "source_id":
            return self._is_id(filled, name)
        if field in ("lat", "lon"):
            return degrees_among(filled, -180, 180) >= _MOST_OF
        if field == "point":
            # Of GeoJSON all are taken, so that an outline among points is refused and no point loses its place by it.
            shapes = any(isinstance(one, dict) and looks_like_point(one) for one in filled)
            return shapes or _share(filled, looks_like_point) >= _MOST_OF
        if not filled:
            return field in MOMENTS
        if field in MOMENTS:
            return _share(filled, _is_moment) >= _MOST_OF
        if field == "priority":
            return _share(filled, lambda one: plain_name(str(one)) in PRIORITIES) >= _MOST_OF
        if field == "media":
            return _share(filled, lambda one: str(one).startswith(("http://", "https://"))) >= _MOST_OF
        if field == "area":
            known = {*self._city.areas, *(plain_name(area.name) for area in self._city.areas.values())}
            return _share(filled, lambda one: str(one) in known or plain_name(str(one)) in known) >= _MOST_OF
        return _share(filled, lambda one: _is_text(one, field)) >= _MOST_OF

    def _is_id(self, filled: list[Any], name: str) -> bool:
        said = [str(one).strip() for one in filled]
        if not said or len(said) < len(self._cells[name]) * _NEARLY_ALL:
            return False
        # A number that stands twice is the same complaint again. To make ids of the rows for its sake would bring in
        # once more all that came under its number before; a name that may only count the rows is trusted less.
        different = _NEARLY_ALL if plain_name(name) in _COUNTS else _HALF
        if len(set(said)) < len(said) * different:
            return False
        if max(map(len, said)) > CODE or any(isinstance(one, dict | list) for one in filled):
            return False
        return not (plain_name(name) in _COUNTS and _is_count(said))

    def _by_content(self) -> None:
        """What no name says: when it came, and where, by what the cells hold."""
        left = [name for name in self._names if name not in self._why and personal_field(name) is None]
        left = [name for name in left if len(self._filled(name)) * 2 >= max(len(self._cells[name]), 1)]
        if "reported_at" not in self._taken:
            self._first("reported_at", left, looks_like_moment, 0.9)
        if not {"lat", "lon", "point"} & self._taken.keys():
            self._first("point", [n for n in left if n not in self._why], _is_pair, 0.9)
        if not {"lat", "lon", "point"} & self._taken.keys():
            self._place(left)

    def _first(self, field: str, among: Iterable[str], is_one: Any, share: float) -> None:
        found = next((name for name in among if _share(self._filled(name), is_one) >= share), None)
        if found is not None:
            self._take(field, found, "content")

    def _place(self, left: Sequence[str]) -> None:
        (south, west), (north, east) = self._city.bounds
        fractions = [name for name in left if name not in self._why and _share(self._filled(name), _is_fraction) >= 0.9]
        lat = next((n for n in fractions if degrees_among(self._filled(n), south, north) >= 0.8), None)
        lon = next((n for n in fractions if n != lat and degrees_among(self._filled(n), west, east) >= 0.8), None)
        if lat is not None and lon is not None:
            self._take("lat", lat, "content")
            self._take("lon", lon, "content")


def _is_count(said: Sequence[str]) -> bool:
    """Whether the cells only count the rows."""
    first = said[0]
    if not (first.isascii() and first.isdecimal() and len(first) < 10):
        return False
    return list(said) == [str(int(first) + n) for n in range(len(said))]


def _share(filled: Sequence[Any], is_one: Any) -> float:
    return sum(1 for one in filled if is_one(one)) / len(filled) if filled else 0.0


def _is_moment(value: Any) -> bool:
    """A date, or the seconds since 1970 under a name that says so."""
    if isinstance(value, datetime) or looks_like_moment(value):
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 1e8


def _is_pair(value: Any) -> bool:
    return not isinstance(value, int | float) and looks_like_point(value)


def _is_fraction(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, str) and any(mark in value for mark in ".,"))


def _is_text(value: Any, field: str) -> bool:
    if isinstance(value, dict | list | bool | datetime):
        return False
    text = str(value)
    return len(text) <= CODE if field in ("category", "channel") else not _is_pair(value)


# Day and month.


def _order(
    sample: Iterable[SourceRow], columns: Mapping[str, str], given: DateOrder | None, *, asked: bool = False
) -> tuple[DateOrder | None, str]:
    """The order and why; ``asked``: it is in doubt already."""
    used = [columns[field] for field in MOMENTS if columns.get(field)]
    shown = Counter(order_shown(value_at(row.values, name)) for row in sample for name in used)
    if given is not None:
        return given, "given"
    if shown["dmy"] and not shown["mdy"]:
        return "dmy", "shown"
    if shown["mdy"] and not shown["dmy"]:
        return "mdy", "shown"
    return None, "asked" if asked or shown["either"] else ""


def _refuse_turned(sample: Sequence[SourceRow], columns: Mapping[str, str]) -> None:
    """Raises Malformed for a column that a program with another order of day and month made dates of.

    It took 3/4 for the 4th of March, and left 28/4 as text.
    """
    for field in MOMENTS:
        cells = [value_at(row.values, columns[field]) for row in sample] if columns.get(field) else []
        days = [cell.day for cell in cells if isinstance(cell, datetime)]
        texts = sum(1 for cell in cells if order_shown(cell) in ("dmy", "mdy"))
        if len(days) >= _REAL and max(days) <= 12 and texts >= _TEXTUAL:
            said = "has dates up to the 12th and those after it as text: day and month were turned when it was opened"
            raise Malformed(field, f"column {columns[field]!r} {said}; export it anew, as CSV")


# What is shown.


def _columns(
    names: Sequence[str], sample: Sequence[SourceRow], taken: Mapping[str, str], why: Mapping[str, str]
) -> tuple[ColumnSeen, ...]:
    fields = {column: field for field, column in taken.items() if column}
    return tuple(_column(name, sample, fields.get(name, ""), why.get(name, "")) for name in names)


def _column(name: str, sample: Sequence[SourceRow], field: str, why: str) -> ColumnSeen:
    personal = personal_field(name) is not None or field.startswith("person.")
    if personal:
        return ColumnSeen(name=name, samples=(), field=field, why=why or "personal")
    values = (value_at(row.values, name) for row in sample)
    said = dict.fromkeys(str(one).strip()[:_LONGEST_SHOWN] for one in values if one not in (None, ""))
    return ColumnSeen(name=name, samples=tuple(islice(filter(None, said), _SHOWN)), field=field, why=why)


def _categories(sample: Sequence[SourceRow], plan: TablePlan, city: TableCity) -> tuple[CategorySeen, ...]:
    column, names = plan.columns.get("category"), CategoryNames(city)
    if not column:
        return ()
    said = (value_at(row.values, column) for row in sample)
    counts = Counter(str(one).strip()[:CODE] for one in said if one not in (None, "") and str(one).strip())
    return tuple(category_seen(text, n, plan, names) for text, n in counts.most_common(MOST_CATEGORIES))


def category_seen(text: str, rows: int, plan: TablePlan, names: CategoryNames) -> CategorySeen:
    """What becomes of a category of the file, and what it may mean where nothing says so."""
    chosen = plan.categories.get(text)
    key = names.key(text) if chosen is None else chosen or None
    near = None
    if key is None and names.by_name:
        alike = process.extractOne(plain_name(text), list(names.by_name), scorer=fuzz.WRatio, score_cutoff=_ALIKE)
        near = None if alike is None else names.by_name[alike[0]]
    return CategorySeen(text=text, rows=rows, key=key, near=near)
