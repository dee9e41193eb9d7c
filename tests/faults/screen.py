"""A screen on Socket.IO that follows docs/feed.md, comes back by itself, and remembers what happened to it."""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest
import socketio

from tests.faults.store import Message, Store
from tests.services.wait import until

DELAYED_S, LOST_S = 5, 15
ANSWER_S = 3


class Screen:
    """Connected from `start` to `close`. `loads` counts snapshots, `joins` connections, `byes` what drains said."""

    def __init__(self, url: str, *, audience: str = "wall", token: str | None = None) -> None:
        self.url, self.audience = url, audience
        self.store = Store()
        self.loads = self.joins = 0
        self.byes: list[Message] = []
        self.batches: list[Message] = []
        self.beat: Message | None = None
        self._beaten_at = self._asked_at = time.monotonic()
        self._auth = {"token": token} if token else {"audience": audience}
        self._held: list[Message] | None = []
        self._over = threading.Event()
        self._socket: socketio.Client | None = None
        self._thread = threading.Thread(target=self._live, daemon=True)

    def start(self) -> "Screen":
        """Connect in the background."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Disconnect for good."""
        self._over.set()
        self.drop()
        self._thread.join(20)

    def drop(self) -> None:
        """Lose the connection, as a pulled cable would; it comes back by itself."""
        socket = self._socket
        if socket is not None and socket.connected:
            socket.disconnect()

    @property
    def current(self) -> bool:
        """Connected, with nothing missing."""
        return self._held is None and self.store.need is None

    def at(self, seq: int) -> bool:
        """Whether the store is current and has reached `seq`."""
        return self.current and self.store.seq >= seq

    def freshness(self) -> str:
        """What a wall would say now: live, delayed or lost (design, "Freshness is the data's")."""
        age = self.age()
        return "lost" if age is None or age > LOST_S else "delayed" if age > DELAYED_S else "live"

    def age(self) -> float | None:
        """Age of the data in seconds; None before the first beat."""
        beat = self.beat
        if beat is None or beat["as_of"] is None:
            return None
        judged = _seconds(beat["due_to"], beat["at"]) / max(beat["rate"], 1)
        return max(time.monotonic() - self._beaten_at + _seconds(beat["as_of"], beat["now"]), judged)

    def _live(self) -> None:
        while not self._over.is_set():
            self._socket = socket = self._wired()
            with contextlib.suppress(socketio.exceptions.ConnectionError, ValueError):
                socket.connect(self.url, namespaces=["/feed"], transports=["websocket"], auth=self._auth, wait_timeout=5)
                socket.wait()
            if socket.connected:
                socket.disconnect()
            self._over.wait(0.05 + random.random() * 0.2)

    def _wired(self) -> socketio.Client:
        socket = socketio.Client(reconnection=False, handle_sigint=False)
        socket.on("connect", lambda: self._join(socket), namespace="/feed")
        socket.on("disconnect", self._lose, namespace="/feed")
        socket.on("batch", lambda batch: self._batch(socket, batch), namespace="/feed")
        socket.on("beat", lambda beat: self._beat(socket, beat), namespace="/feed")
        socket.on("bye", self.byes.append, namespace="/feed")
        return socket

    def _lose(self, *_reason: object) -> None:
        self._held = []

    def _join(self, socket: socketio.Client) -> None:
        self.joins += 1
        self._ask(socket)

    def _ask(self, socket: socketio.Client) -> None:
        """Hold what arrives until the answer is here."""
        self._held, self._asked_at = [], time.monotonic()
        known = {"epoch": self.store.epoch, "seq": self.store.seq, "mark": self.store.mark}
        asked = known if self.store.epoch else {}
        socket.emit("resume", asked, namespace="/feed", callback=lambda answer: self._answered(socket, answer))

    def _answered(self, socket: socketio.Client, answer: Message) -> None:
        if "snapshot" in answer:
            if self._load(answer["snapshot"]):
                self._ask(socket)
            return
        if "batches" not in answer:
            return  # the next beat asks again
        for batch in (*answer["batches"], *(self._held or ())):
            self.store.apply(batch)
        self._held = None

    def _load(self, path: str) -> bool:
        headers = {"Authorization": f"Bearer {self._auth['token']}"} if "token" in self._auth else {}
        with contextlib.suppress(httpx.TransportError):
            response = httpx.get(self.url + path, headers=headers, timeout=30)
            if response.status_code == httpx.codes.OK:
                self.store.load(response.json())
                self.loads += 1
                return True
        return False

    def _batch(self, socket: socketio.Client, batch: Message) -> None:
        self.batches.append(batch)
        if self._held is not None:
            self._held.append(batch)
            return
        self.store.apply(batch)
        if self.store.need is not None:
            self._ask(socket)

    def _beat(self, socket: socketio.Client, beat: Message) -> None:
        if self._held is not None:
            if time.monotonic() - self._asked_at > ANSWER_S:
                self._ask(socket)
            return
        if beat["epoch"] == self.store.epoch and beat["seq"] <= self.store.seq:
            self.beat, self._beaten_at = beat, time.monotonic()
        else:
            self._ask(socket)


def _seconds(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def fresh(url: str, *, audience: str = "wall") -> Store:
    """What a screen sees that comes now and knows nothing: a snapshot and whatever a resume adds."""
    screen = Screen(url, audience=audience).start()
    try:
        until(lambda: screen.current, why="a fresh screen to be current")
        return screen.store
    finally:
        screen.close()


Watch = Callable[..., Screen]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Return `watch(url, audience=..., token=...) -> Screen`, each closed after the test."""
    opened: list[Screen] = []

    def one(url: str, **options: Any) -> Screen:
        screen = Screen(url, **options).start()
        opened.append(screen)
        return screen

    yield one
    for screen in opened:
        screen.close()
