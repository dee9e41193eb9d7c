"""Tus and media."""

import base64
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Request, Response, request
from werkzeug.http import http_date, parse_range_header

from display.api.complaints import refuse_others, taken_at, told_of, wordless
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

# Content on its way out: clean and small copies for whoever may see the complaint, the original for the desk.

log = logging.getLogger(__name__)
SMALL, CLEAN, ORIGINAL = "thumb", "clean", "original"
COPIES = (SMALL, CLEAN, ORIGINAL)
# Nothing in it may run, load or be framed elsewhere, whatever a browser takes it for.
CAREFUL = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=3600",
    "Accept-Ranges": "bytes",
}
ENDINGS: Mapping[str, str] = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic"}


def content(store: MediaStore, one: Upload, copy: str, *, kept: bool = True) -> Response:
    """One copy of a file, whole or the one range that was asked for; 404 when there is none (any more).

    503 while the store is away. ``kept``: whether the browser may keep it for an hour.
    """
    name = one.kept.get(copy)
    if one.state is not UploadState.READY or name is None or one.facts is None:
        return problem(404, "no_content", "there is no content (any more)")
    form = _form(one.facts.form, copy)
    try:
        size = store.size(name)
        start, end = _range(size)
        headers = {**CAREFUL, "Content-Length": str(end - start), "Content-Disposition": _disposition(one, form, copy)}
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
    """What was promised, or less: whoever reads it sees by its length that the end is missing."""
    try:
        yield from store.read(name, start, end)
    except (NotStored, StoreUnavailable) as error:
        log.warning("the rest of a picture was not sent: %s", error)


def _form(form: FileForm, copy: str) -> str:
    if copy == ORIGINAL or (copy == CLEAN and form.moving):
        return form.value
    return FileForm.JPEG.value


def _range(size: int) -> tuple[int, int]:
    """The one range of bytes asked for; all of it where none, several or a senseless one is asked for."""
    asked = parse_range_header(request.headers.get("Range"))
    found = asked.range_for_length(size) if asked is not None and asked.units == "bytes" else None
    return (0, size) if found is None else (found[0] or 0, found[1] or size)


def _disposition(one: Upload, form: str, copy: str) -> str:
    """An original is only ever downloaded; no name of a sender's file is in it."""
    ending = ENDINGS.get(form, form.partition("/")[2])
    return f'{"attachment" if copy == ORIGINAL else "inline"}; filename="{one.kind}-{one.id[:8]}.{ending}"'


# The core of tus 1.0.0, the protocol of resumable uploads; with creation (with-upload), expiration, termination.
#
# Who may send, and for which complaint, is the caller's; nothing of what a client says of its file (name, type) is
# kept.

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination"
PIECE = "application/offset+octet-stream"
AGAIN_S = "2"
LONGEST_META = 4_000
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


class TusServer:
    """``where`` is the address of an upload; every answer bears the protocol's version and is kept by nobody."""

    def __init__(self, uploading: UploadPipeline, where: Callable[[str], str]) -> None:
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
        except TooManyUploads:
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


# ``/api/v1/uploads`` (tus) and ``/api/v1/media``: the doors of people who work on complaints.

ROOT = "/api/v1/uploads"


def uploads_blueprint(room: Room, visitors: Visitors, uploading: UploadPipeline) -> Blueprint:
    """The blueprint; ``uploading`` is shared with every other door that takes files."""
    uploads = Blueprint("uploads", __name__)
    doors = _UploadRoutes(room, visitors, uploading)
    uploads.add_url_rule(ROOT, "expect", doors.create, methods=["POST"], provide_automatic_options=False)
    uploads.add_url_rule(ROOT, "speak", doors.tus.options, methods=["OPTIONS"], provide_automatic_options=False)
    one = f"{ROOT}/<id_>"
    for method in ("HEAD", "PATCH", "DELETE"):
        uploads.add_url_rule(one, method.lower(), doors.piece, methods=[method], provide_automatic_options=False)
    uploads.add_url_rule(f"{one}/state", "state", doors.state)
    uploads.add_url_rule("/api/v1/media/<id_>/<copy>", "media", doors.media)
    return uploads


