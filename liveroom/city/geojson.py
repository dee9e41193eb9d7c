"""Reads the outlines of areas and districts from GeoJSON and names what is wrong with a feature and its polygon."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from liveroom.city.sheet import shape
from liveroom.runtime.errors import Fault

T = TypeVar("T")
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
