"""A screen's token: exchanged for a cookie, out of the address at once, good for page, snapshot and feed alike."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import socketio
from sqlalchemy import update
from werkzeug.test import Client, TestResponse

from app import web_app
from liveroom.accounts.screens import Screens
from liveroom.log import schema
from liveroom.room.bootstrap import OpenRoom, Start, open_room
from liveroom.runtime.config import Config, ServerSettings, load_config
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.services.screen import InOrder
from tests.services.server import Server as Process
from tests.services.wait import until

ROOT = Path(__file__).resolve().parents[3]
NAME = "dinding.kota.example"
HTTPS = {"Host": NAME, "X-Forwarded-For": "10.1.2.3", "X-Forwarded-Proto": "https"}
HTTP = {**HTTPS, "X-Forwarded-Proto": "http"}
LOOPBACK = {"Host": "127.0.0.1:8000"}


@dataclass(frozen=True, slots=True)
class House:
    """A room behind a proxy, and one on trusted loopback, on the same database."""

    opened: OpenRoom
    config: Config

    def browser(self, server: ServerSettings) -> Client:
        """A browser with no cookie yet; it never follows by itself, so that every answer is seen."""
        config = Config(city=self.config.city, data_dir=self.config.data_dir, server=server)
        return Client(web_app(config, self.opened, ThreadRuntime(), lambda: False).wsgi, TestResponse)

    def token(self, name: str) -> str:
        return Screens(self.opened.room.log).add(name, "wall")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    config = load_config(ROOT / "config.yaml", {"LIVEROOM_DATA_DIR": str(tmp_path_factory.mktemp("house"))})
    return House(open_room(config, ThreadRuntime(), Start(kind="test", city=config.city)), config)


@pytest.fixture
def browser(house: House) -> Client:
    return house.browser(ServerSettings(behind_proxy=True, hosts=(NAME,)))


@pytest.fixture
def token(house: House, request: pytest.FixtureRequest) -> str:
    return house.token(request.node.name)


def cookie(answer: TestResponse) -> dict[str, str]:
    """The parts of the only cookie set; flags have empty values."""
    (line,) = answer.headers.getlist("Set-Cookie")
    return {name: value for name, _, value in (part.strip().partition("=") for part in line.split(";"))}


def test_a_token_leaves_the_address_at_once_and_the_rest_stays(browser: Client, token: str) -> None:
    answer = browser.get(f"/wall?scene=map&token={token}&lang=en", headers=HTTPS)
    assert answer.status_code == 303
    assert urlsplit(answer.headers["Location"]).path == "/wall"
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"scene": ["map"], "lang": ["en"]}
    assert answer.headers["Cache-Control"] == "no-store"
    assert token not in answer.text + answer.headers["Location"]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Client, token: str) -> None:
    given = cookie(browser.get(f"/wall?token={token}", headers=HTTPS))
    assert given["liveroom_screen"] == token
    assert (given["Path"], given["SameSite"]) == ("/", "Lax")
    assert {"HttpOnly", "Secure"} <= given.keys()
    assert int(given["Max-Age"]) > 300 * 24 * 3600


def test_without_https_at_the_proxy_the_cookie_can_still_be_kept(browser: Client, token: str) -> None:
    assert "Secure" not in cookie(browser.get(f"/wall?token={token}", headers=HTTP))


def test_only_a_configured_proxy_can_speak_of_https(house: House, token: str) -> None:
    nobody = house.browser(ServerSettings(hosts=(NAME,)))
    assert "Secure" not in cookie(nobody.get(f"/wall?token={token}", headers=HTTPS))


def test_the_cookie_opens_the_page_and_the_snapshot_and_is_renewed(browser: Client, token: str) -> None:
    assert browser.get("/wall", headers=HTTPS).status_code == 401
    assert browser.get("/feed/snapshot", headers=HTTPS).status_code == 401
    browser.get(f"/wall?token={token}", headers=HTTPS, base_url=f"https://{NAME}")
    page = browser.get("/wall", headers=HTTPS, base_url=f"https://{NAME}")
    assert page.status_code == 200
    assert cookie(page)["liveroom_screen"] == token
    assert browser.get("/feed/snapshot", headers=HTTPS, base_url=f"https://{NAME}").status_code == 200


@pytest.mark.parametrize("wrong", ["", "nonsense", "x" * 2000, "%00", "%ED%A0%80"])
def test_an_unknown_token_gets_a_page_in_plain_words_and_no_cookie(browser: Client, wrong: str) -> None:
    answer = browser.get(f"/wall?token={wrong}", headers=HTTPS)
    assert (answer.status_code, answer.mimetype) == (401, "text/html")
    assert "Kunci layar ini tidak berlaku lagi." in answer.text
    assert "This screen’s key is not valid any more." in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_screen_without_a_token_is_told_how_to_get_one(browser: Client) -> None:
    answer = browser.get("/wall", headers=HTTPS)
    assert (answer.status_code, answer.mimetype) == (401, "text/html")
    assert "Layar ini belum terdaftar." in answer.text
    assert "Pasangkan layar" in answer.text


def test_a_wrong_token_takes_no_screen_out(browser: Client, token: str) -> None:
    browser.get(f"/wall?token={token}", headers=HTTPS, base_url=f"https://{NAME}")
    assert browser.get("/wall?token=nonsense", headers=HTTPS, base_url=f"https://{NAME}").status_code == 401
    assert browser.get("/wall", headers=HTTPS, base_url=f"https://{NAME}").status_code == 200


def test_a_revoked_screen_is_out(house: House, browser: Client, token: str) -> None:
    browser.get(f"/wall?token={token}", headers=HTTPS, base_url=f"https://{NAME}")
    screen = schema.screen
    house.opened.room.log.touch(lambda c: c.execute(update(screen).values(revoked_at=1)))
    try:
        answer = browser.get("/wall", headers=HTTPS, base_url=f"https://{NAME}")
        assert answer.status_code == 401
        assert "Kunci layar ini tidak berlaku lagi." in answer.text
        assert browser.get("/feed/snapshot", headers=HTTPS, base_url=f"https://{NAME}").status_code == 401
    finally:
        house.opened.room.log.touch(lambda c: c.execute(update(screen).values(revoked_at=None)))


def test_a_stale_cookie_takes_nothing_away_from_trusted_loopback(house: House) -> None:
    here = house.browser(ServerSettings())
    here.set_cookie("liveroom_screen", "of-another-room", domain="127.0.0.1")
    asked = {"headers": LOOPBACK, "base_url": "http://127.0.0.1:8000", "environ_base": {"REMOTE_ADDR": "127.0.0.1"}}
    assert here.get("/wall", **asked).status_code == 200
    assert here.get("/feed/snapshot?audience=desk", **asked).status_code == 200


def test_behind_a_proxy_this_machine_is_a_stranger_too(browser: Client) -> None:
    asked = {"headers": LOOPBACK, "base_url": "http://127.0.0.1:8000", "environ_base": {"REMOTE_ADDR": "127.0.0.1"}}
    assert browser.get("/wall", **asked).status_code == 401


@pytest.mark.server
def test_the_cookie_opens_the_feed(server: Callable[..., Process], tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"city: tangerang\nserver: {{behind_proxy: true, hosts: [{NAME}]}}\n")
    room = server(env={"LIVEROOM_CONFIG": str(config)})
    token = room.last_word("screen", "add", "dinding")
    pair = httpx.get(f"{room.url}/wall", params={"token": token}, headers={"X-Forwarded-Proto": "http"}, timeout=60)
    kept = pair.headers["Set-Cookie"].split(";")[0]
    with pytest.raises(socketio.exceptions.ConnectionError):
        _listen(room.url, {})
    with pytest.raises(socketio.exceptions.ConnectionError):
        _listen(room.url, {"Cookie": "liveroom_screen=nonsense"})
    screen, beats = _listen(room.url, {"Cookie": kept})
    try:
        until(lambda: beats, why="a beat")
        snapshot = room.url + screen.call("resume", {}, namespace="/feed", timeout=30)["snapshot"]
        assert httpx.get(snapshot, headers={"Cookie": kept}, timeout=60).status_code == 200
    finally:
        screen.disconnect()


def _listen(url: str, headers: dict[str, str]) -> tuple[socketio.Client, list[object]]:
    """A connected screen and the beats it will have heard. Raises ConnectionError when it is turned away."""
    screen, beats = InOrder(handshake_s=60), []
    screen.on("beat", beats.append, namespace="/feed")
    screen.connect(url, headers=headers, namespaces=["/feed"], transports=["websocket"], wait_timeout=60)
    return screen, beats
