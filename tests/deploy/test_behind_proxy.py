"""The room as it is deployed: two web processes and a clock behind nginx, with the site file of deploy/."""

import itertools
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.often import SOAKING
from tests.rooms.together import together
from tests.services import nginx
from tests.services.postgres import Postgres
from tests.services.screen import Screen
from tests.services.server import Server, servers_of_test
from tests.services.wait import until

pytestmark = [
    pytest.mark.server,
    pytest.mark.postgres,
    pytest.mark.skipif(not nginx.THERE, reason="Debian's nginx and openssl"),
]


@dataclass(slots=True)
class House:
    """What stands behind the proxy, and the way in."""

    webs: list[Server]
    url: str
    home: Path
    key: str = ""
    token: str = ""
    accepted: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def client(self, **cookies: str) -> httpx.Client:
        """A browser that trusts our certificate and follows nothing by itself."""
        trust = ssl.create_default_context(cafile=str(self.home / "tls" / "fullchain.pem"))
        return httpx.Client(base_url=self.url, verify=trust, cookies=cookies, timeout=60)

    def post(self, client: httpx.Client, source_id: str) -> None:
        """Post one complaint and note what became of it."""
        body = {"source_id": source_id, "category": "jalan_rusak", "lat": -6.17, "lon": 106.63}
        answer = client.post("/api/v1/complaints", json=body, headers={"Authorization": f"Bearer {self.key}"})
        if answer.is_success:
            self.accepted[source_id] = answer.json()["id"]
        else:
            self.refused.append(f"{source_id}: {answer.status_code} {answer.text}")


@pytest.fixture(scope="module")
def servers(request: pytest.FixtureRequest) -> Iterator[list[Server]]:
    """What is started for this file: its logs stand under each test that fails, and all are killed in the end."""
    started: list[Server] = []
    for test in request.session.items:
        if test.parent is request.node:
            test.stash[servers_of_test] = started
    try:
        yield started
    finally:
        for one in started:
            if one.process.running:
                one.kill()


