"""Headers, allowed hosts."""

import secrets
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from display.auth.visitor import FORWARDED, host_name
from liveroom.runtime.config import LOOPBACK
from liveroom.runtime.http_input import problem

# Headers that keep a page to itself: scripts and styles of ours alone, nothing outside the origin, no framing.


def guard(app: Flask, pictures: str | None = None) -> None:
    """Give every request a nonce and every response the headers; ``pictures``: an origin whose images may be shown."""

    @app.before_request
    def _draw_nonce() -> None:
        g.nonce = secrets.token_urlsafe(16)

    @app.after_request
    def _add_headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy(g.get("nonce", ""), pictures))
        response.headers["X-Content-Type-Options"] = "nosniff"
        # Not no-referrer: of a page that sends none a browser posts forms with "Origin: null", as a stranger's.
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if request.path == "/static/sw.js":
            response.headers["Service-Worker-Allowed"] = "/wall"
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response


COMMON = (
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)


def policy_of(scripts: str, styles: str, images: Iterable[str | None], *more: str) -> str:
    """A content security policy of ours: nothing from outside the origin but ``images`` of these sources."""
    pictures = " ".join(("img-src 'self'", *filter(None, images)))
    return "; ".join(("default-src 'none'", f"script-src {scripts}", f"style-src {styles}", pictures, *more, *COMMON))


def policy(nonce: str, pictures: str | None = None) -> str:
    """The content security policy; inline script runs only with this response's nonce."""
    ours = f"'self' 'nonce-{nonce}'"
    return policy_of(ours, ours, ("data:", pictures), "media-src 'self'", "font-src 'self'")


# The outermost WSGI layer: only known hosts get in, Socket.IO included, and websockets are not deflated.

Environ = dict[str, Any]
Respond = Callable[..., Any]
FORWARDED_HERE = {f"HTTP_{name.upper().replace('-', '_')}": name for name in FORWARDED}


class HostCheck:
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
