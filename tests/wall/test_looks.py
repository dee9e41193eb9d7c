"""What a wall looks like, measured in the page: sizes, shapes, words, other clocks and languages, nothing personal."""

import base64
import itertools
import re
from collections.abc import Iterable, Iterator

import pytest

from liveroom.domain.room import SCENES
from tests.often import some
from tests.wall.conftest import Open, Wall
from tests.wall.fake_room import FakeRoom

pytestmark = [pytest.mark.long, pytest.mark.browser]
TURNING = SCENES[:-1]
# Of room time, later than anything that happens here: no alarm of before pulls its own scene over one that is held.
HELD_SINCE = "2026-11-24T07:30:00Z"
IN_AN_HOUR = "new Date(Date.now() + 3.6e6).toISOString()"
CAP = 0.698
# The orbit moves each page by a few px when its minute comes (CR-67).
LEFT_WITHOUT_ORBIT = """document.querySelector('.rail .room-name').getBoundingClientRect().left
  - new DOMMatrix(getComputedStyle(document.querySelector('.wall')).transform).m41"""
LARGE = {"width": 3840, "height": 2160}
UPRIGHT = {"width": 2160, "height": 3840}
ULTRA_WIDE = {"width": 5760, "height": 2160}
SIZE = "(selector) => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize)"
DONE = '[data-series="done"]'
# Where each scene has what was finished today, the word for it, and how much of it came in on earlier days.
FINISHED = {
    "board": (".done-count", ".done-said", ".done-older"),
    "trend": (f"{DONE} .against-usual", f"{DONE} .change-word", f"{DONE} .against-older"),
    "visit": (".visit-count", ".visit-finished-word", ".visit-older"),
}
UP = """[...document.querySelectorAll('.scene')].filter((one) => getComputedStyle(one).visibility === 'visible')
  .map((one) => one.classList[1].replace('scene-', ''))"""
# On every scene of every screen: alarms, clock, freshness, and the legend, each status with its shape and word.
LEDGER = tuple(f'.ledger-row[data-row="{name}"]' for name in ("waiting", "in_process", "done"))
ALWAYS = (
    ".band", '.band .symbol[data-ring="strong"]', ".clock-time", ".chip",
    *(f"{row} > .symbol" for row in LEDGER), *(f"{row} .ledger-word" for row in LEDGER),
)  # fmt: skip
# What is read first, and the large counters.
PRIMARY = (".clock-time", ".band .slot-what", ".ledger-row .figure")
COUNTERS = ('.ledger-row[data-row="waiting"] .figure',)
# Of a product of walls and scenes `make test` walks every second scene, on the next wall the others.
HALVES = (SCENES[::2], SCENES[1::2])
PERSONAL = {"reporter_name": "Siti Rohmah", "phone": "081298765432", "description": "rumah No. 12 pagar biru"}


def shown(page: Wall, scene: str) -> None:
    """Wait until the scene has faded in."""
    page.until(lambda: page.state("scene") == scene, scene)
    page.until(lambda: page.seen("moving") == 0, f"{scene} to have faded in")


def hold(room: FakeRoom, page: Wall, scene: str) -> None:
    """A desk holds one of the scenes that turn, and an open page takes it."""
    page.painted(room.order(lines=[held(page, scene)])["seq"])
    shown(page, scene)


def held(page: Wall, scene: str) -> dict[str, str]:
    until = page.page.evaluate(IN_AN_HOUR)
    return {"id": "scene", "kind": "scene", "scene": scene, "since": HELD_SINCE, "until_real": until}


def call(room: FakeRoom, page: Wall, scene: str) -> None:
    """It is set for this screen to show that scene, and nothing is held any more."""
    page.painted(room.order(lines=[])["seq"])
    room.tell(f"call?what=scene:{scene}")
    shown(page, scene)


def walked(room: FakeRoom, page: Wall, scenes: Iterable[str] = SCENES) -> Iterator[str]:
    """Each scene in turn on the same page; that of guests, which no desk holds without them, is set for the screen."""
    for scene in scenes:
        (hold if scene in TURNING else call)(room, page, scene)
        yield scene


