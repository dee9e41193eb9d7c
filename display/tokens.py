"""How a screen carries its token: in a header, in the handshake, or in a cookie; never for long in an address.

Addresses end up in histories and logs, so ``?token=`` is exchanged for a cookie at once (design section 5).
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

COOKIE = "liveroom_screen"
PARAMETER = "token"
# Browsers keep a cookie for 400 days at most. Every page renews it: a screen in use never has to be paired again.
KEPT_S = 400 * 24 * 3600


def shown(asked: Request, auth: Mapping[str, Any]) -> str | None:
    """The token that a client shows on purpose: of the Socket.IO handshake, or of the Authorization header."""
    token = auth.get(PARAMETER) or _bearer(asked)
    return token if isinstance(token, str) and token else None


def kept(asked: Request) -> str | None:
    """The token that a browser keeps for us."""
    return asked.cookies.get(COOKIE) or None


def in_address(asked: Request) -> str | None:
    """The token in the address, empty if it holds an empty one; None if it holds none."""
    return asked.args.get(PARAMETER)


def exchanged(asked: Request, token: str, *, secure: bool) -> Response:
    """The way to the same address without its token, with the cookie."""
    rest = [(name, value) for name, value in asked.args.items(multi=True) if name != PARAMETER]
    response = redirect(asked.path + (f"?{urlencode(rest)}" if rest else ""), 303)
    response.headers["Cache-Control"] = "no-store"
    keep(response, token, secure=secure)
    return response


def keep(response: Response, token: str, *, secure: bool) -> None:
    """Let the browser keep the token: no script reads it, no other site's form sends it."""
    response.set_cookie(COOKIE, token, max_age=KEPT_S, path="/", secure=secure, httponly=True, samesite="Lax")


def _bearer(asked: Request) -> str | None:
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
