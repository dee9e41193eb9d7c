"""docs/feed.md is enough for a stranger: its client is run as it stands, and its fields are those that are sent."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from display.feed import limits, presence, snapshot, tail
from display.feed.cards import AUDIENCES
from tests.display.feed.process import WebProcess
from tests.rooms.journey import walk
from tests.rooms.standing import PLACE, StandingRoom
from tests.services.process import Process
from tests.services.server import Server
from tests.services.wait import until

DOCUMENT = Path(__file__).parents[3] / "docs" / "feed.md"
LINE = re.compile(r"^(\d+) ([\d.]+) s old (\{.*\}) (\d+)$", re.MULTILINE)


def text() -> str:
    return DOCUMENT.read_text("utf-8")


def client() -> str:
    (block,) = re.findall(r"^```python\n(.*?)^```$", text(), re.MULTILINE | re.DOTALL)
    return block


@pytest.fixture
def running(tmp_path: Path, server: Callable[..., Server]) -> Iterator[tuple[Server, Process]]:
    """A real room and the document's client beside it."""
    program = tmp_path / "client.py"
    program.write_text(client(), "utf-8")
    room = server()
    process = Process(
        [sys.executable, "-W", "error::SyntaxWarning", str(program), room.url], log=tmp_path / "client.log"
    )
    process.start(cwd=tmp_path)
    yield room, process
    if process.running:
        process.end()


def said(process: Process) -> list[tuple[int, float, dict[str, int], int]]:
    """(position, age in s, stock, cards) of every line the client printed."""
    return [(int(a), float(b), json.loads(c), int(d)) for a, b, c, d in LINE.findall(process.text())]


def post(room: Server, key: str, name: str) -> None:
    body = {"source_id": name, "category": "jalan_rusak", **PLACE}
    answer = httpx.post(
        f"{room.url}/api/v1/complaints", json=body, headers={"Authorization": f"Bearer {key}"}, timeout=60
    )
    assert answer.status_code == httpx.codes.CREATED, answer.text


def sees(process: Process, number: int) -> bool:
    """Whether the client's newest line tells of so many complaints, all open, and is fresh."""
    lines = said(process)
    return bool(lines) and lines[-1][2:] == ({"open": number, "overdue": 0}, number) and lines[-1][1] < 5


@pytest.mark.server
def test_the_client_of_the_document_follows_a_room_and_comes_back(running: tuple[Server, Process]) -> None:
    room, process = running
    key = room.last_word("source", "add", "Aplikasi")
    for number in range(3):
        post(room, key, f"before-{number}")
    until(lambda: sees(process, 3), within=120, why="the client to see three")
    room.kill()
    room.start()
    for number in range(2):
        post(room, key, f"after-{number}")
    until(lambda: sees(process, 5), within=120, why="the client to see five")
    assert room.stop() == 0
    room.start()
    post(room, key, "after the drain")
    until(lambda: sees(process, 6), within=120, why="the client to see six")
    assert "Traceback" not in process.text()


def test_the_client_is_short() -> None:
    lines = [line for line in client().splitlines() if line.strip()]
    assert len(lines) <= 55


@pytest.mark.each_database
def test_every_field_that_is_sent_is_described(standing: StandingRoom) -> None:
    process = WebProcess(standing)
    process.step()
    walk(standing)
    process.step()
    described = set(re.findall(r"[`\"]([a-z_]+)[`\"]", text()))
    fields: set[str] = set()
    for audience in AUDIENCES:
        fields |= names(process.snapshot(audience)) | names(process.sent[audience]) | names(process.beats[audience])
    fields |= names(process.answer("wall", {})) | names(process.answer("wall", process.fresh("wall").asked()))
    fields -= {source["id"] for source in process.snapshot("desk")["sources"]}
    assert sorted(fields - described) == []


def names(message: Any) -> set[str]:
    """Every key in a message, however deep."""
    if isinstance(message, dict):
        return set(message) | {name for value in message.values() for name in names(value)}
    if isinstance(message, list):
        return {name for value in message for name in names(value)}
    return set()


def test_the_numbers_of_the_document_are_those_of_the_code() -> None:
    said = text()
    assert f"more than {snapshot.LIMIT} cards" in said
    assert f"up to {snapshot.REUSED_FOR} events old" in said
    assert f'"jitter_ms": {snapshot.JITTER_MS}' in said
    assert f"more than {limits.LONGEST_QUEUE} messages" in said
    assert f"every {tail.WINDOW_S * 1000:.0f} ms" in said
    assert f"at most {presence.MAX_LAGS} at a time" in said
    assert tail.BEAT_S == 1.0
