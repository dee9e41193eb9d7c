"""A screen on Socket.IO that follows docs/feed.md, comes back by itself, and remembers what happened to it."""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from socket import SHUT_RDWR, SO_RCVBUF, SOL_SOCKET
from typing import Any

import engineio
import httpx
import pytest
import socketio
import websocket

from tests.services.screen_store import Message, Store
from tests.services.wait import until

DELAYED_S, LOST_S = 5, 15
ANSWER_S = 3


class _Socket(websocket.WebSocket):
    """A websocket that closes with its last owner, where a test fails before it closes its client."""

    def __del__(self) -> None:
        self.shutdown()


class _Engine(engineio.Client):
    """The library's engine, one message after the other: by itself it starts a thread for each."""

    def _trigger_event(self, event: str, *args: Any, **options: Any) -> Any:
        return super()._trigger_event(event, *args, **{**options, "run_async": False})


class InOrder(socketio.Client):
    """The library's client with that engine, and nothing left over when a connection ends; it never reconnects.

    ``handshake_s``: how long a connection may take to be made; who comes back by itself rather tries again soon.
    """

    def __init__(self, *, handshake_s: float = 5, **websocket_options: Any) -> None:
        self._sockets: list[websocket.WebSocket] = []
        options = {"class_": self._new_socket, **websocket_options}
        super().__init__(
            reconnection=False, handle_sigint=False, request_timeout=handshake_s, websocket_extra_options=options
        )

    def _engineio_client_class(self) -> type[engineio.Client]:
        return _Engine

    def _new_socket(self, **options: Any) -> websocket.WebSocket:
        self._sockets.append(_Socket(**options))
        return self._sockets[-1]

    def _close_sockets(self) -> None:
        """The library keeps those open that fail, and those that the server ends by a close frame."""
        while self._sockets:
            self._sockets.pop().shutdown()

    def connect(self, *args: Any, **options: Any) -> None:
        """As the library's; where it raises nothing stays open."""
        try:
            super().connect(*args, **options)
        except BaseException:
            self._close_sockets()
            raise

    def disconnect(self) -> None:
        """As the library's."""
        super().disconnect()
        self._close_sockets()

    def wait(self) -> None:
        """Wait until the connection ends."""
        reading = self.eio.read_loop_task
        while reading is not None and reading.is_alive():
            reading.join(0.1)
            if self.eio.state != "connected":
                self.eio.queue.put(None)  # the writer may have missed the one that ends it
        self._close_sockets()

    def cut(self) -> None:
        """End the connection without a goodbye, for which some servers keep one waiting."""
        open_ = self.eio.ws
        if open_ is not None and open_.sock is not None:
            with contextlib.suppress(OSError):
                open_.sock.shutdown(SHUT_RDWR)


class Caller(socketio.SimpleClient):
    """Connects, asks and waits for the answer."""

    client_class = InOrder

    def disconnect(self) -> None:
        """As the library's, which leaves the client as it is when the server has ended the connection first."""
        client = self.client
        super().disconnect()
        if client is not None:
            client.disconnect()


class Screen:
    """Connected from `start` to `close`. `loads` counts snapshots, `joins` connections, `byes` what drains said."""

    def __init__(
        self, url: str, *, audience: str = "wall", token: str | None = None, receive_buffer: int | None = None
    ) -> None:
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
        self._reading = threading.Event()
        self._reading.set()
        self._options = {"sockopt": [(SOL_SOCKET, SO_RCVBUF, receive_buffer)]} if receive_buffer else {}
        self._socket: InOrder | None = None
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
        """Lose the connection without a goodbye; it comes back by itself."""
        if self._socket is not None:
            self._socket.cut()

    @contextlib.contextmanager
    def not_reading(self) -> Iterator[None]:
        """For the length of the block nothing is read from the connection, which stays open."""
        self._reading.clear()
        yield
        self._reading.set()

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
        return max(time.monotonic() - self._beaten_at + abs(_seconds(beat["as_of"], beat["now"])), judged)

    def _live(self) -> None:
        while not self._over.is_set():
            self._socket = socket = self._wired()
            with contextlib.suppress(socketio.exceptions.ConnectionError, ValueError):
                socket.connect(
                    self.url, namespaces=["/feed"], transports=["websocket"], auth=self._auth, wait_timeout=5
                )
                socket.wait()
            self._over.wait(random.uniform(0.05, 0.25))

    def _wired(self) -> InOrder:
        socket = InOrder(**self._options)
        socket.on("connect", lambda: self._join(socket), namespace="/feed")
        socket.on("disconnect", self._lose, namespace="/feed")
        socket.on("batch", lambda batch: self._batch(socket, batch), namespace="/feed")
        socket.on("beat", lambda beat: self._beat(socket, beat), namespace="/feed")
        socket.on("bye", self._bye, namespace="/feed")
        return socket

    def _lose(self, *_reason: object) -> None:
        self._held = []

    def _bye(self, bye: Message) -> None:
        """Leave at a moment of its own within what the server asks, so that not all come back at once."""
        self.byes.append(bye)
        shortest, longest = bye["wait_ms"]
        threading.Timer(random.uniform(shortest, longest) / 1000, self.drop).start()

    def _join(self, socket: socketio.Client) -> None:
        self.joins += 1
        self._ask(socket)

    def _ask(self, socket: socketio.Client) -> None:
        """Hold what arrives until the answer is here."""
        self._held, self._asked_at = [], time.monotonic()
        known = {"epoch": self.store.epoch, "seq": self.store.seq, "mark": self.store.mark}
        asked = known if self.store.epoch else {}
        loads = self.loads
        socket.emit("resume", asked, namespace="/feed", callback=lambda answer: self._answered(socket, answer, loads))

    def _answered(self, socket: socketio.Client, answer: Message, loads: int) -> None:
        if "snapshot" in answer:
            # Asked twice because the answer was slow: the second one tells to load what has been loaded meanwhile.
            if loads == self.loads and self._load(answer["snapshot"]):
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
        self._reading.wait()
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
        until(lambda: screen.current, within=90, why="a fresh screen to be current")
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
