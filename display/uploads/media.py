"""Content on its way out: clean and small copies for whoever may see the complaint, the original for the desk."""

import logging
from collections.abc import Iterator, Mapping

from flask import Response, request
from werkzeug.http import parse_range_header

from liveroom.domain.complaints.proof import Form
from liveroom.log.uploads import Upload, UploadState
from liveroom.media.store import MediaStore, NotKept, StoreAway
from liveroom.runtime.http_input import problem

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
    except NotKept:
        return problem(404, "no_content", "there is no content (any more)")
    except StoreAway as error:
        log.warning("%s", error)
        return problem(503, "store", "pictures cannot be read just now", retry_after=10)


def _blocks(store: MediaStore, name: str, start: int, end: int) -> Iterator[bytes]:
    """What was promised, or less: whoever reads it sees by its length that the end is missing."""
    try:
        yield from store.read(name, start, end)
    except (NotKept, StoreAway) as error:
        log.warning("the rest of a picture was not sent: %s", error)


def _form(form: Form, copy: str) -> str:
    if copy == ORIGINAL or (copy == CLEAN and form.moving):
        return form.value
    return Form.JPEG.value


def _range(size: int) -> tuple[int, int]:
    """The one range of bytes asked for; all of it where none, several or a senseless one is asked for."""
    asked = parse_range_header(request.headers.get("Range"))
    found = asked.range_for_length(size) if asked is not None and asked.units == "bytes" else None
    return (0, size) if found is None else (found[0] or 0, found[1] or size)


def _disposition(one: Upload, form: str, copy: str) -> str:
    """An original is only ever downloaded; no name of a sender's file is in it."""
    ending = ENDINGS.get(form, form.partition("/")[2])
    return f'{"attachment" if copy == ORIGINAL else "inline"}; filename="{one.kind}-{one.id[:8]}.{ending}"'
