"""The gevent mode: like eventlet's, on the loop that is still maintained."""

from collections.abc import Callable
from typing import Any, TypeVar

import gevent
from gevent.pywsgi import WSGIServer
from gevent.threadpool import ThreadPool

T = TypeVar("T")


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
        result: T = self._pool.apply(work)
        return result

    def serve(self, app: Any, host: str, port: int) -> None:
        """Serve until ``stop``; websockets by gevent-websocket's handler."""
        from geventwebsocket.handler import WebSocketHandler

        self._server = WSGIServer((host, port), app, handler_class=WebSocketHandler, log=None)
        self._server.serve_forever()

    def stop(self) -> None:
        """End ``serve``; running requests get a second."""
        if self._server is not None:
            gevent.spawn(self._server.stop, 1)
