"""The intake contract as pure functions: the body of a POST becomes Reports, or says field by field why not.

docs/intake.md is the contract in words; it knows no HTTP and no database.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liveroom.domain.complaints.intake import Report, report_of
from liveroom.domain.requests import Malformed
from liveroom.runtime.http_input import TooLarge, read_json

MAX_ITEMS = 1000


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
