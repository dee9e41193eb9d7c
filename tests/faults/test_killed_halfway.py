"""Work in several transactions, killed between two of them: what is there is whole, and doing it again completes it."""

import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.faults.accounts import complaints_of
from tests.faults.flood import complaint, ids
from tests.faults.screen import Watch, fresh
from tests.services.process import Process
from tests.services.server import ROOT, Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]
Serve = Callable[..., Server]


def post_all(room: Server, key: str, names: tuple[str, ...]) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    body = [complaint(name) for name in names]
    return httpx.post(f"{room.url}/api/v1/complaints", json=body, headers=headers, timeout=60)


def test_an_array_that_breaks_off_is_completed_by_sending_it_again(server: Serve, watch: Watch) -> None:
    room = server()
    key, names = room.last_word("source", "add", "app"), ids("a", 1000)
    screen = watch(room.url)
    until(lambda: screen.current, why="the screen to be current")
    sender = Process(_sender(room, key, names), log=room.data / "sender.log")
    sender.start(cwd=ROOT)
    until(lambda: screen.store.cards, why="the first part of the array")
    room.kill()
    sender.end()
    room.start()
    kept = complaints_of(room.url)
    assert 0 < len(kept) < 1000, "the kill came too early or too late to prove anything"
    assert len(kept) % 100 == 0, "a transaction is there whole or not at all"
    answer = post_all(room, key, names)
    results = answer.json()["results"]
    assert answer.status_code == 200
    assert [result["index"] for result in results] == list(range(1000))
    whole = complaints_of(room.url)
    assert set(whole) == set(names)
    assert {name: whole[name] for name in kept} == kept
    assert {result["id"] for result in results} == set(whole.values())
    assert room.command("doctor").stdout.strip() == "no findings"


def _sender(room: Server, key: str, names: tuple[str, ...]) -> list[str]:
    file = room.data / "array.json"
    file.write_text(json.dumps([complaint(name) for name in names]))
    post = "import httpx, pathlib, sys; url, key, file = sys.argv[1:]; httpx.post(url, timeout=60, "
    post += "content=pathlib.Path(file).read_bytes(), headers={'Authorization': f'Bearer {key}', "
    post += "'Content-Type': 'application/json'})"
    return [sys.executable, "-c", post, f"{room.url}/api/v1/complaints", key, str(file)]


def test_an_import_that_is_killed_is_completed_by_starting_it_again(
    server: Serve, watch: Watch, tmp_path: Path
) -> None:
    room = server()
    screen, names, file = watch(room.url), ids("row", 3000), tmp_path / "old.jsonl"
    file.write_text("".join(json.dumps(complaint(name)) + "\n" for name in names))
    until(lambda: screen.current, why="the screen to be current")
    words = [sys.executable, str(ROOT / "run.py"), "import", str(file), "--source", "old"]
    importing = Process(words, log=tmp_path / "import.log", env=room.env)
    importing.start(cwd=ROOT)
    until(lambda: len(screen.store.cards) >= 300, within=60, why="300 rows to arrive beside the server")
    assert importing.end(signal.SIGKILL) == -9
    kept = complaints_of(room.url)
    assert len(kept) < 3000, "the kill came too late to prove anything"
    again = room.command("import", str(file), "--source", "old")
    assert again.stdout.splitlines()[-1] == f"accepted {3000 - len(kept)}, known {len(kept)}, rejected 0"
    whole = complaints_of(room.url)
    assert set(whole) == set(names)
    assert {name: whole[name] for name in kept} == kept
    until(lambda: screen.at(fresh(room.url).seq), why="the screen to catch up")
    assert room.command("doctor").stdout.strip() == "no findings"
