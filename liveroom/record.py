"""Reads one external record field by field, strictly: nothing is guessed and every fault names its field."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from liveroom.domain.refusals import Malformed

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:(?P<second>\d\d)(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


def clean(value: Any, path: str, limit: int) -> str:
    """``value`` as text of at most ``limit`` characters that every database takes. Raises Malformed."""
    if not isinstance(value, str):
        raise Malformed(path, "must be text")
    if len(value) > limit:
        raise Malformed(path, f"may have at most {limit} characters")
    if "\x00" in value:
        raise Malformed(path, "must not contain NUL")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Malformed(path, "must be Unicode: half a surrogate pair, or bytes that are no UTF-8") from None
    return value


def moment(value: Any, path: str) -> datetime:
    """Aware UTC time of an RFC 3339 text, not before EARLIEST. Raises Malformed; leap seconds are not taken."""
    found = _RFC3339.fullmatch(clean(value, path, 64))
    if found is None:
        raise Malformed(path, "must be RFC 3339 with offset, such as 2026-11-24T07:05:00Z")
    if int(found["second"]) > 59:
        raise Malformed(path, "must not be a leap second")
    try:
        parsed = datetime.fromisoformat(found[0].upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed(path, "must be a time that exists") from None
    if parsed < EARLIEST:
        raise Malformed(path, "must not be before 2000-01-01")
    return parsed


def web_address(value: Any, path: str, limit: int) -> str:
    """An absolute http(s) address with a host, without blanks. Raises Malformed; it is never fetched here."""
    text = clean(value, path, limit)
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound or any(character.isspace() or not character.isprintable() for character in text):
        raise Malformed(path, "must be an http or https address")
    return text


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping as it came; ``path`` is put before the names of fields in faults. Null counts as absent."""

    values: Mapping[str, Any]
    path: str = ""

    def get(self, name: str) -> Any:
        """The raw value, None when absent."""
        return self.values.get(name)

    def text(self, name: str, limit: int) -> str | None:
        """Text of at most ``limit`` characters, None when absent."""
        value = self.get(name)
        return None if value is None else clean(value, self.path + name, limit)

    def required(self, name: str, limit: int) -> str:
        """Text that is there and not blank."""
        value = self.text(name, limit)
        if value is None or not value.strip():
            raise Malformed(self.path + name, "is required")
        return value

    def number(self, name: str, bound: float) -> float | None:
        """A finite number in [-bound, bound], None when absent. True and false are no numbers."""
        value = self.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise Malformed(self.path + name, "must be a finite number")
        if abs(value) > bound:
            raise Malformed(self.path + name, f"must be between {-bound:g} and {bound:g}")
        return float(value)

    def moment(self, name: str, latest: datetime) -> datetime | None:
        """Aware UTC time not after ``latest``, None when absent."""
        value = self.get(name)
        if value is None:
            return None
        found = moment(value, self.path + name)
        if found > latest:
            raise Malformed(self.path + name, "lies in the future")
        return found

    def flag(self, name: str) -> bool:
        """True or false, false when absent."""
        value = self.get(name)
        if not isinstance(value, bool | None):
            raise Malformed(self.path + name, "must be true or false")
        return bool(value)

    def choice(self, name: str, allowed: tuple[str, ...]) -> str | None:
        """One of ``allowed``, None when absent."""
        value = self.get(name)
        if value is not None and value not in allowed:
            raise Malformed(self.path + name, f"must be one of {', '.join(allowed)}")
        return value if isinstance(value, str) else None
