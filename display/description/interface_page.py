"""`/api`, the page for whoever connects an app, and the two documents for programs: OpenAPI and AsyncAPI.

All three are the same tables of operations; each is made when somebody first asks for it, since a start need not wait.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Any

import msgspec
from flask import Blueprint, Response, request

from display.description import asyncapi, openapi, page_routes, room_routes
from display.description.reference import sections, shapes_of
from display.pages.page import language_of, page
from liveroom.city.city import City
from liveroom.interface import Operation

# A client that looks once a day sees what a release changed.
_KEPT = "public, max-age=300"


class Description:
    """The documents of one room; ``doors``: the operations of the doors for apps."""

    def __init__(self, city: City, doors: Callable[[], Sequence[Operation]]) -> None:
        self._city = city
        self._doors = doors

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation of the room, as its page has them."""
        return (*self._doors(), *room_routes.operations(), *page_routes.operations())

    @cached_property
    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        return openapi.document(self.operations, self._city.name)

    @cached_property
    def asyncapi(self) -> dict[str, Any]:
        """The AsyncAPI document."""
        return asyncapi.document(self._city.name)


def interface_blueprint(city: City, doors: Callable[[], Sequence[Operation]], *, drill: bool) -> Blueprint:
    """``/api``, ``/api/openapi.json`` and ``/api/asyncapi.json``; ``doors`` gives the operations of the other edge."""
    interface = Blueprint("interface", __name__)
    known = Description(city, doors)
    written = cache(lambda name: _Written(getattr(known, name)))
    interface.add_url_rule("/api/openapi.json", "openapi", lambda: _answer(written("openapi")))
    interface.add_url_rule("/api/asyncapi.json", "asyncapi", lambda: _answer(written("asyncapi")))
    shown = cache(lambda language: sections(known.operations, known.openapi, language))
    shapes = cache(lambda: shapes_of(known.openapi, known.asyncapi))

    def show() -> Response:
        language = language_of(city)
        context = {"city": city, "lang": language, "drill": drill, "origin": request.host_url.rstrip("/")}
        rows = {"groups": shown(language), "shapes": shapes(), "messages": asyncapi.messages(language)}
        return page("interface.html", context | rows)

    interface.add_url_rule("/api", "page", show)
    return interface


class _Written:
    """A document as text, and the tag by which a client knows it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.body = msgspec.json.encode(document)
        self.tag = hashlib.sha256(self.body).hexdigest()[:24]


def _answer(one: _Written) -> Response:
    """The document, or 304 for who has it."""
    response = Response(one.body, content_type="application/json", headers={"Cache-Control": _KEPT})
    response.set_etag(one.tag)
    response.make_conditional(request)
    return response
