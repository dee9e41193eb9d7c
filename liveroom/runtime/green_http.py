"""eventlet's HTTP with an end to every body: its own reads what nobody wanted for as long as it comes."""

import io
from typing import Any

import eventlet
from eventlet.wsgi import ChunkReadError, HttpProtocol, Input

from liveroom.runtime import bodies
from liveroom.runtime.connections import PROVEN, proving
from liveroom.runtime.in_time import InTime


class Bounded(InTime, Input):  # type: ignore[misc]  # eventlet is untyped
    """A request's body that must come in its time; one that does not costs its connection."""

    FAULTS = (OSError, ChunkReadError)
    timer = eventlet.Timeout

    def __init__(self, protocol: HttpProtocol, plain: Input) -> None:
        """``plain`` is the body as eventlet made it."""
        super().__init__(
            bodies.Lines(plain.rfile),
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

    def _discard_trailers(self, rfile: bodies.Lines) -> None:
        for _ in range(bodies.TRAILERS_MAX):
            if rfile.readline() in (b"\r\n", b"\n", b""):
                return
        raise bodies.Endless("the trailers have no end")


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
        self._head = eventlet.Timeout(bodies.HEAD_S, bodies.TooSlow("the head takes too long"))
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
        environ["wsgi.input"] = environ["eventlet.input"] = Bounded(self, environ["eventlet.input"])
        environ["wsgi.errors"] = Unsaid()
        return environ

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of a client's fault: the line would name its address, and quote what it asked for."""
