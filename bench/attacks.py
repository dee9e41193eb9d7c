"""Attacks of strangers on a real room: the longest gap between two beats at a wall, and what became of complaints.

Each attack of tests/faults/attacks.py for so many seconds, against the bare server and through the shipped nginx;
beside it a screen that hears and a source that posts twenty complaints a second, each again until it is answered.
"""

import contextlib
import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from bench.figures import keep, machine
from bench.process import resident_mb
from tests.faults.attacks import KINDS
from tests.faults.flood import complaint
from tests.services import nginx
from tests.services.screen import Screen
from tests.services.server import ROOT, UNTRUSTED, Server
from tests.services.wait import until

AFTER_S = 5.0
EVERY_S = 0.05
GOAL_S = 4.0
numbers = itertools.count()


class Heard:
    """When beats come to a screen; a connection that is lost and made again is part of a gap."""

    def __init__(self, screen: Screen) -> None:
        self.longest = 0.0
        self._screen = screen
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> float:
        """The longest gap, in seconds."""
        self._over.set()
        self._thread.join()
        return self.longest

    def _run(self) -> None:
        beat, at = self._screen.beat, time.monotonic()
        while not self._over.wait(0.01):
            now = time.monotonic()
            self.longest = max(self.longest, now - at)
            if self._screen.beat is not beat:
                beat, at = self._screen.beat, now


class Posting:
    """A source; ``taken`` and ``refused`` by the number of complaints, ``slowest`` until one was taken, in seconds."""

    def __init__(self, url: str, key: str) -> None:
        self.taken = self.again = 0
        self.slowest = 0.0
        self._over = threading.Event()
        self._url, self._headers = url, {"Authorization": f"Bearer {key}"}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop after the complaint under way."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(timeout=30) as client:
            while not self._over.wait(EVERY_S):
                begun, body = time.monotonic(), complaint(f"a-{next(numbers)}")
                while not self._post(client, body):
                    self.again += 1
                self.taken += 1
                self.slowest = max(self.slowest, time.monotonic() - begun)

    def _post(self, client: httpx.Client, body: dict[str, object]) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return client.post(f"{self._url}/api/v1/complaints", json=body, headers=self._headers).is_success
        return False


@contextlib.contextmanager
def doors(home: Path) -> Iterator[Iterator[tuple[str, Server, str, int]]]:
    """Two real rooms that trust nobody: one bare, one behind the shipped nginx."""
    (home / "bare").mkdir()
    (home / "behind").mkdir()
    bare = Server(data=home / "bare", env=UNTRUSTED, anew=True).start()
    behind = Server(
        data=home / "behind", env={**UNTRUSTED, "LIVEROOM_CONFIG": str(nginx.settings(home))}, anew=True
    ).start()
    with nginx.proxied(home, [behind.port]) as proxy:
        for name in ("WEBSOCKET_CLIENT_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
            os.environ[name] = str(proxy.certificate)
        yield iter(
            (
                ("bare", bare, bare.url, bare.port),
                ("nginx", behind, proxy.url, proxy.port),
            )
        )
    bare.kill()
    behind.kill()


def run(seconds: float = 20, kinds: tuple[str, ...] = KINDS) -> None:
    """Print a row an attack and keep them."""
    rows = []
    print("attack | door | longest gap between beats | complaints taken | sent again | slowest | memory | well after")
    with tempfile.TemporaryDirectory(prefix="liveroom-bench-") as folder, doors(Path(folder)) as both:
        for door, server, url, port in both:
            key, token = server.last_word("source", "add", "app"), server.last_word("screen", "add", "hall")
            screen = Screen(url, token=token).start()
            until(lambda screen=screen: screen.current, within=90, why="the screen to be current")
            for kind in kinds:
                rows.append(one(kind, door, server, (url, port, key), screen, seconds))
                print(" | ".join(str(value) for value in rows[-1].values()), flush=True)
            screen.close()
    keep("attacks", rows, {"machine": machine(), "seconds": seconds, "goal_s": GOAL_S})


def one(
    kind: str,
    door: str,
    server: Server,
    way: tuple[str, int, str],
    screen: Screen,
    seconds: float,
) -> dict[str, object]:
    """One attack."""
    url, port, key = way
    host = nginx.NAME if door == "nginx" else "127.0.0.1"
    words = [sys.executable, "-m", "tests.faults.attacks", kind, host, str(port), "tls" if door == "nginx" else "plain"]
    heard, posting = Heard(screen), Posting(url, key)
    with subprocess.Popen(words, cwd=ROOT) as attacker:
        time.sleep(seconds)
        alive = attacker.poll() is None
        attacker.kill()
    time.sleep(AFTER_S)
    gap = heard.end()
    posting.end()
    well = server.process.running and httpx.get(f"{server.url}/healthz", timeout=10).is_success
    return {
        "attack": kind if alive else f"{kind} (ended by itself)",
        "door": door,
        "gap_s": round(gap, 2),
        "taken": posting.taken,
        "again": posting.again,
        "slowest_s": round(posting.slowest, 2),
        "memory_mb": resident_mb(server.process.pid),
        "well": well,
    }
