"""Districts (kecamatan) and areas (kelurahan): their outlines from GeoJSON, the checks of these, the area of a point.

Outlines are Polygons or MultiPolygons in WGS 84 degrees, longitude first. Shapely with numpy takes 80 ms to import and
no command of a terminal asks for places, so it is imported where it is used; a process that serves does so at once.
"""

from codecs import BOM_UTF8
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import cos, floor, radians
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from liveroom.city.footprint import CityGround
from liveroom.city.sheet import Text, all_keys, refer, shape
from liveroom.domain.surge import METRES_A_DEGREE
from liveroom.runtime.errors import Fault

T = TypeVar("T")

AREAS_FILE, DISTRICTS_FILE = "areas.geojson", "districts.geojson"
Code = Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,32}$", description="a code of letters, digits, dots and dashes")]
Point = tuple[float, float]
Geometry = Mapping[str, Any]
_Ring = list[tuple[float, ...]]
# The coordinates of each kind of outline. A polygon is its outer ring and its holes.
_KINDS: Mapping[str, Any] = {"Polygon": list[_Ring], "MultiPolygon": list[list[_Ring]]}
# Coordinates are rounded to about 11 m: neighbours may overlap by this part of the smaller one.
_SLIVER = 0.001
# Degrees. A city on both sides of the 180th meridian would be two slivers at the edges of a map of the world.
_WIDEST = 180
# Every wall draws all of them; a hundred an area are plenty.
_MOST_POINTS = 50_000
# Squares of a degree, each way: 110 m. Most lie in one area, and of those a point needs no geometry.
_SQUARES = 1000
# An anchor may lie outside the city by this part of its width and height.
_BESIDE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A district; ``agency`` handles what is local to it.

    ``anchor`` (lon, lat): where the wall puts its cluster, set by hand so that neighbours do not touch.
    """

    code: Code
    name: Text
    agency: str | None = None
    anchor: Point
    geometry: Geometry


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """An area within a district; ``centroid`` (lon, lat): a place for a label, inside the area."""

    code: Code
    name: Text
    district: str
    centroid: Point
    geometry: Geometry


class Outlines:
    """An index of outlines: in which area a point lies. Built at the first question, which takes longest."""

    def __init__(self, areas: Sequence[Area]) -> None:
        """Sort by code: on a shared edge the first one wins."""
        self._areas = sorted(areas, key=lambda area: area.code)
        # By square of a grid: the code of the area that it lies in whole, else the areas that it touches, or None.
        self._squares: dict[tuple[int, int], str | tuple[int, ...] | None] = {}

    @cached_property
    def _drawn(self) -> list[Any]:
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
        (south, west), (north, east) = self.bounds
        if not (south <= lat <= north and west <= lon <= east):
            return None
        place = floor(lat * _SQUARES), floor(lon * _SQUARES)
        if place not in self._squares:
            self._squares[place] = self._of_square(*place)
        found = self._squares[place]
        return self._first_at(lat, lon, found) if isinstance(found, tuple) else found

    def _first_at(self, lat: float, lon: float, among: tuple[int, ...]) -> str | None:
        from shapely import intersects_xy

        return next((self._areas[one].code for one in among if intersects_xy(self._drawn[one], lon, lat)), None)

    def _of_square(self, row: int, column: int) -> str | tuple[int, ...] | None:
        """What all points of a square have in common; a little is added around it, which covers every rounding."""
        from shapely import box, prepare

        around = 1 + 1e-6
        square = box(
            (column - 1e-6) / _SQUARES, (row - 1e-6) / _SQUARES, (column + around) / _SQUARES, (row + around) / _SQUARES
        )
        touched: list[int] = sorted(self._tree.query(square, predicate="intersects").tolist())
        if len(touched) == 1 and self._drawn[touched[0]].contains(square):
            return self._areas[touched[0]].code
        for one in touched:
            prepare(self._drawn[one])
        return tuple(touched) or None

    def within(self, lat: float, lon: float, metres: float) -> frozenset[str]:
        """The codes of the areas that a square around a point, ``metres`` to each side, touches."""
        from shapely import box

        north = metres / METRES_A_DEGREE
        east = north / max(cos(radians(lat)), 0.01)
        found = self._tree.query(box(lon - east, lat - north, lon + east, lat + north), predicate="intersects")
        return frozenset(self._areas[index].code for index in found)

    @cached_property
    def ground(self) -> CityGround:
        """The outlines, for what touches them with a shape of its own."""
        (south, west), (north, east) = self.bounds
        codes, districts = [area.code for area in self._areas], dict[str, tuple[str, ...]]()
        for area in self._areas:
            districts[area.district] = (*districts.get(area.district, ()), area.code)
        bounds = (west, south, east, north)
        return CityGround(codes=codes, drawn=self._drawn, tree=self._tree, districts=districts, bounds=bounds)

    def neighbours(self) -> dict[str, frozenset[str]]:
        """By code, the codes of the areas that touch it."""
        found: dict[str, set[str]] = {area.code: set() for area in self._areas}
        for a, b in self._tree.query(self._drawn, predicate="intersects").T.tolist():
            if a != b:
                found[self._areas[a].code].add(self._areas[b].code)
        return {code: frozenset(others) for code, others in found.items()}

    def overlaps(self) -> list[tuple[str, str]]:
        """Pairs of codes whose areas overlap by more than rounding explains."""
        pairs = self._tree.query(self._drawn, predicate="intersects").T.tolist()
        return [(self._areas[a].code, self._areas[b].code) for a, b in pairs if a < b and self._shares(a, b)]

    def _shares(self, a: int, b: int) -> bool:
        """Whether two outlines overlap by more than the allowed sliver."""
        one, other = self._drawn[a], self._drawn[b]
        return bool(one.intersection(other).area > _SLIVER * min(one.area, other.area))


def _points(coordinates: Any) -> Iterator[Sequence[float]]:
    """The points of an outline, at whatever depth its rings are."""
    if coordinates and isinstance(coordinates[0], float | int):
        yield coordinates
        return
    for part in coordinates:
        yield from _points(part)


# Reading: the features of a GeoJSON file.


def read_features(path: Path, kind: type[T], *, faults: list[Fault], sound: bool = False) -> tuple[T, ...]:
    """The features as ``kind``, a dataclass of their properties and a ``geometry``; those with faults are left out.

    ``sound``: these very outlines were checked before.
    """
    name = f"areas/{path.name}"
    try:
        raw = _decoded(path)
    except ValueError as error:
        faults.append(Fault(name, str(error)))
        return ()
    features = raw.get("features") if isinstance(raw, dict) else None
    if not isinstance(features, list) or not features:
        faults.append(Fault(f"{name}: features", "needs a list of features"))
        return ()
    read = (
        _feature(item, kind, where=f"{name}: features[{_name_of(item, place)}]", faults=faults, sound=sound)
        for place, item in enumerate(features)
    )
    return tuple(feature for feature in read if feature is not None)


def _decoded(path: Path) -> Any:
    """The JSON value of a file. Raises ValueError naming the fault."""
    try:
        return msgspec.json.decode(path.read_bytes().removeprefix(BOM_UTF8))
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"is not in UTF-8: {error}") from error
    except msgspec.DecodeError as error:
        raise ValueError(f"is not JSON in UTF-8: {error}") from error
    except RecursionError as error:
        raise ValueError("is nested too deep") from error


def _name_of(feature: Any, place: int) -> object:
    """The feature's code, or its place in the file if it has none."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return properties.get("code", place) if isinstance(properties, dict) else place


