"""The quiet ground under the incidents: folium turns the city's outlines into a script fragment for our own page.

No text but the attribution, nothing that a mouse can hit, and no address of anybody else's unless tiles are set. What
lies in a PMTiles archive is not folium's to draw: the page is told what map/base_map.js needs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from markupsafe import Markup, escape

from display.map_file import MapFile
from liveroom.city.areas import Area, District
from liveroom.city.city import City
from liveroom.runtime.config import MapSettings
from liveroom.runtime.disk import DiskCache

if TYPE_CHECKING:
    import folium

CARD, LINE = "#1B222B", "#2B3541"
OVER_TILES = 0.45
NO_TILES = MapSettings()
# What cuts pictures out of an archive, and what draws its streets.
READERS = {
    "raster": "/static/vendor/protomaps/pmtiles.js",
    "vector": "/static/vendor/protomaps/protomaps-leaflet.js",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseMap:
    """What a page needs: an element with the id ``map_id`` and a size, Leaflet as the global ``L``, then ``script``.

    The script makes a global of the same name as the element: the Leaflet map, fitted to the city. ``reader`` is the
    address of a script that must stand before the page's own, and ``archive`` what they draw, where a file is set.
    ``attribution``: whose outlines and tiles they are, for the page to show; ``attribution_en`` likewise, in English.
    """

    map_id: str
    script: Markup
    attribution: str
    attribution_en: str
    archive: str = ""
    reader: str = ""

    def whose(self, language: str) -> str:
        """The attribution for a reader of ``language``."""
        return self.attribution_en if language == "en" else self.attribution


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A city that counts as the same while its pack has the same content."""

    hash: str
    tiles: MapSettings
    file: MapFile | None
    city: City = field(compare=False)
    cache: DiskCache | None = field(compare=False)

    def key(self) -> str:
        """A name of all that the script depends on: the pack, the settings, who draws and how."""
        said = [self.hash, self.tiles, self.file is not None, version("folium"), Path(__file__).read_text("utf-8")]
        return sha256(msgspec.json.encode(said)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """What folium made of it."""

    map_id: str
    script: str


def base_map(
    city: City, tiles: MapSettings = NO_TILES, file: MapFile | None = None, cache: DiskCache | None = None
) -> BaseMap:
    """The city's base map, built at the first call (0.4 s with the import of folium) and the same text ever after.

    ``cache``: where the text is kept for the next start. A page runs it, so it is only for what this user alone writes.
    """
    return _built(_Drawing(city.hash, tiles, file, city, cache))


@lru_cache(maxsize=4)
def _built(drawing: _Drawing) -> BaseMap:
    """The map around the script, drawn or kept."""
    tiles, file = drawing.tiles, drawing.file
    if drawing.cache is None:
        drawn = _drawn(drawing)
    else:
        drawn = drawing.cache.of("base-map", drawing.key(), _Drawn, lambda: _drawn(drawing))
    # Of a file that is of no use nothing is shown.
    beneath = tiles.attribution if tiles.tiles or file else ""
    city = drawing.city
    return BaseMap(
        map_id=drawn.map_id,
        script=Markup(drawn.script),
        attribution=f"{city.attribution} {beneath}".strip(),
        attribution_en=f"{city.attribution_en} {beneath}".strip(),
        archive=_archive(file, tiles.attribution) if file else "",
        reader=READERS[file.kind] if file else "",
    )


def _drawn(drawing: _Drawing) -> _Drawn:
    """Let folium draw and take its script out: the page round it is ours."""
    ground = _ground(drawing.city, drawing.tiles, covered=bool(drawing.tiles.tiles or drawing.file))
    root: Any = ground.get_root()
    # The children put their scripts into the root only while it renders.
    root.render()
    # Numbers, codes of a closed alphabet and one escaped text went in: nothing that could end the script element.
    return _Drawn(map_id=ground.get_name(), script=root.script.render())


def _archive(file: MapFile, attribution: str) -> str:
    """JSON of what a page needs to draw it; the attribution as HTML, for Leaflet writes it into the page."""
    told = {"address": file.address, "kind": file.kind, "zooms": file.zooms, "bounds": file.bounds}
    return msgspec.json.encode({**told, "attribution": str(escape(attribution))}).decode()


def _ground(city: City, tiles: MapSettings, *, covered: bool) -> "folium.Map":
    """The map with its layers; every id is set by hand, since folium's own are drawn by chance.

    ``covered``: something lies beneath the outlines and must be seen through them.
    """
    # folium takes 270 ms to import and only the wall needs it.
    import folium

    ground = folium.Map(
        location=city.centre, zoom_start=12, tiles=None, zoom_control=False, zoom_snap=0, zoom_animation=False
    )
    ground._id = "wall"
    ground.default_js, ground.default_css = [], []
    if tiles.tiles:
        _lay(ground, tiles)
    inner = {"color": LINE, "weight": 1, "fillColor": CARD, "fillOpacity": OVER_TILES if covered else 1}
    outer = {"color": LINE, "weight": 3, "fill": False}
    _add(ground, "areas", outlines=city.areas.values(), style=inner)
    _add(ground, "districts", outlines=city.districts.values(), style=outer, attribution=city.attribution)
    # Room for the stroke of the outermost lines.
    fit = folium.FitBounds(city.bounds, padding=(8, 8))
    fit._id = "city"
    ground.add_child(fit)
    return ground


def _lay(ground: "folium.Map", tiles: MapSettings) -> None:
    """The tiles of an address; what one that does not come leaves free is the ground under the outlines."""
    import folium

    beneath = folium.TileLayer(tiles=tiles.tiles, attr=str(escape(tiles.attribution)), max_zoom=tiles.max_zoom)
    beneath._id = "tiles"
    ground.add_child(beneath)


def _add(
    ground: "folium.Map",
    name: str,
    *,
    outlines: Iterable[Area | District],
    style: Mapping[str, Any],
    attribution: str | None = None,
) -> None:
    """One layer of outlines, deaf to the mouse and unsimplified, so that neighbours keep their common edge."""
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
    layer.add_to(ground)
