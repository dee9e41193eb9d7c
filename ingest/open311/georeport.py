"""Open311 GeoReport v2 on the wire: documents as XML and JSON, addresses with a format at their end, parameters, times.

It knows the protocol and nothing of the room. Written is what the specification says and strict clients expect: bare
arrays, ids as text, an empty element or null for what is not there. Read is what clients are known to send.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, SubElement, tostring
from zoneinfo import ZoneInfo

import msgspec
from flask import Request, Response
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from liveroom.runtime.http_input import TooLarge, in_utf8, read_bytes

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
XML, JSON = "xml", "json"
TYPES: Mapping[str, str] = {XML: "text/xml", JSON: "application/json"}
# By the name of a list, that of each of its elements in XML.
ELEMENTS: Mapping[str, str] = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
}
URLENCODED, MULTIPART = FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# Bytes of a form, its fields, and bytes of one that brings files along, which are read and dropped.
LARGEST_FORM, MOST_FIELDS, LARGEST_UPLOAD = 256 * 1024, 500, 8 * 1024 * 1024
# What XML 1.0 cannot hold, however it is escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class RequestRefused(Exception):
    """The request is refused with an HTTP status and a text for each fault."""

    def __init__(self, status: int, *faults: str, retry_after: int | None = None) -> None:
        """``retry_after`` in seconds."""
        super().__init__(status, faults)
        self.status, self.faults, self.retry_after = status, faults, retry_after


# Documents.


def document(root: str, value: Any, form: str, status: int = 200, *, bare: bool = False) -> Response:
    """The answer: ``value`` (a mapping or a list of them) in ``form``; ``root`` names it in XML.

    ``bare``: the content type has no charset, which some validators of discovery documents insist on.
    """
    body = msgspec.json.encode(value) if form == JSON else _xml(root, value)
    kind = TYPES[form] if bare else f"{TYPES[form]}; charset=utf-8"
    headers = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
    return Response(body, status, headers, content_type=kind)


def refusal(fault: RequestRefused, form: str) -> Response:
    """The errors as the specification has them: a list, each with the status as its code."""
    errors = [{"code": fault.status, "description": one} for one in fault.faults]
    response = document("errors", errors, form, fault.status)
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response


def _xml(root: str, value: Any) -> bytes:
    top = Element(root)
    _fill(top, root, value)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + bytes(tostring(top, encoding="utf-8"))


def _fill(element: Element, name: str, value: Any) -> None:
    if isinstance(value, Mapping):
        for key, part in value.items():
            _fill(SubElement(element, key), key, part)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for part in value:
            _fill(SubElement(element, ELEMENTS[name]), ELEMENTS[name], part)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = _NOT_XML.sub("\ufffd", str(value))


# Addresses.


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an address names: ``collection`` such as ``requests``, ``key`` of one of it or "", and the format.

    ``known``: whether the format is one that there is; for another one the errors are XML.
    """

    collection: str
    key: str = ""
    form: str = XML
    known: bool = True


def target_of(rest: str, asked: Request) -> Target:
    """The target of an address behind the endpoint's; the last .xml or .json is its format, without one Accept is.

    A code or an id may hold dots and slashes of its own.
    """
    path, _, suffix = rest.strip("/").rpartition(".")
    if not path or suffix.lower() not in TYPES:
        path, suffix = rest.strip("/"), ""
    collection, _, key = path.partition("/")
    form = suffix.lower() or _accepted(asked)
    if not suffix and not key and "." in collection:
        return Target(collection=collection.partition(".")[0], known=False)
    return Target(collection=collection, key=key.lstrip("/"), form=form)


def _accepted(asked: Request) -> str:
    best = asked.accept_mimetypes.best_match(["text/xml", "application/xml", "application/json"])
    return JSON if best == "application/json" else XML


# Parameters: an empty one is a missing one.


