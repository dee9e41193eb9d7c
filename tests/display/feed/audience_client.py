"""Clients of an audience, down to the byte: a websocket, a poller, and one that begins as a poller and upgrades.

Each has `texts`: the Engine.IO messages received so far, and `numbers()`: the `n` of each event among them.
"""

import json
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
_EVENT = "42/feed,"
_SEPARATOR = "\x1e"


def frame(opcode: int, payload: bytes) -> bytes:
    """A short frame of a client, under a mask that changes nothing."""
    return bytes([0x80 | opcode, 0x80 | len(payload)]) + bytes(4) + payload


class Client:
    """What all of them have; ``ended`` is set once nothing more comes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.texts: list[str] = []
        self.fault: Exception | None = None
        self.ended = threading.Event()
        self._reader: threading.Thread | None = None

    def numbers(self) -> list[int]:
        """The `n` of every event, in the order in which they came. Raises ValueError for one that is not whole."""
        return [json.loads(text[len(_EVENT) :])[1]["n"] for text in list(self.texts) if text.startswith(_EVENT)]

    def joined(self) -> bool:
        """Whether the namespace has let it in."""
        return any(text.startswith("40/feed,") for text in list(self.texts))

    def read_on(self, read: Callable[[], None] | None = None) -> None:
        """Read to the end in a thread, by ``read`` if what is left is not all."""
        self._reader = threading.Thread(target=self._read_to_the_end, args=(read or self.read,), daemon=True)
        self._reader.start()

    def close(self) -> None:
        """End the connection and the thread that reads it."""
        self.end()
        if self._reader is not None:
            self._reader.join(30)
            self.end()  # it may have begun to upgrade in between

    def end(self) -> None:
        """End without a word."""
        raise NotImplementedError

    def _read_to_the_end(self, read: Callable[[], None]) -> None:
        try:
            read()
        except (OSError, httpx.HTTPError, RuntimeError) as error:
            self.fault = error
        finally:
            self.ended.set()

    def read(self) -> None:
        """Read until nothing more comes. Raises OSError when the connection breaks."""
        raise NotImplementedError


class Websocket(Client):
    """A websocket that joins at once; ``frames``: what it received, byte by byte."""

    def __init__(self, url: str, *, receive_buffer: int | None = None, sid: str | None = None) -> None:
        super().__init__(url)
        host, _, port = url.removeprefix("http://").partition(":")
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(60)
        self.socket.connect((host, int(port)))
        self.frames: list[bytes] = []
        self._got = b""
        of = "" if sid is None else f"&sid={sid}"
        lines = (
            f"GET /socket.io/?EIO=4&transport=websocket{of} HTTP/1.1",
            f"Host: {host}:{port}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Version: 13",
        )
        self.socket.sendall("\r\n".join((*lines, "", "")).encode())
        while b"\r\n\r\n" not in self._got:
            self._more(1)
        head, _, self._got = self._got.partition(b"\r\n\r\n")
        if b" 101 " not in head:
            self.socket.close()
            raise ConnectionError(head.decode())
        if sid is None:
            self.say("40/feed,")

    def say(self, text: str) -> None:
        """Send a text."""
        self.socket.sendall(frame(TEXT, text.encode()))

    def ping(self) -> None:
        """Send a websocket's own ping: its pong goes by no queue."""
        self.socket.sendall(frame(PING, b"?"))

    def read(self) -> None:
        """Read until the connection ends."""
        while (text := self.next()) is not None:
            self.texts.append(text)

    def next(self) -> str | None:
        """The next text; None at the end. Raises OSError for bytes that are no frame of a server."""
        while True:
            if not self._fill(2):
                return None
            kind, length = self._got[0], self._got[1]
            head = {126: 4, 127: 10}.get(length, 2)
            if not self._fill(head):
                return None
            if head > 2:
                (length,) = struct.unpack("!H" if head == 4 else "!Q", self._got[2:head])
            if kind & 0x7F not in (TEXT, CLOSE, PONG) or length > 1 << 20:
                raise ConnectionError(f"no frame: {self._got[:10]!r}")
            if not self._fill(head + length):
                return None
            whole, self._got = self._got[: head + length], self._got[head + length :]
            if kind & 0x0F == CLOSE:
                return None
            if kind & 0x0F == TEXT:
                self.frames.append(whole)
                text = whole[head:].decode()
                if text != "2":
                    return text
                self.say("3")

    def _fill(self, length: int) -> bool:
        while len(self._got) < length:
            if not self._more(length - len(self._got)):
                return False
        return True

    def _more(self, most: int) -> bool:
        piece = self.socket.recv(max(most, 4096))
        self._got += piece
        return bool(piece)

    def end(self) -> None:
        """End without a word; what is under way is answered by a reset."""
        with suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.socket.shutdown(socket.SHUT_RD)
        self.socket.close()


class Poller(Client):
    """One that asks over HTTP; `upgrade` makes it a websocket in the middle of it all."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._http = httpx.Client(base_url=url, timeout=60)
        self._where: dict[str, Any] = {"EIO": "4", "transport": "polling"}
        opened = self._http.get("/socket.io/", params=self._where).text
        self._where["sid"] = json.loads(opened[1:])["sid"]
        self._post("40/feed,")
        self._wanted = threading.Event()
        self._websocket: Websocket | None = None

    def end(self) -> None:
        """End without a word."""
        if self._websocket is not None:
            self._websocket.end()
        with suppress(httpx.HTTPError, RuntimeError):
            self._post("1")
        self._http.close()

    def upgrade(self) -> None:
        """Become a websocket after the answer that is under way."""
        self._wanted.set()

    def read(self) -> None:
        """Poll, and after `upgrade` read the websocket to its end."""
        while not self._wanted.is_set():
            self.poll()
        self.open()
        self.probe()
        self.poll()
        self.complete()

    def open(self) -> None:
        """Open the websocket."""
        self._websocket = Websocket(self.url, sid=self._where["sid"])
        self._websocket.texts = self.texts

    def probe(self) -> None:
        """Try the websocket. Raises ConnectionError when anything came before the answer."""
        assert self._websocket is not None
        self._websocket.say("2probe")
        if (said := self._websocket.next()) != "3probe":
            raise ConnectionError(f"before the answer to the probe: {said}")

    def complete(self) -> None:
        """Go over to the websocket, and read it to its end."""
        assert self._websocket is not None
        self._websocket.say("5")
        self._websocket.read()

    def poll(self) -> None:
        """Ask once."""
        for text in self._poll():
            if text == "2":
                self._post("3")
            elif text != "6":
                self.texts.append(text)

    def _poll(self) -> list[str]:
        answer = self._http.get("/socket.io/", params=self._where)
        if answer.status_code != 200:
            raise ConnectionError(answer.text)
        return answer.text.split(_SEPARATOR)

    def _post(self, text: str) -> None:
        self._http.post("/socket.io/", params=self._where, content=text)
