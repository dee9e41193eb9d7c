"""Open311 GeoReport v2 from the client's side: a bounded GET of a list, and the rows of it as cities really send them.

What comes is taken for what it is and not for what its header says: JSON or XML (never a DTD or an entity), bare lists,
wrapped ones and single objects. How it is asked for is in `conditional_get`.
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from liveroom.courier.conditional_get import BadDocument, CacheMarks, ConditionalAnswer, PeerAway, PeerRefusal, fetch
from liveroom.courier.http import line_of
from liveroom.domain.fields import web_address
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import time_of
from liveroom.runtime.http_client import BoundedClient, retryable

DEEPEST = 8
# By these names lists are found wrapped in an object.
WRAPPERS = ("service_requests", "requests", "request", "service_request_updates", "request_updates", "errors")
# A row of a list has one of these, an error has none.
KEYS = ("service_request_id", "token", "update_id")
# A row that comes without the list around it.
ELEMENTS = ("request", "service_request", "request_update", "error")
MOST_MEDIA, LONGEST_MEDIA = 20, 2048
# What FixMyStreet, CitySDK and others write for a request that is over; every other word is an open one.
CLOSED_WORDS = frozenset(
    {
        *("closed", "fixed", "resolved", "completed", "complete", "done", "duplicate", "cancelled", "canceled"),
        *("no_further_action", "not_councils_responsibility", "rejected", "archived"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A server: ``url`` is its endpoint, ``zone`` that of its times without an offset, ``form`` json or xml.

    ``inside``: its name may lead into a private network.
    """

    url: str
    key: str | None = field(default=None, repr=False)
    jurisdiction: str | None = None
    form: str = "json"
    zone: tzinfo = UTC
    inside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerAnswer:
    """An answer: its rows, by which marks it is asked for again (ETag, Last-Modified), and the server's own time.

    ``unchanged``: it is the one that has the marks which were sent along.
    """

    rows: Sequence[Any] = ()
    etag: str | None = None
    modified: str | None = None
    date: datetime | None = None
    unchanged: bool = False