class Parameters:
    """The parameters of a request, from its address and its form; the form comes first."""

    def __init__(self, *values: MultiDict[str, str]) -> None:
        self._values = values

    def one(self, *names: str) -> str | None:
        """The first value of the first of these names that has one, without blanks around it."""
        found = (said for name in names for values in self._values for said in values.getlist(name))
        return next((said.strip() for said in found if said.strip()), None)

    def each(self, name: str) -> list[str]:
        """Every value of a parameter that may be repeated."""
        return [said.strip() for values in self._values for said in values.getlist(name) if said.strip()]

    def listed(self, name: str) -> list[str]:
        """The values of one that may be repeated and may hold several with commas between, each once."""
        parts = (part.strip() for said in self.each(name) for part in said.split(","))
        return list(dict.fromkeys(part for part in parts if part))

    def attributes(self) -> dict[str, list[str]]:
        """By code the values of ``attribute[CODE]`` and ``attribute[CODE][]``."""
        found: dict[str, list[str]] = {}
        for name in dict.fromkeys(key for values in self._values for key in values):
            if (known := _ATTRIBUTE.fullmatch(name)) is not None and (said := self.each(name)):
                found.setdefault(known[1], []).extend(said)
        return found


_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,128})\](?:\[\])?")


def read_form(asked: Request) -> MultiDict[str, str]:
    """The fields of a posted form, urlencoded or multipart; files in it are dropped.

    Raises RequestRefused, TooLarge, and BadJson for a body that is cut off or too slow.
    """
    if not in_utf8(asked):
        raise RequestRefused(400, "the form must be UTF-8")
    if asked.mimetype == MULTIPART:
        return _multipart(asked)
    # Without a declared type it is taken for what the specification says.
    if asked.mimetype not in (URLENCODED, ""):
        raise RequestRefused(400, f"the body must be a form: {URLENCODED}")
    asked.max_content_length = LARGEST_FORM
    raw = read_bytes(asked, LARGEST_FORM)
    try:
        said = raw.decode("utf-8")
        pairs = parse_qsl(said, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=MOST_FIELDS)
    except UnicodeDecodeError:
        raise RequestRefused(400, "the form is not UTF-8") from None
    except ValueError:
        raise RequestRefused(400, f"the form may have at most {MOST_FIELDS} fields") from None
    return MultiDict(pairs)


class _Dropped:
    """A file that nobody keeps."""

    def write(self, piece: bytes) -> int:
        return len(piece)

    def seek(self, *_where: int) -> int:
        return 0


def _dropped(*_facts: object, **_more: object) -> IO[bytes]:
    return _Dropped()  # type: ignore[return-value]  # all that the parser asks of it


def _multipart(asked: Request) -> MultiDict[str, str]:
    asked.max_content_length = LARGEST_UPLOAD
    parser = FormDataParser(_dropped, LARGEST_FORM, LARGEST_UPLOAD, silent=False, max_form_parts=MOST_FIELDS)
    try:
        _, form, _ = parser.parse(asked.stream, asked.mimetype, asked.content_length, asked.mimetype_params)
    except RequestEntityTooLarge:
        raise TooLarge(f"the form may have at most {LARGEST_UPLOAD} bytes, its fields {LARGEST_FORM}") from None
    except ValueError:
        raise RequestRefused(400, "the form is cut off, or its parts are not told apart") from None
    # The parser gives a part without a name none.
    if any(name is None for name in form):
        raise RequestRefused(400, "each part of the form needs a name")
    # The parser puts this sign for bytes that are no UTF-8.
    if any("\ufffd" in part for pair in form.items(multi=True) for part in pair):
        raise RequestRefused(400, "the form is not UTF-8")
    return form


# Numbers and times.

_NUMBER = re.compile(r"[+-]?(\d{1,24}(\.\d{0,24})?|\.\d{1,24})", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)


def number_of(said: str) -> float | None:
    """A decimal number with a point; None for anything else, such as NaN or one with a comma."""
    return float(said) if _NUMBER.fullmatch(said) else None


def whole_of(said: str) -> int | None:
    """A whole number from 0 to 999,999,999; None for anything else."""
    return int(said) if _WHOLE.fullmatch(said) else None


def end_of(moment: datetime) -> datetime:
    """The moment up to which a bound that is included reaches: answers have whole seconds, so its whole second."""
    return moment.replace(microsecond=0) + timedelta(seconds=1)


def written(moment: datetime, zone: ZoneInfo) -> str:
    """The time as answers have it: the city's, in whole seconds, with its offset."""
    return moment.astimezone(zone).isoformat(timespec="seconds")
