"""Places as the public may know them: squares of some 250 m, since an exact point may be somebody's house.

All that is said of a place, its area too, follows from its square alone, so that two answers together say no more than
one.
"""

from dataclasses import dataclass
from math import cos, floor, radians

from liveroom.city.city import City
from liveroom.domain.surge import METRES_A_DEGREE

SIDE_M = 250.0
# A square of the grid: row from the south, column from the west.
Square = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoarsePlace:
    """A place as the public may know it; ``area``: the area of the square's middle."""

    square: Square
    area: str


class Grid:
    """The squares over one city. They move only with its outlines, so no average over time finds a house."""

    def __init__(self, city: City) -> None:
        self._city = city
        self.south, self.west = city.bounds[0]
        self.high = SIDE_M / METRES_A_DEGREE
        self.wide = self.high / cos(radians(city.centre[0]))
        self._areas: dict[Square, str | None] = {}

    def of(self, lat: float | None, lon: float | None, area: str) -> CoarsePlace | None:
        """The coarse place of a complaint: the square of its point, else of its area's middle; None without either."""
        if lat is not None and lon is not None:
            square = self._square(lat, lon)
            if (found := self._area_of(square)) is not None:
                return CoarsePlace(square=square, area=found)
        known = self._city.areas.get(area)
        if known is None:
            return None
        lon, lat = known.centroid
        return CoarsePlace(square=self._square(lat, lon), area=area)

    def middle(self, square: Square) -> tuple[float, float]:
        """Latitude and longitude of a square's middle."""
        return self.south + (square[0] + 0.5) * self.high, self.west + (square[1] + 0.5) * self.wide

    def _square(self, lat: float, lon: float) -> Square:
        return floor((lat - self.south) / self.high), floor((lon - self.west) / self.wide)

    def _area_of(self, square: Square) -> str | None:
        """The area of a square; where its middle is outside the city, the first area that it touches."""
        if square not in self._areas:
            lat, lon = self.middle(square)
            near = self._city.areas_near(lat, lon, SIDE_M / 2)
            self._areas[square] = self._city.locate(lat, lon) or min(near, default=None)
        return self._areas[square]
