"""Many screens in a process of their own, each a bare websocket that reads batches and notes how late they came."""

import multiprocessing
import selectors
import socket
import time
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlsplit

import msgspec
from wsproto import WSConnection
from wsproto.connection import ConnectionType
from wsproto.events import CloseConnection, Request, TextMessage

ADDRESS = "/socket.io/?EIO=4&transport=websocket"
JOIN = '40/feed,{"audience":"wall"}'
BATCH = '42/feed,["batch",'
STALLED_BUFFER = 4096


class _Card(msgspec.Struct):
    source: str
    state: str
    received_at: datetime


class _Batch(msgspec.Struct):
    cards: list[_Card]


_decoder = msgspec.json.Decoder(tuple[str, _Batch])


class Screen:
    """One websocket on the feed; ``late`` in seconds from the commit of each new complaint of ``source``."""

    def __init__(self, host: str, port: int, source: str, buffer: int | None = None) -> None:
        self.socket = socket.socket()
        if buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.connect((host, port))
        self.source = source
        self.late: list[float] = []
        self.over = False
        self._wire = WSConnection(ConnectionType.CLIENT)
        self._part = ""
        self.socket.sendall(self._wire.send(Request(host=f"{host}:{port}", target=ADDRESS)))

    def read(self) -> None:
        """Take what has arrived."""
        data = self.socket.recv(1 << 16)
        now = time.time()
        self.over = not data
        self._wire.receive_data(data or None)
        for event in self._wire.events():
            match event:
                case TextMessage():
                    self._part += event.data
                    if event.message_finished:
                        text, self._part = self._part, ""
                        self._message(text, now)
                case CloseConnection():
                    self.over = True
                case _:
                    pass  # accepted

    def _message(self, text: str, now: float) -> None:
        if text.startswith(BATCH):
            for card in _decoder.decode(text[len("42/feed,") :])[1].cards:
                if card.source == self.source and card.state == "received":
                    self.late.append(now - card.received_at.timestamp())
        elif text.startswith("0{"):
            self._say(JOIN)
        elif text == "2":
            self._say("3")

    def _say(self, text: str) -> None:
        self.socket.sendall(self._wire.send(TextMessage(data=text)))


class Wall:
    """``count`` screens in a child process, with or without one that stops reading."""

    def __init__(self, url: str, *, count: int, source: str) -> None:
        parts = urlsplit(url)
        self._here, there = multiprocessing.Pipe()
        about = (str(parts.hostname), int(parts.port or 80), count, source)
        self._child = multiprocessing.get_context("spawn").Process(target=_live, args=(*about, there), daemon=True)
        self._child.start()
        self._here.recv()

    def taken(self) -> list[float]:
        """All that came late, by how many seconds, since the last call."""
        self._here.send("take")
        late: list[float] = self._here.recv()
        return late

    def close(self) -> None:
        """End the child."""
        self._here.send("end")
        self._child.join(10)


def stalled(url: str) -> Screen:
    """A screen that joins and then reads nothing more."""
    parts = urlsplit(url)
    screen = Screen(str(parts.hostname), int(parts.port or 80), "", STALLED_BUFFER)
    for _ in range(2):
        screen.read()
    return screen


def _live(host: str, port: int, count: int, source: str, pipe: Connection) -> None:
    screens = [Screen(host, port, source) for _ in range(count)]
    with selectors.DefaultSelector() as waiting:
        for screen in screens:
            waiting.register(screen.socket, selectors.EVENT_READ, screen)
        waiting.register(pipe, selectors.EVENT_READ, None)
        pipe.send("here")
        while _step(waiting, screens, pipe):
            pass


def _step(waiting: selectors.BaseSelector, screens: list[Screen], pipe: Connection) -> bool:
    for key, _ in waiting.select():
        screen: Any = key.data
        if screen is not None:
            screen.read()
            if screen.over:
                raise RuntimeError("a reading screen was closed")
            continue
        if pipe.recv() == "end":
            return False
        pipe.send([late for one in screens for late in one.late])
        for one in screens:
            one.late.clear()
    return True
