"""eventlet's HTTP with an end to every body: its own reads what nobody wanted for as long as it comes."""

from collections.abc import Callable
from time import monotonic
from typing import Any

import eventlet
from eventlet.wsgi import ChunkReadError, HttpProtocol, Input

from liveroom.runtime import bodies


class Bounded(Input):  # type: ignore[misc]  # eventlet is untyped
    """A request's body that must come in its time; one that does not costs its connection."""

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
        self._end: float | None = None

    def read(self, length: int | None = None) -> bytes:
        """Raises OSError, TooSlow among them."""
        return self._in_time(lambda: super(Bounded, self).read(length))

    def readline(self, size: int | None = None) -> bytes:
        """Raises OSError, TooSlow among them."""
        return self._in_time(lambda: super(Bounded, self).readline(size))

    def discard(self, buffer_size: int = 0) -> None:  # noqa: ARG002 - eventlet's
        """What is left is read so that the answer arrives; what has no end ends the connection."""
        self._end = monotonic() + bodies.UNREAD_S
        try:
            bodies.throw_away(self.read)
        except (OSError, ChunkReadError):
            self._protocol.close_connection = 1

    def _in_time(self, read: Callable[[], bytes]) -> bytes:
        if self._end is None:
            self._end = monotonic() + bodies.whole_s(None if self.chunked_input else self.content_length)
        try:
            with eventlet.Timeout(max(0.0, self._end - monotonic()), bodies.TooSlow("the body takes too long")):
                return bytes(read())
        except (OSError, ChunkReadError):
            self._protocol.close_connection = 1
            raise

    def _discard_trailers(self, rfile: bodies.Lines) -> None:
        for _ in range(bodies.TRAILERS_MAX):
            if rfile.readline() in (b"\r\n", b"\n", b""):
                return
        raise bodies.Endless("the trailers have no end")


class Protocol(HttpProtocol):  # type: ignore[misc]  # eventlet is untyped
    """HTTP/1.1 whose bodies are Bounded."""

    def get_environ(self) -> dict[str, Any]:
        """The request's environment."""
        environ: dict[str, Any] = super().get_environ()
        environ["wsgi.input"] = environ["eventlet.input"] = Bounded(self, environ["eventlet.input"])
        return environ
