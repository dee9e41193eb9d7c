"""The threading mode: plain threads, for tests, the command line and the wall of a small room."""

import os
import sys
import threading
import time
from _thread import get_native_id
from collections.abc import Callable
from socket import socket
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:  # every command imports this module, and only one that serves needs those
    from liveroom.runtime.server.connections import Connections
    from liveroom.runtime.server.thread_http import BoundedThreadServer

T = TypeVar("T")


class ThreadRuntime:
    """Runs everything in plain threads, which wait by themselves."""

    mode = "threading"

    def __init__(self) -> None:
        self._server: BoundedThreadServer | None = None

    def spawn(self, work: Callable[..., Any], *args: Any) -> None:
        """Run ``work`` in a daemon thread."""
        threading.Thread(target=work, args=args, daemon=True).start()

    def sleep(self, seconds: float) -> None:
        """Let this thread sleep."""
        time.sleep(seconds)

    def run_db(self, work: Callable[[], T]) -> T:
        """Run ``work`` in this thread."""
        return work()

    def run_aside(self, work: Callable[[], T]) -> T:
        """Run ``work`` in this thread."""
        return work()

    def run_child(self, work: Callable[[], T]) -> T:
        """Run ``work`` in this thread."""
        return work()

    def serve(self, app: Any, listener: socket, connections: "Connections") -> None:
        """Serve with Werkzeug's threaded server."""
        from liveroom.runtime.server.thread_http import BoundedThreadServer, QuietHandler  # for cost, as above

        with listener:
            host, port = listener.getsockname()[:2]
            self._server = BoundedThreadServer(host, port, app, QuietHandler, fd=listener.fileno())
            self._server.connections = connections
        self._server.serve_forever()

    def stop(self) -> None:
        """End ``serve``."""
        if self._server is not None:
            threading.Thread(target=self._server.shutdown, daemon=True).start()


# A native thread for one call, for a runtime with a hub.

_POLL_S = 0.005


def aside(work: Callable[[], T], start: Callable[..., Any], sleep: Callable[[float], None]) -> T:
    """Run a native call that releases the interpreter (argon2) in a thread of its own; returns its result or raises.

    ``start(function, ())`` begins a native thread, ``sleep`` lets the hub go on meanwhile. The hub polls for the
    result: eventlet's pool has one thread, the database's, and with more than one wake-ups get lost.
    """
    done: list[tuple[Any, Exception | None]] = []

    def run() -> None:
        _give_way()
        try:
            done.append((work(), None))
        except Exception as error:  # noqa: BLE001 - raised again below, in the caller
            done.append((None, error))

    start(run, ())
    while not done:
        sleep(_POLL_S)
    result, failed = done[0]
    if failed is not None:
        raise failed
    return result  # type: ignore[no-any-return]  # it is what work returned


def _give_way() -> None:
    """Let the scheduler prefer the hub, on systems where a single thread can have a priority."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, get_native_id(), 10)
