"""Points inside the areas of a city, a little off their outlines."""

import math
from collections.abc import Iterable
from random import Random

from shapely import Point, prepare
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from liveroom.city.areas import Area

METRES = 110_574.0
MARGIN = 15 / METRES
TRIES = 200


class Places:
    """Where things happen; larger areas have more of them, the very large no more than the large."""

    def __init__(self, areas: Iterable[Area]) -> None:
        """Draw the areas, in the order of the pack."""
        drawn = {area.code: shape(area.geometry) for area in areas}
        sizes = sorted(outline.area for outline in drawn.values())
        cap = 2 * sizes[len(sizes) // 2]
        self.codes = tuple(drawn)
        self.weights = tuple(math.sqrt(min(outline.area, cap)) for outline in drawn.values())
        self._inner = {code: _inner(outline) for code, outline in drawn.items()}

    def point(self, rng: Random, code: str) -> tuple[float, float]:
        """Latitude and longitude anywhere in an area, in degrees to 5 places (1 m)."""
        west, south, east, north = self._inner[code].bounds
        return self._first_inside(code, ((rng.uniform(west, east), rng.uniform(south, north)) for _ in range(TRIES)))

    def near(self, rng: Random, code: str, centre: tuple[float, float], metres: float) -> tuple[float, float]:
        """Within ``metres`` of ``centre`` (lat, lon), in the area."""
        lat, lon = centre
        across = METRES * math.cos(math.radians(lat))
        draws = ((rng.uniform(0, math.tau), metres * math.sqrt(rng.random())) for _ in range(TRIES))
        around = ((lon + far * math.cos(turn) / across, lat + far * math.sin(turn) / METRES) for turn, far in draws)
        return self._first_inside(code, around)

    def _first_inside(self, code: str, candidates: Iterable[tuple[float, float]]) -> tuple[float, float]:
        """The first (lon, lat) that lies inside, as (lat, lon); in an odd shape some point that does."""
        inner = self._inner[code]
        for lon, lat in candidates:
            lon, lat = round(lon, 5), round(lat, 5)
            if inner.contains(Point(lon, lat)):
                return lat, lon
        somewhere = inner.representative_point()
        return somewhere.y, somewhere.x


def _inner(outline: BaseGeometry) -> BaseGeometry:
    """The area without its rim; a sliver keeps it."""
    shrunk = outline.buffer(-MARGIN)
    inner = outline if shrunk.is_empty else shrunk
    prepare(inner)
    return inner
