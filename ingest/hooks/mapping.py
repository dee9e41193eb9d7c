"""Mapping: any JSON becomes reports, by a file of the city's pack (`cities/CITY/hooks/NAME.yaml`).

Each field of a report has a rule: where its value is found, as an expression in JMESPath, and how it is understood
(value table, words, time). A file is checked whole when a room starts, so that a wrong expression or a category that
the city does not have is a fault of the settings and none of a payload. What a payload lacks is a fault of its field.

Bounds: payloads are bounded before they come here (`door.py`). A payload is read in slices of SLICE items, at most
MOST_ITEMS in all; for a slice at most MOST_STEPS nodes of expressions are worked out and MOST_TEXT characters are gone
through, however an expression was written. Each text is as long as the intake takes it, or is none.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

import jmespath
import yaml
from jmespath.exceptions import JMESPathError, JMESPathTypeError
from jmespath.functions import Functions
from jmespath.visitor import TreeInterpreter

from ingest.open311.georeport import number_of
from liveroom.accounts.quarantine import as_json
from liveroom.city.city import City
from liveroom.city.sheet import shape
from liveroom.domain.complaints.intake import (
    ADDRESS,
    CODE,
    DESCRIPTION,
    MAX_MEDIA,
    MEDIA_ADDRESS,
    PERSON,
    PRIORITIES,
)
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import EPOCH, time_of, to_text, words_of
from liveroom.runtime.errors import Fault, line_of, plain_values
from liveroom.runtime.http_input import TooLarge

# A payload of so many is answered within the 20 s that the proxy waits.
SLICE, MOST_ITEMS = 1000, 5_000
# The largest message of WhatsApp, of 1,000, takes 52,000 steps; 100,000 take a third of a second.
MOST_STEPS, MOST_TEXT = 100_000, 8 * 1024 * 1024
LONGEST_EXPRESSION = 500
FOLDER = "hooks"
# In every expression but of the payload itself: what the item was taken out of.
OUTER = "_outer"

TEXTS = ("source_id", "category", "description", "address", "area", "channel", "priority")
PEOPLE = ("person.name", "person.phone", "person.email")
NUMBERS, MOMENTS, LISTS = ("lat", "lon"), ("reported_at", "updated_at"), ("media",)
TARGETS = (*TEXTS, *PEOPLE, *NUMBERS, *MOMENTS, *LISTS)
REQUIRED = ("source_id", "category")
# The longest text of each field, in characters.
LONGEST = {
    **dict.fromkeys(TEXTS, CODE),
    "description": DESCRIPTION,
    "address": ADDRESS,
    **{f"person.{name}": most for name, most in PERSON.items()},
}
# What has no meaning without its end: it is never cut.
WHOLE = ("source_id", "category", "area", "channel", "priority", "person.phone", "person.email")
CUT_MARK = "…"
# How a time may be written beside a pattern of strptime.
ISO, SECONDS, MILLISECONDS = TIMES = ("iso", "epoch", "epoch_ms")


# The file.


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """How a field is found: ``from`` an expression, ``lines`` of several, or a fixed ``value``; one of the three.

    ``table``: by what is said what it means; what it does not have stays as it is, unless there is a ``default``.
    ``words``: by a word in the text, the first of the table that is there; else the ``default``. ``default`` also
    stands for nothing said. ``time``: how a time is written. ``opaque``: a keyed hash stands for the value. ``cut``:
    what is too long loses its end, and CUT_MARK says so.
    """

    from_: str | None = None
    lines: tuple[str, ...] = ()
    value: str | None = None
    table: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    time: str = ISO
    opaque: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingSheet:
    """The file as it is written. ``items``: expressions that take the payload apart, each what the one before found.

    ``when``: which items are reports at all; without it all are.
    """

    fields: Mapping[str, FieldRule]
    items: tuple[str, ...] = ()
    when: str | None = None


def read_sheet(path: Path, faults: list[Fault]) -> MappingSheet | None:
    """The sheet at ``path`` without its faulty parts, which are added to ``faults``; None when nothing can be used."""
    where = f"{FOLDER}/{path.name}"
    try:
        raw = plain_values(path.read_text("utf-8-sig"))
    except OSError as error:
        faults.append(Fault(where, f"cannot be read: {error.strerror}"))
        return None
    except yaml.MarkedYAMLError as error:
        faults.append(Fault(f"{where}: line {line_of(error)}", error.problem or "is not YAML"))
        return None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        faults.append(Fault(where, f"is not YAML in UTF-8: {error}"))
        return None
    found: MappingSheet | None = shape(MappingSheet, _whole(raw), where=f"{where}: ", faults=faults)
    # A rule whose faults are known is None.
    return found and replace(found, fields=dict(filter(itemgetter(1), found.fields.items())))


def _whole(raw: Any) -> Any:
    """The file with its short forms written out: an expression in place of a rule, or of a list of one."""
    if not isinstance(raw, dict):
        return raw
    items, rules = raw.get("items"), raw.get("fields")
    said = raw | ({"items": [items]} if isinstance(items, str) else {})
    if isinstance(rules, dict):
        said["fields"] = {key: {"from": rule} if isinstance(rule, str) else rule for key, rule in rules.items()}
    return said


# Expressions.


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression; ``place``: the field that a fault of it names."""

    place: str
    tree: Any


