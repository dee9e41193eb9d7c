"""How a browser gets its log-in: a new session whatever it brought, and a way on that stays on this server."""

from urllib.parse import urlsplit

from flask import request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from display.session_cookie import BEFORE, keep_session
from display.trust import Visitors

NO_WAY_ON = ("//", "/login", "/logout")


def let_in(visitors: Visitors, actor: str, onward: str, shown: Response | None = None) -> Response:
    """Begin a session under an id of ours, end the one that the browser brought, and lead on; or first show a page."""
    secure = visitors.came_securely(request)
    token = visitors.sessions.begin(actor, instead_of=visitors.session_token(request))
    response = led(onward) if shown is None else shown
    keep_session(response, token, secure=secure, seconds=2 * int(visitors.sessions.limits.longest.total_seconds()))
    response.delete_cookie(BEFORE, path="/login", secure=secure, httponly=True, samesite="Lax")
    return response


def led(onward: str) -> Response:
    """The way to an address of ours, kept by nobody."""
    response = redirect(onward, 303)
    response.headers["Cache-Control"] = "no-store"
    return response


def safe_next(wanted: str | None) -> str:
    """A path of ours; the start page for whatever leads, or could be read to lead, elsewhere."""
    asked = wanted or "/"
    try:
        parts = urlsplit(asked)
    except ValueError:
        return "/"
    elsewhere = parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith(NO_WAY_ON)
    if elsewhere or "\\" in asked or not asked.isprintable():
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")
