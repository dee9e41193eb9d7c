"""What citizens complain about: classes with their allowed times, categories, and hints from a text to a category.

classes.yaml is read as `ClassSheet`, categories.yaml as `CategorySheet`. `Hints` finds the keywords of the categories
in a text, as words, in one of their forms, or misspelt.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Literal

from msgspec import Meta
from rapidfuzz import fuzz, process

from liveroom.city.sheet import TRANSLATED, Key, Text, Translations, all_keys, in_language, keyed, refer
from liveroom.domain.complaints.model import DeadlineClock, Stage
from liveroom.domain.policy import CategoryRule, ClassRule, Span
from liveroom.domain.timestamps import words_of
from liveroom.runtime.errors import Fault
from liveroom.runtime.language import text

# Classes: the time that each allows for every stage.

CLASSES_FILE = "classes.yaml"
_Days = Annotated[int, Meta(ge=1, le=400)]
_Minutes = Annotated[int, Meta(ge=1, le=60 * 24 * 400)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """An allowed time as in the file: ``{days: 3}`` in working days, or ``{minutes: 30, clock: calendar}``."""

    days: _Days | None = None
    minutes: _Minutes | None = None
    clock: DeadlineClock | None = None

    def fault(self) -> str | None:
        """What is wrong with it, if anything."""
        if (self.days is None) == (self.minutes is None):
            return "needs either days (working days) or minutes"
        if self.minutes is not None and self.clock is None:
            return "minutes need a clock: calendar or working"
        return (
            "working days have no other clock"
            if self.days is not None and self.clock is DeadlineClock.CALENDAR
            else None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """A class with its label and allowed times; a stage without one has no promise. ``rank`` 1 is the most urgent."""

    key: Key
    label: Text
    labels: Translations = field(default_factory=dict, metadata=TRANSLATED)
    rank: Annotated[int, Meta(ge=1, le=99)]
    forward: Allowance | None = None
    accept: Allowance | None = None
    finish: Allowance
    reply: Allowance | None = None

    def label_in(self, language: str) -> str:
        """Its label in a language."""
        return in_language(language, self.label, self.labels)

    @property
    def allowances(self) -> Mapping[Stage, Allowance]:
        """The allowances that are given, by stage."""
        written = {
            Stage.FORWARD: self.forward,
            Stage.ACCEPT: self.accept,
            Stage.FINISH: self.finish,
            Stage.REPLY: self.reply,
        }
        return {stage: allowance for stage, allowance in written.items() if allowance is not None}

    @property
    def rule(self) -> ClassRule:
        """The class as the policy needs it."""
        spans = {
            stage: Span(days=given.days, minutes=given.minutes, clock=given.clock or DeadlineClock.WORKING)
            for stage, given in self.allowances.items()
        }
        return ClassRule(key=self.key, rank=self.rank, spans=spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSheet:
    """classes.yaml."""

    classes: tuple[Class, ...]


def check_classes(sheet: ClassSheet, faults: list[Fault]) -> Mapping[str, Class]:
    """The classes by key; allowed times make sense and no two classes share a rank."""
    if not sheet.classes:
        faults.append(
            Fault(f"{CLASSES_FILE}: classes", "needs at least one class for emergencies and one for all else")
        )
    ranks: dict[int, str] = {}
    for class_ in sheet.classes:
        where = f"{CLASSES_FILE}: classes[{class_.key}]"
        for stage, allowance in class_.allowances.items():
            message = allowance.fault()
            if message:
                faults.append(Fault(f"{where}.{stage}", message))
        if ranks.setdefault(class_.rank, class_.key) != class_.key:
            faults.append(Fault(f"{where}.rank", f"{class_.rank} is the rank of {ranks[class_.rank]!r} already"))
    return keyed(sheet.classes, where=f"{CLASSES_FILE}: classes", faults=faults)


# Categories: the class, the usual agency, and whether the place is private.

CATEGORIES_FILE = "categories.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A heading for categories on lists."""

    key: Key
    label: Text
    labels: Translations = field(default_factory=dict, metadata=TRANSLATED)

    def label_in(self, language: str) -> str:
        """Its label in a language."""
        return in_language(language, self.label, self.labels)