class Open311Client:
    """Reads one server; each request on a connection of its own, 30 s at most."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._client = BoundedClient()

    def read(
        self, what: str, asked: Mapping[str, str], *, key: str = "", marks: PeerAnswer | None = None
    ) -> PeerAnswer:
        """The list ``what`` (requests, tokens, servicerequestupdates), or of it what has the id ``key``.

        ``marks``: those of an earlier answer to the same question. Raises PeerAway, PeerRefusal, BadDocument.
        """
        path = f"{what}/{quote(key, safe='')}" if key else what
        try:
            answer = fetch(
                self._client,
                self._address(path, asked),
                who="Open311",
                headers=self._headers(),
                marks=CacheMarks() if marks is None else CacheMarks(etag=marks.etag, modified=marks.modified),
                inside=self._peer.inside,
            )
        except PeerRefusal as error:
            raise PeerRefusal(error.status, f"{error}{_first_error(error.body)}") from error
        return _listing(answer)

    def _address(self, path: str, asked: Mapping[str, str]) -> str:
        said = {**({"jurisdiction_id": self._peer.jurisdiction} if self._peer.jurisdiction else {}), **asked}
        query = f"?{urlencode(said)}" if said else ""
        return f"{self._peer.url.rstrip('/')}/{path}.{self._peer.form}{query}"

    def _headers(self) -> Mapping[str, str]:
        kinds = "application/json" if self._peer.form == "json" else "text/xml, application/xml"
        return {"Accept": kinds, **({"Authorization": f"Bearer {self._peer.key}"} if self._peer.key else {})}


def _listing(answer: ConditionalAnswer) -> PeerAnswer:
    if answer.unchanged:
        return PeerAnswer(unchanged=True, date=answer.date)
    rows = document_rows(answer.body)
    if rows and all(map(_is_error, rows)):
        raise _told(rows[0])
    return PeerAnswer(rows=rows, etag=answer.marks.etag, modified=answer.marks.modified, date=answer.date)


def _is_error(row: Any) -> bool:
    """Whether an error stands where a request should: some servers answer 200 with one."""
    return isinstance(row, Mapping) and "code" in row and not any(text_in(row, name) for name in KEYS)


def _told(error: Mapping[str, Any]) -> PeerAway | PeerRefusal:
    """What an answer of errors alone means, by the code in it."""
    code, said = text_in(error, "code"), line_of(text_in(error, "description"))
    status = int(code) if re.fullmatch(r"[1-9]\d\d", code, re.ASCII) else 400
    why = f"the server answered with error {status}{said and f': {said}'}"
    return PeerAway(why) if retryable(status) else PeerRefusal(status, why)


def _first_error(body: bytes) -> str:
    try:
        rows = document_rows(body)
    except BadDocument:
        return ""
    said = rows[0].get("description") if rows and isinstance(rows[0], dict) else None
    return f": {line_of(said)}" if isinstance(said, str) and said else ""


# Documents.


def document_rows(body: bytes) -> list[Any]:
    """The rows of a document, JSON or XML as its first letter says. Raises BadDocument."""
    text = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise BadDocument("the answer is empty")
    return _rows_of_xml(text) if text.startswith(b"<") else _rows_of_json(text)


def _rows_of_json(text: bytes) -> list[Any]:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        try:
            value = _mended_json(text)
        except (ValueError, RecursionError):
            raise BadDocument(f"the answer is no JSON, or cut off: {line_of(str(error))}") from error
    if isinstance(value, dict):
        inner = next((value[name] for name in WRAPPERS if isinstance(value.get(name), list)), None)
        return [value] if inner is None else inner
    if isinstance(value, list):
        return value
    raise BadDocument("the answer is no list")


def _mended_json(text: bytes) -> Any:
    """JSON with half a character, a bare line break or no number in it: one bad row must not keep back all others.

    Raises ValueError, RecursionError.
    """
    value = json.loads(text.decode("utf-8", "replace"), strict=False, parse_constant=lambda _name: None)
    return msgspec.json.decode(json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace"))


# What XML 1.0 cannot hold: control characters, as they are and by number.
_NO_XML = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));", re.IGNORECASE
)
_OTHER_CODE = re.compile(rb"<\?xml[^>]{0,80}encoding=.(?!utf-8)", re.IGNORECASE)


def _tree(text: bytes) -> Element:
    """The root element, also where signs stand in it that XML cannot hold. Raises as ``fromstring`` does."""
    try:
        return fromstring(text, forbid_dtd=True)
    except ParseError:
        whole = text if _OTHER_CODE.match(text) else text.decode("utf-8", "replace").encode()
        return fromstring(_NO_XML.sub(b"", whole), forbid_dtd=True)


def _rows_of_xml(text: bytes) -> list[Any]:
    if text[:64].lower().startswith((b"<!doctype html", b"<html")):
        raise BadDocument("the answer is a page of HTML")
    try:
        root = _tree(text)
    except DefusedXmlException as error:
        raise BadDocument("the answer's XML brings a DTD or entities") from error
    except (ParseError, ValueError, LookupError) as error:
        raise BadDocument(f"the answer is no XML, or cut off: {line_of(str(error))}") from error
    if _name(root) == "html":
        raise BadDocument("the answer is a page of HTML")
    if _name(root) in ELEMENTS:
        return [_value(root, DEEPEST)]
    return [_value(one, DEEPEST) for one in root]


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _value(element: Element, depth: int) -> Any:
    """Text, or an object of the children; a name that stands several times holds a list."""
    if not len(element):
        return (element.text or "").strip() or None
    if depth == 0:
        return None
    found: dict[str, Any] = {}
    for child in element:
        name, value = _name(child), _value(child, depth - 1)
        if name in found:
            before = found[name]
            found[name] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            found[name] = value
    return found


# Rows.

_DEGREES = re.compile(r"[+-]?\d{1,3}(\.\d{0,30})?(e-\d{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A service request: "" and None where nothing is said, times aware UTC, degrees in WGS 84, both or neither.

    ``word``: its status in small letters with ``_``; ``closed``: whether that means that it is over; ``notes``: the
    words beside it, without markup; ``media``: links.
    """

    id: str
    token: str
    word: str
    closed: bool
    notes: str
    code: str
    name: str
    description: str
    address: str
    lat: float | None
    lon: float | None
    requested: datetime | None
    updated: datetime | None
    media: tuple[str, ...]


