"""The scripted room of tests/browser/fake_feed.mjs as a process: real wire, real page, no rules of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from tests.services.once import of_the_run
from tests.services.process import Process, free_port, listening
from tests.services.wait import until

ROOT = Path(__file__).resolve().parents[2]


@cache
def kept_parts() -> Path:
    """Where the rooms of one run keep what Python says of a city: each start would ask it anew, for two seconds."""
    folder = of_the_run() / "fake-room-parts"
    folder.mkdir(exist_ok=True)
    return folder


class FakeRoom:
    """One `fake_feed.mjs`; `url` stays the same over a stop and a start."""

    def __init__(self, home: Path, *words: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._home, self._words = home, words
        self._client: httpx.Client | None = None
        self._process = self._made()

    def _made(self, *more: str) -> Process:
        words = ["node", str(ROOT / "tests/browser/fake_feed.mjs"), "--port", str(self.port)]
        words += ["--parts", str(kept_parts()), *self._words, *more]
        return Process(words, log=self._home / "fake_feed.log")

    def start(self, *words: str) -> "FakeRoom":
        """Start it, with more options than before, and wait until it answers."""
        self._process = self._made(*words)
        self._process.start(cwd=ROOT)
        until(self._answers, within=90, why="the fake room to answer")
        self._client = httpx.Client(base_url=self.url, timeout=30)
        return self

    def _answers(self) -> bool:
        assert self._process.running, self._process.tail()
        try:
            return listening(self.port) and httpx.get(f"{self.url}/healthz", timeout=30).is_success
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """End it without a goodbye."""
        if self._client:
            self._client.close()
        if self._process.running:
            self._process.end()

    @property
    def _room(self) -> httpx.Client:
        """One connection for all that is told: a test orders hundreds of times."""
        assert self._client, "the room was started"
        return self._client

    def tell(self, word: str) -> None:
        """One of the words of fake_feed.mjs: mute, speak, drop, shut, open, burst, afresh …"""
        assert self._room.get(f"/fake/{word}").is_success, word

    def order(self, **order: Any) -> dict[str, Any]:
        """One batch, see fake_orders.mjs; gives its `seq` and the `ids` of its cards."""
        answer = self._room.post("/fake/order", json=order)
        return dict(answer.raise_for_status().json())

    def snapshot(self) -> dict[str, Any]:
        """What a screen that comes now is given."""
        return dict(self._room.get("/feed/snapshot").raise_for_status().json())


@contextmanager
def fake_room(*words: str) -> Iterator[FakeRoom]:
    """Give one for as long as somebody looks at it."""
    with tempfile.TemporaryDirectory() as folder:
        room = FakeRoom(Path(folder), *words).start()
        try:
            yield room
        finally:
            room.stop()
