"""The columns of the files, in order, and the row of one complaint.

The names, types and meanings are promised: a column may be added at the end, and none changes (docs/open-data.md). What
each means stands in the catalogue of texts, under `open_data.column.NAME`, and goes out as a Table Schema.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from liveroom.city.city import City
from liveroom.domain.complaints.model import Status
from liveroom.domain.timestamps import from_micros
from liveroom.open_data.anonymity import Cell
from liveroom.projection.public import ReceivedComplaint
from liveroom.runtime.language import text

# The columns as a whole; another number when one was added.
VERSION = 1
# In how many days it was done: the smallest of these that holds, so that no day of its end is given away.
DAY_STEPS = (1, 3, 7, 14, 30, 60, 90, 180, 365)
LEVELS = ("area", "district", "city")
Value = str | int | float | bool | date | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column; ``type`` as Table Schema names it, ``unit``: "" for none, ``empty``: whether it may be null.

    ``choices``: all the values that it may have; empty: any.
    """

    name: str
    type: str
    unit: str = ""
    empty: bool = True
    choices: tuple[str | int, ...] = ()


COLUMNS = (
    Column(name="month", type="yearmonth", empty=False),
    Column(name="received_from", type="date", empty=False),
    Column(name="received_to", type="date", empty=False),
    Column(name="place_level", type="string", empty=False, choices=LEVELS),
    Column(name="area_code", type="string"),
    Column(name="area", type="string"),
    Column(name="district_code", type="string"),
    Column(name="district", type="string"),
    Column(name="lat", type="number", unit="degree (WGS 84)"),
    Column(name="lon", type="number", unit="degree (WGS 84)"),
    Column(name="category", type="string"),
    Column(name="category_name", type="string"),
    Column(name="group", type="string"),
    Column(name="group_name", type="string"),
    Column(name="status", type="string", empty=False, choices=tuple(one.value for one in Status)),
    Column(name="done_within_days", type="integer", unit="day", choices=DAY_STEPS),
    Column(name="late", type="boolean"),
)
# Decimals of degrees: 10 m, of the middle of an area.
_DECIMALS = 4


def row_of(found: ReceivedComplaint, cell: Cell, month: str, city: City) -> Row:
    """The row of a complaint: of matter, place and time what its cell says, and what became of it in steps."""
    status = Status(found.status)
    done, elsewhere = status is Status.DONE, status is Status.ELSEWHERE
    values: Mapping[str, Value] = {
        "month": month,
        "received_from": cell.first,
        "received_to": cell.last,
        **_place(cell, city),
        "category": cell.category,
        "category_name": _label(city.categories, cell.category),
        "group": cell.group,
        "group_name": _label(city.groups, cell.group),
        "status": status.value,
        "done_within_days": _days(from_micros(found.received_at), found.closed_at) if done else None,
        "late": None if elsewhere else found.late,
    }
    return tuple(values[column.name] for column in COLUMNS)


def _place(cell: Cell, city: City) -> Mapping[str, Value]:
    area, district = city.areas.get(cell.area or ""), city.districts.get(cell.district or "")
    point = area.centroid if area is not None else district.anchor if district is not None else None
    return {
        "place_level": LEVELS[0 if cell.area is not None else 1 if cell.district is not None else 2],
        "area_code": cell.area,
        "area": None if area is None else area.name,
        "district_code": cell.district,
        "district": None if district is None else district.name,
        "lat": None if point is None else round(point[1], _DECIMALS),
        "lon": None if point is None else round(point[0], _DECIMALS),
    }


def _label(known: Mapping[str, Any], key: str | None) -> str | None:
    found = known.get(key or "")
    return None if found is None else str(found.label)


def _days(received: datetime, closed: datetime | None) -> int | None:
    """The step that holds the time it took; None where it took longer than the last."""
    took = timedelta() if closed is None else closed - received
    return next((days for days in DAY_STEPS if took <= timedelta(days=days)), None)


def order(row: Row) -> tuple[tuple[bool, str], ...]:
    """A key to sort rows by all that they say, so that their order says nothing more."""
    return tuple((value is None, f"{value}") for value in row)


def table_schema(city: City, language: str) -> dict[str, Any]:
    """The columns as a Table Schema (frictionless), each with ``unit`` and what an empty cell means."""
    say: Callable[[str], str] = lambda key: text(f"open_data.{key}", language)  # noqa: E731 said of each column
    return {
        "name": "complaints",
        "title": text("open_data.title_of", language, city=city.name),
        "version": str(VERSION),
        "missingValues": [""],
        "fields": [
            {
                "name": one.name,
                "type": one.type,
                "unit": one.unit or None,
                "description": say(f"column.{one.name}"),
                "empty": say(f"empty.{one.name}") if one.empty else None,
                "constraints": {"required": not one.empty, **({"enum": list(one.choices)} if one.choices else {})},
            }
            for one in COLUMNS
        ],
    }
