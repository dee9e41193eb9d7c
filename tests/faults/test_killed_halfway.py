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
from tests.services.process import Process
from tests.services.screen import Screen, Watch, fresh
from tests.services.server import ROOT, Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]
Serve = Callable[..., Server]
Names = tuple[str, ...]


def post_all(room: Server, key: str, names: Names) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    body = [complaint(name) for name in names]
    return httpx.post(f"{room.url}/api/v1/complaints", json=body, headers=headers, timeout=60)


def of_them(room: Server, names: Names) -> dict[str, str]:
    """Those of these names that are there, by complaint id."""
    there = complaints_of(room.url)
    return {name: there[name] for name in names if name in there}


def broken_off(room: Server, screen: Screen, count: int, kill: Callable[[Names, int], None]) -> tuple[Names, Names]:
    """Names of a work that was killed in its middle, and which of them are there.

    ``kill(names, before)`` begins a work and ends it as soon as the screen has more cards than ``before``. Where the
    machine stood still just then the work is over when it is killed, and there is another one.
    """
    for turn in range(10):
        names, head = ids(f"work{turn}", count), fresh(room.url).seq
        until(lambda head=head: screen.at(head), within=60, why="the screen to be current")  # type: ignore[misc]
        kill(names, len(screen.store.cards))
        kept = tuple(of_them(room, names))
        assert kept, "nothing is left of what a screen has shown"
        if len(kept) < count:
            return names, kept
    raise AssertionError("ten works were over before they could be killed: that proves nothing")


def test_an_array_that_breaks_off_is_completed_by_sending_it_again(server: Serve, watch: Watch) -> None:
    room = server()
    key, screen = room.last_word("source", "add", "app"), watch(room.url)

    def kill(names: Names, before: int) -> None:
        sender = Process(_sender(room, key, names), log=room.data / "sender.log")
        sender.start(cwd=ROOT)
        until(lambda: len(screen.store.cards) > before, within=60, why="the first part of the array")
        room.kill()
        sender.end()
        room.start()

    names, there = broken_off(room, screen, 1000, kill)
    kept = of_them(room, there)
    assert len(kept) % 100 == 0, "a transaction is there whole or not at all"
    answer = post_all(room, key, names)
    results = answer.json()["results"]
    assert answer.status_code == 200
    assert [result["index"] for result in results] == list(range(1000))
    whole = of_them(room, names)
    assert set(whole) == set(names)
    assert {name: whole[name] for name in kept} == kept
    assert {result["id"] for result in results} == set(whole.values())
    assert room.command("doctor").stdout.strip() == "no findings"


def _sender(room: Server, key: str, names: Names) -> list[str]:
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
    screen, file = watch(room.url), tmp_path / "old.jsonl"

    def kill(names: Names, before: int) -> None:
        file.write_text("".join(json.dumps(complaint(name)) + "\n" for name in names))
        words = [sys.executable, str(ROOT / "run.py"), "import", str(file), "--source", "old"]
        importing = Process(words, log=tmp_path / "import.log", env=room.env)
        importing.start(cwd=ROOT)
        until(lambda: len(screen.store.cards) >= before + 300, within=60, why="300 rows to arrive beside the server")
        assert importing.end(signal.SIGKILL) in (-9, 0), importing.text()

    names, there = broken_off(room, screen, 3000, kill)
    kept = of_them(room, there)
    again = room.command("import", str(file), "--source", "old")
    assert again.stdout.splitlines()[-1] == f"accepted {3000 - len(kept)}, known {len(kept)}, rejected 0"
    whole = of_them(room, names)
    assert set(whole) == set(names)
    assert {name: whole[name] for name in kept} == kept
    until(lambda: screen.at(fresh(room.url).seq), why="the screen to catch up")
    assert room.command("doctor").stdout.strip() == "no findings"
