"""Bounded JSON body; RFC 9457 problems."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any, cast

import msgspec
from flask import Request, Response
from werkzeug.exceptions import ClientDisconnected

# From bytes of a stranger to a JSON value, within bounds that no input can break; what it means is for intake.py.

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
_INT_DIGITS = 20

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_DEEP_RUN = re.compile(rb"[\[{]{%d}" % (MAX_DEPTH + 1))
_BOM = b"\xef\xbb\xbf"


class TooLarge(Exception):
    """More bytes or more items than one request may bring; the text says which."""


class BadJson(Exception):
    """No JSON in UTF-8, nested deeper than MAX_DEPTH, or not here in time; ``code`` tells them apart."""

    def __init__(self, code: str, message: str) -> None:
        """``code`` is the problem document's."""
        super().__init__(message)
        self.code = code

    @property
    def status(self) -> int:
        """The answer's, over HTTP."""
        return 408 if self.code == "too_slow" else 400


def too_deep(raw: bytes) -> bool:
    """True when brackets outside strings nest deeper than MAX_DEPTH (or so many stay open that no JSON can come of it).

    Each round takes the innermost pairs away, so the cost is MAX_DEPTH scans in C and never a recursion.
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


def read_json(raw: bytes) -> Any:
    """The JSON value of ``raw``. NaN, infinities and lone surrogates pass: they are a field's fault, not the body's.

    Raises TooLarge over MAX_BYTES, BadJson otherwise. Of a repeated key the last value counts.
    """
    if len(raw) > MAX_BYTES:
        raise TooLarge(f"the body may have at most {MAX_BYTES} bytes")
    if too_deep(raw):
        raise BadJson("too_deep", f"brackets may nest at most {MAX_DEPTH} deep")
    try:
        return json.loads(raw.removeprefix(_BOM).decode("utf-8"), parse_int=_integer)
    except UnicodeDecodeError as fault:
        raise BadJson("bad_utf8", f"not UTF-8 at byte {fault.start}") from None
    except json.JSONDecodeError as fault:
        raise BadJson("bad_json", f"not JSON: {fault.msg} at line {fault.lineno} column {fault.colno}") from None


def _integer(digits: str) -> int | float:
    """An integer; a longer one than any field holds becomes a float at once, so its length costs nothing."""
    return int(digits) if len(digits) <= _INT_DIGITS else float(digits)


# Reads a request's body in bounds: declared as plain JSON, never more than one byte above what may come.

_PIECE = 64 * 1024


class Unsupported(Exception):
    """The body is not declared as plain JSON in UTF-8."""


def in_utf8(asked: Request) -> bool:
    """Whether a body's declared charset, if it names one, is the only one that is read here."""
    return asked.mimetype_params.get("charset", "utf-8").lower() in ("utf-8", "utf8")


def read_body(asked: Request) -> bytes:
    """The body, with or without Content-Length. Raises Unsupported, TooLarge, or BadJson: cut off, or slow."""
    if not asked.is_json:
        raise Unsupported("the body must be application/json")
    if not in_utf8(asked):
        raise Unsupported("the body must be UTF-8: a charset, where Content-Type names one, must be utf-8")
    if asked.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unsupported("the body must not be compressed")
    if (asked.content_length or 0) > MAX_BYTES:
        raise TooLarge(f"the body may have at most {MAX_BYTES} bytes")
    stream = _stream(asked)
    pieces: list[bytes] = []
    left = MAX_BYTES + 1
    while left and (piece := _read(stream, min(left, _PIECE))):
        pieces.append(piece)
        left -= len(piece)
    if not left:
        raise TooLarge(f"the body may have at most {MAX_BYTES} bytes")
    return b"".join(pieces)


def _read(stream: IO[bytes], most: int) -> bytes:
    try:
        return stream.read(most)
    except TimeoutError as error:
        raise BadJson("too_slow", "the body did not come in time") from error
    except (OSError, ValueError, ClientDisconnected) as error:
        if isinstance(error.__context__, TimeoutError):  # Werkzeug takes whatever goes wrong for a client that left
            raise BadJson("too_slow", "the body did not come in time") from error
        raise BadJson("bad_body", "the body is cut off or badly chunked") from error


def _stream(asked: Request) -> IO[bytes]:
    """Where to read. A chunked body ends itself, but not every server says so in the way Werkzeug looks for."""
    if asked.content_length is None and asked.headers.get("Transfer-Encoding", "").lower() == "chunked":
        return cast(IO[bytes], asked.environ["wsgi.input"])
    return asked.stream


# The one shape in which HTTP says no: RFC 9457 problem details, as a client of any door may rely on.


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
