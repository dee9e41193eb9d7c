"""The page of screens and the page that shows a code, by hand in a real browser; no fault that axe-core can find."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.often import some
from tests.screens.house import House, ProtocolScreen
from tests.services.browser import LOAD_MS, faults
from tests.services.server import Server
from tests.services.wait import until

SIZES, LANGUAGES = [(1920, 1080), (390, 844)], ["id", "en"]
PROXIED = {"X-Forwarded-For": "10.1.2.3", "X-Forwarded-Proto": "http"}


@pytest.fixture
def page_at(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return `page_at(url, **options) -> Page` in a context of its own."""
    opened: list[Page] = []

    def open_one(url: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1920, "height": 1080}, **options})
        opened.append(context.new_page())
        opened[-1].goto(url, timeout=LOAD_MS)
        return opened[-1]

    yield open_one
    for page in opened:
        page.context.close()


@pytest.mark.often
@pytest.mark.parametrize(("size", "lang"), some(product(SIZES, LANGUAGES), zip(SIZES, LANGUAGES, strict=True)))
def test_cr_97_the_page_of_screens_has_no_violation(
    house: House, page_at: Callable[..., Page], size: tuple[int, int], lang: str
) -> None:
    width, height = size
    token = house.pair(f"Layar {lang} {width}")
    screen = ProtocolScreen(house, token, sound="suspended")
    page = page_at(f"{house.url}/desk/screens?lang={lang}", viewport={"width": width, "height": height})
    page.wait_for_selector('html[data-listed="true"]')
    until(
        lambda: screen.report(0) is False and page.locator('[data-muted="true"]').count(), why="a screen without sound"
    )
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate('sessionStorage.setItem(\'liveroom.person\', \'{"actor": "sari", "role": "supervisor"}\')')
    page.click('[data-act="pair"]')
    assert faults(page) == []
    screen.leave()


def test_a_supervisor_pairs_a_screen_by_hand_and_is_told_what_was_wrong(
    house: House, page_at: Callable[..., Page]
) -> None:
    desk = page_at(f"{house.url}/desk/screens")
    desk.click('[data-act="pair"]')
    desk.fill('dialog[open] [name="actor"]', "sari")
    desk.keyboard.press("Enter")
    dialog = desk.locator('dialog[data-dialog="pair"][open]')
    dialog.locator('[name="code"]').fill("AAAAAA")
    dialog.locator('[name="name"]').fill("Lobi")
    desk.keyboard.press("Enter")
    until(lambda: "Tidak ada layar yang menunggu" in (dialog.locator(".fault").text_content() or ""), why="the fault")
    assert dialog.locator('[name="name"]').input_value() == "Lobi"
    waiting = desk.request.post(f"{house.url}/pair").json()
    dialog.locator('[name="code"]').fill(waiting["code"].lower())
    dialog.locator('[name="scene"]').select_option("board")
    desk.keyboard.press("Enter")
    desk.locator('[data-id="lobi"][data-state="new"]').wait_for()
    assert house.screens()["lobi"]["settings"] == {"scene": "board"}


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A room behind a proxy: nobody is trusted for where they come from."""
    folder = tmp_path_factory.mktemp("proxied")
    config = folder / "config.yaml"
    config.write_text("city: tangerang\nserver:\n  behind_proxy: true\n")
    room = Server(data=folder, env={"LIVEROOM_CONFIG": str(config), "LIVEROOM_PASSWORD": "kata sandi yang panjang"})
    yield room.start()
    room.kill()


def test_cr_97_a_new_screen_shows_its_code_opens_its_wall_and_says_when_it_is_revoked(
    proxied: Server, page_at: Callable[..., Page]
) -> None:
    proxied.command("user", "add", "sari", "--role", "supervisor")
    token = proxied.last_word("user", "token", "sari")
    screen = page_at(f"{proxied.url}/wall", extra_http_headers=PROXIED)
    screen.locator('body[data-state="waiting"]').wait_for()
    assert faults(screen) == []

    def order(path: str, **body: str) -> int:
        said = {"command_id": path, **body}
        headers = {"Authorization": f"Bearer {token}", **PROXIED}
        return screen.request.post(f"{proxied.url}/api/v1/screens/{path}", data=said, headers=headers).status

    code = screen.locator(".code").text_content() or ""
    assert len(code.replace(" ", "")) == 6
    assert order("pair", code=code, name="Dinding") == 200
    until(
        lambda: screen.locator("html").get_attribute("data-freshness") == "live", within=60, why="the wall to be live"
    )
    assert screen.url == f"{proxied.url}/wall"
    assert order("dinding/revoke") == 200
    screen.locator('body[data-door="unknown"][data-state="waiting"]').wait_for(timeout=60_000)
    assert "tidak berlaku lagi" in (screen.locator("h1").text_content() or "")
