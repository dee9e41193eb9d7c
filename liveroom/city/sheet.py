"""Reads a file of a city pack into frozen dataclasses and names every fault with its key; it knows shape only."""

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from liveroom.city.yaml_text import read_yaml_text
from liveroom.runtime.errors import Fault

T = TypeVar("T")
# A field's metadata under this name says how to mend that it is missing.
MISSING_WORDS = "missing"


def read_yaml(path: Path, kind: type[T], *, faults: list[Fault], kept: dict[str, object] | None = None) -> T | None:
    """The sheet at ``path`` without what is faulty in it, which ``faults`` names; None when it is no such sheet.

    ``kept``: plain values of files by name; one that is there is not read again, one that is read comes in.
    """
    kept = {} if kept is None else kept
    if path.name not in kept:
        kept[path.name] = read_yaml_text(path, faults, empty={} if _says_nothing(kind) else None)
    raw = kept[path.name]
    return None if raw is None else cast("T | None", shape(kind, raw, where=f"{path.name}: ", faults=faults))


def _says_nothing(kind: type) -> bool:
    """Whether an empty file is such a sheet: it may leave everything out."""
    return is_dataclass(kind) and not any(_needed(field) for field in fields(kind))


def _needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def shape(kind: Any, raw: object, *, where: str, faults: list[Fault]) -> Any:
    """``raw`` as ``kind`` (dataclass, tuple, mapping by text, optional or plain type), or None and a fault."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if is_dataclass(kind):
        return _dataclass(cast(type, kind), raw, where=where, faults=faults)
    if origin is tuple and inner[-1] is Ellipsis:
        return _tuple(inner[0], raw, where=where, faults=faults)
    if origin is Mapping:
        return _mapping(inner[1], raw, where=where, faults=faults)
    if origin in (Union, types.UnionType):
        return _either(inner, raw, where=where, faults=faults)
    try:
        return msgspec.convert(raw, kind, dec_hook=_special)
    except msgspec.ValidationError as error:
        faults.append(Fault(_at(where), _not_meant(kind, inner, raw, error)))
        return None


def _not_meant(kind: Any, inner: tuple[Any, ...], raw: object, error: Exception) -> str:
    """What is wrong with a plain value, and what to write instead where that is known."""
    if str in (kind, *inner) and isinstance(raw, bool | int | float):
        return f"is read as {'a truth value' if isinstance(raw, bool) else 'a number'}: put {raw!r:.60} in quotes"
    meant = next((part.description for part in inner if isinstance(part, msgspec.Meta)), None)
    return f"{raw!r:.60} is not {meant}" if meant else str(error)


def _either(kinds: tuple[Any, ...], raw: object, *, where: str, faults: list[Fault]) -> Any:
    """An optional value, or keys and values that a word may stand for."""
    rest, *words = sorted(
        (kind for kind in kinds if kind is not types.NoneType), key=lambda kind: not is_dataclass(kind)
    )
    said = [word for kind in words for word in typing.get_args(kind)]
    if raw in said or (raw is None and types.NoneType in kinds):
        return raw
    if said and not isinstance(raw, dict):
        faults.append(Fault(_at(where), f"expected keys and values, or the word {said[0]}, got {_named(raw)}"))
        return None
    return shape(rest, raw, where=where, faults=faults)


def _dataclass(kind: type, raw: object, *, where: str, faults: list[Fault]) -> Any:
    """A dataclass from a mapping, built as long as its needed fields are good: others may refer to it.

    A trailing underscore of a field's name (``class_``) is not written in the file.
    """
    if not isinstance(raw, dict):
        faults.append(Fault(_at(where), f"expected keys and values, got {_named(raw)}"))
        return None
    hints = _hints(kind)
    known = {field.name.rstrip("_"): field for field in fields(kind) if field.init}
    faults.extend(Fault(where + str(key), _unknown(str(key), known)) for key in raw if key not in known)
    values, whole = {}, True
    for key, field in known.items():
        needed, before = _needed(field), len(faults)
        if key in raw:
            value = shape(hints[field.name], raw[key], where=f"{where}{key}.", faults=faults)
            if value is not None or len(faults) == before:
                values[field.name] = value
        elif needed:
            faults.append(Fault(where + key, field.metadata.get(MISSING_WORDS, "is missing")))
        whole = whole and (field.name in values or not needed)
    return kind(**values) if whole else None


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind, include_extras=True)


def _tuple(kind: Any, raw: object, *, where: str, faults: list[Fault]) -> tuple[Any, ...]:
    """A tuple from a list without what cannot be read. An item is named by its key, without one by its place."""
    if not isinstance(raw, list):
        faults.append(Fault(_at(where), f"expected a list, got {_named(raw)}"))
        return ()
    items = []
    for place, item in enumerate(raw):
        name = item.get("key", place) if isinstance(item, dict) else place
        items.append(shape(kind, item, where=f"{_at(where)}[{name}].", faults=faults))
    return tuple(item for item in items if item is not None)


def _mapping(kind: Any, raw: object, *, where: str, faults: list[Fault]) -> dict[str, Any]:
    """A mapping with text keys."""
    if not isinstance(raw, dict):
        faults.append(Fault(_at(where), f"expected keys and values, got {_named(raw)}"))
        return {}
    return {str(key): shape(kind, value, where=f"{where}{key}.", faults=faults) for key, value in raw.items()}


def _unknown(key: str, known: Mapping[str, object]) -> str:
    """What to say of a key that nobody reads, with the likely one if it is a slip of the pen."""
    near = get_close_matches(key, known, n=1)
    return f"unknown key; did you mean {near[0]!r}?" if near else f"unknown key; known are {', '.join(known)}"


def _special(kind: type, raw: object) -> object:
    """Values that a file writes as text; a ValueError becomes the fault."""
    if kind is not ZoneInfo:
        raise TypeError(f"a sheet cannot hold {kind}")
    try:
        return ZoneInfo(str(raw))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {raw!r}") from error


def _at(where: str) -> str:
    """A path without the separator that waits for the next key."""
    return where.removesuffix(".").removesuffix(": ")


def _named(raw: object) -> str:
    """A YAML value's kind in words."""
    return "nothing" if raw is None else type(raw).__name__
