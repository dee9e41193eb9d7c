"""Whether outlines and anchors lie where the rest of the city lies: swapped degrees are a place too, only elsewhere."""

from collections.abc import Iterator, Sequence
from typing import Any

from liveroom.city.areas import AREAS, DISTRICTS, Area, District
from liveroom.runtime.errors import Fault

# Every wall draws them all; a hundred an area are plenty.
MOST_POINTS = 50_000
# An anchor may lie beside its district, by so much of the city's width and height.
BESIDE = 0.5


def frame_faults(districts: Sequence[District], areas: Sequence[Area]) -> Iterator[Fault]:
    """Districts far from their areas, anchors far from the city, and files of too many points."""
    if not districts or not areas:
        return
    for file, features in ((DISTRICTS, districts), (AREAS, areas)):
        points = {feature.code: _points(feature.geometry["coordinates"]) for feature in features}
        if sum(points.values()) > MOST_POINTS:
            most = max(points, key=lambda code: points[code])
            said = f"have {sum(points.values())} points, at most {MOST_POINTS}: simplify them ({most}: {points[most]})"
            yield Fault(f"areas/{file}: features", said)
    yield from _apart(districts, areas)
    yield from _astray(districts, areas)


def _apart(districts: Sequence[District], areas: Sequence[Area]) -> Iterator[Fault]:
    from shapely.geometry import shape

    inside: dict[str, list[Any]] = {}
    for area in areas:
        inside.setdefault(area.district, []).append(shape(area.geometry))
    for district in districts:
        drawn, own = shape(district.geometry), inside.get(district.code, [])
        if own and not any(drawn.intersects(one) for one in own):
            where = f"areas/{DISTRICTS}: {district.code}.geometry"
            yield Fault(where, "touches none of its areas; longitude comes first")


def _astray(districts: Sequence[District], areas: Sequence[Area]) -> Iterator[Fault]:
    from shapely.geometry import shape

    boxes = [shape(area.geometry).bounds for area in areas]
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    wide, high = BESIDE * (east - west), BESIDE * (north - south)
    for district in districts:
        lon, lat = district.anchor
        if not (west - wide <= lon <= east + wide and south - high <= lat <= north + high):
            where = f"areas/{DISTRICTS}: {district.code}.anchor"
            yield Fault(where, "lies far outside the city, where the wall would lose its count; longitude comes first")


def _points(coordinates: Any) -> int:
    rings: list[Any] = list(coordinates)
    if rings and isinstance(rings[0], Sequence) and rings[0] and not isinstance(rings[0][0], Sequence):
        return len(rings)
    return sum(_points(ring) for ring in rings)
