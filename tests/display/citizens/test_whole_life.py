"""One complaint's whole life in real browsers and real letters: citizen, agency, two officers and the wall."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.display.citizens.test_report_page import fill, ready, send
from tests.display.pages.test_agency_page import PHONE, Agencies, faults, press, state
from tests.display.pages.test_life_of_a_proof import chosen, files, jpeg
from tests.often import SOAKING
from tests.rooms.altered import cropped
from tests.rooms.sending import standing
from tests.rooms.street import View, street
from tests.services.desk_hands import DeskHands
from tests.services.listening import listened, told
from tests.services.receivers import Mailbox
from tests.services.server import ROOT, Server
from tests.services.wait import until

pytestmark = [pytest.mark.long, pytest.mark.server, pytest.mark.browser]
STILL = {"viewport": {"width": 1280, "height": 720}, "reduced_motion": "reduce"}
CITIZEN, AGENCY = "warga@example.org", "dpupr@tangerang.example"
BEFORE, CHEAT, AFTER, AGAIN = range(4)
HANDLED = ["Diterima dinas", "Mulai dikerjakan", "Selesai"]
LOADED = "() => [...document.querySelectorAll('.large-shown')].map((one) => one.naturalWidth > 0)"
CODES = "(all) => all.map((one) => one.dataset.code)"


@pytest.fixture
def room(mailbox: Mailbox, tmp_path: Path) -> Iterator[Agencies]:
    mail = {"host": "127.0.0.1", "port": mailbox.port, "security": "none", "sender": "ruang@kota.example"}
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({**yaml.safe_load((ROOT / "config.yaml").read_text()), "mail": mail}))
    server = Server(data=tmp_path, env={**standing(tmp_path), "LIVEROOM_CONFIG": str(config)}).start()
    yield Agencies(server, tmp_path / "time")
    server.kill()


@pytest.fixture
def telephone(browser: Browser) -> Iterator[BrowserContext]:
    """One on which both the citizen and the agency look: their links alone tell them apart."""
    with browser.new_context(**PHONE, locale="id-ID") as context:
        yield context


class Cut:
    """The network of a phone that breaks off in the middle: one piece arrives, the next ones do not."""

    def __init__(self, page: Page) -> None:
        self.pieces, self.broken = 0, True
        page.route("**/uploads/*", self)

    def __call__(self, route: Route) -> None:
        """Let the first piece through."""
        self.pieces += route.request.method == "PATCH"
        if self.broken and self.pieces > 1:
            route.abort()
        else:
            route.continue_()


def broken_off(page: Page, cut: Cut, file: Path) -> None:
    """The upload stops in the middle, says so, and is not taken for proof."""
    assert file.stat().st_size > 600_000, "one piece would do"
    press(page, "submit_proof")
    assert faults(page) == []
    chosen(page, file)
    files(page, "broken")
    assert "Tidak ada jaringan" in page.locator(".proof-words").inner_text()
    assert 0 < page.locator(".proof-bar").evaluate("(bar) => bar.value") < file.stat().st_size
    page.tap(".sheet-send")
    expect(page.locator(".sheet-fault")).to_contain_text("Tunggu")
    assert cut.pieces > 1


def gone_on_with(page: Page, cut: Cut, file: Path) -> None:
    """After a reload the same file goes on where it was."""
    page.reload()
    cut.broken = False
    offsets: list[str] = []
    page.on("request", lambda one: offsets.append(one.headers.get("upload-offset", "")))
    press(page, "submit_proof")
    chosen(page, file)
    files(page, "ready")
    sent = [int(offset) for offset in offsets if offset]
    assert sent, "nothing was sent"
    assert min(sent) > 0, "it began anew"
    page.fill(".sheet textarea", "Sudah ditambal")
    page.tap(".sheet-send")


def proved_with(page: Page, file: Path, content: bytes) -> None:
    """A proof of one new photo, without words."""
    press(page, "submit_proof")
    chosen(page, file, content, way="take_photo")
    files(page, "ready")
    page.tap(".sheet-send")


def compared(desk: DeskHands, proof: Locator) -> None:
    """The gravest finding stands first; its twin opens beside it."""
    until(lambda: proof.locator('[data-code="own_picture"]').count() == 1, why="the finding beside the proof")
    codes = proof.locator(".proof-finding").evaluate_all("(all) => all.map((one) => one.dataset.code)")
    assert codes == ["own_picture", "no_time", "no_place"]
    assert "Sangat mirip foto pelapor sendiri" in proof.inner_text()
    proof.locator(".proof-compare").click()
    until(lambda: desk.page.evaluate(LOADED) == [True, True], why="both pictures large")
    assert desk.faults() == []
    desk.page.keyboard.press("Escape")


class Life:
    """Who acts on the one complaint of a room, with what they have in their hands; ``id`` once a desk has it."""

    def __init__(self, room: Agencies, mailbox: Mailbox, telephone: BrowserContext, folder: Path) -> None:
        self.room, self._mailbox, self._folder, self.id = room, mailbox, folder, ""
        # Proofs before the one that the next officer looks at.
        self.earlier = 0
        self.errors: list[str] = []
        telephone.on("weberror", lambda fault: self.errors.append(str(fault.error)))
        self.citizen, self.agency = telephone.new_page(), telephone.new_page()

    def photo(self, which: int) -> Path:
        """What stands before a lens: the damage, the citizen's own picture as a cheat, the work, the work again."""
        picture = street(40 if which in (BEFORE, CHEAT) else 40 + which, View())
        content = jpeg(cropped(picture, 0.05).resize((2000, 1500)), 99) if which == CHEAT else jpeg(picture)
        file = self._folder / f"{which}.jpg"
        file.write_bytes(content)
        return file

    def link(self, to: str, told_of: str) -> str:
        """The link of a letter to somebody, once it is there."""

        def letters() -> list[str]:
            mine = [one for one in self._mailbox.messages if to in str(one["To"]) and told_of in str(one["Subject"])]
            return [body.get_content() for one in mine if (body := one.get_body(("plain",))) is not None]

        text = until(letters, within=120, why=f"a letter to {to}: {told_of}")[0]
        found = re.search(r"http://\S+", text)
        assert found, text
        return found[0]

    def subjects(self) -> list[str]:
        """What the citizen's letters were about, in the order of their coming."""
        mine = [one for one in self._mailbox.messages if CITIZEN in str(one["To"])]
        return [str(one["Subject"]).rpartition(" · ")[2] for one in mine]

    def taken_up(self, link: str) -> None:
        """The agency opens its link, accepts and begins."""
        self.agency.goto(link)
        assert self.agency.url == f"{self.room.url}/agency/c/{self.id}"
        for act, into in (("accept", "accepted"), ("start", "working")):
            press(self.agency, act)
            state(self.room, self.id, into)

    def proved(self, which: int) -> None:
        """The agency sends a photo of its work."""
        file = self.photo(which)
        proved_with(self.agency, file, file.read_bytes())
        state(self.room, self.id, "proof_submitted")

    def judged(self, browser: Browser, name: str, *keys: str, into: str, cheat: bool = False) -> None:
        """An officer looks at both pictures and presses keys; ``cheat``: the proof is found to be the citizen's own."""
        with closing(DeskHands(browser, f"{self.room.url}/desk?id={self.id}", name, **STILL)) as desk:
            until(lambda: desk.page.locator(".proof-side").count() == 2, within=90, why="both pictures")
            findings = desk.page.locator(".proof-side").nth(1).locator(".proof-finding")
            until(
                lambda: (codes := findings.evaluate_all(CODES)) and ("own_picture" in codes) is cheat,
                within=90,
                why=f"what was found in the proof, a cheat: {cheat}",
            )
            if cheat:
                compared(desk, desk.page.locator(".proof-side").nth(1))
            expect(desk.page.locator(".proof-side").nth(1).locator(".proof-earlier")).to_have_count(self.earlier)
            desk.walk_to(self.id)
            desk.press(*keys)
            state(self.room, self.id, into)


