"""Telephones behind one address, in real browsers: with a script each is heard, without one a stricter limit holds."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from playwright.sync_api import Browser, Page, Request, expect

from liveroom.accounts.links import LASTS, LEAST
from liveroom.runtime.time import system_now
from tests.display.citizens.test_report_page import PHONE, fill, ready, send
from tests.rooms.sending import standing
from tests.services.browser import LOAD_MS
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server, pytest.mark.browser]
SETTINGS = """
city: tangerang
server: {behind_proxy: true}
public: {emergency: "112", forms: {plain: 1, effort: 1, effort_most: 4, crowd: 1}}
"""
OVER = """(ticket) => new Promise((done) => {
  const asked = indexedDB.open("lapor");
  asked.onsuccess = () => {
    const shelf = asked.result.transaction("unsent", "readwrite").objectStore("unsent");
    shelf.getAll().onsuccess = ({ target }) => {
      for (const report of target.result) shelf.put({ ...report, ticket });
    };
    shelf.transaction.oncomplete = () => done(asked.result.close());
  };
})"""
_addresses = count(1)
Phone = Callable[..., Page]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("crowd")
    config = folder / "config.yaml"
    config.write_text(SETTINGS)
    server = Server(data=folder, env={**standing(folder), "LIVEROOM_CONFIG": str(config)}).start()
    yield server
    server.kill()


@pytest.fixture
def phone(browser: Browser, room: Server) -> Iterator[Phone]:
    """Return `phone(**options)`: the form on a telephone of its own; all of a test are behind one address."""
    contexts, address = [], f"203.0.113.{next(_addresses)}"

    def one(**options: object) -> Page:
        seen_from = {"extra_http_headers": {"X-Forwarded-For": address}}
        context = browser.new_context(**{**PHONE, **seen_from, **options})  # type: ignore[arg-type]
        context.set_default_navigation_timeout(LOAD_MS)
        contexts.append(context)
        page = context.new_page()
        page.goto(room.url + "/lapor")
        return page

    yield one
    for context in contexts:
        context.close()


def number(page: Page) -> str:
    return page.locator(".number").inner_text()


def test_each_with_a_script_is_heard_and_without_one_the_stricter_limit_holds(phone: Phone) -> None:
    """Also a page that solved too little for a crowd: it solves more, and nothing is lost."""
    early = ready(phone())
    answers = list[int]()
    early.on("response", lambda answer: answers.append(answer.status) if answer.request.method == "POST" else None)
    sent = list[str]()
    for who in range(2):
        page = ready(phone())
        fill(page, f"Air setinggi lutut, warga {who}")
        send(page)
        sent.append(number(page))
    assert len(set(sent)) == 2
    fill(early, "Ditulis sebelum ramai")
    send(early)
    assert answers == [409, 201]
    expect(early.locator(".own")).to_have_text("Ditulis sebelum ramai")
    plain = phone(java_script_enabled=False)
    fill(plain, "Tanpa skrip, pertama")
    _old_enough(plain)
    send(plain)
    plain.goto(plain.url.partition("/s/")[0])
    fill(plain, "Tanpa skrip, kedua")
    _old_enough(plain)
    plain.get_by_role("button", name="Kirim laporan").click()
    expect(plain.get_by_role("alert")).to_contain_text("Kirim lagi dalam")
    expect(plain.get_by_label("Ceritakan")).to_have_value("Tanpa skrip, kedua")
    expect(plain.get_by_role("link", name="Telepon 112")).to_be_visible()


def _old_enough(page: Page) -> None:
    given = datetime.fromtimestamp(float(page.locator("#report").get_attribute("data-given") or 0), UTC)
    until(lambda: system_now() - given > LEAST + timedelta(seconds=1), why="the ticket to be old enough")


def test_a_browser_that_can_solve_nothing_sends_by_the_stricter_limit_and_keeps_what_is_too_much(phone: Phone) -> None:
    page = ready(phone())
    page.context.route("**/puzzle_worker.js", lambda route: route.abort())
    page.reload()
    fill(ready(page), "Tanpa pekerja")
    send(page)
    page.goto(page.url.partition("/s/")[0])
    fill(ready(page), "Satu terlalu banyak")
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.locator("#waiting")).to_contain_text("Belum terkirim: 1 laporan")
    expect(page.get_by_role("link", name="Telepon 112")).to_be_visible()
    # The next time it can: what was kept goes by what it solved.
    page.context.unroute("**/puzzle_worker.js")
    page.reload()
    link = ready(page).locator("#sent a").first
    expect(link).to_be_visible()
    expect(page.locator("#waiting")).to_be_hidden()
    link.click()
    expect(page.locator(".own")).to_have_text("Satu terlalu banyak")


def test_a_kept_report_whose_ticket_is_over_gets_a_fresh_one_solved_and_is_sent_once(
    phone: Phone, room: Server
) -> None:
    page = ready(phone())
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.context.set_offline(True)
    fill(page, "Ditulis kemarin tanpa sinyal")
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.locator("#waiting")).to_contain_text("Belum terkirim: 1 laporan")
    page.evaluate(OVER, _over(room.data))
    posts = list[Request]()
    page.on("request", lambda request: posts.append(request) if request.method == "POST" else None)
    page.context.set_offline(False)
    link = page.locator("#sent a")
    expect(link).to_be_visible()
    expect(page.locator("#waiting")).to_be_hidden()
    bodies = [request.post_data or "" for request in posts]
    assert all("solution=" in body and "solution=&" not in body + "&" for body in bodies)
    assert [answer.status for request in posts if (answer := request.response())] == [409, 201]
    expect(link).to_have_count(1)
    link.click()
    expect(page.locator(".own")).to_have_text("Ditulis kemarin tanpa sinyal")


def _over(data: Path) -> str:
    """A ticket of this room, signed as long ago as none is good any more."""

    class Yesterday(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - int(LASTS.total_seconds()) - 60

    key = (data / "link.key").read_text("ascii").strip()
    with closing(sqlite3.connect(data / "test.db")) as base:
        (epoch,) = base.execute("SELECT epoch FROM head").fetchone()
    return str(URLSafeTimedSerializer(key, salt=f"citizen-ticket:{epoch}", signer=Yesterday).dumps("bits"))
