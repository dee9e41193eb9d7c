"""Twelve screens: a real page, eleven by protocol; one killed, one revoked, one slowed, and the page tells which."""

from playwright.sync_api import Browser, Page

from tests.screens.house import SMALL, House, ProtocolScreen, Reporting
from tests.services.browser import LOAD_MS
from tests.services.listening import kept
from tests.services.wait import until

NUMBERS = range(1, 11)


def wall(browser: Browser, house: House, token: str) -> Page:
    """A real page of a paired screen."""
    context = browser.new_context(viewport=SMALL)
    context.set_default_navigation_timeout(LOAD_MS)
    context.add_cookies([{"name": "liveroom_screen", "value": token, "url": house.url}])
    page = context.new_page()
    page.goto(f"{house.url}/wall")
    return page


STATES = """() => Object.fromEntries([...document.querySelectorAll('[data-id][data-state]')]
  .map((row) => [row.dataset.id, row.dataset.state]))"""


def states(desk: Page) -> dict[str, str]:
    """Of every screen on the page, by id, those that ended too."""
    return dict(desk.evaluate(STATES))


def shows(desk: Page, wanted: dict[str, str]) -> None:
    until(lambda: states(desk) == wanted, within=120, why=f"the page to tell {wanted}")


def lost(house: House) -> list[str]:
    """Alarms of screens that say nothing now: what fell silent for a while on a slow machine has returned."""
    return [id_ for id_, one in house.alarms().items() if id_.startswith("lost:") and one["state"] != "returned"]


def test_issue_5_of_twelve_screens_the_page_tells_which_is_dark_revoked_or_slow(house: House, browser: Browser) -> None:
    page = wall(browser, house, house.pair("Utara", place="Ruang kendali"))
    south = ProtocolScreen(house, house.pair("Selatan", place="Ruang kendali"))
    killed, slowed, revoked, *others = [ProtocolScreen(house, house.pair(f"Lobi {n}")) for n in NUMBERS]
    good = dict.fromkeys(("utara", "selatan", *(f"lobi-{n}" for n in NUMBERS)), "ok")
    desk = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    desk.goto(f"{house.url}/desk/screens", timeout=LOAD_MS)
    with Reporting(house, [south, killed, slowed, revoked, *others]) as reporting:
        shows(desk, good)
        assert desk.locator(".sum").text_content() == "12 layar"
        killed.leave()
        reporting.slow_down(slowed)
        house.receive("L-1", "L-2", category="sampah")
        assert house.order("screens/lobi-3/revoke").status_code == 200
        until(revoked.closed.is_set, why="the revoked connection to be closed")
        # Each message is heard in a thread of its own, so that the end may be known before what was said before it.
        until(lambda: revoked.heard == ["revoked"], why="the revoked one to be told why")
        shows(desk, good | {"lobi-1": "dark", "lobi-2": "slow", "lobi-3": "revoked"})
        until(lambda: lost(house) == ["lost:screen:lobi-1"], within=90, why="the dark one alone to be an alarm")
        assert "tertinggal" in (desk.locator('[data-id="lobi-2"] .figure-position dd').text_content() or "")
        until(lambda: house.screens()["utara"]["pictured_at"], within=90, why="a small picture of a real page")
        picture = desk.locator('[data-id="utara"] img')
        until(lambda: picture.evaluate("(picture) => picture.naturalWidth") > 0, why="the picture to be in the page")
    for one in (page, desk):
        one.context.close()


NOTED = """() => {
  const { dataset } = document.documentElement;
  window.freshness = [dataset.freshness];
  const note = new MutationObserver(() => window.freshness.push(dataset.freshness));
  note.observe(document.documentElement, { attributeFilter: ["data-freshness"] });
}"""


def test_a_screen_is_asked_who_it_is_is_set_anew_and_loses_its_key(house: House, browser: Browser) -> None:
    token = house.pair("Tengah", settings={"scene": "board"})
    page = wall(browser, house, token)
    until(lambda: page.locator("html").get_attribute("data-scene") == "board", within=90, why="the scene that was set")
    # On a slow machine it reports that it is slow, which is none of this test's.
    until(lambda: house.screens()["tengah"]["state"] in ("ok", "slow"), within=180, why="the screen to report")
    called = kept(page, ".called-name")
    assert house.order("screens/tengah/identify").status_code == 200
    until(lambda: called("Tengah"), why="the screen to say who it is")
    until(lambda: page.locator("html").get_attribute("data-freshness") == "live", within=120, why="its data to be live")
    # From here on the page notes every state of its data that it shows.
    page.evaluate(NOTED)
    assert house.order("screens/tengah/change", settings={"scene": "map"}).status_code == 200
    until(lambda: page.locator("html").get_attribute("data-scene") == "map", within=120, why="the other scene")
    assert "lost" not in page.evaluate("window.freshness"), "it is the same page, which never was without data"
    until(lambda: house.screens()["tengah"]["scene"] == "map", within=180, why="the list to know")
    page.context.close()
