"""The intake contract as pure functions: the body of a POST becomes Reports, or says field by field why not.

docs/intake.md is the contract in words; it knows no HTTP and no database.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ingest.record import Record, web_address
from liveroom.domain.refusals import Malformed
from liveroom.domain.report import Person, Report
from liveroom.json_body import TooLarge, read_json

MAX_ITEMS = 1000
CODE = 128
DESCRIPTION = 4000
ADDRESS = 500
PERSON = {"name": 200, "phone": 64, "email": 254}
MAX_MEDIA = 20
MEDIA_ADDRESS = 2048
PRIORITIES = ("critical", "urgent", "normal")
REPORTED_AHEAD = timedelta(minutes=10)
# Orders resends of one source among themselves; a source whose clock is in another zone is still in order.
UPDATED_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ParsedOne:
    """The body was one object."""

    report: Report


@dataclass(frozen=True, slots=True)
class ParsedMany:
    """The body was an array; one entry an item, in order. Empty is a sign of life."""

    items: tuple[Report | Malformed, ...]


def parse_body(raw: bytes, *, room_now: datetime, kind: str, max_items: int = MAX_ITEMS) -> ParsedOne | ParsedMany:
    """What a POST brought, ``room_now`` aware UTC, ``kind`` of the room.

    Raises TooLarge (413), BadJson (400), and Malformed (422) when a single object is wrong; in an array each wrong item
    is its own Malformed.
    """
    value = read_json(raw)
    if not isinstance(value, list):
        return ParsedOne(report_of(value, room_now, kind))
    if len(value) > max_items:
        raise TooLarge(f"at most {max_items} items a request")
    return ParsedMany(tuple(_report_or_fault(item, room_now, kind) for item in value))


def _report_or_fault(value: Any, room_now: datetime, kind: str) -> Report | Malformed:
    """One array item; its fault is its answer and stops nobody else."""
    try:
        return report_of(value, room_now, kind)
    except Malformed as fault:
        return fault


def report_of(value: Any, room_now: datetime, kind: str) -> Report:
    """One JSON value as a Report. Raises Malformed naming the field ("" when the value is no object)."""
    if not isinstance(value, dict):
        raise Malformed("", "must be an object")
    record = Record(value)
    lat, lon = place(record)
    return Report(
        source_id=record.required("source_id", CODE),
        category=record.required("category", CODE),
        description=record.text("description", DESCRIPTION) or "",
        address=record.text("address", ADDRESS) or "",
        lat=lat,
        lon=lon,
        area=record.text("area", CODE) or None,
        channel=record.text("channel", CODE) or None,
        reported_at=record.moment("reported_at", room_now + REPORTED_AHEAD),
        updated_at=record.moment("updated_at", room_now + UPDATED_AHEAD),
        priority=record.choice("priority", PRIORITIES),
        person=person(record),
        media=media(record),
        drill=drill(record, kind),
    )


def place(record: Record) -> tuple[float | None, float | None]:
    """Latitude and longitude in WGS 84 degrees, both or neither. Outside the city is fine, outside the earth is not."""
    lat, lon = record.number("lat", 90), record.number("lon", 180)
    if (lat is None) != (lon is None):
        raise Malformed("lat" if lat is None else "lon", "lat and lon come together or not at all")
    return lat, lon


def person(record: Record) -> Person | None:
    """Who reported, None when nothing is told of them. Unknown fields are ignored as everywhere."""
    value = record.get("person")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Malformed("person", "must be an object")
    inner = Record(value, "person.")
    told = {name: inner.text(name, limit) or None for name, limit in PERSON.items()}
    return Person(**told) if any(told.values()) else None


def media(record: Record) -> tuple[str, ...]:
    """Addresses of pictures and other files, as given; fetching them is the media worker's."""
    value = record.get("media")
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Malformed("media", "must be an array")
    if len(value) > MAX_MEDIA:
        raise Malformed("media", f"may have at most {MAX_MEDIA} items")
    return tuple(web_address(item, f"media[{n}]", MEDIA_ADDRESS) for n, item in enumerate(value))


def drill(record: Record, kind: str) -> bool:
    """Whether the report is practice: everything in a drill room is, nothing in a real one may be."""
    said = record.flag("drill")
    if said and kind == "real":
        raise Malformed("drill", "a real room takes no drill reports")
    return said or kind == "drill"
