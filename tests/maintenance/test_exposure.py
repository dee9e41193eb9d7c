"""Whoever runs a room is told in plain words what stands open: at the start, by doctor, at /readyz and on its pages."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser
from sqlalchemy import select, update

from liveroom.domain.timestamps import to_micros
from liveroom.log.engine import Unavailable
from liveroom.log.schema import forwarded
from liveroom.maintenance.exposure import ForwardedRequests, open_points
from liveroom.room.bootstrap import routes_of
from liveroom.runtime.config import MailSettings, PublicSettings, load_config
from liveroom.runtime.config import ServerSettings as Settings
from liveroom.runtime.errors import ConfigError
from liveroom.runtime.server.thread_mode import ThreadRuntime
from liveroom.runtime.time import monotonic, system_now
from tests.rooms.staffed import NAME, PASSWORD, House
from tests.services.server import TRUSTED, UNTRUSTED, Server
from tests.services.wait import until

LINK = re.compile(r"make the first admin at (http://127\.0\.0\.1:\d+(/setup\?token=([\w-]{43})))")
TRUST = "LIVEROOM_TRUST_LOOPBACK=1"
REACHES = MailSettings(host="mail.example", sender="r@kota.example", page_to=("regu@kota.example",))
BEHIND = Settings(behind_proxy=True, hosts=(NAME,))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A real room with an admin."""
    found = House(tmp_path_factory.mktemp("house"))
    found.add("dewi")
    return found


def points(house: House, server: Settings, **settings: object) -> list[str]:
    config = msgspec.structs.replace(house.config, server=server, **({"mail": REACHES} | settings))
    return [point.said for point in open_points(config, house.opened.room)]


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (Settings(), []),
        (BEHIND, []),
        (Settings(trust_loopback=True), [f"trusts whoever reaches it over loopback ({TRUST})"]),
        (Settings(behind_proxy=True, hosts=(NAME,), trust_loopback=True), []),
        (Settings(host="0.0.0.0", hosts=(NAME,)), ["server.host 0.0.0.0 is open to the network"]),
        (Settings(host="10.0.0.5"), ["server.host 10.0.0.5 is open to the network", "server.hosts is empty"]),
        (Settings(host="0.0.0.0", behind_proxy=True, hosts=(NAME,)), ["believed to be the proxy"]),
        (Settings(behind_proxy=True), ["server.hosts is empty"]),
    ],
)
def test_settings_that_open_something_are_said_and_no_others(house: House, server: Settings, said: list[str]) -> None:
    found = points(house, server)
    assert len(found) == len(said), found
    assert all(words in point for words, point in zip(said, found, strict=True)), found


def test_the_public_map_is_said(house: House) -> None:
    (point,) = points(house, BEHIND, public=PublicSettings(map=True))
    assert "/lapor/peta shows everybody" in point


@pytest.mark.parametrize(
    ("mail", "setting"),
    [
        (MailSettings(), "mail.host"),
        (msgspec.structs.replace(REACHES, page_to=()), "mail.page_to"),
        (msgspec.structs.replace(REACHES, host=""), "mail.host"),
    ],
)
def test_cr_18_that_nobody_can_be_called_is_said(house: House, mail: MailSettings, setting: str) -> None:
    (point,) = points(house, BEHIND, mail=mail)
    assert point.startswith(f"nobody can be called about an alarm: {setting} is empty")


def test_cr_18_that_nobody_can_be_called_is_told_to_no_stranger(house: House) -> None:
    config = msgspec.structs.replace(house.config, server=Settings(behind_proxy=True), mail=MailSettings())
    found = open_points(config, house.opened.room)
    assert [(point.said.split(" is ")[0], point.public) for point in found] == [
        ("server.hosts", True),
        ("nobody can be called about an alarm: mail.host", False),
    ]


def test_cr_18_the_rules_of_alarms_know_whether_somebody_can_be_called(house: House) -> None:
    room = house.opened.room
    assert not room.rules.reachable, "no mail is set up here"
    whole = msgspec.structs.replace(house.config, mail=REACHES)
    assert [routes_of(config, room.city, "real").pages for config in (house.config, whole)] == [False, True]
    assert routes_of(house.config, room.city, "drill").pages, "a drill acts as if mail were set up"


def test_nobody_can_log_in_is_said_with_both_ways(tmp_path: Path) -> None:
    (point,) = points(House(tmp_path), Settings())
    assert "set-up link" in point and "run.py user add" in point
    trusted = points(House(tmp_path), Settings(trust_loopback=True))
    assert "acts as anybody until somebody can log in" in trusted[1]


