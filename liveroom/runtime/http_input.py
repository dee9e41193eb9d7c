"""A request's body as bounded JSON, and the one shape of an error over HTTP: RFC 9457 problem details.

No input can make the reading cost more than MAX_BYTES of memory and MAX_DEPTH scans, but where the door of hooks takes
more. What the JSON means is for domain/complaints/intake.py and the commands.
"""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any, cast

import msgspec
from flask import Request, Response
from werkzeug.exceptions import ClientDisconnected

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
# Longer than the integer of any field.
_INT_DIGITS = 20
_PIECE = 64 * 1024

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_DEEP_RUN = re.compile(rb"[\[{]{%d}" % (MAX_DEPTH + 1))
_BOM = b"\xef\xbb\xbf"


class TooLarge(Exception):
    """More bytes or more items than one request may bring; the text says which."""


class BadJson(Exception):
    """No JSON in UTF-8, nested deeper than MAX_DEPTH, or not received in time; ``code`` tells them apart."""

    def __init__(self, code: str, message: str) -> None:
        """``code``: the one of the problem document."""
        super().__init__(message)
        self.code = code

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return 408 if self.code == "too_slow" else 400


def too_deep(raw: bytes) -> bool:
    """Whether brackets outside strings nest deeper than MAX_DEPTH, or so many stay open that it cannot be JSON.

    Each round removes the innermost pairs, so the cost is MAX_DEPTH scans in C and never a recursion.
    """
    brackets = _STRING.sub(b"", raw).translate(None, _NOT_BRACKETS)
    for _ in range(MAX_DEPTH):
        if _DEEP_RUN.search(brackets):
            return True
        fewer = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(fewer) == len(brackets):
            break
        brackets = fewer
    pairs_left = b"[]" in brackets or b"{}" in brackets
    return pairs_left or brackets.count(b"[") + brackets.count(b"{") > MAX_DEPTH


def read_json(raw: bytes, most: int = MAX_BYTES) -> Any:
    """The JSON value of ``raw``. NaN, infinities and lone surrogates pass: the checks of the fields refuse them.

    Raises TooLarge over ``most`` bytes, BadJson otherwise. Of a repeated key the last value counts.
    """
    if len(raw) > most:
        raise TooLarge(f"the body may have at most {most} bytes")
    if too_deep(raw):
        raise BadJson("too_deep", f"brackets may nest at most {MAX_DEPTH} deep")
    try:
        return json.loads(raw.removeprefix(_BOM).decode("utf-8"), parse_int=_integer)
    except UnicodeDecodeError as fault:
        raise BadJson("bad_utf8", f"not UTF-8 at byte {fault.start}") from None
    except json.JSONDecodeError as fault:
        raise BadJson("bad_json", f"not JSON: {fault.msg} at line {fault.lineno} column {fault.colno}") from None


def _integer(digits: str) -> int | float:
    """An integer; one longer than any field becomes a float at once, so that its length costs nothing."""
    return int(digits) if len(digits) <= _INT_DIGITS else float(digits)


class Unsupported(Exception):
    """The body is not declared as plain JSON in UTF-8."""


def in_utf8(asked: Request) -> bool:
    """Whether the body is in UTF-8 by its declared charset, or declares none."""
    return asked.mimetype_params.get("charset", "utf-8").lower() in ("utf-8", "utf8")


def read_body(asked: Request) -> bytes:
    """The body, with or without Content-Length; at most one byte above MAX_BYTES is read.

    Raises Unsupported when it is not declared as plain JSON, TooLarge, BadJson when it is cut off or too slow.
    """
    if not asked.is_json:
        raise Unsupported("the body must be application/json")
    if not in_utf8(asked):
        raise Unsupported("the body must be UTF-8: a charset, where Content-Type names one, must be utf-8")
    if asked.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unsupported("the body must not be compressed")
    return read_bytes(asked, MAX_BYTES)


def read_bytes(asked: Request, most: int) -> bytes:
    """The body whatever it is, with or without Content-Length; at most one byte above ``most`` is read.

    Raises TooLarge, BadJson when it is cut off or too slow.
    """
    if (asked.content_length or 0) > most:
        raise TooLarge(f"the body may have at most {most} bytes")
    stream = _stream(asked)
    pieces: list[bytes] = []
    left = most + 1
    while left and (piece := _read(stream, min(left, _PIECE))):
        pieces.append(piece)
        left -= len(piece)
    if not left:
        raise TooLarge(f"the body may have at most {most} bytes")
    return b"".join(pieces)


def _read(stream: IO[bytes], most: int) -> bytes:
    try:
        return stream.read(most)
    except TimeoutError as error:
        raise BadJson("too_slow", "the body did not come in time") from error
    except (OSError, ValueError, ClientDisconnected) as error:
        if isinstance(error.__context__, TimeoutError):  # Werkzeug raises ClientDisconnected for any error
            raise BadJson("too_slow", "the body did not come in time") from error
        raise BadJson("bad_body", "the body is cut off or badly chunked") from error


def _stream(asked: Request) -> IO[bytes]:
    """The stream to read. A chunked body ends itself, but not every server says so in the way Werkzeug looks for."""
    if asked.content_length is None and asked.headers.get("Transfer-Encoding", "").lower() == "chunked":
        return cast(IO[bytes], asked.environ["wsgi.input"])
    return asked.stream


def problem(
    status: int,
    code: str,
    message: str,
    field: str | None = None,
    *,
    retry_after: int | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """An error response with ``{type, title, status, code, message, field?}`` and the members of ``more``.

    ``code`` is stable and for machines, ``message`` for people; ``type`` is always ``about:blank``, since ``code`` says
    more. ``retry_after`` in seconds.
    """
    standard = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "message": message,
    }
    body = {**(more or {}), **standard, **({} if field is None else {"field": field})}
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return Response(msgspec.json.encode(body), status, headers, content_type="application/problem+json")
