"""The threading mode: tests, the command line and walls of a small room."""

import threading
import time
from collections.abc import Callable
from io import BufferedIOBase
from socket import socket
from time import monotonic
from typing import Any, TypeVar

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from liveroom.runtime import bodies
from liveroom.runtime.pieces import send_in_pieces

T = TypeVar("T")


class _Pieces(BufferedIOBase):
    """An answer on its way to a socket."""

    def __init__(self, plain: socket) -> None:
        self._plain = plain

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        send_in_pieces(self._plain.sendall, data)
        return len(data)


class _Quiet(WSGIRequestHandler):
    """Access lines belong to the proxy; HTTP/1.1 keeps connections open."""

    protocol_version = "HTTP/1.1"
    timeout = bodies.SILENT_S

    def setup(self) -> None:
        """A connection begins."""
        super().setup()
        self.wfile = _Pieces(self.connection)

    def run_wsgi(self) -> None:
        """One request; its body ends in its time, read or unread."""
        plain, length = self.rfile, self.headers.get("Content-Length", "")
        self.rfile: Any = bodies.Hurried(plain, monotonic() + bodies.whole_s(bodies.declared(length)))
        try:
            super().run_wsgi()
        finally:
            self.rfile = plain

    def send_response(self, code: int, message: str | None = None) -> None:
        """The answer begins."""
        if isinstance(self.rfile, bodies.Hurried):
            self.rfile.answered()
        super().send_response(code, message)

    def log_error(self, format: str, *args: Any) -> None:
        """Say nothing of a client that fell silent: the line would name its address."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Threads:
    """Plain threads."""

    mode = "threading"

    def __init__(self) -> None:
        self._server: BaseWSGIServer | None = None

    def spawn(self, work: Callable[..., Any], *args: Any) -> None:
        """Run ``work`` in a daemon thread."""
        threading.Thread(target=work, args=args, daemon=True).start()

    def sleep(self, seconds: float) -> None:
        """Sleep this thread."""
        time.sleep(seconds)

    def run_db(self, work: Callable[[], T]) -> T:
        """Threads wait for the database by themselves."""
        return work()

    def run_aside(self, work: Callable[[], T]) -> T:
        """Threads wait for a processor by themselves."""
        return work()

    def run_child(self, work: Callable[[], T]) -> T:
        """And for a child."""
        return work()

    def serve(self, app: Any, listener: socket) -> None:
        """Serve with Werkzeug's threaded server."""
        with listener:
            host, port = listener.getsockname()[:2]
            self._server = make_server(host, port, app, threaded=True, request_handler=_Quiet, fd=listener.fileno())
        self._server.serve_forever()

    def stop(self) -> None:
        """End ``serve``."""
        if self._server is not None:
            threading.Thread(target=self._server.shutdown, daemon=True).start()
