"""Counts the requests under way, so that a process that ends answers those it has and sends new ones elsewhere."""

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wsgi import ClosingIterator

from liveroom.metrics import REQUESTS

Environ = dict[str, Any]
Respond = Callable[..., Any]
App = Callable[[Environ, Respond], Iterable[bytes]]

HEALTH = ("/healthz", "/readyz", "/metrics")
# Its websockets are requests that never end; they are closed one by one instead.
SOCKETS = "/socket.io/"
COME_BACK = b"this process is ending: come back\n"


class UnderWay:
    """The WSGI application around all others. ``count`` is how many requests have begun and not been answered."""

    def __init__(self, app: App, draining: Callable[[], bool]) -> None:
        self._app = app
        self._draining = draining
        self.count = 0

    def __call__(self, environ: Environ, respond: Respond) -> Iterable[bytes]:
        """Pass the request on; while draining answer 503 with Retry-After to all but questions about health."""
        path = environ.get("PATH_INFO", "")
        if self._draining() and path not in HEALTH:
            return _come_back(respond)
        if path in HEALTH or path.startswith(SOCKETS):
            return self._app(environ, respond)
        self._count(1)
        try:
            return ClosingIterator(self._app(environ, respond), self._end)
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        self._count(-1)

    def _count(self, change: int) -> None:
        self.count += change
        REQUESTS.set(self.count)


def _come_back(respond: Respond) -> Iterable[bytes]:
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(COME_BACK))), ("Retry-After", "1")]
    respond("503 Service Unavailable", [*headers, ("Connection", "close")])
    return [COME_BACK]
