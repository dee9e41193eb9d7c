"""A disk of 40 MB that strangers fill with all they have: files are refused, the log goes on, the room comes back."""

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.faults.accounts import complaints_of
from tests.faults.flood import Flood, complaint, ids
from tests.rooms.hostile_files import photo
from tests.rooms.sending import PIECE, TUS
from tests.rooms.together import together
from tests.services.disk import full, mounted, small_disk
from tests.services.postgres import Postgres
from tests.services.screen import Watch
from tests.services.server import Server
from tests.services.wait import until

pytestmark = pytest.mark.server
__all__ = ["small_disk"]
MB = 1_000_000
# Of strangers there are so many at once; each ends when it was told so often, one after the other, that nothing goes.
STRANGERS, GIVES_UP, MOST_TRIES = 4, 3, 400
LENGTHS = (8 * MB, 2 * MB, 300_000, 20_000)


Strangers = Callable[[str, int], list["Stranger"]]


@pytest.fixture
def strangers() -> Iterator[Strangers]:
    """Return `strangers(url, number)`."""
    come = list[Stranger]()

    def some(url: str, number: int) -> list[Stranger]:
        come.extend(new := [Stranger(url) for _ in range(number)])
        return new

    yield some
    for one in come:
        one.http.close()


class Stranger:
    """Somebody without a credential who tries every way to send files; `answers` counts what was said."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=60)
        self.answers: Counter[tuple[int, str]] = Counter()
        self.unsaid: list[str] = []

    def fill(self, number: int) -> None:
        """Send until nothing of any length is taken any more."""
        refused = 0
        for tries in range(MOST_TRIES):
            if refused >= GIVES_UP * len(LENGTHS):
                return
            length = LENGTHS[(tries + number) % len(LENGTHS)]
            way = (self.whole, self.unfinished, self.at_once, self.announced)[(tries // 4 + number) % 4]
            refused = 0 if way(length) else refused + 1

    def whole(self, length: int) -> bool:
        """A real photo with noise behind it, piece by piece."""
        content = photo(2) + os.urandom(max(0, length - len(photo(2))))
        where = self._expected(len(content))
        if where is None or not self._piece(where, 0, content[:1_000]):
            return False
        return self._piece(where, 1_000, content[1_000:])

    def unfinished(self, length: int) -> bool:
        """All but the last byte."""
        where = self._expected(length)
        return where is not None and self._piece(where, 0, os.urandom(length - 1))

    def at_once(self, length: int) -> bool:
        """Announced and sent in one request."""
        return self._expected(length, {"Content-Type": PIECE}, os.urandom(length)) is not None

    def announced(self, length: int) -> bool:
        """Announced, and never sent."""
        return self._expected(length) is not None

    def begun(self, length: int) -> str:
        """Its address, with a thousand bytes there."""
        where = self._expected(length)
        assert where is not None
        assert self.piece(where, 0, b"x" * 1_000).status_code == 204
        return where

    def piece(self, where: str, offset: int, content: bytes) -> httpx.Response:
        """Send one piece."""
        headers = {**TUS, "Upload-Offset": str(offset), "Content-Type": PIECE}
        return self.http.patch(where, headers=headers, content=content)

    def _expected(self, length: int, more: dict[str, str] | None = None, content: bytes = b"") -> str | None:
        ticket = self.http.get("/lapor/ticket").json()["ticket"]
        headers = {**TUS, "X-Ticket": ticket, "Upload-Length": str(length), **(more or {})}
        answer = self._said("POST", "/lapor/files", headers, content)
        self.http.headers["X-Ticket"] = ticket
        return answer.headers["Location"] if answer is not None and answer.status_code == 201 else None

    def _piece(self, where: str, offset: int, content: bytes) -> bool:
        answer = self._said("PATCH", where, {**TUS, "Upload-Offset": str(offset), "Content-Type": PIECE}, content)
        return answer is not None and answer.status_code == 204

    def _said(self, method: str, path: str, headers: dict[str, str], content: bytes) -> httpx.Response | None:
        try:
            answer = self.http.request(method, path, headers=headers, content=content)
        except httpx.TransportError:  # it may close before it has read all that it does not want
            return None
        code = answer.json()["code"] if answer.is_error and answer.text.startswith("{") else ""
        self.answers[answer.status_code, code] += 1
        if answer.status_code in (429, 503, 507) and "Retry-After" not in answer.headers:
            self.unsaid.append(f"{method} {path}: {answer.status_code}")
        return answer


def free(disk: Path) -> int:
    return shutil.disk_usage(disk).free


def settings(folder: Path, **media: int) -> dict[str, str]:
    """The environment of a room with these settings of media."""
    file = folder / "config.yaml"
    lines = [f"  {name}: {value}\n" for name, value in media.items()]
    file.write_text("city: tangerang\nmedia:\n" + "".join(lines), encoding="utf-8")
    return {"LIVEROOM_CONFIG": str(file)}


def age(room: Server, hours: int) -> None:
    """As if all that was sent had been sent so many hours earlier."""
    with sqlite3.connect(room.data / "real.db", timeout=30) as connection:
        span = hours * 3600 * 1_000_000
        connection.execute("UPDATE upload SET created_at = created_at - ?, changed_at = changed_at - ?", (span, span))
    connection.close()
    for part in (room.data / "uploads").glob("*.part"):
        then = part.stat().st_mtime - hours * 3600
        os.utime(part, (then, then))


def test_a_disk_of_40_mb_filled_by_strangers_the_log_goes_on(
    server: Callable[..., Server], watch: Watch, strangers: Strangers, small_disk: Path, tmp_path: Path
) -> None:
    many = 1_000_000
    unbound = {"public_mb": many, "public_day_mb": many, "public_address_mb": many, "unused_hours": 1}
    room = server(data=small_disk / "room", env=settings(tmp_path, **unbound))
    key = room.last_word("source", "add", "app")
    screen = watch(room.url)
    until(lambda: screen.freshness() == "live", within=90, why="the screen to be live")
    empty = free(small_disk)
    crowd = strangers(room.url, STRANGERS)
    together(STRANGERS, lambda number: crowd[number].fill(number))
    answers = sum((one.answers for one in crowd), Counter[tuple[int, str]]())
    assert answers[507, "disk_full"] >= STRANGERS * GIVES_UP
    assert {status for status, _ in answers} <= {201, 204, 409, 410, 413, 423, 503, 507}
    assert [said for one in crowd for said in one.unsaid] == []
    assert 6 * MB < free(small_disk) < 16 * MB, "the reserve is there, all else is full"

    after = Flood(room.url, key, ids("after", 200), width=10, longest_s=60).start().finish()
    assert {answer.status for answer in after.values()} == {201}
    assert screen.freshness() == "live"
    told = httpx.get(f"{room.url}/readyz", timeout=30)
    assert told.status_code == 200
    assert any("files are refused" in warning for warning in told.json()["warnings"]), told.text
    measured = httpx.get(f"{room.url}/metrics", timeout=30).text
    assert 'liveroom_uploads_refused_total{why="disk_full"}' in measured
    assert "liveroom_disk_reserve_bytes 1.04" in measured
    doctor = room.command("doctor", check=False)
    assert (doctor.returncode, "files are refused" in doctor.stdout) == (1, True)
    assert "No space left" not in room.log() and "Traceback" not in room.log()

    age(room, 48)
    until(lambda: free(small_disk) > empty - 6 * MB, within=180, why="the sweep to make room")
    (stranger,) = strangers(room.url, 1)
    assert stranger.whole(300_000)
    assert room.command("doctor").stdout.strip() == "no findings"


def test_a_disk_that_others_filled_gives_503_or_507_at_every_door(
    server: Callable[..., Server], strangers: Strangers, small_disk: Path, tmp_path: Path
) -> None:
    room = server("--drill", "--speed", "1", data=small_disk / "room", env=settings(tmp_path, reserve_mb=4))
    key, (stranger,) = room.last_word("source", "add", "app", "--drill"), strangers(room.url, 1)
    open_one, taken = stranger.begun(2 * MB), list[str]()
    bearer = {"Authorization": f"Bearer {key}"}
    http = stranger.http

    def one_more() -> int:
        """SQLite writes on into what it holds already, for a while."""
        body = {**complaint(f"full-{len(taken)}"), "description": "x" * 4_000}
        status = http.post("/api/v1/complaints", json=body, headers=bearer).status_code
        if status == 201:
            taken.append(str(body["source_id"]))
        return status

    with full(small_disk):
        until(lambda: one_more() == 503, within=120, why="a complaint to find no room")
        ticket = http.get("/lapor/ticket").json()["ticket"]
        order = {"command_id": "x", "seen_seq": 0, "actor": "duty", "role": "duty", "text": "x" * 4_000}
        words = {"ticket": ticket, "category": "jalan_rusak", "description": "x" * 4_000, "address": "Depan pasar"}
        (some, *_) = complaints_of(room.url).values()
        seen = [
            stranger.piece(open_one, 1_000, b"x" * 100_000),
            http.post("/lapor/files", headers={**TUS, "X-Ticket": ticket, "Upload-Length": "5000"}),
            http.post("/api/v1/complaints", json=[complaint("full-1000")] * 2, headers=bearer),
            http.post(f"/api/v1/complaints/{some}/comment", json=order),
            http.post("/lapor", data=words),
            http.post("/login", data={"username": "a", "password": "b"}),
            *map(http.get, ("/", "/wall", "/desk", "/feed/snapshot", "/lapor", "/readyz", "/metrics")),
        ]
        assert [answer.status_code for answer in seen[:2]] == [507, 507]
        assert {answer.status_code for answer in seen if answer.is_server_error} <= {503, 507}
        late = [answer for answer in seen if answer.is_server_error and answer.request.url.path != "/readyz"]
        assert all("Retry-After" in answer.headers for answer in late)
    until(lambda: one_more() == 201, within=90, why="the room to go on by itself")
    assert set(taken) <= set(complaints_of(room.url)), "what was answered 2xx is there"
    assert stranger.piece(open_one, 1_000, b"x" * 100_000).status_code == 204
    assert len(list((room.data / "uploads").iterdir())) == 1, "nothing half-written is left"
    assert room.command("doctor", "--drill").stdout.strip() == "no findings"
    assert "Traceback" not in room.log()


@pytest.fixture
def small_postgres(postgres: Postgres) -> Iterator[tuple[str, Path]]:
    """The address of a database on a disk of its own, and where that is."""
    with mounted(postgres.home / "small") as disk:
        if postgres.user:
            shutil.chown(disk, postgres.user, postgres.user)
        address = f"host=127.0.0.1 port={postgres.port} user=room dbname=postgres"
        with psycopg.connect(address, autocommit=True) as admin:
            admin.execute(f"create tablespace small location '{disk}'")
            admin.execute("create database on_small tablespace small")
            yield f"postgresql+psycopg://room@127.0.0.1:{postgres.port}/on_small", disk
            admin.execute("drop database on_small with (force)")
            admin.execute("drop tablespace small")


@pytest.mark.postgres
def test_a_postgresql_whose_disk_is_full_gives_503_and_goes_on(
    server: Callable[..., Server], small_postgres: tuple[str, Path]
) -> None:
    url, disk = small_postgres
    room = server(env={"LIVEROOM_DATABASE_URL": url})
    bearer = {"Authorization": f"Bearer {room.last_word('source', 'add', 'app')}"}
    taken = list[str]()

    def one_more() -> int:
        body = {**complaint(f"full-{len(taken)}"), "description": os.urandom(1_900).hex()}
        answer = httpx.post(f"{room.url}/api/v1/complaints", json=body, headers=bearer, timeout=60)
        if answer.status_code == 201:
            taken.append(str(body["source_id"]))
        assert answer.status_code == 201 or (answer.status_code == 503 and "Retry-After" in answer.headers)
        return answer.status_code

    assert one_more() == 201
    with full(disk):
        until(lambda: one_more() == 503, within=120, why="a complaint to find no room")
        assert httpx.get(f"{room.url}/wall", timeout=60).status_code == 200
    until(lambda: one_more() == 201, within=90, why="the room to go on by itself")
    assert set(complaints_of(room.url)) == set(taken)
    assert "Traceback" not in room.log()