def _expression(text: str, place: str, where: str, faults: list[Fault]) -> Expression:
    try:
        if len(text) > LONGEST_EXPRESSION:
            raise ValueError(f"may have at most {LONGEST_EXPRESSION} characters")
        tree = jmespath.compile(text).parsed
        for name, given in _calls(tree):
            _check_call(name, given)
    except JMESPathError as error:
        faults.append(Fault(where, f"is no expression of JMESPath: {str(error).splitlines()[0]}"))
        return Expression(place, None)
    except ValueError as error:
        faults.append(Fault(where, str(error)))
        return Expression(place, None)
    return Expression(place, tree)


def _calls(node: Any) -> Iterator[tuple[str, int]]:
    """Name and number of arguments of each function that is called in a tree."""
    if isinstance(node, dict):
        if node["type"] == "function_expression":
            yield node["value"], len(node["children"])
        for child in node["children"]:
            yield from _calls(child)


def _check_call(name: str, given: int) -> None:
    """Raises ValueError for a function that there is not, or not with so many arguments."""
    known = Functions.FUNCTION_TABLE.get(name)
    if known is None:
        raise ValueError(f"there is no function {name}() in JMESPath")
    wanted = known["signature"]
    if given != len(wanted) and not (wanted and wanted[-1].get("variadic") and given > len(wanted)):
        raise ValueError(f"{name}() takes {len(wanted)} arguments, not {given}")


class _TooMuch(Exception):
    """The expressions of this slice take more than they may; the text says of what."""


class _Evaluation(TreeInterpreter):
    """Works out the expressions on one slice, within MOST_STEPS nodes and MOST_TEXT characters for all of them."""

    def __init__(self) -> None:
        super().__init__()
        self._steps, self._text = MOST_STEPS, MOST_TEXT

    def visit(self, node: Any, *args: Any, **more: Any) -> Any:
        """The value of one node."""
        self._steps -= 1
        if self._steps < 0:
            raise _TooMuch(f"{MOST_STEPS} steps")
        found = super().visit(node, *args, **more)
        if isinstance(found, str) and node["type"] == "function_expression":
            self._spend(found)
        return found

    def _spend(self, text: str) -> None:
        self._text -= len(text)
        if self._text < 0:
            raise _TooMuch(f"{MOST_TEXT} characters")

    def spend(self, text: str, place: str) -> None:
        """Count a text that is about to be gone through. Raises Malformed."""
        try:
            self._spend(text)
        except _TooMuch as error:
            raise Malformed(place, f"takes more than {error} to find in this payload") from None

    def value(self, expression: Expression, on: Any) -> Any:
        """What an expression says of a value. Raises Malformed, which tells nothing of what came."""
        try:
            return self.visit(expression.tree, on)
        except _TooMuch as error:
            raise Malformed(expression.place, f"takes more than {error} to find in this payload") from None
        except JMESPathTypeError as error:
            takes = " or ".join(error.expected_types)
            said = f"{error.function_name}() takes {takes}, and there is {error.actual_type}"
            raise Malformed(expression.place, said) from None
        except (TypeError, ValueError, ArithmeticError):
            raise Malformed(expression.place, "the expression does not fit what came") from None


