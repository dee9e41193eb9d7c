"""What goes wrong on a telephone: an answer that is cut, the way back, a photo that is none, a kept report refused."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.display.citizens.test_report_page import PHONE, fill, ready, send
from tests.rooms.sending import standing
from tests.services.browser import LOAD_MS
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server, pytest.mark.browser]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("hardships")
    server = Server(data=folder, env=standing(folder)).start()
    yield server
    server.kill()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(**PHONE) as context:  # type: ignore[arg-type]
        context.set_default_navigation_timeout(LOAD_MS)
        yield context


@pytest.fixture
def page(phone: BrowserContext, room: Server) -> Page:
    one = phone.new_page()
    one.goto(f"{room.url}/lapor")
    return ready(one)


@pytest.fixture
def told(room: Server) -> Callable[[str], int]:
    """How many reports say these words."""

    def count(words: str) -> int:
        found = httpx.get(f"{room.url}/api/v1/complaints", params={"q": words, "role": "duty"}, timeout=30).json()
        return len(found["items"])

    return count


def test_a_report_whose_answer_was_cut_is_sent_later_and_still_one(page: Page, told: Callable[[str], int]) -> None:
    cut, again = list[str](), list[Route]()

    def once(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
        elif cut:
            again.append(route)
        else:
            route.fetch(timeout=60_000)
            cut.append(route.request.url)
            route.abort("connectionreset")

    page.route("**/lapor", once)
    fill(page, "Jawaban terpotong sekali")
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.locator("#state")).to_contain_text("BELUM terkirim", timeout=30_000)
    # Until here it says so; what is sent later takes the words away, however soon that is.
    until(lambda: page.evaluate("1") and again, why="the page to send it later")
    again[0].continue_()
    expect(page.locator("#sent a")).to_be_visible(timeout=30_000)
    assert cut
    assert told("terpotong") == 1


def test_whoever_goes_back_and_writes_something_else_has_sent_two(page: Page, told: Callable[[str], int]) -> None:
    fill(page, "Pertama terkirim baik")
    send(page)
    first = page.locator(".number").inner_text()
    page.go_back()
    expect(ready(page).get_by_label("Ceritakan")).to_have_value("")
    fill(page, "Kedua terkirim pula")
    send(page)
    assert page.locator(".number").inner_text() != first
    assert (told("pertama"), told("kedua")) == (1, 1)
    # Their private link is read at twice the size of letters too.
    page.set_viewport_size({"width": 195, "height": 422})
    box = page.locator(".number").bounding_box()
    assert box
    assert box["height"] < 80, "the number stands on two lines at most"


def test_a_photo_that_is_too_large_is_said_so_and_the_words_go_without_it(page: Page, tmp_path: Path) -> None:
    whole = tmp_path / "a.jpg"
    whole.write_bytes(b"\xff\xd8" + bytes(12_100_000))
    page.locator("#photo-file").set_input_files(whole)
    expect(page.locator("#photo")).to_contain_text("Foto ini tidak bisa dipakai", timeout=30_000)
    expect(page.locator(".shot")).to_have_count(0)
    fill(page, "Tanpa foto yang terlalu besar")
    send(page)


def test_where_there_is_no_room_for_photos_it_is_said_so_and_the_words_go_without_them(
    server: Callable[..., Server], phone: BrowserContext, tmp_path: Path
) -> None:
    settings = tmp_path / "config.yaml"
    settings.write_text("city: tangerang\nmedia: {public_day_mb: 1}\n", encoding="utf-8")
    narrow, page = server(env={**standing(tmp_path), "LIVEROOM_CONFIG": str(settings)}), phone.new_page()
    page.goto(f"{narrow.url}/lapor")
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8" + bytes(1_100_000)}
    ready(page).locator("#photo-file").set_input_files(photo)
    expect(page.locator("#photo")).to_contain_text("Laporan tetap bisa dikirim tanpa foto", timeout=30_000)
    expect(page.locator(".shot")).to_have_count(0)
    fill(page, "Tanpa foto karena penuh")
    send(page)


def stands(page: Page) -> tuple[int, int]:
    """Where the mark stands on the map, wherever the page is scrolled to."""
    here, ground = page.locator(".ground .here").bounding_box(), page.locator(".ground").bounding_box()
    assert here and ground
    return round(here["x"] - ground["x"]), round(here["y"] - ground["y"])


def test_the_map_shows_the_place_that_the_form_has_and_no_other(page: Page, phone: BrowserContext) -> None:
    phone.grant_permissions(["geolocation"])
    phone.set_geolocation({"latitude": -6.1783, "longitude": 106.6319})
    page.get_by_role("button", name="Pakai lokasi ponsel saya").click()
    expect(page.locator("#place")).to_contain_text("Tangerang · tepat")
    page.get_by_role("button", name="Betulkan di peta").click()
    expect(page.locator(".ground .here")).to_be_visible(timeout=30_000)
    where = stands(page)
    page.locator(".ground").click(position={"x": 200, "y": 200})
    expect(page.locator("#place")).to_contain_text("titik di peta")
    assert stands(page) != where
    page.get_by_role("button", name="Pakai lokasi ponsel saya").click()
    expect(page.locator("#place")).to_contain_text("tepat")
    assert stands(page) == where
    page.get_by_role("button", name="Hapus titik").click()
    expect(page.locator(".ground .here")).to_have_count(0)
    assert page.locator("[name=lat]").input_value() == ""


def test_a_group_keeps_its_name_whole_beside_what_was_chosen(page: Page) -> None:
    every = page.locator(".every > summary")
    every.click()
    page.locator("summary", has_text="Lingkungan").click()
    choice = page.locator(".every details[open] .choice").first
    name = choice.inner_text().strip()
    choice.click()
    expect(every.locator(".chosen")).to_have_text(name)
    expect(every.locator(".every-word")).to_be_hidden()
    # The list makes room once something is chosen; whoever looks again sees in which group it was.
    expect(page.locator(".every")).not_to_have_attribute("open", "")
    every.click()
    lines = page.locator("summary", has_text="Lingkungan").evaluate(
        """(summary) => {
            const name = document.createRange();
            name.selectNodeContents(summary.firstChild);
            return new Set([...name.getClientRects()].filter(({ width }) => width > 4).map(({ top }) => top)).size;
        }"""
    )
    assert lines == 1


def test_a_kept_report_that_is_refused_waits_to_be_looked_at_and_disturbs_no_other(
    page: Page, room: Server, phone: BrowserContext
) -> None:
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    phone.set_offline(True)
    fill(page, "Surelnya keliru")
    page.locator("summary", has_text="Cara menghubungi").click()
    page.get_by_label("E-mail").fill("warga@surel")
    phone.grant_permissions(["geolocation"])
    phone.set_geolocation({"latitude": -6.1783, "longitude": 106.6319})
    page.get_by_role("button", name="Pakai lokasi ponsel saya").click()
    expect(page.get_by_role("button", name="Hapus titik")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.locator("#waiting")).to_contain_text("Belum terkirim: 1", timeout=30_000)
    page.get_by_label("Ceritakan").fill("Sedang menulis yang lain")
    phone.set_offline(False)
    look = page.get_by_role("button", name="Periksa")
    expect(look).to_be_visible(timeout=30_000)
    assert page.get_by_label("Ceritakan").input_value() == "Sedang menulis yang lain"
    page.once("dialog", lambda dialog: dialog.accept())
    look.click()
    expect(page.get_by_label("Ceritakan")).to_have_value("Surelnya keliru")
    expect(page.get_by_role("button", name="Hapus titik")).to_be_visible()
    expect(page.locator("#waiting")).to_be_hidden()
    page.get_by_label("E-mail").fill("")
    send(page)
