"""The first admin by the link of a start: made once, by whichever process, and by nobody who guesses or comes late."""

import gzip
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from display.auth.login import PasswordQueue
from display.auth.throttle import OF_OWN
from liveroom.accounts.users import Person
from liveroom.domain.requests import Role
from liveroom.log.backup import backup
from liveroom.log.event_log import events
from liveroom.log.schema import TRUTH, setup_link
from liveroom.maintenance.exposure import SetupRefusal, link_at_start, make_admin, refusal_of
from liveroom.room.bootstrap import Start, open_room
from liveroom.runtime.config import Config, OpenIdSettings, ServerSettings, load_config
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.staffed import NAME, PASSWORD, ROOT, Browser, House, hash_of_the_password

FIRST, SECOND = ServerSettings(port=8001), ServerSettings(port=8002)
DEWI = {"login": "dewi", "name": "Dewi Sartika", "password": PASSWORD, "again": PASSWORD}


@dataclass
class New:
    """A real room in which nobody can log in yet, asked on its own machine, which it does not trust."""

    house: House

    def start(self, server: ServerSettings = FIRST, **settings: object) -> str | None:
        """The path of the link that a web process prints when it starts with these settings."""
        config: Config = msgspec.structs.replace(self.house.config, server=server, **settings)
        link = link_at_start(config, self.house.opened.room)
        return link and link[link.index("/setup") :]

    def browser(self) -> Browser:
        return self.house.here(trusted=False)

    def opened(self, path: str) -> Browser:
        """A browser that followed the link."""
        browser = self.browser()
        assert browser.get(path).status_code == 303
        return browser

    def kept(self) -> str:
        return self.house.log.read(lambda c: str(c.execute(select(setup_link)).all()))

    def people(self) -> list[Person]:
        return [one.who for one in self.house.users.everybody()]


@pytest.fixture
def new(tmp_path: Path) -> New:
    return New(House(tmp_path))


def make(browser: Browser, **more: str) -> TestResponse:
    """Fill the form in and send it."""
    shown = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/setup").text)
    return browser.post("/setup", data={"csrf_token": shown[1] if shown else "", **DEWI, **more})


def test_whoever_opens_the_link_becomes_the_first_admin_and_is_logged_in(new: New) -> None:
    link = new.start()
    browser = new.opened(str(link))
    form = browser.get("/setup")
    assert (form.status_code, "Buat admin pertama" in form.text) == (200, True)
    assert "Make the first admin" in browser.get("/setup?lang=en").text
    made = make(browser)
    assert (made.status_code, made.headers["Location"]) == (303, "/desk/people?lang=id")
    assert new.people() == [Person(actor="dewi", name="Dewi Sartika", role=Role.ADMIN)]
    assert browser.get("/desk/people").status_code == 200
    logged = new.house.log.read(lambda c: events(c, 0, 100))
    told = [(one.event.kind.value, one.event.id, one.actor) for one in logged]
    assert told == [("user.added", "dewi", "dewi")]
    assert new.browser().log_in("dewi").status_code == 303


def test_the_token_leaves_the_address_at_once_and_only_its_hash_is_kept(new: New, tmp_path: Path) -> None:
    link = str(new.start())
    token = parse_qs(urlsplit(link).query)["token"][0]
    assert len(token) >= 43, "256 random bits"
    browser = new.browser()
    answer = browser.get(link)
    (line,) = answer.headers.getlist("Set-Cookie")
    assert {"HttpOnly", "Path=/setup", "SameSite=Lax"} <= {part.strip() for part in line.split(";")}
    assert (answer.headers["Location"], answer.headers["Cache-Control"]) == ("/setup?lang=id", "no-store")
    assert token not in answer.text + browser.get("/setup").text + new.kept()
    assert setup_link not in TRUTH
    backup(new.house.log, tmp_path / "all.jsonl.gz")
    assert b"setup_link" not in gzip.decompress((tmp_path / "all.jsonl.gz").read_bytes())


