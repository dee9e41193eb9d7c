"""What a wall shows while its data does not come, and how it comes back."""

import re

import pytest

from tests.services.browser import SILENCE_MS
from tests.services.wait import until
from tests.wall.conftest import FRAME_MS, Open, Wall
from tests.wall.fake_room import FakeRoom

pytestmark = pytest.mark.browser
ABOUT_A_BEAT = 1000
LEDGER = ".ledger-row .figure"
# The map last: what it draws on a canvas it draws anew while it is up.
SCENES = ("visit", "board", "overdue", "agencies", "trend", "map")


def muted(room: FakeRoom, wall: Wall) -> None:
    """The server says nothing more, and the wall has just heard its last beat."""
    wall.still()
    wall.beaten()
    room.tell("mute")
    wall.told(room.order(cards=[{"status": "done"}])["seq"])
    wall.run(FRAME_MS)


def test_a14_cr_44_45_46_delayed_then_lost_and_nothing_disappears(room: FakeRoom, wall: Open) -> None:
    page = wall("scene=map")
    muted(room, page)
    clock, marks = page.seen("clock"), page.seen("marks")
    page.run(4500 - ABOUT_A_BEAT)
    assert page.state("freshness") == "live"
    page.run(1000 + ABOUT_A_BEAT)
    assert page.state("freshness") == "delayed"
    assert re.search(r"TERTUNDA.*\d", page.page.inner_text(".chip"), re.DOTALL)
    page.run(9000 - ABOUT_A_BEAT)
    assert page.state("freshness") == "delayed"
    page.run(2 * ABOUT_A_BEAT + 300)
    assert page.state("freshness") == "lost"
    assert page.seen("hatched")
    age = page.page.inner_text(".lost-age")
    page.run(10_000)
    assert (page.seen("clock"), page.seen("marks")) == (clock, marks)
    assert re.search(r"\d", age)
    assert page.page.inner_text(".lost-age") != age


def test_cr_45_46_lost_data_looks_lost_on_every_scene(room: FakeRoom, wall: Open) -> None:
    page = wall("", reduced_motion="reduce")
    alarms = [{"id": f"critical:{i}", "of": i, "kind": "critical", "priority": 1} for i in range(2)]
    an_hour = page.page.evaluate("new Date(Date.now() + 3.6e6).toISOString()")
    visit = {"id": "visit", "kind": "visit", "until_real": an_hour}
    for scene in SCENES:
        held = {"id": "scene", "kind": "scene", "scene": scene, "since": "2026-11-24T07:30:00Z", "until_real": an_hour}
        lines = [held, visit] if scene == "visit" else [held]
        page.painted(room.order(alarms=alarms, lines=lines)["seq"])
        page.until(lambda scene=scene: page.state("scene") == scene, scene)  # type: ignore[misc]
    assert page.seen("coloured", "board")[1] != [], "the colours of live data are found"
    page.still()
    room.tell("mute")
    page.leap(SILENCE_MS)
    page.until(lambda: page.state("strip") == "lost", "the data to be lost")
    assert "text" in page.page.evaluate("getComputedStyle(document.querySelector('.clock-time')).backgroundClip")
    for scene in SCENES:
        assert page.seen("coloured", scene) == [True, [], False, True], scene


def test_a15_cr_47_the_computers_own_clock_changes_nothing(room: FakeRoom, wall: Open) -> None:
    page = wall("scene=map").still()
    for hour in (1, -1):
        page.beaten()
        page.page.clock.set_system_time(page.page.evaluate("Date.now() / 1000") + hour * 3600)
        page.run(FRAME_MS)
        assert page.state("freshness") == "live"
        seq = room.order(cards=[{"status": "done"}])["seq"]
        page.told(seq)
        page.beaten()
        page.painted(seq)
        assert page.state("freshness") == "live"
        assert page.seen("clock") == "14.05.32"


