"""Reads a file of a city pack into typed sheets and names every fault with its key; the references between sheets.

`read_yaml` reads a file as a frozen dataclass of fields such as `Key`, `Text` and `Url`; `keyed` and `refer` check that
keys are unique and lead somewhere. One fault never hides another: what is faulty is left out, and the rest is used.
"""

import re
import types
import typing
from collections.abc import Collection, Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar, Union, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import yaml
from msgspec import Meta

from liveroom.runtime.errors import Fault, UniqueKeyLoader, line_of
from liveroom.runtime.language import catalogue

T = TypeVar("T")

# Types of fields.

Key = Annotated[
    str, Meta(pattern="^[a-z][a-z0-9_]{0,63}$", description="a key: lower-case letters, digits and _, a letter first")
]
Text = Annotated[
    str,
    Meta(
        max_length=300,
        pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$",
        description="one line of text, at most 300 characters",
    ),
]
Email = Annotated[
    str, Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", description="an address like name@agency.example")
]
_ADDRESS = r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[^\s?#]*)?$"
Url = Annotated[
    str,
    Meta(
        max_length=2000,
        pattern=_ADDRESS,
        description="an address like https://agency.example/inbox, without a name, a query or a fragment",
    ),
]


def is_address(text: str) -> bool:
    """Whether a text is a valid `Url` of a pack."""
    return len(text) <= 2000 and re.match(_ADDRESS, text) is not None


# What is said in other languages than the city's first, by language.
Translations = Mapping[str, Text]
# The metadata of a field of them, named as what it translates and an s: ``labels`` is ``{"en": "Flood"}`` where a file
# says ``label_en: Flood`` beside ``label: Banjir``.
TRANSLATED: Mapping[str, bool] = {"translated": True}


def in_language(language: str, own: str, others: Translations) -> str:
    """The name of something in a pack: in that language, or else in the city's first, in which it always has one."""
    return others.get(language, own)


def named(name: str, own: str, others: Translations) -> dict[str, str]:
    """The name under ``name``, and under ``name_LANGUAGE`` in each other language; the English one is always there."""
    return {name: own, f"{name}_en": own, **{f"{name}_{language}": said for language, said in others.items()}}


# Reading: a file becomes a frozen dataclass; only its shape is checked.

# The metadata of a field under this name is the message for when it is missing.
MISSING_WORDS = "missing"


def read_yaml(path: Path, kind: type[T], *, faults: list[Fault], kept: dict[str, object] | None = None) -> T | None:
    """The sheet at ``path`` without its faulty parts, which are added to ``faults``; None when nothing can be used.

    ``kept``: plain values by file name. A file that is in it is not read again; one that is read is added.
    """
    kept = {} if kept is None else kept
    if path.name not in kept:
        kept[path.name] = _read_plain(path, faults, empty={} if _may_be_empty(kind) else None)
    raw = kept[path.name]
    return None if raw is None else cast("T | None", shape(kind, raw, where=f"{path.name}: ", faults=faults))


def _may_be_empty(kind: type) -> bool:
    """Whether an empty file is a valid sheet: every field has a default."""
    return is_dataclass(kind) and not any(_needed(one) for one in fields(kind))


def _needed(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


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
        return msgspec.convert(raw, kind, dec_hook=_from_text)
    except msgspec.ValidationError as error:
        faults.append(Fault(_path(where), _value_fault(kind, inner, raw, error)))
        return None


def _value_fault(kind: Any, inner: tuple[Any, ...], raw: object, error: Exception) -> str:
    """What is wrong with a plain value, and what to write instead if that is known."""
    if str in (kind, *inner) and isinstance(raw, bool | int | float):
        return f"is read as {'a truth value' if isinstance(raw, bool) else 'a number'}: put {raw!r:.60} in quotes"
    meant = next((part.description for part in inner if isinstance(part, msgspec.Meta)), None)
    return f"{raw!r:.60} is not {meant}" if meant else str(error)


def _either(kinds: tuple[Any, ...], raw: object, *, where: str, faults: list[Fault]) -> Any:
    """An optional value, or a dataclass in whose place a word may stand."""
    rest, *words = sorted(
        (kind for kind in kinds if kind is not types.NoneType), key=lambda kind: not is_dataclass(kind)
    )
    said = [word for kind in words for word in typing.get_args(kind)]
    if raw in said or (raw is None and types.NoneType in kinds):
        return raw
    if said and not isinstance(raw, dict):
        faults.append(Fault(_path(where), f"expected keys and values, or the word {said[0]}, got {_type_word(raw)}"))
        return None
    return shape(rest, raw, where=where, faults=faults)


def _dataclass(kind: type, raw: object, *, where: str, faults: list[Fault]) -> Any:
    """A dataclass from a mapping, built if its required fields are sound, since others may refer to it.

    A trailing underscore of a field's name (``class_``) is not written in the file.
    """
    if not isinstance(raw, dict):
        faults.append(Fault(_path(where), f"expected keys and values, got {_type_word(raw)}"))
        return None
    hints = _hints(kind)
    known = {one.name.rstrip("_"): one for one in fields(kind) if one.init and one.metadata != TRANSLATED}
    translated = {one.name.removesuffix("s"): one.name for one in fields(kind) if one.metadata == TRANSLATED}
    raw, values = _split_translations(raw, translated, where=where, faults=faults)
    faults.extend(Fault(where + str(key), _unknown(str(key), known)) for key in raw if key not in known)
    whole = True
    for key, one in known.items():
        needed, before = _needed(one), len(faults)
        if key in raw:
            value = shape(hints[one.name], raw[key], where=f"{where}{key}.", faults=faults)
            if value is not None or len(faults) == before:
                values[one.name] = value
        elif needed:
            faults.append(Fault(where + key, one.metadata.get(MISSING_WORDS, "is missing")))
        whole = whole and (one.name in values or not needed)
    return kind(**values) if whole else None


def _split_translations(
    raw: dict[Any, object], translated: Mapping[str, str], *, where: str, faults: list[Fault]
) -> tuple[dict[Any, object], dict[str, Any]]:
    """``raw`` without its translations, and those by field and language: of each language that has a catalogue."""
    rest, found = dict(raw), {}
    for key, name in translated.items():
        said = {
            language: shape(Text, rest.pop(f"{key}_{language}"), where=f"{where}{key}_{language}.", faults=faults)
            for language in catalogue().languages
            if f"{key}_{language}" in rest
        }
        found[name] = {language: text for language, text in said.items() if text is not None}
    return rest, found


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind, include_extras=True)


def _tuple(kind: Any, raw: object, *, where: str, faults: list[Fault]) -> tuple[Any, ...]:
    """A tuple from a list without unreadable items. Faults name an item by its key, or by its place."""
    if not isinstance(raw, list):
        faults.append(Fault(_path(where), f"expected a list, got {_type_word(raw)}"))
        return ()
    items = []
    for place, item in enumerate(raw):
        name = item.get("key", place) if isinstance(item, dict) else place
        items.append(shape(kind, item, where=f"{_path(where)}[{name}].", faults=faults))
    return tuple(item for item in items if item is not None)


def _mapping(kind: Any, raw: object, *, where: str, faults: list[Fault]) -> dict[str, Any]:
    """A mapping with text keys."""
    if not isinstance(raw, dict):
        faults.append(Fault(_path(where), f"expected keys and values, got {_type_word(raw)}"))
        return {}
    return {str(key): shape(kind, value, where=f"{where}{key}.", faults=faults) for key, value in raw.items()}


def _unknown(key: str, known: Mapping[str, object]) -> str:
    """The message for an unknown key, with a similar known one if there is one."""
    near = get_close_matches(key, known, n=1)
    return f"unknown key; did you mean {near[0]!r}?" if near else f"unknown key; known are {', '.join(known)}"


def _from_text(kind: type, raw: object) -> object:
    """The value of a type that a file writes as text; a ValueError becomes the fault."""
    if kind is not ZoneInfo:
        raise TypeError(f"a sheet cannot hold {kind}")
    try:
        return ZoneInfo(str(raw))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {raw!r}") from error


def _path(where: str) -> str:
    """A path without its trailing separator."""
    return where.removesuffix(".").removesuffix(": ")


def _type_word(raw: object) -> str:
    """The type of a YAML value in words."""
    return "nothing" if raw is None else type(raw).__name__


# YAML 1.2: ``no`` is a word, 16:00 is text, and a key twice is a fault.


class _Loader(UniqueKeyLoader):
    """Plain values, by the rules of YAML 1.2 for numbers, truth values and null."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012


for _tag, _pattern, _first in (
    ("bool", "true|false", "tf"),
    ("null", "null|~|", ["n", "~", ""]),
    ("int", "-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?[0-9]+\.[0-9]+", "-0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def _read_plain(path: Path, faults: list[Fault], *, empty: object = None) -> object:
    """The plain value of a YAML file, ``empty`` for an empty one; None and a fault when it cannot be read."""
    try:
        value: object = yaml.load(path.read_text("utf-8"), Loader=_Loader)
    except OSError as error:
        faults.append(Fault(path.name, f"cannot be read: {error.strerror}"))
    except yaml.MarkedYAMLError as error:
        faults.append(Fault(f"{path.name}: line {line_of(error)}", error.problem or "is not YAML"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        faults.append(Fault(path.name, f"is not YAML in UTF-8: {error}"))
    except RecursionError:
        faults.append(Fault(path.name, "is nested too deep"))
    else:
        if value is None and empty is None:
            faults.append(Fault(path.name, "is empty"))
        return empty if value is None else value
    return None


# References between the sheets of a pack.


class Keyed(Protocol):
    """A part of the pack that has a key."""

    @property
    def key(self) -> str:
        """The key by which other parts refer to it."""


K = TypeVar("K", bound=Keyed)


def keyed(items: Iterable[K], *, where: str, faults: list[Fault]) -> dict[str, K]:
    """The items by key, in the order of the file; a repeated key is a fault."""
    found: dict[str, K] = {}
    for item in items:
        if item.key in found:
            faults.append(Fault(where, f"key {item.key!r} stands twice"))
        found.setdefault(item.key, item)
    return found


def all_keys(known: Collection[str], where: str, faults: Iterable[Fault]) -> set[str]:
    """The ``known`` keys with those of parts at ``where`` that are left out for a fault of their own.

    What refers to such a part is right; a fault for each would be noise that hides the one.
    """
    of_part = re.compile(re.escape(where) + r"\[([^\]]+)\]")
    return {*known, *(found[1] for fault in faults if (found := of_part.match(fault.where)))}


def refer(key: str, known: Collection[str], *, where: str, what: str) -> list[Fault]:
    """A fault when ``key`` is not among ``known``, with a similar one; none when nothing is known at all.

    Nothing is known when the file that defines the keys has faults itself: those are named, what follows is noise.
    """
    if key in known or not known:
        return []
    near = get_close_matches(key, known, n=1)
    return [Fault(where, f"unknown {what} {key!r}" + (f"; did you mean {near[0]!r}?" if near else ""))]
