"""Nothing stands on anything else: large numbers, long names, an upright wall."""

import re
from functools import partial
from itertools import combinations, cycle, product
from typing import Any

import pytest
from playwright.sync_api import ViewportSize

from tests.often import some
from tests.wall.conftest import Open, Wall
from tests.wall.fake_room import FakeRoom

pytestmark = pytest.mark.browser
SCENES = ("map", "board", "overdue", "agencies", "trend", "visit")
# What of a scene comes by a request of its own.
LAST_TO_COME = {"agencies": ".agencies-rest", "visit": ".visit-took"}
TELEVISION: ViewportSize = {"width": 1920, "height": 1080}
LARGE: ViewportSize = {"width": 3840, "height": 2160}
UPRIGHT: ViewportSize = {"width": 1080, "height": 1920}
# Alarms that are counted and not sounded.
QUIET = ("shelved", "suppressed", "out_of_service")
FLOOD = [{"id": "flood", "kind": "flood", "n": 120, "since": "2026-11-24T05:00:00Z"}]
INK = """(selectors) => selectors.flatMap((selector) => [...document.querySelectorAll(selector)]).flatMap((node) => {
  if (node.checkVisibility({ visibilityProperty: true }) === false || !node.textContent.trim()) return [];
  const range = document.createRange();
  range.selectNodeContents(node);
  return [...range.getClientRects()].map(({ left, right, top, bottom }) => {
    const [size, air] = [parseFloat(getComputedStyle(node).fontSize), bottom - top];
    return [node.textContent, left, right, top + (air - size) / 2, bottom - (air - size) / 2];
  });
})"""

MINUTES = (".minutes-word", ".minutes-from", ".minutes-until")
# Of the lines of the band's slots those that are cut.
CUT_SLOTS = """() => [...document.querySelectorAll(".slot:not([data-shown=false]) p")].filter((line) =>
  line.checkVisibility({ visibilityProperty: true }) && line.scrollWidth > line.clientWidth + 1
    && getComputedStyle(line).overflowX !== "visible").map((line) => line.textContent)"""
# Share of the points of a text's own ink, every few pixels, that lie in an outline of the city.
ON_THE_CITY = """(selector) => {
  const range = document.createRange();
  range.selectNodeContents(document.querySelector(selector));
  const spots = [...range.getClientRects()].flatMap(({ left, right, top, bottom }) =>
    Array.from({ length: Math.ceil((right - left) / 6) }, (_, i) => left + 6 * i).flatMap((x) =>
      [[x, top + 8], [x, bottom - 8]]));
  const land = [...document.querySelectorAll(".base-map path")].map((path) =>
    [path, path.getScreenCTM().inverse(), path.getBoundingClientRect()]);
  const within = ([path, inverse, { left, right, top, bottom }], x, y) =>
    left <= x && x <= right && top <= y && y <= bottom
      && path.isPointInFill(new DOMPoint(x, y).matrixTransform(inverse));
  return spots.filter(([x, y]) => land.some((one) => within(one, x, y))).length / spots.length;
}"""


# Indonesian with accents and a third longer, made by tests/browser/words.mjs as no translator would make it.
PSEUDO = "id-XA"
# First class of whatever has a text of its own that can be seen, and the texts that are not whole: cut by the window or
# by their own box, or under a picture.
SEEN = """() => {
  const all = [...document.querySelectorAll(".wall *")].filter((node) =>
    node.children.length === 0 && node.textContent.trim() && node instanceof HTMLElement && node.className
      && node.checkVisibility({ visibilityProperty: true, opacityProperty: true }));
  const cut = all.filter((node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    const { left, right, top, bottom } = range.getBoundingClientRect();
    if (left < -1 || right > innerWidth + 1 || bottom > innerHeight + 1) return true;
    if (getComputedStyle(node).overflow !== "visible" && node.scrollWidth > node.clientWidth + 1) return true;
    return [...document.querySelectorAll(".wall img")].some((picture) => {
      const box = picture.getBoundingClientRect();
      return picture.checkVisibility({ visibilityProperty: true, opacityProperty: true })
        && Math.min(right, box.right) - Math.max(left, box.left) > 1
        && Math.min(bottom, box.bottom) - Math.max(top, box.top) > 1;
    });
  });
  return [[...new Set(all.map((node) => `.${node.classList[0]}`))], cut.map((node) => node.textContent)];
}"""


