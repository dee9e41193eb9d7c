"""What citizens complain about: each category with its class, its usual agency, and whether it is delicate."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from liveroom.city.keys import Key, Text, keyed, refer
from liveroom.domain.policy import CategoryRule
from liveroom.runtime.errors import Fault

FILE = "categories.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Categories that belong together on a list."""

    key: Key
    label: Text
    label_en: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category; ``label`` is in the city's first language, ``short`` what a wall has room for.

    Either ``agency`` or ``by_area``: the office of the area's own district. ``private``: walls get its place rounded
    and visitors' screens less still. ``aliases`` are names by which sources call it, ``keywords`` help triage,
    ``outside`` the bodies it may belong to instead.
    """

    key: Key
    label: Text
    label_en: Text | None = None
    short: Text | None = None
    short_en: Text | None = None
    group: str
    class_: str
    agency: str | None = None
    by_area: bool = False
    private: bool = False
    needs_proof: bool = True
    keywords: tuple[Text, ...] = ()
    outside: tuple[str, ...] = ()
    aliases: tuple[Text, ...] = ()

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
class Known:
    """The keys that a category may refer to; empty where the file that defines them has faults of its own."""

    classes: Collection[str]
    agencies: Collection[str]
    outside: Collection[str]


def check_categories(
    sheet: CategorySheet, known: Known, *, faults: list[Fault]
) -> tuple[Mapping[str, Group], Mapping[str, Category]]:
    """Groups and categories by key; every reference leads somewhere."""
    groups = keyed(sheet.groups, where=f"{FILE}: groups", faults=faults)
    categories = keyed(sheet.categories, where=f"{FILE}: categories", faults=faults)
    for category in sheet.categories:
        where = f"{FILE}: categories[{category.key}]"
        faults.extend(refer(category.group, groups, where=f"{where}.group", what="group"))
        faults.extend(refer(category.class_, known.classes, where=f"{where}.class", what="class"))
        faults.extend(_handler(category, known, where=where))
    _names(sheet.categories, faults)
    return groups, categories


def _handler(category: Category, known: Known, *, where: str) -> list[Fault]:
    """Exactly one way to the agency, and outside bodies that exist."""
    faults = []
    if (category.agency is None) != category.by_area:
        faults.append(Fault(f"{where}.agency", "needs either an agency or by_area: true"))
    if category.agency is not None:
        faults += refer(category.agency, known.agencies, where=f"{where}.agency", what="agency")
    for index, body in enumerate(category.outside):
        faults += refer(body, known.outside, where=f"{where}.outside[{index}]", what="outside body")
    return faults


def _names(categories: Collection[Category], faults: list[Fault]) -> None:
    """A source's name for a category means one category only."""
    taken = {category.key: category.key for category in categories}
    for category in categories:
        for alias in category.aliases:
            if taken.setdefault(alias, category.key) != category.key:
                where = f"{FILE}: categories[{category.key}].aliases"
                faults.append(Fault(where, f"{alias!r} means {taken[alias]!r} already"))
