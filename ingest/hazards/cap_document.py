"""A document of the Common Alerting Protocol (OASIS, 1.2 and 1.1), read from XML within bounds.

No DTD, no entity, bounded in bytes, depth, elements, polygons and points. A fault names its element as a path
(``info[0].area[2].polygon[0]``). What a screen may show is plain text: without control signs, addresses of the web and
more than a page has room for; elements that the room has no use for (contact, resource, signatures) are left out.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from math import isfinite
from typing import NoReturn, TypeVar
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from liveroom.domain.hazards.cap_alert import (
    CapAlert,
    CapArea,
    CapInfo,
    CapReference,
    CapScope,
    CapStatus,
    HazardCertainty,
    HazardSeverity,
    HazardUrgency,
    MessageType,
    Place,
    PlaceRing,
)
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import YEARS, read

LARGEST = 2 << 20
DEEPEST, MOST_ELEMENTS = 12, 20_000
MOST_INFOS, MOST_AREAS, MOST_SHAPES, MOST_POINTS, MOST_CODES, MOST_REFERENCES = 20, 500, 500, 20_000, 5_000, 500
# Characters of a name, of a line and of a text.
NAME, LINE, TEXT = 256, 300, 4_000
MOST_WORDS = 12_000
_NAMESPACES = ("urn:oasis:names:tc:emergency:cap:1.2", "urn:oasis:names:tc:emergency:cap:1.1")
# Kilometres: half the way around the earth.
_LONGEST_RADIUS = 20_040
# What some services still write of CAP 1.0.
_OLD_WORDS = {"Very Likely": "Likely"}
# Neither a name nor a sender may have these: references are told apart by them.
_PARTS = re.compile(r"[\s,<&]")
_ADDRESS = re.compile(r"\(?\b(?:https?://|www\.)\S+", re.IGNORECASE)
# Control signs, and those that turn the direction of what stands beside them.
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_COORDINATE = re.compile(r"[+-]?\d{1,3}(?:\.\d{1,20})?", re.ASCII)
_RADIUS = re.compile(r"\d{1,5}(?:\.\d{1,20})?", re.ASCII)

Word = TypeVar("Word", bound=StrEnum)
Shape = TypeVar("Shape")


def read_alert(body: bytes) -> CapAlert:
    """The document. Raises Malformed with the element at fault."""
    root = read_tree(body)
    if _name(root) != "alert" or _space(root) not in _NAMESPACES:
        raise Malformed("alert", "must be the root, in the namespace of CAP 1.2 (urn:oasis:names:tc:emergency:cap:1.2)")
    return _Reader(_space(root)).alert(root)


# XML within bounds.


class _BoundedTree(TreeBuilder):
    """Builds the tree, and refuses what is deeper or longer than any document is."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._depth = self._elements = 0
        self._most = most

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > DEEPEST:
            raise Malformed(_local(tag), f"stands {self._depth} elements deep, at most {DEEPEST}")
        if self._elements > self._most:
            raise Malformed(_local(tag), f"is one element too many, at most {self._most}")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def read_tree(body: bytes, largest: int = LARGEST, most: int = MOST_ELEMENTS) -> Element:
    """The root of an XML document. Raises Malformed."""
    if len(body) > largest:
        raise Malformed("", f"is larger than {largest} bytes")
    parser = XMLParser(target=_BoundedTree(most), forbid_dtd=True)
    try:
        parser.feed(body.removeprefix(b"\xef\xbb\xbf").lstrip())
        root = parser.close()
    except DefusedXmlException as error:
        raise Malformed("", "brings a DTD or an entity, which no warning needs") from error
    except (ParseError, ValueError, LookupError) as error:
        raise Malformed("", f"is no XML, or cut off: {str(error)[:120]}") from error
    if not isinstance(root, Element):
        raise Malformed("", "is no XML: it has no element")
    return root


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2][:64]


def _name(element: Element) -> str:
    return _local(element.tag)


def _space(element: Element) -> str:
    return str(element.tag).partition("}")[0].removeprefix("{") if str(element.tag).startswith("{") else ""


# The document.


def _fault(path: str, message: str) -> NoReturn:
    raise Malformed(path, message)


