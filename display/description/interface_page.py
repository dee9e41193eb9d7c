"""`/api`, the page for whoever connects an app, and the two documents for programs: OpenAPI and AsyncAPI.

All three are the same tables of operations, made when somebody first asks: a start needs none of it.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from display.pages.page import language_of, page
from liveroom.city.city import City

if TYPE_CHECKING:
    from display.description.documents import Description
    from liveroom.interface import Operation

# A client that looks once a day sees what a release changed.
_KEPT = "public, max-age=300"


def interface_blueprint(city: City, doors: Callable[[], Sequence["Operation"]], *, drill: bool) -> Blueprint:
    """``/api``, ``/api/openapi.json`` and ``/api/asyncapi.json``; ``doors`` gives the operations of the other edge."""
    interface = Blueprint("interface", __name__)

    @cache
    def known() -> "Description":
        # For cost: the shapes take 20 ms of each start, and most rooms are never asked for them.
        from display.description.documents import Description

        return Description(city, doors())

    @cache
    def written(language: str) -> dict[str, object]:
        # For cost: 40 ms at each look, and everybody may look.
        rows = known().rows(language)
        return {
            "groups": rows["groups"],
            "parts": Markup(render_template("_interface_parts.html", lang=language, **rows)),
        }

    def show() -> Response:
        language = language_of(city)
        context = {"city": city, "lang": language, "drill": drill, "origin": request.host_url.rstrip("/")}
        return page("interface.html", context | written(language))

    interface.add_url_rule("/api/openapi.json", "openapi", lambda: _answer(known().openapi))
    interface.add_url_rule("/api/asyncapi.json", "asyncapi", lambda: _answer(known().asyncapi))
    interface.add_url_rule("/api", "page", show)
    return interface


def _answer(body: bytes) -> Response:
    """The document, or 304 for who has it."""
    response = Response(body, content_type="application/json", headers={"Cache-Control": _KEPT})
    response.set_etag(hashlib.sha256(body).hexdigest()[:24])
    response.make_conditional(request)
    return response