def test_a20_cr_56_57_in_grey_every_status_has_a_shape_and_a_word(room: FakeRoom, wall: Open) -> None:
    page = wall("scene=board", clock=False)
    page.painted(room.order(alarms=[{"id": "passed:1", "of": 0}])["seq"])
    session = page.page.context.new_cdp_session(page.page)
    session.send("Emulation.setEmulatedVisionDeficiency", {"type": "achromatopsia"})
    ledger = [f'.ledger-row[data-row="{name}"]' for name in ("waiting", "in_process", "done", "elsewhere")]
    boxes = [*(f"{row} > .symbol" for row in ledger), '.band .slot .symbol:not([data-ring="none"]) >> nth=0']
    fields = [page.seen("fields", base64.b64encode(page.page.locator(box).screenshot()).decode()) for box in boxes]
    for one, other in itertools.combinations(fields, 2):
        assert sum(a != b for a, b in zip(one, other, strict=True)) > 20
    words = [page.page.inner_text(f"{row} .ledger-word") for row in ledger]
    assert words == ["menunggu", "dalam proses", "selesai", "lainnya"]


@pytest.mark.often
@pytest.mark.parametrize(
    ("view_mm", "pitch_mm", "size", "half"),
    [
        (8000, 1.2, LARGE, 0),
        (12000, 1.9, LARGE, 1),
        (4000, 0.63, {"width": 1920, "height": 1080}, 0),
        (8000, 0.7, UPRIGHT, 1),
        (8000, 0.7, ULTRA_WIDE, 0),
    ],
    ids=["8m_1.2mm", "12m_1.9mm", "tv_4m", "upright_8m", "ultra_wide_8m"],
)
def test_a21_cr_58_60_61_62_66_73_all_is_read_from_the_farthest_seat_and_nothing_is_missing(
    room: FakeRoom, wall: Open, view_mm: int, pitch_mm: float, size: dict[str, int], half: int
) -> None:
    least = max(16, view_mm * 16 / (3437.75 * pitch_mm))
    alarms = [{"id": f"critical:{i}", "of": i, "kind": "critical", "priority": 1} for i in range(4)]
    query = f"view_mm={view_mm}&pitch_mm={pitch_mm}"
    # On the small one scenes fade and symbols flash; to draw that in millions of pixels takes half of such a test.
    motion = {} if size["height"] == 1080 else {"reduced_motion": "reduce"}
    page = wall(query, clock=False, viewport=size, **motion)
    page.painted(room.order(alarms=alarms)["seq"])
    for scene in walked(room, page, some(SCENES, HALVES[half])):
        for arc_minutes, selectors in ((20, PRIMARY), (30, COUNTERS)):
            wanted = least * arc_minutes / 16 - 0.3
            sizes = {selector: page.page.evaluate(SIZE, selector) * CAP for selector in selectors}
            assert {selector: cap for selector, cap in sizes.items() if cap < wanted} == {}, (scene, wanted)
        unseen = [one for one in ALWAYS if not page.page.locator(f"{one} >> visible=true").count()]
        assert (unseen, page.seen("faint"), page.seen("unmarked")) == ([], [], []), scene
        small = {one["name"]: round(one["cap"], 1) for one in page.seen("capitals", CAP) if one["cap"] < least - 0.3}
        assert small == {}, scene
        # An ultra-wide wall has the board beside every scene, and the map beside the board.
        alone = size is not ULTRA_WIDE or scene == "visit"
        beside = {scene} if alone else {"board", "map" if scene == "board" else scene}
        assert set(page.page.evaluate(UP)) == beside, scene
        assert (page.seen("cut"), page.seen("outside")) == ([], []), scene
        assert page.page.evaluate(
            "[scrollMaxX ?? 0, document.documentElement.scrollHeight - innerHeight]".replace("scrollMaxX ?? ", "")
        ) == [0, 0]


