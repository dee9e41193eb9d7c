"""The desk's lists in a real browser: nobody is offered what they may not do, or called by name before guests."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from liveroom.domain.requests import Role
from liveroom.log.event_log import read_head
from tests.rooms.staffed import People
from tests.services.browser import WatchedPage
from tests.services.server import Server

pytestmark = [pytest.mark.server, pytest.mark.browser]
PATIENCE_MS = 60_000
LISTS = ("/desk/screens", "/desk/outbox", "/desk/people", "/desk/alarms/health")


class Lists:
    """What the room's duty officer, supervisor and admin are shown."""

    def __init__(self, room: Server, people: People, open_page: Callable[..., WatchedPage]) -> None:
        self.room, self.people, self._open = room, people, open_page

    def bearer(self, role: Role) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.people.staff.give_token(f'si-{role}')}"}

    def seen_by(self, role: Role, path: str, before: Callable[[Page], object] | None = None) -> Page:
        return self._open(f"{self.room.url}{path}", before, extra_http_headers=self.bearer(role)).page

    def order(self, name: str) -> None:
        body = {"command_id": name, "seen_seq": self.people.log.read(read_head).seq}
        headers = self.bearer(Role.SUPERVISOR)
        httpx.post(f"{self.room.url}/api/v1/room/{name}", json=body, headers=headers, timeout=60).raise_for_status()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A room with a screen; no test leaves guests in it."""
    one = Server(data=tmp_path_factory.mktemp("lists"), env={}).start()
    one.last_word("screen", "add", "dinding")
    yield one
    one.kill()


@pytest.fixture(scope="module")
def people(room: Server) -> People:
    found = People(room.data)
    for role in (Role.DUTY, Role.SUPERVISOR, Role.ADMIN):
        found.add(f"si-{role}", role)
    return found


@pytest.fixture
def lists(room: Server, people: People, open_page: Callable[..., WatchedPage]) -> Lists:
    return Lists(room, people, open_page)


def test_a_duty_officer_looks_at_screens_and_a_supervisor_orders_them(lists: Lists) -> None:
    for role, buttons in ((Role.DUTY, 0), (Role.SUPERVISOR, 2)):  # nothing was ever heard of it: it cannot be called
        page = lists.seen_by(role, "/desk/screens")
        expect(page.locator(".screen .name")).to_have_text("dinding", timeout=PATIENCE_MS)
        expect(page.locator(".screen .acts button:visible")).to_have_count(buttons)
        expect(page.locator('[data-act="pair"]')).to_be_visible(visible=buttons > 0)


def test_cr_81_before_guests_no_list_of_the_desk_calls_who_works_there_by_name(lists: Lists) -> None:
    pages = [lists.seen_by(Role.ADMIN, path) for path in LISTS]
    for page in pages:
        expect(page.locator(".desk-who b")).to_have_text("Si-Admin")
        expect(page.locator(".desk-who b")).to_be_visible()
    lists.order("begin_visit")
    pages[-1].reload()
    for page in pages:
        expect(page.locator(".desk-who b")).to_be_hidden(timeout=PATIENCE_MS)
        expect(page.locator(".desk-who")).to_be_visible()
    lists.order("end_visit")
    pages[-1].reload()
    for page in pages:
        expect(page.locator(".desk-who b")).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.parametrize("name", ["screens", "outbox", "people"])
def test_cr_81_a_list_that_cannot_be_read_names_nobody(lists: Lists, name: str) -> None:
    page = lists.seen_by(
        Role.ADMIN, f"/desk/{name}", lambda page: page.route(f"**/api/v1/{name}*", lambda route: route.abort())
    )
    expect(page.locator(".desk-who")).to_contain_text("admin")
    expect(page.locator(".desk-who b")).to_be_hidden()
