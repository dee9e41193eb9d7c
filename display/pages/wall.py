"""``/``, ``/wall`` and the pairing of a new screen, ``/pair``; and what all pages share: rendering, language, refusal.

A page holds what the city says of itself; complaints arrive by the feed alone.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, g, make_response, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from display.api.responses import fault_response
from display.auth import visitor
from display.auth.visitor import Visitors
from display.pages.map import BaseMap
from liveroom import __version__
from liveroom.accounts import screens
from liveroom.city.city import City
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import EventLog
from liveroom.room.room import Room
from liveroom.runtime.http_input import problem

# ``<`` could end the script element that holds the JSON, so it is escaped.
_IN_SCRIPT = {"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_LANGUAGES = ("id", "en")
_AGAIN_S = 10
# Reasons for which a screen without a valid token is shown a pairing code.
_PAIRING_REASONS = frozenset({"none", "unknown"})


def pages_blueprint(
    city: City, base_map: Callable[[], BaseMap], build: str, *, drill: bool, visitors: Visitors
) -> Blueprint:
    """``/`` and ``/wall``; ``visitors`` tells who may see the wall."""
    pages = Blueprint("pages", __name__)

    pages.add_app_template_global(page_words(city.languages[0]), "page_words")
    pages.before_request(lambda: _exchange_token(city, visitors, visitor.token_in_address(request)))
    pages.register_error_handler(Unavailable, lambda _error: closed_page(city, "away", 503))

    @pages.get("/")
    def index() -> Response:
        context = {"city": city, "drill": drill, "lang": language_of(city), "empty": visitors.awaits_admin()}
        return page("index.html", context | {"version": __version__})

    @pages.get("/wall")
    def wall() -> Response:
        if visitors.audience(request, {}) is None:
            return closed_page(city, "none" if visitor.kept_token(request) is None else "unknown", 401)
        return _renew_cookie(
            page("wall.html", _wall_context(city, base_map(), build, drill=drill) | _screen_settings(visitors)),
            visitors,
        )

    return pages


def _exchange_token(city: City, visitors: Visitors, token: str | None) -> AnyResponse | None:
    if token is None:
        return None
    if not visitors.has_screen(token):
        return closed_page(city, "unknown", 401)
    return visitor.exchange_token(request, token, secure=visitors.came_securely(request))


def _renew_cookie(response: Response, visitors: Visitors) -> Response:
    """The response, with the screen's cookie renewed."""
    token = visitor.kept_token(request)
    if token is not None:
        visitor.keep_token(response, token, secure=visitors.came_securely(request))
    return response


def _screen_settings(visitors: Visitors) -> dict[str, object]:
    """The settings of the screen that asks, as parameters of the wall's address."""
    screen = visitors.screen(request, {})
    return {"settings": urlencode(screen.settings) if screen is not None else ""}


def _wall_context(city: City, base: BaseMap, build: str, *, drill: bool) -> dict[str, object]:
    language = language_of(city)
    return {
        "lang": language,
        "map_id": base.map_id,
        "map_script": Markup(base.script),
        "map_archive": base.archive,
        "map_reader": base.reader,
        "city_json": json_in_script(city.client_data(language) | {"attribution": base.whose(language)}),
        "drill": drill,
        "build": build,
    }


def page(template: str, context: Mapping[str, object]) -> Response:
    """A rendered page with this response's nonce; no browser caches it."""
    response = make_response(render_template(template, nonce=g.nonce, **context))
    response.headers["Cache-Control"] = "no-store"
    return response


def closed_page(city: City, why: str, status: int) -> Response:
    """The page shown instead: ``none`` and ``unknown`` show a pairing code, ``desk`` asks for another log-in, ``away``
    reloads by itself."""
    languages = [language for language in city.languages if language in _LANGUAGES] or [_LANGUAGES[-1]]
    template = "pairing.html" if why in _PAIRING_REASONS else "closed_door.html"
    response = page(template, {"why": why, "languages": languages})
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if why == "away":
        response.headers["Refresh"] = response.headers["Retry-After"] = str(_AGAIN_S)
    return response


def language_of(city: City) -> str:
    """The language asked for by ``?lang=``, else the city's own."""
    asked = request.args.get("lang", "")
    return asked if asked in city.languages else city.languages[0]


def page_context(room: Room, build: str) -> dict[str, object]:
    """What the templates of desks, agencies and leadership need of room and city."""
    language = language_of(room.city)
    return {
        "lang": language,
        "city": room.city,
        "city_json": json_in_script(room.city.client_data(language)),
        "drill": room.kind == "drill",
        "build": build,
    }


def json_in_script(value: object) -> Markup:
    """JSON for a script element, which nothing in it can end."""
    text = msgspec.json.encode(value).decode()
    for character, escape in _IN_SCRIPT.items():
        text = text.replace(character, escape)
    return Markup(text)


# One file a language, of all words by key; a text, or its plural forms by CLDR category.
_CATALOGUES = Path(__file__).resolve().parents[2] / "static" / "lang"


def page_words(first: str, folder: Path = _CATALOGUES) -> Callable[..., Markup]:
    """For templates: ``page_words(lang, "ui", "desk")`` is a JSON object of the texts of these subjects by key, which a
    page takes along for its scripts: they need no request, and stand in a kept copy too.

    A text that ``lang`` lacks is said in ``first``, the city's own language, never left blank. Raises OSError or
    ValueError for a catalogue that cannot be read.
    """
    catalogues: dict[str, Mapping[str, object]] = {
        path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))
    }
    made: dict[tuple[str, ...], Markup] = {}

    def words(language: str, *subjects: str) -> Markup:
        found = made.get((language, *subjects))
        if found is None:
            texts = {**catalogues.get(first, {}), **catalogues.get(language, {})}
            wanted = tuple(f"{subject}." for subject in subjects)
            found = json_in_script({key: text for key, text in texts.items() if key.startswith(wanted)})
            made[(language, *subjects)] = found
        return found

    return words


# ---- pairing: a new screen shows a code, and once a supervisor has typed it, it holds a token of its own ----

_PAIRING_COOKIE = "liveroom_pairing"
_PAIRING_COOKIE_S = 3600


def pairing_blueprint(log: EventLog, visitors: Visitors) -> Blueprint:
    """``POST /pair`` gives this browser a code, ``GET /pair`` its state: waiting, paired or lapsed.

    The secret in the browser's cookie becomes the token, so that no token has to be sent to it.
    """
    pair = Blueprint("pairing", __name__)
    pair.register_error_handler(Unavailable, lambda error: fault_response(error))
    pair.add_url_rule("/pair", "look", lambda: _pairing_state(log, visitors) or _json({"state": "lapsed"}))
    pair.add_url_rule(
        "/pair", "offer", lambda: _pairing_state(log, visitors) or _offer(log, visitors), methods=["POST"]
    )
    return pair


def _pairing_state(log: EventLog, visitors: Visitors) -> Response | None:
    """The state of the secret that this browser keeps; None without one, or if it has lapsed."""
    secret = request.cookies.get(_PAIRING_COOKIE)
    if not secret:
        return None
    if visitors.has_screen(secret):
        response = _json({"state": "paired"})
        visitor.keep_token(response, secret, secure=visitors.came_securely(request))
        response.delete_cookie(_PAIRING_COOKIE, path="/pair")
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
    response.set_cookie(
        _PAIRING_COOKIE, secret, _PAIRING_COOKIE_S, path="/pair", secure=secure, httponly=True, samesite="Strict"
    )
    return response


def _json(value: object) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(value), content_type="application/json", headers=headers)
