"""Reads the settings' file: every fault in plain words with its line or key, none hiding another."""

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec
import yaml

from liveroom.errors import ConfigError, Fault
from liveroom.yaml_once import OnceLoader, line_of

KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list such as [a, b]",
    "object": "settings of their own, indented below it",
    "date": "a date",
}
MISMATCH = re.compile(r"Expected `(\w+)[^`]*`, got `(\w+)`(?: - at `(.+)`)?")


def read_settings(path: Path) -> dict[str, Any]:
    """What the file says. Raises ConfigError when it is not there or is no mapping."""
    try:
        raw = yaml.load(path.read_text("utf-8-sig"), Loader=OnceLoader)
    except OSError as error:
        remedy = "LIVEROOM_CONFIG says where the file is; config.yaml of the code's folder is a beginning"
        raise ConfigError([Fault(str(path), f"cannot be read: {error.strerror}; {remedy}")]) from error
    except yaml.MarkedYAMLError as error:
        what = "; ".join(words for words in (error.problem, error.context) if words) or "is not YAML"
        tab = "; YAML is indented with spaces, never with tabs" if r"\t" in what else ""
        raise ConfigError([Fault(f"{path.name}: line {line_of(error)}", what + tab)]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError([Fault(path.name, f"is not YAML in UTF-8: {error}")]) from error
    if raw is not None and not isinstance(raw, dict):
        raise ConfigError([Fault(path.name, "must be settings, each `name: value` on a line")])
    return raw or {}


def sound_of(raw: Mapping[str, Any], struct: type[msgspec.Struct], where: str) -> tuple[dict[str, Any], list[Fault]]:
    """What of ``raw`` is known and of the right type, and a fault for every other key."""
    known = {field.name: field.type for field in msgspec.structs.fields(struct)}
    faults = [Fault(f"{where}{key}", f"is not a setting{alike(str(key), known)}") for key in raw if key not in known]
    sound: dict[str, Any] = {}
    for key, value in ((key, raw[key]) for key in known if key in raw):
        kind = known[key]
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict | None):
            # A heading whose settings are all commented out says nothing.
            sound[key], inner = sound_of(value or {}, kind, f"{where}{key}.")
            faults += inner
        elif (wrong := _fault(value, kind)) is None:
            sound[key] = value
        else:
            faults.append(Fault(f"{where}{key}", wrong))
    return sound, faults


def alike(name: str, known: Iterable[str]) -> str:
    """What somebody who mistyped a name meant, as the rest of a sentence; empty where nothing comes near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f": do you mean {near[0]}?" if near else ""


def _fault(value: object, kind: Any) -> str | None:
    """What is wrong with a value, None when nothing is."""
    if value is None:
        return "has no value: give it one or take the line out"
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        return _plain(str(error), value, kind)
    return None


def _plain(message: str, value: object, kind: Any) -> str:
    """msgspec's words in those of whoever wrote the file."""
    if message.startswith("Invalid enum value"):
        return f"must be one of {', '.join(map(str, get_args(kind)))}, not {value!r}"
    found = MISMATCH.fullmatch(message)
    if found is None:
        return message
    wanted, got, within = found.groups()
    place = f"at {within.replace('$', '')} " if within and within != "$" else ""
    return f"{place}must be {KINDS.get(wanted, wanted)}, not {KINDS.get(got, got)}"
