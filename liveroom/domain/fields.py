"""Fields that come from outside, typed and bounded before anything else sees them.

`CommandSpec`: a row of the tables of commands, who may give one with which `Field`s. `FieldReader`: the fields of a
report, read one by one, strictly. Both raise Malformed, which names the path of the first bad field; their messages
differ because each is a contract of its own (docs/commands.md, docs/intake.md).
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from liveroom.domain import timestamps
from liveroom.domain.events import Kind
from liveroom.domain.requests import Code, Malformed, Refused, Role

TEXT_MAX = 4_000
CODE_MAX = 128
LINK_MAX = 2_000
LIST_MAX = 50
# A picture that was uploaded to this room: the id of its upload behind our own scheme.
UPLOAD = "upload:"
UPLOADED = re.compile(UPLOAD + r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_CODE_SCHEMA: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": CODE_MAX}
_LINK_SCHEMA: Mapping[str, Any] = {"type": "string", "maxLength": LINK_MAX, "pattern": "^(https://|upload:)"}


def _list_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": "array", "items": schema, "maxItems": LIST_MAX}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: ``read(path, value)`` returns the typed value or raises Malformed naming ``path``.

    ``schema``: the same in the words of JSON Schema, as far as they reach, for the description of the interface.
    """

    name: str
    read: Callable[[str, Any], Any]
    schema: Mapping[str, Any]
    required: bool = False
    text: bool = False
    media: bool = False


def text(name: str, *, required: bool = False) -> Field:
    """Free text, kept apart from the events; an optional blank one counts as not given."""
    schema = {"type": "string", "maxLength": TEXT_MAX} | ({"minLength": 1} if required else {})
    return Field(name=name, read=_text, schema=schema, required=required, text=True)


def line(name: str, limit: int) -> Field:
    """Free text of one line, at most ``limit`` characters."""

    def read(path: str, value: Any) -> str:
        found = _characters(path, value, limit)
        if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in found):
            raise Malformed(path, "is not one line")
        return found

    return Field(name=name, read=read, schema={"type": "string", "maxLength": limit}, text=True)


def code(name: str, *, required: bool = False) -> Field:
    """A key of the pack or an id."""
    return Field(name=name, read=_code, schema=_CODE_SCHEMA, required=required)


def codes(name: str, *, required: bool = False) -> Field:
    """A list of keys without repeats, at most 50."""
    return Field(name=name, read=_codes, schema=_list_of(_CODE_SCHEMA), required=required)


def moment_field(name: str, *, required: bool = True) -> Field:
    """An RFC 3339 time with an offset; aware UTC afterwards."""
    return Field(name=name, read=_command_moment, schema={"type": "string", "format": "date-time"}, required=required)


def number(name: str, limit: float) -> Field:
    """A finite number from ``-limit`` to ``limit``."""
    schema = {"type": "number", "minimum": -limit, "maximum": limit}
    return Field(name=name, read=lambda path, value: _number(path, value, limit), schema=schema)


def media(name: str) -> Field:
    """Pictures (https links or ``upload:ID``, at most 50), which the room replaces by the ids of their rows."""
    return Field(name=name, read=_links, schema=_list_of(_LINK_SCHEMA), media=True)


