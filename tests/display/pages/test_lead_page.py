"""Leadership on a telephone: numbers lead down to the complaint, a question is at the desk at once, nobody is in it."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Error, Page, Response, WebSocket

from tests.display.pages.test_agency_page import PHONE, Agencies, faults
from tests.often import some
from tests.services.browser import LOAD_MS
from tests.services.desk_hands import DeskHands
from tests.services.listening import told
from tests.services.server import Server
from tests.services.wait import until

LATER = "2026-11-27T05:00:00Z"
STILL = {"viewport": {"width": 1280, "height": 720}, "reduced_motion": "reduce"}
PERSON = {"name": "Ratna Dewi", "phone": "081234567890", "email": "ratna@surat.example"}
SECRETS = ("Ratna", "81234567890", "ratna@", "rahasia sekali", "Jalan Sembunyi")


class Heard:
    """Everything that a page received, as text."""

    def __init__(self, page: Page) -> None:
        self.text: list[str] = []
        page.on("response", self._answer)
        page.on("websocket", self._socket)

    def _answer(self, response: Response) -> None:
        kind = response.headers.get("content-type", "")
        if response.ok and ("json" in kind or "html" in kind):
            # What is still to come when the page goes elsewhere never reaches it.
            with suppress(Error):
                self.text.append(response.text())

    def _socket(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.text.append(str(frame)))

    def secrets(self) -> list[str]:
        everything = "".join(self.text)
        return [word for word in SECRETS if word in everything]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agencies]:
    """Three days after a morning of which one is late, one private and late, one closed without proof."""
    folder = tmp_path_factory.mktemp("lead")
    line = folder / "time"
    line.write_text("2026-11-24T05:00:00Z\n")
    server = Server(data=folder, env={"LIVEROOM_TIME_FILE": str(line)}).start()
    yield Agencies(server, line)
    server.kill()


@pytest.fixture(scope="module")
def ids(room: Agencies) -> dict[str, str]:
    found = {"late": room.given("terlambat"), "unproved": room.given("tanpa bukti")}
    said = {"description": "rahasia sekali", "address": "Jalan Sembunyi 1", "person": PERSON}
    (found["private"],) = room.receive("pribadi", category="kekerasan", **said)
    room.receive("orang", category="jalan_rusak", description="Lubang", person=PERSON)
    room.order(found["unproved"], "close", role="supervisor", reason="menurut telepon")
    room.at(LATER)
    until(lambda: bool(room.card(found["late"])["overdue"]), why="it to be late")
    return found


@pytest.fixture
def lead(browser: Browser, room: Agencies) -> Iterator[Callable[..., Page]]:
    """Return `open(query="", **context)`: leadership's page on a telephone, live and with its numbers."""
    pages: list[Page] = []

    def open_one(query: str = "", **options: Any) -> Page:
        page = browser.new_context(**{"locale": "id-ID", **PHONE, **options}).new_page()
        pages.append(page)
        page.set_default_navigation_timeout(LOAD_MS)
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.heard = Heard(page)  # type: ignore[attr-defined]
        page.goto(f"{room.url}/lead?{query}")
        until(lambda: told(page, "freshness") == "live", why="the page to be live")
        until(lambda: page.locator(".how .mid").first.inner_text() not in ("", "–"), why="the numbers")
        return page

    yield open_one
    for page in pages:
        page.context.close()


def shows(page: Page, selector: str, words: str) -> None:
    until(lambda: words in page.locator(selector).first.inner_text(), why=f"{words!r} in {selector}")


def test_a_number_leads_down_to_the_complaint_and_a_question_is_at_the_desk(
    room: Agencies, ids: dict[str, str], lead: Callable[..., Page], browser: Browser
) -> None:
    page = lead()
    assert int(page.locator(".late .show").inner_text()) >= 1
    assert faults(page) == []
    page.tap(".late .show")
    page.locator(f'.rows .row[data-id="{ids["late"]}"]').wait_for()
    assert "DPUPR" in page.locator(f'.row[data-id="{ids["late"]}"] .row-who').inner_text()
    assert "belum diterima OPD" in page.locator(f'.row[data-id="{ids["late"]}"] .row-who').inner_text()
    assert faults(page) == []
    page.tap(f'.rows .row[data-id="{ids["late"]}"] a')
    shows(page, ".told", "Laporan terlambat")
    shows(page, ".status-left", "Terlambat")
    shows(page, ".history", "Diteruskan ke")
    page.tap('[data-act="ask"]')
    page.fill(".sheet textarea", "Mengapa belum diterima?")
    assert faults(page) == []
    page.go_back()
    page.wait_for_selector(".sheet:not([open])", state="attached")
    page.go_forward()
    page.tap('[data-act="ask"]')
    assert page.input_value(".sheet textarea") == "Mengapa belum diterima?"
    page.tap(".sheet-send")
    shows(page, ".notice-text", "Mengapa belum diterima?")
    due = room.card(ids["late"])
    assert (due["answer_by"], due["overdue"]) == ("2026-11-27T09:00:00Z", True)
    answered(room, ids["late"], page, DeskHands(browser, f"{room.url}/desk", "Rina", **STILL))


