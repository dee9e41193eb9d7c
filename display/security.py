"""Headers that keep a page to itself: scripts and styles of ours alone, nothing outside the origin, no framing."""

import secrets
from collections.abc import Iterable

from flask import Flask, Response, g, request


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
