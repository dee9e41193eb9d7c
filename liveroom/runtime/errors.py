"""`ConfigError`: every `Fault` of a file that a person wrote; YAML that refuses a key twice."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import yaml

_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: ``where`` is file and key path (``city.yaml: escalation[mayor].to``), ``message`` says what."""

    where: str
    message: str

    def __str__(self) -> str:
        """One line for the terminal, of bounded length: parts of it come from a file that somebody sent."""
        return f"{_line(self.where)}: {_line(self.message)}"


def _line(text: str) -> str:
    shown = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text[: _LONGEST + 1])
    return shown if len(text) <= _LONGEST else f"{shown[:_LONGEST]}…"


class ConfigError(Exception):
    """A city pack or settings file with faults; ``faults`` holds every one of them, not only the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults in the order in which they were found."""
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class _UniqueKeys(yaml.constructor.SafeConstructor):
    """Plain values, and no key twice in a mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse a repeated key."""
        seen: set[str] = set()
        for key, _ in node.value:
            text = str(key.value)
            if text in seen:
                raise yaml.MarkedYAMLError(problem=f"key {text!r} is written twice", problem_mark=key.start_mark)
            seen.add(text)
        return super().construct_mapping(node, deep)


class UniqueKeyLoader(_UniqueKeys, yaml.SafeLoader):
    """YAML of plain values, in which no key is written twice: plain YAML would silently keep the last.

    Raises yaml.MarkedYAMLError at a repeated key.
    """


class _NativeLoader(_UniqueKeys, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same, read by libyaml where it is there."""


def plain_values(text: str) -> Any:
    """What a YAML text says, as UniqueKeyLoader reads it, in a tenth of the time: every process reads its settings.

    Raises yaml.YAMLError in that loader's words, which libyaml lacks.
    """
    try:
        return yaml.load(text, Loader=_NativeLoader)
    except yaml.YAMLError:
        return yaml.load(text, Loader=UniqueKeyLoader)


def line_of(error: yaml.MarkedYAMLError) -> int:
    """The line of a fault, from 1."""
    return int(error.problem_mark.line) + 1 if error.problem_mark else 1
