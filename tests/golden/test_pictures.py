"""The wall is painted as its golden pictures show it. What `make pictures` changes is looked at, then kept."""

from collections.abc import Iterator

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from tests.golden import pictures
from tests.golden.renderer import BEAT_MS, Renderer
from tests.golden.shots import MOST, Shot, chosen, covering, listed, possible
from tests.often import some
from tests.wall.fake_room import ROOT, FakeRoom

CHANGED = ROOT / ".golden"
LOOKED_AT = some(listed(), covering(listed()))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Renderer]:
    room = FakeRoom(tmp_path_factory.mktemp("golden"), "--every", str(BEAT_MS)).start()
    yield Renderer(room, browser)
    room.stop()


@pytest.mark.browser
@pytest.mark.often
@pytest.mark.parametrize("shot", LOOKED_AT, ids=lambda shot: shot.name)
def test_a_wall_is_painted_as_its_golden_picture_shows(ours: Renderer, shot: Shot) -> None:
    new = ours.picture(shot)
    changed = pictures.difference(new, Image.open(pictures.kept(shot)))
    if changed > pictures.TOLERANCE:
        picture, apart = pictures.show_difference(shot, new, CHANGED)
        pytest.fail(
            f"{shot.name}: a square of {pictures.SQUARE} px changed by {changed:.1f} of 255, more than "
            f"{pictures.TOLERANCE}; see {picture} and {apart}. If that is meant: {pictures.RENEW}",
            pytrace=False,
        )


def test_the_list_is_what_the_choice_gives_and_holds_every_pair() -> None:
    assert listed() == chosen(), "python -m tests.golden.shots writes it anew"
    assert len(listed()) <= MOST
    every = set().union(*(shot.pairs() for shot in possible()))
    assert every - set().union(*(shot.pairs() for shot in listed())) == set()


def test_those_looked_at_have_something_of_everything() -> None:
    for field in Shot.__slots__:
        assert {getattr(shot, field) for shot in LOOKED_AT} == {getattr(shot, field) for shot in possible()}


def test_the_tour_shows_what_the_list_says_and_nothing_else_is_kept() -> None:
    assert pictures.TOUR.read_text(encoding="utf-8") == pictures.tour(listed()), pictures.RENEW
    assert set(pictures.PICTURES.iterdir()) == {pictures.kept(shot) for shot in listed()}, pictures.RENEW


@pytest.mark.parametrize(("moved", "seen"), [(0, False), (3, True)])
def test_a_small_mark_elsewhere_is_a_difference_and_the_same_picture_is_none(moved: int, seen: bool) -> None:
    ground, mark = (17, 22, 28), (252, 64, 36)
    old, new = Image.new("RGB", (970, 547), ground), Image.new("RGB", (970, 547), ground)
    ImageDraw.Draw(old).polygon([(950, 535), (960, 535), (955, 526)], fill=mark)
    ImageDraw.Draw(new).polygon([(950 + moved, 535), (960 + moved, 535), (955 + moved, 526)], fill=mark)
    assert (pictures.difference(new, old) > pictures.TOLERANCE) == seen
    assert pictures.difference(new, old.crop((0, 0, 960, 540))) == 255
