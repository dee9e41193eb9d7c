"""Fifty screens, a hundred events a second: how late they see what was committed, alone and beside a stalled screen."""

import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from subprocess import DEVNULL, Popen
from typing import Any

from bench.control import Control
from bench.figures import keep, machine, spread
from bench.posts import Load, Posted, Posting, joined
from bench.process import cpu_s, resident_mb, samples, stalls
from bench.room import past, served
from bench.screens import Screen, Wall, stalled
from tests.services.server import ROOT, Server

SCREENS, RATE = 50, 100.0
IMPORTED_RATE = 20.0
ESTABLISHED = 1


def run(*, seconds: float = 60, imported: int = 100_000) -> None:
    """Screens alone, with one of them stalled, alone again; then, in a fresh room, beside an import."""
    about = machine()
    with _room() as (server, wall, key):
        alone, beside, after = (_load(server, key, name, RATE, seconds) for name in ("alone", "stalled", "again"))
        rows = [_window(server, wall, Posting(alone).finish, {"window": "alone"})]
        with Stalling(server.url) as stalling:
            rows.append(_window(server, wall, Posting(beside).finish, {"window": "one stalled"}))
        rows[-1]["stalled_joins"] = stalling.joins
        rows.append(_window(server, wall, Posting(after).finish, {"window": "alone again"}))
    with _room() as (server, wall, key):
        rows.append(_import_window(server, wall, key, imported))
    keep("load", rows, about)


@contextmanager
def _room() -> Iterator[tuple[Server, Wall, str]]:
    """A fresh room with its screens and a source's key."""
    with served() as server:
        key = server.last_word("source", "add", "live")
        wall = Wall(server.url, count=SCREENS, source="live")
        yield server, wall, key
        wall.close()


def _load(server: Server, key: str, name: str, rate: float, seconds: float) -> Load:
    return Load(url=server.url, path="/api/v1/complaints", key=key, name=name, rate=rate, seconds=seconds)


def _window(server: Server, wall: Wall, post: Callable[[], Posted], row: dict[str, Any]) -> dict[str, Any]:
    pid, before = server.process.pid, samples(server.url)
    memory, cpu = resident_mb(pid), cpu_s(pid)
    wall.taken()
    control = Control()
    posted = post()
    time.sleep(0.5)
    late, idle, after = wall.taken(), spread(control.finish()), samples(server.url)
    row |= {"posted": len(posted.waits), "statuses": dict(posted.statuses), "rate": round(posted.rate, 1)}
    row |= {f"seen_{key}": value for key, value in spread(late).items()}
    row |= {f"post_{key}": value for key, value in spread(posted.waits).items() if key != "n"}
    row |= {"idle_p99_ms": idle["p99_ms"], "idle_max_ms": idle["max_ms"]}
    row |= {"cpu": f"{(cpu_s(pid) - cpu) / posted.seconds:.0%}", "memory_mb": f"{memory} -> {resident_mb(pid)}"}
    row |= {"cut_off": int(after["liveroom_clients_cut_off_total"] - before["liveroom_clients_cut_off_total"])}
    row["stalls"] = stalls(before, after)
    return row


class Stalling:
    """One screen that joins and reads nothing; when it is cut off it joins again and stalls again."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.joins = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> "Stalling":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _live(self) -> None:
        while not self._over.is_set():
            screen = stalled(self._url)
            self.joins += 1
            while not self._over.wait(0.5) and not _cut(screen):
                pass
            screen.socket.close()


def _cut(screen: Screen) -> bool:
    """Whether the server has closed the connection; asked of the kernel, without reading."""
    return screen.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != ESTABLISHED


def _import_window(server: Server, wall: Wall, key: str, count: int) -> dict[str, Any]:
    file = server.data / "old.jsonl"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(past(number)) + "\n" for number in range(count))
    words = [sys.executable, str(ROOT / "run.py"), "import", str(file), "--source", "old"]
    begun = time.monotonic()
    with Popen(words, cwd=ROOT, env=server.process.env, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL) as importing:
        row = _window(server, wall, lambda: _post_while(importing, server, key), {"window": "import beside"})
        importing.wait()
    return {**row, "imported": count, "import_s": round(time.monotonic() - begun, 1)}


def _post_while(running: Popen[bytes], server: Server, key: str) -> Posted:
    """Post for as long as the import takes."""
    parts = list[Posted]()
    while running.poll() is None:
        parts.append(Posting(_load(server, key, f"beside-{len(parts)}", IMPORTED_RATE, 10)).finish())
    return joined(parts)