@pytest.fixture
def wall(wall: Open) -> Open:
    """Scenes change at once and nothing flashes: where words stand is looked at when nothing moves any more."""
    return partial(wall, reduced_motion="reduce")


def upon(page: Wall, *selectors: str) -> list[tuple[str, str]]:
    """The texts there whose lines lie on each other's."""
    lines: list[list[Any]] = page.page.evaluate(INK, list(selectors))
    assert len(lines) > 1, selectors
    return [
        (a[0], b[0])
        for a, b in combinations(lines, 2)
        if a[0] != b[0] and min(a[2], b[2]) - max(a[1], b[1]) > 1 and min(a[4], b[4]) - max(a[3], b[3]) > 1
    ]


def boxes(page: Wall, selector: str) -> list[dict[str, float]]:
    """Where the elements stand that take up any room, px."""
    ask = """(all) => [...document.querySelectorAll(all)].map((one) => one.getBoundingClientRect().toJSON())"""
    return [box for box in page.page.evaluate(ask, selector) if box["width"] > 0 and box["height"] > 0]


def drown(room: FakeRoom) -> int:
    """A flood of 120 alarms of one agency, and one that is set aside."""
    alarms: list[dict[str, Any]] = [{"id": f"passed:{i}", "agency": "dpupr", "complaint": None} for i in range(120)]
    aside = {"id": "passed:aside", "state": "suppressed", "rule": "redundant"}
    return int(room.order(alarms=[*alarms, aside], lines=FLOOD)["seq"])


def turned(room: FakeRoom, page: Wall, size: ViewportSize) -> None:
    """The screen is of that size from now on, and the wall has painted since."""
    page.page.set_viewport_size(size)
    page.until(lambda: page.page.evaluate("innerWidth") == size["width"], "the screen to have that size")
    shape = "portrait" if size["width"] < size["height"] else "landscape"
    page.until(lambda: page.state("shape") == shape, "the wall to have its shape")
    page.painted(int(room.order()["seq"]))


def called(room: FakeRoom, page: Wall, scene: str) -> None:
    """The wall shows that scene, with all of it that comes by a request of its own."""
    room.tell(f"call?what=scene:{scene}")
    page.until(
        lambda: page.page.locator(f".scene-{scene} {LAST_TO_COME.get(scene, '.question-line')}").is_visible(),
        f"all of {scene}",
    )
    page.until(lambda: page.seen("moving") == 0, f"{scene} to have faded in")


def test_cr_26_a_flood_on_a_television_says_where_how_many_wait_and_who_acts(room: FakeRoom, wall: Open) -> None:
    page = wall("scene=map&view_mm=4000&pitch_mm=0.63", clock=False, viewport=TELEVISION)
    drown(room)
    page.painted(room.order(alarms=[{"id": f"of:{i}", "of": i} for i in range(6)])["seq"])
    flooded = '.cluster[data-form="flooded"]:not([data-shown="false"])'
    page.until(lambda: page.page.locator(flooded).count() > 1, "districts to rise")
    for words in (".cluster-name", ".cluster-waiting"):
        shown = page.page.locator(f"{flooded} {words}:visible")
        assert shown.count() == page.page.locator(flooded).count(), words
    assert upon(page, f"{flooded} .cluster-name", f"{flooded} .cluster-waiting", f"{flooded} .cluster-count") == []
    assert "DPUPR" in page.page.locator(".share-name:visible").all_inner_texts()
    assert upon(page, ".share-n", ".share-name", ".flood-n", ".flood-where", ".flood-age", ".flood-who") == []


def test_cr_26_66_a_flood_of_hundreds_is_read_beside_who_has_them(room: FakeRoom, wall: Open) -> None:
    page = wall("scene=board", clock=False, viewport=TELEVISION)
    page.painted(drown(room))
    shown = (
        ".share-n",
        ".share-name",
        ".flood-n",
        ".flood-where",
        ".flood-kinds",
        ".flood-age",
        ".flood-who",
        ".flood-rest",
    )
    for size in (TELEVISION, UPRIGHT):
        turned(room, page, size)
        assert upon(page, *shown) == []
        lowest = max(box[4] for box in page.page.evaluate(INK, list(shown)))
        assert lowest < size["height"] - 20
    # A source that is silent is nobody who has to act.
    lost = {"id": "lost:laksa", "kind": "lost", "source": "laksa", "complaint": None, "agency": None}
    room.tell("afresh")
    room.order(alarms=[lost], lines=FLOOD)
    page.until(lambda: page.page.inner_text(".flood-who") == "Petugas jaga bertindak", "the duty officer to act")


