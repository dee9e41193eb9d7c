"""The page of the outbox by keyboard in a real browser, on a real server whose agency is away and comes back."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from playwright.sync_api import Page, expect

from liveroom.accounts.links import add_link
from liveroom.courier.worker import courier_of
from liveroom.domain.complaints.intake import Report, Reporter
from liveroom.domain.requests import Command
from liveroom.log.event_log import read_head
from liveroom.room.bootstrap import Start, open_room
from liveroom.runtime.config import load_config
from tests.rooms.post_room import SECRET, AtOnce
from tests.services.browser import WatchedPage, faults
from tests.services.receivers import System
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server, pytest.mark.browser]


class Office:
    """A server whose one agency has a system that is away."""

    def __init__(self, server: Server, time: Path) -> None:
        self.server = server
        self._time = time
        self._key = server.last_word("source", "add", "Lapor")

    def at(self, clock: str) -> None:
        self._time.write_text(f"2026-11-25T{clock}:00Z")

    def forwarded(self, number: str) -> None:
        report = {"source_id": number, "category": "jalan_rusak", "lat": -6.1781, "lon": 106.6319}
        headers = {"Authorization": f"Bearer {self._key}"}
        one = httpx.post(f"{self.server.url}/api/v1/complaints", headers=headers, json=report, timeout=60).json()
        order = {
            "command_id": f"c-{number}",
            "seen_seq": one["seq"],
            "actor": "sari",
            "role": "duty",
            "agency": "dpupr",
        }
        where = f"{self.server.url}/api/v1/complaints/{one['id']}/forward"
        httpx.post(where, json=order, timeout=60).raise_for_status()

    def outbox(self) -> dict[str, Any]:
        return httpx.get(f"{self.server.url}/api/v1/outbox", timeout=60).json()


@pytest.fixture
def office(server: Callable[..., Server], city: Path, system: System, tmp_path: Path) -> Office:
    system.stop()
    time = tmp_path / "time"
    time.write_text("2026-11-25T02:00:00Z")
    env = {"LIVEROOM_CONFIG": str(city), "LIVEROOM_TIME_FILE": str(time), "LIVEROOM_SECRET_HOOK": SECRET}
    one = Office(server(env=env), time)
    one.forwarded("L-1")
    one.forwarded("L-2")
    until(lambda: any(item["tries"] for item in one.outbox()["items"]), within=90, why="a first attempt")
    one.at("02:20")
    until(lambda: one.outbox()["stuck"], within=90, why="the room to see it")
    return one


def known_until_friday(page: Page) -> None:
    """The chosen one is known until an hour that no button offers."""
    page.keyboard.press("k")
    page.keyboard.type("Sari")
    page.keyboard.press("Enter")
    # The next question comes when the first one has closed, which a slow page does later.
    expect(page.locator('[name="reason"]')).to_be_focused()
    page.keyboard.type("mati lampu")
    # Two hours on, by the city's clock.
    expect(page.locator('[name="until"]')).to_have_value("2026-11-25T11:20")
    expect(page.locator(".until-words")).to_have_text("Rabu, 25 November 2026, 11.20")
    page.locator('[name="until"]').fill("2026-11-27T16:45")
    page.locator('[name="reason"]').focus()
    assert faults(page) == []
    page.keyboard.press("Enter")
    expect(page.locator(".delivery").first).to_have_attribute("data-state", "known")
    expect(page.locator(".delivery").first.locator(".how")).to_have_text("diketahui Sari sampai Jumat 16.45")


def linked_lists(page: Page) -> None:
    """What is stuck leads to its own list, whose address shows the same elsewhere, and back again."""
    page.locator(".stuck a").click()
    expect(page.locator(".delivery")).to_have_count(1)
    assert page.url.endswith("/desk/outbox?state=stuck&to=dpupr")
    expect(page.locator('[name="to"]')).to_have_value("dpupr")
    page.locator('[name="to"]').select_option("dishub")
    expect(page.locator(".none")).to_have_text("Tidak ada kiriman seperti ini.")
    page.go_back()
    expect(page.locator(".delivery")).to_have_count(1)
    page.keyboard.press("1")
    page.locator('[name="to"]').select_option("")
    expect(page.locator(".delivery")).to_have_count(2)
    page.locator(".row").first.focus()
    page.keyboard.press("ArrowDown")


def test_cr_97_the_outbox_by_keyboard(office: Office, system: System, open_page: Callable[..., WatchedPage]) -> None:
    watched = open_page(f"{office.server.url}/desk/outbox?lang=en")
    page = watched.page
    seen_by_others(page)
    page.goto(f"{office.server.url}/desk/outbox")
    expect(page.locator(".stuck li")).to_have_text("DPUPR: 2 macet sejak 09.00")
    expect(page.locator(".delivery")).to_have_count(2)
    expect(page.locator(".row").first).to_contain_text("tak terjangkau: tidak ada yang menjawab di alamat penerima")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".delivery").first.locator(".attempts li").first).to_be_visible()
    assert faults(page) == []

    known_until_friday(page)
    expect(page.locator(".stuck li")).to_have_text("DPUPR: 1 macet sejak 09.00", timeout=90_000)
    linked_lists(page)

    system.start()
    page.keyboard.press("r")
    expect(page.locator(".delivery")).to_have_count(0, timeout=90_000)
    expect(page.locator(".none")).to_have_text("Semua penerima sudah menerima.")
    page.keyboard.press("5")
    expect(page.locator('.delivery[data-state="sent"]')).to_have_count(2)
    assert page.url.endswith("/desk/outbox?state=sent")
    assert len(system.ids) == 2
    assert (watched.errors, watched.outside) == ([], [])


@pytest.fixture
def not_called(server: Callable[..., Server], city: Path, tmp_path: Path) -> Server:
    """A room with a gateway that was to call two numbers and called neither; the courier has been round."""
    folder, time = tmp_path / "room-0", tmp_path / "time"
    folder.mkdir()
    time.write_text("2026-11-25T02:00:00Z")
    settings = {**yaml.safe_load(city.read_text()), "data_dir": str(folder)}
    city.write_text(yaml.safe_dump({**settings, "gateway": {"url": "http://127.0.0.1:1/", "secret": SECRET}}))
    config = load_config(city, {})
    start = Start(kind="test", city="tangerang", rate=0, at=datetime(2026, 11, 25, 2, tzinfo=UTC))
    opened = open_room(config, AtOnce(), start)
    for number, phone in (("L-1", "+65 8123 4567"), ("L-2", "0809 1 234567")):
        person = Reporter(phone=phone, email=None, name=None)
        said = Report(source_id=number, category="jalan_rusak", address="Pasar", channel="web", person=person)
        id_ = opened.room.accept(said, source=opened.sources.ensure("lapor", None)).id
        opened.room.log.write(lambda unit, id_=id_: add_link(unit.connection, f"token-{id_}", id_))
        seen = opened.room.log.read(read_head).seq
        fields = {"text": "Besok ditambal"}
        given = {"command_id": number, "actor": "sari", "role": "duty", "seen_seq": seen, "fields": fields}
        opened.room.execute(Command(name="reply", subject=id_, **given))
    courier = courier_of(config, opened)
    assert courier.step(AtOnce())
    courier.release()
    return server(env={"LIVEROOM_CONFIG": str(city), "LIVEROOM_TIME_FILE": str(time)}, data=folder)


NOT_CALLED = {
    "id": ("tidak dikabari 09.00", ("nomor negara lain, tidak dihubungi mesin", "jenis nomor ini tidak dihubungi")),
    "en": ("not told 09:00", ("a number of another country, not called", "a kind of number that no machine calls")),
}


def test_a_number_that_is_not_called_is_said_in_words_and_never_said_to_be_through(
    not_called: Server, open_page: Callable[..., WatchedPage]
) -> None:
    page = open_page(f"{not_called.url}/desk/outbox").page
    rows = page.locator(".delivery")
    for lang, (given_up, why) in NOT_CALLED.items():
        page.goto(f"{not_called.url}/desk/outbox?state=sent&lang={lang}")
        expect(rows).to_have_count(2)
        for index, words in enumerate(reversed(why)):
            expect(rows.nth(index).locator(".how")).to_have_text(given_up)
            expect(rows.nth(index).locator(".last")).to_contain_text(words)
        rows.first.locator(".row").click()
        expect(rows.first.locator(".attempts li")).to_contain_text(why[1])
        assert "1234567" not in page.content()
        if lang == "id":  # English: seen_by_others
            assert faults(page) == []


def seen_by_others(page: Page) -> None:
    """In English and on a telephone nothing is at fault either."""
    expect(page.locator(".stuck li")).to_have_text("DPUPR: 2 stuck since 09:00")
    page.locator(".row").first.click()
    for width, height in ((390, 844), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
