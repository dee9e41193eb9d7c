"""The base map: the city's outlines as a Leaflet script drawn by folium, and the PMTiles archive that may lie below.

The script holds no text but the attribution, nothing that a mouse can hit, and no address of another server unless
tiles are set. An archive is checked once at the start and served by ranges of bytes; what draws it in a page is
static/js/map/base_map.js. The outlines alone are a file too, for pages that draw a map only when somebody looks at it
(static/js/map/place_map.js).
"""

import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from flask import Blueprint, Flask, Response, request
from markupsafe import Markup, escape
from pmtiles.tile import Compression, HeaderDict, TileType, deserialize_directory, deserialize_header
from werkzeug.http import parse_range_header

from liveroom.city.areas import Area, District
from liveroom.city.city import City
from liveroom.city.sheet import Translations, in_language
from liveroom.runtime.config import MapSettings
from liveroom.runtime.disk import DiskCache
from liveroom.runtime.http_input import problem

if TYPE_CHECKING:
    import folium


# ---- the PMTiles archive ----

_HEADER_BYTES = 127
_LONGEST_RANGE = 8 * 1024 * 1024
_RASTER = frozenset({TileType.PNG, TileType.JPEG, TileType.WEBP, TileType.AVIF})
_READABLE = frozenset({Compression.NONE, Compression.GZIP})
# The address names a version of the file, so what is under it never changes.
_CACHE_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable", "Accept-Ranges": "bytes"}
_PUBLIC_FOREVER = "public, max-age=31536000, immutable"
# Of a degree, 11 m: what a small map shows of an outline. Neighbours keep their common edge.
_DECIMALS = 4
log = logging.getLogger(__name__)