def test_the_first_forwarded_request_is_remembered_where_no_proxy_is_configured(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.add("dewi")
    here = house.here(trusted=True)
    here.get("/healthz")
    assert points(house, Settings()) == []
    assert here.get("/wall", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 401
    until(lambda: points(house, Settings()), why="the request to be noted")
    (point,) = points(house, Settings())
    assert "requests reach 127.0.0.1:8000 through a forwarder (X-Forwarded-For, first at " in point
    assert "203.0.113.9" not in point
    assert points(house, BEHIND) == []
    ForwardedRequests(house.log, ThreadRuntime(), Settings()).begin()
    assert points(house, Settings()) == []


def test_two_machines_that_listen_alike_know_of_each_others_forwarders_for_a_month(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    house.add("dewi")
    for machine in ("satu", "dua"):
        monkeypatch.setattr("liveroom.maintenance.exposure.gethostname", lambda name=machine: name)
        ForwardedRequests(house.log, AtOnce(), Settings()).begin()
        ForwardedRequests(house.log, AtOnce(), Settings()).note("Forwarded")
    found = points(house, Settings())
    assert len(found) == 2
    assert not any(name in point for name in ("satu", "dua") for point in found), "no machine's name leaves the room"
    old = to_micros(system_now() - timedelta(days=31))
    house.log.touch(lambda c: c.execute(update(forwarded).where(forwarded.c.place.startswith("satu")).values(at=old)))
    assert len(points(house, Settings())) == 1
    ForwardedRequests(house.log, AtOnce(), Settings()).begin()
    assert house.log.read(lambda c: c.execute(select(forwarded)).all()) == []


def test_a_note_that_failed_is_not_tried_again_at_each_request(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[object] = []

    def away(_log: object, work: object) -> None:
        tries.append(work)
        raise Unavailable("the database is away")

    monkeypatch.setattr("liveroom.log.event_log.EventLog.touch", away)
    forwardings = ForwardedRequests(house.log, AtOnce(), Settings())
    for later in (0, 61):
        monkeypatch.setattr("liveroom.maintenance.exposure.monotonic", lambda later=later: monotonic() + later)
        for _ in range(3):
            forwardings.note("Forwarded")
    assert len(tries) == 2


class AtOnce(ThreadRuntime):
    """Does what is spawned before it goes on."""

    def spawn(self, work: Callable[..., object], *args: object) -> None:
        work(*args)


@pytest.mark.parametrize(
    ("text", "said", "trusts"),
    [
        ("", "", False),
        ("", "0", False),
        ("", "1", True),
        ("server: {port: 1}", "1", True),
        ("server: {host: 0.0.0.0}", "1", False),
        ("server: {behind_proxy: true}", "1", False),
    ],
)
def test_a_real_room_trusts_its_loopback_by_the_environment(tmp_path: Path, text: str, said: str, trusts: bool) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"city: tangerang\n{text}\n")
    server = load_config(path, {"LIVEROOM_TRUST_LOOPBACK": said}).server
    assert server.trusts_loopback("real") is trusts
    assert server.trusts_loopback("drill") is (server.host == "127.0.0.1" and not server.behind_proxy)


@pytest.mark.parametrize(
    ("text", "said", "words"),
    [
        ("server: {trust_loopback: true}", "", "is said in the environment alone"),
        ("server: {trust_loopback: false}", "1", "is said in the environment alone"),
        ("", "yes", "must be 1 or 0, not 'yes'"),
    ],
)
def test_no_file_makes_a_room_trust_and_no_other_word(tmp_path: Path, text: str, said: str, words: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"city: tangerang\n{text}\n")
    with pytest.raises(ConfigError) as refused:
        load_config(path, {"LIVEROOM_TRUST_LOOPBACK": said})
    ((where, message),) = [(fault.where, fault.message) for fault in refused.value.faults]
    assert (where, words in message) == ("LIVEROOM_TRUST_LOOPBACK", True)


def test_a_room_that_trusts_says_so_on_its_pages_and_never_on_the_walls_picture(house: House) -> None:
    trusted, other = house.here(), house.here(trusted=False)
    house.add("sri")
    for browser, says in ((trusted, True), (other, False)):
        assert browser.log_in("sri").status_code == 303
        assert (TRUST in browser.get("/").text) is says
        assert (TRUST in browser.get("/desk").text) is says
        assert TRUST not in browser.get("/wall").text


@pytest.mark.server
@pytest.mark.browser
def test_the_link_that_a_start_prints_makes_the_first_admin_on_a_telephone(
    server: Callable[..., Server], browser: Browser, tmp_path: Path
) -> None:
    room = server(env=UNTRUSTED, data=tmp_path / "room")
    (link,) = LINK.findall(room.log())
    assert "warning: nobody can log in yet" in room.log()
    ready = httpx.get(f"{room.url}/readyz", timeout=30)
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    # That nobody can be called is for whoever runs the room, and in no answer to strangers.
    assert [one.partition(":")[0] for one in ready.json()["open"]] == ["nobody can log in yet"]
    assert "nobody can be called about an alarm: mail.host is empty" in room.log()
    assert httpx.get(f"{room.url}/wall", timeout=30).status_code == 401

    telephone = browser.new_context(viewport={"width": 390, "height": 844})
    page = telephone.new_page()
    page.goto(link[0])
    assert link[2] not in page.url
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for label, value in (("Nama pengguna", "dewi"), ("Kata sandi", PASSWORD), ("Sekali lagi", PASSWORD)):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button").click()
    page.wait_for_url(f"{room.url}/desk/people?lang=id")
    page.goto(f"{room.url}/desk/people")
    page.get_by_text("dewi").first.wait_for()
    late = telephone.new_page()
    late.goto(link[0])
    assert "Ruang ini sudah disiapkan" in late.inner_text("h1")
    telephone.close()

    ready = httpx.get(f"{room.url}/readyz", timeout=30).json()
    assert (ready["status"], "open" in ready, "warnings" in ready) == ("ok", False, False)
    room.stop()
    assert room.log().count(link[2]) == 1
    room.start()
    assert len(LINK.findall(room.log())) == 1
    told = room.command("doctor")
    assert (told.stdout.strip(), told.stderr.count("warning: ")) == ("no findings", 1)
    assert "warning: nobody can be called about an alarm: mail.host is empty" in told.stderr
    room.env = {**room.env, **TRUSTED}
    assert f"({TRUST}): anybody on this machine" in room.command("doctor").stderr