def _feature(raw: object, kind: type[T], *, where: str, faults: list[Fault], sound: bool) -> T | None:
    """One feature; None and its faults if it is unusable."""
    if not isinstance(raw, dict) or not isinstance(raw.get("properties"), dict):
        faults.append(Fault(where, "is no feature with properties"))
        return None
    geometry: Any = raw.get("geometry")
    message = None if sound else _geometry_fault(geometry)
    if message:
        faults.append(Fault(f"{where}.geometry", message))
    # Only the outline goes on to the page: foreign members of a geometry are dropped.
    outline = {name: geometry[name] for name in ("type", "coordinates")} if not message else {}
    read: T | None = shape(
        kind, {**raw["properties"], "geometry": outline}, where=f"{where}.properties.", faults=faults
    )
    return None if message else read


def _geometry_fault(geometry: object) -> str | None:
    """What is wrong with an outline: missing, of another kind, off the globe or crossing itself (and where)."""
    from shapely import GEOSException
    from shapely.geometry import shape as outline
    from shapely.validation import explain_validity

    if not isinstance(geometry, dict) or not geometry.get("coordinates"):
        return "has no geometry"
    kind = str(geometry.get("type"))
    if kind not in _KINDS:
        return f"is a {kind}, not a Polygon or MultiPolygon"
    try:
        msgspec.convert(geometry["coordinates"], _KINDS[kind])
        drawn = outline(geometry)
        west, south, east, north = drawn.bounds
    except (GEOSException, ValueError, TypeError, IndexError):
        return "has coordinates that make no polygon"
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return "has coordinates off the globe; longitude comes first"
    return None if drawn.is_valid else f"is no valid outline: {explain_validity(drawn)}"


