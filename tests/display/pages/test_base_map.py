"""The base map in a real browser, under the policy of our pages and with nothing but our own Leaflet."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from display.auth.security import policy
from display.pages.map import BaseMap, base_map
from liveroom.runtime.config import MapSettings, check_map
from tests.rooms.packs import CITIES, PACKS, city
from tests.services.wait import until

LEAFLET = CITIES.parent / "static" / "vendor" / "leaflet"
NONCE = "drawn-by-the-test"
HOSTILE = "</script><img src=x onerror=document.title='broken'>&copy; 'us' \"them\""


def page_of(drawn: BaseMap) -> bytes:
    return f"""<!doctype html><title>whole</title><link rel="icon" href="data:,">
    <link rel="stylesheet" href="/leaflet.css">
    <style nonce="{NONCE}">#{drawn.map_id} {{ position: fixed; inset: 0 }}</style><div id="{drawn.map_id}"></div>
    <script src="/leaflet.js"></script><script nonce="{NONCE}">{drawn.script}</script>""".encode()


@contextmanager
def served(body: bytes, pictures: str | None = None) -> Iterator[str]:
    """The page and Leaflet's own files at an address of this machine, under the pages' policy."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            file = LEAFLET / Path(self.path).name
            found = body if self.path == "/" else file.read_bytes() if file.is_file() else None
            self.send_response(200 if found is not None else 404)
            kinds = {".js": "text/javascript", ".css": "text/css"}
            self.send_header("Content-Type", kinds.get(file.suffix, "text/html; charset=utf-8"))
            self.send_header("Content-Security-Policy", policy(NONCE, pictures))
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, format: str, *args: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.browser
@pytest.mark.parametrize("name", PACKS)
def test_the_city_is_drawn_whole_by_our_own_files_alone(name: str, open_page: Callable[..., Any]) -> None:
    found = city(name)
    drawn = base_map(found)
    with served(page_of(drawn)) as address:
        watched = open_page(address)
        watched.page.wait_for_function(f"window.{drawn.map_id}")
        shapes = watched.page.eval_on_selector_all(
            ".leaflet-overlay-pane path", "paths => paths.filter(p => p.getBBox().width > 1).length"
        )
        assert shapes == len(found.areas) + len(found.districts)
        corners = [list(corner) for corner in found.bounds]
        assert watched.page.evaluate(f"{drawn.map_id}.getBounds().contains({corners})")
        width, height = watched.page.eval_on_selector(
            ".leaflet-overlay-pane g", "g => [g.getBBox().width, g.getBBox().height]"
        )
        assert width > 1890 or height > 1050, "the city fills the page in one direction"
        assert watched.page.inner_text(".leaflet-control-attribution").endswith(found.attribution)
        assert watched.page.query_selector(".leaflet-control-zoom, .leaflet-interactive, .leaflet-tile") is None
        assert watched.errors == []


@pytest.mark.browser
def test_an_attribution_is_text_whatever_it_holds(open_page: Callable[..., Any]) -> None:
    drawn = base_map(replace(city("newyork"), attribution=HOSTILE, hash="a pack that says so"))
    with served(page_of(drawn)) as address:
        watched = open_page(address)
        watched.page.wait_for_function(f"window.{drawn.map_id}")
        assert watched.page.inner_text(".leaflet-control-attribution").endswith(HOSTILE)
        assert watched.page.title() == "whole"
        assert watched.errors == []


def test_the_same_pack_is_the_same_script_and_built_once() -> None:
    found = city("newyork")
    first = base_map(found)
    assert base_map(replace(found)) is first
    assert base_map(replace(found, hash="another pack")).script == first.script
    assert first.map_id == "map_wall"


def test_no_text_but_the_attribution_reaches_the_script() -> None:
    found = city("tangerang")
    script = base_map(found).script
    assert found.attribution in script
    assert [area.name for area in found.areas.values() if area.name in script] == []
    assert "http" not in script


@pytest.mark.browser
def test_tiles_lie_beneath_the_outlines_and_a_wall_without_them_has_its_city_all_the_same(
    open_page: Callable[..., Any],
) -> None:
    drawn = base_map(city(PACKS[0]), MapSettings(tiles="/tiles/{z}/{x}/{y}.png", attribution="City & friends"))
    asked: list[str] = []
    with served(page_of(drawn)) as address:
        watched = open_page(address, before=lambda page: page.on("request", lambda request: asked.append(request.url)))
        tiles = watched.page.locator(".leaflet-tile")
        until(lambda: tiles.count() and any("/tiles/" in url for url in asked), why="a tile to be asked for")
        assert watched.page.locator(".leaflet-overlay-pane path").count() > 10
    assert drawn.attribution.endswith(" City & friends")


def test_only_the_tiles_origin_is_let_into_the_policy() -> None:
    settings = MapSettings(tiles="https://tiles.example.org:8443/{z}/{x}/{y}.png", attribution="x")
    assert settings.image_source == "https://tiles.example.org:8443"
    assert "img-src 'self' data: https://tiles.example.org:8443;" in policy(NONCE, settings.image_source)
    assert MapSettings(tiles="/tiles/{z}/{x}/{y}.png").image_source is None
    assert MapSettings(file="city.pmtiles").image_source == "blob:"


@pytest.mark.parametrize(
    ("settings", "keys"),
    [
        (MapSettings(), []),
        (MapSettings(tiles="https://tiles.example.org/{z}/{x}/{y}.png", attribution="x"), []),
        (MapSettings(tiles="https://tiles.example.org/{z}/{x}.png", attribution="x"), ["tiles"]),
        (MapSettings(tiles="javascript:{z}{x}{y}", attribution="x"), ["tiles"]),
        (MapSettings(tiles="https://a.example;script-src/{z}/{x}/{y}", attribution="x"), ["tiles"]),
        (MapSettings(tiles="/t/{z}/{x}/{y}", max_zoom=40), ["max_zoom", "attribution"]),
        (MapSettings(file="city.pmtiles", attribution="x"), []),
        (MapSettings(file="city.pmtiles", tiles="/t/{z}/{x}/{y}"), ["file", "attribution"]),
    ],
)
def test_settings_of_the_map_name_every_fault(settings: MapSettings, keys: list[str]) -> None:
    assert [fault.where.rsplit(".", 1)[-1] for fault in check_map(settings, "config.yaml")] == keys
