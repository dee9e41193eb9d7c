"""What must not happen while updates come: wrong sums, jumping, flicker, growing, racing figures."""

import pytest

from liveroom.domain.room import SCENES
from tests.often import often
from tests.wall.conftest import Open, Wall
from tests.wall.fake_room import FakeRoom

pytestmark = pytest.mark.browser
LEDGER = ".ledger-row .figure"
TURNING = SCENES[:-1]


@pytest.mark.often
def test_a22_cr_75_77_78_the_sum_holds_at_every_position_and_it_is_said_when_it_does_not(
    room: FakeRoom, wall: Open
) -> None:
    page = wall("scene=board").still()
    for n in range(often(50)):
        status = ("waiting", "in_process", "done", "elsewhere")[n % 4]
        day = "2026-11-24" if n % 3 else "2026-11-23"
        page.painted(room.order(cards=[{"status": status, "received_day": day} for _ in range(1 + n % 3)])["seq"])
        *parts, total = page.seen("numbers", LEDGER)
        assert sum(parts) == total
        assert page.page.inner_text(".ledger-position").split()[-1].replace(".", "") == page.state("seq")
    assert page.page.get_attribute(".ledger-unequal", "data-shown") == "false"
    page.painted(room.order(cards=[{"status": "waiting"}], skew=1)["seq"])
    assert page.page.get_attribute(".ledger-unequal", "data-shown") == "true"


def test_a24_cr_82_84_a_hundred_updates_move_nothing_and_make_nothing_anew(room: FakeRoom, wall: Open) -> None:
    page = wall("scene=map", clock=False)
    page.seen("watchLayout")
    for n in range(100):
        room.order(cards=[{"status": "waiting", "overdue": n % 7 == 0}])
    page.painted(room.order(cards=[{"status": "done"}])["seq"])
    assert sum(page.noted("shifts")) <= 0.01
    assert page.noted("added") == []


@pytest.mark.parametrize("scene", ["board", "overdue"])
def test_a24_cr_84_rows_are_written_and_not_made_anew(room: FakeRoom, wall: Open, scene: str) -> None:
    page = wall(f"scene={scene}", clock=False)
    page.seen("watchLayout")
    for n in range(40):
        room.order(cards=[{"status": "waiting", "overdue": n % 2 == 0, "priority": "critical"}])
    page.painted(room.order(cards=[{"status": "done"}])["seq"])
    assert (sum(page.noted("shifts")) <= 0.01, page.noted("added")) == (True, [])


def test_cr_87_no_figure_changes_more_than_once_a_second(room: FakeRoom, wall: Open) -> None:
    page = wall("scene=map")
    page.still()
    page.seen("watchNumbers")
    for _ in range(300):
        page.told(room.order(cards=[{"status": "waiting"} for _ in range(3)])["seq"])
        page.run(200)
        if page.seen("pace")["n"] > 20:
            break
    page.painted(room.order(cards=[{"status": "waiting"}])["seq"])
    pace = page.seen("pace")
    assert pace["n"] > 20
    assert pace["least"] >= 990


def test_cr_76_cr_87_what_the_figures_do_not_count_yet_is_an_outline_on_the_map_and_an_alarm_waits_for_nothing(
    room: FakeRoom, wall: Open
) -> None:
    placed = {"status": "waiting", "area": None, "lat": -6.178, "lon": 106.63}
    page = wall("scene=map").still()
    counted = room.order(cards=[placed])["seq"]
    page.painted(counted)
    figures, ink = page.seen("numbers", ".figure"), page.seen("mapInk")
    newest = room.order(cards=[{**placed, "lon": 106.66}, {"status": "waiting", "area": None}])["seq"]
    page.told(newest)
    page.run(100)
    assert (page.state("fresh"), page.state("seq"), page.seen("numbers", ".figure")) == ("1", str(counted), figures)
    assert page.seen("mapInk") > ink
    page.painted(newest)
    assert (page.state("fresh"), page.seen("numbers", ".figure")[0]) == ("0", figures[0] + 2)
    assert page.seen("mapInk") == ink
    page.painted(room.order(cards=[{"status": "waiting"}])["seq"])
    seq = room.order(alarms=[{"id": "critical:1", "of": 0, "kind": "critical", "priority": 1}])["seq"]
    page.told(seq)
    page.run(300)
    assert (page.state("seq"), page.state("alarms")) == (str(seq), "1")


def test_a28_cr_105_scenes_and_updates_leave_no_nodes_behind(room: FakeRoom, wall: Open) -> None:
    page = wall("", viewport={"width": 960, "height": 540}, reduced_motion="reduce").still()
    turned_through(room, page)
    before = counters(page.live())
    for _ in range(2):
        turned_through(room, page)
    page.live()
    page.until(
        lambda: all(n <= before[name] * 1.02 + 1 for name, n in counters(page).items()), f"no more than {before}"
    )


def turned_through(room: FakeRoom, page: Wall) -> None:
    """All scenes of the rotation, with updates in each."""
    for _ in TURNING:
        made = room.order(cards=[{"status": "waiting", "overdue": True} for _ in range(20)])
        page.leap(15_000)
        page.painted(room.order(gone=made["ids"])["seq"])
        page.leap(15_000)


def counters(page: Wall) -> dict[str, int]:
    """Nodes and listeners of the page after a collection."""
    session = page.page.context.new_cdp_session(page.page)
    session.send("HeapProfiler.collectGarbage")
    found = session.send("Memory.getDOMCounters")
    session.detach()
    return {name: found[name] for name in ("nodes", "jsEventListeners", "documents")}


@pytest.mark.parametrize("look", ["", "&look=incidents"])
def test_a29_cr_106_a_map_whose_canvas_is_lost_is_drawn_again(room: FakeRoom, wall: Open, look: str) -> None:
    placed = {"area": None, "lat": -6.178, "lon": 106.63, "status": "waiting", "overdue": True}
    made = room.order(cards=[{**placed, "priority": "critical"} for _ in range(3)])
    page = wall(f"scene=map{look}", clock=False)
    page.painted(made["seq"])
    page.until(lambda: page.seen("mapInk") > 0, "marks on the map")
    for _ in range(2):
        page.seen("loseCanvas")
        page.until(lambda: page.seen("mapInk") > 0, "the marks to be back")
    assert set(page.seen("canvasKinds")) == {"memory"}
    page.painted(room.order(alarms=[{"id": "critical:1", "of": 0, "kind": "critical", "priority": 1}])["seq"])
    assert page.state("alarms") == "1"