def test_a16_cr_49_a_wall_that_starts_without_its_server_shows_its_copy(
    one_room: FakeRoom, room: FakeRoom, wall: Open
) -> None:
    page = wall("scene=map", clock=False)
    known = page.seen("numbers", LEDGER)
    page.until(lambda: page.seen("kept"), "the page and its state to be kept")
    one_room.stop()
    try:
        page.page.reload()
        page.until(lambda: "SALINAN" in page.page.inner_text(".copy-mark"), "the copy to be shown")
        assert re.search(r"SALINAN 14\.05\.3\d", page.page.inner_text(".copy-mark"))
        assert (page.seen("numbers", LEDGER), page.state("freshness")) == (known, "lost")
        # Seconds since the reload would be younger than the copy is (CR-44).
        assert page.page.inner_text(".lost-age") == page.page.inner_text(".chip-age") == ""
    finally:
        one_room.start()
    page.live()
    page.until(lambda: page.page.inner_text(".copy-mark") == "", "the copy to be no longer shown")


def test_a17_cr_50_52_ten_minutes_without_a_server_then_one_reload_to_the_new_build(
    one_room: FakeRoom, room: FakeRoom, wall: Open
) -> None:
    page = wall("scene=board")
    navigations: list[str] = []
    page.page.on("framenavigated", lambda frame: navigations.append(frame.url))
    page.still()
    one_room.stop()
    # A minute with every timer of it, and nine in which each runs once in ten seconds, as in a page that is throttled.
    page.run(60_000)
    for _ in range(54):
        page.leap(10_000 - FRAME_MS)
    assert (navigations, page.state("freshness")) == ([], "lost")
    one_room.start("--build", "2")
    page.go_on()
    until(lambda: page.state("freshness") == "live", within=90, why="the wall to be back on live data")
    page.still()
    page.until(lambda: page.state("build") == "2", "the page of the new build")
    page.run(30_000)
    assert len(navigations) == 1
    one_room.stop()
    one_room.start()


def test_a18_cr_51_76_fifty_events_while_away_are_there_once(room: FakeRoom, wall: Open) -> None:
    walls = [wall(f"scene={scene}", clock=False) for scene in ("map", "board")]
    room.tell("drop")
    for n in range(50):
        last = room.order(cards=[{"status": "waiting", "category": "sampah", "overdue": n % 5 == 0}])["seq"]
    for page in walls:
        page.painted(last)
        cohort = room.snapshot()["counts"]["cohort"]
        names = ("waiting", "in_process", "done", "elsewhere", "in")
        assert page.seen("numbers", LEDGER) == [cohort[name] for name in names]
        assert page.page.get_attribute(".ledger-unequal", "data-shown") == "false"
    assert walls[0].state("waiting") == walls[1].state("waiting") == str(room.snapshot()["counts"]["cohort"]["waiting"])


def test_cr_48_a_silent_source_hatches_only_its_own(room: FakeRoom, wall: Open) -> None:
    late = {
        "overdue": True,
        "status": "waiting",
        "priority": "critical",
        "received_at": "2026-10-01T00:00:00Z",
        "due_at": "2026-10-02T00:00:00Z",
    }
    made = room.order(cards=[{**late, "source": source, "category": "sampah"} for source in ("laksa", "siaga112")])
    alarms = [{"id": f"passed:{one}", "complaint": one, "state": "acked"} for one in made["ids"]]
    page = wall("scene=overdue", clock=False)
    page.painted(room.order(sources={"siaga112": {"state": "lost", "heard": 4000}}, alarms=alarms)["seq"])
    ours, theirs = made["ids"]
    page.until(lambda: {ours, theirs} <= page.seen("quiet").keys(), "both to have their rows")
    hatched = page.seen("quiet")
    assert (hatched[ours], hatched[theirs]) == ("false", "true")
    counted = page.page.eval_on_selector_all(
        ".source", "all => all.filter((one) => one.querySelector('.source-open').textContent)"
    )
    assert len(counted) == 1
    assert page.page.inner_text('.source[data-state="lost"] .source-open') == "1"


def test_cr_108_a_page_that_was_hidden_is_right_at_once(room: FakeRoom, wall: Open) -> None:
    page = wall("scene=board", clock=False)
    page.page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { get: () => window.away === true, configurable: true });
          window.away = true;
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    last = room.order(cards=[{"status": "waiting"} for _ in range(5)])["seq"]
    page.painted(last)
    page.page.evaluate("() => { window.away = false; document.dispatchEvent(new Event('visibilitychange')); }")
    until(
        lambda: page.state("freshness") == "live" and int(page.state("seq") or 0) >= last,
        within=90,
        why="the wall to be right",
    )