class _UploadRoutes:
    def __init__(self, room: Room, visitors: Visitors, uploading: UploadPipeline) -> None:
        self._room = room
        self._visitors = visitors
        self._uploading = uploading
        self.tus = TusServer(uploading, lambda id_: f"{ROOT}/{id_}")

    def create(self) -> Response:
        """A file for the complaint that the metadata names."""
        return self.tus.create(self._sender)

    def piece(self, id_: str) -> Response:
        """The protocol's HEAD, PATCH and DELETE on a file of one's own."""
        one = self._uploading.register.of(id_)
        if one is None or one.by != self._by():
            return problem(404, "unknown_upload", "there is no such upload")
        act: Any = getattr(self.tus, request.method.lower())
        answer: Response = act(one)
        return answer

    def state(self, id_: str) -> Response:
        """What became of it: ``{id, state, code, …facts}``, for its sender."""
        one = self._uploading.register.of(id_)
        if one is None or one.by != self._by():
            return problem(404, "unknown_upload", "there is no such upload")
        return json_response(told_of(one, taken_at(one.facts, self._room.city)))

    def media(self, id_: str, copy: str) -> Response:
        """The content of one, for whoever may read the complaint; the original is the desk's."""
        one = self._uploading.register.of(id_)
        complaint = None if one is None else self._complaint(one.subject)
        if one is None or copy not in COPIES or complaint is None:
            return problem(404, "unknown_media", "there is no such picture")
        if self._only_looks():
            if copy != CLEAN or not self._for_guests(one.id, complaint):
                return problem(403, "role", "was not released for showing")
            return content(self._uploading.store, one, copy, kept=False)
        if not self._may_see(copy, complaint):
            return problem(403, "role", "is not for you to see")
        return content(self._uploading.store, one, copy)

    def _only_looks(self) -> bool:
        """A screen, or what asks as one."""
        standing = self._visitors.standing(request, {})
        return standing.kind is PrincipalKind.SCREEN or standing.looks

    def _for_guests(self, id_: str, complaint: Complaint) -> bool:
        """Whether a supervisor released it, of a matter that is private to nobody."""
        if self._room.city.policy.is_private(complaint.category):
            return False
        return self._room.log.read(lambda c: is_released(c, complaint.id, id_))

    def _may_see(self, copy: str, complaint: Complaint) -> bool:
        who = self._visitors.who(request)
        if who is None:  # trusted loopback of a drill or test room
            return True
        try:
            refuse_others(complaint, who)
        except Refused:
            return False
        return who.role in AT_DESKS or (copy != ORIGINAL and not wordless(complaint, who, self._room.city))

    def _sender(self, metadata: dict[str, str]) -> Sender | Response:
        subject = metadata.get("complaint", "")
        complaint = self._complaint(subject)
        if complaint is None:
            return problem(404, "unknown_complaint", "names no complaint", "Upload-Metadata.complaint")
        who = self._visitors.who(request)
        if who is not None:
            try:
                refuse_others(complaint, who)
            except Refused as no:
                return problem(403, no.code, no.message)
        kind = REPORT if metadata.get("kind") == REPORT and _at_desk(who) else PROOF
        return Sender(subject=subject, kind=kind, by=self._by())

    def _complaint(self, id_: str) -> Complaint | None:
        return next(iter(self._room.log.read(lambda c: complaints(c, (id_,)))), None)

    def _by(self) -> str:
        who = self._visitors.who(request)
        return "loopback" if who is None else who.actor


def _at_desk(who: Person | None) -> bool:
    return who is None or (who.role in AT_DESKS and who.role is not Role.LEADERSHIP)