def reported(life: Life) -> None:
    """With a photo and an address for letters."""
    page = life.citizen
    page.goto(f"{life.room.url}/lapor")
    ready(page).locator("#photo-file").set_input_files(life.photo(BEFORE))
    fill(page)
    page.locator("summary", has_text="Cara menghubungi").tap()
    page.get_by_label("E-mail").fill(CITIZEN)
    expect(page.locator(".shot progress")).to_be_hidden(timeout=90_000)
    send(page)


def forwarded(life: Life, browser: Browser) -> None:
    """By two keys, to the agency that the room suggests."""
    with closing(DeskHands(browser, f"{life.room.url}/desk", "Sari", **STILL)) as desk:
        rows = desk.page.locator(".queue-row")
        until(lambda: rows.count() == 1, within=90, why="the report at the desk")
        life.id = rows.get_attribute("data-id") or ""
        desk.walk_to(life.id)
        desk.press("f", "Enter")
        state(life.room, life.id, "forwarded")


def proved_after_a_cut(life: Life) -> None:
    """The network breaks off in the middle of the file; it goes on where it was."""
    cut, file = Cut(life.agency), life.photo(CHEAT)
    broken_off(life.agency, cut, file)
    gone_on_with(life.agency, cut, file)
    state(life.room, life.id, "proof_submitted")


