"""Outlines, point in area."""

from codecs import BOM_UTF8
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import cos, radians
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from liveroom.city.sheet import Text, refer, shape
from liveroom.domain.surge import METRES_A_DEGREE
from liveroom.runtime.errors import Fault

T = TypeVar("T")


# Reads the outlines of areas and districts from GeoJSON and names what is wrong with a feature and its polygon.

Geometry = Mapping[str, Any]
Ring = list[tuple[float, ...]]
# The coordinates of each kind of outline: a polygon is its outer ring and its holes.
KINDS: Mapping[str, Any] = {"Polygon": list[Ring], "MultiPolygon": list[list[Ring]]}


def read_features(path: Path, kind: type[T], *, faults: list[Fault], drawn: bool = False) -> tuple[T, ...]:
    """The features as ``kind``, a dataclass of their properties and a ``geometry``; those with faults are left out.

    A geometry is a GeoJSON Polygon or MultiPolygon in WGS 84 degrees, longitude first. ``drawn``: these very outlines
    were found sound before.
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
        _feature(item, kind, where=f"{name}: features[{_called(item, place)}]", faults=faults, drawn=drawn)
        for place, item in enumerate(features)
    )
    return tuple(feature for feature in read if feature is not None)


def _decoded(path: Path) -> Any:
    """The JSON value of a file. Raises ValueError with what is wrong."""
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


def _called(feature: Any, place: int) -> object:
    """A feature's code, without one its place in the file."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return properties.get("code", place) if isinstance(properties, dict) else place


def _feature(raw: object, kind: type[T], *, where: str, faults: list[Fault], drawn: bool) -> T | None:
    """One feature, or None and its faults."""
    if not isinstance(raw, dict) or not isinstance(raw.get("properties"), dict):
        faults.append(Fault(where, "is no feature with properties"))
        return None
    geometry: Any = raw.get("geometry")
    message = None if drawn else geometry_fault(geometry)
    if message:
        faults.append(Fault(f"{where}.geometry", message))
    # Nothing but the outline goes on to the page: foreign members of a geometry stay behind.
    outline = {name: geometry[name] for name in ("type", "coordinates")} if not message else {}
    read: T | None = shape(
        kind, {**raw["properties"], "geometry": outline}, where=f"{where}.properties.", faults=faults
    )
    return None if message else read


def geometry_fault(geometry: object) -> str | None:
    """What is wrong with an outline: absent, of another kind, off the globe or crossing itself (with the place)."""
    # Shapely takes 80 ms to import and is needed at the start and for reports with a place only.
    from shapely import GEOSException
    from shapely.geometry import shape as outline
    from shapely.validation import explain_validity

    if not isinstance(geometry, dict) or not geometry.get("coordinates"):
        return "has no geometry"
    kind = str(geometry.get("type"))
    if kind not in KINDS:
        return f"is a {kind}, not a Polygon or MultiPolygon"
    try:
        msgspec.convert(geometry["coordinates"], KINDS[kind])
        drawn = outline(geometry)
        west, south, east, north = drawn.bounds
    except (GEOSException, ValueError, TypeError, IndexError):
        return "has coordinates that make no polygon"
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return "has coordinates off the globe; longitude comes first"
    return None if drawn.is_valid else f"is no valid outline: {explain_validity(drawn)}"


# Districts (kecamatan) and areas (kelurahan) of a city, how they hang together, and in which area a point lies.

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


# Whether outlines and anchors lie where the rest of the city lies: swapped degrees are a place too, only elsewhere.

# Every wall draws them all; a hundred an area are plenty.
MOST_POINTS = 50_000
# An anchor may lie beside its district, by so much of the city's width and height.
BESIDE = 0.5


def frame_faults(districts: Sequence[District], areas: Sequence[Area]) -> Iterator[Fault]:
    """Districts far from their areas, anchors far from the city, and files of too many points."""
    if not districts or not areas:
        return
    for file, features in ((DISTRICTS, districts), (AREAS, areas)):
        points = {feature.code: _frame_points(feature.geometry["coordinates"]) for feature in features}
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


def _frame_points(coordinates: Any) -> int:
    rings: list[Any] = list(coordinates)
    if rings and isinstance(rings[0], Sequence) and rings[0] and not isinstance(rings[0][0], Sequence):
        return len(rings)
    return sum(_frame_points(ring) for ring in rings)
