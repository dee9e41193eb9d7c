"""A bounded GET of a document of somebody else's server, which may say that nothing has changed since the last one.

What comes is unpacked by hand, so that a small body cannot become a large one. A redirect is not followed, and a name
that leads into a private network is not asked unless the settings say that the server stands inside.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from liveroom import __version__
from liveroom.courier.http import line_of, retry_after
from liveroom.runtime.http_client import BoundedClient, InternalAddress, NoReplyError, meant_inside, retryable
from liveroom.runtime.time import system_now

if TYPE_CHECKING:
    import httpx

# Bytes of a document, packed and unpacked, and a block of it; 1,000 rows of a talkative city have 3 MB.
LARGEST_PACKED, LARGEST, BLOCK = 8 << 20, 24 << 20, 1 << 16
NOT_MODIFIED, REDIRECTS = 304, range(300, 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheMarks:
    """By what an answer is asked for again: its ETag, and its Last-Modified."""

    etag: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalAnswer:
    """An answer: ``body`` unpacked; ``date``: the server's own time; ``unchanged``: there is none since the marks."""

    body: bytes = b""
    marks: CacheMarks = CacheMarks()
    date: datetime | None = None
    unchanged: bool = False


class PeerAway(Exception):
    """No answer, or one that says to come again later: after ``seconds``, where it says so."""

    def __init__(self, why: str, seconds: float = 0.0) -> None:
        super().__init__(why)
        self.seconds = seconds


class PeerRefusal(Exception):
    """The server does not answer this, now or later; ``status`` is HTTP's, 0 where it was not asked at all.

    ``body``: what it said instead.
    """

    def __init__(self, status: int, why: str, body: bytes = b"") -> None:
        super().__init__(why)
        self.status = status
        self.body = body


class BadDocument(Exception):
    """What came cannot be read: cut off, too large, or packed in a way that was not asked for."""


def fetch(
    client: BoundedClient, url: str, *, who: str, headers: Mapping[str, str], marks: CacheMarks, inside: bool
) -> ConditionalAnswer:
    """GET a document on a connection of its own, 30 s at most.

    ``who``: what this is for, told to the server; ``inside``: its name may lead into a private network. Raises
    PeerAway, PeerRefusal, BadDocument.
    """
    # One server's deflate is broken, so it is not asked for.
    said = {"User-Agent": f"Liveroom/{__version__} ({who})", "Accept-Encoding": "gzip, identity", **headers}
    if marks.etag:
        said["If-None-Match"] = marks.etag
    if marks.modified:
        said["If-Modified-Since"] = marks.modified
    try:
        allowed = meant_inside(url, said=inside)
        with client.request_outside("GET", url, inside=allowed, headers=said) as answer:
            return _fetched(answer)
    except InternalAddress as error:
        raise PeerRefusal(0, str(error)) from error
    except NoReplyError as error:
        raise PeerAway(f"{error}: {type(error.__cause__ or error).__name__}") from error
    except OSError as error:
        raise PeerAway("the server's name cannot be looked up, or nobody is there") from error
    except ValueError as error:
        raise PeerRefusal(0, "its address is none") from error


def _fetched(answer: "httpx.Response") -> ConditionalAnswer:
    status, headers = answer.status_code, answer.headers
    date = _http_date(headers.get("Date"))
    if status == NOT_MODIFIED:
        return ConditionalAnswer(unchanged=True, date=date)
    if status in REDIRECTS:
        raise PeerRefusal(status, "it sends to another address, and redirects are not followed")
    if retryable(status):
        wait = retry_after(headers.get("Retry-After"), system_now()).total_seconds()
        raise PeerAway(f"the server answered {status}", wait)
    body = _body(answer)
    if not answer.is_success:
        raise PeerRefusal(status, f"the server answered {status}", body)
    return ConditionalAnswer(
        body=body, marks=CacheMarks(etag=headers.get("ETag"), modified=headers.get("Last-Modified")), date=date
    )


def _http_date(said: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(said or "")
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)


def _body(answer: "httpx.Response") -> bytes:
    """The whole body, unpacked by hand so that a small one cannot become a large one."""
    packed = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if packed not in ("gzip", "x-gzip", "identity", ""):
        raise BadDocument(f"it is packed as {line_of(packed)!r}, which was not asked for")
    unpack = zlib.decompressobj(wbits=31) if "gzip" in packed else None
    size, found = 0, bytearray()
    for block in answer.iter_raw(BLOCK):
        size += len(block)
        try:
            found += block if unpack is None else unpack.decompress(block, LARGEST + 1 - len(found))
        except zlib.error as error:
            raise BadDocument("what is said to be gzip is none") from error
        if (size > LARGEST_PACKED and unpack is not None) or len(found) > LARGEST:
            raise BadDocument(f"the answer is larger than {LARGEST >> 20} MB")
    if unpack is not None and size and not unpack.eof:
        raise BadDocument("the answer is cut off")
    return bytes(found)
