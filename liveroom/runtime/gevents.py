"""The gevent mode: like eventlet's, on the loop that is still maintained."""

from collections.abc import Callable
from socket import socket
from typing import Any, TypeVar

import gevent
from gevent.monkey import get_original
from gevent.pywsgi import WSGIServer
from gevent.socket import socket as gevent_socket
from gevent.threadpool import ThreadPool

from liveroom.runtime.aside import aside
from liveroom.runtime.fair import fair

T = TypeVar("T")
InTurns = fair(gevent_socket, gevent.sleep)


class Serving(WSGIServer):  # type: ignore[misc]  # gevent is untyped
    """gevent's server, whose connections are read in turns."""

    def do_read(self) -> Any:
        """What was accepted and whence; None when nobody was there any more."""
        accepted = super().do_read()
        if accepted is None:
            return None
        plain, address = accepted
        return InTurns(plain.family, plain.type, plain.proto, fileno=plain.detach()), address


def _caught(work: Callable[[], T]) -> tuple[T | None, Exception | None]:
    """gevent's pool prints the traceback of whatever leaves it, and a refusal is no fault."""
    try:
        return work(), None
    except Exception as error:  # noqa: BLE001 - handed to the caller, see run_db
        return None, error


class Gevents:
    """Greenlets of gevent; ``native_db`` sends database work to one native thread (SQLite)."""

    mode = "gevent"

    def __init__(self, *, native_db: bool) -> None:
        self._pool = ThreadPool(1) if native_db else None
        self._server: WSGIServer | None = None

    def spawn(self, work: Callable[..., Any], *args: Any) -> None:
        """Run ``work`` in a greenlet."""
        gevent.spawn(work, *args)

    def sleep(self, seconds: float) -> None:
        """Yield to the hub."""
        gevent.sleep(seconds)

    def run_db(self, work: Callable[[], T]) -> T:
        """SQLite in the native thread; PostgreSQL waits green by itself."""
        if self._pool is None:
            return work()
        result, error = self._pool.apply(_caught, (work,))
        if error is not None:
            raise error
        return result  # type: ignore[no-any-return]  # gevent is untyped

    def run_aside(self, work: Callable[[], T]) -> T:
        """In a native thread of its own."""
        return aside(work, get_original("_thread", "start_new_thread"), self.sleep)

    def run_child(self, work: Callable[[], T]) -> T:
        """Gevent hears of the end of a child on its first loop alone, and waits there without stopping others."""
        return work()

    def serve(self, app: Any, listener: socket) -> None:
        """Serve until ``stop``; websockets by gevent-websocket's handler."""
        from liveroom.runtime.gevent_http import Handler

        self._server = Serving(listener, app, handler_class=Handler, log=None)
        self._server.serve_forever()

    def stop(self) -> None:
        """End ``serve``; running requests get a second."""
        if self._server is not None:
            gevent.spawn(self._server.stop, 1)