class _Reader:
    """Reads one document; counts what may be large over all of it."""

    def __init__(self, space: str) -> None:
        self._space = space
        self._shapes = self._points = self._areas = self._codes = 0

    def alert(self, root: Element) -> CapAlert:
        infos = [self._info(one, f"info[{n}]") for n, one in enumerate(self._bounded(root, "info", MOST_INFOS, "info"))]
        if sum(_words(info) for info in infos) > MOST_WORDS * MOST_INFOS // 2:
            _fault("info", "has more text than any warning")
        message = self._word(root, "msgType", MessageType, "")
        alert = CapAlert(
            identifier=self._part(root, "identifier"),
            sender=self._part(root, "sender"),
            sent=self._moment(root, "sent", "") or _fault("sent", "is required"),
            status=self._word(root, "status", CapStatus, ""),
            message=message,
            scope=self._word(root, "scope", CapScope, ""),
            references=tuple(self._references(root)),
            infos=tuple(infos),
        )
        if not infos and message in (MessageType.ALERT, MessageType.UPDATE):
            _fault("info", f"is required of {message}")
        if not alert.references and message is MessageType.CANCEL:
            _fault("references", "is required of Cancel: it says what is cancelled")
        return alert

    def _part(self, root: Element, name: str) -> str:
        """A part of a document's name, which is never shown as it is."""
        said = self._one(root, name, "") or _fault(name, "is required")
        if len(said) > NAME:
            _fault(name, f"is longer than {NAME} characters")
        if _PARTS.search(said) or _HIDDEN.search(said):
            _fault(name, "must have no blanks, commas, < or &")
        return said

    def _references(self, root: Element) -> Iterator[CapReference]:
        named = (self._one(root, "references", "") or "").split()
        if len(named) > MOST_REFERENCES:
            _fault("references", f"names {len(named)} documents, at most {MOST_REFERENCES}")
        for number, one in enumerate(named):
            path, parts = f"references[{number}]", one.split(",")
            if len(parts) != 3 or not all(parts):
                _fault(path, "must be sender,identifier,sent")
            yield CapReference(sender=parts[0], identifier=parts[1], sent=_moment_of(parts[2], path))

    def _info(self, info: Element, path: str) -> CapInfo:
        areas = self._bounded(info, "area", MOST_AREAS - self._areas, f"{path}.area")
        self._areas += len(areas)
        responses = [(one.text or "").strip() for one in self._all(info, "responseType")]
        return CapInfo(
            language=(self._line(info, "language", path) or "en-US").lower()[:35],
            event=self._line(info, "event", path) or _fault(f"{path}.event", "is required"),
            severity=self._word(info, "severity", HazardSeverity, path, HazardSeverity.UNKNOWN),
            urgency=self._word(info, "urgency", HazardUrgency, path, HazardUrgency.UNKNOWN),
            certainty=self._word(info, "certainty", HazardCertainty, path, HazardCertainty.UNKNOWN),
            over="AllClear" in responses,
            onset=self._moment(info, "onset", path) or self._moment(info, "effective", path),
            expires=self._moment(info, "expires", path),
            sender_name=self._line(info, "senderName", path),
            headline=self._line(info, "headline", path),
            description=self._text(info, "description", path),
            instruction=self._text(info, "instruction", path),
            areas=tuple(self._area(area, f"{path}.area[{n}]") for n, area in enumerate(areas)),
        )

    # ---- where ----

    def _area(self, area: Element, path: str) -> CapArea:
        polygons = self._shapes_of(area, "polygon", path, self._ring)
        circles = self._shapes_of(area, "circle", path, self._circle)
        codes = self._bounded(area, "geocode", MOST_CODES - self._codes, f"{path}.geocode")
        self._codes += len(codes)
        return CapArea(
            description=self._line(area, "areaDesc", path),
            polygons=tuple(polygons),
            circles=tuple(circles),
            geocodes=tuple(self._geocode(one, f"{path}.geocode[{n}]") for n, one in enumerate(codes)),
        )

    def _shapes_of(self, area: Element, name: str, path: str, read_one: Callable[[str, str], Shape]) -> list[Shape]:
        found = self._bounded(area, name, MOST_SHAPES - self._shapes, f"{path}.{name}")
        self._shapes += len(found)
        said = [((one.text or "").strip(), f"{path}.{name}[{n}]") for n, one in enumerate(found)]
        # An empty one is what some services write where there is none.
        return [read_one(text, where) for text, where in said if text]

    def _ring(self, said: str, path: str) -> PlaceRing:
        pairs = said.split()
        self._points += len(pairs)
        if self._points > MOST_POINTS:
            _fault(path, f"is beyond the {MOST_POINTS} points that a document may have")
        points = tuple(_place(pair, f"{path}, point {n}") for n, pair in enumerate(pairs))
        if len(set(points)) < 3:
            _fault(path, f"has {len(set(points))} different points, a ring has at least 3")
        # Some services forget to close it; a warning is not lost for that.
        return points if points[0] == points[-1] else (*points, points[0])

    def _circle(self, said: str, path: str) -> tuple[Place, float]:
        middle, *radius = said.split()
        if len(radius) != 1 or not _RADIUS.fullmatch(radius[0]) or float(radius[0]) > _LONGEST_RADIUS:
            _fault(path, "must be latitude,longitude and a radius in kilometres")
        return _place(middle, path), float(radius[0])

    def _geocode(self, code: Element, path: str) -> tuple[str, str]:
        name, value = self._one(code, "valueName", path) or "", self._one(code, "value", path) or ""
        if not name or not value or len(name) > NAME or len(value) > NAME:
            _fault(path, f"must have a valueName and a value of at most {NAME} characters")
        return name, value

    # ---- elements ----

    def _all(self, parent: Element, name: str) -> list[Element]:
        return parent.findall(f"{{{self._space}}}{name}")

    def _bounded(self, parent: Element, name: str, most: int, path: str) -> list[Element]:
        found = self._all(parent, name)
        if len(found) > most:
            _fault(path, "stands more often than a document may have it")
        return found

    def _one(self, parent: Element, name: str, path: str) -> str | None:
        """The text of an element that stands once; None where it is missing or empty."""
        found = self._all(parent, name)
        if len(found) > 1:
            _fault(_under(path, name), "stands twice")
        return ((found[0].text or "").strip() or None) if found else None

    def _word(self, parent: Element, name: str, words: type[Word], path: str, missing: Word | None = None) -> Word:
        """One of a closed set; where ``missing`` is given it may be left out."""
        said = self._one(parent, name, path)
        if said is None and missing is not None:
            return missing
        try:
            return words(_OLD_WORDS.get(said or "", said or ""))
        except ValueError:
            _fault(_under(path, name), f"must be one of {', '.join(words)}, not {(said or '')[:40]!r}")

    def _moment(self, parent: Element, name: str, path: str) -> datetime | None:
        said = self._one(parent, name, path)
        return None if said is None else _moment_of(said, _under(path, name))

    def _line(self, parent: Element, name: str, path: str) -> str:
        said = " ".join(_HIDDEN.sub(" ", self._one(parent, name, path) or "").split())
        return _cut(" ".join(_ADDRESS.sub(" ", said).split()), LINE)

    def _text(self, parent: Element, name: str, path: str) -> str:
        said = (self._one(parent, name, path) or "").replace("\r\n", "\n").replace("\r", "\n")
        lines = (" ".join(_HIDDEN.sub(" ", line).split()) for line in said.split("\n"))
        return _cut("\n".join(lines).strip(), TEXT)


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _words(info: CapInfo) -> int:
    return sum(map(len, (info.event, info.headline, info.description, info.instruction, info.area_description)))


def _cut(said: str, most: int) -> str:
    return said if len(said) <= most else f"{said[: most - 1].rstrip()}…"


def _moment_of(said: str, path: str) -> datetime:
    try:
        moment = read(said.strip())
        if moment.year not in YEARS:
            raise ValueError(f"outside the years {YEARS[0]} to {YEARS[-1]}")
        return moment
    except ValueError as error:
        raise Malformed(path, f"is {error}: {said[:40]!r}") from error


def _place(pair: str, path: str) -> Place:
    """``latitude,longitude`` as (longitude, latitude)."""
    lat, comma, lon = pair.partition(",")
    if not comma or not _COORDINATE.fullmatch(lat) or not _COORDINATE.fullmatch(lon):
        _fault(path, f"must be latitude,longitude, not {pair[:40]!r}")
    place = float(lon), float(lat)
    if not (isfinite(place[0]) and -180 <= place[0] <= 180 and -90 <= place[1] <= 90):
        _fault(path, f"is off the globe: {pair[:40]!r}")
    return place
