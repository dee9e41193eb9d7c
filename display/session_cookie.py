"""The cookie that carries a log-in, and the value that a page must show with every unsafe request of that log-in."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

from flask import Request
from werkzeug.wrappers import Response

# With https the browser itself keeps the name to this host, this path and encrypted connections.
SAFE, PLAIN = "__Host-liveroom_session", "liveroom_session"
# Ties the form of the log-in to the browser it was given to, while nobody is logged in.
BEFORE, FORM, BEFORE_S = "liveroom_before", "log-in", 3600
CSRF_HEADER, CSRF_FIELD = "X-CSRF-Token", "csrf_token"


def session_token(asked: Request, *, secure: bool) -> str | None:
    """The token of the browser's log-in."""
    return asked.cookies.get(SAFE if secure else PLAIN) or None


def keep_session(response: Response, token: str, *, secure: bool, seconds: int) -> None:
    """Let the browser keep a log-in: no script reads it, no other site's form sends it."""
    name = SAFE if secure else PLAIN
    response.set_cookie(name, token, max_age=seconds, path="/", secure=secure, httponly=True, samesite="Lax")


def drop_session(response: Response, *, secure: bool) -> None:
    """Take the log-in out of the browser."""
    name = SAFE if secure else PLAIN
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")


def keep_before(response: Response, token: str, *, secure: bool) -> None:
    """Let the browser keep what the form of the log-in is tied to."""
    response.set_cookie(BEFORE, token, max_age=BEFORE_S, path="/login", secure=secure, httponly=True, samesite="Lax")


def csrf_of(token: str, what: str = "session") -> str:
    """What only a page of ours can know of a cookie that scripts cannot read."""
    drawn = hmac.digest(token.encode("utf-8", "surrogatepass"), what.encode(), hashlib.sha256)
    return urlsafe_b64encode(drawn).rstrip(b"=").decode()


def csrf_shown(asked: Request) -> str:
    """The value that came in the header, or in a form's field."""
    return asked.headers.get(CSRF_HEADER) or (asked.form.get(CSRF_FIELD, "") if _is_form(asked) else "")


def csrf_fits(asked: Request, token: str, what: str = "session") -> bool:
    """Whether the request comes from a page that was given to this very cookie."""
    shown = csrf_shown(asked).encode("utf-8", "surrogatepass")
    return secrets.compare_digest(shown, csrf_of(token, what).encode())


def _is_form(asked: Request) -> bool:
    return asked.mimetype == "application/x-www-form-urlencoded"
