"""The city's outlines as SVG paths, for maps that need no map library: leadership's page and printed reports.

Units are whole numbers; degrees of longitude are narrowed by the middle latitude, so that a city keeps its shape.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import cos, radians
from typing import Any

from liveroom.city.city import City

# Units of the city's outlines from west to east.
ACROSS = 1000


def outline_paths(city: City) -> dict[str, Any]:
    """The city as paths of 1000 units across, and where the mark of each area and district stands.

    ``{width, height, areas: [{code, path, at: (x, y)}], districts: […]}``.
    """
    (south, west), (north, east) = city.bounds
    narrow = cos(radians((south + north) / 2))
    unit = ACROSS / ((east - west) * narrow)

    def at(point: Sequence[float]) -> tuple[int, int]:
        return round((point[0] - west) * narrow * unit), round((north - point[1]) * unit)

    def path(geometry: Mapping[str, Any]) -> str:
        many = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        rings = ([at(point) for point in ring] for polygon in many for ring in polygon)
        return "".join("M" + "L".join(f"{x} {y}" for (x, y), _ in groupby(ring)) + "Z" for ring in rings)

    return {
        "width": ACROSS,
        "height": round((north - south) * unit),
        "areas": [
            {"code": one.code, "path": path(one.geometry), "at": at(one.centroid)} for one in city.areas.values()
        ],
        "districts": [
            {"code": one.code, "path": path(one.geometry), "at": at(one.anchor)} for one in city.districts.values()
        ],
    }
