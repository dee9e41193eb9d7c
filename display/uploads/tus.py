"""The core of tus 1.0.0, the protocol of resumable uploads; with creation (with-upload), expiration, termination.

Who may send, and for which complaint, is the caller's; nothing of what a client says of its file (name, type) is kept.
"""

import base64
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Request, Response, request
from werkzeug.http import http_date

from liveroom.log.uploads import BoundReached, TooMany, Upload, UploadState
from liveroom.media.uploads import Busy, Uploading
from liveroom.runtime.disk import AGAIN_S as ROOM_AGAIN_S
from liveroom.runtime.disk import DiskFull
from liveroom.runtime.http_input import problem
from liveroom.runtime.metrics import UPLOADS_REFUSED

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination"
PIECE = "application/offset+octet-stream"
AGAIN_S = "2"
LONGEST_META = 4_000
log = logging.getLogger(__name__)
# By the code of a bound on what strangers send; of each the report itself can be sent without the picture.
REACHED = {
    "public_full": (507, "there is no room for more pictures that no report claims yet; send the report without it"),
    "public_day": (429, "as many pictures came today as are taken; send the report without it"),
    "public_address": (429, "as many pictures came from here today as are taken; send the report without it"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whose file it is; ``origin`` not None: a stranger's, empty or a stand-in for the address that is counted."""

    subject: str
    kind: str
    by: str
    origin: str | None = None


class TusDoor:
    """``where`` is the address of an upload; every answer bears the protocol's version and is kept by nobody."""

    def __init__(self, uploading: Uploading, where: Callable[[str], str]) -> None:
        self._uploading = uploading
        self._where = where

    def options(self) -> Response:
        """What this server speaks."""
        return _said(204, {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": self._longest})

    def create(self, sender: Callable[[dict[str, str]], Sender | Response]) -> Response:
        """POST: expect a file; ``sender`` says from the metadata whose it is, or why not."""
        if (no := _spoken(request)) is not None:
            return no
        length = _number(request, "Upload-Length")
        if length is None:
            return _told(problem(422, "field", "must be the number of bytes of the file", "Upload-Length"))
        if not 0 < length <= self._uploading.longest:
            return self._size_refused(length)
        whose = sender(_metadata(request))
        if isinstance(whose, Response):
            return _told(whose)
        one = self._begun(whose, length)
        if isinstance(one, Response):
            return one
        headers = {"Location": self._where(one.id)} | self._until(one)
        if request.mimetype != PIECE:
            return _said(201, headers)
        answer = self._append(one, 0)
        answer.status_code = 201 if answer.status_code == 204 else answer.status_code
        answer.headers["Location"] = headers["Location"]
        return answer

    def _begun(self, whose: Sender, length: int) -> Upload | Response:
        try:
            return self._uploading.begin(
                subject=whose.subject, kind=whose.kind, by=whose.by, length=length, origin=whose.origin
            )
        except TooMany:
            return _told(problem(429, "too_many", "finish one of the files under way first", retry_after=60))
        except BoundReached as full:
            status, message = REACHED[full.code]
            UPLOADS_REFUSED.labels(full.code).inc()
            return _told(problem(status, full.code, message, retry_after=full.retry_after))
        except DiskFull as full:
            return no_room(full)

    def head(self, one: Upload) -> Response:
        """HEAD: how much is here."""
        if (no := _spoken(request)) is not None:
            return no
        if one.state is UploadState.REFUSED:
            return _said(410)
        offset = self._uploading.resume(one)
        return _said(200, {"Upload-Offset": str(offset), "Upload-Length": str(one.length)})

    def patch(self, one: Upload) -> Response:
        """PATCH: the next piece."""
        if (no := _spoken(request)) is not None:
            return no
        if request.mimetype != PIECE:
            return _told(problem(415, "content_type", f"must be {PIECE}", "Content-Type"))
        offset = _number(request, "Upload-Offset")
        if offset is None:
            return _told(problem(422, "field", "must be a whole number", "Upload-Offset"))
        if one.state is not UploadState.OPEN:
            return _told(problem(410 if one.state is UploadState.REFUSED else 409, one.state.value, "is whole already"))
        return self._append(one, offset)

    def delete(self, one: Upload) -> Response:
        """DELETE: the sender gives up; a whole one stays."""
        if (no := _spoken(request)) is not None:
            return no
        if one.state is not UploadState.OPEN:
            return _told(problem(409, one.state.value, "is whole already"))
        self._uploading.end(one)
        return _said(204)

    def _append(self, one: Upload, offset: int) -> Response:
        most = one.length - offset
        if request.content_length is None:  # it may have no end, and no client of the protocol needs it
            return _told(problem(411, "length", "is needed", "Content-Length"))
        if request.content_length > most:
            return _told(problem(413, "too_large", f"{most} bytes are missing, no more", "Content-Length"))
        try:
            here = self._uploading.append(one, offset, _reader(request))
        except Busy:
            return _told(problem(423, "busy", "another request is sending this file", retry_after=1))
        except DiskFull as full:
            return no_room(full)
        except ValueError:
            return _told(problem(409, "offset", f"is {self._uploading.offset(one)}", "Upload-Offset"))
        return _said(204, {"Upload-Offset": str(here)} | (self._until(one) if here < one.length else {}))

    def _until(self, one: Upload) -> dict[str, str]:
        """Until when it may be gone on with."""
        return {"Upload-Expires": http_date(self._uploading.expires(one))}

    def _size_refused(self, length: int) -> Response:
        if length <= 0:
            return _told(problem(422, "empty", "the file is empty", "Upload-Length"))
        most = self._uploading.longest // 1_000_000
        return _told(problem(413, "too_large", f"at most {most} MB are taken", "Upload-Length"))

    @property
    def _longest(self) -> str:
        return str(self._uploading.longest)


def no_room(full: DiskFull) -> Response:
    """The answer of any door that would write beside the log."""
    log.warning("a file was not taken: %s", full)
    UPLOADS_REFUSED.labels("disk_full").inc()
    return _told(problem(507, "disk_full", "the server has no room for files just now", retry_after=ROOM_AGAIN_S))


def _reader(asked: Request) -> Callable[[int], bytes]:
    """Reads what comes; a connection that breaks off just ends: what came before it counts."""

    def read(most: int) -> bytes:
        try:
            return bytes(asked.stream.read(most))
        except OSError:
            return b""

    return read


def _spoken(asked: Request) -> Response | None:
    """The refusal of a client that speaks another version."""
    if asked.headers.get("Tus-Resumable") == VERSION:
        return None
    no = _told(problem(412, "version", f"must be {VERSION}", "Tus-Resumable"))
    no.headers["Tus-Version"] = VERSION
    return no


def _number(asked: Request, name: str) -> int | None:
    text = asked.headers.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def _metadata(asked: Request) -> dict[str, str]:
    """``Upload-Metadata``: keys with base64 values; what cannot be read is left out."""
    found: dict[str, str] = {}
    for pair in asked.headers.get("Upload-Metadata", "")[:LONGEST_META].split(","):
        key, _, value = pair.strip().partition(" ")
        with suppress(ValueError):  # no base64, no ASCII even, or no UTF-8 in it
            found[key] = base64.b64decode(value, validate=True).decode()
    # Not every database takes a NUL even to look for it.
    return {key: value for key, value in found.items() if "\x00" not in value}


def _said(status: int, headers: dict[str, str] | None = None) -> Response:
    return _told(Response(status=status, headers=headers))


def _told(response: Any) -> Response:
    """With what every answer of the protocol bears."""
    response.headers["Tus-Resumable"] = VERSION
    response.headers["Cache-Control"] = "no-store"
    answer: Response = response
    return answer