# Compiled: what a payload becomes.


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedItem:
    """One item: ``value`` as JSON in the intake's form with all that could be found, ``raw`` as it came."""

    raw: str
    value: Mapping[str, Any]
    faults: tuple[Malformed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedPayload:
    """The reports of a payload or a slice of it, and how many of its items are none by ``when``."""

    items: tuple[MappedItem, ...]
    ignored: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """A rule, checked: ``expressions`` of ``from`` or ``lines``; tables by what is said in small letters."""

    target: str
    rule: FieldRule
    expressions: tuple[Expression, ...]
    table: Mapping[str, str]
    words: tuple[tuple[str, str], ...]


class PayloadMapping:
    """A checked mapping of one city. ``key``: of the room, for what is opaque."""

    def __init__(self, sheet: MappingSheet, where: str, city: City, key: str, faults: list[Fault]) -> None:
        """``where``: the file, for messages. Adds every fault to ``faults``."""
        self._zone = city.zone
        self._key = key.encode()
        self._items = tuple(
            _expression(text, "items", f"{where}: items[{n}]", faults) for n, text in enumerate(sheet.items)
        )
        self._when = None if sheet.when is None else _expression(sheet.when, "when", f"{where}: when", faults)
        self._rules = tuple(
            _rule(target, rule, f"{where}: fields.{target}", faults) for target, rule in sheet.fields.items()
        )
        faults += [Fault(f"{where}: fields.{name}", "is required") for name in REQUIRED if name not in sheet.fields]
        faults += _strange_values(sheet, where, city)

    def read(self, payload: Any, raw: str) -> MappedPayload:
        """All reports of a payload, ``raw`` as it came. Raises TooLarge over MOST_ITEMS."""
        parts = list(self.slices(payload, raw))
        items = tuple(item for part in parts for item in part.items)
        return MappedPayload(items=items, ignored=sum(part.ignored for part in parts))

    def slices(self, payload: Any, raw: str) -> Iterator[MappedPayload]:
        """The same, SLICE items at a time, nothing where there is none; a fault of the whole is that of an only item.

        Raises TooLarge over MOST_ITEMS, before the first.
        """
        try:
            items = self._taken_apart(payload, _Evaluation())
        except Malformed as fault:
            yield MappedPayload(items=(MappedItem(raw=raw, value={}, faults=(fault,)),))
            return
        whole = raw if len(items) == 1 else None
        for start in range(0, len(items), SLICE):
            yield self._mapped_slice(items[start : start + SLICE], whole)

    def _taken_apart(self, payload: Any, evaluation: _Evaluation) -> list[Any]:
        """The items of a payload, each with what it was taken out of under OUTER. Raises Malformed, TooLarge."""
        items = [payload]
        for number, step in enumerate(self._items):
            inner: list[Any] = []
            for outer in items:
                found = evaluation.value(step, outer)
                if found is None and number == 0:
                    # An app that has nothing to tell sends an empty list; this one has changed its format.
                    raise Malformed("items", "finds null in this payload: is it of another format?")
                each = found if isinstance(found, list) else [found]
                inner += [_within(one, outer) for one in each if one is not None]
                if len(inner) > MOST_ITEMS:
                    raise TooLarge(f"a payload may hold at most {MOST_ITEMS} items")
            items = inner
        return items

    def _mapped_slice(self, items: Sequence[Any], whole: str | None) -> MappedPayload:
        """The reports of some items; ``whole``: the payload as it came, where an item is all of it."""
        evaluation = _Evaluation()
        found: list[MappedItem] = []
        ignored = 0
        for item in items:
            value: dict[str, Any] = {}
            try:
                if self._when is not None and not _true(evaluation.value(self._when, item)):
                    ignored += 1
                    continue
            except Malformed as fault:
                faults = [fault]
            else:
                value, faults = self._mapped(item, evaluation)
            raw = _raw_of(item) if whole is None else whole
            found.append(MappedItem(raw=raw, value=value, faults=tuple(faults)))
        return MappedPayload(items=tuple(found), ignored=ignored)

    def _mapped(self, item: Any, evaluation: _Evaluation) -> tuple[dict[str, Any], list[Malformed]]:
        value: dict[str, Any] = {}
        person: dict[str, Any] = {}
        faults: list[Malformed] = []
        for rule in self._rules:
            try:
                found = self._value_of(rule, item, evaluation)
            except Malformed as fault:
                faults.append(fault)
                continue
            if found is not None:
                of_person, _, name = rule.target.rpartition(".")
                (person if of_person else value)[name] = found
        return value | ({"person": person} if person else {}), faults

    def _value_of(self, rule: _Rule, item: Any, evaluation: _Evaluation) -> Any:
        """The value of a field, None for none. Raises Malformed."""
        if rule.rule.value is not None:
            return rule.rule.value
        found = [evaluation.value(one, item) for one in rule.expressions]
        said = found if rule.rule.lines else found[0]
        if rule.target in LISTS:
            return _listed(said, rule.target) or None
        if rule.target in NUMBERS:
            return _number(said, rule.target)
        if rule.target in MOMENTS:
            return self._moment(said, rule)
        return _bounded(self._text(said, rule, evaluation), rule)

    def _text(self, said: Any, rule: _Rule, evaluation: _Evaluation) -> str | None:
        text = _text_of(said, rule.target)
        evaluation.spend(text or "", rule.target)
        if text is not None and rule.words:
            whole = f" {' '.join(words_of(text))} "
            text = next((meant for word, meant in rule.words if f" {word} " in whole), None)
        elif text is not None and rule.table:
            text = rule.table.get(text.strip().casefold(), None if rule.rule.default is not None else text)
        if text is None:
            return rule.rule.default
        return self._sealed(text) if rule.rule.opaque else text

    def _sealed(self, text: str) -> str:
        """A hash under the room's key: whoever knows telephone numbers cannot find the one that stands behind it."""
        return hmac.new(self._key, f"hook:{text}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]

    def _moment(self, said: Any, rule: _Rule) -> str | None:
        if said is None or said == "":
            return None
        try:
            if isinstance(said, str) and len(said) > CODE:
                raise ValueError("no time is so long")
            return to_text(_READ_TIME.get(rule.rule.time, self._by_pattern(rule.rule.time))(said))
        except (ValueError, OverflowError, TypeError):
            raise Malformed(rule.target, f"must be a time as {rule.rule.time!r} says") from None

    def _by_pattern(self, pattern: str) -> Callable[[Any], datetime]:
        """How a time is read as ISO 8601 or by a pattern; one without an offset is the city's."""

        def read(said: Any) -> datetime:
            if pattern == ISO:
                return time_of(said, self._zone)
            found = datetime.strptime(said, pattern)  # noqa: DTZ007 - it gets its zone below
            return (found if found.tzinfo else found.replace(tzinfo=self._zone)).astimezone(UTC)

        return read


def _rule(target: str, rule: FieldRule, where: str, faults: list[Fault]) -> _Rule:
    faults += [Fault(f"{where}{place}", said) for place, said in _rule_faults(target, rule)]
    texts = rule.lines or ((rule.from_,) if rule.from_ is not None else ())
    name = "lines" if rule.lines else "from"
    return _Rule(
        target=target,
        rule=rule,
        expressions=tuple(_expression(text, target, f"{where}.{name}", faults) for text in texts),
        table={said.strip().casefold(): meant for said, meant in rule.table.items()},
        words=tuple((" ".join(words_of(said)), meant) for said, meant in rule.words.items()),
    )


def _rule_faults(target: str, rule: FieldRule) -> Iterator[tuple[str, str]]:
    """What is wrong with a rule, as the end of its place and a message."""
    if target not in TARGETS:
        yield "", f"is no field of a report: there are {', '.join(TARGETS)}"
        return
    yield from _way_faults(target, rule)
    if rule.table and rule.words:
        yield ".words", "cannot stand beside table"
    if rule.words and rule.default is None:
        yield ".default", "is required beside words: what is it when none of them is said?"
    if (rule.table or rule.words or rule.default is not None) and target not in (*TEXTS, *PEOPLE):
        yield "", f"takes no table, words or default: {target} is no text"
    if rule.time != ISO and target not in MOMENTS:
        yield ".time", f"is for {' and '.join(MOMENTS)} alone"
    if rule.time not in TIMES and not _is_pattern(rule.time):
        yield ".time", f"must be one of {', '.join(TIMES)}, or a pattern of strptime such as %d/%m/%Y %H:%M"
    if rule.opaque and target != "source_id":
        yield ".opaque", "is for source_id alone"
    if rule.cut and (target not in LONGEST or target in WHOLE):
        yield ".cut", f"is for {', '.join(name for name in LONGEST if name not in WHOLE)} alone"


def _way_faults(target: str, rule: FieldRule) -> Iterator[tuple[str, str]]:
    if (rule.from_ is not None) + bool(rule.lines) + (rule.value is not None) != 1:
        yield "", "needs one of from, lines and value"
    if rule.value is not None and target not in (*TEXTS, *PEOPLE):
        yield ".value", f"is for texts alone: {target} needs from"


def _is_pattern(text: str) -> bool:
    """Whether times can be read by a pattern: what it writes of a time it must read again."""
    if "%" not in text:
        return False
    try:
        datetime.strptime(EPOCH.strftime(text), text)  # noqa: DTZ007 - only whether it can be read
    except (ValueError, re.error):
        return False
    return True


def _strange_values(sheet: MappingSheet, where: str, city: City) -> Iterator[Fault]:
    """A fault for each value that the city does not have. A category that stands for the rest may be none: triage."""
    known = {"category": city.categories, "area": city.areas, "priority": PRIORITIES}
    for target, there in known.items():
        rule = sheet.fields.get(target, FieldRule())
        for name, meant in (("default", rule.default), ("value", rule.value)):
            if target != "category" and meant is not None and meant not in there:
                yield Fault(f"{where}: fields.{target}.{name}", f"the city has no {target} {meant!r}")
        for name in ("table", "words"):
            for said, meant in getattr(rule, name).items():
                key = city.category_key(meant) if target == "category" else meant
                if key is not None and key not in there:
                    yield Fault(f"{where}: fields.{target}.{name}.{said}", f"the city has no {target} {meant!r}")


# Values.


def _within(item: Any, outer: Any) -> Any:
    return {**item, OUTER: outer} if isinstance(item, dict) else item


def _raw_of(item: Any) -> str:
    """An item as it came."""
    return as_json({key: one for key, one in item.items() if key != OUTER} if isinstance(item, dict) else item)


def _true(value: Any) -> bool:
    """What JMESPath calls true: neither null, false nor empty; a zero is."""
    return value is not None and value is not False and value not in ("", [], {})


def _text_of(said: Any, target: str) -> str | None:
    """A text; numbers are written out, what is blank counts as nothing, several have a line each. Raises Malformed."""
    match said:
        case None:
            return None
        case bool() | dict():
            raise Malformed(target, "must be text")
        case str():
            return said if said.strip() else None
        case int() | float():
            return str(said)
        case list():
            lines = [text for one in said if (text := _text_of(one, target)) is not None]
            return "\n".join(lines) or None
        case _:
            raise Malformed(target, "must be text")


def _bounded(text: str | None, rule: _Rule) -> str | None:
    """A text as long as its field may be; a longer one is cut where the rule says so. Raises Malformed."""
    most = LONGEST[rule.target]
    if text is None or len(text) <= most:
        return text
    if rule.rule.cut:
        return text[: most - len(CUT_MARK)].rstrip() + CUT_MARK
    raise Malformed(rule.target, f"may have at most {most} characters")


def _listed(said: Any, target: str) -> list[str]:
    """Addresses, at most as many and as long as the intake takes them. Raises Malformed."""
    found = [one for one in (said if isinstance(said, list) else [said]) if one is not None and one != ""]
    if len(found) > MAX_MEDIA:
        raise Malformed(target, f"may have at most {MAX_MEDIA} items")
    for number, one in enumerate(found):
        if not isinstance(one, str):
            raise Malformed(f"{target}[{number}]", "must be text")
        if len(one) > MEDIA_ADDRESS:
            raise Malformed(f"{target}[{number}]", f"may have at most {MEDIA_ADDRESS} characters")
    return found


def _number(said: Any, target: str) -> int | float | None:
    """A number as it is, or out of a text, with a point or a comma. Raises Malformed."""
    if said is None or (isinstance(said, int | float) and not isinstance(said, bool)):
        return said
    if not isinstance(said, str):
        raise Malformed(target, "must be a finite number")
    if not said.strip():
        return None
    found = number_of(said.strip().replace(",", ".", 1)) if len(said) <= CODE else None
    if found is None:
        raise Malformed(target, "must be a finite number")
    return found


def _after_epoch(said: Any, unit: timedelta) -> datetime:
    number = float(said) if isinstance(said, int | float) and not isinstance(said, bool) else number_of(said)
    if number is None:
        raise ValueError("no number")
    return EPOCH + number * unit


_READ_TIME: Mapping[str, Callable[[Any], datetime]] = {
    SECONDS: lambda said: _after_epoch(said, timedelta(seconds=1)),
    MILLISECONDS: lambda said: _after_epoch(said, timedelta(milliseconds=1)),
}


def check_mappings(folder: Path, city: City) -> tuple[Fault, ...]:
    """Every fault of every mapping in a pack's folder."""
    faults: list[Fault] = []
    for name in _names((folder / FOLDER).glob("*.yaml")):
        load_mapping(folder, name, city, "", faults)
    return tuple(faults)


def load_mapping(folder: Path, name: str, city: City, key: str, faults: list[Fault]) -> PayloadMapping | None:
    """The mapping NAME of a pack's ``folder``; None, and faults, where there is none that works."""
    before = len(faults)
    path = folder / FOLDER / f"{name}.yaml"
    if path.parent != folder / FOLDER or not path.is_file():
        there = ", ".join(_names(path.parent.glob("*.yaml"))) if path.parent == folder / FOLDER else ""
        faults.append(Fault(f"{FOLDER}/{name}.yaml", f"is not in {folder}; there are {there or 'none'}"))
        return None
    sheet = read_sheet(path, faults)
    if sheet is None:
        return None
    mapping = PayloadMapping(sheet, f"{FOLDER}/{path.name}", city, key, faults)
    return mapping if len(faults) == before else None


def _names(paths: Iterable[Path]) -> list[str]:
    return sorted(path.stem for path in paths)
