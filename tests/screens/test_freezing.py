"""The flashing of one screen stands still for ten minutes: there and nowhere else, while its data goes on."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from liveroom.domain.requests import Code, Refused
from tests.rooms.screens import StandingScreens
from tests.rooms.standing import StandingRoom
from tests.screens.house import SMALL, House, ProtocolScreen
from tests.services.browser import WatchedPage
from tests.services.wait import until


def test_one_screen_is_frozen_says_so_goes_on_with_its_data_and_ends_by_order(
    house: House, open_page: Callable[..., WatchedPage]
) -> None:
    still, other = house.pair("Diam"), house.pair("Berkedip")
    walls = [open_page(f"{house.url}/wall?scene=map&token={token}", viewport=SMALL) for token in (still, other)]
    mark = walls[0].page.locator(".held-mark")
    house.receive("F-1")
    for wall in walls:
        wall.page.wait_for_selector('html[data-alarms="1"]')
    before = time.monotonic()
    assert house.order("screens/diam/freeze").status_code == 200
    walls[0].page.wait_for_selector('html[data-flash="steady"]')
    expect(mark).to_have_text("KEDIP BEKU 10 mnt, DATA LANGSUNG")
    assert walls[1].page.locator(".held-mark").is_hidden()
    walls[1].page.wait_for_selector('html[data-flash="on"], html[data-flash="off"]')
    listed = house.screens()
    assert 599 - (time.monotonic() - before) <= listed["diam"]["frozen_s"] <= 600
    assert listed["berkedip"]["frozen_s"] is None

    house.receive("F-2")
    walls[0].page.wait_for_selector('html[data-alarms="2"][data-freshness="live"][data-flash="steady"]')
    walls[0].page.reload()
    walls[0].page.wait_for_selector('html[data-alarms="2"][data-flash="steady"]')
    expect(mark).to_be_visible()

    assert house.order("screens/diam/unfreeze").status_code == 200
    walls[0].page.wait_for_selector('html:not([data-flash="steady"])')
    expect(mark).to_be_hidden()
    again = house.order("screens/diam/unfreeze")
    assert (again.status_code, again.json()["code"]) == (422, "state")
    assert house.order("screens/diam/freeze", role="duty").status_code == 403


def test_a_page_that_connects_anew_hears_that_nothing_holds_it_any_more(house: House) -> None:
    token = house.pair("Kembali")
    screen = ProtocolScreen(house, token)
    until(lambda: screen.frozen == [None], why="the first word")
    house.order("screens/kembali/freeze")
    until(lambda: len(screen.frozen) == 2 and screen.frozen[1], why="the order")
    screen.leave()
    house.order("screens/kembali/unfreeze")
    again = ProtocolScreen(house, token)
    until(lambda: again.frozen == [None], why="the first word after the way back")
    again.leave()


def test_a_freeze_is_logged_with_its_actor_and_lasts_ten_minutes_of_real_time(standing: StandingRoom) -> None:
    screens = StandingScreens(standing)
    screens.pair("Dinding")
    screens.order("freeze", "dinding")
    screens.order("unfreeze", "dinding", by="admin")
    frozen, ended = (one for one in standing.events() if one.event.kind.value in ("screen.frozen", "screen.unfrozen"))
    assert [(one.actor, one.event.id) for one in (frozen, ended)] == [("supervisor", "dinding"), ("admin", "dinding")]
    assert datetime.fromisoformat(frozen.event.fields["until_real"]) - frozen.logged_at == timedelta(minutes=10)
    with pytest.raises(Refused) as no:
        screens.order("unfreeze", "dinding")
    assert no.value.code is Code.STATE
