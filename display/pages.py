"""The pages people open, with what the city tells a browser; no complaint is ever in a page, only in the feed."""

from collections.abc import Callable, Mapping

import msgspec
from flask import Blueprint, Response, g, make_response, render_template, request
from markupsafe import Markup

from display.base_map import BaseMap
from liveroom.city.city import City
from liveroom.problems import problem

# `<` would end the script element that carries the city; JSON may say it in another way.
_IN_SCRIPT = {"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def pages_blueprint(
    city: City, base_map: Callable[[], BaseMap], build: str, *, drill: bool, may_look: Callable[[], bool]
) -> Blueprint:
    """``/`` and ``/wall``; ``may_look`` says whether this visitor may have the wall at all."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def index() -> Response:
        return _page("index.html", {"city": city, "drill": drill, "lang": _language(city)})

    @pages.get("/wall")
    def wall() -> Response:
        if not may_look():
            return problem(401, "unauthorized", "a screen's token is needed")
        drawn, language = base_map(), _language(city)
        context = {
            "lang": language,
            "map_id": drawn.map_id,
            "map_script": Markup(drawn.script),
            "city_json": Markup(in_script(city.client_data(language))),
            "drill": drill,
            "build": build,
        }
        return _page("wall.html", context)

    return pages


def _page(template: str, context: Mapping[str, object]) -> Response:
    response = make_response(render_template(template, nonce=g.nonce, **context))
    response.headers["Cache-Control"] = "no-store"
    return response


def _language(city: City) -> str:
    asked = request.args.get("lang", "")
    return asked if asked in city.languages else city.languages[0]


def in_script(value: object) -> str:
    """JSON that can stand in a script element without ending it."""
    text = msgspec.json.encode(value).decode()
    for character, escape in _IN_SCRIPT.items():
        text = text.replace(character, escape)
    return text