@pytest.mark.parametrize("size", [TELEVISION, UPRIGHT], ids=["wide", "upright"])
def test_cr_22_68_what_is_set_aside_stands_clear_of_all_that_is_open(
    room: FakeRoom, wall: Open, size: ViewportSize
) -> None:
    page = wall("scene=map", clock=False, viewport=size)
    earlier = [{"status": "waiting", "received_day": "2026-11-20"}] * 1300
    aside = [{"id": f"{state}:{i}", "state": state} for state in QUIET for i in range(14)]
    page.painted(int(room.order(cards=earlier, alarms=aside)["seq"]))
    page.until(lambda: page.page.inner_text(".ledger-quiet").count(",") == len(QUIET) - 1, "what is set aside")
    assert "dari hari lalu" in page.page.inner_text(".ledger-older")
    words = (".ledger-window", ".ledger-older", ".ledger-position", ".ledger-quiet", ".clock-date", ".chip")
    assert upon(page, *words, ".scene-map .question-line") == []


def whose(page: Wall) -> None:
    """Whose map it is stands there, and nothing on it."""
    who = page.page.evaluate("JSON.parse(document.querySelector('#city').textContent).attribution")
    line = page.page.locator(".map-attribution")
    assert line.is_visible()
    assert line.inner_text() == who != ""
    words = (".map-attribution", ".cluster-name", ".cluster-count", ".mark-label", ".scene-map .answer", ".surge-count")
    assert [pair for pair in upon(page, *words) if who in pair] == []


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("", TELEVISION),
        ("view_mm=4000&pitch_mm=0.63", TELEVISION),
        ("lang=es", {"width": 2880, "height": 1080}),
        ("lang=en", UPRIGHT),
    ],
    ids=["near", "far", "ultra_wide", "upright"],
)
def test_the_words_of_the_map_stand_clear_of_the_city_and_of_a_surge_beside_it(
    room: FakeRoom, wall: Open, query: str, size: dict[str, int]
) -> None:
    page = wall(f"scene=map&{query}", clock=False, viewport=size)
    whose(page)
    drown(room)
    areas = page.page.evaluate("JSON.parse(document.querySelector('#city').textContent).areas.map(({ code }) => code)")
    for places in (areas[:1], [areas[0], areas[-1]], areas):
        surge = {"id": "surge", "kind": "surge", "category": "pju_mati", "areas": places, "n": 1234}
        page.painted(int(room.order(lines=[*FLOOD, surge])["seq"]))
        assert re.search(r"1.?234", page.page.inner_text(".scene-map .answer"))
        assert page.page.evaluate(ON_THE_CITY, ".scene-map .answer") == 0, places
    # Words that come later make the city go, as those it was laid out with.
    earlier = [{"status": "waiting", "received_day": "2026-11-20", "category": "pju_mati", "area": areas[0]}] * 1100
    page.painted(int(room.order(cards=earlier, lines=[*FLOOD, surge])["seq"]))
    page.until(lambda: page.page.inner_text(".map-placeless") != "", "the sum of all days")
    assert page.page.evaluate(ON_THE_CITY, ".map-foot") < 0.2
    # By the minute it stands whole beside the city; a television has no room for that.
    chart = page.page.locator(".surge-minutes")
    assert chart.is_visible() == (page.state("density") != "coarse")
    if chart.is_visible():
        assert page.page.evaluate(ON_THE_CITY, ".minutes-word") == page.page.evaluate(ON_THE_CITY, ".minutes-axis") == 0
    head = (".scene-map .question-line", ".scene-map .answer", ".surge-count", ".surge-kind", ".surge-note", *MINUTES)
    page.until(lambda: page.page.locator(head[0]).is_visible(), "the question: no strip of late data in its place")
    assert upon(page, *head) == []


