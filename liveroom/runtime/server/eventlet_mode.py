"""The server on eventlet: hub, HTTP, websocket."""

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
from eventlet import patcher, tpool
from eventlet.greenio import GreenSocket
from eventlet.websocket import FailedConnectionError, RFC6455WebSocket
from eventlet.wsgi import ChunkReadError, HttpProtocol, Input

from liveroom.runtime.server import http_bounds
from liveroom.runtime.server.connections import EXHAUSTED_PAUSE_S, PASSING, PROVEN, Connections, proving
from liveroom.runtime.server.http_bounds import SILENT_S, TimedBody
from liveroom.runtime.server.thread_mode import aside
from liveroom.runtime.server.websockets import (
    AGAINST_RULES,
    FRAGMENTS,
    FRAMES_UNJOINED,
    TOO_LONG,
    Pace,
    forget,
    joined,
    longest,
    unmasked,
)

T = TypeVar("T")

# eventlet's HTTP with an end to every body: its own reads what nobody wanted for as long as it comes.


class BoundedServer(TimedBody, Input):  # type: ignore[misc]  # eventlet is untyped
    """A request's body that must come in its time; one that does not costs its connection."""

    FAULTS = (OSError, ChunkReadError)
    timer = eventlet.Timeout

    def __init__(self, protocol: HttpProtocol, plain: Input) -> None:
        """``plain`` is the body as eventlet made it."""
        super().__init__(
            http_bounds.Lines(plain.rfile),
            plain.content_length,
            plain.get_socket(),
            wfile=plain.wfile,
            wfile_line=plain.wfile_line,
            chunked_input=plain.chunked_input,
        )
        self._protocol = protocol

    def cut(self) -> None:
        """End the connection with this answer."""
        self._protocol.close_connection = 1

    def discard(self, buffer_size: int = 0) -> None:  # noqa: ARG002 - eventlet's
        """What is left is read so that the answer arrives; what has no end ends the connection."""
        self.throw_away()

    def _discard_trailers(self, rfile: http_bounds.Lines) -> None:
        for _ in range(http_bounds.TRAILERS_MAX):
            if rfile.readline() in (b"\r\n", b"\n", b""):
                return
        raise http_bounds.Endless("the trailers have no end")


class Unsaid(io.TextIOBase):
    """Where eventlet's websockets write of a client that went away, with its address: nowhere."""

    def write(self, text: str) -> int:
        """Take it; returns its length."""
        return len(text)


