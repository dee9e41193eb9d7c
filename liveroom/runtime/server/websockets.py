"""Websockets with bounds: how long a message may be, how many frames it may have, and how fast frames are read.

The libraries read whatever comes: eventlet's unmasks byte by byte on the hub, and neither adds up the fragments of a
message. Ten strangers who sent large frames kept every other connection waiting for 25 s. RFC 6455 closes with 1009
what is too long and with 1008 what breaks a rule of ours.

What this module knows of the libraries' inside is held by tests/faults/test_attacks.py.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from socket import SHUT_RDWR
from typing import Any

import simple_websocket
from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI

from liveroom.runtime.time import monotonic

# What the protocol of the feed needs: a page's report of itself is the longest message that a screen sends.
LONGEST = 64 * 1024
# Before it has joined, a client only has to say who it is.
LONGEST_UNJOINED = 4 * 1024
# No client that we know of cuts a message at all.
FRAGMENTS = 64
# Frames that may come at once, and in a second after that; whoever sends faster waits, and TCP makes it wait too.
BURST, A_SECOND = 100.0, 50.0
# Before it has joined: CONNECT, and a pong now and then.
FRAMES_UNJOINED = 32
# Threads alone: messages that were read and wait to be answered.
WAITING = 32
TOO_LONG, AGAINST_RULES = 1009, 1008


@dataclass(slots=True)
class Pace:
    """A token bucket: ``BURST`` frames at once, ``A_SECOND`` after that."""

    tokens: float = BURST
    filled: float = 0.0

    def wait_s(self) -> float:
        """Take one out; how many seconds to wait before the next is read, mostly 0."""
        now = monotonic()
        if self.filled:
            self.tokens = min(BURST, self.tokens + (now - self.filled) * A_SECOND)
        self.filled = now
        self.tokens -= 1
        return max(0.0, -self.tokens / A_SECOND)


def unmasked(data: bytes, mask: bytes, offset: int = 0) -> bytes:
    """``data`` of a frame without its mask of four bytes; ``offset``: how much of the frame came before it."""
    turn = offset % 4
    turned = mask[turn:] + mask[:turn]
    length = len(data)
    key = int.from_bytes((turned * (length // 4 + 1))[:length], "little")
    return (int.from_bytes(data, "little") ^ key).to_bytes(length, "little")


def joined(client: Any) -> bool:
    """Whether an Engine.IO socket was let into a namespace."""
    return bool(getattr(client, "liveroom_joined", False))


def longest(client: Any) -> int:
    """Bytes that a message from it may have."""
    return LONGEST if joined(client) else LONGEST_UNJOINED


def forget(client: Any) -> None:
    """Keep no Engine.IO socket whose websocket is over, or never came: its own end is 20 s away."""
    client.close(wait=False, abort=True, reason=client.server.reason.TRANSPORT_CLOSE)
    client.server.sockets.pop(client.sid, None)


class _ThreadServer(simple_websocket.Server):  # type: ignore[misc]  # untyped
    """A websocket of the threading mode; what it has read and nobody took makes its thread wait."""

    def __init__(self, environ: dict[str, Any], client: Any) -> None:
        self._client = client
        self._pace = Pace()
        self._reads = 0
        super().__init__(environ, max_message_size=LONGEST_UNJOINED)

    def _handle_events(self) -> bool:
        """After each piece that was read, in the thread that reads."""
        self.max_message_size = longest(self._client)
        goes_on = bool(super()._handle_events())
        self._reads += 1
        if goes_on and self._reads > FRAMES_UNJOINED and not joined(self._client):
            self.close(AGAINST_RULES, "join first")
            goes_on = False
        if not goes_on:
            # The library wakes whoever waits for a message before it says that none will come.
            self.connected = False
            self.event.set()
            return False
        if wait_s := self._pace.wait_s():
            time.sleep(wait_s)
        while self.connected and len(self.input_buffer) > WAITING:
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
        # simple-websocket sends once and takes it for whole: with a timeout, part of a long message is lost.
        tcp.settimeout(None)
        try:
            self.ws = _ThreadServer(environ, self._client)
            self.app(self)
        finally:
            forget(self._client)
            # Werkzeug would wait for another request on it.
            with suppress(OSError):
                tcp.shutdown(SHUT_RDWR)
        raise ConnectionError
