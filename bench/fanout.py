"""What it costs to send one message to every client of an audience, beside socket.io of Node.js.

The feed's own connections and fan-out without a room, the library's plain emit, and Node.js take turns with the same
messages, the same rate and the same clients, a C program with epoll. Processor time is the server's, from /proc.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.process import cpu_s
from display.feed.broadcast import SLICE
from tests.services.process import free_port, listening
from tests.services.wait import until

ROOT = Path(__file__).resolve().parent.parent
# How many clients, and messages a second for them: twenty batches and a beat are the densest that a room sends. So much
# for five thousand clients would take both cores of a small machine, server and clients together.
SIZES = ((1000, 21), (5000, 5))
# Before that, so many seconds of it are not measured: for the compiler of Node.js and Python's collector of garbage.
WARM_S = 4
# A batch is about 1 kB, a beat about 200 bytes.
CARD = {"id": "TNG-260101-0001", "seq": 123456, "status": "in_process", "state": "forwarded", "lat": -6.1783}
CARDS = 10
WAYS = ("audience", "plain", "node")
TITLES = {"audience": "one frame for all", "plain": "the library's emit", "node": "socket.io, Node.js"}
# Servers and clients go before other work of the machine, all alike, where this user may ask for it.
PRECEDENCE = os.sched_param(1)


@dataclass(frozen=True, slots=True)
class Round:
    """One turn: share of a core, milliseconds to arrival, and what did not arrive."""

    cpu: float
    p50: float
    p99: float
    longest: float
    missing: int
    load_cpu: float


def run(rounds: int = 3, sizes: tuple[tuple[int, int], ...] = SIZES, seconds: float = 8) -> None:
    """Print a table for each number of clients; plain emit, which would take a whole core, only for the first."""
    with tempfile.TemporaryDirectory() as folder:
        load = Path(folder) / "fanout_load"
        subprocess.run(["cc", "-O2", "-o", str(load), str(ROOT / "bench" / "fanout_load.c")], check=True)
        for clients, a_second in sizes:
            ways = WAYS if (clients, a_second) == sizes[0] else ("audience", "node")
            found: dict[str, list[Round]] = {way: [] for way in ways}
            for turn in range(rounds):
                # Each begins a round in turn: what else the machine does falls on all of them.
                for way in (*ways[turn % len(ways) :], *ways[: turn % len(ways)]):
                    found[way].append(measure(way, load, clients, a_second, seconds))
            report(clients, a_second, found)


def messages(seconds: float, a_second: int) -> list[dict[str, Any]]:
    """The messages of so many seconds, one a second of them a beat."""
    batch, beat = [CARD] * CARDS, [CARD] * 2
    return [{"n": n, "cards": beat if n % a_second == 0 else batch} for n in range(round(seconds * a_second))]


def measure(way: str, load: Path, clients: int, a_second: int, seconds: float) -> Round:
    """One turn with a fresh server and fresh clients."""
    said, warm = messages(WARM_S + seconds, a_second), WARM_S * a_second
    asked = {"way": way, "every_s": 1 / a_second}
    with (
        server(way) as (pid, port),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=600) as http,
        process([str(load), str(port), str(clients)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client,
    ):
        assert client.stdin is not None and client.stdout is not None
        assert client.stdout.readline() == b"ready\n"
        assert http.get("/state").json()["joined"] == clients
        http.post("/say", json=asked | {"messages": said[:warm]})
        before = cpu_s(pid)
        http.post("/say", json=asked | {"messages": said[warm:], "stamped": True})
        used = cpu_s(pid) - before
        client.stdin.close()
        got = json.loads(client.stdout.read())
    assert not got["holes"], f"{way}: {got['holes']} holes"
    return Round(
        cpu=used / seconds,
        p50=got["p50"],
        p99=got["p99"],
        longest=got["longest"],
        missing=clients * len(said) - got["events"],
        load_cpu=got["cpu_s"] / (WARM_S + seconds),
    )


@contextmanager
def server(way: str) -> Iterator[tuple[int, int]]:
    """A server: its process and port."""
    port = free_port()
    ours = [sys.executable, "-m", "tests.display.feed.audience_server", "eventlet", str(port), str(SLICE)]
    with process(["node", "bench/peer_fanout.mjs", str(port)] if way == "node" else ours) as one:
        until(lambda: listening(port), why="the server to listen")
        yield one.pid, port


@contextmanager
def process(words: list[str], **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process with precedence, ended at last."""
    with subprocess.Popen(words, cwd=ROOT, **more) as one:
        with suppress(PermissionError):
            os.sched_setscheduler(one.pid, os.SCHED_RR, PRECEDENCE)
        try:
            yield one
        finally:
            one.kill()


def report(clients: int, a_second: int, found: dict[str, list[Round]]) -> None:
    """Print medians, and the ratio to Node.js of each round."""
    print(f"\n{clients} clients, {a_second} messages/s, load {os.getloadavg()[0]:.1f}; medians of {len(found['node'])}")
    for way, rounds in found.items():
        ratios = [ours.cpu / peer.cpu for ours, peer in zip(rounds, found["node"], strict=True)]
        late = [ours.p99 - peer.p99 for ours, peer in zip(rounds, found["node"], strict=True)]
        middle = {name: statistics.median(getattr(one, name) for one in rounds) for name in Round.__slots__}
        print(
            f"{TITLES[way]:20} cpu {middle['cpu']:6.1%} of a core, {statistics.median(ratios):.2f} x Node.js "
            f"({', '.join(f'{ratio:.2f}' for ratio in ratios)}); ms p50 {middle['p50']:.1f}, p99 {middle['p99']:.1f}, "
            f"longest {middle['longest']:.1f}; p99 - Node.js's {', '.join(f'{one:+.0f}' for one in late)}; "
            f"not arrived {sum(one.missing for one in rounds)}; load client {middle['load_cpu']:.1%}"
        )