def test_a23_cr_79_81_nothing_personal_and_nothing_to_press(room: FakeRoom, wall: Open) -> None:
    page = wall("", clock=False, reduced_motion="reduce")
    for scene in walked(room, page):
        page.painted(room.order(cards=[{"status": "waiting", "overdue": True, **PERSONAL}])["seq"])
        words = page.seen("words")
        assert not any(secret in words for secret in PERSONAL.values()), scene
        assert not re.search(r"(?<!\d)(08|\+62)\d{8,}", page.page.inner_text(".wall")), scene
        assert page.seen("controls") == [], scene


@pytest.mark.often
@pytest.mark.parametrize("lang", some(["id", "en"], ["en"]))
def test_cr_75_77_one_word_counts_one_thing(room: FakeRoom, wall: Open, lang: str) -> None:
    earlier = [{"status": "done", "received_day": "2026-11-20"}] * 3
    page = wall(f"lang={lang}", clock=False, reduced_motion="reduce")
    page.painted(room.order(cards=earlier)["seq"])
    row = '.ledger-row[data-row="done"]'
    for scene in walked(room, page, FINISHED):
        count, word, older = FINISHED[scene]
        now = f".scene-{scene} {count}"
        page.until(lambda now=now: page.page.inner_text(now).startswith("151"), "what was finished today, of any day")  # type: ignore[misc]
        assert page.page.inner_text(f"{row} .figure") == "148"
        said = page.page.inner_text(f".scene-{scene} {word}")
        assert page.page.inner_text(f"{row} .ledger-word") not in said.split()
        wanted = {"id": "3 dari hari lalu", "en": "3 from earlier days"}[lang]
        assert page.page.inner_text(f".scene-{scene} {older}") == wanted


@pytest.mark.parametrize("scenes", [TURNING, ("visit",)], ids=["turning", "visit"])
def test_cr_81_guests_see_that_somebody_must_act_and_not_what_where_or_who(
    room: FakeRoom, wall: Open, scenes: tuple[str, ...]
) -> None:
    # Held, the scene of guests would go when the last of them does.
    pinned = scenes == ("visit",)
    # The results of the day stand alone: an ultra-wide wall has the board beside every other scene.
    page = wall("scene=visit", clock=False, viewport=ULTRA_WIDE) if pinned else wall("", clock=False)
    alarms = [{"id": f"critical:{i}", "of": i, "kind": "critical", "priority": 1} for i in range(3)]
    shelved = {"id": "passed:9", "of": 9, "state": "shelved"}
    page.painted(room.order(alarms=[*alarms, shelved])["seq"])

    def said(*operators: str) -> str:
        return "".join(words for one in operators for words in page.page.locator(one).all_text_contents())

    until = page.page.evaluate(IN_AN_HOUR)
    visit = {"id": "visit", "kind": "visit", "until_real": until}
    for scene in scenes:
        lines = [] if pinned else [held(page, scene)]
        page.painted(room.order(lines=lines)["seq"])
        shown(page, scene)
        # A scene that is not up keeps what it said when it was.
        operators = (".slot-what", ".slot-where", ".slot-who", ".ledger-quiet", f".scene-{scene} .late-acted")
        if pinned:
            operators = (*operators, ".row-what", ".row-where", ".row-who")
        assert (said(*operators) == "") == (scene == "visit"), scene
        page.painted(room.order(lines=[*lines, visit])["seq"])
        page.until(lambda all_=operators: said(*all_) == "", "all that is for operators to go")  # type: ignore[misc]
        assert page.state("scene") == scene
        assert re.search(r"3 (alarm )?belum diakui", page.page.inner_text(".band"))
        assert page.page.locator('.band .symbol[data-flash="true"]:visible').count() == 1
        page.painted(room.order(lines=lines)["seq"])
        page.until(
            lambda all_=operators, none=scene == "visit": (said(*all_) == "") == none,  # type: ignore[misc]
            "it to come back with the last guest gone",
        )


def test_a27_cr_102_103_the_citys_time_and_numbers_on_any_computer(room: FakeRoom, wall: Open) -> None:
    page = wall("scene=map", clock=False, timezone_id="America/New_York", locale="en-US")
    page.painted(room.order(cards=[{"status": "waiting"} for _ in range(1200)])["seq"])
    assert page.seen("clock") == "14.05.32"
    assert page.page.inner_text(".clock-zone") == "WIB"
    assert re.fullmatch(r"1\.\d{3}", page.page.inner_text('.ledger-row[data-row="waiting"] .figure'))
    assert re.search(r"00\.00–14\.05 WIB", page.page.inner_text(".ledger-window"))


