"""A PMTiles archive under the map: looked at before it is shown, seen in a browser, no reason for a wall to fail."""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page

from display.pages.map import Unusable, look_at
from tests.display.pages.archive import raster_archive, vector_archive
from tests.often import some
from tests.rooms.packs import city
from tests.services.browser import WatchedPage
from tests.services.server import Server
from tests.services.wait import until

PACK = "newyork"
SMALL = {"width": 1280, "height": 720}
CONFIG = f"city: {PACK}\nmap: {{file: %s, attribution: Streets by us}}\n"
# The brightest line of the base map is #2B3541 (CR-53).
BRIGHTEST = (0x2B, 0x35, 0x41)
TILES = ".base-map .leaflet-tile-pane .leaflet-tile"
SEEN = "() => document.querySelectorAll('.base-map .leaflet-tile-loaded').length > 3"
KEPT = """async () => {
    const kept = (await (await caches.open("liveroom-wall")).keys()).map(({ url }) => new URL(url).pathname);
    const ours = kept.some((path) => path.startsWith("/static/build/wall-") || path === "/static/js/map/base_map.js");
    return ours && kept.filter((path) => path.startsWith("/map/")).length > 1;
}"""
SHEET = """(rules) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    document.adoptedStyleSheets = [sheet];
}"""
ALONE = """
.wall * { visibility: hidden !important }
.wall :is(.leaflet-tile-pane, .leaflet-overlay-pane) * { visibility: visible !important }
"""


def settings(tmp_path: Path, file: Path) -> dict[str, str]:
    """An environment with that file under the map."""
    told = tmp_path / "config.yaml"
    told.write_text(CONFIG % file)
    return {"LIVEROOM_CONFIG": str(told)}


def shown(page: Page, look: str = SEEN) -> None:
    """Wait until it holds in the page, whose policy forbids Playwright's own waiting."""
    until(lambda: page.evaluate(look), why=look)


def ground(page: Page, style: str = "") -> Image.Image:
    """The base map alone, as it is seen; a sheet of the page's own, since its policy forbids Playwright's."""
    page.evaluate(SHEET, ALONE + style)
    return Image.open(BytesIO(page.screenshot())).convert("RGB")


def drawn(watched: WatchedPage, element: str) -> None:
    """The tiles lie dark under the outlines, as elements of that name."""
    page = watched.page
    shown(page)
    assert page.eval_on_selector(TILES, "tile => tile.localName") == element
    assert page.inner_text(".map-attribution").endswith("Streets by us")
    assert watched.errors == []
    seen = ground(page)
    assert len(seen.getcolors(1 << 24) or []) > 3, "something is drawn"
    assert all(most <= limit for (_, most), limit in zip(seen.getextrema(), BRIGHTEST, strict=True))
    assert seen.tobytes() != ground(page, ".leaflet-tile-pane { display: none }").tobytes(), "the tiles show"


@pytest.mark.often
@pytest.mark.browser
@pytest.mark.parametrize(
    ("archive", "element"),
    some([(vector_archive, "canvas"), (raster_archive, "img")], [(vector_archive, "canvas")]),
)
def test_tiles_of_a_file_lie_dark_under_the_outlines_and_stay_without_the_server(
    archive: Callable[..., Path],
    element: str,
    tmp_path: Path,
    server: Callable[..., Server],
    open_page: Callable[..., Any],
) -> None:
    room = server(env=settings(tmp_path, archive(tmp_path / "city.pmtiles", city(PACK))))
    watched = open_page(f"{room.url}/wall?scene=map", viewport=SMALL)
    drawn(watched, element)
    stays(watched.page, room)


def stays(page: Page, room: Server) -> None:
    """From its second start a wall keeps the pieces too, and needs no server for them."""
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    page.reload()
    shown(page)
    shown(page, KEPT)
    room.kill()
    page.reload()
    shown(page)


@pytest.mark.browser
def test_a_file_that_is_gone_or_another_leaves_the_outlines_one_that_is_there_is_drawn_and_the_log_says_so(
    tmp_path: Path, server: Callable[..., Server], open_page: Callable[..., Any]
) -> None:
    file = tmp_path / "city.pmtiles"
    room = server(env=settings(tmp_path, file))
    assert f"map.file: {file} cannot be read: No such file" in room.log()
    watched = open_page(f"{room.url}/wall?scene=map", viewport=SMALL)
    page: Page = watched.page
    page.wait_for_selector(".base-map path")
    # The outlines are there before the wall's own script writes.
    until(lambda: page.inner_text(".map-attribution") == city(PACK).attribution, why="whose map it is")
    room.stop()
    raster_archive(file, city(PACK))
    room.start()
    address = page.request.get(f"{room.url}/wall").text().partition("/map/")[2].partition("/ground")[0]
    first = httpx.get(f"{room.url}/map/{address}/ground.pmtiles", headers={"Range": "bytes=0-6"}, timeout=60)
    assert (first.status_code, first.content) == (206, b"PMTiles")
    assert httpx.get(f"{room.url}/map/{address}/ground.pmtiles", timeout=60).status_code == 416, "never the whole file"
    watched.errors.clear()  # while the room was away
    page.reload()
    drawn(watched, "img")
    file.write_bytes(b"another")
    page.evaluate("caches.delete('liveroom-wall')")
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    page.reload()
    page.wait_for_selector(".base-map path")
    until(lambda: "is another file than at the start" in room.log(), why="the log to say so")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda file: file.unlink(), "cannot be read: No such file or directory"),
        (lambda file: file.write_bytes(b"<html>not found</html>"), "is no PMTiles archive of version 3"),
        (lambda file: os.truncate(file, file.stat().st_size - 9), "is cut off"),
        (lambda file: overwrite(file, 127, b"\0" * 20), "is damaged: its directory cannot be read"),
        (lambda file: overwrite(file, 98, b"\3"), "is compressed in a way that browsers do not read: only gzip"),
        (lambda file: overwrite(file, 99, b"\6"), "has tiles of a kind that is not drawn here: MLT"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, damage: Callable[[Path], object], said: str) -> None:
    file = vector_archive(tmp_path / "city.pmtiles", city(PACK))
    looked_at = look_at(file)
    assert (looked_at.kind, looked_at.zooms) == ("vector", (9, 12))
    damage(file)
    with pytest.raises(Unusable, match=f"^{said}"):
        look_at(file)


def overwrite(file: Path, at: int, content: bytes) -> None:
    """Put these bytes over others."""
    with file.open("r+b") as opened:
        opened.seek(at)
        opened.write(content)
