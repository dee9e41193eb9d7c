"""The eventlet mode: one hub, one native thread for SQLite, eventlet's own WSGI server."""

from collections.abc import Callable
from socket import socket
from typing import Any, TypeVar

import eventlet
import eventlet.wsgi
from eventlet import patcher, tpool
from eventlet.greenio import GreenSocket

from liveroom.runtime.aside import aside
from liveroom.runtime.bodies import SILENT_S
from liveroom.runtime.fair import fair
from liveroom.runtime.green_http import Protocol

T = TypeVar("T")


class Green:
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

    def serve(self, app: Any, listener: socket) -> None:
        """Serve until ``stop``."""
        # What a listener accepts is of its own class.
        turns = fair(GreenSocket, eventlet.sleep)(getattr(listener, "fd", listener))
        self._serving = eventlet.spawn(
            eventlet.wsgi.server,
            turns,
            app,
            log_output=False,
            debug=False,
            socket_timeout=SILENT_S,
            max_size=4096,
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
