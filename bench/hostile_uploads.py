"""Hostile and broken files through the doors of a served room: each gets a clear answer, and none harms.

Files of tests/rooms/hostile_files.py, eight senders at once; beside it somebody asks every 50 ms if the room is well.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path

import httpx

from bench.figures import keep, machine, spread
from bench.process import resident_mb, samples, stalls
from bench.room import served
from tests.rooms.hostile_files import Case, cut, named
from tests.rooms.sending import TUS, ProofRoom
from tests.services.server import Server

SENDERS = 8
EVERY_S = 0.05
ENDLESS_S = 5.0


class Watch:
    """Memory of the server and of the children that look into files, and how long it takes to say that it is well."""

    def __init__(self, url: str, pid: int) -> None:
        self.url, self.pid = url, pid
        self.server = self.children = 0.0
        self.most_children = 0
        self.waits: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop looking."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(timeout=60) as http:
            while not self._over.wait(EVERY_S):
                begun = time.monotonic()
                assert http.get(f"{self.url}/healthz").status_code == 200
                self.waits.append(time.monotonic() - begun)
                self.server = max(self.server, resident_mb(self.pid))
                children = children_mb(self.pid)
                self.most_children = max(self.most_children, len(children))
                self.children = max([self.children, *children])


def children_mb(pid: int) -> list[float]:
    """Memory of each child that looks into a file now."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            pids = (task / "children").read_text().split()
            found += [resident_mb(int(child)) for child in pids]
        except (OSError, ValueError):
            continue  # it ended just now
    return found


def run(count: int = 500) -> None:
    """Show and keep what became of them."""
    about, cases = machine(), list(islice(chain(named(), cut(count)), count))
    with served() as server:
        room, pid = ProofRoom(server), server.process.pid
        before, memory, begun = samples(server.url), resident_mb(pid), time.monotonic()
        watch = Watch(server.url, pid)
        codes, wrong = answered(room, cases)
        told = {"files": len(cases), "codes": dict(codes), "wrong": wrong or "none", "endless": endless_stream(room)}
        watch.end()
        room.close()
        told["seconds"] = round(time.monotonic() - begun, 1)
        told["server_mb"] = f"{memory} before, {watch.server} at most, {resident_mb(pid)} after"
        told |= harm(server, watch, before)
    keep("hostile_uploads", [told], about)


def harm(server: Server, watch: Watch, before: dict[str, float]) -> dict[str, object]:
    """What it cost, and whether the room is well and its folder empty."""
    return {
        "child_mb": f"{watch.children} at most, {watch.most_children} at once",
        "well": spread(watch.waits),
        "stalls": stalls(before, samples(server.url)),
        "left": [file.name for file in (server.data / "uploads").iterdir()] or "none",
        "ready": httpx.get(f"{server.url}/readyz", timeout=30).status_code,
    }


def answered(room: ProofRoom, cases: Iterable[Case]) -> tuple[Counter[str], list[str]]:
    """How many got which code ("" is taken), and those whose code none expects."""
    with ThreadPoolExecutor(SENDERS) as pool:
        found = list(pool.map(lambda case: (case[0], sent(room, case[1]), case[2]), cases))
    codes = Counter(code or "taken" for _, code, _ in found)
    return codes, [f"{name}: {code}" for name, code, expected in found if code not in expected]


def sent(room: ProofRoom, content: bytes) -> str:
    """The code that answers a file, "" when it is taken."""
    announced = room.expect(len(content))
    while announced.status_code == 429:
        time.sleep(1)
        announced = room.expect(len(content))
    if announced.status_code != 201:
        return str(announced.json()["code"])
    where = announced.headers["Location"]
    assert room.piece(where, 0, content).status_code == 204
    told = room.state(where)
    return str(told["code"] or "")


def endless_stream(room: ProofRoom) -> str:
    """A body without a length that never ends."""
    where, until = room.expect(1000).headers["Location"], time.monotonic() + ENDLESS_S
    blocks = iter(lambda: b"x" * 65_536 if time.monotonic() < until else b"", b"")
    headers = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    try:
        said = str(room.http.patch(where, headers=headers, content=blocks, timeout=60).status_code)
    except httpx.TransportError as error:
        said = type(error).__name__
    kept = room.offset(where)
    room.http.delete(where, headers=TUS)
    return f"{said}, {kept} bytes kept"
