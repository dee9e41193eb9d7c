"""The second step in a real browser: set up by keyboard, shown recovery codes, asked for a code, and taken away."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import Page, expect

from liveroom.domain.requests import Role
from liveroom.runtime.time import system_now
from tests.display.pages.test_people_page import SIZES, confirmed, log_in
from tests.often import some
from tests.rooms.staffed import PASSWORD, People
from tests.services.browser import WatchedPage, faults
from tests.services.server import Server

pytestmark = [pytest.mark.server, pytest.mark.browser]
Open = Callable[..., WatchedPage]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A room in which supervisors need a second step, and its people."""
    folder = tmp_path_factory.mktemp("account")
    settings = folder / "config.yaml"
    settings.write_text("city: tangerang\nsessions: {second_factor: [supervisor]}\n")
    one = Server(data=folder, env={"LIVEROOM_CONFIG": str(settings)}).start()
    people = People(one.data)
    for name, role in (("bu-kepala", Role.ADMIN), ("regu-id", Role.SUPERVISOR), ("regu-en", Role.SUPERVISOR)):
        people.add(name, role)
    yield one
    one.kill()


def whole(page: Page) -> None:
    """Nothing that axe-core finds, nothing wider than the page."""
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def scanned(page: Page) -> pyotp.TOTP:
    """What a telephone has after the picture was read."""
    picture = page.locator(".qr svg").bounding_box()
    assert picture
    assert min(picture["width"], picture["height"]) >= 200
    return pyotp.TOTP(page.locator(".secret").inner_text().replace(" ", ""))


Shown = tuple[str, tuple[int, int]]
LARGE, SMALL = ("id", SIZES[0]), ("en", SIZES[1])


@pytest.mark.often
@pytest.mark.parametrize(("first", "then"), some([(LARGE, LARGE), (SMALL, SMALL)], [(LARGE, SMALL)]))
def test_cr_97_a_second_step_is_set_up_shown_and_asked_for(
    room: Server, open_page: Open, first: Shown, then: Shown
) -> None:
    """Set up in one language and size of screen, asked for in another."""
    (lang, size), name = first, f"regu-{first[0]}"
    viewport = {"width": size[0], "height": size[1]}
    page = open_page(f"{room.url}/login?lang={lang}&next=/desk/alarms?lang={lang}", viewport=viewport).page
    log_in(page, name, PASSWORD)
    page.wait_for_url("**/login/factor?**")
    codes = scanned(page)
    whole(page)
    page.fill("#code", "000000")
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_be_visible()
    assert scanned(page).secret == codes.secret
    page.fill("#code", codes.at(system_now()))
    page.keyboard.press("Enter")
    expect(page.locator(".recovery code")).to_have_count(10)
    paper = page.locator(".recovery code").all_inner_texts()
    whole(page)
    page.locator("a.button").press("Enter")
    page.wait_for_url("**/desk/alarms?**")
    lang, size = then
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{room.url}/account?lang={lang}")
    whole(page)
    again = f"{room.url}/login?again=1&lang={lang}&next=/account?lang={lang}"
    page.goto(again)
    log_in(page, name, PASSWORD)
    page.wait_for_url("**/login/code?**")
    expect(page.locator("#code")).to_be_focused()
    whole(page)
    page.keyboard.type(codes.at(system_now() + timedelta(seconds=30)))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{room.url}/account**")
    page.goto(again)
    log_in(page, name, PASSWORD)
    page.locator('a[href*="with=recovery"]').press("Enter")
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type("AAAA-AAAA-AAAA-AAAA")
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_be_visible()
    whole(page)
    page.fill("#code", paper[0].lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"{room.url}/account**")


def test_an_admin_finds_their_own_account_and_takes_anothers_second_step_away(room: Server, open_page: Open) -> None:
    name = People(room.data).add("si-lupa", Role.DUTY).actor
    own = open_page(f"{room.url}/login?next=/account/factor").page
    log_in(own, name, PASSWORD)
    own.wait_for_url(f"{room.url}/account/factor")
    whole(own)
    own.fill("#password", PASSWORD)
    own.fill("#code", scanned(own).at(system_now()))
    own.keyboard.press("Enter")
    expect(own.locator(".recovery code")).to_have_count(10)
    desk = open_page(f"{room.url}/login?next=/desk/people").page
    log_in(desk, "bu-kepala", PASSWORD)
    row = desk.locator(f'[data-actor="{name}"]')
    expect(row).to_contain_text("langkah kedua terpasang")
    row.locator(".act-reset_factor").press("Enter")
    confirmed(desk, "reset_factor")
    expect(row).not_to_contain_text("langkah kedua terpasang")
    own.goto(f"{room.url}/account")
    assert "/login" in own.url
    desk.locator(".desk-who a").press("Enter")
    desk.wait_for_url("**/account?**")
    desk.locator('a[href*="/account/password"]').press("Enter")
    whole(desk)
    desk.fill("#password", PASSWORD)
    desk.fill("#chosen", "password123")
    desk.fill("#again", "password123")
    desk.keyboard.press("Enter")
    expect(desk.locator(".said")).to_contain_text("sering dipakai")
    whole(desk)
