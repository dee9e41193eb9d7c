"""Werkzeug's threaded server with our limits: time limits for heads and bodies, connections counted."""

import time
from io import BufferedIOBase
from socket import SHUT_RDWR, socket
from time import monotonic
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from liveroom.runtime.server import http_bounds
from liveroom.runtime.server.connections import EXHAUSTED_PAUSE_S, Connections, bind
from liveroom.runtime.server.http_bounds import send_in_pieces


class _PiecewiseWriter(BufferedIOBase):
    """Writes an answer to a socket in pieces."""

    def __init__(self, plain: socket) -> None:
        self._plain = plain

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        send_in_pieces(self._plain.sendall, data)
        return len(data)


class QuietHandler(WSGIRequestHandler):
    """HTTP/1.1 with time limits for heads and bodies. It logs no requests: the access log is the proxy's."""

    protocol_version = "HTTP/1.1"
    timeout = http_bounds.SILENT_S

    def setup(self) -> None:
        """Prepare a new connection."""
        super().setup()
        self.wfile = _PiecewiseWriter(self.connection)
        self._plain, self._heads = self.rfile, http_bounds.TimedHeads(self.rfile, self.connection.settimeout)

    def handle_one_request(self) -> None:
        """Handle one request; the time limit of its head starts at its first byte."""
        self._heads.begin()
        self.rfile: Any = self._heads
        super().handle_one_request()

    def run_wsgi(self) -> None:
        """Answer one request; the time limit of its body holds whether it is read or not."""
        self.connection.settimeout(self.timeout)
        self.server.connections.heard(self.request)  # type: ignore[attr-defined]  # it is a Server
        length = self.headers.get("Content-Length", "")
        seconds = http_bounds.body_time_s(http_bounds.declared_length(length))
        self.rfile = http_bounds.TimedLines(self._plain, monotonic() + seconds)
        try:
            super().run_wsgi()
        finally:
            self.rfile = self._heads

    def make_environ(self) -> dict[str, Any]:
        """The request's WSGI environment."""
        environ = super().make_environ()
        bind(environ, self.server.connections, self.request)  # type: ignore[attr-defined]  # as above
        return environ

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin the answer: what is left of the body is then only thrown away."""
        if isinstance(self.rfile, http_bounds.TimedLines):
            self.rfile.answered()
        super().send_response(code, message)

    def log_error(self, format: str, *args: Any) -> None:
        """Write nothing: the line would hold the client's address."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


class BoundedThreadServer(ThreadedWSGIServer):
    """Werkzeug's server with counted connections; the key of each is its accepted socket."""

    connections: Connections

    def get_request(self) -> tuple[Any, Any]:
        """Accept the next connection. Raises OSError, after which the server goes on."""
        try:
            one, address = super().get_request()
        except OSError as error:
            if self.connections.exhausted(error):
                time.sleep(EXHAUSTED_PAUSE_S)
            raise
        self.connections.opened(one, str(address[0]), lambda: one.shutdown(SHUT_RDWR))
        return one, address

    def close_request(self, request: Any) -> None:
        """Count the connection no more."""
        self.connections.closed(request)
        super().close_request(request)
