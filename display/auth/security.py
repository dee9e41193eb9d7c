"""Security headers of every response, and the check of Host and Origin that every request passes first.

The content security policy runs scripts and styles of ours alone, loads nothing from outside the origin and forbids
framing.
"""

import secrets
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from display.auth.visitor import FORWARDED, host_name
from liveroom.runtime.config import LOOPBACK
from liveroom.runtime.http_input import problem


def guard(app: Flask, pictures: str | None = None) -> None:
    """Give every request a nonce and every response the headers; ``pictures``: an origin whose images may be shown."""

    @app.before_request
    def _draw_nonce() -> None:
        g.nonce = secrets.token_urlsafe(16)

    @app.after_request
    def _add_headers(response: Response) -> Response:
        said = {name.lower() for name, _ in response.headers}
        if "content-security-policy" not in said:
            framed = _FRAMED.get(request.path)
            response.headers.add("Content-Security-Policy", policy(g.get("nonce", ""), pictures, framed))
        for name, value in _ALWAYS:
            if name.lower() not in said:
                response.headers.add(name, value)
        if request.path == "/static/sw.js":
            response.headers["Service-Worker-Allowed"] = "/wall"
        return response


# Of every response that does not say otherwise; looked up at once, since each costs a walk through all headers.
_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    # Not no-referrer: with it a browser posts our forms with "Origin: null", which HostCheck refuses.
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
)
# What the landing page and the wall in its frame are allowed.
_FRAMED = {"/": "frame-src 'self'", "/wall": "frame-ancestors 'self'"}
_COMMON = (
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
)
_UNFRAMED = "frame-ancestors 'none'"


def policy_of(scripts: str, styles: str, images: Iterable[str | None], *more: str) -> str:
    """A content security policy: nothing from outside the origin but images of the sources ``images``."""
    pictures = " ".join(("img-src 'self'", *filter(None, images)))
    framed = () if any(directive.startswith("frame-ancestors ") for directive in more) else (_UNFRAMED,)
    return "; ".join(
        ("default-src 'none'", f"script-src {scripts}", f"style-src {styles}", pictures, *more, *_COMMON, *framed)
    )


def policy(nonce: str, pictures: str | None = None, framed: str | None = None) -> str:
    """The content security policy; inline script runs only with this response's nonce.

    ``framed``: what the landing page and the wall in its frame are allowed; no other page is in a frame or has one.
    """
    ours = f"'self' 'nonce-{nonce}'"
    more = ("media-src 'self'", "font-src 'self'", *([framed] if framed else ()))
    return policy_of(ours, ours, ("data:", pictures), *more)


# ---- hosts ----

Environ = dict[str, Any]
Respond = Callable[..., Any]
FOR_OTHER_SITES = "/open311/"
_FORWARDED_KEYS = {f"HTTP_{name.upper().replace('-', '_')}": name for name in FORWARDED}


class HostCheck:
    """The outermost WSGI middleware, before Socket.IO too: refuses foreign hosts and origins (DNS rebinding).

    It also turns off the compression of websockets.
    """

    def __init__(
        self,
        app: Callable[[Environ, Respond], Iterable[bytes]],
        hosts: frozenset[str],
        forwarded: Callable[[str], None],
    ) -> None:
        """``forwarded`` is called with the header by which a request shows that it came through a proxy."""
        self._app = app
        self._hosts = hosts
        self._forwarded = forwarded

    def __call__(self, environ: Environ, respond: Respond) -> Iterable[bytes]:
        """Pass the request on, or answer 421."""
        if header := next((name for key, name in _FORWARDED_KEYS.items() if key in environ), None):
            self._forwarded(header)
        host, origin = environ.get("HTTP_HOST", ""), environ.get("HTTP_ORIGIN")
        if host_name(host) not in self._hosts:
            return _refuse("this host name is not one of server.hosts", "Host")(environ, respond)
        if origin is not None and not self._ours(origin, host) and not _read_by_all(environ):
            return _refuse("this origin is not one of server.hosts", "Origin")(environ, respond)
        # Every browser offers deflate, and eventlet would compress each message once per client: 5 times the work.
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return self._app(environ, respond)

    def _ours(self, origin: str, host: str) -> bool:
        """The origin is the host and port asked, or a configured name; another port of loopback is foreign."""
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        return parts.netloc == host or parts.hostname in self._hosts - set(LOOPBACK)


def _read_by_all(environ: Environ) -> bool:
    """Whether pages of other sites may ask this: reads of Open311 know no cookie, only the key that they are given."""
    return environ["REQUEST_METHOD"] in ("GET", "HEAD") and environ.get("PATH_INFO", "").startswith(FOR_OTHER_SITES)


def _refuse(why: str, header: str) -> Response:
    return problem(421, "misdirected_request", why, header)