class Unusable(Exception):
    """An archive that no map can be drawn from; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapFile:
    """A checked archive. ``bounds``: south-west and north-east, (lat, lon); ``zooms``: least and most."""

    path: Path
    version: str
    size: int
    kind: Literal["raster", "vector"]
    zooms: tuple[int, int]
    bounds: tuple[tuple[float, float], tuple[float, float]]

    @property
    def address(self) -> str:
        """Its address on this server."""
        return f"/map/{self.version}/ground.pmtiles"

    def read(self, start: int, end: int) -> bytes:
        """The bytes of a range. Raises Unusable if the file is gone or was replaced since the start."""
        try:
            with self.path.open("rb") as file:
                if _version(os.fstat(file.fileno())) != self.version:
                    raise Unusable("is another file than at the start; restart to show it")
                return os.pread(file.fileno(), end - start, start)
        except OSError as error:
            raise Unusable(f"cannot be read: {error.strerror}") from error


def map_file_of(named: str) -> MapFile | None:
    """The archive that the settings name; None if they name none or an unusable one, which is logged."""
    if not named:
        return None
    try:
        return look_at(Path(named))
    except Unusable as fault:
        log.error("map.file: %s %s; the map shows the outlines of the city alone", Path(named).absolute(), fault)
        return None


def look_at(path: Path) -> MapFile:
    """Check an archive and read its header. Raises Unusable."""
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            header = _header(file.read(_HEADER_BYTES))
            if about.st_size < _length(header):
                raise Unusable(f"is cut off: it has {about.st_size} bytes of {_length(header)}")
            _check_root(header, os.pread(file.fileno(), header["root_length"], header["root_offset"]))
    except OSError as error:
        raise Unusable(f"cannot be read: {error.strerror}") from error
    return MapFile(
        path=path.absolute(),
        version=_version(about),
        size=about.st_size,
        kind="raster" if header["tile_type"] in _RASTER else "vector",
        zooms=(header["min_zoom"], header["max_zoom"]),
        bounds=(
            (header["min_lat_e7"] / 1e7, header["min_lon_e7"] / 1e7),
            (header["max_lat_e7"] / 1e7, header["max_lon_e7"] / 1e7),
        ),
    )


def _header(first: bytes) -> HeaderDict:
    try:
        header = deserialize_header(first)
    # The library's own errors, and those of numbers that it does not know.
    except Exception as error:
        raise Unusable("is no PMTiles archive of version 3") from error
    if header["tile_type"] not in _RASTER | {TileType.MVT}:
        raise Unusable(f"has tiles of a kind that is not drawn here: {header['tile_type'].name}")
    if not {header["internal_compression"], header["tile_compression"]} <= _READABLE | {Compression.UNKNOWN}:
        raise Unusable("is compressed in a way that browsers do not read: only gzip")
    return header


def _check_root(header: HeaderDict, root: bytes) -> None:
    if header["internal_compression"] is not Compression.GZIP:
        return
    try:
        tiles = deserialize_directory(root)
    except Exception as error:
        raise Unusable("is damaged: its directory cannot be read") from error
    if not tiles:
        raise Unusable("has no tiles")


def _length(header: HeaderDict) -> int:
    return max(
        header["root_offset"] + header["root_length"],
        header["metadata_offset"] + header["metadata_length"],
        header["leaf_directory_offset"] + header["leaf_directory_length"],
        header["tile_data_offset"] + header["tile_data_length"],
    )


def _version(about: os.stat_result) -> str:
    return f"{about.st_mtime_ns:x}-{about.st_size:x}"


def map_file_blueprint(file: MapFile | None, city: City) -> Blueprint:
    """``/map/VERSION/ground.pmtiles``, by ranges of bytes, and ``/map/VERSION/outlines.json``."""
    routes = Blueprint("map_file", __name__)
    outlines = cache(lambda: msgspec.json.encode(_outlines(city)))

    @routes.get("/map/<version>/outlines.json")
    def outlines_file(version: str) -> Response:
        if version != _outlines_version(city):
            return problem(404, "no_outlines", "the city has other outlines by now")
        return Response(outlines(), 200, {"Cache-Control": _PUBLIC_FOREVER}, content_type="application/json")

    @routes.get("/map/<version>/ground.pmtiles", endpoint="piece")
    def byte_range(version: str) -> Response:
        if file is None or version != file.version:
            return problem(404, "no_map_file", "there is no such map file")
        asked = parse_range_header(request.headers.get("Range"))
        start, end = (asked and asked.units == "bytes" and asked.range_for_length(file.size)) or (0, 0)
        if not 0 < end - start <= _LONGEST_RANGE:
            refusal = problem(
                416, "range", f"must ask for one range of at most {_LONGEST_RANGE} bytes of {file.size}", "Range"
            )
            refusal.headers["Content-Range"] = f"bytes */{file.size}"
            return refusal
        try:
            found = file.read(start, end)
        except Unusable as fault:
            log.error("map.file: %s %s; the map shows the outlines of the city alone", file.path, fault)
            return problem(404, "no_map_file", "the map file is not there any more")
        headers = {**_CACHE_FOREVER, "Content-Range": f"bytes {start}-{end - 1}/{file.size}"}
        return Response(found, 206, headers, content_type="application/octet-stream")

    return routes


# ---- the base map ----

_FILL, _LINE = "#1B222B", "#2B3541"
_OPACITY_OVER_TILES = 0.45
_NO_TILES = MapSettings()
# The scripts that read a raster archive, and that draw a vector one.
_READERS = {
    "raster": "/static/vendor/protomaps/pmtiles.js",
    "vector": "/static/vendor/protomaps/protomaps-leaflet.js",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseMap:
    """What a page needs: an element with the id ``map_id`` and a size, Leaflet as the global ``L``, then ``script``.

    The script makes a global of the same name as the element: the Leaflet map, fitted to the city. With an archive,
    ``reader`` is the address of a script to load before the page's own, and ``archive`` JSON of what to draw.
    ``attribution`` and ``attributions`` credit outlines and tiles, for the page to show.
    """

    map_id: str
    script: Markup
    attribution: str
    attributions: Translations
    archive: str = ""
    reader: str = ""

    def whose(self, language: str) -> str:
        """The attribution for a reader of ``language``."""
        return in_language(language, self.attribution, self.attributions)


@dataclass(frozen=True, slots=True)
class _MapInput:
    """All that the map depends on; a city counts as the same while its pack has the same content."""

    hash: str
    tiles: MapSettings
    file: MapFile | None
    city: City = field(compare=False)
    cache: DiskCache | None = field(compare=False)

    def key(self) -> str:
        """A hash of all that the script depends on: pack, settings, version of folium, this file."""
        parts = [self.hash, self.tiles, self.file is not None, version("folium"), Path(__file__).read_text("utf-8")]
        return sha256(msgspec.json.encode(parts)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _MapScript:
    """What folium drew."""

    map_id: str
    script: str


def base_map(
    city: City, tiles: MapSettings = _NO_TILES, file: MapFile | None = None, cache: DiskCache | None = None
) -> BaseMap:
    """The city's base map, built at the first call (0.4 s with the import of folium) and the same text ever after.

    ``cache`` keeps the script for the next start. A page runs it, so only this user may be able to write there.
    """
    return _built(_MapInput(city.hash, tiles, file, city, cache))


@lru_cache(maxsize=4)
def _built(drawing: _MapInput) -> BaseMap:
    """The base map, its script drawn or from the cache."""
    tiles, file = drawing.tiles, drawing.file
    if drawing.cache is None:
        drawn = _draw(drawing)
    else:
        drawn = drawing.cache.of("base-map", drawing.key(), _MapScript, lambda: _draw(drawing))
    # A file that is not usable needs no attribution.
    tiles_credit = tiles.attribution if tiles.tiles or file else ""
    city = drawing.city
    return BaseMap(
        map_id=drawn.map_id,
        script=Markup(drawn.script),
        attribution=f"{city.attribution} {tiles_credit}".strip(),
        attributions={language: f"{said} {tiles_credit}".strip() for language, said in city.attributions.items()},
        archive=_archive(file, tiles.attribution) if file else "",
        reader=_READERS[file.kind] if file else "",
    )


def _draw(drawing: _MapInput) -> _MapScript:
    """Let folium draw and take only its script; the page around it is ours."""
    base = _folium_map(drawing.city, drawing.tiles, covered=bool(drawing.tiles.tiles or drawing.file))
    root: Any = base.get_root()
    # The children put their scripts into the root only while it renders.
    root.render()
    # Only numbers, codes of a closed alphabet and one escaped text went in: nothing can end the script element.
    return _MapScript(map_id=base.get_name(), script=root.script.render())


def _archive(file: MapFile, attribution: str) -> str:
    """JSON of what a page needs to draw it; the attribution escaped, since Leaflet writes it into the page as HTML."""
    about = {"address": file.address, "kind": file.kind, "zooms": file.zooms, "bounds": file.bounds}
    return msgspec.json.encode({**about, "attribution": str(escape(attribution))}).decode()


def _folium_map(city: City, tiles: MapSettings, *, covered: bool) -> "folium.Map":
    """The map with its layers; every id is set by hand, since folium's own are random.

    ``covered``: something lies beneath the outlines and must be seen through them.
    """
    # folium takes 270 ms to import and only the wall needs it.
    import folium

    base = folium.Map(
        location=city.centre, zoom_start=12, tiles=None, zoom_control=False, zoom_snap=0, zoom_animation=False
    )
    base._id = "wall"
    base.default_js, base.default_css = [], []
    if tiles.tiles:
        _add_tiles(base, tiles)
    inner = {"color": _LINE, "weight": 1, "fillColor": _FILL, "fillOpacity": _OPACITY_OVER_TILES if covered else 1}
    outer = {"color": _LINE, "weight": 3, "fill": False}
    _add_outlines(base, "areas", outlines=city.areas.values(), style=inner)
    _add_outlines(base, "districts", outlines=city.districts.values(), style=outer, attribution=city.attribution)
    # Room for the stroke of the outermost lines.
    fit = folium.FitBounds(city.bounds, padding=(8, 8))
    fit._id = "city"
    base.add_child(fit)
    return base


def _add_tiles(base: "folium.Map", tiles: MapSettings) -> None:
    """Tiles by address, below the outlines; a missing tile leaves the background."""
    import folium

    layer = folium.TileLayer(tiles=tiles.tiles, attr=str(escape(tiles.attribution)), max_zoom=tiles.max_zoom)
    layer._id = "tiles"
    base.add_child(layer)


def _add_outlines(
    base: "folium.Map",
    name: str,
    *,
    outlines: Iterable[Area | District],
    style: Mapping[str, Any],
    attribution: str | None = None,
) -> None:
    """One layer of outlines, without mouse events and unsimplified, so that neighbours keep their common edge."""
    import folium

    features = [
        {"type": "Feature", "id": outline.code, "properties": {}, "geometry": outline.geometry} for outline in outlines
    ]
    layer = folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        style_function=lambda _: dict(style),
        smooth_factor=0,
        interactive=False,
        # Leaflet writes an attribution into the page as HTML.
        attribution=str(escape(attribution)) if attribution else None,
    )
    layer._id = name
    layer.add_to(base)


# ---- the ground of a small map, drawn in the page when somebody looks at it ----


def add_place_ground(app: Flask, city: City, ground: BaseMap, tiles: MapSettings) -> None:
    """Let templates say ``place_ground(lang)``: addresses of all that the map of one place is made of, none of it text.

    ``outlines``: the city's file; ``archive``, ``reader``: as of BaseMap; ``tiles``, ``max_zoom``: tiles by address, ""
    for none; ``whose``: the attribution in that language.
    """
    fixed = {
        "outlines": f"/map/{_outlines_version(city)}/outlines.json",
        "archive": ground.archive,
        "reader": ground.reader,
        "tiles": tiles.tiles,
        "max_zoom": tiles.max_zoom,
    }
    app.add_template_global(lambda lang: {**fixed, "whose": ground.whose(lang)}, "place_ground")


def _outlines_version(city: City) -> str:
    """Changes with the pack, so that what a browser has kept under an address is never another's."""
    return city.hash[:16]


def _outlines(city: City) -> dict[str, object]:
    """``areas`` and ``districts`` as GeoJSON, each feature with its code as id."""
    return {"areas": _collection(city.areas.values()), "districts": _collection(city.districts.values())}


def _collection(outlines: Iterable[Area | District]) -> dict[str, object]:
    features = [
        {"type": "Feature", "id": one.code, "properties": {}, "geometry": rounded(one.geometry)} for one in outlines
    ]
    return {"type": "FeatureCollection", "features": features}


def rounded(value: object) -> object:
    """The same with fewer decimals, for slow networks."""
    if isinstance(value, float):
        return round(value, _DECIMALS)
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    return value
