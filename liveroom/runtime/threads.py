"""The threading mode: tests, the command line and walls of a small room."""

import threading
import time
from collections.abc import Callable
from socket import socket
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:  # every command imports this module, and only one that serves needs those
    from liveroom.runtime.connections import Connections
    from liveroom.runtime.threads_http import Server

T = TypeVar("T")


class Threads:
    """Plain threads."""

    mode = "threading"

    def __init__(self) -> None:
        self._server: Server | None = None

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

    def serve(self, app: Any, listener: socket, connections: "Connections") -> None:
        """Serve with Werkzeug's threaded server."""
        from liveroom.runtime.threads_http import Quiet, Server  # for cost: see above

        with listener:
            host, port = listener.getsockname()[:2]
            self._server = Server(host, port, app, Quiet, fd=listener.fileno())
            self._server.connections = connections
        self._server.serve_forever()

    def stop(self) -> None:
        """End ``serve``."""
        if self._server is not None:
            threading.Thread(target=self._server.shutdown, daemon=True).start()
