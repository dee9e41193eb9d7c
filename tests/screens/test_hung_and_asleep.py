"""A wall whose page hangs or sleeps, as the room sees it from outside, at the seconds of its rules (CR-107, CR-108)."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.often import SOAKING
from tests.screens.house import SMALL, House
from tests.services.browser import WatchedPage
from tests.services.wait import until

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.server]
Opens = Callable[..., WatchedPage]
WELL, DARK = {"ok", "slow"}, {"dark"}
# Nothing in the page runs while it waits for an answer that does not come, and no processor works for that; in a soak
# it is busy instead.
HANGS = {
    "waits": """setTimeout(() => {
      const ask = new XMLHttpRequest();
      ask.open("GET", "/never", false);
      try { ask.send(); } catch { /* It was let go. */ }
    })""",
    "loops": "setTimeout(() => { for (const end = Date.now() + 45_000; Date.now() < end;); })",
}
TOLD = re.compile(r"a screen has not answered its watchdog for (\d+) s")
# Each picture since the page was woken.
NOTES = """() => {
  window.pictures = [];
  const page = document.documentElement;
  new MutationObserver(() => {
    const { freshness, alarms, seq } = page.dataset;
    window.pictures.push([performance.now(), freshness, Number(alarms), Number(seq)]);
  }).observe(page, { attributes: true });
}"""
HIDDEN = """(hidden) => {
  Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
  if (!hidden) [window.woken, window.pictures] = [performance.now(), []];
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def watched(house: House, open_page: Opens, name: str) -> tuple[Page, str]:
    """A paired screen's wall that the room has heard of, and its id."""
    page = open_page(f"{house.url}/wall?scene=map&token={house.pair(name)}", viewport=SMALL).page
    listed_as(WELL, house, name.lower())
    return page, name.lower()


def listed_as(states: set[str], house: House, id_: str) -> dict[str, Any]:
    """The screen as the room lists it, once it is in one of those states."""
    until(lambda: house.screens()[id_]["state"] in states, within=180, why=f"{id_} to be {states}")
    return house.screens()[id_]


def told(house: House) -> list[str]:
    """What watchdogs have reported, seconds."""
    return TOLD.findall(house.server.log())


@pytest.mark.often
@pytest.mark.parametrize("hang", list(HANGS) if SOAKING else ["waits"])
def test_cr_107_a_page_that_hangs_is_dark_after_15_s_and_told_of_after_30(
    house: House, open_page: Opens, hang: str
) -> None:
    page, id_ = watched(house, open_page, hang.capitalize())
    before = len(told(house))
    asked: list[Route] = []
    page.route("**/never", lambda route: asked.append(route))
    page.evaluate(HANGS[hang])
    assert listed_as(DARK, house, id_)["heard_s"] >= 15.0
    until(lambda: len(told(house)) > before, within=180, why="the watchdog's word")
    # It asks every 5 s, and later where the machine is slow; never before its time.
    assert 30 <= int(told(house)[-1]) <= 40
    assert house.screens()[id_]["state"] == "dark"
    page.context.cookies()  # Playwright hears of what was asked only while it is asked something itself
    for route in asked:
        route.abort()
    listed_as(WELL, house, id_)


@contextmanager
def asleep(page: Page) -> Iterator[None]:
    """Hidden, and nothing of it runs: no timer, no message, no frame. It is shown again when it wakes."""
    session = page.context.new_cdp_session(page)
    page.evaluate(HIDDEN, True)
    stands: list[object] = []
    session.on("Debugger.paused", lambda where: stands.append(where))
    session.send("Debugger.enable")
    session.send("Debugger.pause")
    # It stops at the next line that runs. Playwright hears of it only while it is asked something itself.
    until(lambda: (page.context.cookies(), stands)[1], within=60, why="the page to stop")
    yield
    session.send("Debugger.resume")
    session.send("Debugger.disable")
    session.detach()
    page.evaluate(HIDDEN, False)


def test_cr_108_a_page_that_slept_is_dark_meanwhile_and_right_within_a_second_of_waking(
    house: House, open_page: Opens
) -> None:
    page, id_ = watched(house, open_page, "Tidur")
    page.evaluate(NOTES)
    took: list[float] = []
    for n in range(1, 4):
        with asleep(page):
            if n == 1:
                assert listed_as(DARK, house, id_)["heard_s"] >= 15.0
            (fire,) = house.receive(f"H-{n}")
            until(lambda fire=fire: f"critical:{fire}" in house.alarms(), within=120, why="the alarm")  # type: ignore[misc]
            head = house.head()
        right = f"pictures.find(([, fresh, alarms, seq]) => fresh === 'live' && alarms >= {n} && seq >= {head})"
        until(lambda right=right: page.evaluate(right), within=180, why="the wall to be right")  # type: ignore[misc]
        took.append(page.evaluate(f"{right}[0] - window.woken"))
    # A machine that has more to do than this is late now and then; a page that waits for a slow timer is so every time.
    assert min(took) <= 1000
    listed_as(WELL, house, id_)
