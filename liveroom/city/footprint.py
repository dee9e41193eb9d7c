"""Where a warning's shape touches the city: its areas, and what of the shape lies near, made small enough for a wall.

The shape is somebody else's: it may cross itself, cover a country or have thousands of points. So each ring is first
cut to a box around the city, by a pass over its points that no ring can break, and thinned; only then is it a polygon.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, pi, radians, sin
from typing import Any

from liveroom.domain.hazards.cap_alert import CapArea, Place
from liveroom.domain.hazards.lifecycle import Footprint, Polygon
from liveroom.domain.surge import METRES_A_DEGREE

# The box is so many times as far from the city as the city is wide or high: no wall shows what is beyond.
_AROUND = 3
# An area is touched from this part of it, or of the shape, on: the borders of two maps never lie on each other.
_TOUCHED = 0.05
_CORNERS = 32
# Kilometres: a circle without a radius is a point.
_LEAST_RADIUS = 0.1
# Of a ring before it becomes a polygon, of a shape on the wire, and its polygons.
_MOST_CUT, _MOST_POINTS, _MOST_POLYGONS = 400, 300, 8
# Decimals of a degree: about 11 m.
_DECIMALS = 4

Ring = Sequence[Place]


@dataclass(frozen=True, slots=True, kw_only=True)
class CityGround:
    """The outlines of a city: ``codes`` of its areas, ``drawn`` and ``tree`` as shapely has them.

    ``districts``: by code, the codes of the areas in it; ``bounds``: west, south, east, north in degrees.
    """

    codes: Sequence[str]
    drawn: Sequence[Any]
    tree: Any
    districts: dict[str, tuple[str, ...]]
    bounds: tuple[float, float, float, float]


def footprint(ground: CityGround, areas: Iterable[CapArea], own_codes: Sequence[str] = ()) -> Footprint | None:
    """Where these areas of a warning touch the city; None where they do not.

    A geocode that is the code of one of the city's areas or districts means that; one of ``own_codes``, by which the
    service calls the city, means all of it.
    """
    box = _box_around(ground.bounds)
    touched: set[str] = set()
    shapes: list[Any] = []
    for area in areas:
        touched |= _coded(ground, area, own_codes)
        rings = [*area.polygons, *(_circle(*circle) for circle in area.circles)]
        shapes += [shape for ring in rings if (shape := _shape(ring, box)) is not None]
    for shape in shapes:
        touched |= _touched(ground, shape)
    if not touched:
        return None
    return Footprint(areas=tuple(sorted(touched)), polygons=_small(shapes, box))


def _coded(ground: CityGround, area: CapArea, own_codes: Sequence[str]) -> set[str]:
    found: set[str] = set()
    known = frozenset(ground.codes)
    for name, value in area.geocodes:
        if value in own_codes or f"{name}:{value}" in own_codes:
            return set(known)
        found |= {value} & known
        found |= set(ground.districts.get(value, ()))
    return found


def _touched(ground: CityGround, shape: Any) -> set[str]:
    found = ground.tree.query(shape, predicate="intersects").tolist()
    return {ground.codes[one] for one in found if _shares(ground.drawn[one], shape)}


def _shares(area: Any, shape: Any) -> bool:
    return bool(area.intersection(shape).area > _TOUCHED * min(area.area, shape.area))


def _box_around(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = bounds
    far = _AROUND * max(east - west, north - south, 0.01)
    return west - far, south - far, east + far, north + far


def _circle(middle: Place, radius_km: float) -> Ring:
    lon, lat = middle
    north = max(radius_km, _LEAST_RADIUS) * 1000 / METRES_A_DEGREE
    east = north / max(cos(radians(lat)), 0.01)
    turns = [2 * pi * corner / _CORNERS for corner in range(_CORNERS)]
    return [(lon + east * cos(turn), lat + north * sin(turn)) for turn in turns]


# A ring becomes a shape.


def _shape(ring: Ring, box: tuple[float, float, float, float]) -> Any | None:
    """What of a ring lies in the box, as a valid shape; None for nothing."""
    from shapely import make_valid
    from shapely.geometry import Polygon as Drawn

    cut = _thinned(_cut(ring, box))
    if len(cut) < 3:
        return None
    drawn = make_valid(Drawn(cut))
    whole = [part for part in getattr(drawn, "geoms", (drawn,)) if part.geom_type in ("Polygon", "MultiPolygon")]
    return next((part for part in sorted(whole, key=lambda part: -part.area) if part.area > 0), None)


def _cut(ring: Ring, box: tuple[float, float, float, float]) -> list[Place]:
    """The ring cut to the box, side by side (Sutherland and Hodgman 1974)."""
    west, south, east, north = box
    points = list(ring)
    for axis, limit, sign in ((0, west, 1), (0, east, -1), (1, south, 1), (1, north, -1)):
        points = _cut_at(points, axis, limit, sign)
    return points


def _cut_at(points: Sequence[Place], axis: int, limit: float, sign: int) -> list[Place]:
    kept: list[Place] = []
    for before, point in zip((points[-1], *points[:-1]) if points else (), points, strict=True):
        was_in, is_in = sign * (before[axis] - limit) >= 0, sign * (point[axis] - limit) >= 0
        if was_in != is_in:
            part = (limit - before[axis]) / (point[axis] - before[axis])
            other = before[1 - axis] + part * (point[1 - axis] - before[1 - axis])
            kept.append((limit, other) if axis == 0 else (other, limit))
        if is_in:
            kept.append(point)
    return kept


def _thinned(points: Sequence[Place]) -> list[Place]:
    """The ring without points that lie on each other, and with at most _MOST_CUT of them."""
    rounded = list(dict.fromkeys((round(lon, _DECIMALS + 1), round(lat, _DECIMALS + 1)) for lon, lat in points))
    step = -(-len(rounded) // _MOST_CUT)
    return rounded[:: step or 1]


# A shape becomes small enough for the wire.


def _small(shapes: Sequence[Any], box: tuple[float, float, float, float]) -> tuple[Polygon, ...]:
    """The shapes as one MultiPolygon's coordinates, the largest polygons first, with few enough points."""
    from shapely import union_all

    if not shapes:
        return ()
    west, _south, east, _north = box
    whole, found = union_all(shapes), tuple[Polygon, ...]()
    for part in (2000, 700, 300, 120):
        found = _coordinates(whole.simplify((east - west) / part / 3))
        if sum(len(ring) for polygon in found for ring in polygon) <= _MOST_POINTS:
            break
    return found


def _coordinates(drawn: Any) -> tuple[Polygon, ...]:
    parts = [part for part in getattr(drawn, "geoms", (drawn,)) if part.geom_type == "Polygon" and not part.is_empty]
    largest = sorted(parts, key=lambda part: -part.area)[:_MOST_POLYGONS]
    return tuple(
        tuple(_ring(one) for one in (part.exterior, *sorted(part.interiors, key=_length)[-_MOST_POLYGONS:]))
        for part in largest
    )


def _length(ring: Any) -> float:
    return float(ring.length)


def _ring(drawn: Any) -> tuple[Place, ...]:
    return tuple((round(lon, _DECIMALS), round(lat, _DECIMALS)) for lon, lat, *_ in drawn.coords)[:_MOST_POINTS]
