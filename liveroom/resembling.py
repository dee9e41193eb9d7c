"""Recent open complaints that may be about the same thing: near, of one kind, told at one time, in the same words."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rapidfuzz import fuzz

from liveroom.city.city import City
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.surge import metres_between
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.engine import Connection
from liveroom.log.searched_read import report_texts
from liveroom.projection import read
from liveroom.projection.listing_read import NEWEST, Walk, walk

WITHIN_M, WITHIN = 1000.0, timedelta(days=14)
# Rows looked at, texts compared, characters of a text compared; all of it costs about 10 ms.
ROWS, COMPARED, CHARACTERS = 400, 40, 400
LEAST = 0.35
OPEN = ("waiting", "in_process")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """``metres`` None when either has no place, ``minutes`` between their receipts; ``score`` 0 to 1."""

    complaint: Complaint
    metres: int | None
    minutes: int
    score: float


def resembling(connection: Connection, city: City, complaint: Complaint, words: str, most: int) -> tuple[Alike, ...]:
    """Up to ``most`` that resemble a complaint with these words, the likeliest first; at most three queries."""
    rows = [row for row in walk(connection, _way(city, complaint), NEWEST, ROWS) if row.id != complaint.id]
    rough = sorted(((_rough(complaint, row), row) for row in rows), key=lambda pair: -pair[0])[:COMPARED]
    texts = report_texts(connection, [row.id for _, row in rough])
    scored = []
    for score, row in rough:
        told = texts.get(row.id, {}).get("description", "")[:CHARACTERS]
        alike = fuzz.token_set_ratio(words[:CHARACTERS], told) / 100 if words and told else 0.0
        scored.append((score + 0.3 * alike, row))
    best = sorted((pair for pair in scored if pair[0] >= LEAST), key=lambda pair: -pair[0])[:most]
    found = {one.id: one for one in read.complaints(connection, [row.id for _, row in best])}
    return tuple(_alike(complaint, found[row.id], row, score) for score, row in best)


def _way(city: City, complaint: Complaint) -> Walk:
    """Around its place, else in its area, else of its category."""
    by: str = "category"
    values: tuple[str, ...] = (complaint.category,)
    if complaint.lat is not None and complaint.lon is not None:
        by, values = "area", tuple(sorted(city.areas_near(complaint.lat, complaint.lon, WITHIN_M))) or ("",)
    elif complaint.area is not None:
        by, values = "area", (complaint.area,)
    since = to_micros(complaint.received_at - WITHIN)
    return Walk(by=by, values=values, statuses=OPEN, since=since, until=to_micros(complaint.received_at + WITHIN))


def _rough(complaint: Complaint, row: Any) -> float:
    """What is known without the words: 0.3 for the kind, 0.3 for the place, 0.1 for the time."""
    metres = _metres(complaint, row)
    near = max(0.0, 1 - metres / WITHIN_M) if metres is not None else 0.3 * (row.area == (complaint.area or "-"))
    apart = abs(from_micros(row.received_at) - complaint.received_at) / WITHIN
    far = metres is not None and metres > WITHIN_M
    return 0.0 if far else 0.3 * (row.category == complaint.category) + 0.3 * near + 0.1 * (1 - apart)


def _metres(complaint: Complaint, row: Any) -> float | None:
    if complaint.lat is None or complaint.lon is None or row.lat is None:
        return None
    return metres_between(complaint.lat, complaint.lon, row.lat, row.lon)


def _alike(complaint: Complaint, other: Complaint, row: Any, score: float) -> Alike:
    metres = _metres(complaint, row)
    apart: timedelta = abs(other.received_at - complaint.received_at)
    return Alike(
        complaint=other,
        metres=round(metres) if metres is not None else None,
        minutes=int(apart.total_seconds() // 60),
        score=round(score, 3),
    )
