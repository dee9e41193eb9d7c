"""An alarm pulls its scene forward on every wall, and a wall says when it cannot be heard."""

import pytest
from playwright.sync_api import Browser

from tests.services.browser import LOAD_MS, QUIET, program
from tests.services.wait import until
from tests.wall.conftest import Open, Wall
from tests.wall.fake_room import FakeRoom

pytestmark = pytest.mark.browser
# Which scene is up is the point, and not how it is drawn.
PLAIN = {"viewport": {"width": 960, "height": 540}, "reduced_motion": "reduce"}
STEP_MS, LOOKED_MS = 500, 100
PASSED = {"id": "passed:1", "of": 0, "kind": "passed", "priority": 2}
CRITICAL = {"id": "critical:2", "of": 1, "kind": "critical", "priority": 1}


def shows(page: Wall, scene: str, within_ms: int) -> None:
    """The scene is up after so much time of the page at most."""
    for _ in range(0, within_ms, 250):
        page.run(250)
        if page.state("scene") == scene:
            return
    assert page.state("scene") == scene


def stays(page: Wall, scene: str, ms: int) -> None:
    """The scene is up for all that time."""
    for _ in range(0, ms, STEP_MS):
        page.page.clock.fast_forward(STEP_MS - LOOKED_MS)
        page.run(LOOKED_MS)
        assert page.state("scene") == scene


def ordered(room: FakeRoom, page: Wall, **order: object) -> None:
    """Told to the room, and heard by the page whose time stands."""
    page.told(room.order(**order)["seq"])


def in_step(room: FakeRoom, pages: list[Wall]) -> None:
    """All hear the same beats while their time stands, and then none: from here on it passes in the pages alone.

    A page forgets old beats, and what it takes for the room's time would go back where the test lasts long.
    """
    for page in (*pages, *pages):
        before = page.noted("beats")
        until(lambda page=page, before=before: page.noted("beats") > before, why="a beat")  # type: ignore[misc]
    room.tell("mute")
    seq = room.order()["seq"]
    for page in pages:
        page.told(seq)


def test_a30_cr_74_overdue_then_critical_then_a_flood(room: FakeRoom, wall: Open) -> None:
    page = wall("", **PLAIN).still()
    in_step(room, [page])
    ordered(room, page, alarms=[PASSED])
    shows(page, "overdue", 1000)
    stays(page, "overdue", 5000)
    ordered(room, page, alarms=[CRITICAL])
    stays(page, "overdue", 3000)
    shows(page, "map", 2500)
    stays(page, "map", 60_000)
    ordered(room, page, alarms=[{**PASSED, "state": "acked"}, {**CRITICAL, "state": "acked"}])
    stays(page, "map", 9000)
    shows(page, "board", 2000)
    ordered(room, page, alarms=[PASSED, CRITICAL], lines=[{"id": "flood", "kind": "flood", "n": 26}])
    shows(page, "map", 12_000)
    assert page.page.get_attribute(".band", "data-flood") == "true"
    stays(page, "map", 40_000)


def test_cr_72_two_walls_turn_together(room: FakeRoom, wall: Open) -> None:
    pages = [wall("", **PLAIN).still(), wall("", **PLAIN).still()]
    in_step(room, pages)
    seen = []
    for _ in range(20):
        for page in pages:
            page.leap(6600)
        seen.append([page.state("scene") for page in pages])
    assert len({scene for scene, _ in seen}) > 3
    assert sum(one != other for one, other in seen) <= 1


@pytest.mark.parametrize(
    ("policy", "mute"), [("document-user-activation-required", True), ("no-user-gesture-required", False)]
)
def test_a26_cr_95_a_wall_that_cannot_be_heard_says_so(
    room: FakeRoom, browser: Browser, policy: str, mute: bool
) -> None:
    flags = [*QUIET, f"--autoplay-policy={policy}"]
    chromium = browser.browser_type.launch(executable_path=program(), args=flags)
    try:
        page = chromium.new_page()
        page.clock.install()
        page.goto(f"{room.url}/wall?scene=board&sound=1", timeout=LOAD_MS)
        badge = page.locator(".sound-badge")
        until(
            lambda: page.locator("html").get_attribute("data-freshness") == "live", within=90, why="the wall to be live"
        )
        page.clock.run_for(4000)
        until(lambda: badge.get_attribute("data-shown") == str(mute).lower(), why="the badge")
        assert not mute or "SUARA MATI" in badge.text_content()
    finally:
        chromium.close()