def choice(name: str, *allowed: str, required: bool = False) -> Field:
    """One of a closed set of words."""

    def read(path: str, value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise Malformed(path, "is none of " + ", ".join(allowed))
        return value

    return Field(name=name, read=read, schema={"type": "string", "enum": list(allowed)}, required=required)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """One row of a table of commands: who may give it with which fields; ``conflicts`` are the events that make it
    stale.

    ``check`` takes all typed fields and returns them, perhaps completed, or raises Malformed for what does not go
    together.
    """

    roles: frozenset[Role]
    fields: tuple[Field, ...] = ()
    conflicts: frozenset[Kind] = frozenset()
    check: Callable[[dict[str, Any]], dict[str, Any]] | None = None

    def parse(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that are given, typed and bounded (times aware UTC); null counts as not given, other keys of
        ``raw`` are ignored. Raises Malformed naming the first bad field."""
        result: dict[str, Any] = {}
        for field in self.fields:
            value = raw.get(field.name)
            blank = field.text and isinstance(value, str) and not value.strip()
            if value is None or blank:
                if field.required:
                    raise Malformed(field.name, "is required" if value is None else "is blank")
                continue
            result[field.name] = field.read(field.name, value)
        return result if self.check is None else self.check(result)

    def role_refusal(self, name: str, role: Role) -> Refused | None:
        """Why a role does not give the command ``name`` at all; None when it does."""
        return None if role in self.roles else Refused(Code.ROLE, f"{name} is not for {role}")

    @property
    def texts(self) -> tuple[str, ...]:
        """The fields that are free text: the room stores each as a row, and the rules get its id instead."""
        return tuple(field.name for field in self.fields if field.text)

    @property
    def media(self) -> tuple[str, ...]:
        """The fields that are lists of links: the room stores each as a row, and the rules get the ids instead."""
        return tuple(field.name for field in self.fields if field.media)


def given_by(specs: Mapping[Any, CommandSpec], role: Role) -> tuple[str, ...]:
    """The commands of a table that this role gives at all, in its order."""
    return tuple(name for name, spec in specs.items() if role in spec.roles)


def _characters(path: str, value: Any, limit: int) -> str:
    if not isinstance(value, str):
        raise Malformed(path, "is not a text")
    if len(value) > limit:
        raise Malformed(path, f"is longer than {limit} characters")
    if "\0" in value:
        raise Malformed(path, "holds a NUL character")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Malformed(path, "holds half of a surrogate pair")
    return value


def _text(path: str, value: Any) -> str:
    return _characters(path, value, TEXT_MAX)


def _code(path: str, value: Any) -> str:
    found = _characters(path, value, CODE_MAX)
    if not found or not found.isprintable() or " " in found:
        raise Malformed(path, "is not a key or id")
    return found


def _items(path: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed(path, "is not a list")
    if len(value) > LIST_MAX:
        raise Malformed(path, f"has more than {LIST_MAX} items")
    return value


def _codes(path: str, value: Any) -> tuple[str, ...]:
    found = [_code(f"{path}[{index}]", item) for index, item in enumerate(_items(path, value))]
    return tuple(dict.fromkeys(found))


def _links(path: str, value: Any) -> tuple[str, ...]:
    return tuple(_link(f"{path}[{index}]", item) for index, item in enumerate(_items(path, value)))


def _link(path: str, value: Any) -> str:
    found = _characters(path, value, LINK_MAX)
    if UPLOADED.fullmatch(found):
        return found
    if not found.startswith("https://") or not found.isprintable() or " " in found:
        raise Malformed(path, "is not an https link")
    return found


def _command_moment(path: str, value: Any) -> datetime:
    if not isinstance(value, str):
        raise Malformed(path, "is not a text")
    try:
        return timestamps.read(value)
    except ValueError as error:
        raise Malformed(path, str(error)) from error


def _number(path: str, value: Any, limit: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Malformed(path, "is not a number")
    if not -limit <= value <= limit:  # NaN is in no range
        raise Malformed(path, f"is outside -{limit:g} to {limit:g}")
    return float(value)


# The fields of a report: nothing is guessed, every fault names its field.

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:(?P<second>\d\d)(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _clean(value: Any, path: str, limit: int) -> str:
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


def _report_moment(value: Any, path: str) -> datetime:
    """Aware UTC time of an RFC 3339 text, not before EARLIEST. Raises Malformed; leap seconds are not taken."""
    found = _RFC3339.fullmatch(_clean(value, path, 64))
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
    text = _clean(value, path, limit)
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound or any(character.isspace() or not character.isprintable() for character in text):
        raise Malformed(path, "must be an http or https address")
    return text


@dataclass(frozen=True, slots=True)
class FieldReader:
    """The fields of one report; ``path`` is put before the names of fields in faults. Null counts as absent."""

    values: Mapping[str, Any]
    path: str = ""

    def get(self, name: str) -> Any:
        """The raw value, None when absent."""
        return self.values.get(name)

    def text(self, name: str, limit: int) -> str | None:
        """Text of at most ``limit`` characters, None when absent."""
        value = self.get(name)
        return None if value is None else _clean(value, self.path + name, limit)

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
        found = _report_moment(value, self.path + name)
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
