"""A trial: field by field, what one payload would become in this room, and every fault of it; nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from liveroom.city.city import City
from liveroom.domain.complaints.intake import PERSON, Report, Reporter, report_of
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import to_text

# Fields that a source cannot set, or whose default says nothing.
_UNSAID = ("received_at", "closed_at")
# More faults than this are no report with faults.
_MOST_FAULTS = 20
_PLACEHOLDER = "?"
_REQUIRED = ("source_id", "category")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """``report``: with all that is right in it, None where nothing is; ``faults`` in the order in which they are found.

    ``becomes``: what the room makes of it, by name (class, area, agency); nothing is said of what is not decided.
    """

    report: Report | None
    faults: tuple[Malformed, ...]
    becomes: Mapping[str, str]

    @property
    def fields(self) -> dict[str, str]:
        """The fields that are right and say something, by their names in the intake's form, as text."""
        if self.report is None:
            return {}
        said: dict[str, str] = {}
        for field in fields(Report):
            value = getattr(self.report, field.name)
            if value in (None, "", (), False, _PLACEHOLDER) or field.name in (*_UNSAID, "person"):
                continue
            said[field.name] = _text(value)
        return said | _person(self.report.person)


def try_value(value: Any, city: City, now: Any, kind: str) -> Trial:
    """What ``value``, JSON in the intake's form, would become. ``now``: room time; ``kind``: the room's."""
    faults: list[Malformed] = []
    left = value
    while len(faults) < _MOST_FAULTS:
        try:
            report = report_of(left, now, kind)
        except Malformed as fault:
            faults.append(fault)
            left = _without(left, fault.field)
            if left is None:
                break
        else:
            return Trial(report=report, faults=tuple(faults), becomes=_becomes(report, city))
    return Trial(report=None, faults=tuple(faults), becomes={})


def _without(value: Any, field: str) -> Any:
    """The value without the field that is wrong, so that the next fault is found; None where that cannot be."""
    name = field.partition(".")[0].partition("[")[0]
    if not isinstance(value, dict) or not name:
        return None
    kept = {key: one for key, one in value.items() if key != name and not (name in ("lat", "lon") and key in _POINT)}
    if name in _REQUIRED:
        kept[name] = _PLACEHOLDER
    elif name not in value and name not in _POINT:
        return None
    return kept


_POINT = ("lat", "lon")


def _becomes(report: Report, city: City) -> dict[str, str]:
    if report.category == _PLACEHOLDER:
        return {}
    key = city.category_key(report.category.strip())
    found = city.locate(report.lat, report.lon) if report.lat is not None and report.lon is not None else None
    area = found or (report.area if report.area in city.policy.areas else None)
    agency = city.policy.agency_for(key, area)
    class_ = city.policy.class_of(key, report.priority or "normal")
    said = {"category": key if key in city.policy.categories else f"{key} (?)", "class": class_}
    return said | ({"area": area} if area else {}) | ({"agency": agency} if agency else {})


def _person(person: Reporter | None) -> dict[str, str]:
    given = {} if person is None else {f"person.{name}": getattr(person, name) for name in PERSON}
    return {name: text for name, text in given.items() if text}


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(value)
    return to_text(value) if hasattr(value, "tzinfo") else str(value)
