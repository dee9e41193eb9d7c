"""The eventlet mode: one hub, one native thread for SQLite, eventlet's own WSGI server and websocket with our limits.

eventlet reads an unwanted body for as long as it comes, lets one busy client keep the hub, and does not limit
websockets; the classes here correct that. What they know of its inside is tested in tests/faults.
"""

import errno
import io
import socket as plain_socket
from collections.abc import Callable
from functools import partial
from socket import socket
from typing import Any, TypeVar

import eventlet
import eventlet.wsgi
from engineio.async_drivers.eventlet import WebSocketWSGI
from engineio.exceptions import EngineIOError
from eventlet import patcher, tpool
from eventlet.greenio import GreenSocket
from eventlet.websocket import FailedConnectionError, RFC6455WebSocket
from eventlet.wsgi import ChunkReadError, HttpProtocol, Input

from liveroom.runtime.server import http_bounds
from liveroom.runtime.server.connections import EXHAUSTED_PAUSE_S, PASSING, Connections, bind
from liveroom.runtime.server.http_bounds import SILENT_S, TimedBody
from liveroom.runtime.server.thread_mode import aside
from liveroom.runtime.server.websockets import (
    AGAINST_RULES,
    FRAGMENTS,
    FRAMES_UNJOINED,
    TOO_LONG,
    FrameRate,
    forget,
    joined,
    longest,
    unmasked,
)

T = TypeVar("T")

# Connections that are being cut still have their greenlet for a moment.
_LEAVING = 256


class EventletRuntime:
    """Greenlets of eventlet; with ``native_db`` (SQLite) database work goes to the one native thread."""

    mode = "eventlet"

    def __init__(self, *, native_db: bool) -> None:
        self._native_db = native_db
        self._serving: Any = None

    def spawn(self, work: Callable[..., Any], *args: Any) -> None:
        """Run ``work`` in a greenlet."""
        eventlet.spawn(work, *args)

    def sleep(self, seconds: float) -> None:
        """Yield to the hub."""
        eventlet.sleep(seconds)

    def run_db(self, work: Callable[[], T]) -> T:
        """Use the native thread for SQLite; PostgreSQL waits green by itself."""
        if not self._native_db:
            return work()
        result: T = tpool.execute(work)
        return result

    def run_aside(self, work: Callable[[], T]) -> T:
        """Use a native thread of its own."""
        return aside(work, patcher.original("_thread").start_new_thread, self.sleep)

    def run_child(self, work: Callable[[], T]) -> T:
        """Use a native thread of its own too."""
        return self.run_aside(work)

    def serve(self, app: Any, listener: socket, connections: Connections) -> None:
        """Serve until ``stop``."""
        # eventlet gives an accepted connection the class of its listener.
        kind = type("CountedSocket", (FairSocket,), {"connections": connections})
        self._serving = eventlet.spawn(
            eventlet.wsgi.server,
            kind(getattr(listener, "fd", listener)),
            app,
            log_output=False,
            debug=False,
            socket_timeout=SILENT_S,
            max_size=connections.limits.total + _LEAVING,
            protocol=BoundedProtocol,
        )
        try:
            self._serving.wait()
        except eventlet.greenlet.GreenletExit:
            listener.close()

    def stop(self) -> None:
        """End ``serve``: the accept loop waits for open websockets for ever, so it is killed after the drain."""
        if self._serving is not None:
            eventlet.kill(self._serving)


class FairSocket(GreenSocket):  # type: ignore[misc]  # eventlet is untyped
    """A connection that is counted and gives way before a read; also the listener that accepts such connections.

    A read of a green socket that finds data does not yield: one client that always has more ready, even frames without
    meaning, would keep the hub, and with it every screen's beats, for as long as it likes. After a read that had to
    wait, in which all others ran, the next one need not yield.
    """

    connections: Connections
    _waited = False

    def give_way(self) -> None:
        """Let all others run, unless they just did."""
        if not self._waited:
            eventlet.sleep()
        self._waited = False

    def _read_trampoline(self) -> None:
        super()._read_trampoline()
        self._waited = True

    def accept(self) -> tuple[Any, Any]:
        """Accept the next connection; no error of accept ends the server."""
        while True:
            eventlet.sleep()
            try:
                one, address = super().accept()
            except OSError as error:
                if self.connections.exhausted(error):
                    eventlet.sleep(EXHAUSTED_PAUSE_S)
                elif error.errno not in PASSING and error.errno != errno.EAGAIN:
                    raise
                continue
            cut = partial(one.fd.shutdown, plain_socket.SHUT_RDWR)
            self.connections.opened(id(one), str(address[0]), cut)
            return one, address

    def recv(self, *args: Any) -> bytes:
        """Read after giving way."""
        self.give_way()
        received: bytes = super().recv(*args)
        return received

    def recv_into(self, *args: Any) -> int:
        """Read after giving way."""
        self.give_way()
        length: int = super().recv_into(*args)
        return length

    def __del__(self) -> None:
        """Count the connection no more, however it ended."""
        self.connections.closed(id(self))
        super().__del__()


# HTTP: eventlet's own, with an end to every head and body.


