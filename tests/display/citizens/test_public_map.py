"""The map for everybody: shut unless opened, coarse, silent about persons and private matters, built once a minute."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from app import web_app
from display.citizens import public_map, report
from liveroom.city.grid import SIDE_M, Grid
from liveroom.domain.surge import metres_between
from liveroom.log.erasure import ErasureScope
from liveroom.maintenance.erasure import Eraser
from liveroom.runtime.config import MapSettings, PublicSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.citizen import Citizen, later, order, until_done
from tests.rooms.staffed import House

LAT, LON = -6.17831, 106.63194
PLACE = {"lat": str(LAT), "lon": str(LON), "address": ""}
ABOUT = "Lubang rahasia di depan rumah Bu Wati"


@pytest.fixture(scope="module")
def shut(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("map"), kind="test")


@pytest.fixture
def house(shut: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The same room, its map open to everybody, nothing painted yet."""
    monkeypatch.setattr(report, "LEAST", timedelta(0))
    yield from wired(shut, map=True)


def wired(house: House, *, tiles: MapSettings | None = None, **public: Any) -> Iterator[House]:
    before, settings = house.web, {"public": PublicSettings(**public), "map": tiles or MapSettings()}
    house.web = web_app(msgspec.structs.replace(house.config, **settings), house.opened, ThreadRuntime(), lambda: False)
    yield house
    house.web = before


@pytest.fixture
def minutes(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets a minute of real time go by."""
    now = [1000.0]
    monkeypatch.setattr(public_map, "monotonic", lambda: now[0])
    return lambda: now.__setitem__(0, now[0] + public_map.KEPT_S)


def told(house: House) -> dict[str, Any]:
    answer = house.browser().get("/lapor/peta.json")
    assert answer.status_code == 200
    return dict(answer.json)  # type: ignore[arg-type]


def counts(house: House) -> list[int]:
    """Waiting, in process, done, overdue over all squares."""
    rows = [matter[1:] for _, _, _, *matters in told(house)["squares"] for matter in matters]
    return [sum(column) for column in zip(*rows, strict=True)] if rows else [0] * 4


@pytest.fixture
def more(house: House, minutes: Callable[[], None]) -> Callable[[], list[int]]:
    """By how much the counts have grown since the test began."""
    before = counts(house)

    def grown() -> list[int]:
        minutes()
        return [now - then for now, then in zip(counts(house), before, strict=True)]

    return grown


def test_it_is_shut_unless_the_settings_open_it_and_nothing_leads_to_it(shut: House) -> None:
    browser = shut.browser()
    assert [browser.get(path).status_code for path in ("/lapor/peta", "/lapor/peta.json")] == [404, 404]
    assert "/lapor/peta" not in browser.get("/lapor").text


def test_a_place_is_a_square_that_is_the_same_for_all_in_it(shut: House) -> None:
    city = shut.opened.room.city
    grid = Grid(city)
    one, other = grid.of(LAT, LON, ""), grid.of(LAT + 0.0001, LON + 0.0001, "")
    assert one is not None
    assert one == other
    assert 0 < metres_between(LAT, LON, *grid.middle(one.square)) < SIDE_M
    of_area = [grid.of(None, None, code) for code in city.areas]
    assert [one and one.area for one in of_area] == list(city.areas)
    assert grid.of(0.0, 0.0, "") is None


def test_what_was_rejected_merged_or_erased_is_nowhere(house: House, more: Callable[[], list[int]]) -> None:
    citizen = Citizen(house)
    rejected, parent, child, erased = (citizen.send(**PLACE) for _ in range(4))
    assert more() == [4, 0, 0, 0]
    order(house, rejected, "reject", reason="bukan laporan")
    order(house, child, "merge", into=parent)
    until_done(house, parent)
    Eraser(house.opened.room, house.config, ThreadRuntime()).erase((erased,), ErasureScope.ALL, by="test")
    assert more() == [0, 0, 1, 0]


def test_a_private_matter_is_counted_in_the_city_alone(house: House, more: Callable[[], list[int]]) -> None:
    private = next(one for one in house.opened.room.city.categories.values() if one.private)
    Citizen(house).send(**PLACE, category=private.key)
    assert more() == [0, 0, 0, 0]
    assert private.label not in told(house)["matters"]
    page = house.browser().get("/lapor/peta").text
    assert "<b>1</b> menunggu" in page.partition("Tanpa tempat di peta")[2]
    assert private.label not in page


def test_a_crowd_reads_the_log_once_a_minute(house: House, more: Callable[[], list[int]]) -> None:
    before = counts(house)
    Citizen(house).send(**PLACE)
    assert counts(house) == before
    assert house.browser().get("/lapor/peta").headers["Cache-Control"] == "public, max-age=60"
    assert more() == [1, 0, 0, 0]


def test_what_is_too_much_to_count_is_said_to_be_left_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_map, "MOST", 2)
    monkeypatch.setattr(public_map, "A_SLICE", 1)
    citizen = Citizen(house)
    for _ in range(3):
        citizen.send(**PLACE)
    page = house.browser().get("/lapor/peta").text
    assert re.search(r"[1-9]\d* laporan yang lebih lama tidak dihitung", page)
    assert counts(house)[0] == 2


def test_only_configured_tiles_may_come_from_elsewhere(shut: House) -> None:
    tiles = MapSettings(tiles="https://ubin.example/{z}/{x}/{y}.png", attribution="Ubin")
    for house in wired(shut, tiles=tiles, map=True):
        answer = house.browser().get("/lapor/peta")
        assert "https://ubin.example;" in answer.headers["Content-Security-Policy"]
        assert 'data-attribution="Ubin"' in answer.text
        assert "http" not in house.browser().get("/lapor").headers["Content-Security-Policy"]


def test_what_is_open_and_done_is_shown_without_a_word_of_whose_it_is(
    house: House, more: Callable[[], list[int]]
) -> None:
    citizen = Citizen(house)
    done = citizen.send(**PLACE, category="pju_mati")
    until_done(house, done)
    first = citizen.send(**PLACE, description=ABOUT, phone="0812 3456 7890", email="wati@example.org")
    assert "/lapor/peta" in citizen.page()
    assert more() == [1, 0, 1, 0]
    place = Grid(house.opened.room.city).of(LAT, LON, "")
    assert place is not None
    pages = [house.browser().get(f"/lapor/peta{more}").text for more in ("", f"?area={place.area}", ".json")]
    assert "Jalan rusak" in pages[1]
    for secret in (first, citizen.number, "rahasia", "Wati", "wati", "3456", str(LAT)[:6], str(LON)[:7]):
        assert not [page for page in pages if secret in page], secret
    before = told(house)
    later(house, days=31)
    order(house, first, "comment", text="sudah lewat")
    assert more()[3] > 0
    assert "Lampu jalan (PJU) mati" in before["matters"]
    assert "Lampu jalan (PJU) mati" not in told(house)["matters"]