class Protocol(HttpProtocol):  # type: ignore[misc]  # eventlet is untyped
    """HTTP/1.1 whose heads come in their time and whose bodies are Bounded."""

    _head: Any = None

    def handle_one_request(self) -> None:
        """One request; of many that came in one piece each waits its turn. Raises TooSlow."""
        eventlet.sleep()
        try:
            super().handle_one_request()
        finally:
            self._head_is_there()

    def _read_request_line(self) -> Any:
        """From its first byte on the whole head has HEAD_S; until then the connection may rest."""
        try:
            self.rfile.peek(1)
        except TimeoutError:
            raise
        except (OSError, ValueError):
            return ""
        self._head = eventlet.Timeout(http_bounds.HEAD_S, http_bounds.TooSlow("the head takes too long"))
        return super()._read_request_line()

    def finish(self) -> None:
        """The connection is over."""
        self.connection.connections.closed(id(self.connection))
        super().finish()

    def _head_is_there(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def get_environ(self) -> dict[str, Any]:
        """The request's environment."""
        self._head_is_there()
        connections = self.connection.connections
        connections.heard(id(self.connection))
        environ: dict[str, Any] = super().get_environ()
        environ[PROVEN] = proving(connections, id(self.connection))
        environ["wsgi.input"] = environ["eventlet.input"] = BoundedServer(self, environ["eventlet.input"])
        environ["wsgi.errors"] = Unsaid()
        return environ

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of a client's fault: the line would name its address, and quote what it asked for."""


# The eventlet mode: one hub, one native thread for SQLite, eventlet's own WSGI server.

# Connections that are being cut still have their greenlet for a moment.
LEAVING = 256


class Connection(GreenSocket):  # type: ignore[misc]  # eventlet is untyped
    """A connection that is read in turns and counted, and the listener that accepts those.

    A read of a green socket that finds something does not yield: one client that always has more ready, be it frames
    that mean nothing, would keep the hub, and with it every screen's beats, for as long as it likes.
    """

    connections: Connections

    def accept(self) -> tuple[Any, Any]:
        """The next connection; no fault of accept ends the server."""
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
        """As ever, after all others."""
        eventlet.sleep()
        received: bytes = super().recv(*args)
        return received

    def recv_into(self, *args: Any) -> int:
        """As ever, after all others."""
        eventlet.sleep()
        length: int = super().recv_into(*args)
        return length

    def __del__(self) -> None:
        """Count it no more, however it ended."""
        self.connections.closed(id(self))
        super().__del__()


class EventletRuntime:
    """Greenlets of eventlet; ``native_db`` sends database work to the one native thread (SQLite)."""

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
        """SQLite in the native thread; PostgreSQL waits green by itself."""
        if not self._native_db:
            return work()
        result: T = tpool.execute(work)
        return result

    def run_aside(self, work: Callable[[], T]) -> T:
        """In a native thread of its own."""
        return aside(work, patcher.original("_thread").start_new_thread, self.sleep)

    def run_child(self, work: Callable[[], T]) -> T:
        """In a native thread of its own too."""
        return self.run_aside(work)

    def serve(self, app: Any, listener: socket, connections: Connections) -> None:
        """Serve until ``stop``."""
        # What a listener accepts is of its own class.
        kind = type("Connection", (Connection,), {"connections": connections})
        self._serving = eventlet.spawn(
            eventlet.wsgi.server,
            kind(getattr(listener, "fd", listener)),
            app,
            log_output=False,
            debug=False,
            socket_timeout=SILENT_S,
            max_size=connections.limits.total + LEAVING,
            protocol=Protocol,
        )
        try:
            self._serving.wait()
        except eventlet.greenlet.GreenletExit:
            listener.close()

    def stop(self) -> None:
        """End ``serve``: the accept loop waits for open websockets for ever, so it is killed after the drain."""
        if self._serving is not None:
            eventlet.kill(self._serving)


# The websocket of the eventlet mode: eventlet's own, with the bounds of `websockets`.

CONTROL, LONGEST_CONTROL = 8, 125


class _Bounded(RFC6455WebSocket):  # type: ignore[misc]  # eventlet is untyped
    """A websocket whose messages, fragments and frames are bounded; ``client`` is its Engine.IO socket."""

    client_socket: Any

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._pace = Pace()
        self._frames = self._fragments = self._length = 0

    @staticmethod
    def _apply_mask(data: bytes, mask: tuple[int, ...], length: int | None = None, offset: int = 0) -> bytes:
        return unmasked(data if length is None else data[:length], bytes(mask), offset)

    def _recv_frame(self, message: Any = None) -> Any:
        """The next frame; ``message`` is what it may continue. Raises FailedConnectionError, which closes."""
        if wait_s := self._pace.wait_s():
            eventlet.sleep(wait_s)
        self._frames += 1
        if self._frames > FRAMES_UNJOINED and not joined(self.client_socket):
            raise FailedConnectionError(AGAINST_RULES, "join first")
        # A control frame may come in the middle of a message that is nearly full.
        self.max_frame_length = max(LONGEST_CONTROL, longest(self.client_socket) - self._length)
        pieces = 0 if message is None else len(message.data)
        frame = super()._recv_frame(message=message)
        if not frame.opcode & CONTROL:
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
    """Opens bounded websockets, and none of the protocols from before RFC 6455, which have no bounds at all."""

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        self.support_legacy_versions = False
        self._client = handler.__self__

    def __call__(self, environ: dict[str, Any], respond: Any) -> Any:
        """Open it and read it to its end."""
        self._client.liveroom_tcp = environ["eventlet.input"].get_socket()
        try:
            return super().__call__(environ, respond)
        finally:
            forget(self._client)

    def _handle_hybi_request(self, environ: dict[str, Any]) -> _Bounded:
        plain = super()._handle_hybi_request(environ)
        bounded = _Bounded(plain.socket, environ, plain.version, protocol=plain.protocol)
        bounded.client_socket = self._client
        return bounded
