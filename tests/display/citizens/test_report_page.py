"""The page in a real browser of a telephone: without a script, without a network, with a photo, and how heavy it is."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from random import Random

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from liveroom.accounts.links import LEAST
from liveroom.runtime.time import system_now
from tests.rooms.sending import standing
from tests.services.browser import LOAD_MS, faults
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server, pytest.mark.browser]
PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "id-ID", "has_touch": True}
# What Chromium calls slow 3G: 400 kbit/s and two seconds there and back.
SLOW_3G = {"offline": False, "latency": 2000, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
MOST = 100_000
# Nothing is made small before the form is sent, as by a slow telephone.
LATE = """() => {
  const make = window.createImageBitmap.bind(window);
  const sent = new Promise((go) => document.getElementById("report").addEventListener("submit", go, { once: true }));
  window.createImageBitmap = (...given) => sent.then(() => make(...given));
}"""
PRESS = "(words) => [...document.querySelectorAll('button')].find((one) => one.textContent === words)?.click()"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("lapor")
    config = folder / "config.yaml"
    config.write_text("city: tangerang\npublic: {map: true}\n")
    server = Server(data=folder, env={**standing(folder), "LIVEROOM_CONFIG": str(config)}).start()
    yield server
    server.kill()


@pytest.fixture
def phone(browser: Browser, room: Server) -> Iterator[Open]:
    """Return `phone(path="/lapor", **options)`: a page of a telephone of its own; none may err on the console."""
    contexts, errors = [], list[str]()

    def one(path: str = "/lapor", **options: object) -> Page:
        context = browser.new_context(**{**PHONE, **options})  # type: ignore[arg-type]
        context.set_default_navigation_timeout(LOAD_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(room.url + path)
        return page

    yield one
    for context in contexts:
        context.close()
    assert errors == []


def fill(page: Page, words: str = "Lubang dalam di depan pasar") -> None:
    page.locator(".choice", has_text="Jalan rusak").first.click()
    page.get_by_label("Ceritakan").fill(words)
    page.get_by_label("Nama jalan atau patokan").fill("Depan pasar")


def send(page: Page) -> None:
    """Press once: the page itself waits until the room takes what comes under its ticket."""
    page.get_by_role("button", name="Kirim laporan").click()
    page.wait_for_url("**/lapor/s/**")


def ready(page: Page) -> Page:
    page.wait_for_selector("html[data-ready]")
    return page


class Handling:
    """Orders about the report that a page shows, as loopback gives them."""

    def __init__(self, room: Server, page: Page) -> None:
        self._url = room.url
        self._number = page.locator(".number").inner_text()
        asked = {"q": self._number, "role": "duty"}
        found = httpx.get(f"{room.url}/api/v1/complaints", params=asked, timeout=30).json()
        self._card = found["items"][0]["card"]

    def order(self, name: str, *, role: str = "duty", **fields: str) -> None:
        agency = {"actor_agency": "dpupr"} if role == "agency" else {}
        body = {"command_id": f"{self._number}-{name}", "seen_seq": self._card["seq"], "actor": role, "role": role}
        path = f"{self._url}/api/v1/complaints/{self._card['id']}/{name}"
        answer = httpx.post(path, json={**body, **agency, **fields}, timeout=30)
        assert answer.status_code == 200, answer.text
        self._card = {**self._card, "seq": answer.json()["seq"]}


def noise(width: int, height: int) -> bytes:
    """A photo that no encoder makes small."""
    out, chance = BytesIO(), Random(1)
    Image.frombytes("RGB", (width, height), chance.randbytes(width * height * 3)).save(out, "JPEG", quality=90)
    return out.getvalue()


def choose_photo(page: Page, *, shown: int = 1, pixels: tuple[int, int] = (240, 180)) -> None:
    """A photo that is chosen, and shown once the page has made it small."""
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": noise(*pixels)}
    page.locator("#photo-file").set_input_files(photo)  # type: ignore[arg-type]
    expect(page.locator(".shot")).to_have_count(shown)


def test_the_text_part_needs_no_script(phone: Open) -> None:
    page = phone(java_script_enabled=False)
    given = system_now()
    fill(page)
    until(lambda: system_now() - given > LEAST, why="the ticket to be old enough")
    send(page)
    expect(page.get_by_role("heading", name="Laporan Anda terkirim")).to_be_visible()
    expect(page.locator(".number")).to_have_text(re.compile(r"W-\d{8}-\d{5}"))


def test_a_photo_that_was_cut_goes_on_where_it_was(phone: Open, room: Server) -> None:
    page, offsets, heads = ready(phone()), list[str](), list[str]()

    def cut(route: Route) -> None:
        request = route.request
        if request.method == "HEAD":
            heads.append(request.url)
        if request.method == "PATCH":
            offsets.append(request.headers["upload-offset"])
            if len(offsets) in (2, 3):
                return route.abort("connectionreset")
        return route.continue_()

    page.route("**/lapor/files/*", cut)
    choose_photo(page, pixels=(900, 700))  # more than a piece
    fill(page, "Dengan foto")
    expect(page.locator(".shot progress")).to_be_hidden(timeout=30_000)
    assert len(heads) >= 1
    assert int(offsets[1]) > 0
    assert offsets[1:4] == [offsets[1]] * 3
    send(page)
    picture = re.compile(r"/lapor/s/[^/]+/pictures/[^/]+/thumb")
    until(lambda: page.reload() and picture.search(page.content()), why="the photo to be shown")
    thumb = picture.search(page.content())
    assert thumb
    answer = httpx.get(room.url + thumb[0], timeout=30)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")


def test_a_photo_stays_when_the_form_comes_back_with_a_question(phone: Open, room: Server) -> None:
    page = ready(phone())
    choose_photo(page)
    fill(page, "Foto dan tanpa tempat")
    page.get_by_label("Nama jalan atau patokan").fill("")
    with page.expect_navigation():
        page.get_by_role("button", name="Kirim laporan").click()
    ready(page)
    expect(page.get_by_role("alert")).to_contain_text("Sebutkan tempatnya")
    expect(page.locator(".shot")).to_have_text("FotoHapus")
    page.get_by_label("Nama jalan atau patokan").fill("Depan pasar")
    send(page)
    shown = re.compile(r"/lapor/s/[^/]+/pictures/[^/]+/thumb")
    until(lambda: page.reload() and shown.search(page.content()), why="the photo to be shown")


def test_a_photo_that_is_not_made_small_yet_goes_with_the_report(phone: Open) -> None:
    page = ready(phone())
    page.evaluate(LATE)
    choose_photo(page, shown=0)
    fill(page, "Foto dari telepon yang lambat")
    send(page)
    shown = re.compile(r"/lapor/s/[^/]+/pictures/[^/]+/thumb")
    until(lambda: page.reload() and shown.search(page.content()), why="the photo to be shown")


def test_axe_finds_nothing_in_the_form_and_in_what_is_refused(phone: Open, room: Server) -> None:
    page = ready(phone())
    page.locator("summary", has_text="Semua").click()
    page.locator("summary", has_text="Infrastruktur").click()
    assert faults(page) == []
    page.get_by_role("button", name="Tunjuk di peta").click()
    page.wait_for_selector(".ground path")
    assert faults(page) == []
    page.goto(f"{room.url}/lapor?lang=en")
    assert faults(ready(page)) == []
    page.evaluate("document.getElementById('report').submit()")
    page.wait_for_selector("[role=alert]")
    assert faults(page) == []
    page.goto(f"{room.url}/lapor/s/none")
    assert faults(page) == []


def test_the_kelurahan_follows_the_position_of_the_telephone_and_of_the_map(phone: Open) -> None:
    here = {"geolocation": {"latitude": -6.1757, "longitude": 106.667, "accuracy": 8.4}, "permissions": ["geolocation"]}
    page = ready(phone(**here))
    said, area = page.locator(".place [role=status]"), page.locator("#area")
    page.get_by_role("button", name="Pakai lokasi ponsel saya").click()
    expect(said).to_have_text("Poris Plawad Utara, Cipondoh · tepat 8 m")
    expect(area.locator("option:checked")).to_have_text("Poris Plawad Utara")
    assert faults(page) == []
    page.get_by_role("button", name="Hapus titik").click()
    expect(area).to_have_value("")
    # What was chosen by hand is not taken away with a point that chose something else.
    page.get_by_role("button", name="Pakai lokasi ponsel saya").click()
    expect(said).to_contain_text("Poris Plawad Utara")
    area.select_option(label="Gerendeng")
    page.get_by_role("button", name="Hapus titik").click()
    expect(area.locator("option:checked")).to_have_text("Gerendeng")


def test_axe_finds_nothing_from_sent_to_done(phone: Open, room: Server) -> None:
    page = ready(phone())
    fill(page, "Lampu mati di gang")
    send(page)
    assert faults(page) == []
    handled = Handling(room, page)
    handled.order("forward", agency="dpupr")
    for name in ("accept", "start"):
        handled.order(name, role="agency")
    handled.order("ask", text="Di gang yang mana?")
    page.reload()
    expect(page.get_by_label("Jawaban Anda")).to_be_visible()
    assert faults(page) == []
    handled.order("answer", text="Gang Mawar")
    come = page.locator(".milestones [data-come=true]")
    expect(come).to_have_count(2)
    expect(come.last).to_contain_text("Dinas Pekerjaan Umum")
    handled.order("close", role="supervisor", reason="menyala lagi")
    page.reload()
    expect(come).to_have_count(3)
    page.locator("summary", has_text="Belum selesai").click()
    expect(page.get_by_role("button", name="Kirim penilaian")).to_be_hidden()
    page.locator(".stars label").nth(1).click()
    expect(page.get_by_role("button", name="Kirim penilaian")).to_be_visible()
    assert faults(page) == []


def test_the_page_is_light_on_a_slow_network(
    browser: Browser, room: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    with browser.new_context(**PHONE) as context:  # type: ignore[arg-type]
        context.set_default_navigation_timeout(LOAD_MS)
        context.set_default_timeout(LOAD_MS)
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_3G)
        sizes = list[int]()
        session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
        page.goto(room.url + "/lapor", wait_until="commit")
        page.wait_for_selector("button.first")
        seen = page.evaluate("performance.now()")
        ready(page)
        usable = page.evaluate("performance.now()")
        page.wait_for_load_state("networkidle")
    with capsys.disabled():
        print(f"\n/lapor: {sum(sizes)} bytes, {len(sizes)} answers; slow 3G: form {seen:.0f} ms, all {usable:.0f} ms")  # noqa: T201
    assert 0 < sum(sizes) < MOST


def test_the_public_map_is_read_by_eye_by_key_and_without_a_script(phone: Open, room: Server) -> None:
    key = room.last_word("source", "add", "peta")
    places = [(-6.12 - n % 10 * 0.009, 106.60 + n // 10 * 0.012) for n in range(100)]
    body = [{"source_id": f"P{n}", "category": "pju_mati", "lat": a, "lon": b} for n, (a, b) in enumerate(places)]
    headers = {"Authorization": f"Bearer {key}"}
    sent = httpx.post(f"{room.url}/api/v1/complaints", json=body, headers=headers, timeout=60)
    assert sent.status_code == 200
    plain = phone("/lapor", java_script_enabled=False)
    plain.get_by_role("link", name="Lihat peta laporan").click()
    plain.locator("summary", has_text="Benda").click()
    plain.locator("details[open] a").first.click()
    expect(plain.locator(".reports li").first).to_contain_text("Lampu jalan (PJU) mati")
    assert faults(phone(plain.url.removeprefix(room.url))) == []
    page = ready(phone("/lapor/peta"))
    marks = page.locator(".spot button")
    expect(marks.first).to_be_visible()
    page.locator("summary", has_text="Benda").click()
    assert faults(page) == []
    marks.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#here li").first).to_contain_text(re.compile(r"Lampu jalan.*\d+ menunggu", re.DOTALL))
    assert faults(page) == []
    before = marks.count()
    page.get_by_role("button", name="Perbesar").click()
    until(lambda: marks.count() != before, why="the groups of a closer look")


def test_a_report_without_a_network_is_kept_said_to_be_unsent_and_sent_later(phone: Open, room: Server) -> None:
    page = ready(phone())
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    room.kill()
    fill(page, "Ditulis tanpa sinyal")
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.locator("#state")).to_contain_text("BELUM terkirim", timeout=30_000)
    page.reload()
    ready(page)
    expect(page.locator("#waiting")).to_contain_text("Belum terkirim: 1 laporan")
    page.get_by_role("button", name="Kirim sekarang").click(trial=True)
    room.start()
    # A minute after its last try the page sends by itself, and the button goes: a start may take so long.
    page.evaluate(PRESS, "Kirim sekarang")
    link = page.locator("#sent a")
    expect(link).to_be_visible(timeout=30_000)
    expect(page.locator("#waiting")).to_be_hidden()
    link.click()
    expect(page.locator(".own")).to_have_text("Ditulis tanpa sinyal")
