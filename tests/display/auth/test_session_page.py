"""CR-101 in a real browser: a desk says before its log-in ends, one press puts that off, and a form logs out."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from liveroom.log.schema import session
from tests.rooms.staffed import PASSWORD, People
from tests.services.browser import WatchedPage
from tests.services.server import Server

pytestmark = [pytest.mark.server, pytest.mark.browser]
MINUTE = 60_000_000


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    one = Server(data=tmp_path_factory.mktemp("desk"), env={}).start()
    People(one.data).add("sari")
    yield one
    one.kill()


def older(room: Server, minutes: int) -> None:
    """Let every session be older."""
    by = minutes * MINUTE
    change = update(session).values(
        created_at=session.c.created_at - by, seen_at=session.c.seen_at - by, ends_at=session.c.ends_at - by
    )
    People(room.data).log.touch(lambda c: c.execute(change))


def logged_in(room: Server, page: Page) -> None:
    page.fill("#username", "sari")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/alarms*")


def test_cr101_the_end_is_announced_put_off_and_a_form_logs_out(
    room: Server, open_page: Callable[..., WatchedPage]
) -> None:
    page = open_page(f"{room.url}/desk/alarms?lang=id", lambda page: page.clock.install()).page
    assert "/login" in page.url
    logged_in(room, page)
    warning = page.locator(".session-warning")
    expect(page.locator(".desk-who")).to_contain_text("Sari")
    expect(warning).to_be_hidden()
    older(room, 57)
    page.clock.run_for(31_000)
    expect(warning).to_be_visible()
    expect(warning).to_have_text(re.compile(r"berakhir dalam [1-3] menit"))
    warning.locator("button").click()
    expect(warning).to_be_hidden()
    page.locator(".desk-bar form button").click()
    page.wait_for_url("**/login*")
    page.goto(f"{room.url}/desk/alarms")
    assert "/login" in page.url
