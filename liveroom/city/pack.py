"""A city pack: `load_city` reads its files, checks them against each other, and returns a `City` or every fault.

The pure `Policy`, by which the domain decides, is made of the same parts. What is slow to find out (plain values of the
sheets, holidays, sound outlines) is kept for the next start, under a key of everything that it depends on.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from liveroom.city.agencies import AGENCIES_FILE, Agency, AgencySheet, check_agencies
from liveroom.city.areas import (
    AREAS_FILE,
    DISTRICTS_FILE,
    Area,
    District,
    check_areas,
    check_outlines,
    read_features,
)
from liveroom.city.calendar import (
    CALENDAR_FILE,
    CalendarSheet,
    CityCalendar,
    DaysOff,
    build_calendar,
    check_calendar,
)
from liveroom.city.categories import (
    CATEGORIES_FILE,
    CLASSES_FILE,
    Category,
    CategorySheet,
    Class,
    ClassSheet,
    Group,
    KnownKeys,
    check_categories,
    check_classes,
)
from liveroom.city.city import CITY_FILE, WORDS_FILE, City, CitySheet, CityWords, check_city, check_words
from liveroom.city.sheet import all_keys, read_yaml
from liveroom.domain.policy import Policy
from liveroom.runtime.disk import DiskCache
from liveroom.runtime.errors import ConfigError, Fault

SHEETS = (CITY_FILE, AGENCIES_FILE, CLASSES_FILE, CATEGORIES_FILE, CALENDAR_FILE, WORDS_FILE)
OUTLINES = (f"areas/{DISTRICTS_FILE}", f"areas/{AREAS_FILE}")
# Whether a pack has faults does not depend on the years: a short calendar is enough for `check`.
CHECKED_YEARS = (2025, 2026)
_ALLOWED_TIME = 100  # percent


@dataclass(kw_only=True)
class PackFindings:
    """What is slow to find out of a pack: plain values of its sheets, days off, and of its outlines whether they are
    sound and which areas touch each other.
    """

    sheets: dict[str, object] = field(default_factory=dict)
    off: DaysOff | None = None
    drawn: bool = False
    neighbours: dict[str, frozenset[str]] | None = None


def load_city(folder: Path, *, years: tuple[int, int], cache: DiskCache | None = None) -> City:
    """The city of a pack. Raises ConfigError with every fault.

    ``years``: first and last year of working time. The calendar takes 1 ms a year, so a room can reach back to 2000,
    where imported complaints begin. ``cache``: where the findings of these very files are kept for the next start.
    """
    kept = _cache_key(folder, years, cache)
    if cache is not None and kept is not None and (known := cache.read(*kept, PackFindings)) is not None:
        wrong: list[Fault] = []
        city = _load(folder, years, faults=wrong, known=known)
        if city is not None and not wrong:
            return city
    faults: list[Fault] = []
    found = PackFindings()
    city = _load(folder, years, faults=faults, known=found)
    if city is None or faults:
        raise ConfigError(faults)
    found.off, found.drawn, found.neighbours = city.calendar.off, True, dict(city.neighbours)
    # Sheets that JSON would change, such as those with a number as a key, are read from their files each time.
    if cache is not None and kept is not None and _survives_json(found.sheets):
        cache.write(*kept, found)
    return city


def check(folder: Path) -> tuple[Fault, ...]:
    """Every fault of the pack in ``folder``; without one a room can start with it."""
    faults: list[Fault] = []
    _load(folder, CHECKED_YEARS, faults=faults, known=PackFindings())
    return tuple(faults)


def _cache_key(folder: Path, years: tuple[int, int], cache: DiskCache | None) -> tuple[str, str] | None:
    """Name and key of the findings in the cache. They depend on the files, the years, this code and the holidays."""
    if cache is None:
        return None
    try:
        digest = hashlib.sha256(f"{_hash(folder)} {folder.resolve().name} {years} {version('holidays')}".encode())
        for path in sorted(Path(__file__).parent.glob("*.py")):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    except (OSError, PackageNotFoundError):
        return None
    return f"pack-{folder.name}-{years[0]}-{years[1]}", digest.hexdigest()


def _survives_json(sheets: dict[str, object]) -> bool:
    try:
        return bool(msgspec.json.decode(msgspec.json.encode(sheets)) == sheets)
    except (TypeError, ValueError, msgspec.MsgspecError):
        return False


def _hash(folder: Path) -> str:
    """A hash of the files that make the city; the README and the drill are no part of it."""
    digest = hashlib.sha256()
    for name in (*SHEETS, *OUTLINES):
        digest.update(name.encode() + b"\0" + hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()


# Reading: every file, whatever is wrong with the others.


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility:
    """Who handles what within which time; mappings by key."""

    agencies: Mapping[str, Agency]
    outside: Mapping[str, Agency]
    classes: Mapping[str, Class]
    groups: Mapping[str, Group]
    categories: Mapping[str, Category]
    known: KnownKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class PackPlaces:
    """Districts and areas by code."""

    districts: Mapping[str, District]
    areas: Mapping[str, Area]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackParts:
    """The parts of a pack without a fault."""

    card: CitySheet
    handling: Responsibility
    places: PackPlaces
    calendar: CityCalendar
    words: CityWords
    hash: str


def _load(folder: Path, years: tuple[int, int], *, faults: list[Fault], known: PackFindings) -> City | None:
    """Read and check every file; the city when there is no fault. Findings in ``known`` are used, new ones added."""
    if not folder.is_dir():
        faults.append(Fault(folder.name, "there is no such city pack"))
        return None
    handling = _handling(folder, faults, known.sheets)
    places = _places(folder, handling.known.agencies, faults=faults, drawn=known.drawn)
    card = read_yaml(folder / CITY_FILE, CitySheet, faults=faults, kept=known.sheets)
    calendar = _calendar(folder, card.zone if card else ZoneInfo("UTC"), years=years, faults=faults, known=known)
    said = read_yaml(folder / WORDS_FILE, CityWords, faults=faults, kept=known.sheets)
    if card:
        check_city(card, folder.resolve().name, classes=handling.known.classes, faults=faults)
    if said and card:
        check_words(said, card.languages, faults=faults)
    if faults or card is None or calendar is None or said is None:
        return None
    return _city(
        PackParts(card=card, handling=handling, places=places, calendar=calendar, words=said, hash=_hash(folder)),
        known.neighbours,
    )


def _handling(folder: Path, faults: list[Fault], kept: dict[str, object]) -> Responsibility:
    """Agencies, classes and categories, as far as their files can be read."""
    bodies = read_yaml(folder / AGENCIES_FILE, AgencySheet, faults=faults, kept=kept)
    inside, outside = check_agencies(bodies, faults) if bodies else ({}, {})
    times = read_yaml(folder / CLASSES_FILE, ClassSheet, faults=faults, kept=kept)
    ranked = check_classes(times, faults) if times else {}
    kinds = read_yaml(folder / CATEGORIES_FILE, CategorySheet, faults=faults, kept=kept)
    known = KnownKeys(
        classes=all_keys(ranked, f"{CLASSES_FILE}: classes", faults),
        agencies=all_keys(inside, f"{AGENCIES_FILE}: agencies", faults),
        outside=all_keys(outside, f"{AGENCIES_FILE}: outside", faults),
    )
    groups, listed = check_categories(kinds, known, faults=faults) if kinds else ({}, {})
    return Responsibility(
        agencies=inside, outside=outside, classes=ranked, groups=groups, categories=listed, known=known
    )


def _places(folder: Path, handlers: Collection[str], *, faults: list[Fault], drawn: bool) -> PackPlaces:
    """Districts and areas, as far as their outlines can be read."""
    districts = read_features(folder / "areas" / DISTRICTS_FILE, District, faults=faults, sound=drawn)
    parts = read_features(folder / "areas" / AREAS_FILE, Area, faults=faults, sound=drawn)
    by_code, areas_by_code = check_areas(districts, parts, agencies=handlers, faults=faults)
    if not drawn:
        check_outlines(districts, parts, faults)
    return PackPlaces(districts=by_code, areas=areas_by_code)


def _calendar(
    folder: Path, zone: ZoneInfo, *, years: tuple[int, int], faults: list[Fault], known: PackFindings
) -> CityCalendar | None:
    """Working time, built even when another file has faults: an unknown country shows only here."""
    sheet = read_yaml(folder / CALENDAR_FILE, CalendarSheet, faults=faults, kept=known.sheets)
    if sheet is None:
        return None
    check_calendar(sheet, faults)
    return build_calendar(sheet, zone, years=years, faults=faults, off=known.off)


# The City and its Policy, from parts without a fault.


def _city(parts: PackParts, neighbours: Mapping[str, frozenset[str]] | None) -> City:
    card, handling = parts.card, parts.handling
    return City(
        key=card.key,
        name=card.name,
        room_name=card.room_name,
        zone_label=card.zone_label,
        languages=card.languages,
        locale=card.locale,
        attribution=card.attribution,
        attributions=card.attributions,
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
        reports=card.reports,
        words=parts.words,
        calendar=parts.calendar,
        policy=_policy(parts),
        hash=parts.hash,
        open_data=card.open_data,
        known_neighbours=neighbours,
    )


def _policy(parts: PackParts) -> Policy:
    """The promises of the city, as the domain needs them."""
    rules, handling, places = parts.card.rules, parts.handling, parts.places
    multiples = [step for step in parts.card.escalation if step.percent > _ALLOWED_TIME]
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
        warn_percent=next((step.percent for step in parts.card.escalation if step.percent < _ALLOWED_TIME), None),
        multiples=tuple(step.percent for step in multiples),
        recipients={step.percent: step.to[0] for step in multiples if step.to},
    )
