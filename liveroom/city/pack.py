"""Load and check a pack -> City, Policy."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from liveroom.city import agencies, areas, categories
from liveroom.city import calendar as calendar_parts
from liveroom.city import city as city_parts
from liveroom.city.agencies import Agency
from liveroom.city.areas import Area, District, frame_faults, read_features
from liveroom.city.calendar import CityCalendar, DaysOff, build_calendar
from liveroom.city.categories import Category, Class, Group
from liveroom.city.city import City, CitySheet, CityWords
from liveroom.city.sheet import read_yaml
from liveroom.domain.policy import Policy
from liveroom.runtime.disk import DiskCache
from liveroom.runtime.errors import ConfigError, Fault

# Puts the checked parts of a pack together: the City and, out of it, the pure Policy that decides.

WHOLE = 100  # percent of the allowed time


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility:
    """Who handles what within which time; mappings by key."""

    agencies: Mapping[str, Agency]
    outside: Mapping[str, Agency]
    classes: Mapping[str, Class]
    groups: Mapping[str, Group]
    categories: Mapping[str, Category]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackPlaces:
    """Districts and areas by code."""

    districts: Mapping[str, District]
    areas: Mapping[str, Area]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The parts of a pack without a fault."""

    card: CitySheet
    handling: Responsibility
    places: PackPlaces
    calendar: CityCalendar
    words: CityWords
    hash: str


def assemble(parts: Checked) -> City:
    """The city out of its parts."""
    return _city(parts, parts.card, parts.handling)


def _city(parts: Checked, card: CitySheet, handling: Responsibility) -> City:
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


# The one door to a city pack: reads its files, checks them against each other, and hands out a City or every fault.

SHEETS = (
    city_parts.CITY_FILE,
    agencies.FILE,
    categories.CLASSES_FILE,
    categories.CATEGORIES_FILE,
    calendar_parts.FILE,
    city_parts.WORDS_FILE,
)
OUTLINES = (f"areas/{areas.DISTRICTS}", f"areas/{areas.AREAS}")
# A pack is right or wrong whatever the year: a short calendar checks it.
CHECKED_YEARS = (2025, 2026)


@dataclass(kw_only=True)
class PackFindings:
    """What is slow to find out of a pack: plain values of its sheets, days off, whether its outlines are sound."""

    sheets: dict[str, object] = field(default_factory=dict)
    off: DaysOff | None = None
    drawn: bool = False


def load_city(folder: Path, *, years: tuple[int, int], cache: DiskCache | None = None) -> City:
    """The city of a pack; raises ConfigError with every fault.

    ``years``: first and last year of working time. The calendar costs 1 ms a year, so a room can reach back to 2000,
    where imported complaints begin. ``cache``: where what was found out of these very files is kept for the next start.
    """
    kept = _kept(folder, years, cache)
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
    found.off, found.drawn = city.calendar.off, True
    # A value that JSON would bring back as another, such as a key that is a number, is read from its file each time.
    if cache is not None and kept is not None and _same(found.sheets):
        cache.write(*kept, found)
    return city


def _kept(folder: Path, years: tuple[int, int], cache: DiskCache | None) -> tuple[str, str] | None:
    """Under which name and key a pack is kept: its files, the years, who reads it and who knows its holidays."""
    if cache is None:
        return None
    try:
        digest = hashlib.sha256(f"{_hash(folder)} {folder.resolve().name} {years} {version('holidays')}".encode())
        for path in sorted(Path(__file__).parent.glob("*.py")):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    except (OSError, PackageNotFoundError):
        return None
    return f"pack-{folder.name}-{years[0]}-{years[1]}", digest.hexdigest()


def _same(sheets: dict[str, object]) -> bool:
    try:
        return bool(msgspec.json.decode(msgspec.json.encode(sheets)) == sheets)
    except (TypeError, ValueError, msgspec.MsgspecError):
        return False


