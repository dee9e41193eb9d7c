"""Werkzeug's threaded server with the bounds of ours: heads and bodies in their time, connections counted."""

import time
from io import BufferedIOBase
from socket import SHUT_RDWR, socket
from time import monotonic
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from liveroom.runtime.server import http_bounds
from liveroom.runtime.server.connections import EXHAUSTED_PAUSE_S, PROVEN, Connections, proving
from liveroom.runtime.server.http_bounds import send_in_pieces


class _Pieces(BufferedIOBase):
    """An answer on its way to a socket."""

    def __init__(self, plain: socket) -> None:
        self._plain = plain

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        send_in_pieces(self._plain.sendall, data)
        return len(data)


class QuietHandler(WSGIRequestHandler):
    """Access lines belong to the proxy; HTTP/1.1 keeps connections open."""

    protocol_version = "HTTP/1.1"
    timeout = http_bounds.SILENT_S

    def setup(self) -> None:
        """A connection begins."""
        super().setup()
        self.wfile = _Pieces(self.connection)
        self._plain, self._heads = self.rfile, http_bounds.Heads(self.rfile, self.connection.settimeout)

    def handle_one_request(self) -> None:
        """One request; from its first byte on the whole head has its time."""
        self._heads.begin()
        self.rfile: Any = self._heads
        super().handle_one_request()

    def run_wsgi(self) -> None:
        """One request; its body ends in its time, read or unread."""
        self.connection.settimeout(self.timeout)
        self.server.connections.heard(self.request)  # type: ignore[attr-defined]  # it is a Server
        length = self.headers.get("Content-Length", "")
        self.rfile = http_bounds.HurriedLines(
            self._plain, monotonic() + http_bounds.whole_s(http_bounds.declared(length))
        )
        try:
            super().run_wsgi()
        finally:
            self.rfile = self._heads

    def make_environ(self) -> dict[str, Any]:
        """The request's environment."""
        environ = super().make_environ()
        environ[PROVEN] = proving(self.server.connections, self.request)  # type: ignore[attr-defined]  # as above
        return environ

    def send_response(self, code: int, message: str | None = None) -> None:
        """The answer begins."""
        if isinstance(self.rfile, http_bounds.HurriedLines):
            self.rfile.answered()
        super().send_response(code, message)

    def log_error(self, format: str, *args: Any) -> None:
        """Say nothing of a client that fell silent: the line would name its address."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class BoundedThreadServer(ThreadedWSGIServer):
    """Werkzeug's server, whose connections are counted; a key is the accepted socket itself."""

    connections: Connections

    def get_request(self) -> tuple[Any, Any]:
        """The next connection. Raises OSError, after which the loop goes on."""
        try:
            one, address = super().get_request()
        except OSError as error:
            if self.connections.exhausted(error):
                time.sleep(EXHAUSTED_PAUSE_S)
            raise
        self.connections.opened(one, str(address[0]), lambda: one.shutdown(SHUT_RDWR))
        return one, address

    def close_request(self, request: Any) -> None:
        """The connection is over."""
        self.connections.closed(request)
        super().close_request(request)