Datatype = Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
LISTS = ("singlevaluelist", "multivaluelist")


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeValue:
    """One answer of those that may be chosen."""

    key: Key
    label: Text
    labels: Translations = field(default_factory=dict, metadata=TRANSLATED)

    def label_in(self, language: str) -> str:
        """Its label in a language."""
        return in_language(language, self.label, self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A question that apps ask with a category; ``label``: the question, ``hint``: how to answer it.

    ``values``: what may be chosen, for the two list types alone. ``datatype`` as Open311 GeoReport v2 names it.
    """

    key: Key
    label: Text
    labels: Translations = field(default_factory=dict, metadata=TRANSLATED)
    hint: Text | None = None
    hints: Translations = field(default_factory=dict, metadata=TRANSLATED)
    datatype: Datatype
    required: bool = False
    values: tuple[AttributeValue, ...] = ()

    def label_in(self, language: str) -> str:
        """The question in a language."""
        return in_language(language, self.label, self.labels)

    def hint_in(self, language: str) -> str | None:
        """The hint in a language, None without one."""
        return None if self.hint is None else in_language(language, self.hint, self.hints)


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category; ``label``: in the city's first language, ``short``: for a wall, which has little room; ``labels`` and
    ``shorts``: in others.

    Either ``agency`` or ``by_area``: the office of the area's district. ``private``: walls get a rounded place, and
    screens for visitors less. ``aliases``: names that sources use for it; ``keywords``: for `Hints`; ``outside``:
    bodies it may belong to instead; ``attributes``: what apps ask beside the words.
    """

    key: Key
    label: Text
    labels: Translations = field(default_factory=dict, metadata=TRANSLATED)
    short: Text | None = None
    shorts: Translations = field(default_factory=dict, metadata=TRANSLATED)
    group: str
    class_: str
    agency: str | None = None
    by_area: bool = False
    private: bool = False
    needs_proof: bool = True
    keywords: tuple[Text, ...] = ()
    outside: tuple[str, ...] = ()
    aliases: tuple[Text, ...] = ()
    attributes: tuple[Attribute, ...] = ()

    def label_in(self, language: str) -> str:
        """Its label in a language."""
        return in_language(language, self.label, self.labels)

    @property
    def rule(self) -> CategoryRule:
        """The category as the policy needs it."""
        return CategoryRule(
            key=self.key,
            class_=self.class_,
            agency=self.agency,
            by_area=self.by_area,
            private=self.private,
            needs_proof=self.needs_proof,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CategorySheet:
    """categories.yaml."""

    groups: tuple[Group, ...]
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKeys:
    """The keys that other files may refer to; empty where the file that defines them cannot be read."""

    classes: Collection[str]
    agencies: Collection[str]
    outside: Collection[str]


def check_categories(
    sheet: CategorySheet, known: KnownKeys, *, faults: list[Fault]
) -> tuple[Mapping[str, Group], Mapping[str, Category]]:
    """Groups and categories by key; every reference leads somewhere."""
    groups = keyed(sheet.groups, where=f"{CATEGORIES_FILE}: groups", faults=faults)
    categories = keyed(sheet.categories, where=f"{CATEGORIES_FILE}: categories", faults=faults)
    known_groups = all_keys(groups, f"{CATEGORIES_FILE}: groups", faults)
    for category in sheet.categories:
        where = f"{CATEGORIES_FILE}: categories[{category.key}]"
        faults.extend(refer(category.group, known_groups, where=f"{where}.group", what="group"))
        faults.extend(refer(category.class_, known.classes, where=f"{where}.class", what="class"))
        faults.extend(_agency_faults(category, known, where=where))
        _check_attributes(category.attributes, f"{where}.attributes", faults)
    _check_aliases(sheet.categories, faults)
    return groups, categories


def _agency_faults(category: Category, known: KnownKeys, *, where: str) -> list[Fault]:
    """Faults unless there is exactly one way to the agency, and all outside bodies exist."""
    faults = []
    if (category.agency is None) != category.by_area:
        faults.append(Fault(f"{where}.agency", "needs either an agency or by_area: true"))
    if category.agency is not None:
        faults += refer(category.agency, known.agencies, where=f"{where}.agency", what="agency")
    for index, body in enumerate(category.outside):
        faults += refer(body, known.outside, where=f"{where}.outside[{index}]", what="outside body")
    return faults


def _check_attributes(attributes: Sequence[Attribute], where: str, faults: list[Fault]) -> None:
    """Keys are unique, and there are values exactly where one is chosen from them."""
    keyed(attributes, where=where, faults=faults)
    for attribute in attributes:
        values = f"{where}[{attribute.key}].values"
        keyed(attribute.values, where=values, faults=faults)
        if attribute.datatype in LISTS and not attribute.values:
            faults.append(Fault(values, f"a {attribute.datatype} needs at least one value to choose"))
        if attribute.datatype not in LISTS and attribute.values:
            faults.append(Fault(values, f"a {attribute.datatype} has none to choose from"))


def _check_aliases(categories: Collection[Category], faults: list[Fault]) -> None:
    """An alias means one category only."""
    taken = {category.key: category.key for category in categories}
    for category in categories:
        for alias in category.aliases:
            if taken.setdefault(alias, category.key) != category.key:
                where = f"{CATEGORIES_FILE}: categories[{category.key}].aliases"
                faults.append(Fault(where, f"{alias!r} means {taken[alias]!r} already"))


# Hints: which category a text sounds like.

MOST_WORDS = 400
# Slips: how many words of a text are compared with keywords, from how many letters on, and the score of 100 from which
# two words are taken for the same.
_MISSPELT_AMONG, _MISSPELT_FROM, _ALIKE = 80, 6, 86.0
# The words of one keyword are at most so many words apart.
_REACH = 4
# A form of a word has at least so many letters.
_SHORTEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A category, its score above 0 and below 1, and the words of the text that led to it, in order."""

    key: str
    score: float
    because: tuple[str, ...]


class Hints:
    """An index of the city's keywords; a question takes a few milliseconds at most."""

    def __init__(self, keywords: Mapping[str, Iterable[str]], languages: Sequence[str]) -> None:
        self._languages = tuple(languages)
        self._phrases = [(key, tuple(words_of(one))) for key, many in keywords.items() for one in many]
        self._words: dict[str, set[str]] = defaultdict(set)
        for word in {word for _, phrase in self._phrases for word in phrase}:
            for form in _forms(word, self._languages):
                self._words[form].add(word)
        self._long = sorted({word for _, phrase in self._phrases for word in phrase if len(word) >= _MISSPELT_FROM})

    def of(self, text: str, most: int) -> tuple[Hint, ...]:
        """Up to ``most`` categories for a text, the likeliest first."""
        words = words_of(text)[:MOST_WORDS]
        places = self._places(words)
        weights: dict[str, float] = defaultdict(float)
        causes: dict[str, set[int]] = defaultdict(set)
        for key, phrase in self._phrases:
            if (found := _matched_at(phrase, places)) is not None:
                weights[key] += len(phrase) ** 1.5
                causes[key] |= found
        ranked = sorted(weights, key=lambda key: -weights[key])[:most]
        return tuple(
            Hint(
                key=key,
                score=round(1 - 0.6 ** weights[key], 3),
                because=tuple(dict.fromkeys(words[place] for place in sorted(causes[key]))),
            )
            for key in ranked
        )

    def _places(self, words: Sequence[str]) -> Mapping[str, list[int]]:
        """The places in the text of each word of a keyword."""
        places: dict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(words):
            meant = {known for form in _forms(word, self._languages) for known in self._words.get(form, ())}
            meant = meant & {word} if _is_polite(word, self._languages) else meant
            if not meant and place < _MISSPELT_AMONG and len(word) >= _MISSPELT_FROM:
                alike = process.extractOne(word, self._long, scorer=fuzz.ratio, score_cutoff=_ALIKE)
                meant = {alike[0]} if alike is not None else set()
            for known in meant:
                places[known].append(place)
        return places


def _matched_at(phrase: Sequence[str], places: Mapping[str, list[int]]) -> set[int] | None:
    """The first places at which all words of a phrase are near each other; None when they nowhere are."""
    for first in places.get(phrase[0], ()) if phrase else ():
        near = [next((p for p in places.get(word, ()) if abs(p - first) <= _REACH), None) for word in phrase[1:]]
        if None not in near:
            return {first, *(place for place in near if place is not None)}
    return None


# Languages: the affixes of their words, and the words that announce a place, as their catalogues list them.


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """``prefixes`` and ``suffixes`` of words. ``area`` and ``district``: words that stand before a place's name.

    ``polite``: words of greetings, which are no form of another word.
    """

    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]
    area: frozenset[str]
    district: frozenset[str]
    polite: frozenset[str]


@cache
def speech_of(language: str) -> Speech:
    """What a language has of them. ``meng-`` is a prefix, ``-kan`` a suffix; a ``-`` alone says that there is none."""
    affixes = text("hints.affixes", language).split()
    return Speech(
        prefixes=tuple(one[:-1] for one in affixes if one.endswith("-") and one != "-"),
        suffixes=tuple(one[1:] for one in affixes if one.startswith("-") and one != "-"),
        area=frozenset(words_of(text("hints.area", language))),
        district=frozenset(words_of(text("hints.district", language))),
        polite=frozenset(words_of(text("hints.polite", language))),
    )


def _forms(word: str, languages: Sequence[str]) -> frozenset[str]:
    """The word, and what is left of it without an affix on either side, if that has three letters."""
    found = {word}
    for speech in map(speech_of, languages):
        found |= {part.removeprefix(one) for part in tuple(found) for one in speech.prefixes}
        for part in tuple(found):
            found |= {part.removesuffix(one) for one in speech.suffixes}
    return frozenset(part for part in found if len(part) >= _SHORTEST) | {word}


def _is_polite(word: str, languages: Sequence[str]) -> bool:
    """Whether the word belongs to a greeting."""
    return any(word in speech_of(language).polite for language in languages)
