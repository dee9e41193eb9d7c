"""The outermost WSGI layer: only known hosts get in, Socket.IO included, and websockets are not deflated."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Response

from display.trust import FORWARDED, host_name
from liveroom.runtime.config import LOOPBACK
from liveroom.runtime.http_input import problem

Environ = dict[str, Any]
Respond = Callable[..., Any]
FORWARDED_HERE = {f"HTTP_{name.upper().replace('-', '_')}": name for name in FORWARDED}


class Doorkeeper:
    """Refuses what a browser sends under a foreign Host or from a foreign Origin (rebinding, cross-site)."""

    def __init__(
        self,
        app: Callable[[Environ, Respond], Iterable[bytes]],
        hosts: frozenset[str],
        forwarded: Callable[[str], None],
    ) -> None:
        """``forwarded`` is told of a request that came through a proxy, by the header that says so."""
        self._app = app
        self._hosts = hosts
        self._forwarded = forwarded

    def __call__(self, environ: Environ, respond: Respond) -> Iterable[bytes]:
        """Pass the request on, or answer 421."""
        if header := next((name for key, name in FORWARDED_HERE.items() if key in environ), None):
            self._forwarded(header)
        host, origin = environ.get("HTTP_HOST", ""), environ.get("HTTP_ORIGIN")
        if host_name(host) not in self._hosts:
            return _refuse("this host name is not one of server.hosts", "Host")(environ, respond)
        if origin is not None and not self._ours(origin, host):
            return _refuse("this origin is not one of server.hosts", "Origin")(environ, respond)
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


def _refuse(why: str, header: str) -> Response:
    return problem(421, "misdirected_request", why, header)
