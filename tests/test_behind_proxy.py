"""The room as it is deployed: two web processes and a clock behind nginx, with the site file of deploy/."""

import itertools
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.faults.screen import Screen
from tests.services.postgres import Postgres
from tests.services.process import Process, free_port, listening
from tests.services.server import Server
from tests.services.wait import until

SITE = Path(__file__).parents[1] / "deploy" / "nginx" / "liveroom.conf"
NAME = "localhost"
MAIN = """
daemon off;
worker_processes 1;
pid {home}/pid;
error_log {home}/error.log warn;
events {{}}
http {{
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    include {home}/site.conf;
}}
"""

pytestmark = [
    pytest.mark.server,
    pytest.mark.postgres,
    pytest.mark.skipif(not (shutil.which("nginx") and shutil.which("openssl")), reason="Debian's nginx and openssl"),
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


def site(home: Path, ports: list[int], https: int, http: int) -> str:
    """The site file with free ports, a certificate of the test's and a log in a file, so that it can be read."""
    text = SITE.read_text(encoding="utf-8")
    for there, here in (
        ("127.0.0.1:8001", f"127.0.0.1:{ports[0]}"),
        ("127.0.0.1:8002", f"127.0.0.1:{ports[1]}"),
        ("listen 443 ssl", f"listen 127.0.0.1:{https} ssl"),
        ("listen 80", f"listen 127.0.0.1:{http}"),
        ("    listen [::]:443 ssl;\n", ""),
        ("    listen [::]:80;\n", ""),
        ("wall.example.go.id", NAME),
        ("/etc/liveroom/tls", str(home / "tls")),
        ("syslog:server=unix:/dev/log,nohostname,tag=liveroom_nginx", str(home / "proxy.log")),
    ):
        assert there in text, f"{SITE.name} no longer says {there!r}"
        text = text.replace(there, here)
    return text


def certify(home: Path) -> None:
    """A self-signed certificate, as docs/deployment.md makes one."""
    (home / "tls").mkdir()
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    words += ["-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(home / "tls" / "privkey.pem")]
    subprocess.run([*words, "-out", str(home / "tls" / "fullchain.pem")], check=True, capture_output=True)


@pytest.fixture
def house(
    server: Callable[..., Server], postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    config = tmp_path / "config.yaml"
    config.write_text(f"city: tangerang\nserver: {{behind_proxy: true, hosts: [{NAME}]}}\n")
    env = {"LIVEROOM_CONFIG": str(config), "LIVEROOM_DATABASE_URL": postgres_url}
    server("clock", env=env, ready=False)
    webs = [server("web", env=env, ready=False) for _ in range(2)]
    certify(tmp_path)
    https, http = free_port(), free_port()
    (tmp_path / "site.conf").write_text(site(tmp_path, [web.port for web in webs], https, http))
    (tmp_path / "nginx.conf").write_text(MAIN.format(home=tmp_path))
    tried = subprocess.run(["nginx", "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0 and "[warn]" not in tried.stderr, tried.stderr
    proxy = Process(["nginx", "-c", str(tmp_path / "nginx.conf")], log=tmp_path / "nginx.log")
    proxy.start(cwd=tmp_path)
    until(lambda: listening(https), why="nginx to listen")
    for web in webs:
        until(web.is_ready, within=60, why="a web process")
    monkeypatch.setenv("WEBSOCKET_CLIENT_CA_BUNDLE", str(tmp_path / "tls" / "fullchain.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "tls" / "fullchain.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls" / "fullchain.pem"))
    key, token = webs[0].last_word("source", "add", "lapor"), webs[0].last_word("screen", "add", "dinding")
    yield House(webs=webs, url=f"https://{NAME}:{https}", home=tmp_path, key=key, token=token)
    proxy.end()


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


def test_with_no_process_left_a_page_comes_back_by_itself_and_a_source_is_told_to(house: House) -> None:
    for web in house.webs:
        web.kill()
    with house.client(liveroom_screen=house.token) as browser:
        page = browser.get("/wall")
        assert (page.status_code, page.headers["Refresh"]) == (503, "10")
        assert "Ruang sedang tidak menjawab" in page.text
        answer = browser.post("/api/v1/complaints", json={}, headers={"Authorization": f"Bearer {house.key}"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert (answer.headers["Content-Type"], answer.json()["code"]) == ("application/problem+json", "unavailable")
        large = browser.post("/api/v1/complaints", content=b"x" * 3_000_000)
        assert (large.status_code, large.json()["code"]) == (413, "too_large")
        browser.get("/lapor/s/private-link?q=Budi")
    log = house.home / "proxy.log"
    until(lambda: "/lapor/s/" in log.read_text(), why="the proxy to log what it has answered")
    assert not [word for word in ("private-link", "Budi", "client:") if word in log.read_text()]


def test_with_the_database_away_every_door_says_come_back(house: House, postgres: Postgres) -> None:
    postgres.stop()
    with house.client(liveroom_screen=house.token) as browser:
        page = browser.get("/wall")
        assert (page.status_code, page.headers["Refresh"]) == (503, "10")
        assert browser.get("/feed/snapshot").status_code == 503
    postgres.start()
    for web in house.webs:
        until(web.is_ready, within=60, why="a web process with its database back")
    log = "".join(web.log() for web in house.webs)
    assert "Traceback" not in log and '"error"' not in log


@contextmanager
def posting(house: House) -> Iterator[Callable[[], None]]:
    """Post for the length of the block; what it gives waits for 40 more answers, or for one refusal."""
    over = threading.Event()

    def keep_posting() -> None:
        with house.client() as client:
            for number in itertools.count():
                if over.is_set():
                    return
                house.post(client, f"L-{number}")

    def await_more() -> None:
        goal = len(house.accepted) + 40
        until(lambda: len(house.accepted) >= goal or house.refused, within=120, why="40 more answers")

    poster = threading.Thread(target=keep_posting)
    poster.start()
    try:
        yield await_more
    finally:
        over.set()
        poster.join(90)
