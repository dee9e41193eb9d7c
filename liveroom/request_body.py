"""Reads a request's body in bounds: declared as plain JSON, never more than one byte above what may come."""

from typing import IO, cast

from flask import Request
from werkzeug.exceptions import ClientDisconnected

from liveroom.json_body import MAX_BYTES, BadJson, TooLarge

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
