"""Uploads and media: the tus server for files, and the content of pictures and videos.

`TusServer` is the core of tus 1.0.0, the protocol of resumable uploads, with creation (also with-upload), expiration
and termination. Who may send, and for which complaint, is the caller's; what a client says of its file (name, type) is
not kept. The routes here, ``/api/v1/uploads`` and ``/api/v1/media``, are those of people who work on complaints;
agency links and citizens have their own, with the same server and the same `content`.
"""

import base64
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Request, Response, request
from werkzeug.http import http_date, parse_range_header

from display.api.complaints import hides_words, refuse_other_agencies, taken_at, upload_json
from display.api.responses import json_response
from display.auth.visitor import PrincipalKind, Visitors
from liveroom.accounts.users import AT_DESKS, Person
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.complaints.proof import PROOF, REPORT, FileForm
from liveroom.domain.requests import Refused, Role
from liveroom.log.uploads import BoundReached, TooManyUploads, Upload, UploadState
from liveroom.media.store import MediaStore, NotStored, StoreUnavailable
from liveroom.media.uploads import Busy, UploadPipeline
from liveroom.projection.complaints import complaints
from liveroom.projection.notices import is_released
from liveroom.room.room import Room
from liveroom.runtime.disk import AGAIN_S as ROOM_AGAIN_S
from liveroom.runtime.disk import DiskFull
from liveroom.runtime.http_input import problem
from liveroom.runtime.metrics import UPLOADS_REFUSED

# ---- content: thumb and clean copy for whoever may see the complaint, the original for the desk ----

log = logging.getLogger(__name__)
THUMB, CLEAN, ORIGINAL = "thumb", "clean", "original"
_COPIES = (THUMB, CLEAN, ORIGINAL)
# Content may not run, load or be framed elsewhere, whatever type a browser takes it for.
_CONTENT_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=3600",
    "Accept-Ranges": "bytes",
}
_ENDINGS: Mapping[str, str] = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic"}


def content(store: MediaStore, one: Upload, copy: str, *, kept: bool = True) -> Response:
    """One copy of a file, whole or the one range of bytes asked for; 404 if there is none (any more), 503 while the
    store is away.

    ``kept``: the browser may cache it for an hour.
    """
    name = one.kept.get(copy)
    if one.state is not UploadState.READY or name is None or one.facts is None:
        return problem(404, "no_content", "there is no content (any more)")
    form = _media_type(one.facts.form, copy)
    try:
        size = store.size(name)
        start, end = _range(size)
        headers = {
            **_CONTENT_HEADERS,
            "Content-Length": str(end - start),
            "Content-Disposition": _disposition(one, form, copy),
        }
        headers |= {} if kept else {"Cache-Control": "no-store"}
        if (start, end) == (0, size):
            return Response(_blocks(store, name, 0, size), 200, headers, content_type=form)
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        return Response(_blocks(store, name, start, end), 206, headers, content_type=form)
    except NotStored:
        return problem(404, "no_content", "there is no content (any more)")
    except StoreUnavailable as error:
        log.warning("%s", error)
        return problem(503, "store", "pictures cannot be read just now", retry_after=10)


def _blocks(store: MediaStore, name: str, start: int, end: int) -> Iterator[bytes]:
    """The bytes, or fewer if the store fails meanwhile: the reader sees it by Content-Length."""
    try:
        yield from store.read(name, start, end)
    except (NotStored, StoreUnavailable) as error:
        log.warning("the rest of a picture was not sent: %s", error)


def _media_type(form: FileForm, copy: str) -> str:
    if copy == ORIGINAL or (copy == CLEAN and form.moving):
        return form.value
    return FileForm.JPEG.value


def _range(size: int) -> tuple[int, int]:
    """Start and end of the one range asked for; the whole file for none, several or an invalid one."""
    asked = parse_range_header(request.headers.get("Range"))
    found = asked.range_for_length(size) if asked is not None and asked.units == "bytes" else None
    return (0, size) if found is None else (found[0] or 0, found[1] or size)


def _disposition(one: Upload, form: str, copy: str) -> str:
    """Content-Disposition: an original is only ever downloaded; the name of the sender's file is never used."""
    ending = _ENDINGS.get(form, form.partition("/")[2])
    return f'{"attachment" if copy == ORIGINAL else "inline"}; filename="{one.kind}-{one.id[:8]}.{ending}"'


