"""The one shape in which HTTP says no: RFC 9457 problem details, as a client of any door may rely on."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from flask import Response


def problem(
    status: int,
    code: str,
    message: str,
    field: str | None = None,
    *,
    retry_after: int | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """A response with ``{type, title, status, code, message, field?}``; ``retry_after`` in seconds, ``more`` members.

    ``code`` is stable and for machines, ``message`` for people; ``type`` stays ``about:blank``, ``code`` says more.
    """
    told = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "message": message,
    }
    body = {**(more or {}), **told, **({} if field is None else {"field": field})}
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return Response(msgspec.json.encode(body), status, headers, content_type="application/problem+json")
