"""Lets a new screen in: it shows a code, and once a supervisor has typed that, it holds a token of its own.

The browser's secret becomes the token, so nothing has to be sent to it but the word that it may come in.
"""

import secrets

import msgspec
from flask import Blueprint, Response, request

from display import tokens
from display.refusals import unread
from display.trust import Visitors
from liveroom.accounts import screens
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import Log
from liveroom.runtime.http_input import problem

COOKIE = "liveroom_pairing"
KEPT_S = 3600


def pairing_blueprint(log: Log, visitors: Visitors) -> Blueprint:
    """``POST /pair`` gives this browser a code, ``GET /pair`` says how it stands: waiting, paired or lapsed."""
    pair = Blueprint("pairing", __name__)
    pair.register_error_handler(Unavailable, lambda error: unread(error))
    pair.add_url_rule("/pair", "look", lambda: _look(log, visitors) or _json({"state": "lapsed"}))
    pair.add_url_rule("/pair", "offer", lambda: _look(log, visitors) or _offer(log, visitors), methods=["POST"])
    return pair


def _look(log: Log, visitors: Visitors) -> Response | None:
    """How the secret that this browser keeps stands; None when it stands for nothing."""
    secret = request.cookies.get(COOKIE)
    if not secret:
        return None
    if visitors.knows(secret):
        response = _json({"state": "paired"})
        tokens.keep(response, secret, secure=visitors.came_securely(request))
        response.delete_cookie(COOKIE, path="/pair")
        return response
    found = log.read(lambda c: screens.waiting(c, secret))
    return None if found is None else _json({"state": "waiting", "code": found[0], "seconds": found[1]})


def _offer(log: Log, visitors: Visitors) -> Response:
    secret, address = secrets.token_urlsafe(32), visitors.address(request)[:64]
    try:
        code = log.touch(lambda c: screens.offer(c, secret, address))
    except screens.TooMany:
        return problem(429, "too_many", "too many screens wait to be paired", retry_after=60)
    response = _json({"state": "waiting", "code": code, "seconds": int(screens.PAIRING_LASTS.total_seconds())})
    secure = visitors.came_securely(request)
    response.set_cookie(COOKIE, secret, KEPT_S, path="/pair", secure=secure, httponly=True, samesite="Strict")
    return response


def _json(value: object) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(value), content_type="application/json", headers=headers)