@pytest.fixture(scope="module")
def deployed(
    servers: list[Server], postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """One for this file: what is accepted stays."""
    home = tmp_path_factory.mktemp("deployed")
    env = {"LIVEROOM_CONFIG": str(nginx.settings(home)), "LIVEROOM_DATABASE_URL": postgres_server.fresh_database()}

    def started(word: str) -> Server:
        folder = home / f"{word}-{len(servers)}"
        folder.mkdir()
        servers.append(Server(word, data=folder, env=env))
        return servers[-1].start(ready=False)

    started("clock")
    webs = [started("web") for _ in range(2)]
    with nginx.proxied(home, [web.port for web in webs]) as proxy, pytest.MonkeyPatch.context() as patch:
        for web in webs:
            until(web.is_ready, within=60, why="a web process")
        for name in ("WEBSOCKET_CLIENT_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
            patch.setenv(name, str(proxy.certificate))
        key, token = webs[0].last_word("source", "add", "lapor"), webs[0].last_word("screen", "add", "dinding")
        yield House(webs=webs, url=proxy.url, home=home, key=key, token=token)


@pytest.fixture
def house(deployed: House) -> House:
    """Both of its web processes serve, whatever another test did to them."""
    for web in deployed.webs:
        if not web.process.running:
            web.start(ready=False)
    for web in deployed.webs:
        until(web.is_ready, within=60, why="a web process")
    return deployed


def test_a_screen_is_paired_once_and_only_by_its_token(house: House) -> None:
    with house.client() as browser:
        refused = browser.get("/wall")
        assert (refused.status_code, "max-age=" in refused.headers["Strict-Transport-Security"]) == (401, True)
        assert browser.get("/feed/snapshot").status_code == 401
        forged = {"X-Forwarded-Proto": "http", "Forwarded": "proto=http", "X-Forwarded-For": "127.0.0.1"}
        paired = browser.get("/wall", params={"token": house.token, "scene": "map"}, headers=forged)
        assert (paired.status_code, paired.headers["Location"]) == (303, "/wall?scene=map")
        assert "; Secure;" in paired.headers["Set-Cookie"]
        assert browser.get("/wall").status_code == 200
        assert browser.get("/feed/snapshot").status_code == 200
        assert browser.get("/feed/snapshot", headers={"Origin": "https://evil.example"}).status_code == 421
        assert [browser.get(path).status_code for path in ("/healthz", "/readyz", "/metrics")] == [200, 404, 404]
    assert house.token not in "".join(path.read_text() for path in house.home.glob("*.log"))


def test_a_crowd_of_walls_that_comes_back_is_answered_once(house: House) -> None:
    before = len(_lines(house, "/feed/resume"))
    with house.client(liveroom_screen=house.token) as browser:
        told = browser.get("/feed/snapshot").json()
        house.post(browser, "while they were away")
        asked = {"epoch": told["epoch"], "from": told["seq"], "mark": told["mark"], "to": told["seq"] + 1}
        answers: list[httpx.Response] = []
        together(12, lambda _: answers.append(browser.get("/feed/resume", params=asked)))
        assert {one.status_code for one in answers} == {200}
        assert len({one.content for one in answers}) == 1
        (batch,) = answers[0].json()["batches"]
        assert [card["id"] for card in batch["cards"]] == [house.accepted["while they were away"]]
        wrong = asked | {"mark": "0" * 24}
        assert [browser.get("/feed/resume", params=wrong).headers["Cache-Control"] for _ in range(2)] == [
            "no-store"
        ] * 2
    with house.client() as stranger:
        assert stranger.get("/feed/resume", params=asked).status_code == 401
    asked_of_the_room = _asked_of_the_room(house, "/feed/resume", before, 15)
    assert asked_of_the_room == 1 + 2 + 1, "the crowd, two orders, a stranger"


def _asked_of_the_room(house: House, path: str, before: int, number: int) -> int:
    """How many of that number of requests, which follow those before, the proxy passed on."""
    until(lambda: len(_lines(house, path)) - before == number, why="the proxy to log what it has answered")
    lines = [json.loads(line[line.index("{") :]) for line in _lines(house, path)[before:]]
    return sum(line["upstream"] not in ("", "-") for line in lines)


def _lines(house: House, path: str) -> list[str]:
    """What the proxy has logged of a path."""
    return [line for line in (house.home / "proxy.log").read_text().splitlines() if f'"{path}"' in line]


def test_with_the_database_away_every_door_says_come_back(house: House, postgres: Postgres) -> None:
    before = [len(web.log()) for web in house.webs]
    postgres.stop()
    with house.client(liveroom_screen=house.token) as browser:
        page = browser.get("/wall")
        assert (page.status_code, page.headers["Refresh"]) == (503, "10")
        assert browser.get("/feed/snapshot").status_code == 503
    postgres.start()
    for web in house.webs:
        until(web.is_ready, within=60, why="a web process with its database back")
    log = "".join(web.log()[length:] for web, length in zip(house.webs, before, strict=True))
    assert "Traceback" not in log and '"error"' not in log


@pytest.mark.often
def test_a_process_that_dies_or_ends_costs_no_complaint_and_no_picture(house: House) -> None:
    screens = [Screen(house.url, token=house.token).start() for _ in range(4)]
    until(lambda: all(screen.current for screen in screens), why="every screen")
    loads = [screen.loads for screen in screens]
    first, second = house.webs
    with posting(house) as await_more:
        await_more()
        first.kill()
        await_more()
        first.start()
        await_more()
        assert second.stop() == 0
        await_more()
    assert house.refused == []
    with house.client(liveroom_screen=house.token) as browser:
        snapshot = browser.get("/feed/snapshot").json()
    assert set(house.accepted.values()) == set(snapshot["cards"]["id"])
    until(lambda: all(screen.at(snapshot["seq"]) for screen in screens), why="every screen to be at the head")
    assert [set(screen.store.cards) for screen in screens] == [set(snapshot["cards"]["id"])] * 4
    assert [screen.loads for screen in screens] == loads
    for screen in screens:
        screen.close()


def test_with_no_process_left_a_page_comes_back_by_itself_and_a_source_is_told_to(deployed: House) -> None:
    for web in deployed.webs:
        if web.process.running:
            web.kill()
    with deployed.client(liveroom_screen=deployed.token) as browser:
        page = browser.get("/wall")
        assert (page.status_code, page.headers["Refresh"]) == (503, "10")
        assert "Ruang sedang tidak menjawab" in page.text
        answer = browser.post("/api/v1/complaints", json={}, headers={"Authorization": f"Bearer {deployed.key}"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert (answer.headers["Content-Type"], answer.json()["code"]) == ("application/problem+json", "unavailable")
        large = browser.post("/api/v1/complaints", content=b"x" * 3_000_000)
        assert (large.status_code, large.json()["code"]) == (413, "too_large")
        # A hook's body may be as large as Meta's, and goes through to the room, which is gone.
        assert browser.post("/hooks/whatsapp", content=b"x" * 3_000_000).status_code == 503
        assert "4194304" in browser.post("/hooks/whatsapp", content=b"x" * 6_000_000).json()["message"]
        browser.get("/lapor/s/private-link?q=Budi")
    log = deployed.home / "proxy.log"
    until(lambda: "/lapor/s/" in log.read_text(), why="the proxy to log what it has answered")
    assert not [word for word in ("private-link", "Budi", "client:") if word in log.read_text()]


@contextmanager
def posting(house: House) -> Iterator[Callable[[], None]]:
    """Post for the length of the block; what it gives waits for some more answers, or for one refusal."""
    over = threading.Event()

    def keep_posting() -> None:
        with house.client() as client:
            for number in itertools.count():
                if over.is_set():
                    return
                house.post(client, f"L-{number}")

    def await_more() -> None:
        goal = len(house.accepted) + (40 if SOAKING else 12)
        until(lambda: len(house.accepted) >= goal or house.refused, within=120, why="some more answers")

    poster = threading.Thread(target=keep_posting)
    poster.start()
    try:
        yield await_more
    finally:
        over.set()
        poster.join(90)
