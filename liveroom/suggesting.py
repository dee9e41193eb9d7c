"""What a desk is offered for a new complaint: category, agency, area and what resembles it; the officer decides."""

from dataclasses import dataclass

from liveroom.city.categories import Hint, Hints
from liveroom.city.city import City, PlaceNames
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.requests import Unknown
from liveroom.log.engine import Connection
from liveroom.log.event_log import Log
from liveroom.log.searched_read import report_texts
from liveroom.projection import read
from liveroom.resembling import Alike, resembling

MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """``place`` (lat, lon) is the middle of the suggested area, only where the complaint has no place of its own."""

    complaint: Complaint
    categories: tuple[Hint, ...]
    agency: str | None
    area: str | None
    place: tuple[float, float] | None
    similar: tuple[Alike, ...]


class Suggesting:
    """One city's words and places, indexed once."""

    def __init__(self, log: Log, city: City) -> None:
        self._log = log
        self._city = city
        self._places = PlaceNames(city)
        said = {key: (one.label, *one.keywords, *one.aliases) for key, one in city.categories.items()}
        self._hints = Hints(said, city.languages[:1])

    def for_(self, id_: str) -> Suggestions:
        """Suggestions for a complaint. Raises Unknown, Unavailable."""
        complaint, texts, similar = self._log.read(lambda c: self._read(c, id_))
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
        )

    def _read(self, connection: Connection, id_: str) -> tuple[Complaint, dict[str, str], tuple[Alike, ...]]:
        found = read.complaints(connection, (id_,))
        if not found:
            raise Unknown(id_)
        texts = dict(report_texts(connection, (id_,)).get(id_, {}))
        similar = resembling(connection, self._city, found[0], texts.get("description", ""), MOST)
        return found[0], texts, similar

    def _area(self, complaint: Complaint, words: str) -> str | None:
        """Where its place lies, else what the source or an officer said, else what the words name."""
        if complaint.lat is not None and complaint.lon is not None:
            return self._city.locate(complaint.lat, complaint.lon) or complaint.area
        named = self._places.area_in(words)
        return complaint.area or (named.code if named is not None else None)

    def _middle(self, area: str | None) -> tuple[float, float] | None:
        if area is None or area not in self._city.areas:
            return None
        lon, lat = self._city.areas[area].centroid
        return lat, lon
