"""Puts the checked parts of a pack together: the City and, out of it, the pure Policy that decides."""

from collections.abc import Mapping
from dataclasses import dataclass

from liveroom.city.agencies import Agency
from liveroom.city.areas import Area, District
from liveroom.city.calendar import CityCalendar
from liveroom.city.categories import Category, Group
from liveroom.city.city import City
from liveroom.city.classes import Class
from liveroom.city.rules import CitySheet
from liveroom.city.words import Words
from liveroom.domain.policy import Policy

WHOLE = 100  # percent of the allowed time


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Who handles what within which time; mappings by key."""

    agencies: Mapping[str, Agency]
    outside: Mapping[str, Agency]
    classes: Mapping[str, Class]
    groups: Mapping[str, Group]
    categories: Mapping[str, Category]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Districts and areas by code."""

    districts: Mapping[str, District]
    areas: Mapping[str, Area]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The parts of a pack without a fault."""

    card: CitySheet
    handling: Handling
    places: Places
    calendar: CityCalendar
    words: Words
    hash: str


def assemble(parts: Checked) -> City:
    """The city out of its parts."""
    return _city(parts, parts.card, parts.handling)


def _city(parts: Checked, card: CitySheet, handling: Handling) -> City:
    return City(
        key=card.key,
        name=card.name,
        room_name=card.room_name,
        zone_label=card.zone_label,
        languages=card.languages,
        locale=card.locale,
        attribution=card.attribution,
        attribution_en=card.attribution_en or card.attribution,
        agencies=handling.agencies,
        outside=handling.outside,
        groups=handling.groups,
        categories=handling.categories,
        classes=handling.classes,
        districts=parts.places.districts,
        areas=parts.places.areas,
        recipients={office.key: office for office in card.recipients},
        escalation=card.escalation,
        shifts=card.shifts,
        words=parts.words,
        calendar=parts.calendar,
        policy=_policy(parts),
        hash=parts.hash,
    )


def _policy(parts: Checked) -> Policy:
    """What the city promises, as the domain needs it."""
    rules, handling, places = parts.card.rules, parts.handling, parts.places
    multiples = [step for step in parts.card.escalation if step.percent > WHOLE]
    return Policy(
        zone=parts.calendar.zone,
        calendar=parts.calendar.working,
        classes={key: class_.rule for key, class_ in handling.classes.items()},
        categories={key: category.rule for key, category in handling.categories.items()},
        agencies=frozenset(handling.agencies),
        outside=frozenset(handling.outside),
        areas={code: places.districts[area.district].agency for code, area in places.areas.items()},
        default_class=rules.default_class,
        pauses=frozenset(rules.pauses),
        second_person=rules.second_person,
        reopen_days=rules.reopen_days,
        claim_minutes=rules.claim_minutes,
        urgent_class=rules.urgent_class,
        critical_class=rules.critical_class,
        warn_percent=next((step.percent for step in parts.card.escalation if step.percent < WHOLE), None),
        multiples=tuple(step.percent for step in multiples),
        recipients={step.percent: step.to[0] for step in multiples if step.to},
    )
