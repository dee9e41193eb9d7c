"""The files of a proof: what is no picture is refused on the telephone, and a link opens its own complaint's alone."""

import base64
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.display.pages.test_agency_page import PHONE, Agencies, press, state
from tests.rooms.alarm_room import NOON
from tests.rooms.street import View, street
from tests.services.server import Server
from tests.services.wait import until

pytestmark = pytest.mark.server
TUS = {"Tus-Resumable": "1.0.0"}
HELD = "[...document.querySelectorAll('.proof-file')].map((one) => one.dataset.phase)"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agencies]:
    folder = tmp_path_factory.mktemp("proof")
    line = folder / "time"
    line.write_text(NOON + "\n")
    server = Server(data=folder, env={"LIVEROOM_TIME_FILE": str(line)}).start()
    yield Agencies(server, line)
    server.kill()


def jpeg(picture: Image.Image, quality: int = 92) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def reported(room: Agencies, id_: str, content: bytes) -> None:
    """The desk keeps a citizen's picture with the complaint."""
    named = {"complaint": id_, "kind": "report"}
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in named.items())
    with httpx.Client(base_url=room.url, timeout=60) as http:
        head = {**TUS, "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
        where = http.post("/api/v1/uploads", headers=head).headers["Location"]
        piece = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        assert http.patch(where, headers=piece, content=content).status_code == 204
        until(lambda: http.get(f"{where}/state").json()["state"] == "ready", within=120, why="the picture to be ready")


def phone(browser: Browser, address: str) -> Page:
    page = browser.new_context(**PHONE, locale="id-ID").new_page()
    page.goto(address)
    return page


def files(page: Page, *phases: str) -> None:
    until(lambda: page.evaluate(HELD) == list(phases), within=120, why=f"the files to be {phases}")


def chosen(page: Page, file: Path, content: bytes = b"", way: str = "choose_files") -> None:
    """Choose a file in the sheet that was asked for, written anew when there is content."""
    page.locator(".sheet[open]").wait_for()
    if content:
        file.write_bytes(content)
    page.set_input_files(f'[data-way="{way}"]', file)


def at_work(room: Agencies, name: str) -> str:
    """A complaint that its agency works on."""
    id_ = room.given(name)
    for act in ("accept", "start"):
        room.order(id_, act, role="agency", actor_agency="dpupr", actor="joko")
    return id_


def test_what_is_no_picture_is_refused_in_words_and_can_be_taken_away(
    browser: Browser, room: Agencies, tmp_path: Path
) -> None:
    id_ = at_work(room, "salah")
    page = phone(browser, f"{room.url}/agency?as=dpupr&open={id_}")
    press(page, "submit_proof")
    chosen(page, tmp_path / "foto.jpg", b"<svg onload=alert(1)>" * 20)
    files(page, "refused")
    assert page.locator(".proof-words").inner_text() == "Hanya foto (JPEG, PNG, WebP, HEIC) dan video (MP4, WebM)."
    page.tap(".proof-leave")
    files(page)
    chosen(page, tmp_path / "foto2.jpg", jpeg(street(42, View())))
    files(page, "ready")
    until(lambda: page.locator(".proof-thumb").evaluate("(one) => one.naturalWidth") > 0, why="its small copy")
    page.tap(".sheet-send")
    state(room, id_, "proof_submitted")
    until(lambda: page.locator(".picture-shown").count() == 1, why="the proof on the page")


def test_a_link_opens_the_files_of_its_own_complaint_alone(room: Agencies) -> None:
    mine, other = room.given("satu"), room.given("dua")
    reported(room, mine, jpeg(street(40, View())))
    with httpx.Client(base_url=room.url, follow_redirects=True, timeout=60) as http:
        page = http.get(room.link(mine)).text
        csrf = page.split('"csrf":"')[1].split('"')[0]
        head = {**TUS, "Upload-Length": "10"}
        assert http.post(f"/agency/c/{mine}/uploads", headers=head).json()["code"] == "csrf"
        made = http.post(f"/agency/c/{mine}/uploads", headers={**head, "X-CSRF-Token": csrf})
        assert made.status_code == 201
        where = made.headers["Location"]
        assert http.head(where, headers=TUS).status_code == 200
        assert http.get(f"{where}/state").json()["state"] == "open"
        assert http.head(where.replace(mine, other), headers=TUS).status_code == 401
        named = where.split("/")[-1]
        assert http.get(f"/agency/c/{mine}/media/{named}/original").status_code == 404
        room.order(mine, "forward", agency="dlh")
        assert http.post(f"/agency/c/{mine}/uploads", headers={**head, "X-CSRF-Token": csrf}).status_code == 403
        assert http.delete(where, headers={**TUS, "X-CSRF-Token": csrf}).status_code == 403