# Of those that are opened above and below for other words, too.
ATTRIBUTED = {
    "television": "view_mm=4000&pitch_mm=0.63",
    "far": "view_mm=5300&pitch_mm=0.63",
    "far_english": "view_mm=5300&pitch_mm=0.63&lang=en",
    "panels": "panels=2x2",
    "sheet": "lang=en",
    "incidents": "look=incidents&view_mm=4000&pitch_mm=0.63",
}


@pytest.mark.often
@pytest.mark.parametrize("layout", some(ATTRIBUTED, ("far_english", "incidents")))
def test_whose_map_it_is_stands_on_every_wall_that_shows_it_and_nothing_on_it(
    room: FakeRoom, wall: Open, layout: str
) -> None:
    page = wall(f"scene=map&{ATTRIBUTED[layout]}", clock=False, viewport=TELEVISION)
    page.painted(room.order(cards=[{"status": "waiting"}])["seq"])
    whose(page)


# Every layout that a wall can have: its address and the size of its page.
LAYOUTS = {
    "sheet": ("", TELEVISION),
    "television": ("view_mm=4000&pitch_mm=0.63", TELEVISION),
    "panels": ("panels=2x2", TELEVISION),
    "nine_panels": ("panels=3x3", TELEVISION),
    "upright": ("", UPRIGHT),
    "upright_far": ("view_mm=12000&pitch_mm=1.2", UPRIGHT),
    "ultra_wide": ("", {"width": 2880, "height": 1080}),
    "ultra_wide_panels": ("panels=3x2", {"width": 2880, "height": 1080}),
    "ultra_wide_far": ("view_mm=8000&pitch_mm=1.6", {"width": 2880, "height": 1080}),
}
# What stands on every scene: rail, band, strips and marks.
ALWAYS = ":is(.rail, .band, .delayed-strip, .lost-band, .lost-advice, .as-of, .visit-mark)"


def covered(page: Wall, always: str = ALWAYS) -> tuple[list[str], list[tuple[str, str]]]:
    """The texts that the frame of a drill cuts, and those of every scene that another text lies on."""
    ink, (left, right, top, bottom) = page.seen("inked", always)
    assert len(ink) > 20
    cut = [one[0] for one in ink if one[1] < left - 1 or one[2] > right + 1 or one[3] < top - 1 or one[4] > bottom + 1]
    pairs = [
        (a[0], b[0])
        for a, b in combinations(ink, 2)
        if (a[5] or b[5])
        and a[6] != b[6]
        and min(a[2], b[2]) - max(a[1], b[1]) > 1
        and min(a[4], b[4]) - max(a[3], b[3]) > 1
    ]
    return cut, pairs


@pytest.mark.often
@pytest.mark.parametrize(
    ("layout", "scene"), some(product(LAYOUTS, ("board", "map")), zip(LAYOUTS, cycle(("board", "map"))))
)
def test_cr_45_68_a_drill_cuts_no_word_and_none_lies_on_another_live_delayed_or_lost(
    room: FakeRoom, wall: Open, layout: str, scene: str
) -> None:
    query, size = LAYOUTS[layout]
    page = wall(f"scene={scene}&drill&{query}", viewport=size, reduced_motion="no-preference").still()
    alarms = [{"id": f"critical:{i}", "of": i, "kind": "critical", "priority": 1} for i in range(2)]
    page.painted(room.order(alarms=[*alarms, {"id": "lost:x", "kind": "lost", "source": "laksa"}])["seq"])
    assert page.page.locator(".slot-emergency:visible").all_inner_texts() == ["DARURAT", "DARURAT"]
    page.beaten()
    room.tell("mute")
    for state, ms in (("live", 0), ("delayed", 8_000), ("lost", 12_000)):
        page.leap(ms)
        page.until(lambda state=state: page.state("freshness") == state, state)  # type: ignore[misc]
        assert covered(page) == ([], []), state
    advice = "Pakai radio dan telepon"
    assert page.page.inner_text(".lost-what") == advice
    assert page.page.locator(".lost-what").is_visible()
    if scene == "map":
        on_land = (".cluster-name", ".cluster-count", ".mark-label", ".map-attribution")
        assert [pair for pair in upon(page, ".lost-what", *on_land) if advice in pair] == []