# ---- the tus server ----

_TUS_VERSION = "1.0.0"
_TUS_EXTENSIONS = "creation,creation-with-upload,expiration,termination"
_CHUNK_TYPE = "application/offset+octet-stream"
_LONGEST_METADATA = 4_000
# Status and message when a bound on files of strangers is reached, by the code of the bound.
_BOUND_ANSWERS = {
    "public_full": (507, "there is no room for more pictures that no report claims yet; send the report without it"),
    "public_day": (429, "as many pictures came today as are taken; send the report without it"),
    "public_address": (429, "as many pictures came from here today as are taken; send the report without it"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whose file it is; ``origin``: None for people with a credential, else a stranger's hashed address, or empty."""

    subject: str
    kind: str
    by: str
    origin: str | None = None


class TusServer:
    """Answers the requests of the protocol; ``where`` gives the address of an upload by its id."""

    def __init__(self, uploading: UploadPipeline, where: Callable[[str], str]) -> None:
        self._uploading = uploading
        self._where = where

    def options(self) -> Response:
        """OPTIONS: version and extensions."""
        return _tus_response(
            204,
            {
                "Tus-Version": _TUS_VERSION,
                "Tus-Extension": _TUS_EXTENSIONS,
                "Tus-Max-Size": str(self._uploading.longest),
            },
        )

    def create(self, sender: Callable[[dict[str, str]], Sender | Response]) -> Response:
        """POST: begin an upload; ``sender`` tells from the metadata whose it is, or returns a refusal."""
        if (refusal := _version_refusal(request)) is not None:
            return refusal
        length = _number(request, "Upload-Length")
        if length is None:
            return _with_tus_headers(problem(422, "field", "must be the number of bytes of the file", "Upload-Length"))
        if not 0 < length <= self._uploading.longest:
            return self._refuse_size(length)
        whose = sender(_metadata(request))
        if isinstance(whose, Response):
            return _with_tus_headers(whose)
        one = self._begin(whose, length)
        if isinstance(one, Response):
            return one
        headers = {"Location": self._where(one.id)} | self._until(one)
        if request.mimetype != _CHUNK_TYPE:
            return _tus_response(201, headers)
        answer = self._append(one, 0)
        answer.status_code = 201 if answer.status_code == 204 else answer.status_code
        answer.headers["Location"] = headers["Location"]
        return answer

    def _begin(self, whose: Sender, length: int) -> Upload | Response:
        try:
            return self._uploading.begin(
                subject=whose.subject, kind=whose.kind, by=whose.by, length=length, origin=whose.origin
            )
        except TooManyUploads:
            return _with_tus_headers(
                problem(429, "too_many", "finish one of the files under way first", retry_after=60)
            )
        except BoundReached as full:
            status, message = _BOUND_ANSWERS[full.code]
            UPLOADS_REFUSED.labels(full.code).inc()
            return _with_tus_headers(problem(status, full.code, message, retry_after=full.retry_after))
        except DiskFull as full:
            return _no_room(full)

    def head(self, one: Upload) -> Response:
        """HEAD: how many bytes are here."""
        if (refusal := _version_refusal(request)) is not None:
            return refusal
        if one.state is UploadState.REFUSED:
            return _tus_response(410)
        offset = self._uploading.resume(one)
        return _tus_response(200, {"Upload-Offset": str(offset), "Upload-Length": str(one.length)})

    def patch(self, one: Upload) -> Response:
        """PATCH: the next chunk."""
        if (refusal := _version_refusal(request)) is not None:
            return refusal
        if request.mimetype != _CHUNK_TYPE:
            return _with_tus_headers(problem(415, "content_type", f"must be {_CHUNK_TYPE}", "Content-Type"))
        offset = _number(request, "Upload-Offset")
        if offset is None:
            return _with_tus_headers(problem(422, "field", "must be a whole number", "Upload-Offset"))
        if one.state is not UploadState.OPEN:
            return _with_tus_headers(
                problem(410 if one.state is UploadState.REFUSED else 409, one.state.value, "is whole already")
            )
        return self._append(one, offset)

    def delete(self, one: Upload) -> Response:
        """DELETE: the sender gives up; a complete file stays."""
        if (refusal := _version_refusal(request)) is not None:
            return refusal
        if one.state is not UploadState.OPEN:
            return _with_tus_headers(problem(409, one.state.value, "is whole already"))
        self._uploading.end(one)
        return _tus_response(204)

    def _append(self, one: Upload, offset: int) -> Response:
        most = one.length - offset
        if request.content_length is None:  # a chunked body may have no end, and no tus client needs one
            return _with_tus_headers(problem(411, "length", "is needed", "Content-Length"))
        if request.content_length > most:
            return _with_tus_headers(problem(413, "too_large", f"{most} bytes are missing, no more", "Content-Length"))
        try:
            here = self._uploading.append(one, offset, _reader(request))
        except Busy:
            return _with_tus_headers(problem(423, "busy", "another request is sending this file", retry_after=1))
        except DiskFull as full:
            return _no_room(full)
        except ValueError:
            return _with_tus_headers(problem(409, "offset", f"is {self._uploading.offset(one)}", "Upload-Offset"))
        return _tus_response(204, {"Upload-Offset": str(here)} | (self._until(one) if here < one.length else {}))

    def _until(self, one: Upload) -> dict[str, str]:
        """The header that says until when the upload can be resumed."""
        return {"Upload-Expires": http_date(self._uploading.expires(one))}

    def _refuse_size(self, length: int) -> Response:
        if length <= 0:
            return _with_tus_headers(problem(422, "empty", "the file is empty", "Upload-Length"))
        most = self._uploading.longest // 1_000_000
        return _with_tus_headers(problem(413, "too_large", f"at most {most} MB are taken", "Upload-Length"))


def _no_room(full: DiskFull) -> Response:
    """The answer when the disk has no room for files."""
    log.warning("a file was not taken: %s", full)
    UPLOADS_REFUSED.labels("disk_full").inc()
    return _with_tus_headers(
        problem(507, "disk_full", "the server has no room for files just now", retry_after=ROOM_AGAIN_S)
    )


def _reader(asked: Request) -> Callable[[int], bytes]:
    """Reads the body; a connection that breaks off just ends, and what came before is kept."""

    def read(most: int) -> bytes:
        try:
            return bytes(asked.stream.read(most))
        except OSError:
            return b""

    return read


def _version_refusal(asked: Request) -> Response | None:
    """The refusal of a client with another version of the protocol."""
    if asked.headers.get("Tus-Resumable") == _TUS_VERSION:
        return None
    refusal = _with_tus_headers(problem(412, "version", f"must be {_TUS_VERSION}", "Tus-Resumable"))
    refusal.headers["Tus-Version"] = _TUS_VERSION
    return refusal


def _number(asked: Request, name: str) -> int | None:
    text = asked.headers.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def _metadata(asked: Request) -> dict[str, str]:
    """``Upload-Metadata``: keys with base64 values; what cannot be decoded is left out."""
    found: dict[str, str] = {}
    for pair in asked.headers.get("Upload-Metadata", "")[:_LONGEST_METADATA].split(","):
        key, _, value = pair.strip().partition(" ")
        with suppress(ValueError):  # not base64, or not UTF-8 inside
            found[key] = base64.b64decode(value, validate=True).decode()
    # Not every database takes a NUL even to look for it.
    return {key: value for key, value in found.items() if "\x00" not in value}


def _tus_response(status: int, headers: dict[str, str] | None = None) -> Response:
    return _with_tus_headers(Response(status=status, headers=headers))


def _with_tus_headers(response: Any) -> Response:
    """The response with the headers that every answer of the protocol bears."""
    response.headers["Tus-Resumable"] = _TUS_VERSION
    response.headers["Cache-Control"] = "no-store"
    answer: Response = response
    return answer


# ---- routes ----

_ROOT = "/api/v1/uploads"


def uploads_blueprint(room: Room, visitors: Visitors, uploading: UploadPipeline) -> Blueprint:
    """``/api/v1/uploads`` and ``/api/v1/media``; ``uploading`` is shared with all other routes that take files."""
    uploads = Blueprint("uploads", __name__)
    routes = _UploadRoutes(room, visitors, uploading)
    uploads.add_url_rule(_ROOT, "expect", routes.create, methods=["POST"], provide_automatic_options=False)
    uploads.add_url_rule(_ROOT, "speak", routes.tus.options, methods=["OPTIONS"], provide_automatic_options=False)
    one = f"{_ROOT}/<id_>"
    for method in ("HEAD", "PATCH", "DELETE"):
        uploads.add_url_rule(one, method.lower(), routes.chunk, methods=[method], provide_automatic_options=False)
    uploads.add_url_rule(f"{one}/state", "state", routes.state)
    uploads.add_url_rule("/api/v1/media/<id_>/<copy>", "media", routes.content)
    return uploads


class _UploadRoutes:
    def __init__(self, room: Room, visitors: Visitors, uploading: UploadPipeline) -> None:
        self._room = room
        self._visitors = visitors
        self._uploading = uploading
        self.tus = TusServer(uploading, lambda id_: f"{_ROOT}/{id_}")

    def create(self) -> Response:
        """Begin an upload for the complaint that the metadata names."""
        return self.tus.create(self._sender)

    def chunk(self, id_: str) -> Response:
        """The protocol's HEAD, PATCH and DELETE on one's own upload."""
        one = self._own(id_)
        if isinstance(one, Response):
            return one
        act: Any = getattr(self.tus, request.method.lower())
        answer: Response = act(one)
        return answer

    def state(self, id_: str) -> Response:
        """The state of one's own upload: ``{id, state, code, …facts}``."""
        one = self._own(id_)
        if isinstance(one, Response):
            return one
        return json_response(upload_json(one, taken_at(one.facts, self._room.city)))

    def content(self, id_: str, copy: str) -> Response:
        """A copy of one, for whoever may read the complaint; the original for desks alone."""
        one = self._uploading.register.of(id_)
        complaint = None if one is None else self._complaint(one.subject)
        if one is None or copy not in _COPIES or complaint is None:
            return problem(404, "unknown_media", "there is no such picture")
        if self._is_screen():
            if copy != CLEAN or not self._is_released(one.id, complaint):
                return problem(403, "role", "was not released for showing")
            return content(self._uploading.store, one, copy, kept=False)
        if not self._may_see(copy, complaint):
            return problem(403, "role", "is not for you to see")
        return content(self._uploading.store, one, copy)

    def _own(self, id_: str) -> Upload | Response:
        """One's own upload; another's does not exist."""
        one = self._uploading.register.of(id_)
        if one is None or one.by != self._by():
            return problem(404, "unknown_upload", "there is no such upload")
        return one

    def _is_screen(self) -> bool:
        """Whether a screen asks, or loopback that may see what a screen sees."""
        principal = self._visitors.principal(request, {})
        return principal.kind is PrincipalKind.SCREEN or principal.looks

    def _is_released(self, id_: str, complaint: Complaint) -> bool:
        """Whether a supervisor released it, and the category is not private."""
        if self._room.city.policy.is_private(complaint.category):
            return False
        return self._room.log.read(lambda c: is_released(c, complaint.id, id_))

    def _may_see(self, copy: str, complaint: Complaint) -> bool:
        who = self._visitors.who(request)
        if who is None:  # trusted loopback of a drill or test room
            return True
        try:
            refuse_other_agencies(complaint, who)
        except Refused:
            return False
        return who.role in AT_DESKS or (copy != ORIGINAL and not hides_words(complaint, who, self._room.city))

    def _sender(self, metadata: dict[str, str]) -> Sender | Response:
        subject = metadata.get("complaint", "")
        complaint = self._complaint(subject)
        if complaint is None:
            return problem(404, "unknown_complaint", "names no complaint", "Upload-Metadata.complaint")
        who = self._visitors.who(request)
        if who is not None:
            try:
                refuse_other_agencies(complaint, who)
            except Refused as refusal:
                return problem(403, refusal.code, refusal.message)
        kind = REPORT if metadata.get("kind") == REPORT and _at_desk(who) else PROOF
        return Sender(subject=subject, kind=kind, by=self._by())

    def _complaint(self, id_: str) -> Complaint | None:
        return next(iter(self._room.log.read(lambda c: complaints(c, (id_,)))), None)

    def _by(self) -> str:
        who = self._visitors.who(request)
        return "loopback" if who is None else who.actor


def _at_desk(who: Person | None) -> bool:
    return who is None or (who.role in AT_DESKS and who.role is not Role.LEADERSHIP)
