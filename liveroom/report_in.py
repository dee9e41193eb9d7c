"""One JSON value becomes a Report, or is told field by field why not: the same at the intake's door and at the desk's.

docs/intake.md is the contract in words.
"""

from datetime import datetime, timedelta
from typing import Any

from liveroom.domain.refusals import Malformed
from liveroom.domain.report import Person, Report
from liveroom.record import Record, web_address

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
