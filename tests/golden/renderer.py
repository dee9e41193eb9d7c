"""One picture of the wall in a named state, with every clock standing still: the same code paints it the same.

``python -m tests.golden.renderer STATE SCENE LAYOUT LANGUAGE`` shows one as large as it is on a real wall, also of the
states that are in no golden picture.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from json import loads
from pathlib import Path

import click
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.golden.shots import LANGUAGES, LAYOUTS, SCENES, Shot
from tests.services.browser import LOAD_MS, QUIET, WatchedPage, program
from tests.services.wait import until
from tests.wall.conftest import FRAME_MS, PAGE_SIDE, Wall
from tests.wall.fake_room import ROOT, FakeRoom, fake_room

STATES = ROOT / "tests" / "browser" / "golden"
# Of a page's pixels in each direction: what is 48 px high on the real wall is 12 here, and can be read.
SMALL, REAL = 0.5, 2.0
# Longer than a figure waits for the next, and than a scene takes to fetch what it stands on.
SECOND_MS, SETTLED_S = 1000, 4
FLASH_MS, FLASH_STEP_MS = 700, 50
# A picture waits for two beats of the room; the real one beats once a second.
BEAT_MS = 100


class Renderer:
    """One room that enters a state when it is asked for, and one browser; a page ends with its picture."""

    def __init__(self, room: FakeRoom, browser: Browser) -> None:
        self._room, self._browser = room, browser
        self._state = ""

    def picture(self, shot: Shot, scale: float = SMALL) -> Image.Image:
        """``scale`` pixels for each of the page's, which stays as it is."""
        state = loads((STATES / f"{shot.state}.json").read_text(encoding="utf-8"))
        silent_s = state.get("silent_s", 0)
        if shot.state != self._state or silent_s:
            self._room.tell(f"golden?name={shot.state}")
            self._state = shot.state
        layout = LAYOUTS[shot.layout]
        drill = "drill" if state.get("drill") else ""
        words = (f"scene={shot.scene}", f"lang={shot.language}", layout.address, state.get("address", ""), drill)
        context = self._browser.new_context(
            viewport={"width": layout.width, "height": layout.height},
            device_scale_factor=scale,
            service_workers="block",
            locale="id-ID",
        )
        try:
            context.set_default_navigation_timeout(LOAD_MS)
            page = context.new_page()
            page.add_init_script(path=PAGE_SIDE)
            page.clock.install(time=0)
            page.clock.pause_at(1)
            page.goto(f"{self._room.url}/wall?{'&'.join(filter(None, words))}")
            self._settle(Wall(WatchedPage(page, self._room.url)), silent_s)
            return Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
        finally:
            context.close()

    def _settle(self, wall: Wall, silent_s: float) -> None:
        """Let everything be painted, and stop in the half of a flash in which its symbols are filled.

        The page's time passes in whole seconds alone, however long its server takes: what it repeats each second it
        does at the same moments every time.
        """

        def live() -> bool:
            wall.run(SECOND_MS)
            return wall.state("freshness") == "live"

        until(live, within=90, why="a live wall")
        wall.page.evaluate("document.fonts.ready.then(() => true)")
        for _ in range(SETTLED_S):
            wall.run(SECOND_MS)
        wall.beaten()
        if silent_s:
            self._room.tell("mute")
            wall.told(self._room.order()["seq"])
        wall.run(silent_s * SECOND_MS + FRAME_MS)
        for _ in range(FLASH_MS // FLASH_STEP_MS):
            if wall.state("flash") != "off":
                break
            wall.run(FLASH_STEP_MS)


@contextmanager
def renderer() -> Iterator[Renderer]:
    """With a room and a browser of its own."""
    with fake_room("--every", str(BEAT_MS)) as room, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program(), args=QUIET)
        yield Renderer(room, browser)
        browser.close()


@click.command()
@click.argument("state", type=click.Choice(sorted(path.stem for path in STATES.glob("*.json"))))
@click.argument("scene", type=click.Choice(SCENES), default="map")
@click.argument("layout", type=click.Choice(list(LAYOUTS)), default="fine")
@click.argument("language", type=click.Choice(LANGUAGES), default="id")
@click.option("--scale", default=REAL, help="Pixels for each of the page's, which has half of the real wall's.")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), default=Path(tempfile.gettempdir()))
def main(state: str, scene: str, layout: str, language: str, scale: float, into: Path) -> None:
    """Show STATE in SCENE of a wall of LAYOUT in LANGUAGE as a PNG."""
    shot = Shot(state, scene, layout, language)
    into.mkdir(parents=True, exist_ok=True)
    with renderer() as ours:
        ours.picture(shot, scale).save(into / f"{shot.name}.png")
    click.echo(into / f"{shot.name}.png")


if __name__ == "__main__":
    main()
