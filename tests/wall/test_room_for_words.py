"""Nothing stands on anything else: large numbers, long names, an upright wall."""

import re
from itertools import combinations, pairwise
from typing import Any

import pytest

from tests.wall.conftest import Open, Wall
from tests.wall.fake_room import FakeRoom

pytestmark = pytest.mark.browser
SCENES = ("map", "board", "overdue", "agencies", "trend", "visit")
# What of a scene comes by a request of its own.
LAST_TO_COME = {"agencies": ".agencies-rest", "visit": ".visit-took"}
TELEVISION = {"width": 1920, "height": 1080}
LARGE = {"width": 3840, "height": 2160}
UPRIGHT = {"width": 1080, "height": 1920}
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

# Points of the answer's own ink, every few pixels, that lie in an outline of the city.
ON_THE_CITY = """() => {
  const range = document.createRange();
  range.selectNodeContents(document.querySelector(".scene-map .answer"));
  const spots = [...range.getClientRects()].flatMap(({ left, right, top, bottom }) =>
    Array.from({ length: Math.ceil((right - left) / 6) }, (_, i) => left + 6 * i).flatMap((x) =>
      [[x, top + 8], [x, bottom - 8]]));
  return spots.filter(([x, y]) => [...document.querySelectorAll(".base-map path")].some((path) =>
    path.isPointInFill(new DOMPoint(x, y).matrixTransform(path.getScreenCTM().inverse())))).length;
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


@pytest.mark.parametrize("size", [TELEVISION, UPRIGHT], ids=["television", "upright"])
def test_cr_26_66_a_flood_of_hundreds_is_read_beside_who_has_them(
    room: FakeRoom, wall: Open, size: dict[str, int]
) -> None:
    page = wall("scene=board", clock=False, viewport=size)
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
    assert upon(page, *shown) == []
    lowest = max(box[4] for box in page.page.evaluate(INK, list(shown)))
    assert lowest < size["height"] - 20


def test_cr_26_a_silent_source_in_a_flood_is_nobody_who_has_to_act(room: FakeRoom, wall: Open) -> None:
    lost = {"id": "lost:laksa", "kind": "lost", "source": "laksa", "complaint": None, "agency": None}
    page = wall("scene=board", clock=False, viewport=TELEVISION)
    page.painted(int(room.order(alarms=[lost], lines=FLOOD)["seq"]))
    page.until(lambda: page.page.inner_text(".flood-who") == "Petugas jaga bertindak", "the duty officer to act")


def test_cr_68_an_upright_wall_says_what_is_set_aside_above_its_question(room: FakeRoom, wall: Open) -> None:
    page = wall("scene=map", clock=False, viewport=UPRIGHT)
    page.painted(drown(room))
    assert (
        upon(page, ".ledger-window", ".ledger-older", ".ledger-position", ".ledger-quiet", ".scene-map .question-line")
        == []
    )


@pytest.mark.parametrize("far", ["", "&view_mm=4000&pitch_mm=0.63"], ids=["near", "far"])
def test_the_answer_of_the_map_stands_clear_of_the_city(room: FakeRoom, wall: Open, far: str) -> None:
    page = wall(f"scene=map{far}", clock=False, viewport=TELEVISION)
    drown(room)
    areas = page.page.evaluate("JSON.parse(document.querySelector('#city').textContent).areas.map(({ code }) => code)")
    for places in (areas[:1], [areas[0], areas[-1]], areas):
        surge = {"id": "surge", "kind": "surge", "category": "pju_mati", "areas": places, "n": 1234}
        page.painted(int(room.order(lines=[*FLOOD, surge])["seq"]))
        assert "1.234" in page.page.inner_text(".scene-map .answer")
        assert page.page.evaluate(ON_THE_CITY) == 0, places


@pytest.mark.parametrize(
    "query",
    [
        "view_mm=4000&pitch_mm=0.63",
        "view_mm=5300&pitch_mm=0.63",
        "panels=2x2",
        "lang=en",
        "look=incidents&view_mm=4000&pitch_mm=0.63",
    ],
    ids=["television", "far", "panels", "sheet", "incidents"],
)
def test_whose_map_it_is_stands_on_every_wall_that_shows_it_and_nothing_on_it(
    room: FakeRoom, wall: Open, query: str
) -> None:
    page = wall(f"scene=map&{query}", clock=False, viewport=TELEVISION)
    page.painted(room.order(cards=[{"status": "waiting"}])["seq"])
    whose = page.page.evaluate("JSON.parse(document.querySelector('#city').textContent).attribution")
    line = page.page.locator(".map-attribution")
    assert line.is_visible()
    assert line.inner_text() == whose != ""
    words = (".map-attribution", ".cluster-name", ".cluster-count", ".mark-label", ".scene-map .answer", ".split-count")
    assert [pair for pair in upon(page, *words) if whose in pair] == []


@pytest.mark.parametrize(
    ("query", "size"),
    [("view_mm=4000&pitch_mm=0.63", TELEVISION), ("view_mm=8000&pitch_mm=1.6", UPRIGHT), ("panels=2x2", TELEVISION)],
    ids=["television", "upright", "panels"],
)
def test_what_to_do_without_data_stands_on_no_other_word(
    room: FakeRoom, wall: Open, query: str, size: dict[str, int]
) -> None:
    page = wall(f"scene=map&{query}", viewport=size).still()
    room.tell("mute")
    page.run(20_000)
    page.until(lambda: page.state("freshness") == "lost", "the data to be lost")
    what = page.page.inner_text(".lost-what")
    assert what == "Pakai radio dan telepon"
    words = (".lost-what", ".lost-word", ".map-attribution", ".cluster-name", ".cluster-count", ".scene-map .as-of")
    assert [pair for pair in upon(page, *words) if what in pair] == []


@pytest.mark.parametrize(
    ("query", "size", "span"),
    [
        ("panels=2x2", TELEVISION, "15 mnt"),
        ("view_mm=12000&pitch_mm=1.2&lang=en", TELEVISION, "15 min"),
        ("view_mm=12000&pitch_mm=1.2", TELEVISION, "15 mnt"),
        ("view_mm=12000&pitch_mm=1.2", UPRIGHT, "15 mnt"),
    ],
    ids=["panels", "far_english", "far", "upright"],
)
def test_what_says_that_a_scene_is_held_stands_on_no_other_word(
    room: FakeRoom, wall: Open, query: str, size: dict[str, int], span: str
) -> None:
    page = wall(query, clock=False, viewport=size)
    assert page.state("density") == "coarse"
    until = page.page.evaluate("new Date(Date.now() + 9e5).toISOString()")
    held = {"id": "scene", "kind": "scene", "scene": "board", "since": "2026-11-24T07:30:00Z", "until_real": until}
    page.painted(room.order(lines=[held])["seq"])
    mark = page.page.locator(".held-mark")
    assert mark.inner_text().endswith(span)
    assert mark.evaluate("(one) => one.scrollWidth <= one.clientWidth"), "all of it is read"
    rail = (".held-mark", ".clock-time", ".clock-date", ".ledger-word", ".ledger-row .figure", ".chip", ".sound-badge")
    assert [pair for pair in upon(page, *rail) if mark.inner_text() in pair] == []


def test_the_names_over_the_bars_of_the_late_stand_apart(room: FakeRoom, wall: Open) -> None:
    page = wall("scene=overdue", clock=False, viewport=TELEVISION)
    page.painted(room.order()["seq"])
    name = ".late-mark-name"
    page.until(lambda: page.page.inner_text(f'{name}[data-percent="150"]') not in ("", "150%"), "the names")
    page.page.evaluate(f"document.querySelectorAll('{name}').forEach((one) => (one.textContent = 'Head of agency'))")
    found = boxes(page, name)
    assert len(found) == 4
    assert all(one["right"] <= other["left"] for one, other in pairwise(found))


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


@pytest.mark.parametrize("scene", SCENES)
def test_a_language_of_longer_words_has_room(room: FakeRoom, wall: Open, scene: str) -> None:
    page = wall(f"scene={scene}&lang={PSEUDO}", clock=False, viewport=TELEVISION)
    seq, band = drown(room), "álárm"
    if scene == "visit":
        # Guests are told that somebody acts, not on what.
        until, band = page.page.evaluate("new Date(Date.now() + 36e5).toISOString()"), "pëtügás"
        seq = room.order(lines=[*FLOOD, {"id": "visit", "kind": "visit", "until_real": until}])["seq"]
    page.painted(seq)
    page.until(lambda: band in page.page.inner_text(".band"), "the flood in the band")
    page.until(
        lambda: page.page.locator(f".scene-{scene} {LAST_TO_COME.get(scene, '.question-line')}").is_visible(),
        "all of the scene",
    )
    for size in (TELEVISION, LARGE):
        page.page.set_viewport_size(size)
        page.until(lambda size=size: page.page.evaluate("innerWidth") == size["width"], "the screen to have that size")  # type: ignore[misc]
        texts, cut = page.page.evaluate(SEEN)
        assert len(texts) > 20
        assert cut == []
        assert upon(page, *texts) == []


@pytest.mark.parametrize("scene", ["board", "agencies"])
def test_a_third_language_is_spoken_by_a_wall(room: FakeRoom, wall: Open, scene: str) -> None:
    page = wall(f"scene={scene}&lang=es", clock=False, viewport=TELEVISION)
    page.painted(drown(room))
    page.until(lambda: "120 alarmas" in page.page.inner_text(".band"), "the flood in the band")
    page.until(
        lambda: page.page.locator(f".scene-{scene} {LAST_TO_COME.get(scene, '.question-line')}").is_visible(),
        "all of the scene",
    )
    texts, cut = page.page.evaluate(SEEN)
    said = page.page.inner_text(".wall")
    assert {"en espera", "en proceso", "recibidos hoy", "martes, 24 de noviembre de 2026"} <= set(said.split("\n"))
    assert not re.search(r"\b(wall|ui)\.\w+|\{\w+\}", said), "a key, or a gap"
    assert cut == []
    assert upon(page, *texts) == []
