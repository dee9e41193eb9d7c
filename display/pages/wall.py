"""/, /wall, /pair."""

import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, g, make_response, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from display.api.responses import unread
from display.auth import visitor
from display.auth.visitor import Visitors
from display.pages.map import BaseMap
from liveroom import __version__
from liveroom.accounts import screens
from liveroom.city.city import City
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import EventLog
from liveroom.runtime.http_input import problem

# The pages people open, with what the city tells a browser; no complaint is ever in a page, only in the feed.

# `<` would end the script element that carries the city; JSON may say it in another way.
_IN_SCRIPT = {"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"}
SPOKEN = ("id", "en")
AGAIN_S = 10
# What a screen without a good token sees: a code by which it is let in.
PAIRS = frozenset({"none", "unknown"})


def pages_blueprint(
    city: City, base_map: Callable[[], BaseMap], build: str, *, drill: bool, visitors: Visitors
) -> Blueprint:
    """``/`` and ``/wall``; ``visitors`` says who may have the wall at all."""
    pages = Blueprint("pages", __name__)

    pages.before_request(lambda: _exchange(city, visitors, visitor.token_in_address(request)))
    pages.register_error_handler(Unavailable, lambda _error: closed(city, "away", 503))

    @pages.get("/")
    def index() -> Response:
        context = {"city": city, "drill": drill, "lang": language_of(city), "empty": visitors.awaits_admin()}
        return page("index.html", context | {"version": __version__})

    @pages.get("/wall")
    def wall() -> Response:
        if visitors.audience(request, {}) is None:
            return closed(city, "none" if visitor.kept_token(request) is None else "unknown", 401)
        return _kept_on(page("wall.html", _wall(city, base_map(), build, drill=drill) | _own(visitors)), visitors)

    return pages


def _exchange(city: City, visitors: Visitors, token: str | None) -> AnyResponse | None:
    if token is None:
        return None
    if not visitors.knows(token):
        return closed(city, "unknown", 401)
    return visitor.exchange_token(request, token, secure=visitors.came_securely(request))


def _kept_on(response: Response, visitors: Visitors) -> Response:
    """The response, renewing the cookie by which the visitor came."""
    token = visitor.kept_token(request)
    if token is not None:
        visitor.keep_token(response, token, secure=visitors.came_securely(request))
    return response


def _own(visitors: Visitors) -> dict[str, object]:
    """What is set for the very screen that asks, as parameters of the wall's address."""
    screen = visitors.screen(request, {})
    return {"settings": urlencode(screen.settings) if screen is not None else ""}


def _wall(city: City, drawn: BaseMap, build: str, *, drill: bool) -> dict[str, object]:
    language = language_of(city)
    return {
        "lang": language,
        "map_id": drawn.map_id,
        "map_script": Markup(drawn.script),
        "map_archive": drawn.archive,
        "map_reader": drawn.reader,
        "city_json": Markup(in_script(city.client_data(language) | {"attribution": drawn.whose(language)})),
        "drill": drill,
        "build": build,
    }


def page(template: str, context: Mapping[str, object]) -> Response:
    """A page of ours with this response's nonce; never kept by a browser."""
    response = make_response(render_template(template, nonce=g.nonce, **context))
    response.headers["Cache-Control"] = "no-store"
    return response


def closed(city: City, why: str, status: int) -> Response:
    """The page instead of the page: ``none`` and ``unknown`` show a code for pairing, ``desk`` needs another person,
    ``away`` asks again by itself."""
    spoken = [language for language in city.languages if language in SPOKEN] or [SPOKEN[-1]]
    template = "pairing.html" if why in PAIRS else "closed_door.html"
    response = page(template, {"why": why, "languages": spoken})
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if why == "away":
        response.headers["Refresh"] = response.headers["Retry-After"] = str(AGAIN_S)
    return response


def language_of(city: City) -> str:
    """The language asked for by ``?lang=``, else the city's own."""
    asked = request.args.get("lang", "")
    return asked if asked in city.languages else city.languages[0]


def in_script(value: object) -> str:
    """JSON that can stand in a script element without ending it."""
    text = msgspec.json.encode(value).decode()
    for character, escape in _IN_SCRIPT.items():
        text = text.replace(character, escape)
    return text


# Lets a new screen in: it shows a code, and once a supervisor has typed that, it holds a token of its own.
#
# The browser's secret becomes the token, so nothing has to be sent to it but the word that it may come in.

COOKIE = "liveroom_pairing"
KEPT_S = 3600


def pairing_blueprint(log: EventLog, visitors: Visitors) -> Blueprint:
    """``POST /pair`` gives this browser a code, ``GET /pair`` says how it stands: waiting, paired or lapsed."""
    pair = Blueprint("pairing", __name__)
    pair.register_error_handler(Unavailable, lambda error: unread(error))
    pair.add_url_rule("/pair", "look", lambda: _look(log, visitors) or _json({"state": "lapsed"}))
    pair.add_url_rule("/pair", "offer", lambda: _look(log, visitors) or _offer(log, visitors), methods=["POST"])
    return pair


def _look(log: EventLog, visitors: Visitors) -> Response | None:
    """How the secret that this browser keeps stands; None when it stands for nothing."""
    secret = request.cookies.get(COOKIE)
    if not secret:
        return None
    if visitors.knows(secret):
        response = _json({"state": "paired"})
        visitor.keep_token(response, secret, secure=visitors.came_securely(request))
        response.delete_cookie(COOKIE, path="/pair")
        return response
    found = log.read(lambda c: screens.pending_code(c, secret))
    return None if found is None else _json({"state": "waiting", "code": found[0], "seconds": found[1]})


def _offer(log: EventLog, visitors: Visitors) -> Response:
    secret, address = secrets.token_urlsafe(32), visitors.address(request)[:64]
    try:
        code = log.touch(lambda c: screens.offer_code(c, secret, address))
    except screens.TooManyPairings:
        return problem(429, "too_many", "too many screens wait to be paired", retry_after=60)
    response = _json({"state": "waiting", "code": code, "seconds": int(screens.PAIRING_LASTS.total_seconds())})
    secure = visitors.came_securely(request)
    response.set_cookie(COOKIE, secret, KEPT_S, path="/pair", secure=secure, httponly=True, samesite="Strict")
    return response


def _json(value: object) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(value), content_type="application/json", headers=headers)
