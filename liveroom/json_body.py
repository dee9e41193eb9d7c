"""From bytes of a stranger to a JSON value, within bounds that no input can break; what it means is for intake.py."""

import json
import re
from typing import Any

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
_INT_DIGITS = 20

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_DEEP_RUN = re.compile(rb"[\[{]{%d}" % (MAX_DEPTH + 1))
_BOM = b"\xef\xbb\xbf"


class TooLarge(Exception):
    """More bytes or more items than one request may bring; the text says which."""


class BadJson(Exception):
    """No JSON in UTF-8, nested deeper than MAX_DEPTH, or not here in time; ``code`` tells them apart."""

    def __init__(self, code: str, message: str) -> None:
        """``code`` is the problem document's."""
        super().__init__(message)
        self.code = code

    @property
    def status(self) -> int:
        """The answer's, over HTTP."""
        return 408 if self.code == "too_slow" else 400


def too_deep(raw: bytes) -> bool:
    """True when brackets outside strings nest deeper than MAX_DEPTH (or so many stay open that no JSON can come of it).

    Each round takes the innermost pairs away, so the cost is MAX_DEPTH scans in C and never a recursion.
    """
    brackets = _STRING.sub(b"", raw).translate(None, _NOT_BRACKETS)
    for _ in range(MAX_DEPTH):
        if _DEEP_RUN.search(brackets):
            return True
        fewer = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(fewer) == len(brackets):
            break
        brackets = fewer
    pairs_left = b"[]" in brackets or b"{}" in brackets
    return pairs_left or brackets.count(b"[") + brackets.count(b"{") > MAX_DEPTH


def read_json(raw: bytes) -> Any:
    """The JSON value of ``raw``. NaN, infinities and lone surrogates pass: they are a field's fault, not the body's.

    Raises TooLarge over MAX_BYTES, BadJson otherwise. Of a repeated key the last value counts.
    """
    if len(raw) > MAX_BYTES:
        raise TooLarge(f"the body may have at most {MAX_BYTES} bytes")
    if too_deep(raw):
        raise BadJson("too_deep", f"brackets may nest at most {MAX_DEPTH} deep")
    try:
        return json.loads(raw.removeprefix(_BOM).decode("utf-8"), parse_int=_integer)
    except UnicodeDecodeError as fault:
        raise BadJson("bad_utf8", f"not UTF-8 at byte {fault.start}") from None
    except json.JSONDecodeError as fault:
        raise BadJson("bad_json", f"not JSON: {fault.msg} at line {fault.lineno} column {fault.colno}") from None


def _integer(digits: str) -> int | float:
    """An integer; a longer one than any field holds becomes a float at once, so its length costs nothing."""
    return int(digits) if len(digits) <= _INT_DIGITS else float(digits)
