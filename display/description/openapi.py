"""The OpenAPI 3.1 document, made of the edges' tables of operations, the permission table and msgspec's schemas.

It is a plain mapping, made when somebody first asks for it. What every route of a kind may answer (401 without a
credential, 422 for a parameter, 503 while the database is away) is added here once.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from display.auth.permissions import EVERYBODY, PERMISSIONS, Permission
from display.auth.visitor import PrincipalKind
from liveroom import __version__
from liveroom.interface import HTML, JSON, PROBLEM, Body, Chapter, Operation, Parameter, Problem, Reply
from liveroom.runtime.language import text

_REF = "#/components/schemas/{name}"
_SAFE = ("GET", "HEAD", "OPTIONS")
_WORD = {
    200: "Done", 201: "Created", 204: "Done, nothing to say", 206: "The range asked for", 303: "Look elsewhere",
    304: "As you have it", 400: "The body cannot be read", 401: "A credential is needed", 403: "Not for you",
    404: "There is none", 405: "Another method", 408: "The body did not come in time", 409: "Somebody was faster",
    410: "Gone", 411: "The length is needed", 412: "Another version of the protocol", 413: "Too large",
    415: "Another type of body", 416: "Another range", 422: "A field is wrong, or a rule says no", 423: "Busy",
    429: "Too many", 503: "Not just now; Retry-After says when", 507: "No room for files",
}  # fmt: skip
_SECURITY: Mapping[str, Mapping[str, str]] = {
    "sourceKey": {"type": "http", "scheme": "bearer", "description": "A source's key: run.py source add NAME"},
    "apiKey": {"type": "apiKey", "in": "query", "name": "api_key", "description": "The same, as Open311 brings it"},
    "personToken": {"type": "http", "scheme": "bearer", "description": "A person's token: run.py user token NAME"},
    "screenToken": {"type": "http", "scheme": "bearer", "description": "A screen's token: run.py screen add NAME"},
    "session": {"type": "apiKey", "in": "cookie", "name": "liveroom_session", "description": "A person's log-in"},
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "With a log-in, for whatever changes something: the value that its pages carry",
    },
    "agencyLink": {"type": "apiKey", "in": "cookie", "name": "liveroom_link", "description": "A signed link's cookie"},
}
_PEOPLE = frozenset(
    {
        *(PrincipalKind.DUTY, PrincipalKind.SUPERVISOR, PrincipalKind.ADMIN),
        *(PrincipalKind.AGENCY, PrincipalKind.AGENCY_HEAD, PrincipalKind.LEADERSHIP),
    }
)
# Who acts, where the machine itself is trusted.
_PRACTICE = tuple(Parameter(name=name) for name in ("role", "actor", "actor_agency"))


def document(operations: Sequence[Operation], city: str) -> dict[str, Any]:
    """The document; ``city``: what the room calls itself."""
    schemas = _Schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schemas)
    groups = [group for group in Chapter if any(one.group is group for one in operations)]
    tags = [{"name": group.value, "description": text(f"api.group.{group}", "en")} for group in groups]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Liveroom, {city}",
            "version": __version__,
            "description": text("api.about", "en"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": {f"Problem{status}": _response(status, _PROBLEM, schemas) for status in sorted(_PROBLEMS)},
            "securitySchemes": dict(_SECURITY),
        },
    }


class _Schemas:
    """The schemas of every shape; those of types are made all at once, since they share their parts."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        types: dict[int, Any] = {id(shape): shape for shape in _shapes(operations) if not isinstance(shape, Mapping)}
        made, self.components = msgspec.json.schema_components(list(types.values()), ref_template=_REF)
        self._made = dict(zip(types, made, strict=True))
        self._types = types

    def of(self, shape: Any) -> Mapping[str, Any]:
        """The schema of a type, of one of several types, or a schema as it is."""
        if isinstance(shape, tuple):
            return {"anyOf": [self.of(one) for one in shape]}
        return self._named(shape) if isinstance(shape, Mapping) else self._made[id(shape)]

    def _named(self, schema: Any) -> Any:
        """The schema, with each part of it that has a title in its place among the components."""
        if isinstance(schema, list):
            return [self._named(one) for one in schema]
        if not isinstance(schema, Mapping):
            return schema
        whole = {name: self._named(part) for name, part in schema.items()}
        title = whole.get("title")
        if not isinstance(title, str):
            return whole
        self.components[title] = whole
        return {"$ref": _REF.format(name=title)}


def _shapes(operations: Sequence[Operation]) -> Iterator[Any]:
    yield Problem
    for one in operations:
        answers = (answer.shape for answer in one.answers.values())
        asked = (parameter.shape for parameter in (*one.query, *_PRACTICE))
        places, body = one.places.values(), () if one.body is None else (one.body.shape,)
        for shape in (*answers, *asked, *places, *body):
            yield from shape if isinstance(shape, tuple) else () if shape is None else (shape,)


def places_of(path: str) -> list[str]:
    """The names of what varies in an address."""
    return [part.partition("}")[0] for part in path.split("{")[1:]]


def permission_of(one: Operation) -> Permission:
    """The row of the permission table."""
    return PERMISSIONS[one.endpoint]


