"""Districts (kecamatan) and areas (kelurahan) of a city, how they hang together, and in which area a point lies."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import cos, radians
from typing import Annotated, Any

from msgspec import Meta

from liveroom.city.geojson import Geometry
from liveroom.city.keys import Text, refer
from liveroom.domain.surge import METRES_A_DEGREE
from liveroom.runtime.errors import Fault

AREAS, DISTRICTS = "areas.geojson", "districts.geojson"
Code = Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,32}$", description="a code of letters, digits, dots and dashes")]
Point = tuple[float, float]
# Coordinates are rounded to about 11 m: neighbours may share a sliver, but no more than this part of the smaller one.
SLIVER = 0.001
# Degrees. A city on both sides of the 180th meridian would be two slivers at the edges of a map of the world.
WIDEST = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A district; ``agency`` handles what is local to it.

    ``anchor`` (lon, lat) is where the wall puts its cluster, set by hand so that neighbours do not touch.
    """

    code: Code
    name: Text
    agency: str | None = None
    anchor: Point
    geometry: Geometry


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """An area within a district; ``centroid`` (lon, lat) lies inside it and suits a label."""

    code: Code
    name: Text
    district: str
    centroid: Point
    geometry: Geometry


class Outlines:
    """Answers in which area a point lies; drawn at the first question, then one costs microseconds."""

    def __init__(self, areas: Sequence[Area]) -> None:
        """The order of codes settles a point on a shared edge."""
        self._areas = sorted(areas, key=lambda area: area.code)

    @cached_property
    def _drawn(self) -> list[Any]:
        # For cost, here and below: shapely with numpy takes 80 ms to import, and no command of a terminal asks for
        # places; a process that serves asks at its start.
        from shapely.geometry import shape

        return [shape(area.geometry) for area in self._areas]

    @cached_property
    def _tree(self) -> Any:
        from shapely import STRtree

        return STRtree(self._drawn)

    @cached_property
    def bounds(self) -> tuple[Point, Point]:
        """South-west and north-east corner as (lat, lon)."""
        points = [point for area in self._areas for point in _points(area.geometry["coordinates"])]
        lons, lats = [point[0] for point in points], [point[1] for point in points]
        return (min(lats), min(lons)), (max(lats), max(lons))

    def locate(self, lat: float, lon: float) -> str | None:
        """The code of the area at a point, edges included; None outside the city."""
        from shapely import Point as Place

        found = self._tree.query(Place(lon, lat), predicate="intersects")
        return self._areas[min(found)].code if len(found) else None

    def within(self, lat: float, lon: float, metres: float) -> frozenset[str]:
        """The codes of the areas that a square around a point, ``metres`` to each side, touches."""
        from shapely import box

        north = metres / METRES_A_DEGREE
        east = north / max(cos(radians(lat)), 0.01)
        found = self._tree.query(box(lon - east, lat - north, lon + east, lat + north), predicate="intersects")
        return frozenset(self._areas[index].code for index in found)

    def neighbours(self) -> dict[str, frozenset[str]]:
        """By code, the codes of the areas that touch it."""
        found: dict[str, set[str]] = {area.code: set() for area in self._areas}
        for a, b in self._tree.query(self._drawn, predicate="intersects").T.tolist():
            if a != b:
                found[self._areas[a].code].add(self._areas[b].code)
        return {code: frozenset(others) for code, others in found.items()}

    def overlaps(self) -> list[tuple[str, str]]:
        """Codes of areas that cover more of each other than rounding explains."""
        pairs = self._tree.query(self._drawn, predicate="intersects").T.tolist()
        return [(self._areas[a].code, self._areas[b].code) for a, b in pairs if a < b and self._shares(a, b)]

    def _shares(self, a: int, b: int) -> bool:
        """Whether two outlines overlap by more than a sliver."""
        one, other = self._drawn[a], self._drawn[b]
        return bool(one.intersection(other).area > SLIVER * min(one.area, other.area))


def check_areas(
    districts: Sequence[District], areas: Sequence[Area], *, agencies: Collection[str], faults: list[Fault]
) -> tuple[Mapping[str, District], Mapping[str, Area]]:
    """Districts and areas by code; every area has its district and every district an area and an agency that exists.

    Where they lie is for ``check_drawn``.
    """
    _twice([district.code for district in districts], DISTRICTS, faults=faults)
    _twice([area.code for area in areas], AREAS, faults=faults)
    by_code = {district.code: district for district in districts}
    inhabited = {area.district for area in areas}
    for district in districts:
        where = f"areas/{DISTRICTS}: {district.code}"
        if district.agency is not None:
            faults.extend(refer(district.agency, agencies, where=f"{where}.agency", what="agency"))
        if inhabited and district.code not in inhabited:
            faults.append(Fault(where, "has no area"))
    for area in areas:
        faults.extend(refer(area.district, by_code, where=f"areas/{AREAS}: {area.code}.district", what="district"))
    return by_code, {area.code: area for area in areas}


def check_drawn(areas: Sequence[Area], faults: list[Fault]) -> None:
    """Outlines do not overlap, and each area's centroid lies in it."""
    if not areas:
        return
    outlines = Outlines(areas)
    (_south, west), (_north, east) = outlines.bounds
    if east - west > WIDEST:
        faults.append(Fault(f"areas/{AREAS}", "reaches over the 180th meridian or around the globe: no map shows that"))
    faults.extend(Fault(f"areas/{AREAS}: {a}.geometry", f"overlaps {b}") for a, b in outlines.overlaps())
    for area in areas:
        found = outlines.locate(area.centroid[1], area.centroid[0])
        if found != area.code:
            faults.append(
                Fault(f"areas/{AREAS}: {area.code}.centroid", f"lies in {found or 'no area'}, not in its own")
            )


def _points(coordinates: Any) -> Iterator[Sequence[float]]:
    """The points of an outline, however deep its rings stand."""
    if coordinates and isinstance(coordinates[0], float | int):
        yield coordinates
        return
    for part in coordinates:
        yield from _points(part)


def _twice(codes: Sequence[str], file: str, *, faults: list[Fault]) -> None:
    """A code stands once."""
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        faults.append(Fault(f"areas/{file}", f"code {code!r} stands twice"))