class TimedInput(TimedBody, Input):  # type: ignore[misc]  # eventlet is untyped
    """The body of a request, with a time limit."""

    FAULTS = (OSError, ChunkReadError)
    timer = eventlet.Timeout

    def __init__(self, protocol: HttpProtocol, plain: Input) -> None:
        """``plain``: the body as eventlet made it."""
        super().__init__(
            http_bounds.BoundedLines(plain.rfile),
            plain.content_length,
            plain.get_socket(),
            wfile=plain.wfile,
            wfile_line=plain.wfile_line,
            chunked_input=plain.chunked_input,
        )
        self._protocol = protocol

    def cut(self) -> None:
        """Close the connection after this answer."""
        self._protocol.close_connection = 1

    def discard(self, buffer_size: int = 0) -> None:  # noqa: ARG002 - eventlet's
        """Read the rest so that the answer arrives; a rest without end ends the connection."""
        self.throw_away()

    def _discard_trailers(self, rfile: http_bounds.BoundedLines) -> None:
        for _ in range(http_bounds.TRAILERS_MAX):
            if rfile.readline() in (b"\r\n", b"\n", b""):
                return
        raise http_bounds.Endless("the trailers have no end")


class _NoErrors(io.TextIOBase):
    """Drops what eventlet's websockets write about a client that went away: it holds the client's address."""

    def write(self, text: str) -> int:
        """Drop the text; returns its length."""
        return len(text)


class BoundedProtocol(HttpProtocol):  # type: ignore[misc]  # eventlet is untyped
    """HTTP/1.1 with time limits for heads and bodies."""

    _head: Any = None

    def handle_one_request(self) -> None:
        """Handle one request, after giving way: many may have come in one piece. Raises TooSlow."""
        self.connection.give_way()
        try:
            super().handle_one_request()
        finally:
            self._head_is_there()

    def _read_request_line(self) -> Any:
        """Start the time limit of the head at its first byte; before that the connection may be idle."""
        try:
            self.rfile.peek(1)
        except TimeoutError:
            raise
        except (OSError, ValueError):
            return ""
        self._head = eventlet.Timeout(http_bounds.HEAD_S, http_bounds.TooSlow("the head takes too long"))
        return super()._read_request_line()

    def finish(self) -> None:
        """Count the connection no more."""
        self.connection.connections.closed(id(self.connection))
        super().finish()

    def _head_is_there(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def get_environ(self) -> dict[str, Any]:
        """The request's WSGI environment."""
        self._head_is_there()
        connections = self.connection.connections
        connections.heard(id(self.connection))
        environ: dict[str, Any] = super().get_environ()
        bind(environ, connections, id(self.connection))
        environ["wsgi.input"] = environ["eventlet.input"] = TimedInput(self, environ["eventlet.input"])
        environ["wsgi.errors"] = _NoErrors()
        return environ

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing: the line would hold the client's address and quote its request."""


# Websockets: eventlet's own, with the limits of `websockets`.

# The bit of an opcode that marks a control frame, and how long one may be (RFC 6455 5.5).
_CONTROL, _LONGEST_CONTROL = 8, 125


class _BoundedWebSocket(RFC6455WebSocket):  # type: ignore[misc]  # eventlet is untyped
    """A websocket with limits for messages, fragments and frames; ``client_socket``: its Engine.IO socket."""

    client_socket: Any

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._rate = FrameRate()
        self._frames = self._fragments = self._length = 0

    @staticmethod
    def _apply_mask(data: bytes, mask: tuple[int, ...], length: int | None = None, offset: int = 0) -> bytes:
        return unmasked(data if length is None else data[:length], bytes(mask), offset)

    def _recv_frame(self, message: Any = None) -> Any:
        """Read the next frame; ``message``: the one it may continue. Raises FailedConnectionError, which closes."""
        if wait_s := self._rate.wait_s():
            eventlet.sleep(wait_s)
        self._frames += 1
        if self._frames > FRAMES_UNJOINED and not joined(self.client_socket):
            raise FailedConnectionError(AGAINST_RULES, "join first")
        # A control frame may come in the middle of a message that is nearly full.
        self.max_frame_length = max(_LONGEST_CONTROL, longest(self.client_socket) - self._length)
        pieces = 0 if message is None else len(message.data)
        frame = super()._recv_frame(message=message)
        if not frame.opcode & _CONTROL:
            self._add(frame, sum(map(len, frame.data[pieces:])))
        return frame

    def _add(self, frame: Any, length: int) -> None:
        self._fragments += 1
        self._length += length
        if self._length > longest(self.client_socket):
            raise FailedConnectionError(TOO_LONG, "the message is too long")
        if self._fragments > FRAGMENTS:
            raise FailedConnectionError(AGAINST_RULES, "the message has too many fragments")
        if frame.finished:
            self._fragments = self._length = 0


class EventletWebSocket(WebSocketWSGI):  # type: ignore[misc]  # engineio is untyped
    """Opens bounded websockets, and none of the protocols from before RFC 6455, which have no limits at all."""

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        self.support_legacy_versions = False
        self._client = handler.__self__

    def __call__(self, environ: dict[str, Any], respond: Any) -> Any:
        """Open the websocket and read it to its end. Raises EngineIOError, which ends the client, at a second one."""
        if getattr(self._client, "liveroom_websocket", None) is not None:
            raise EngineIOError("a client has one websocket: what is sent to two has no order")
        self._client.liveroom_tcp = environ["eventlet.input"].get_socket()
        try:
            return super().__call__(environ, respond)
        finally:
            self._client.liveroom_websocket = None  # each holds the other, and with it the connection
            forget(self._client)

    def _handle_hybi_request(self, environ: dict[str, Any]) -> _BoundedWebSocket:
        plain = super()._handle_hybi_request(environ)
        bounded = _BoundedWebSocket(plain.socket, environ, plain.version, protocol=plain.protocol)
        bounded.client_socket = self._client
        self._client.liveroom_websocket = bounded
        return bounded
