"""In which area a point lies, against a ray cast by hand through the outlines of the pack."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.often import often
from tests.rooms.packs import PACKS, city

Ring = list[list[float]]


def inside(lon: float, lat: float, ring: Ring) -> bool:
    """Whether a ray to the east crosses the ring an odd number of times."""
    crossings = 0
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lon < x1 + (lat - y1) / (y2 - y1) * (x2 - x1):
            crossings += 1
    return crossings % 2 == 1


def slow_locate(name: str, lat: float, lon: float) -> set[str]:
    """Codes of all areas that hold the point, holes left out."""
    found = set()
    for area in city(name).areas.values():
        shape = area.geometry
        for rings in [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]:
            if inside(lon, lat, rings[0]) and not any(inside(lon, lat, hole) for hole in rings[1:]):
                found.add(area.code)
    return found


@pytest.mark.parametrize("name", PACKS)
@settings(max_examples=often(200))
@given(data=st.data())
def test_a_point_lies_in_the_area_whose_outline_holds_it(name: str, data: st.DataObject) -> None:
    (south, west), (north, east) = city(name).bounds
    # Off the grid of four decimals on which the outlines are drawn, so that no point lies on an edge.
    lat = data.draw(st.integers(0, 999)) / 1000 * (north - south) + south + 0.0000317
    lon = data.draw(st.integers(0, 999)) / 1000 * (east - west) + west + 0.0000171
    found = city(name).locate(lat, lon)
    assert slow_locate(name, lat, lon) == ({found} if found else set())
    assert city(name).in_city(lat, lon) == (found is not None)


@pytest.mark.parametrize("name", PACKS)
def test_every_areas_own_point_lies_in_it(name: str) -> None:
    found = city(name)
    assert [
        area.code for area in found.areas.values() if found.locate(area.centroid[1], area.centroid[0]) != area.code
    ] == []


KNOWN = [
    (-6.1721, 106.6317, "Sukarasa", "Tangerang"),
    (-6.1702, 106.6528, "Tanah Tinggi", "Tangerang"),
    (-6.1259, 106.6644, "Pajang", "Benda"),
    (-6.2474, 106.7264, "Larangan Selatan", "Larangan"),
]


@pytest.mark.parametrize(("lat", "lon", "area", "district"), KNOWN)
def test_a_known_place_is_found(lat: float, lon: float, area: str, district: str) -> None:
    found = city("tangerang")
    code = found.locate(lat, lon)
    assert code is not None
    assert (found.areas[code].name, found.districts[found.areas[code].district].name) == (area, district)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        (-6.1754, 106.8272),  # the capital's centre
        (106.6317, -6.1721),  # latitude and longitude exchanged
        (6.1721, 106.6317),  # the wrong side of the equator
        (0.0, 0.0),
        (90.0, 180.0),
        (math.inf, 106.0),
        (math.nan, math.nan),
    ],
)
def test_a_point_outside_the_city_lies_nowhere(lat: float, lon: float) -> None:
    assert city("tangerang").locate(lat, lon) is None
    assert not city("tangerang").in_city(lat, lon)


def test_a_point_on_a_shared_edge_always_lies_in_the_same_area() -> None:
    found = city("tangerang")
    for lon, lat in found.areas["36.71.01.1001"].geometry["coordinates"][0]:
        first = found.locate(lat, lon)
        assert first is not None
        assert {found.locate(lat, lon) for _ in range(5)} == {first}


@pytest.mark.parametrize("name", PACKS)
def test_districts_are_exactly_their_areas(name: str) -> None:
    from shapely import union_all
    from shapely.geometry import shape

    found = city(name)
    for district in found.districts.values():
        parts = union_all([shape(area.geometry) for area in found.areas.values() if area.district == district.code])
        whole = shape(district.geometry)
        assert parts.symmetric_difference(whole).area < 0.002 * whole.area
        assert whole.intersects(shape({"type": "Point", "coordinates": district.anchor}))
