"""A new screen is let in by a code that somebody types; what it then holds can look and nothing else."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
from sqlalchemy import update
from werkzeug.test import Client, TestResponse

from app import web_app
from liveroom.accounts import screens
from liveroom.log.schema import pairing as waiting
from liveroom.room.bootstrap import OpenRoom, Start, open_room
from liveroom.runtime.config import Config, ServerSettings, load_config
from liveroom.runtime.server.thread_mode import ThreadRuntime

ROOT = Path(__file__).resolve().parents[3]
NAME = "dinding.kota.example"
AWAY = {"Host": NAME, "X-Forwarded-For": "10.1.2.3", "X-Forwarded-Proto": "https"}
HERE = {"Host": "127.0.0.1:8000"}
Browser = Callable[..., Client]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> tuple[OpenRoom, Config]:
    config = load_config(ROOT / "config.yaml", {"LIVEROOM_DATA_DIR": str(tmp_path_factory.mktemp("pairing"))})
    return open_room(config, ThreadRuntime(), Start(kind="test", city=config.city)), config


@pytest.fixture(scope="module")
def browser(opened: tuple[OpenRoom, Config]) -> Browser:
    """Return `browser(away=True) -> Client`: behind the proxy, or on trusted loopback where anybody may order."""
    room, config = opened

    @cache
    def served(*, away: bool) -> WSGIApplication:
        server = ServerSettings(behind_proxy=True, hosts=(NAME,)) if away else ServerSettings()
        changed = Config(city=config.city, data_dir=config.data_dir, server=server)
        return web_app(changed, room, ThreadRuntime(), lambda: False).wsgi

    def open_one(*, away: bool = True) -> Client:
        wsgi = served(away=away)
        return Client(lambda environ, respond: wsgi({**environ, "REMOTE_ADDR": "127.0.0.1"}, respond), TestResponse)

    return open_one


def order(desk: Client, path: str, **body: Any) -> TestResponse:
    said = {"command_id": f"{path} {body}"[:120], "actor": "sari", "role": "supervisor", **body}
    return desk.post(f"/api/v1/screens/{path}", json=said, headers=HERE)


def code_of(screen: Client) -> str:
    answer = screen.post("/pair", headers=AWAY)
    assert answer.status_code == 200, answer.text
    return str(answer.json["code"])


def test_a_wall_without_a_token_shows_a_code_and_opens_once_it_was_typed(browser: Browser) -> None:
    screen, desk = browser(), browser(away=False)
    shut = screen.get("/wall", headers=AWAY)
    assert (shut.status_code, 'data-door="none"' in shut.text) == (401, True)
    code = code_of(screen)
    assert screen.get("/pair", headers=AWAY).json["state"] == "waiting"
    settings = {"scene": "board", "sound": "1"}
    done = order(
        desk, "pair", code=f"{code[:3]} {code[3:].lower()}", name="Dinding utara", place="Lantai 2", settings=settings
    )
    assert done.status_code == 200, done.text
    assert (done.status_code, done.json["id"], done.json["state"]) == (200, "dinding-utara", "paired")
    assert screen.get("/pair", headers=AWAY).json == {"state": "paired"}
    wall = screen.get("/wall", headers=AWAY)
    assert wall.status_code == 200
    assert 'data-settings="scene=board&amp;sound=1"' in wall.text


def test_what_the_browser_keeps_is_out_of_reach_of_scripts_and_never_in_an_answer(browser: Browser) -> None:
    screen, desk = browser(), browser(away=False)
    answer = screen.post("/pair", headers=AWAY)
    (line,) = answer.headers.getlist("Set-Cookie")
    secret = line.partition("=")[2].partition(";")[0]
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/pair"} <= {part.strip() for part in line.split(";")}
    assert secret not in answer.text
    assert order(desk, "pair", code=answer.json["code"], name="Layar rahasia").status_code == 200
    paired = screen.get("/pair", headers=AWAY)
    kept = next(line for line in paired.headers.getlist("Set-Cookie") if line.startswith("liveroom_screen="))
    assert {"Secure", "HttpOnly"} <= {part.strip() for part in kept.split(";")}
    assert secret not in paired.text
    listed = desk.get("/api/v1/screens", headers=HERE).text
    assert "Layar rahasia" in listed
    assert secret not in listed


def test_a_code_lets_in_the_browser_that_showed_it_and_no_other(browser: Browser) -> None:
    one, other, desk = browser(), browser(), browser(away=False)
    codes = code_of(one), code_of(other)
    assert codes[0] != codes[1]
    assert code_of(one) == codes[0], "asking again is the same code"
    assert order(desk, "pair", code=codes[0], name="Yang satu").status_code == 200
    assert one.get("/pair", headers=AWAY).json["state"] == "paired"
    assert other.get("/pair", headers=AWAY).json["state"] == "waiting"
    assert other.get("/wall", headers=AWAY).status_code == 401
    again = order(desk, "pair", code=codes[0], name="Yang lain")
    assert (again.status_code, again.json["field"]) == (422, "code")


def test_a_code_lapses(opened: tuple[OpenRoom, Config], browser: Browser) -> None:
    screen, desk = browser(), browser(away=False)
    code = code_of(screen)
    opened[0].room.log.touch(lambda c: c.execute(update(waiting).values(ends_at=1)))
    assert screen.get("/pair", headers=AWAY).json == {"state": "lapsed"}
    assert order(desk, "pair", code=code, name="Terlambat").status_code == 422
    assert code_of(screen) != code


def test_only_so_many_wait_from_one_address(browser: Browser) -> None:
    screen, crowd = browser(), {**AWAY, "X-Forwarded-For": "10.9.9.9"}
    for _ in range(screens.CODES_PER_ADDRESS):
        assert screen.post("/pair", headers=crowd).status_code == 200
        screen.delete_cookie("liveroom_pairing", path="/pair", domain=NAME)
    refused = screen.post("/pair", headers=crowd)
    assert (refused.status_code, refused.json["code"]) == (429, "too_many")
    assert int(refused.headers["Retry-After"]) > 0
    assert screen.post("/pair", headers=AWAY).status_code == 200


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("code", {"code": "AAAAAA"}),
        ("name", {"name": " "}),
        ("name", {"name": "x" * 61}),
        ("name", {"name": "dua\nbaris"}),
        ("place", {"place": 7}),
        ("settings", {"settings": []}),
        ("settings.scene", {"settings": {"scene": "menu"}}),
        ("settings.token", {"settings": {"token": "x"}}),
        ("settings.tile", {"settings": {"tile": "1,1/3x2&scene=map"}}),
    ],
)
def test_what_is_wrong_with_a_pairing_is_said_by_its_field(browser: Browser, field: str, body: dict[str, Any]) -> None:
    said = {"code": "AAAAAA", "name": "Layar", **body}
    answer = order(browser(away=False), "pair", **said)
    assert (answer.status_code, answer.json["field"]) == (422, field)


def test_two_screens_never_share_a_name_but_a_revoked_one_gives_its_name_up(browser: Browser) -> None:
    desk = browser(away=False)
    first = order(desk, "pair", code=code_of(browser()), name="Lobi").json["id"]
    no = order(desk, "pair", code=code_of(browser()), name="Lobi")
    assert (no.status_code, no.json["field"]) == (422, "name")
    assert order(desk, f"{first}/revoke").status_code == 200
    second = order(desk, "pair", code=code_of(browser()), name="Lobi", place="lagi")
    assert second.status_code == 200
    assert second.json["id"] != first


@pytest.mark.parametrize("role", ["duty", "agency", "agency_head", "leadership"])
@pytest.mark.parametrize("name", ["identify", "reload", "picture", "change", "revoke"])
def test_screens_are_supervisors_work(opened: tuple[OpenRoom, Config], browser: Browser, role: str, name: str) -> None:
    desk, more = browser(away=False), {"actor_agency": "dpupr"} if role.startswith("agency") else {}
    id_ = order(desk, "pair", code=code_of(browser()), name=f"Layar {role} {name}").json["id"]
    page = screens.ScreenReport(page=f"{id_}/page", screen=id_, body={})
    opened[0].room.log.touch(lambda c: screens.write_reports(c, [page]))
    assert order(desk, f"{id_}/{name}", role=role, **more).status_code == 403
    assert order(desk, f"nobody/{name}", role=role, **more).status_code == 404


def test_a_revoked_screen_is_shut_out_and_shown_a_new_code(browser: Browser) -> None:
    screen, desk = browser(), browser(away=False)
    id_ = order(desk, "pair", code=code_of(screen), name="Sementara").json["id"]
    screen.get("/pair", headers=AWAY)
    assert screen.get("/feed/snapshot", headers=AWAY).status_code == 200
    assert order(desk, f"{id_}/revoke").status_code == 200
    assert screen.get("/feed/snapshot", headers=AWAY).status_code == 401
    shut = screen.get("/wall", headers=AWAY)
    assert (shut.status_code, 'data-door="unknown"' in shut.text) == (401, True)
    assert len(code_of(screen)) == screens.CODE_LENGTH
    assert order(desk, f"{id_}/change", name="Kembali").status_code == 404


WRITING = [
    "complaints",
    "complaints/x/comment",
    "alarms/x/acknowledge",
    "room/silence",
    "screens/pair",
    "screens/x/revoke",
]


@pytest.mark.parametrize("path", WRITING)
def test_a_screen_can_write_nowhere(browser: Browser, path: str) -> None:
    screen, desk = browser(), browser(away=False)
    order(desk, "pair", code=code_of(screen), name=f"Menulis {path}"[:60])
    screen.get("/pair", headers=AWAY)
    body = {"command_id": "x", "actor": "dinding", "role": "supervisor", "seen_seq": 0}
    refused = screen.post(f"/api/v1/{path}", json=body, headers=AWAY)
    assert refused.status_code in (401, 403), refused.text
    assert path == "complaints" or refused.status_code == 403
