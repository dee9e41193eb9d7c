"""The one door to a city pack: reads its files, checks them against each other, and hands out a City or every fault."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from liveroom.city import agencies, areas, categories, classes, rules, seasons, words
from liveroom.city.assembly import Checked, Handling, Places, assemble
from liveroom.city.calendar import CityCalendar, build_calendar
from liveroom.city.city import City
from liveroom.city.days_off import DaysOff
from liveroom.city.frames import frame_faults
from liveroom.city.geojson import read_features
from liveroom.city.sheet import read_yaml
from liveroom.runtime.disk import DiskCache
from liveroom.runtime.errors import ConfigError, Fault

SHEETS = (rules.FILE, agencies.FILE, classes.FILE, categories.FILE, seasons.FILE, words.FILE)
OUTLINES = (f"areas/{areas.DISTRICTS}", f"areas/{areas.AREAS}")
# A pack is right or wrong whatever the year: a short calendar checks it.
CHECKED_YEARS = (2025, 2026)


@dataclass(kw_only=True)
class Known:
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
    if cache is not None and kept is not None and (known := cache.read(*kept, Known)) is not None:
        wrong: list[Fault] = []
        city = _load(folder, years, faults=wrong, known=known)
        if city is not None and not wrong:
            return city
    faults: list[Fault] = []
    found = Known()
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
    _load(folder, CHECKED_YEARS, faults=faults, known=Known())
    return tuple(faults)


def _load(folder: Path, years: tuple[int, int], *, faults: list[Fault], known: Known) -> City | None:
    """Read and check every file, whatever the others say; the city when nothing that it needs is absent.

    What is ``known`` is not found out again; the sheets that are read become so.
    """
    if not folder.is_dir():
        faults.append(Fault(folder.name, "there is no such city pack"))
        return None
    handling = _handling(folder, faults, known.sheets)
    places = _places(folder, handling.agencies, faults=faults, drawn=known.drawn)
    card = read_yaml(folder / rules.FILE, rules.CitySheet, faults=faults, kept=known.sheets)
    calendar = _calendar(folder, card.zone if card else ZoneInfo("UTC"), years=years, faults=faults, known=known)
    said = read_yaml(folder / words.FILE, words.Words, faults=faults, kept=known.sheets)
    if card:
        rules.check_city(card, folder.resolve().name, classes=handling.classes, faults=faults)
    if said and card:
        words.check_words(said, card.languages, faults=faults)
    if faults or card is None or calendar is None or said is None:
        return None
    return assemble(
        Checked(card=card, handling=handling, places=places, calendar=calendar, words=said, hash=_hash(folder))
    )


def _handling(folder: Path, faults: list[Fault], kept: dict[str, object]) -> Handling:
    """Agencies, classes and categories, as far as their files can be read."""
    bodies = read_yaml(folder / agencies.FILE, agencies.AgencySheet, faults=faults, kept=kept)
    inside, outside = agencies.check_agencies(bodies, faults) if bodies else ({}, {})
    times = read_yaml(folder / classes.FILE, classes.ClassSheet, faults=faults, kept=kept)
    ranked = classes.check_classes(times, faults) if times else {}
    kinds = read_yaml(folder / categories.FILE, categories.CategorySheet, faults=faults, kept=kept)
    known = categories.Known(classes=ranked, agencies=inside, outside=outside)
    groups, listed = categories.check_categories(kinds, known, faults=faults) if kinds else ({}, {})
    return Handling(agencies=inside, outside=outside, classes=ranked, groups=groups, categories=listed)


def _places(folder: Path, handlers: Mapping[str, agencies.Agency], *, faults: list[Fault], drawn: bool) -> Places:
    """Districts and areas, as far as their outlines can be read."""
    districts = read_features(folder / "areas" / areas.DISTRICTS, areas.District, faults=faults, drawn=drawn)
    parts = read_features(folder / "areas" / areas.AREAS, areas.Area, faults=faults, drawn=drawn)
    by_code, areas_by_code = areas.check_areas(districts, parts, agencies=handlers, faults=faults)
    if not drawn:
        areas.check_drawn(parts, faults)
        faults.extend(frame_faults(districts, parts))
    return Places(districts=by_code, areas=areas_by_code)


def _calendar(
    folder: Path, zone: ZoneInfo, *, years: tuple[int, int], faults: list[Fault], known: Known
) -> CityCalendar | None:
    """Working time, built even when another file is at fault: a country that nobody knows shows only here."""
    sheet = read_yaml(folder / seasons.FILE, seasons.CalendarSheet, faults=faults, kept=known.sheets)
    if sheet is None:
        return None
    seasons.check_calendar(sheet, faults)
    return build_calendar(sheet, zone, years=years, faults=faults, off=known.off)


def _hash(folder: Path) -> str:
    """The content of the files that make the city, as a name; readme and drill are no part of it."""
    digest = hashlib.sha256()
    for name in (*SHEETS, *OUTLINES):
        digest.update(name.encode() + b"\0" + hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()
