"""Places made coarse for everybody's eyes: squares of some 250 m, since an exact point may be somebody's house.

All that is told of a place follows from its square alone, the area too: what two answers have in common says no more.
"""

from dataclasses import dataclass
from math import cos, floor, radians

from liveroom.city.city import City
from liveroom.domain.surge import METRES_A_DEGREE

SIDE_M = 250.0
# A square of the grid: row from the south, column from the west.
Square = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coarse:
    """A place as everybody may know it; ``area`` is that of the square's middle."""

    square: Square
    area: str


class Grid:
    """The squares over one city; they lie where they lie as long as its outlines do, so no average finds a house."""

    def __init__(self, city: City) -> None:
        self._city = city
        self.south, self.west = city.bounds[0]
        self.high = SIDE_M / METRES_A_DEGREE
        self.wide = self.high / cos(radians(city.centre[0]))
        self._areas: dict[Square, str | None] = {}

    def of(self, lat: float | None, lon: float | None, area: str) -> Coarse | None:
        """The coarse place of a complaint: the square of its point, else of the middle of its area; None without."""
        if lat is not None and lon is not None:
            square = self._square(lat, lon)
            if (found := self._area_of(square)) is not None:
                return Coarse(square=square, area=found)
        known = self._city.areas.get(area)
        if known is None:
            return None
        lon, lat = known.centroid
        return Coarse(square=self._square(lat, lon), area=area)

    def middle(self, square: Square) -> tuple[float, float]:
        """Latitude and longitude of a square's middle."""
        return self.south + (square[0] + 0.5) * self.high, self.west + (square[1] + 0.5) * self.wide

    def _square(self, lat: float, lon: float) -> Square:
        return floor((lat - self.south) / self.high), floor((lon - self.west) / self.wide)

    def _area_of(self, square: Square) -> str | None:
        """Of a square on the city's edge, whose middle is outside, the first area that it touches."""
        if square not in self._areas:
            lat, lon = self.middle(square)
            near = self._city.areas_near(lat, lon, SIDE_M / 2)
            self._areas[square] = self._city.locate(lat, lon) or min(near, default=None)
        return self._areas[square]