def reopened(page: Page) -> None:
    """The citizen sees the work in the page of the letter, and says that it is not done."""
    assert page.locator("html").get_attribute("data-status") == "done"
    shown = page.get_by_alt_text("Foto hasil pekerjaan")
    shown.scroll_into_view_if_needed()
    until(lambda: shown.evaluate("(one) => one.naturalWidth") > 0, why="the picture of the work")
    page.locator("summary", has_text="Belum selesai").tap()
    page.get_by_label("Apa yang belum selesai").fill("Berlubang lagi")
    page.get_by_role("button", name="Buka kembali").tap()
    expect(page.locator(".said")).to_have_text("Laporan dibuka kembali.")


@pytest.mark.often
def test_a_complaint_from_the_citizen_s_telephone_to_done_reopened_and_done_again(
    browser: Browser, room: Agencies, mailbox: Mailbox, telephone: BrowserContext, tmp_path: Path
) -> None:
    life = Life(room, mailbox, telephone, tmp_path)
    reported(life)
    wall = listened(browser, f"{room.url}/wall?scene=map", **STILL)
    until(lambda: (told(wall, "waiting"), told(wall, "done")) == ("1", "0"), within=90, why="it to wait on the wall")
    forwarded(life, browser)
    life.taken_up(life.link(AGENCY, "W-"))
    proved_after_a_cut(life)
    life.judged(browser, "Sari", "s", "2", "Enter", into="working", cheat=True)
    life.earlier = 1
    expect(life.agency.locator(".notice-text")).to_contain_text("Bukan tempat yang sama", timeout=90_000)
    life.proved(AFTER)
    life.judged(browser, "Budi", "v", "Enter", into="done")
    until(lambda: told(wall, "done") == "1", within=90, why="it to be green on the wall")
    life.citizen.goto(life.link(CITIZEN, "Selesai"))
    reopened(life.citizen)
    until(lambda: told(wall, "done") == "0", within=90, why="it to be no longer green")
    again = life.link(AGENCY, "Dibuka kembali")
    letters = ["Laporan diterima", "Diteruskan", *HANDLED, "Dibuka kembali"]
    if SOAKING:  # the same once more, by the same hands
        life.taken_up(again)
        life.proved(AGAIN)
        life.judged(browser, "Budi", "v", "Enter", into="done")
        until(lambda: told(wall, "done") == "1", within=90, why="it to be green again")
        life.citizen.reload()
        assert life.citizen.locator("html").get_attribute("data-status") == "done"
        letters += HANDLED
    until(lambda: life.subjects() == letters, within=90, why="every letter to the citizen, once and in order")
    wall.context.close()
    assert life.errors == []