def test_cr_64_65_the_test_page_measures_in_pixels_and_in_the_loaded_font_which_is_our_own(wall: Open) -> None:
    page = wall("test=pattern&pitch_mm=1.2&view_mm=8000", clock=False)
    assert page.page.evaluate("devicePixelRatio") == 1
    assert page.seen("longestRun", ".test-pattern", [245, 253, 255]) == 100
    measured = page.page.evaluate(
        """() => {
          const pen = document.createElement("canvas").getContext("2d");
          const { fontFamily } = getComputedStyle(document.querySelector(".clock-time"));
          pen.font = `600 200px ${fontFamily}`;
          return pen.measureText("H").actualBoundingBoxAscent / 200;
        }"""
    )
    assert measured == pytest.approx(CAP, rel=0.02)
    loaded = page.page.evaluate("[...document.fonts].filter(({ status }) => status === 'loaded').length")
    files = page.page.evaluate(
        "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('woff'))"
    )
    assert loaded > 0
    assert files
    assert all(file.startswith(page.watched.page.url.split("/wall")[0]) for file in files)


@pytest.mark.often
@pytest.mark.parametrize(
    ("division", "size", "bezels", "look", "half"),
    [
        ("panels=3x2", ULTRA_WIDE, ([1920, 3840], [1080]), {}, 0),
        (
            "panels=3x2&view_mm=8000&pitch_mm=0.8",
            ULTRA_WIDE,
            ([1920, 3840], [1080]),
            {"density": "coarse", "readable": "true"},
            1,
        ),
        ("panels=3x3", LARGE, ([1280, 2560], [720, 1440]), {}, 1),
        ("panels=2x2", LARGE, ([1920], [1080]), {"density": "coarse"}, 0),
    ],
    ids=["three_by_two", "three_by_two_from_a_far_seat", "three_by_three", "two_by_two"],
)
def test_cr_61_68_no_text_crosses_a_bezel(
    room: FakeRoom,
    wall: Open,
    division: str,
    size: dict[str, int],
    bezels: tuple[list[int], list[int]],
    look: dict[str, str],
    half: int,
) -> None:
    page = wall(division, clock=False, viewport=size, reduced_motion="reduce")
    page.painted(room.order(alarms=[{"id": f"passed:{i}", "of": i} for i in range(4)])["seq"])
    for scene in walked(room, page, some(SCENES, HALVES[half])):
        assert {name: page.state(name) for name in look} == look, scene
        assert page.seen("across", *bezels) == [], scene
    if page.state("scene") == "visit":
        # With a pair of pictures its figures stand elsewhere.
        visit = {"id": "visit", "kind": "visit", "until_real": page.page.evaluate(IN_AN_HOUR)}
        page.painted(room.order(lines=[visit])["seq"])
        page.until(lambda: page.page.locator(".scene-visit .visit-before img").is_visible(), "the pair of pictures")
        assert page.seen("across", *bezels) == [], "visit with a pair of pictures"


def test_cr_68_71_a_panels_picture_goes_on_behind_its_bezel(room: FakeRoom, wall: Open) -> None:
    lefts, said = [], []
    for column in (1, 2):
        query = f"scene=map&tile={column},1/3x2&bezel_mm=6&pitch_mm=0.6"
        page = wall(query, clock=False, viewport={"width": 960, "height": 540})
        lefts.append(page.page.evaluate(LEFT_WITHOUT_ORBIT))
        width = page.page.evaluate("document.querySelector('.wall').getBoundingClientRect().width")
        assert 0 <= 3 * 960 + 2 * 10 - width <= 60
        said.append((page.state("scene"), page.state("seq"), page.seen("marks"), page.seen("numbers", ".figure")))
    assert said[0] == said[1]
    assert lefts[0] - lefts[1] == pytest.approx(960 + 10, abs=0.5)
