"""An agency on a telephone: its work is heard, taken, asked about, proved; what it does is at the desk at once."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count, product
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from liveroom.accounts.links import AgencyLinks, kept_key
from liveroom.domain.requests import Role
from tests.often import some
from tests.rooms.alarm_room import NOON, AlarmRoom
from tests.rooms.staffed import PASSWORD, People
from tests.services.browser import LOAD_MS, pass_silence
from tests.services.browser import faults as broken_rules
from tests.services.listening import kept, listened, told
from tests.services.server import Server
from tests.services.wait import until

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SMALL = """() => [...document.querySelectorAll("button, a, input, textarea")]
  .filter((one) => one.checkVisibility() && one.closest(".desk-bar") === null)
  .map((one) => [one.className || one.textContent, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.height < 43.9 || box.width < 43.9)).map(([name]) => name)"""
WIDER = "() => document.documentElement.scrollWidth > innerWidth"
numbers = count()


class Agencies(AlarmRoom):
    """A served test room in which complaints are forwarded, and what a desk does with them."""

    def order(self, id_: str, name: str, *, role: str = "duty", **fields: object) -> httpx.Response:
        """Give a command on a complaint as it stands."""
        body = {"command_id": f"o{next(numbers)}", "actor": "rina", "role": role, "seen_seq": self.card(id_)["seq"]}
        answer = httpx.post(f"{self.url}/api/v1/complaints/{id_}/{name}", json={**body, **fields}, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer

    def card(self, id_: str) -> dict[str, Any]:
        """The complaint as a desk has it."""
        whole: dict[str, Any] = httpx.get(f"{self.url}/api/v1/complaints/{id_}", timeout=30).json()
        return dict(whole["card"])

    def given(self, name: str, category: str = "jalan_rusak", to: str = "dpupr") -> str:
        """A complaint that was forwarded to an agency."""
        (id_,) = self.receive(name, category=category, description=f"Laporan {name}", address="Jl. Daan Mogot 12")
        self.order(id_, "forward", agency=to)
        return id_

    def link(self, id_: str, agency: str = "dpupr") -> str:
        """The link that an e-mail would bring."""
        with closing(sqlite3.connect(self.server.data / "test.db")) as database:
            (epoch,) = database.execute("select epoch from head").fetchone()
        key, now = kept_key(self.server.data), datetime.fromisoformat(NOON).astimezone(UTC)
        links = AgencyLinks(key=key, epoch=epoch, address=self.url, lasts=timedelta(days=14))
        return str(links.link_for(agency, id_, now))


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agencies]:
    folder = tmp_path_factory.mktemp("agencies")
    line = folder / "time"
    line.write_text(NOON + "\n")
    server = Server(data=folder, env={"LIVEROOM_TIME_FILE": str(line)}).start()
    yield Agencies(server, line)
    if server.process.running:
        server.kill()


@pytest.fixture
def phone(browser: Browser, room: Agencies) -> Iterator[Callable[..., Page]]:
    """Return `open(query="as=dpupr", **context)`: a telephone that shows that agency's page and can be heard."""
    pages: list[Page] = []

    def open_one(query: str = "as=dpupr", **options: Any) -> Page:
        pages.append(listened(browser, f"{room.url}/agency?{query}", **{**PHONE, **options}))
        return pages[-1]

    yield open_one
    for page in pages:
        page.context.close()


def shown(page: Page, id_: str, group: str) -> None:
    """Wait until the list has it in that group."""
    row = page.locator(f'.group[data-group="{group}"] .row[data-id="{id_}"]')
    until(lambda: row.count() == 1, why=f"{id_} under {group}")


def opened(page: Page, id_: str) -> None:
    """Touch a row and wait for its report: a touch is answered later than the call that makes it returns."""
    page.tap(f'.row[data-id="{id_}"] button')
    until(lambda: told(page, "view") == "reading", why=f"{id_} to be open")


def alone(browser: Browser) -> Page:
    """A telephone's page that nobody listens to."""
    context = browser.new_context(**{"locale": "id-ID", **PHONE})
    context.set_default_navigation_timeout(LOAD_MS)
    return context.new_page()


def press(page: Page, act: str, words: str | None = None) -> None:
    """Touch an act's button; with `words` fill its sheet and send it."""
    page.tap(f'.acts [data-act="{act}"]')
    if words is not None:
        page.fill(".sheet textarea", words)
        page.tap(".sheet-send")


def state(room: Agencies, id_: str, wanted: str) -> None:
    until(lambda: room.card(id_)["state"] == wanted, why=f"{id_} to be {wanted}")


def faults(page: Page) -> list[str]:
    """What axe-core finds, and what is too small for a thumb or wider than the screen."""
    found = [*broken_rules(page), *page.evaluate(SMALL)]
    return [*found, "wider than the screen"] if page.evaluate(WIDER) else found


