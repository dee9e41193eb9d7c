"""JSON as offices export it: an object a line, an array of objects, or the features of a GeoJSON collection.

JSON lines take flat memory at any length, a document at most 64 MiB, which is checked for depth before it is read.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from liveroom.domain.requests import Malformed
from liveroom.runtime.http_input import MAX_BYTES, BadJson, read_json, too_deep
from liveroom.tables.source_rows import BOM, SourceRow, SourceRows

MAX_ARRAY = 64 * 1024 * 1024
_BLANK = " \t\r\n"
# The member of a document in which its records stand; GeoJSON's own first.
_MEMBERS = ("features", "data", "results", "rows", "records", "items")
_MEMBER = re.compile(rf'"({"|".join(_MEMBERS)})"\s*:\s*\[')
GEOMETRY = "geometry"


class JsonLines(SourceRows):
    """JSONL: one object a line; a line that is none is a fault of its own."""

    def __init__(self, path: Path) -> None:
        """Remember where; nothing is read yet."""
        self._path = path

    @property
    def said(self) -> Mapping[str, str]:
        """Only its kind: JSON is UTF-8."""
        return {"kind": "jsonl"}

    def __iter__(self) -> Iterator[SourceRow]:
        """Each line that is not blank."""
        with self._path.open("rb") as file:
            line = 0
            while raw := file.readline(MAX_BYTES + 1):
                line += 1
                cut, first = len(raw) > MAX_BYTES, raw
                while cut and raw and not raw.endswith(b"\n"):
                    raw = file.readline(MAX_BYTES + 1)
                if cut:
                    yield _row(line, file.tell(), None, f"the line is longer than {MAX_BYTES} bytes", first)
                elif text := raw.removeprefix(BOM).strip():
                    yield _parsed(line, file.tell(), text)


class JsonArray(SourceRows):
    """One array of objects, or the one in a document; read whole.

    A feature of GeoJSON is its properties, with its ``geometry`` beside them. Raises Malformed("file") for what is too
    large, too deep or no UTF-8, and where there is no array of objects.
    """

    def __init__(self, path: Path) -> None:
        """Check ``path`` before anything is taken from it."""
        if path.stat().st_size > MAX_ARRAY:
            raise Malformed(
                "file", f"one document may have at most {MAX_ARRAY} bytes; write one object a line (.jsonl)"
            )
        raw = path.read_bytes().removeprefix(BOM)
        if too_deep(raw):
            raise Malformed("file", "brackets nest too deep")
        try:
            self._text = raw.decode()
        except UnicodeDecodeError as error:
            raise Malformed("file", f"not UTF-8 at byte {error.start}") from None
        self._whole = self._text.lstrip().startswith("[")
        member = None if self._whole else _MEMBER.search(self._text)
        if not self._whole and member is None:
            raise Malformed("file", "is one JSON object without an array of objects in it")
        self._begins = self._text.index("[") + 1 if member is None else member.end()
        self._features = member is not None and member[1] == "features"

    @property
    def said(self) -> Mapping[str, str]:
        """Whether it is GeoJSON."""
        return {"kind": "geojson" if self._features else "json"}

    def __iter__(self) -> Iterator[SourceRow]:
        """Each item. The first place that is no JSON is a fault and the end: items after it cannot be found."""
        decoder, text = json.JSONDecoder(), self._text
        at, line = self._skip(self._begins, ","), 1
        counted = 0
        while at < len(text) and text[at] != "]":
            line, counted = line + text.count("\n", counted, at), at
            try:
                value, end = decoder.raw_decode(text, at)
            except (json.JSONDecodeError, ValueError) as error:
                yield _row(line, at, None, f"not JSON from here on: {error}", text[at : at + MAX_BYTES].encode())
                return
            yield _row(line, end, _record(value) if self._features else value, None, text[at:end].encode())
            at = self._skip(end, ",")
        rest = self._skip(at + 1, "")
        if at >= len(text):
            yield self._end(at, "the array has no end: is the file cut off?")
        elif rest < len(text) and self._whole:
            yield self._end(rest, "something stands behind the array: it is not read")

    def _end(self, at: int, fault: str) -> SourceRow:
        return _row(self._text.count("\n", 0, at) + 1, at, None, fault)

    def _skip(self, at: int, more: str) -> int:
        """The next place that is neither blank nor a separator."""
        while at < len(self._text) and self._text[at] in _BLANK + more:
            at += 1
        return at


def is_one_document(path: Path) -> bool:
    """Whether a file that begins with a brace is one object or GeoJSON, and not an object a line."""
    with path.open("rb") as file:
        first = file.readline(MAX_BYTES + 1).removeprefix(BOM).strip()
        rest = file.read(1024).strip()
    if len(first) > MAX_BYTES:
        return _MEMBER.search(first.decode("utf-8", "replace")) is not None
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        return not rest.startswith(b"{") and not first.endswith(b"}")
    if not isinstance(value, dict) or rest:
        return isinstance(value, dict) and isinstance(value.get("features"), list)
    return any(isinstance(one, list) and one and isinstance(one[0], dict) for one in map(value.get, _MEMBERS))


def _record(feature: Any) -> Any:
    """A feature as one flat record: its properties, its place, and its id where they have none."""
    if not isinstance(feature, dict):
        return feature
    properties = feature.get("properties")
    found = dict(properties) if isinstance(properties, dict) else {}
    if "id" in feature:
        found.setdefault("id", feature["id"])
    return {**found, GEOMETRY: feature.get("geometry")}


def _parsed(line: int, offset: int, text: bytes) -> SourceRow:
    try:
        return _row(line, offset, read_json(text), None, text)
    except BadJson as error:
        return _row(line, offset, None, str(error), text)


def _row(line: int, offset: int, value: Any, fault: str | None, raw: bytes = b"") -> SourceRow:
    """A row of a value, which must be an object."""
    if fault is None and not isinstance(value, dict):
        fault = "must be an object"
    values = value if isinstance(value, dict) else {}
    no = Malformed("", fault) if fault else None
    return SourceRow(line=line, offset=offset, values=values, fault=no, raw=raw.decode("utf-8", "backslashreplace"))
