"""The one flash, seen from outside: rate, phase, what flashes, and that it can be still."""

import itertools
import re

import pytest

from tests.services.wait import until
from tests.wall.conftest import Open, Wall
from tests.wall.fake_room import FakeRoom

pytestmark = pytest.mark.browser
# Where no size is the point: each flash of a page is drawn by the processor.
SMALL = {"width": 960, "height": 540}


def alarmed(room: FakeRoom, wall: Wall, n: int) -> None:
    """So many critical complaints that nobody has acknowledged, painted."""
    alarms = [{"id": f"critical:{i}", "of": i, "kind": "critical", "priority": 1} for i in range(n)]
    wall.painted(room.order(alarms=alarms)["seq"])
    wall.until(lambda: wall.state("alarms") == str(n), f"{n} alarms")


def test_a10_a12_cr_34_35_38_one_rate_half_on_at_most_two_onsets_a_second_and_beyond_ten_only_in_the_band(
    room: FakeRoom, wall: Open
) -> None:
    page = wall().still()
    alarmed(room, page, 1)
    page.seen("sample")
    page.run(7000)
    samples = page.noted("samples")
    onsets = [i for i, (before, now) in enumerate(itertools.pairwise(samples)) if now and not before]
    assert len(samples) == 350
    assert 9 <= len(onsets) <= 11
    assert 0.48 <= sum(samples) / len(samples) <= 0.52
    assert all(sum(1 for other in onsets if 0 <= other - first < 50) <= 2 for first in onsets)
    alarmed(room, page, 13)
    assert len(page.seen("flashing")) == 3


def test_cr_40_the_half_that_is_off_is_the_same_shape_in_the_same_place_as_an_outline(
    room: FakeRoom, wall: Open
) -> None:
    page = wall("scene=board").still()
    alarmed(room, page, 2)
    phases = {}
    for _ in range(2):
        phases[page.state("flash")] = page.seen("flashBoxes")
        page.run(350)
    on, off = phases["on"], phases["off"]
    assert len(on) == len(off) >= 2
    for filled, outlined in zip(on, off, strict=True):
        assert (outlined["box"], outlined["d"]) == (filled["box"], filled["d"])
        assert outlined["fill"] != filled["fill"]
        assert outlined["width"] > 0
        assert contrast(outlined["stroke"], outlined["fill"]) >= 3


def contrast(one: str, other: str) -> float:
    """Of two computed colours, WCAG 2."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    r, g, b = (int(part) / 255 for part in re.findall(r"\d+", colour)[:3])
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (r, g, b)]
    return sum(part * share for part, share in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def test_a11_cr_36_two_walls_flash_in_one_phase(room: FakeRoom, wall: Open) -> None:
    pages = [wall(f"scene={scene}", clock=False, viewport=SMALL) for scene in ("map", "board")]
    for page in pages:
        page.seen("watchFlips")
    # One that heard the time late at first takes it anew after a minute.
    until(lambda: _in_phase(_together(pages)[-20:]), within=180, why="both to have flashed twenty times in one phase")


def _in_phase(seen: list[tuple[object, object]]) -> bool:
    return len(seen) == 20 and all(one == other for one, other in seen)


def _together(pages: list[Wall]) -> list[tuple[object, object]]:
    """The phases of both, each time that both stood in one for a while: a slow machine is late now and then."""
    one, other = ([(float(str(at)), phase) for at, phase in page.noted("flips")] for page in pages)
    found: list[tuple[object, object]] = []
    for (begun, phase), (ended, _) in itertools.pairwise(one):
        middle = (begun + ended) / 2
        beside = [was for (a, was), (b, _) in itertools.pairwise(other) if a < middle - 75 and b > middle + 75]
        if beside and ended - begun > 150:
            found.append((phase, beside[0]))
    return found


@pytest.mark.parametrize(("near_mm", "n"), [(2000.0, 7), (8000.0, 5)])
def test_a12_cr_37_38_only_small_shapes_flash_and_no_text(room: FakeRoom, wall: Open, near_mm: float, n: int) -> None:
    pitch_mm = 1.2
    page = wall(f"scene=map&near_mm={near_mm}&pitch_mm={pitch_mm}", viewport={"width": 3840, "height": 2160}).still()
    alarmed(room, page, n)
    cap = page.page.evaluate("parseFloat(getComputedStyle(document.querySelector('.slot-head')).fontSize) * 0.698")
    for scene in ("map", "board", "overdue"):
        room.tell(f"call?what=scene:{scene}")
        page.until(lambda scene=scene: page.state("scene") == scene, scene)  # type: ignore[misc]
        page.until(lambda: page.seen("moving") == 0, f"{scene} to have faded in")
        flashing = page.seen("flashing")
        assert len(flashing) >= 3, scene
        assert {(shape["name"], shape["words"]) for shape in flashing} == {("svg", "")}
        assert all(max(shape["width"], shape["height"]) <= 2 * cap for shape in flashing)
        radius = near_mm * 0.0875 / pitch_mm
        for one in flashing:
            within = [
                shape["width"] * shape["height"]
                for shape in flashing
                if (shape["x"] - one["x"]) ** 2 + (shape["y"] - one["y"]) ** 2 <= radius**2
            ]
            assert sum(within) <= 0.006 * (near_mm / pitch_mm) ** 2, scene


def test_a13_cr_41_reduced_motion_is_a_steady_outline_with_a_mark(room: FakeRoom, wall: Open) -> None:
    page = wall(reduced_motion="reduce", viewport={"width": 3840, "height": 2160}).still()
    alarmed(room, page, 5)
    page.seen("sample")
    page.run(2000)
    assert set(page.noted("samples")) == {False}
    assert page.page.evaluate("document.getAnimations().length") == 0
    outline, bang = page.seen("outline")
    assert outline >= 4
    assert bang == "inline"
