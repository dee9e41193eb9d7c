"""Suggestions for a new complaint: category, agency, area, open complaints that may be about the same thing, and how
often that was at its place before.

The officer decides. Similar ones are near, of one category, received at about the same time, or in the same words; the
score goes from 0 to 1: 0.3 each for category, place and words, 0.1 for time.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rapidfuzz import fuzz

from liveroom.city.categories import Hint, Hints
from liveroom.city.city import City, PlaceNames
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.requests import Unknown
from liveroom.domain.signs.recurrence import Recurrence
from liveroom.domain.surge import metres_between
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.engine import Connection
from liveroom.log.event_log import EventLog
from liveroom.projection import complaints
from liveroom.projection.complaints import OPEN_STATUSES
from liveroom.projection.receipts import times_there
from liveroom.projection.search import NEWEST, Walk, report_texts, walk

# ---- similar complaints ----

WITHIN_M, WITHIN = 1000.0, timedelta(days=14)
# Rows read, texts compared, characters of a text compared; all of it costs about 10 ms.
ROWS, COMPARED, CHARACTERS = 400, 40, 400
LEAST = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarComplaint:
    """A complaint like another; ``metres`` None when either has no place, ``minutes`` between their receipts."""

    complaint: Complaint
    metres: int | None
    minutes: int
    score: float


def _similar_to(
    connection: Connection, city: City, complaint: Complaint, words: str, most: int
) -> tuple[SimilarComplaint, ...]:
    """Up to ``most`` that are like a complaint with these words, the most similar first; at most three queries."""
    rows = [row for row in walk(connection, _walk_near(city, complaint), NEWEST, ROWS) if row.id != complaint.id]
    rough = sorted(((_rough(complaint, row), row) for row in rows), key=lambda pair: -pair[0])[:COMPARED]
    texts = report_texts(connection, [row.id for _, row in rough])
    scored = []
    for score, row in rough:
        other = texts.get(row.id, {}).get("description", "")[:CHARACTERS]
        alike = fuzz.token_set_ratio(words[:CHARACTERS], other) / 100 if words and other else 0.0
        scored.append((score + 0.3 * alike, row))
    best = sorted((pair for pair in scored if pair[0] >= LEAST), key=lambda pair: -pair[0])[:most]
    found = {one.id: one for one in complaints.complaints(connection, [row.id for _, row in best])}
    return tuple(_similar(complaint, found[row.id], row, score) for score, row in best)


def _walk_near(city: City, complaint: Complaint) -> Walk:
    """Open complaints around its place, else in its area, else of its category."""
    by: str = "category"
    values: tuple[str, ...] = (complaint.category,)
    if complaint.lat is not None and complaint.lon is not None:
        by, values = "area", tuple(sorted(city.areas_near(complaint.lat, complaint.lon, WITHIN_M))) or ("",)
    elif complaint.area is not None:
        by, values = "area", (complaint.area,)
    since = to_micros(complaint.received_at - WITHIN)
    return Walk(
        by=by,
        values=values,
        statuses=tuple(OPEN_STATUSES),
        since=since,
        until=to_micros(complaint.received_at + WITHIN),
    )


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


def _similar(complaint: Complaint, other: Complaint, row: Any, score: float) -> SimilarComplaint:
    metres = _metres(complaint, row)
    apart: timedelta = abs(other.received_at - complaint.received_at)
    return SimilarComplaint(
        complaint=other,
        metres=round(metres) if metres is not None else None,
        minutes=int(apart.total_seconds() // 60),
        score=round(score, 3),
    )


# ---- suggestions ----

MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What a desk is offered; ``place`` (lat, lon): the middle of the area, for a complaint without a place.

    ``times``: those that the same matter was there within a year, where they are enough for a place that recurs.
    """

    complaint: Complaint
    categories: tuple[Hint, ...]
    agency: str | None
    area: str | None
    place: tuple[float, float] | None
    similar: tuple[SimilarComplaint, ...]
    times: tuple[Recurrence, ...]


class Suggester:
    """Suggests by one city's words and places, indexed once."""

    def __init__(self, log: EventLog, city: City) -> None:
        self._log = log
        self._city = city
        self._places = PlaceNames(city)
        said = {key: (one.label, *one.keywords, *one.aliases) for key, one in city.categories.items()}
        self._hints = Hints(said, city.languages[:1])

    def for_(self, id_: str) -> Suggestions:
        """Suggestions for a complaint. Raises Unknown, Unavailable."""
        complaint, texts, similar = self._log.read(lambda c: self._read(c, id_))
        times = self._log.read(lambda c: times_there(c, (id_,))).get(id_, ())
        categories = self._hints.of(texts.get("description", ""), MOST)
        area = self._area(complaint, " ".join(texts.get(kind, "") for kind in ("address", "description")))
        known = complaint.category in self._city.categories
        category = complaint.category if known or not categories else categories[0].key
        return Suggestions(
            complaint=complaint,
            categories=categories,
            agency=self._city.policy.agency_for(category, area),
            area=area,
            place=self._middle(area) if complaint.lat is None else None,
            similar=similar,
            times=times,
        )

    def _read(self, connection: Connection, id_: str) -> tuple[Complaint, dict[str, str], tuple[SimilarComplaint, ...]]:
        found = complaints.complaints(connection, (id_,))
        if not found:
            raise Unknown(id_)
        texts = dict(report_texts(connection, (id_,)).get(id_, {}))
        similar = _similar_to(connection, self._city, found[0], texts.get("description", ""), MOST)
        return found[0], texts, similar

    def _area(self, complaint: Complaint, words: str) -> str | None:
        """The area of its place, else the one that the source or an officer gave, else one that the words name."""
        if complaint.lat is not None and complaint.lon is not None:
            return self._city.locate(complaint.lat, complaint.lon) or complaint.area
        named = self._places.area_in(words)
        return complaint.area or (named.code if named is not None else None)

    def _middle(self, area: str | None) -> tuple[float, float] | None:
        if area is None or area not in self._city.areas:
            return None
        lon, lat = self._city.areas[area].centroid
        return lat, lon
