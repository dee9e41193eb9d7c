"""CR-94, CR-95, CR-07 in real pages: one speaks, another takes over, and each says when it cannot be heard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.screens.house import SMALL, House
from tests.services.browser import LOAD_MS, QUIET, pass_silence, program
from tests.services.listening import SPY, told
from tests.services.wait import until

BADGE = "() => document.querySelector('.sound-badge[data-shown=\"true\"]')?.textContent ?? ''"
SPEAKS, MUTE = "Suara dari layar ini", "SUARA MATI"


@pytest.fixture(scope="module")
def loud(browser: Browser) -> Iterator[Browser]:
    """A browser started as a kiosk is: sound needs no gesture."""
    words = [*QUIET, "--autoplay-policy=no-user-gesture-required"]
    chromium = browser.browser_type.launch(executable_path=program(), args=words)
    yield chromium
    chromium.close()


def opened(browser: Browser, url: str, *, clock: bool = False) -> Page:
    """A page in a browser profile of its own, as on a machine of its own: no lock is shared."""
    page = browser.new_context(viewport=SMALL).new_page()
    page.add_init_script(SPY)
    if clock:
        page.clock.install()
    page.goto(url, timeout=LOAD_MS)
    until(lambda: told(page, "freshness") == "live", within=60, why="the page to be live")
    return page


def badge(page: Page) -> str:
    return str(page.evaluate(BADGE))


def sounds(pages: list[Page]) -> list[int]:
    return [int(page.evaluate("window.sounds.length")) for page in pages]


def heard(house: House) -> list[tuple[str, bool]]:
    """Of the pages without a name: the state of the sound, and who speaks."""
    return [(one["sound"], one["speaks"]) for one in house.listed()["pages"]]


def one_speaker(pages: list[Page]) -> Page:
    """The only one whose badge says that it speaks; the others show none."""
    until(lambda: sorted(badge(page) for page in pages)[-1] == SPEAKS, why="one to get the floor")
    assert sorted(map(badge, pages)) == [*[""] * (len(pages) - 1), SPEAKS]
    return next(page for page in pages if badge(page) == SPEAKS)


def test_cr_95_a26_a_page_that_cannot_be_heard_says_so_and_reports_it_until_a_key_is_pressed(
    house: House, browser: Browser
) -> None:
    page = opened(browser, f"{house.url}/wall?sound=1")
    until(lambda: badge(page) == MUTE, why="the badge")
    assert page.locator(".sound-badge").is_visible()
    until(lambda: heard(house) == [("suspended", False)], why="the server to know")
    page.keyboard.press("Shift")
    until(lambda: badge(page) == SPEAKS, why="it to be heard and to get the floor")
    until(lambda: heard(house) == [("running", True)], why="the server to know that too")
    page.context.close()


def test_cr_94_a10_of_three_pages_one_sounds_and_when_it_is_closed_the_next_alarm_sounds_elsewhere(
    house: House, loud: Browser
) -> None:
    pages = [opened(loud, f"{house.url}/wall?sound=1") for _ in range(3)]
    leader = one_speaker(pages)
    house.receive("K-1")
    until(lambda: sum(sounds(pages)) > 0, why="the alarm to sound")
    assert sounds([leader]) == [1]
    assert sum(sounds(pages)) == 1
    leader.context.close()
    rest = [page for page in pages if page is not leader]
    house.receive("K-2")
    until(lambda: sum(sounds(rest)) > 0, why="another page to sound the next alarm")
    assert sum(sounds(rest)) == 1
    assert sounds([one_speaker(rest)]) == [1]
    for page in rest:
        page.context.close()


def test_cr_07_while_the_server_is_away_each_page_raises_and_sounds_its_own_p1_and_tells_when_it_is_back(
    house: House, loud: Browser
) -> None:
    token = house.pair("Utara", settings={"sound": "1"})
    context = loud.new_context(viewport=SMALL)
    context.add_cookies([{"name": "liveroom_screen", "value": token, "url": house.url}])
    wall, other = context.new_page(), opened(loud, f"{house.url}/wall?sound=1", clock=True)
    wall.add_init_script(SPY)
    wall.clock.install()
    wall.goto(f"{house.url}/wall", timeout=LOAD_MS)
    pages = [wall, other]
    until(lambda: told(wall, "freshness") == "live", within=60, why="the wall to be live")
    one_speaker(pages)
    house.server.kill()
    pass_silence(*pages)
    until(lambda: told(wall, "freshness") == "lost", within=60, why="the feed to be lost")
    until(lambda: min(sounds(pages)) >= 1, why="both to sound, with no word of a server")
    wall.locator('.lost-band[data-called="true"][data-priority="1"]').wait_for(state="attached")
    slot = wall.locator('.slot[data-id="lost:feed"][data-priority="1"][data-acted="false"] .slot-what')
    slot.wait_for()
    assert slot.text_content() == "Data terputus"
    house.server.start()
    until(lambda: told(wall, "freshness") == "live", within=60, why="the feed to be back")
    until(lambda: "lost:feed" in house.alarms(), why="the room to know")
    alarm = house.alarms()["lost:feed"]
    assert (alarm["state"], alarm["priority"], alarm["acked_by"]) == ("returned", 1, None)
    until(lambda: told(other, "freshness") == "live", within=60, why="the other to be back")
    context.close()
    other.context.close()
