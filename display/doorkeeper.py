"""The outermost WSGI layer: only known hosts get in, Socket.IO included, and websockets are not deflated."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from display.trust import host_name
from liveroom.config_serving import LOOPBACK

Environ = dict[str, Any]
Respond = Callable[..., Any]


class Doorkeeper:
    """Refuses what a browser sends under a foreign Host or from a foreign Origin (rebinding, cross-site)."""

    def __init__(self, app: Callable[[Environ, Respond], Iterable[bytes]], hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    def __call__(self, environ: Environ, respond: Respond) -> Iterable[bytes]:
        """Pass the request on, or answer 421."""
        host, origin = environ.get("HTTP_HOST", ""), environ.get("HTTP_ORIGIN")
        if host_name(host) not in self._hosts:
            return _refuse(respond, b"this host name is not one of server.hosts\n")
        if origin is not None and not self._ours(origin, host):
            return _refuse(respond, b"this origin is not one of server.hosts\n")
        # Every browser offers deflate and eventlet would compress each message once per client: 5 times the work.
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return self._app(environ, respond)

    def _ours(self, origin: str, host: str) -> bool:
        """The origin is the very host and port asked, or a configured name; another port of loopback is a stranger."""
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        return parts.netloc == host or parts.hostname in self._hosts - set(LOOPBACK)


def _refuse(respond: Respond, why: bytes) -> Iterable[bytes]:
    respond("421 Misdirected Request", [("Content-Type", "text/plain"), ("Content-Length", str(len(why)))])
    return [why]
