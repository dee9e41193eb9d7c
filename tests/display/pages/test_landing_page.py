"""The landing page: the wall in small for whoever may see it, a sample for everybody else, and a door for each."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import expect

from liveroom.domain.requests import Role
from tests.rooms.staffed import PASSWORD, People
from tests.services.browser import WatchedPage, faults, pass_silence
from tests.services.frozen import frozen
from tests.services.server import UNTRUSTED, Server

pytestmark = [pytest.mark.server, pytest.mark.browser]
Open = Callable[..., WatchedPage]
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    one = Server(data=tmp_path_factory.mktemp("landing"), env=UNTRUSTED).start()
    People(one.data).add("rina", Role.DUTY)
    yield one
    one.kill()


def test_a_stranger_sees_a_sample_that_says_so_and_all_doors(room: Server, open_page: Open) -> None:
    page = open_page(f"{room.url}/", viewport=PHONE).page
    assert page.locator("iframe").count() == 0
    expect(page.locator(".strip")).to_contain_text("DATA CONTOH")
    assert page.evaluate("document.querySelector('img.small').naturalWidth") > 0
    doors = page.locator(".door").evaluate_all("all => all.map(one => one.pathname)")
    assert doors == ["/wall", "/desk", "/agency", "/lead", "/lapor"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert faults(page) == []


def test_who_may_see_the_wall_sees_it_live_and_the_sentence_says_its_figures(room: Server, open_page: Open) -> None:
    address, size = f"{room.url}/login?next=/account?lang=id", {"width": 1366, "height": 768}
    page = open_page(address, lambda page: page.clock.install(), viewport=size, reduced_motion="reduce").page
    page.fill("#username", "rina")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{room.url}/account**")
    page.goto(f"{room.url}/")
    wall = page.frame_locator("iframe.small")
    expect(wall.locator("html")).to_have_attribute("data-freshness", "live")
    expect(page.locator(".strip")).to_have_count(0)
    expect(page.locator(".today")).to_contain_text("Hari ini 0 masuk")
    key = room.last_word("source", "add", "lapor")
    report = {"source_id": "1", "category": "jalan_rusak", "lat": -6.1783, "lon": 106.6319}
    answer = httpx.post(f"{room.url}/api/v1/complaints", json=report, headers={"Authorization": f"Bearer {key}"})
    assert answer.is_success, answer.text
    expect(page.locator(".today")).to_contain_text("Hari ini 1 masuk: 1 menunggu, 0 dalam proses")
    assert faults(page) == []
    # A picture of the wall is no screen of the room; by now it would have reported.
    shown = page.evaluate("fetch('/api/v1/screens').then((answer) => answer.json())")
    assert shown["pages"] == []
    with frozen(room.process.pid):
        pass_silence(page)
        expect(page.locator(".today")).to_contain_text("Hari ini – masuk", timeout=30_000)


def test_nobody_else_s_page_may_frame_ours_and_only_the_landing_page_has_a_frame(room: Server) -> None:
    asked = {path: httpx.get(room.url + path) for path in ("/", "/wall", "/login", "/desk")}
    policies = {path: answer.headers["Content-Security-Policy"] for path, answer in asked.items()}
    framing = {path: [one for one in said.split("; ") if one.startswith("frame-")] for path, said in policies.items()}
    assert framing == {
        "/": ["frame-src 'self'", "frame-ancestors 'none'"],
        "/wall": ["frame-ancestors 'self'"],
        "/login": ["frame-ancestors 'none'"],
        "/desk": ["frame-ancestors 'none'"],
    }