def answered(room: Agencies, id_: str, page: Page, desk: DeskHands) -> None:
    """The desk has the question with its time; late it says so; the agency's comment ends it everywhere."""
    until(lambda: "jawab sebelum" in desk.row(id_).inner_text(), why="the question at the desk")
    room.at("2026-11-27T10:00:00Z")
    until(lambda: "jawaban terlambat" in desk.row(id_).inner_text(), why="the desk to say it is late")
    page.goto(f"{room.url}/lead?list=asked")
    shows(page, f'.row[data-id="{id_}"] .row-asked', "Jawaban terlambat")
    room.order(id_, "comment", role="agency", actor_agency="dpupr", actor="joko", text="Alat rusak")
    until(lambda: page.locator(".rows .row").count() == 0, why="the answered one to leave the list")
    assert room.card(id_)["answer_by"] is None
    desk.close()


def test_what_was_closed_without_proof_is_counted_and_listed(ids: dict[str, str], lead: Callable[..., Page]) -> None:
    page = lead()
    link = page.locator('.how a[href*="list=unproved"]')
    until(lambda: link.inner_text() == "1", why="one without proof")
    link.tap()
    page.locator(f'.rows .row[data-id="{ids["unproved"]}"] a').tap()
    shows(page, ".history", "Ditutup TANPA BUKTI")
    assert "open=" in page.url
    page.tap(".reading .back")
    page.locator(".rows .row").first.wait_for()
    page.tap(".lead-list .back")
    until(lambda: told(page, "view") == "numbers", why="the numbers again")


def test_the_head_of_an_agency_sees_their_own_alone(ids: dict[str, str], lead: Callable[..., Page]) -> None:
    page = lead("as=dishub")
    assert page.locator(".agency-name").inner_text() == "Dishub"
    assert page.locator(".late .show").inner_text() == "0"
    assert not page.locator(".scope").is_visible()
    text = "".join(page.heard.text)  # type: ignore[attr-defined]
    assert [name for name, id_ in ids.items() if id_ in text] == []


def test_no_person_and_no_private_word_reaches_the_page(
    room: Agencies, ids: dict[str, str], lead: Callable[..., Page]
) -> None:
    page = lead(f"list=open&open={ids['private']}")
    until(lambda: page.locator(".history-line").count() > 0, why="its history")
    for id_ in ids.values():
        page.goto(f"{room.url}/lead?open={id_}")
        until(lambda: page.locator(".history-line").count() > 0, why="its history")
    assert page.heard.secrets() == []  # type: ignore[attr-defined]
    for role in ("leadership", "supervisor"):
        answer = httpx.get(f"{room.url}/api/v1/lead/complaints/{ids['private']}?role={role}", timeout=30)
        assert [word for word in SECRETS if word in json.dumps(answer.json(), ensure_ascii=False)] == []
    everybody = httpx.get(f"{room.url}/api/v1/complaints/{ids['private']}", timeout=30).text
    assert "rahasia sekali" in everybody, "the desk reads it"


@pytest.mark.often
@pytest.mark.parametrize("lang", some(["id", "en"], ["en"]))
def test_cr_97_cr_98_on_a_large_screen_by_keyboard(ids: dict[str, str], lead: Callable[..., Page], lang: str) -> None:
    """Rules CR-97 to CR-101: axe-core finds nothing and the keyboard reaches all."""
    page = lead(f"lang={lang}", viewport={"width": 1920, "height": 1080}, has_touch=False, is_mobile=False)
    page.locator(f'.rows .row[data-id="{ids["late"]}"] a').wait_for()
    assert faults(page) == []
    page.locator('.how a[href*="list=unproved"]').focus()
    page.keyboard.press("Enter")
    page.locator(f'.rows .row[data-id="{ids["unproved"]}"] a').focus()
    page.keyboard.press("Enter")
    page.locator(".history-line").first.wait_for()
    assert faults(page) == []
    page.keyboard.press("Escape")
    until(lambda: page.evaluate("document.activeElement.closest('.row')?.dataset.id") == ids["unproved"], why="its row")
