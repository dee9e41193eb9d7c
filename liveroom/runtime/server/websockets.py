"""Limits of a websocket: how long a message may be, how many frames it may have, and how fast frames are read.

The libraries read whatever comes: eventlet unmasks byte by byte on the hub, and neither library adds up the fragments
of a message. Ten strangers who sent large frames kept every other connection waiting for 25 s. RFC 6455 closes with
1009 for a message that is too long and with 1008 for one that breaks a rule of ours.

What this module knows of the inside of the libraries is tested in tests/faults.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from socket import SHUT_RDWR
from threading import Lock
from typing import Any

import simple_websocket
from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI

from liveroom.runtime.time import monotonic

# Bytes. The longest message of the feed that a screen sends is a page's report of itself.
LONGEST = 64 * 1024
# Before it has joined the feed, a client sends only its credential.
LONGEST_UNJOINED = 4 * 1024
# No client that we know of fragments a message at all.
FRAGMENTS = 64
# Frames that are read at once, and in a second after that; a faster sender waits, since TCP makes it wait.
_BURST, _A_SECOND = 100.0, 50.0
# Before it has joined, a client sends CONNECT and now and then a pong.
FRAMES_UNJOINED = 32
# Threads only: messages that were read and wait to be handled.
_QUEUED = 32
TOO_LONG, AGAINST_RULES = 1009, 1008


@dataclass(slots=True)
class FrameRate:
    """A token bucket for the frames of one websocket."""

    tokens: float = _BURST
    filled: float = 0.0

    def wait_s(self) -> float:
        """Take a token; returns the seconds to wait before the next frame is read, mostly 0."""
        now = monotonic()
        if self.filled:
            self.tokens = min(_BURST, self.tokens + (now - self.filled) * _A_SECOND)
        self.filled = now
        self.tokens -= 1
        return max(0.0, -self.tokens / _A_SECOND)


def unmasked(data: bytes, mask: bytes, offset: int = 0) -> bytes:
    """``data`` of a frame without its mask of four bytes; ``offset``: the bytes of the frame before it."""
    turn = offset % 4
    turned = mask[turn:] + mask[:turn]
    length = len(data)
    key = int.from_bytes((turned * (length // 4 + 1))[:length], "little")
    return (int.from_bytes(data, "little") ^ key).to_bytes(length, "little")


def joined(client: Any) -> bool:
    """Whether an Engine.IO socket has joined a namespace."""
    return bool(getattr(client, "liveroom_joined", False))


def longest(client: Any) -> int:
    """The bytes that a message of an Engine.IO socket may have."""
    return LONGEST if joined(client) else LONGEST_UNJOINED


def forget(client: Any) -> None:
    """Drop an Engine.IO socket whose websocket has ended or never came, 20 s before it would end by itself."""
    client.close(wait=False, abort=True, reason=client.server.reason.TRANSPORT_CLOSE)
    client.server.sockets.pop(client.sid, None)


class _WholeSends:
    """A TCP connection on which no send comes into the middle of another.

    The library sends from two threads: one writes messages, the other answers pings while it reads.
    """

    def __init__(self, tcp: Any) -> None:
        self._tcp, self._sending = tcp, Lock()

    def send(self, data: bytes) -> int:
        """Send all of it."""
        with self._sending:
            self._tcp.sendall(data)
        return len(data)

    def __getattr__(self, name: str) -> Any:
        """Everything else is the connection's."""
        return getattr(self._tcp, name)


class _ThreadServer(simple_websocket.Server):  # type: ignore[misc]  # untyped
    """A websocket of the threading mode; its thread waits while too many messages are unhandled."""

    def __init__(self, environ: dict[str, Any], client: Any) -> None:
        self._client = client
        self._rate = FrameRate()
        self._reads = 0
        whole = _WholeSends(environ["werkzeug.socket"])
        super().__init__({**environ, "werkzeug.socket": whole}, max_message_size=LONGEST_UNJOINED)

    def _handle_events(self) -> bool:
        """Called by the reading thread after each piece it has read; returns whether to go on."""
        self.max_message_size = longest(self._client)
        goes_on = bool(super()._handle_events())
        self._reads += 1
        if goes_on and self._reads > FRAMES_UNJOINED and not joined(self._client):
            self.close(AGAINST_RULES, "join first")
            goes_on = False
        if not goes_on:
            # The library wakes the thread that waits for a message before it says that none will come.
            self.connected = False
            self.event.set()
            return False
        if wait_s := self._rate.wait_s():
            time.sleep(wait_s)
        while self.connected and len(self.input_buffer) > _QUEUED:
            time.sleep(0.01)
        return True


class ThreadWebSocket(SimpleWebSocketWSGI):  # type: ignore[misc]  # engineio is untyped
    """Opens _ThreadServer websockets."""

    def __init__(self, handler: Callable[..., Any], server: Any) -> None:
        super().__init__(handler, server)
        self._client: Any = handler.__self__  # type: ignore[attr-defined]  # it is bound to the Engine.IO socket

    def __call__(self, environ: dict[str, Any], respond: Any) -> Any:  # noqa: ARG002 - WSGI's
        """Serve the connection of this WSGI request as a websocket."""
        tcp = self._client.liveroom_tcp = environ["werkzeug.socket"]
        # With a timeout a client that reads slowly would lose the rest of a long message.
        tcp.settimeout(None)
        try:
            self.ws = _ThreadServer(environ, self._client)
            self.app(self)
        finally:
            forget(self._client)
            # Werkzeug would wait for another request on this connection.
            with suppress(OSError):
                tcp.shutdown(SHUT_RDWR)
        raise ConnectionError