# Checks: references, and whether outlines and anchors lie where they belong.


def check_areas(
    districts: Sequence[District], areas: Sequence[Area], *, agencies: Collection[str], faults: list[Fault]
) -> tuple[Mapping[str, District], Mapping[str, Area]]:
    """Districts and areas by code; every area has its district and every district an area and an agency that exists.

    `check_outlines` looks at where they lie.
    """
    _check_codes([district.code for district in districts], DISTRICTS_FILE, faults=faults)
    _check_codes([area.code for area in areas], AREAS_FILE, faults=faults)
    by_code = {district.code: district for district in districts}
    inhabited = {area.district for area in areas}
    for district in districts:
        where = f"areas/{DISTRICTS_FILE}: {district.code}"
        if district.agency is not None:
            faults.extend(refer(district.agency, agencies, where=f"{where}.agency", what="agency"))
        if inhabited and district.code not in inhabited:
            faults.append(Fault(where, "has no area"))
    known = all_keys(by_code, f"areas/{DISTRICTS_FILE}: features", faults)
    for area in areas:
        faults.extend(refer(area.district, known, where=f"areas/{AREAS_FILE}: {area.code}.district", what="district"))
    return by_code, {area.code: area for area in areas}


def _check_codes(codes: Sequence[str], file: str, *, faults: list[Fault]) -> None:
    """Every code stands once."""
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        faults.append(Fault(f"areas/{file}", f"code {code!r} stands twice"))


def check_outlines(districts: Sequence[District], areas: Sequence[Area], faults: list[Fault]) -> None:
    """Outlines do not overlap, centroids lie in their areas, districts and anchors by their areas, and files are small.

    Swapped degrees are a place too, only elsewhere: so a district must touch an area and an anchor lie near the city.
    """
    if not areas:
        return
    _check_overlaps(areas, faults)
    if districts:
        _check_size(districts, areas, faults)
        faults.extend(_districts_apart(districts, areas))
        faults.extend(_anchors_astray(districts, areas))


def _check_overlaps(areas: Sequence[Area], faults: list[Fault]) -> None:
    outlines = Outlines(areas)
    (_south, west), (_north, east) = outlines.bounds
    if east - west > _WIDEST:
        reaches = "reaches over the 180th meridian or around the globe: no map shows that"
        faults.append(Fault(f"areas/{AREAS_FILE}", reaches))
    faults.extend(Fault(f"areas/{AREAS_FILE}: {a}.geometry", f"overlaps {b}") for a, b in outlines.overlaps())
    for area in areas:
        found = outlines.locate(area.centroid[1], area.centroid[0])
        if found != area.code:
            faults.append(
                Fault(f"areas/{AREAS_FILE}: {area.code}.centroid", f"lies in {found or 'no area'}, not in its own")
            )


def _check_size(districts: Sequence[District], areas: Sequence[Area], faults: list[Fault]) -> None:
    for file, features in ((DISTRICTS_FILE, districts), (AREAS_FILE, areas)):
        points = {one.code: sum(1 for _ in _points(one.geometry["coordinates"])) for one in features}
        if sum(points.values()) > _MOST_POINTS:
            most = max(points, key=lambda code: points[code])
            said = f"have {sum(points.values())} points, at most {_MOST_POINTS}: simplify them ({most}: {points[most]})"
            faults.append(Fault(f"areas/{file}: features", said))


def _districts_apart(districts: Sequence[District], areas: Sequence[Area]) -> Iterator[Fault]:
    from shapely.geometry import shape

    inside: dict[str, list[Any]] = {}
    for area in areas:
        inside.setdefault(area.district, []).append(shape(area.geometry))
    for district in districts:
        drawn, own = shape(district.geometry), inside.get(district.code, [])
        if own and not any(drawn.intersects(one) for one in own):
            where = f"areas/{DISTRICTS_FILE}: {district.code}.geometry"
            yield Fault(where, "touches none of its areas; longitude comes first")


def _anchors_astray(districts: Sequence[District], areas: Sequence[Area]) -> Iterator[Fault]:
    from shapely.geometry import shape

    boxes = [shape(area.geometry).bounds for area in areas]
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    wide, high = _BESIDE * (east - west), _BESIDE * (north - south)
    for district in districts:
        lon, lat = district.anchor
        if not (west - wide <= lon <= east + wide and south - high <= lat <= north + high):
            where = f"areas/{DISTRICTS_FILE}: {district.code}.anchor"
            yield Fault(where, "lies far outside the city, where the wall would lose its count; longitude comes first")