def who_may(one: Operation) -> list[str]:
    """The kinds of visitors that may use an operation, in the order of the table; empty for holders of a link."""
    kinds = permission_of(one).kinds
    roles = {kind.value for kind in kinds} if one.may is None else {*one.may, PrincipalKind.LOOPBACK.value}
    return [kind.value for kind in PrincipalKind if kind in kinds and kind.value in roles]


def _operation(one: Operation, schemas: _Schemas) -> dict[str, Any]:
    asked = (*one.query, *(_PRACTICE if one.practice else ()))
    found: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.group.value],
        "summary": text(one.key, "en", **one.fills),
        "x-may": who_may(one),
        "security": security_of(one),
    }
    parameters = [_place(name, one, schemas) for name in places_of(one.path)]
    parameters += [_parameter(parameter, schemas) for parameter in asked]
    if parameters:
        found["parameters"] = parameters
    if one.body is not None:
        found["requestBody"] = _body(one.body, schemas)
    found["responses"] = _responses(one, schemas)
    return found


def security_of(one: Operation) -> list[dict[str, list[str]]]:
    """Which credentials let a visitor in, each of them by itself; an empty one where none is needed."""
    row = permission_of(one)
    if one.endpoint.startswith("open311."):
        return [{"apiKey": []}, {"sourceKey": []}, *([{}] if one.method == "GET" else [])]
    if one.endpoint.startswith("hooks.") or (row.kinds == EVERYBODY):
        return []
    if not row.kinds:
        return [{"agencyLink": [], **({} if one.method in _SAFE else {"csrf": []})}]
    found: list[dict[str, list[str]]] = []
    if PrincipalKind.SOURCE in row.kinds:
        found.append({"sourceKey": []})
    if row.kinds & _PEOPLE:
        found += [{"personToken": []}, {"session": [], **({} if one.method in _SAFE else {"csrf": []})}]
    if PrincipalKind.SCREEN in row.kinds:
        found.append({"screenToken": []})
    # A drill or test room lets its own machine in.
    return found + ([{}] if PrincipalKind.LOOPBACK in row.kinds else [])


def _place(name: str, one: Operation, schemas: _Schemas) -> dict[str, Any]:
    shape = one.places.get(name, {"type": "string", "minLength": 1})
    return {"name": name, "in": "path", "required": True, "schema": schemas.of(shape)}


def _parameter(one: Parameter, schemas: _Schemas) -> dict[str, Any]:
    schema = schemas.of(one.shape)
    if one.repeated:
        schema = {"type": "array", "items": schema}
    return {"name": one.name, "in": one.where, "required": one.required, "schema": schema}


def _body(body: Body, schemas: _Schemas) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schemas.of(body.shape)}
    if body.example is not None:
        content["example"] = body.example
    return {"required": body.required, "content": {media: content for media in body.media}}


# ---- answers ----


def _responses(one: Operation, schemas: _Schemas) -> dict[str, Any]:
    answers = {**dict.fromkeys(errors_of(one), one.own_errors or _PROBLEM), **one.answers}
    return {
        str(status): {"$ref": f"#/components/responses/Problem{status}"}
        if answers[status] is _PROBLEM
        else _response(status, answers[status], schemas)
        for status in sorted(answers)
    }


# What a problem document may say.
_PROBLEMS = frozenset(status for status in _WORD if status >= 400)
_PROBLEM = Reply(shape=Problem, media=(PROBLEM,))


def errors_of(one: Operation) -> tuple[int, ...]:
    """The statuses of the refusals of an operation: its own, and those that every route of its kind has."""
    if one.plain:
        return ()
    row, found = permission_of(one), {*one.errors, 503}
    if row.kinds != EVERYBODY and not row.page:
        # A source is not told apart from a stranger.
        found |= {401} if row.kinds == {PrincipalKind.SOURCE} else {401, 403}
    if places_of(one.path):
        found.add(404)
    if one.query or one.practice or one.body is not None:
        found.add(422)
    if one.method not in _SAFE:
        # A form in another charset is refused by any route, before it is looked at.
        found.add(415)
    if one.body is not None and JSON in one.body.media:
        found |= {400, 408, 413, 415}
    return tuple(sorted(found))


def _response(status: int, answer: Reply, schemas: _Schemas) -> dict[str, Any]:
    found: dict[str, Any] = {"description": _WORD[status]}
    headers = dict(answer.headers)
    if status == 503 and answer is _PROBLEM:
        headers["Retry-After"] = {"type": "integer"}
    if headers:
        found["headers"] = {name: {"schema": schema} for name, schema in headers.items()}
    if answer.types:
        found["content"] = {media: _content(media, answer, schemas) for media in answer.types}
    return found


def _content(media: str, answer: Reply, schemas: _Schemas) -> dict[str, Any]:
    if media == PROBLEM:
        return {"schema": schemas.of(Problem)}
    if answer.shape is not None and media.startswith(("application/json", "application/geo+json")):
        return {"schema": schemas.of(answer.shape)}
    return {} if media == HTML else {"schema": {"type": "string"}}
