"""The description of one room: its operations, the two documents, and the rows of the page, each made once."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import msgspec

from display.description import asyncapi, openapi, page_routes, room_routes
from display.description.reference import sections, shapes_of
from liveroom.city.city import City
from liveroom.interface import Operation


class Description:
    """What `/api` shows and serves; ``doors``: the operations of the doors for apps."""

    def __init__(self, city: City, doors: Sequence[Operation]) -> None:
        self._operations = (*doors, *room_routes.operations(), *page_routes.operations())
        self._openapi = openapi.document(self._operations, city.name)
        self._asyncapi = asyncapi.document(city.name)

    @cached_property
    def openapi(self) -> bytes:
        """The OpenAPI document as JSON."""
        return msgspec.json.encode(self._openapi)

    @cached_property
    def asyncapi(self) -> bytes:
        """The AsyncAPI document as JSON."""
        return msgspec.json.encode(self._asyncapi)

    @cached_property
    def shapes(self) -> list[dict[str, Any]]:
        """Every named shape, for the page."""
        return shapes_of(self._openapi, self._asyncapi)

    def rows(self, language: str) -> dict[str, Any]:
        """What the page shows, in a language."""
        groups = sections(self._operations, self._openapi, language)
        return {"groups": groups, "shapes": self.shapes, "messages": asyncapi.messages(language)}
