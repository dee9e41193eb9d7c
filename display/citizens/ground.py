"""What the page loads only when asked, or to be installed: the city's outlines, the manifest, the service worker."""

from functools import partial

import msgspec
from flask import Response

from display.citizens.showing import STATIC, Counter
from display.pages import language_of
from liveroom.city.city import City

A_DAY = "public, max-age=86400"
# Five decimals are a metre.
DECIMALS = 4


class Ground:
    """Public files that depend on the city."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._outlines = msgspec.json.encode(_outlines(counter.room.city))

    def outlines(self) -> Response:
        """The districts as GeoJSON, each with where its name stands, the city's bounds and whose data it is."""
        return Response(self._outlines, 200, {"Cache-Control": A_DAY}, content_type="application/json")

    def manifest(self) -> Response:
        """What a telephone needs to keep the page beside its apps."""
        city = self._counter.room.city
        english = language_of(city) == "en"
        name = ("Report to " if english else "Lapor ") + city.name
        icons = [_icon(size) for size in (192, 512)]
        told = {
            "id": "/lapor",
            "name": name,
            "short_name": "Report" if english else "Lapor",
            "lang": language_of(city),
            "start_url": f"/lapor?lang={language_of(city)}",
            "scope": "/lapor",
            "display": "standalone",
            "background_color": COLOUR,
            "theme_color": COLOUR,
            "icons": [*icons, {"src": "/static/icons/lapor.svg", "sizes": "any", "type": "image/svg+xml"}],
        }
        return Response(msgspec.json.encode(told), 200, {"Cache-Control": A_DAY}, mimetype="application/manifest+json")

    def worker(self) -> Response:
        """The service worker, under the path of the page that it serves."""
        text = (STATIC / "sw_lapor.js").read_text("utf-8")
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/lapor"}
        return Response(text, 200, headers, content_type="text/javascript; charset=utf-8")


# The ground of tokens.css, which a manifest cannot read.
COLOUR = "#11161C"


def _icon(size: int) -> dict[str, str]:
    src = f"/static/icons/lapor-{size}.png"
    return {"src": src, "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}


def _outlines(city: City) -> dict[str, object]:
    shapes = [
        {"type": "Feature", "properties": {"name": one.name, "anchor": one.anchor}, "geometry": _rounded(one.geometry)}
        for one in city.districts.values()
    ]
    whose = {"attribution": city.attribution, "attribution_en": city.attribution_en}
    return {"type": "FeatureCollection", "features": shapes, "bounds": city.bounds, **whose}


def _rounded(value: object) -> object:
    """The same with shorter numbers, for a slow network."""
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return list(map(partial(_rounded), value))
    return value
