"""What can betray a person though it is a code: the exact place, and a category in a source's words (law 27/2022)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from liveroom.domain._happened import happened
from liveroom.domain.complaint import Complaint
from liveroom.domain.events import Event, Kind

PLACE = ("lat", "lon")
# A category that no city has: it is treated as one that is not known.
BLANK = ""


def blank(told: Mapping[str, Any], listed: Collection[str]) -> dict[str, Any]:
    """A payload, or codes, without them; ``listed`` are the city's categories. Keys stay as they are."""
    nowhere: dict[str, Any] = {key: None for key in PLACE if key in told}
    words = told.get("category")
    return {**told, **nowhere, **({"category": BLANK} if words is not None and words not in listed else {})}


def erased(complaint: Complaint, listed: Collection[str], now: datetime, *, whole: bool) -> Event:
    """What the log says of it: how much went, and the codes that went with it, as they are from now on."""
    known: dict[str, Any] = {key: getattr(complaint, key) for key in (*PLACE, "category")}
    gone = {key: value for key, value in blank(known, listed).items() if whole and value != known[key]}
    payload = {"what": "all" if whole else "person", **gone}
    return happened(Kind.ERASED, complaint.id, at=now, payload=payload)