def test_new_work_is_heard_and_seen_accepted_and_begun(room: Agencies, phone: Callable[..., Page]) -> None:
    page, asked = phone(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    until(lambda: page.locator(".sound").get_attribute("data-shown") == "false", why="the page to be allowed a sound")
    assert page.evaluate("window.sounds.length") == 0
    id_ = room.given("baru")
    shown(page, id_, "new")
    until(lambda: page.evaluate("window.sounds.length") == 1, why="one sound")
    assert page.title().startswith("(1)")
    assert "Jalan rusak" in page.locator(".announce").inner_text()
    page.tap(f'.row[data-id="{id_}"] button')
    until(lambda: "Laporan baru" in page.locator(".told").inner_text(), why="what was reported")
    page.locator(".place-map").scroll_into_view_if_needed()
    until(lambda: page.locator(".place-map").get_attribute("data-state") == "there", why="the map of the place")
    assert (page.locator(".place-land.lifted").count(), page.locator(".place-mark .symbol").count()) == (1, 1)
    assert asked and all(url.startswith(room.url) for url in asked)
    press(page, "accept")
    state(room, id_, "accepted")
    press(page, "start")
    state(room, id_, "working")


def test_a_question_its_answer_the_proof_and_why_it_came_back(room: Agencies, phone: Callable[..., Page]) -> None:
    id_, page = room.given("tanya"), phone()
    for name in ("accept", "start"):
        room.order(id_, name, role="agency", actor_agency="dpupr", actor="joko")
    page.tap(f'.row[data-id="{id_}"] button')
    press(page, "ask", "Di seberang mana?")
    until(lambda: room.card(id_)["paused"] == "citizen", why="the clock to stop")
    until(lambda: "Jam berhenti" in page.locator(".status-left").inner_text(), why="the page to say so")
    page.tap(".back")
    shown(page, id_, "waiting")
    room.order(id_, "answer", text="Depan masjid")
    shown(page, id_, "answered")
    page.tap(f'.row[data-id="{id_}"] button')
    until(lambda: page.locator(".notice-text").inner_text() == "Depan masjid", why="the answer")
    press(page, "submit_proof", "Sudah ditambal")
    state(room, id_, "proof_submitted")
    page.tap(".back")
    shown(page, id_, "proof")
    room.order(id_, "send_back", reason="Foto tidak ada")
    shown(page, id_, "back")
    page.tap(f'.row[data-id="{id_}"] button')
    until(lambda: page.locator(".notice-text").inner_text() == "Foto tidak ada", why="why it came back")
    assert page.locator(".notice-title").inner_text() == "Bukti dikembalikan"


def test_declined_it_is_back_at_the_desk_at_once(room: Agencies, phone: Callable[..., Page]) -> None:
    id_, page = room.given("bukan kami"), phone()
    opened(page, id_)
    said = kept(page, ".work-said")
    page.tap('.acts [data-act="decline"]')
    page.tap(".sheet-send")
    until(lambda: page.locator(".sheet-fault").inner_text() == "Isi dahulu.", why="a reason to be required")
    page.fill(".sheet textarea", "Bukan kewenangan")
    page.go_back()
    until(lambda: told(page, "view") == "list", why="the list")
    assert page.locator(".sheet[open]").count() == 0, "words about one complaint never stand over another"
    page.tap(f'.row[data-id="{id_}"] button')
    page.tap('.acts [data-act="decline"]')
    page.locator(".sheet[open]").wait_for()
    assert page.input_value(".sheet textarea") == "Bukan kewenangan"
    page.tap(".preset >> nth=0")
    page.tap(".sheet-send")
    state(room, id_, "received")
    until(lambda: page.locator(f'.row[data-id="{id_}"]').count() == 0, why="it to leave the list")
    assert told(page, "view") == "list"
    until(lambda: said("kembali ke meja"), why="what became of it to be said")
    past = httpx.get(f"{room.url}/api/v1/complaints/{id_}", timeout=30).json()["history"]
    assert [one["text"] for one in past if one["kind"] == "complaint.declined"] == ["Bukan kewenangan kami"]


def test_what_goes_to_somebody_else_leaves_the_page_under_the_eyes(room: Agencies, phone: Callable[..., Page]) -> None:
    id_, other = room.given("pindah"), room.given("milik lain", to="dishub")
    page = phone()
    assert page.locator(f'.row[data-id="{other}"]').count() == 0
    opened(page, id_)
    said = kept(page, ".work-said")
    room.order(id_, "forward", agency="dishub")
    until(lambda: told(page, "view") == "list", why="the report to close")
    assert said("tidak lagi")


def test_the_head_of_an_agency_judges_what_somebody_else_proved(room: Agencies, phone: Callable[..., Page]) -> None:
    id_ = room.given("kepala")
    for name in ("accept", "start", "submit_proof"):
        room.order(id_, name, role="agency", actor_agency="dpupr", actor="joko")
    page = phone("as=dpupr&role=agency_head")
    page.tap(f'.row[data-id="{id_}"] button')
    page.locator('.acts [data-act="validate"]').wait_for()
    page.tap('.acts [data-act="validate"]')
    page.tap(".sheet-send")
    state(room, id_, "done")


@pytest.mark.often
def test_cr_97_cr_98_every_state_of_the_page_is_for_everybody(room: Agencies, phone: Callable[..., Page]) -> None:
    """Rules CR-97 to CR-101: axe-core finds nothing, every target takes a thumb, and the keyboard reaches all."""
    id_, page = room.given("mudah"), phone()
    for wide, lang in some(product((False, True), ("id", "en")), [(False, "id"), (True, "en")]):
        page.set_viewport_size({"width": 1920, "height": 1080} if wide else PHONE["viewport"])
        page.goto(f"{room.url}/agency?as=dpupr&lang={lang}")
        shown(page, id_, "new")
        reached_by_everybody(page, id_)


def reached_by_everybody(page: Page, id_: str) -> None:
    """Its list, a report and a sheet of an act, by keyboard."""
    assert faults(page) == []
    page.locator(f'.row[data-id="{id_}"] button').focus()
    page.keyboard.press("Enter")
    until(lambda: "Laporan" in page.locator(".told").inner_text(), why="what was reported")
    assert faults(page) == []
    page.locator('.acts [data-act="decline"]').focus()
    page.keyboard.press("Enter")
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    until(lambda: told(page, "view") == "list", why="the list again")
    assert page.evaluate("document.activeElement.closest('.row')?.dataset.id") == id_


def test_the_page_behind_a_link_needs_no_account(room: Agencies, browser: Browser) -> None:
    id_, page = room.given("tautan"), alone(browser)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(room.link(id_))
    assert page.url == f"{room.url}/agency/c/{id_}"
    until(lambda: "Laporan tautan" in page.locator(".told").inner_text(), why="what was reported")
    assert faults(page) == []
    press(page, "accept")
    state(room, id_, "accepted")
    page.tap('.acts [data-act="comment"]')
    page.fill(".sheet textarea", "Alat berat besok")
    page.fill(".sheet input[name=name]", "Budi")
    assert faults(page) == []
    page.tap(".sheet-send")
    until(lambda: "Alat berat besok\n– Budi" in page.locator(".history").inner_text(), why="the comment")
    press(page, "submit_proof", "Sudah ditambal")
    state(room, id_, "proof_submitted")
    room.order(id_, "send_back", reason="Foto tidak ada")
    room.order(id_, "forward", agency="dishub")
    page.reload()
    assert page.locator("body").get_attribute("data-link") == "moved"
    assert faults(page) == []
    assert errors == []
    page.context.close()


def test_who_is_logged_in_signs_with_their_own_name(room: Agencies, browser: Browser) -> None:
    id_ = room.given("masuk")
    People(room.server.data, kind="test").add("joko", Role.AGENCY)
    page = alone(browser)
    page.goto(f"{room.url}/login?next=/agency")
    page.fill('[name="username"]', "joko")
    page.fill('[name="password"]', PASSWORD)
    page.press('[name="password"]', "Enter")
    page.wait_for_url(f"{room.url}/agency")
    shown(page, id_, "new")
    assert faults(page) == []
    page.tap(f'.row[data-id="{id_}"] button')
    press(page, "accept")
    state(room, id_, "accepted")
    past = httpx.get(f"{room.url}/api/v1/complaints/{id_}", timeout=30).json()["history"]
    assert [one["actor"] for one in past if one["kind"] == "complaint.accepted"] == ["joko"]
    page.goto(f"{room.url}/desk")
    assert page.locator("body").get_attribute("data-door") == "desk", "no desk of the control room"
    page.context.close()


def test_without_a_server_the_page_says_so(room: Agencies, phone: Callable[..., Page]) -> None:
    """The last of this file: it ends the room."""
    id_, page = room.given("terputus"), phone(clock=True)
    page.tap(f'.row[data-id="{id_}"] button')
    until(lambda: "Laporan" in page.locator(".told").inner_text(), why="what was reported")
    said = kept(page, ".said")
    room.server.kill()
    press(page, "accept")
    until(lambda: said("tidak menjawab"), why="the act to fail openly")
    pass_silence(page)
    until(lambda: told(page, "freshness") == "lost", within=90, why="the data to be called lost")
    assert "TERPUTUS" in page.locator(".agency-lost").inner_text()
    assert faults(page) == []