def test_links_of_all_processes_hold_at_any_of_them_and_end_together(new: New) -> None:
    first, second = str(new.start(FIRST)), str(new.start(SECOND))
    one, other = new.opened(first), new.opened(second)
    assert (one.get("/setup").status_code, other.get("/setup").status_code) == (200, 200)
    assert make(other).status_code == 303
    late = make(one, login="penyusup")
    assert (late.status_code, "Ruang ini sudah disiapkan" in late.text) == (403, True)
    assert [who.actor for who in new.people()] == ["dewi"]
    assert new.kept() == "[]"
    assert new.start() is None


def test_machines_that_listen_alike_void_no_link_of_each_other(new: New, monkeypatch: pytest.MonkeyPatch) -> None:
    links: list[str] = []
    for machine in ("satu", "dua", "satu"):
        monkeypatch.setattr("liveroom.maintenance.exposure.gethostname", lambda name=machine: name)
        links.append(str(new.start()))
    assert [new.opened(link).get("/setup").status_code for link in links] == [403, 200, 200]


def late(new: New) -> None:
    new.house.add("rina")


def replaced(new: New) -> None:
    new.start()


def aged(new: New) -> None:
    new.house.log.touch(lambda c: c.execute(update(setup_link).values(ends_at=1)))


@pytest.mark.parametrize(
    ("happens", "said"),
    [(late, "Sudah ada yang dapat masuk"), (replaced, "dijalankan ulang"), (aged, "lebih dari sehari")],
)
def test_a_link_that_is_good_no_more_says_why_before_and_after_the_form(
    new: New, happens: Callable[[New], None], said: str
) -> None:
    link = str(new.start())
    browser = new.opened(link)
    token = browser.get("/setup")
    happens(new)
    sent = browser.post("/setup", data={**DEWI, "csrf_token": str(re.search(r'value="([^"]+)"', token.text))})
    assert (sent.status_code, said in sent.text) == (403, True)
    again = new.opened(link).get("/setup")
    assert (again.status_code, said in again.text) == (403, True)
    assert [who for who in new.people() if who.role is Role.ADMIN] == []


def test_a_guess_opens_nothing(new: New) -> None:
    new.start()
    for token in ("", "x", "x" * 5000, "%00", "%ED%A0%80"):
        browser = new.browser()
        assert browser.get(f"/setup?token={token}").status_code == 303
        assert browser.get("/setup").status_code == 403, token[:10]
        assert make(browser).status_code == 403, token[:10]
        assert new.people() == []


def test_without_the_link_the_page_says_where_it_is_and_the_start_page_and_the_log_in_too(new: New) -> None:
    new.start()
    page = new.browser().get("/setup")
    assert (page.status_code, "Belum ada yang dapat masuk" in page.text) == (403, True)
    assert "Belum ada yang dapat masuk" in new.browser().get("/").text
    assert "Belum ada yang dapat masuk" in new.browser().get("/login").text
    new.house.add("rina")
    assert "Belum ada yang dapat masuk" not in new.browser().get("/").text + new.browser().get("/login").text


