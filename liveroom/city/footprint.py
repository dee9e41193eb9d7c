"""Where a warning's shape touches the city: its areas, and what of the shape lies near, made small enough for a wall.

The shape is somebody else's: it may cross itself, cover a country or have thousands of points. So each ring is first
cut to a box around the city, by a pass over its points that no ring can break, and thinned; only then is it a polygon.
What crosses itself thousands of times would take minutes, in which nothing else is done: of that the hulls are taken.
"""

from collections.abc import Collection, Iterable, Sequence
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
# Of all rings together, and of each at least, however many there are.
_MOST_TOGETHER, _LEAST_CUT = 1500, 4
# Pairs of sides whose boxes meet, for each side and besides: of rings beside each other there are about five for each.
_MEETING, _MEETING_BESIDES = 12, 4000
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
    rings: list[Ring] = []
    for area in areas:
        touched |= _coded(ground, area, own_codes)
        rings += [*area.polygons, *(_circle(*circle) for circle in area.circles)]
    shapes = _shapes(rings, box)
    for shape in shapes:
        touched |= _touched(ground, shape, touched)
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


def _touched(ground: CityGround, shape: Any, known: Collection[str]) -> set[str]:
    """The areas that the shape touches, but for those that are known to be touched."""
    found = [one for one in ground.tree.query(shape, predicate="intersects") if ground.codes[one] not in known]
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


# Rings become shapes.


def _shapes(rings: Sequence[Ring], box: tuple[float, float, float, float]) -> list[Any]:
    """What of the rings lies in the box, as valid shapes."""
    cut = [near for ring in rings if (near := _cut(ring, box))]
    most = min(_MOST_CUT, max(_LEAST_CUT, _MOST_TOGETHER // max(1, len(cut))))
    thinned = [ring for near in cut if len(ring := _thinned(near, most)) >= 3]
    draw = _hull if _tangled(thinned) else _shape
    return [shape for ring in thinned if (shape := draw(ring)) is not None]


def _tangled(rings: Sequence[Ring]) -> bool:
    """Whether their sides may cross more often than those of any warning."""
    from shapely import STRtree, linestrings

    if not rings:
        return False
    sides = linestrings([side for ring in rings for side in zip(ring, (*ring[1:], ring[0]), strict=True)])
    return bool(STRtree(sides).query(sides).shape[1] > _MEETING * len(sides) + _MEETING_BESIDES)


def _hull(ring: Ring) -> Any | None:
    from shapely.geometry import MultiPoint

    hull = MultiPoint(ring).convex_hull
    return hull if hull.area > 0 else None


def _shape(ring: Ring) -> Any | None:
    """A ring as a valid shape; None for nothing."""
    from shapely import make_valid
    from shapely.geometry import Polygon as Drawn

    drawn = make_valid(Drawn(ring), method="structure", keep_collapsed=False)
    return drawn if drawn.area > 0 else None


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


def _thinned(points: Sequence[Place], most: int) -> list[Place]:
    """The ring without points that lie on each other, and with at most ``most`` of them."""
    rounded = list(dict.fromkeys((round(lon, _DECIMALS + 1), round(lat, _DECIMALS + 1)) for lon, lat in points))
    step = -(-len(rounded) // most)
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
