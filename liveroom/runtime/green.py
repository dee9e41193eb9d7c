"""The eventlet mode: one hub, one native thread for SQLite, eventlet's own WSGI server."""

import errno
import socket as plain_socket
from collections.abc import Callable
from functools import partial
from socket import socket
from typing import Any, TypeVar

import eventlet
import eventlet.wsgi
from eventlet import patcher, tpool
from eventlet.greenio import GreenSocket

from liveroom.runtime.aside import aside
from liveroom.runtime.bodies import SILENT_S
from liveroom.runtime.connections import EXHAUSTED_PAUSE_S, PASSING, Connections
from liveroom.runtime.green_http import Protocol

T = TypeVar("T")
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
