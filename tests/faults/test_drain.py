"""SIGTERM: what was begun is answered, new requests are sent elsewhere, screens are told, and the process ends well."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from liveroom.log.engine import BUSY_TIMEOUT_MS
from liveroom.runtime.time import monotonic
from tests.faults.flood import Flood, complaint
from tests.services.frozen import handles
from tests.services.locking import write_lock
from tests.services.measured import measured
from tests.services.screen import Watch
from tests.services.server import ROOT, Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]
MODES = ("eventlet", "threading")


def under_way(room: Server) -> float:
    """How many requests the server has begun and not answered."""
    return measured(room.url, "liveroom_requests_under_way")


def idle(room: Server) -> None:
    """Wait until nothing is: an answer is read a moment before it counts as given."""
    until(lambda: under_way(room) == 0, why="all that was asked before to be answered")


@contextmanager
def half_sent(room: Server, key: str) -> Iterator[HTTPConnection]:
    """A complaint of which the server has the head alone, and which it answers when it has the body."""
    body = json.dumps(complaint("late-1")).encode()
    with closing(HTTPConnection("127.0.0.1", room.port, timeout=60)) as connection:
        connection.putrequest("POST", "/api/v1/complaints")
        said = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Content-Length": len(body)}
        for name, value in said.items():
            connection.putheader(name, str(value))
        connection.endheaders()
        yield connection
        connection.send(body)
        assert connection.getresponse().status == 201


@pytest.mark.parametrize("mode", MODES)
def test_a_running_request_is_answered_and_screens_are_told(
    server: Callable[..., Server], watch: Watch, mode: str
) -> None:
    room = server(env={"LIVEROOM_ASYNC_MODE": mode})
    key = room.last_word("source", "add", "app")
    screens = [watch(room.url) for _ in range(5)]
    until(lambda: all(screen.current for screen in screens), why="the screens to be current")
    idle(room)
    begun = monotonic()
    with write_lock(room.data / "real.db"):
        flood = Flood(room.url, key, ("late-1",), width=1, longest_s=60).start()
        until(lambda: under_way(room) == 1, why="the request to be under way")
        os.kill(room.process.pid, signal.SIGTERM)
        until(lambda: all(screen.byes for screen in screens), why="every screen to be told")
    late = monotonic() - begun > BUSY_TIMEOUT_MS / 1000
    status = flood.finish()["late-1"].status
    # Who holds the lock for longer than the room waits for its database is slow itself: the answer is "come back".
    assert status == 201 or (status == 503 and late)
    until(lambda: not room.process.running, why="the process to end")
    assert room.process.end() == 0
    assert all(screen.byes[0]["wait_ms"] == [100, 2000] for screen in screens)
    room.start()
    until(
        lambda: all(screen.current and len(screen.store.cards) == (status == 201) for screen in screens),
        why="all to come back",
    )


def test_a_draining_process_says_so_and_takes_nothing_new(server: Callable[..., Server]) -> None:
    room = server()
    key = room.last_word("source", "add", "app")
    idle(room)
    with half_sent(room, key):
        until(lambda: under_way(room) == 1, why="the request to be under way")
        os.kill(room.process.pid, signal.SIGTERM)
        until(lambda: httpx.get(f"{room.url}/healthz", timeout=30).status_code == 503, why="it to say that it ends")
        bearer = {"Authorization": f"Bearer {key}"}
        refused = httpx.post(f"{room.url}/api/v1/complaints", json={}, headers=bearer, timeout=30)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    until(lambda: not room.process.running, why="the process to end")


@pytest.mark.parametrize("duty", ["web", "clock"])
def test_each_process_ends_well(server: Callable[..., Server], postgres_url: str, duty: str) -> None:
    server(env={"LIVEROOM_DATABASE_URL": postgres_url})
    one = server(duty, env={"LIVEROOM_DATABASE_URL": postgres_url}, ready=duty == "web")
    until(lambda: handles(one.process.pid, signal.SIGTERM), why="the process to serve")
    assert one.stop() == 0


def test_a_process_that_is_told_to_end_while_it_gets_ready_ends(server: Callable[..., Server], tmp_path: Path) -> None:
    program = tmp_path / "told_early.py"
    program.write_text(
        f"""
import os, runpy, signal, sys
sys.path.insert(0, {str(ROOT)!r})
from liveroom.runtime.async_mode import patch
patch("eventlet")
import cli.process

def told_early(*parts, make=cli.process.web_app):
    os.kill(os.getpid(), signal.SIGTERM)
    web = make(*parts)
    parts[2].sleep(0)  # whoever was waiting has had a turn
    return web

cli.process.web_app = told_early
runpy.run_path({str(ROOT / "run.py")!r}, run_name="__main__")
""",
        encoding="utf-8",
    )
    room = server(program=str(program), ready=False, anew=True)
    until(lambda: not room.process.running, why="the process to end")
    assert room.process.end() == 0
