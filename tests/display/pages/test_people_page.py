"""The page of people without a mouse in a real browser, and nothing on it that axe-core finds fault with."""

from collections.abc import Callable, Iterator
from itertools import product

import pytest
from playwright.sync_api import Page, expect

from liveroom.domain.requests import Role
from tests.often import some
from tests.rooms.staffed import PASSWORD, People
from tests.services.browser import WatchedPage, faults
from tests.services.server import Server

pytestmark = [pytest.mark.server, pytest.mark.browser]
SIZES, LANGUAGES = [(1920, 1080), (390, 844)], ["id", "en"]
Open = Callable[..., WatchedPage]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    one = Server(data=tmp_path_factory.mktemp("desk"), env={}).start()
    People(one.data).add("kepala", Role.ADMIN)
    yield one
    one.kill()


def typed(page: Page, *words: str, then: str = "Enter") -> None:
    """Type into the field that has the focus and into those that follow; Enter sends."""
    for number, text in enumerate(words):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press(then)


def picked(page: Page, words: str) -> None:
    """Go down the list of choices that has the focus; letters that come more than a second apart are no word to it."""
    choices = page.locator("select:focus")
    for _ in range(choices.locator("option").count()):
        if choices.locator("option:checked").text_content() == words:
            return
        page.keyboard.press("ArrowDown")
    expect(choices.locator("option:checked")).to_have_text(words)


def confirmed(page: Page, dialog: str) -> None:
    """Press the button that is at hand once the question stands there."""
    expect(page.locator(f'dialog[data-dialog="{dialog}"][open]')).to_be_visible()
    page.keyboard.press("Enter")


def log_in(page: Page, name: str, password: str) -> None:
    page.fill("#username", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")


def desk(room: Server, open_page: Open) -> Page:
    page = open_page(f"{room.url}/login?next=/desk/people?lang=id", viewport={"width": 1280, "height": 720}).page
    log_in(page, "kepala", PASSWORD)
    page.wait_for_selector('html[data-listed="true"]')
    return page


@pytest.mark.often
def test_cr_97_the_page_of_people_has_no_violation(room: Server, open_page: Open) -> None:
    page = desk(room, open_page)
    for size, lang in some(product(SIZES, LANGUAGES), zip(SIZES, LANGUAGES, strict=True)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(f"{room.url}/desk/people?lang={lang}")
        page.wait_for_selector('html[data-listed="true"]')
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator('[data-act="add"]').press("Enter")
        dialog = page.locator('dialog[data-dialog="add"][open]')
        expect(dialog.locator('[name="login"]')).to_be_focused()
        typed(page, "kepala", "Kepala Dua")
        expect(dialog.locator('.fault-of[data-field="login"]')).not_to_be_empty()
        expect(dialog.locator('[name="login"]')).to_be_focused()
        expect(dialog.locator('[name="login"]')).to_have_attribute("aria-invalid", "true")
        assert faults(page) == []


def invited(page: Page) -> str:
    """Add somebody by keyboard, corrected by what the page says; the link."""
    page.locator('[data-act="add"]').press("Enter")
    dialog = page.locator('dialog[data-dialog="add"][open]')
    expect(dialog.locator('[name="login"]')).to_be_focused()
    typed(page, "wulan", "Wulan Contoh", then="Tab")
    picked(page, "petugas OPD")
    dialog.locator('button[value="yes"]').press("Enter")
    expect(dialog.locator('[name="agency"]')).to_be_focused()
    expect(dialog.locator('.fault-of[data-field="agency"]')).to_have_text("Pilih OPD kota ini.")
    dialog.locator('[name="agency"]').press("D")
    dialog.locator('button[value="yes"]').press("Enter")
    link = page.locator('dialog[data-dialog="link"][open] [name="link"]').input_value()
    page.keyboard.press("Escape")
    expect(page.locator('[data-act="add"]')).to_be_focused()
    return link


def chosen(page: Page, room: Server) -> None:
    """Choose a password on the page behind the link, at the second try, and log in with it."""
    assert page.url == f"{room.url}/login/password?lang=id"
    assert faults(page) == []
    expect(page.locator("#password")).to_be_focused()
    typed(page, "kata rahasia baru", "kata rahasia lain")
    expect(page.locator(".said")).to_have_text("Keduanya tidak sama.")
    assert faults(page) == []
    page.fill("#password", "kata rahasia baru")
    page.fill("#again", "kata rahasia baru")
    page.keyboard.press("Enter")
    page.wait_for_url("**/login?said=set**")
    log_in(page, "wulan", "kata rahasia baru")
    page.wait_for_url(f"{room.url}/agency**")


def test_a_person_is_added_by_keyboard_comes_in_by_the_link_and_is_disabled(room: Server, open_page: Open) -> None:
    page = desk(room, open_page)
    link = invited(page)
    row = page.locator('[data-actor="wulan"]')
    expect(row).to_have_attribute("data-state", "invited")
    own = open_page(link).page
    chosen(own, room)
    expect(row).to_have_attribute("data-state", "active")
    row.locator(".act-disable").press("Enter")
    confirmed(page, "disable")
    expect(row).to_have_attribute("data-state", "disabled")
    own.goto(f"{room.url}/agency")
    assert "/login" in own.url
    page.locator('[name="find"]').fill("tidak ada")
    expect(page.locator(".none")).to_have_text("Tidak ada yang cocok")
    page.locator('[name="find"]').fill("")
    the_last_admin_stays(page)


def the_last_admin_stays(page: Page) -> None:
    """And is told why."""
    page.locator('[data-actor="kepala"] .act-disable').press("Enter")
    confirmed(page, "disable")
    fault = page.locator('dialog[data-dialog="disable"][open] .fault')
    expect(fault).to_contain_text("Tanpa orang ini tidak ada admin")