def request_row(row: Any, zone: tzinfo) -> RequestRow:
    """One row of a list. Raises Malformed naming the field for what cannot be understood."""
    if not isinstance(row, Mapping):
        raise Malformed("", "must be an object")
    word = status_word(text_in(row, "status"))
    lat, lon = _place(row)
    return RequestRow(
        id=text_in(row, "service_request_id"),
        token=text_in(row, "token"),
        word=word,
        closed=word in CLOSED_WORDS,
        notes=plain(text_in(row, "status_notes", "status_note")),
        code=text_in(row, "service_code"),
        name=text_in(row, "service_name"),
        description=text_in(row, "description"),
        address=text_in(row, "address", "address_string"),
        lat=lat,
        lon=lon,
        requested=time_in(row, "requested_datetime", zone),
        updated=time_in(row, "updated_datetime", zone),
        media=links_in(row),
    )


def text_in(row: Mapping[str, Any], *names: str) -> str:
    """The first of these that says something, as text: ids and codes come as numbers too."""
    for name in names:
        value = row.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).replace("\r\n", "\n").strip()
    return ""


def time_in(row: Mapping[str, Any], name: str, zone: tzinfo) -> datetime | None:
    """A time; None where nothing is said. Raises Malformed for what is none."""
    said = text_in(row, name)
    try:
        return time_of(said, zone) if said else None
    except ValueError as error:
        raise Malformed(name, str(error)) from error


def status_word(said: str) -> str:
    """``NO FURTHER-ACTION`` is ``no_further_action``."""
    return re.sub(r"[\s_-]+", "_", said.strip().lower())[:64]


def plain(said: str) -> str:
    """Words without the markup that some servers put into notes."""
    if "<" not in said and "&" not in said:
        return said
    without = re.sub(r"<(?:br|/p|/li|/div)\b[^<>]*>", "\n", said, flags=re.IGNORECASE)
    lines = html.unescape(re.sub(r"</?[a-zA-Z][^<>]*>", " ", without)).replace("\xa0", " ").splitlines()
    return "\n".join(line for line in (" ".join(one.split()) for one in lines) if line)


def links_in(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The links of ``media_url``, one or a list, each once; what is no address is left out. None is fetched."""
    said = row.get("media_url")
    found: list[str] = []
    for one in said if isinstance(said, list) else [said]:
        link = one.get("media_url") if isinstance(one, Mapping) else one
        try:
            found += [web_address(link.strip(), "", LONGEST_MEDIA)] if isinstance(link, str) and link.strip() else []
        except Malformed:
            continue
    return tuple(dict.fromkeys(found))[:MOST_MEDIA]


def _place(row: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Latitude and longitude; none for half of them and for 0, 0; a pair that only fits turned round is turned."""
    lat, lon = _degrees(row, "lat"), _degrees(row, "long")
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return None, None
    return (lon, lat) if abs(lat) > 90 >= abs(lon) and abs(lat) <= 180 else (lat, lon)


def _degrees(row: Mapping[str, Any], name: str) -> float | None:
    said = text_in(row, name)
    if not said:
        return None
    if not _DEGREES.fullmatch(said):
        raise Malformed(name, "must be a number of degrees")
    return float(said)