HELD = {
    "panels": ("panels=2x2", TELEVISION, "15 mnt"),
    "far_english": ("view_mm=12000&pitch_mm=1.2&lang=en", TELEVISION, "15 min"),
    "far": ("view_mm=12000&pitch_mm=1.2", TELEVISION, "15 mnt"),
    "upright": ("view_mm=12000&pitch_mm=1.2", UPRIGHT, "15 mnt"),
}


@pytest.mark.often
@pytest.mark.parametrize("layout", some(HELD, ("panels", "far_english", "upright")))
def test_what_says_that_a_scene_is_held_stands_on_no_other_word(room: FakeRoom, wall: Open, layout: str) -> None:
    query, size, span = HELD[layout]
    page = wall(query, clock=False, viewport=size)
    assert page.state("density") == "coarse"
    called(room, page, "map")
    whose(page)
    # It turns again, and takes what a desk holds.
    room.tell("call?what=scene:")
    until = page.page.evaluate("new Date(Date.now() + 9e5).toISOString()")
    held = {"id": "scene", "kind": "scene", "scene": "board", "since": "2026-11-24T07:30:00Z", "until_real": until}
    page.painted(room.order(lines=[held])["seq"])
    mark = page.page.locator(".held-mark")
    assert mark.inner_text().endswith(span)
    assert mark.evaluate("(one) => one.scrollWidth <= one.clientWidth"), "all of it is read"
    rail = (".held-mark", ".clock-time", ".clock-date", ".ledger-word", ".ledger-row .figure", ".chip", ".sound-badge")
    assert [pair for pair in upon(page, *rail) if mark.inner_text() in pair] == []


# Of each mark whether it, with its ring, lies whole within one column.
MARKS = """() => {
  const seen = (node) => node.checkVisibility({ visibilityProperty: true });
  const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);
  const columns = all(".ladder-column").map((one) => one.getBoundingClientRect());
  return all(".late-row .symbol").map((symbol) => {
    const part = symbol.dataset.ring === "none" ? ".shape" : ".ring";
    const { left, right } = symbol.querySelector(part).getBoundingClientRect();
    return columns.some((one) => one.left - 1 <= left && right <= one.right + 1);
  });
}"""
LADDER = (
    ".ladder-name",
    ".ladder-percent",
    ".late-head",
    ".late-who",
    ".late-what",
    ".late-where",
    ".late-time",
    ".late-acted",
    ".scene-overdue .question-line",
    ".scene-overdue .answer",
)
BOARD = (
    ".row-what",
    ".row-where",
    ".row-who",
    ".row-time",
    ".row-emergency",
    ".board-caption",
    ".board-shown",
    ".done-count",
    ".done-said",
    ".done-older",
    ".done-last",
    ".scene-board .question-line",
    ".scene-board .answer",
)
# An emergency that has been late for so long that its lateness is a long word.
LONG_LATE = {
    "status": "waiting", "overdue": True, "category": "kebakaran", "stage_clock": "working",
    "stage_from": "2026-11-10T02:00:00Z", "due_at": "2026-11-12T02:00:00Z",
}  # fmt: skip
FAR_UPRIGHT = "view_mm=8000&pitch_mm=1.6"
WORDY = {
    "sheet": ("lang=es", TELEVISION),
    "television": ("view_mm=4000&pitch_mm=0.63&lang=es", TELEVISION),
    "far": ("view_mm=10500&pitch_mm=1.2", TELEVISION),
    "panels": ("panels=2x2&lang=en", TELEVISION),
    "nine": ("panels=3x3", LARGE),
    "upright": ("lang=en", UPRIGHT),
    "far_upright": (FAR_UPRIGHT, UPRIGHT),
    "ultra_wide": ("lang=es", {"width": 2880, "height": 1080}),
    "six": ("panels=3x2", {"width": 2880, "height": 1080}),
}


