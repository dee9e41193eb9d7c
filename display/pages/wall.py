"""``/``, ``/wall``, ``/province`` and the pairing of a new screen, ``/pair``.

A page holds what the city says of itself; complaints arrive by the feed alone.
"""

import secrets
from collections.abc import Callable
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from display.api.responses import fault_response
from display.auth import visitor
from display.auth.practice import offered
from display.auth.visitor import Visitors
from display.pages.map import BaseMap
from display.pages.page import asks_for_past, closed_page, json_in_script, language_of, page
from liveroom import __version__
from liveroom.accounts import screens
from liveroom.city.city import City
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import EventLog
from liveroom.runtime.http_input import problem

# A day of a drill, recorded: what strangers are shown in place of the wall, in the order of its hours.
_SAMPLE_DAY = tuple(f"/static/sample/{hour}.webp" for hour in ("07", "09", "11", "14", "17", "20"))


def pages_blueprint(
    city: City, base_map: Callable[[], BaseMap], build: str, *, drill: bool, visitors: Visitors, follows: bool
) -> Blueprint:
    """``/``, ``/wall`` and ``/province``; ``visitors`` tells who may see the wall.

    ``follows``: this room follows others, whose cities stand on ``/province``; else that is the wall.
    """
    pages = Blueprint("pages", __name__)

    pages.before_request(lambda: _exchange_token(city, visitors, visitor.token_in_address(request)))
    pages.register_error_handler(Unavailable, lambda _error: closed_page(city, "away", 503))

    @pages.get("/")
    def index() -> Response:
        sees_wall = visitors.may_see_wall(request)
        context = {"city": city, "drill": drill, "lang": language_of(city), "empty": visitors.awaits_admin()}
        shown = {"sees_wall": sees_wall, "day": _SAMPLE_DAY, "try_it": _try_it(city), "version": __version__}
        return page("index.html", context | shown | {"practice": offered(visitors)})

    @pages.get("/wall")
    def wall() -> AnyResponse:
        if not visitors.may_see_wall(request):
            return closed_page(city, "none" if visitor.kept_token(request) is None else "unknown", 401)
        if follows and request.args.get("scene") == "province":
            return visitor.see_other("/province")
        # What is shown is of a past moment: another page, which no screen keeps for a start without its server.
        template = "wall_recorded.html" if asks_for_past() else "wall.html"
        return _renew_cookie(
            page(template, _wall_context(city, base_map(), build, drill=drill) | _screen_settings(visitors)),
            visitors,
        )

    @pages.get("/province")
    def province() -> AnyResponse:
        if not visitors.may_see_wall(request):
            return closed_page(city, "none" if visitor.kept_token(request) is None else "unknown", 401)
        if not follows:
            return visitor.see_other("/wall")
        language = language_of(city)
        context = {"lang": language, "drill": drill, "build": build, **_screen_settings(visitors)}
        city_json = json_in_script(city.client_data(language))
        return _renew_cookie(page("province.html", {**context, "city_json": city_json}), visitors)

    return pages


def _try_it(city: City) -> dict[str, object]:
    """For whoever tries the room by hand: the address asked, a category of the city and a place in it."""
    area = next(iter(city.areas.values()))
    lon, lat = area.centroid
    return {"origin": request.host_url.rstrip("/"), "category": next(iter(city.categories)), "at": (lat, lon)}


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
