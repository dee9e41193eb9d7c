"""Reads JSON objects from a file: one a line (JSONL) at any length, or one array of bounded size."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.rows import Row, Rows
from liveroom.domain.requests import Malformed
from liveroom.runtime.http_input import MAX_BYTES, BadJson, read_json, too_deep

MAX_ARRAY = 64 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_BLANK = " \t\r\n"


class JsonLines(Rows):
    """One object a line; a line that is none is a fault of its own."""

    def __init__(self, path: Path) -> None:
        """Remember where; nothing is read yet."""
        self._path = path

    def __iter__(self) -> Iterator[Row]:
        """Each line that is not blank."""
        with self._path.open("rb") as file:
            line = 0
            while raw := file.readline(MAX_BYTES + 1):
                line += 1
                cut = len(raw) > MAX_BYTES
                while cut and raw and not raw.endswith(b"\n"):
                    raw = file.readline(MAX_BYTES + 1)
                if cut:
                    yield _row(line, file.tell(), None, f"the line is longer than {MAX_BYTES} bytes")
                elif text := raw.removeprefix(_BOM).strip():
                    yield _parsed(line, file.tell(), text)


class JsonArray(Rows):
    """One array of objects, read whole. Raises Malformed("file") when it is too large, too deep or no UTF-8."""

    def __init__(self, path: Path) -> None:
        """Check ``path`` before anything is taken from it."""
        if path.stat().st_size > MAX_ARRAY:
            raise Malformed("file", f"an array may have at most {MAX_ARRAY} bytes; write one object a line (.jsonl)")
        raw = path.read_bytes().removeprefix(_BOM)
        if too_deep(raw):
            raise Malformed("file", "brackets nest too deep")
        try:
            self._text = raw.decode()
        except UnicodeDecodeError as error:
            raise Malformed("file", f"not UTF-8 at byte {error.start}") from None

    def __iter__(self) -> Iterator[Row]:
        """Each item; at the first place that is no JSON a fault, and the end: nothing after it can be told apart."""
        decoder, text = json.JSONDecoder(), self._text
        at, line = self._skip(text.index("[") + 1, ","), 1
        counted = 0
        while at < len(text) and text[at] != "]":
            line, counted = line + text.count("\n", counted, at), at
            try:
                value, end = decoder.raw_decode(text, at)
            except (json.JSONDecodeError, ValueError) as error:
                yield _row(line, at, None, f"not JSON from here on: {error}")
                return
            yield _row(line, end, value, None)
            at = self._skip(end, ",")
        rest = self._skip(at + 1, "")
        if at >= len(text):
            yield self._end(at, "the array has no end: is the file cut off?")
        elif rest < len(text):
            yield self._end(rest, "something stands behind the array: it is not read")

    def _end(self, at: int, fault: str) -> Row:
        return _row(self._text.count("\n", 0, at) + 1, at, None, fault)

    def _skip(self, at: int, more: str) -> int:
        """The next place that is neither blank nor a separator."""
        while at < len(self._text) and self._text[at] in _BLANK + more:
            at += 1
        return at


def _parsed(line: int, offset: int, text: bytes) -> Row:
    """A row of one line's JSON."""
    try:
        return _row(line, offset, read_json(text), None)
    except BadJson as error:
        return _row(line, offset, None, str(error))


def _row(line: int, offset: int, value: Any, fault: str | None) -> Row:
    """A row of a value, which must be an object."""
    if fault is None and not isinstance(value, dict):
        fault = "must be an object"
    values = value if isinstance(value, dict) else {}
    return Row(line=line, offset=offset, values=values, fault=Malformed("", fault) if fault else None)