@pytest.mark.often
@pytest.mark.parametrize(
    ("layout", "scene"), some(product(WORDY, ("overdue", "board")), zip(WORDY, cycle(("overdue", "board"))))
)
def test_board_and_ladder_have_room_for_their_words_on_every_layout(
    room: FakeRoom, wall: Open, layout: str, scene: str
) -> None:
    query, size = WORDY[layout]
    page = wall(f"scene={scene}&{query}", clock=False, viewport=size)
    alarms = [{"id": f"passed:{i}", "of": i, "priority": 1 + i % 3} for i in range(3)]
    acked = {"id": "passed:4", "of": 4, "state": "acked"}
    emergency = {"id": "critical:late", "of": -1, "kind": "critical", "priority": 1}
    # Of a place with a long name: the word of an emergency takes no room of it in any language.
    areas = page.page.evaluate("JSON.parse(document.querySelector('#city').textContent).areas")
    longest = max(areas, key=lambda area: len(area["name"]))["code"]
    page.painted(room.order(cards=[{**LONG_LATE, "area": longest}], alarms=[*alarms, acked, emergency])["seq"])
    assert covered(page, ".band")[1] == []
    assert page.page.locator(".slot-emergency:visible").count() == 2
    assert page.page.evaluate(CUT_SLOTS) == []
    if scene == "overdue":
        page.until(
            lambda: "Kepala OPD" in page.page.inner_text(".ladder").replace("\n", " "), "the names of the ladder"
        )
        assert upon(page, *LADDER) == []
        marks = page.page.evaluate(MARKS)
        assert len(marks) >= 3
        assert all(marks), "each mark whole in one column"
    else:
        assert upon(page, *BOARD) == []
        _, cut = page.page.evaluate(SEEN)
        assert [words for words in cut if re.search(r"\d", words)] == [], "no figure is cut"


def test_the_name_of_an_agency_ends_before_its_queue_and_no_agency_of_one_report_is_ranked(
    room: FakeRoom, wall: Open
) -> None:
    page = wall("scene=agencies", clock=False, viewport=UPRIGHT)
    page.painted(room.order()["seq"])
    page.until(lambda: page.page.locator(".agencies-few").inner_text() != "", "the agencies of few cases")
    row = '.agency:not([data-shown="false"])'
    names, queues = boxes(page, f"{row} .agency-name"), boxes(page, f"{row} .agency-queue")
    assert len(names) == len(queues) == 10
    assert all(name["right"] <= queue["left"] for name, queue in zip(names, queues, strict=True))
    assert "Kec. Benda" not in page.page.inner_text(".scene-agencies")
    assert page.page.inner_text(".agencies-few").startswith("2 OPD di bawah 20 kasus")


@pytest.mark.often
def test_a_language_of_longer_words_has_room(room: FakeRoom, wall: Open) -> None:
    page = wall(f"scene=map&lang={PSEUDO}", clock=False, viewport=TELEVISION)
    page.painted(drown(room))
    until = page.page.evaluate("new Date(Date.now() + 36e5).toISOString()")
    # A large wall is set in the same unit: its words are those of a small one, twice as large.
    for scene in SCENES:
        band = "álárm"
        if scene == "visit":
            # Guests are told that somebody acts, not on what.
            band = "pëtügás"
            page.painted(room.order(lines=[*FLOOD, {"id": "visit", "kind": "visit", "until_real": until}])["seq"])
        called(room, page, scene)
        page.until(lambda band=band: band in page.page.inner_text(".band"), "the flood in the band")  # type: ignore[misc]
        for size in some((TELEVISION, LARGE), (LARGE if scene == "map" else TELEVISION,)):
            turned(room, page, size)
            texts, cut = page.page.evaluate(SEEN)
            assert len(texts) > 20, scene
            assert cut == [], scene
            assert upon(page, *texts) == [], scene


def test_a_third_language_is_spoken_by_a_wall(room: FakeRoom, wall: Open) -> None:
    page = wall("scene=board&lang=es", clock=False, viewport=TELEVISION)
    page.painted(drown(room))
    page.until(lambda: "120 alarmas" in page.page.inner_text(".band"), "the flood in the band")
    for scene in ("board", "agencies"):
        called(room, page, scene)
        texts, cut = page.page.evaluate(SEEN)
        said = page.page.inner_text(".wall")
        assert {"en espera", "en proceso", "recibidos hoy", "martes, WIB", "24 nov 2026"} <= set(said.split("\n"))
        assert not re.search(r"\b(wall|ui)\.\w+|\{\w+\}", said), "a key, or a gap"
        assert cut == [], scene
        assert upon(page, *texts) == [], scene