WRONG: list[tuple[dict[str, str], int, str]] = [
    ({"password": "pendek", "again": "pendek"}, 422, "Kata sandi harus 10 sampai 256"),
    ({"password": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"}, 422, "hanya mengulang"),
    ({"password": "dewi yang panjang", "again": "dewi yang panjang"}, 422, "memuat nama Anda"),
    ({"again": "lain sama sekali"}, 422, "Kedua kata sandi tidak sama"),
    ({"login": "dewi sartika"}, 422, "Nama pengguna harus 1 sampai 64"),
    ({"login": "command-line"}, 422, "Nama pengguna harus 1 sampai 64"),
    ({"name": "dua\nbaris"}, 422, "Nama yang dilihat orang lain harus"),
    ({"csrf_token": "x"}, 403, "Formulir sudah kedaluwarsa"),
]


def test_what_is_wrong_is_said_and_costs_no_link(new: New) -> None:
    link = str(new.start())
    browsers = [new.opened(link) for _ in WRONG]
    for browser, (said, status, words) in zip(browsers, WRONG, strict=True):
        refused = make(browser, **said)
        assert (refused.status_code, words in refused.text) == (status, True), said
        assert PASSWORD not in refused.text
        assert new.people() == []
        assert browser.get("/setup").status_code == 200, said
    assert make(browsers[-1]).status_code == 303


def test_whoever_tries_by_the_link_all_day_is_looked_at_as_a_stranger(
    new: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, known = PasswordQueue.run, list[bool]()

    def seen(self: PasswordQueue, work: Callable[[], object], of: str, **how: bool) -> object:
        known.append(how["known"])
        return plain(self, work, of, **how)

    monkeypatch.setattr(PasswordQueue, "run", seen)
    browser = new.opened(str(new.start()))
    for _ in range(OF_OWN + 2):
        assert make(browser, password="12345678901").status_code == 422
    assert known == [True] * OF_OWN + [False] * 2


def test_another_sites_form_makes_nobody(new: New) -> None:
    browser = new.opened(str(new.start()))
    assert browser.post("/setup", data=DEWI, headers={"Origin": "http://evil.example"}).status_code == 421
    assert browser.post("/setup", data=DEWI).status_code == 403
    assert new.people() == []


def test_of_two_at_once_one_becomes_the_admin(new: New) -> None:
    tokens = [parse_qs(urlsplit(str(new.start(server))).query)["token"][0] for server in (FIRST, SECOND)]
    people = [Person(actor=name, name=name, role=Role.ADMIN) for name in ("satu", "dua")]

    def one(number: int) -> SetupRefusal | None:
        return make_admin(new.house.opened.room, tokens[number], people[number], hash_of_the_password(PASSWORD))

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(one, (0, 1)), key=str) == [None, SetupRefusal.LATE]
    assert len(new.people()) == 1


def test_a_provider_that_lets_somebody_in_needs_no_link(new: New) -> None:
    nobody = OpenIdSettings(issuer="https://login.example", client_id="liveroom")
    assert new.start(openid=nobody) is not None
    assert new.start(openid=msgspec.structs.replace(nobody, roles={"cc-head": "supervisor"})) is None
    assert new.kept() == "[]"


def test_behind_a_proxy_the_link_has_the_rooms_own_name(new: New) -> None:
    link = link_at_start(new.house.config, new.house.opened.room)
    assert str(link).startswith(f"https://{NAME}/setup?token=")
    browser = new.house.browser()
    answer = browser.get(str(link).removeprefix(f"https://{NAME}"))
    assert "Secure" in answer.headers["Set-Cookie"]
    assert make(browser).status_code == 303


def test_a_drill_on_its_own_machine_needs_none_and_one_behind_a_proxy_does(tmp_path: Path) -> None:
    drill = New(House(tmp_path, kind="drill"))
    assert drill.start(ServerSettings()) is None
    assert "Belum ada yang dapat masuk" not in drill.browser().get("/").text
    assert drill.start(ServerSettings(behind_proxy=True, hosts=(NAME,))) is not None


@pytest.mark.postgres
def test_on_postgresql_the_newest_link_holds_and_of_two_at_once_one_becomes_the_admin(
    postgres_url: str, tmp_path: Path
) -> None:
    said = {"LIVEROOM_DATA_DIR": str(tmp_path), "LIVEROOM_DATABASE_URL": postgres_url}
    config = load_config(ROOT / "config.yaml", said)
    room = open_room(config, ThreadRuntime(), Start(kind="real", city=config.city)).room
    old, newest = (str(link_at_start(config, room)).partition("token=")[2] for _ in range(2))
    assert (refusal_of(room, old), refusal_of(room, newest)) == (SetupRefusal.GONE, None)

    def one(name: str) -> SetupRefusal | None:
        who = Person(actor=name, name=name, role=Role.ADMIN)
        return make_admin(room, newest, who, hash_of_the_password(PASSWORD))

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(one, ("satu", "dua")), key=str) == [None, SetupRefusal.LATE]
    assert link_at_start(config, room) is None
    room.log._engine.dispose()