def check(folder: Path) -> tuple[Fault, ...]:
    """Every fault of the pack in ``folder``; none means that a room can start with it."""
    faults: list[Fault] = []
    _load(folder, CHECKED_YEARS, faults=faults, known=PackFindings())
    return tuple(faults)


def _load(folder: Path, years: tuple[int, int], *, faults: list[Fault], known: PackFindings) -> City | None:
    """Read and check every file, whatever the others say; the city when nothing that it needs is absent.

    What is ``known`` is not found out again; the sheets that are read become so.
    """
    if not folder.is_dir():
        faults.append(Fault(folder.name, "there is no such city pack"))
        return None
    handling = _handling(folder, faults, known.sheets)
    places = _places(folder, handling.agencies, faults=faults, drawn=known.drawn)
    card = read_yaml(folder / city_parts.CITY_FILE, city_parts.CitySheet, faults=faults, kept=known.sheets)
    calendar = _calendar(folder, card.zone if card else ZoneInfo("UTC"), years=years, faults=faults, known=known)
    said = read_yaml(folder / city_parts.WORDS_FILE, city_parts.CityWords, faults=faults, kept=known.sheets)
    if card:
        city_parts.check_city(card, folder.resolve().name, classes=handling.classes, faults=faults)
    if said and card:
        city_parts.check_words(said, card.languages, faults=faults)
    if faults or card is None or calendar is None or said is None:
        return None
    return assemble(
        Checked(card=card, handling=handling, places=places, calendar=calendar, words=said, hash=_hash(folder))
    )


def _handling(folder: Path, faults: list[Fault], kept: dict[str, object]) -> Responsibility:
    """Agencies, classes and categories, as far as their files can be read."""
    bodies = read_yaml(folder / agencies.FILE, agencies.AgencySheet, faults=faults, kept=kept)
    inside, outside = agencies.check_agencies(bodies, faults) if bodies else ({}, {})
    times = read_yaml(folder / categories.CLASSES_FILE, categories.ClassSheet, faults=faults, kept=kept)
    ranked = categories.check_classes(times, faults) if times else {}
    kinds = read_yaml(folder / categories.CATEGORIES_FILE, categories.CategorySheet, faults=faults, kept=kept)
    known = categories.KnownKeys(classes=ranked, agencies=inside, outside=outside)
    groups, listed = categories.check_categories(kinds, known, faults=faults) if kinds else ({}, {})
    return Responsibility(agencies=inside, outside=outside, classes=ranked, groups=groups, categories=listed)


def _places(folder: Path, handlers: Mapping[str, agencies.Agency], *, faults: list[Fault], drawn: bool) -> PackPlaces:
    """Districts and areas, as far as their outlines can be read."""
    districts = read_features(folder / "areas" / areas.DISTRICTS, areas.District, faults=faults, drawn=drawn)
    parts = read_features(folder / "areas" / areas.AREAS, areas.Area, faults=faults, drawn=drawn)
    by_code, areas_by_code = areas.check_areas(districts, parts, agencies=handlers, faults=faults)
    if not drawn:
        areas.check_drawn(parts, faults)
        faults.extend(frame_faults(districts, parts))
    return PackPlaces(districts=by_code, areas=areas_by_code)


def _calendar(
    folder: Path, zone: ZoneInfo, *, years: tuple[int, int], faults: list[Fault], known: PackFindings
) -> CityCalendar | None:
    """Working time, built even when another file is at fault: a country that nobody knows shows only here."""
    sheet = read_yaml(folder / calendar_parts.FILE, calendar_parts.CalendarSheet, faults=faults, kept=known.sheets)
    if sheet is None:
        return None
    calendar_parts.check_calendar(sheet, faults)
    return build_calendar(sheet, zone, years=years, faults=faults, off=known.off)


def _hash(folder: Path) -> str:
    """The content of the files that make the city, as a name; readme and drill are no part of it."""
    digest = hashlib.sha256()
    for name in (*SHEETS, *OUTLINES):
        digest.update(name.encode() + b"\0" + hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()
