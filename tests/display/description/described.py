"""Every answer and message of a test held against the description: closed, so that a field too many is a fault too."""

import copy
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from display.description import asyncapi, page_routes, room_routes
from display.description.complaint_shapes import OPEN_SHAPES
from display.description.openapi import document
from display.feed.cards import agency_of
from ingest import intake_routes
from liveroom.interface import Operation


@cache
def operations() -> tuple[Operation, ...]:
    return (*intake_routes.operations(), *room_routes.operations(), *page_routes.operations())


def closed(described: dict[str, Any]) -> dict[str, Any]:
    """The document as this version means it: nothing that is sent has a field that is not in it."""
    for name, schema in described["components"]["schemas"].items():
        if "properties" in schema and name not in OPEN_SHAPES and "additionalProperties" not in schema:
            schema["additionalProperties"] = False
    return described


@cache
def openapi() -> dict[str, Any]:
    return closed(document(operations(), "Tangerang"))


@cache
def feed() -> dict[str, Any]:
    return closed(copy.deepcopy(asyncapi.document("Tangerang")))


@cache
def _addresses() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Method, pattern and path of each operation, those without anything that varies first."""
    each = sorted(operations(), key=lambda one: one.path.count("{"))
    return tuple((one.method, re.compile(_pattern(one.path)), one.path) for one in each)


def _pattern(path: str) -> str:
    """A part of a path that varies has no slash, what stands between does not vary."""
    return "[^/]+".join(re.escape(part) for part in re.split(r"{\w+}", path))


@cache
def _validator(path: str, method: str, status: int) -> jsonschema_rs.Validator | None:
    responses = openapi()["paths"][path][method.lower()]["responses"]
    assert str(status) in responses, f"{status} of {method} {path} is not described"
    response = responses[str(status)]
    if "$ref" in response:
        response = openapi()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    content = response.get("content", {})
    schema = next((one["schema"] for media, one in content.items() if "json" in media and "schema" in one), None)
    return None if schema is None else _compiled(schema, openapi())


def _compiled(schema: Mapping[str, Any], described: Mapping[str, Any]) -> jsonschema_rs.Validator:
    whole = {**schema, "components": {"schemas": described["components"]["schemas"]}}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


# Said before an operation is looked for.
_BEFORE = (405, 421)


def check_answer(method: str, path: str, status: int, body: Any) -> None:
    """Hold an answer against its operation; what is no operation, such as an unknown command, is nobody's."""
    path = path.partition("?")[0]
    if status in _BEFORE:
        return
    for its_method, pattern, template in _addresses():
        if its_method == method and pattern.fullmatch(path):
            validator = _validator(template, method, status)
            if validator is not None:
                validator.validate(body)
            return


@cache
def _of_message(name: str, audience: str) -> jsonschema_rs.Validator:
    described = feed()
    if name == "batch":
        kind = "agency" if agency_of(audience) is not None else audience.partition(":")[0]
        # While guests are in the room a wall is served what they may see.
        kinds = (kind, "visit") if kind == "wall" else (kind,)
        return _compiled({"anyOf": [{"$ref": f"#/components/schemas/{one.title()}Batch"} for one in kinds]}, described)
    return _compiled(described["components"]["messages"][name]["payload"], described)


def check_message(name: str, message: Any, audience: str = "") -> None:
    """Hold a message of the feed against its shape, a batch against that of its audience."""
    _of_message(name, audience).validate(message)
