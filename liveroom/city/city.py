"""`City`: everything that a pack says, checked and frozen, and what a room asks of it.

Before it stand the parts that are read from city.yaml and words.yaml: words, shifts, house rules, offices and the
escalation ladder. After it `PlaceNames`, which finds the area that a text names.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta

from liveroom.city.agencies import Agency
from liveroom.city.areas import Area, District, Outlines, Point
from liveroom.city.calendar import CityCalendar, ClockTime, Day, Pairs, calendar_warnings
from liveroom.city.categories import MOST_WORDS, Category, Class, Group, speech_of
from liveroom.city.footprint import footprint
from liveroom.city.sheet import (
    TRANSLATED,
    Email,
    Key,
    Text,
    Translations,
    Url,
    all_keys,
    in_language,
    keyed,
    named,
    refer,
)
from liveroom.domain.complaints.model import State
from liveroom.domain.hazards.cap_alert import CapArea
from liveroom.domain.hazards.lifecycle import Footprint
from liveroom.domain.policy import Policy
from liveroom.domain.timestamps import words_of
from liveroom.runtime.errors import Fault
from liveroom.runtime.language import catalogue

# Words: where this city's differ from the room's own, and the names of its sources and channels.

WORDS_FILE = "words.yaml"
# The words for which pages use the city's own; another key would have no effect, and is a fault.
_TERMS = ("term.agency", "term.area", "term.district")
_WORD_KEYS = frozenset({*_TERMS, *(f"state.{state.value}" for state in State)})


@dataclass(frozen=True, slots=True, kw_only=True)
class CityWords:
    """words.yaml: ``words`` by interface key, ``sources`` and ``channels`` by name; each by language."""

    words: Mapping[str, Translations] = field(default_factory=dict)
    sources: Mapping[str, Translations] = field(default_factory=dict)
    channels: Mapping[str, Translations] = field(default_factory=dict)

    def own(self, key: str, language: str) -> str | None:
        """The city's own word for ``key``; None where it has none in that language."""
        return self.words.get(key, {}).get(language)

    def spoken(self, language: str) -> dict[str, dict[str, str]]:
        """The three tables in one language."""
        tables = {"words": self.words, "sources": self.sources, "channels": self.channels}
        return {name: {key: word[language] for key, word in table.items()} for name, table in tables.items()}


def check_words(sheet: CityWords, languages: tuple[str, ...], *, faults: list[Fault]) -> None:
    """Every word is there in every language of the city, perhaps in others; pages use each key of ``words``."""
    known = {*languages, *catalogue().languages}
    for key in sorted(set(sheet.words) - _WORD_KEYS):
        near = get_close_matches(key, _WORD_KEYS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(_WORD_KEYS))}"
        faults.append(Fault(f"{WORDS_FILE}: words.{key}", f"no page reads this word; {hint}"))
    for name, table in (("words", sheet.words), ("sources", sheet.sources), ("channels", sheet.channels)):
        for key, word in table.items():
            where = f"{WORDS_FILE}: {name}.{key}"
            if word is not None:
                faults.extend(Fault(f"{where}.{lost}", "is missing") for lost in languages if lost not in word)
                faults.extend(Fault(f"{where}.{odd}", "is no language of the city") for odd in word if odd not in known)


# Shifts of the desk; at the start of each the sound is tested (CR-96).


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftHours:
    """A shift lasts until the next one starts, the last one past midnight. ``start``: local time."""

    key: Key
    name: Text
    names: Translations = field(default_factory=dict, metadata=TRANSLATED)
    start: ClockTime


def _check_shifts(shifts: Sequence[ShiftHours], where: str, *, faults: list[Fault]) -> None:
    """Keys are unique and starts rise."""
    keyed(shifts, where=where, faults=faults)
    starts = [shift.start for shift in shifts]
    if starts != sorted(set(starts)):
        faults.append(Fault(where, "starts must rise from shift to shift"))


def shift_at(shifts: Sequence[ShiftHours], zone: ZoneInfo, now: datetime) -> tuple[ShiftHours, datetime] | None:
    """The shift at ``now`` and its start, aware in the city's zone; None in a city without shifts."""
    today = now.astimezone(zone).date()
    started = [
        (datetime.combine(day, time.fromisoformat(shift.start), zone), shift)
        for day in (today - timedelta(days=1), today)
        for shift in shifts
    ]
    found = max((one for one in started if one[0] <= now), key=lambda one: one[0], default=None)
    return None if found is None else (found[1], found[0])


# Reports that are made by themselves, and to whom each goes.

# Among the readers of a report: every agency, each its own.
AGENCIES_READ = "agencies"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportEntry:
    """A report that is due by the clock; ``at``: local time; ``to``: offices, or ``agencies`` for each its own.

    ``weekday`` of a weekly one (by default Monday), ``monthday`` of a monthly one (by default the first).
    """

    key: Key
    report: Literal["daily", "weekly", "monthly"]
    at: ClockTime
    weekday: Day | None = None
    monthday: Annotated[int, Meta(ge=1, le=28)] | None = None
    language: Text | None = None
    to: tuple[Key, ...]


def check_reports(
    entries: Sequence[ReportEntry], where: str, *, offices: Collection[str], languages: Collection[str]
) -> list[Fault]:
    """Keys are unique, readers and languages exist, and each entry says the day that its kind of report needs."""
    faults: list[Fault] = []
    keyed(entries, where=where, faults=faults)
    for entry in entries:
        place = f"{where}[{entry.key}]"
        for number, to in enumerate(entry.to):
            if to != AGENCIES_READ:
                faults += refer(to, offices, where=f"{place}.to[{number}]", what="recipient")
        if not entry.to:
            faults.append(Fault(f"{place}.to", "needs somebody to send it to: offices, or agencies"))
        if entry.report == "daily" and AGENCIES_READ in entry.to:
            faults.append(Fault(f"{place}.to", "agencies get weekly or monthly reports: the daily brief is the city's"))
        if entry.language is not None:
            faults += refer(entry.language, languages, where=f"{place}.language", what="language")
        for name, kind in (("weekday", "weekly"), ("monthday", "monthly")):
            if getattr(entry, name) is not None and entry.report != kind:
                faults.append(Fault(f"{place}.{name}", f"is for {kind} reports alone"))
    return faults


# city.yaml: names, zone, languages, house rules, and the ladder of offices that an overdue complaint reaches.

CITY_FILE = "city.yaml"
# Shown beside the clock of every wall.
_ZoneLabel = Annotated[
    str, Meta(max_length=8, pattern=r"^[^\x00-\x20\x7f]+$", description="a short form like WIB, at most 8 characters")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How this room treats complaints.

    ``default_class``: for unknown categories; a complaint of priority urgent or critical is raised to ``urgent_class``
    or ``critical_class``. ``pauses``: those that stop the deadline's clock. ``second_person``: proof is validated by
    another person. ``reopen_days``: how long after it is done a citizen may reopen a complaint. ``claim_minutes``: how
    long an officer's claim lasts.
    """

    default_class: str
    urgent_class: str
    critical_class: str
    pauses: tuple[Literal["citizen", "hold"], ...] = ()
    second_person: bool = True
    reopen_days: Annotated[int, Meta(ge=0, le=365)]
    claim_minutes: Annotated[int, Meta(ge=1, le=240)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An office that an overdue complaint can reach; one without ``email`` is reached through the agency concerned."""

    key: Key
    name: Text
    names: Translations = field(default_factory=dict, metadata=TRANSLATED)
    email: Email | None = None

    def name_in(self, language: str) -> str:
        """Its name in a language."""
        return in_language(language, self.name, self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationStep:
    """A step of the ladder: the offices ``to`` hear at ``percent`` of the allowed time, on the deadline's clock."""

    percent: Annotated[int, Meta(ge=1, le=1000)]
    key: Key
    label: Text
    labels: Translations = field(default_factory=dict, metadata=TRANSLATED)
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDataLicence:
    """The ``licence`` under which the city gives the files of open data, by its short name, and where it is written."""

    licence: Text
    address: Url | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CitySheet:
    """city.yaml. ``attribution``: shown with every map; ``attributions``: in other languages, if they differ.

    Without ``shifts`` there is no sound test, without ``reports`` none is made by itself; without ``open_data`` there
    are no files of it.
    """

    key: Key
    name: Text
    room_name: Text
    zone: ZoneInfo
    zone_label: _ZoneLabel
    languages: tuple[Text, ...]
    locale: Annotated[str, Meta(pattern="^[a-z]{2}(-[A-Z]{2})?$", description="a locale like id-ID")]
    attribution: Text
    attributions: Translations = field(default_factory=dict, metadata=TRANSLATED)
    rules: Rules
    recipients: tuple[Office, ...]
    escalation: tuple[EscalationStep, ...]
    shifts: tuple[ShiftHours, ...] = ()
    reports: tuple[ReportEntry, ...] = ()
    open_data: OpenDataLicence | None = None


def check_city(sheet: CitySheet, folder: str, *, classes: Collection[str], faults: list[Fault]) -> None:
    """The key is the folder's name, since databases are bound to it; rules, languages, shifts and ladder make sense."""
    if sheet.key != folder:
        faults.append(Fault(f"{CITY_FILE}: key", f"{sheet.key!r} is not the folder's name {folder!r}"))
    for name in ("default_class", "urgent_class", "critical_class"):
        faults.extend(refer(getattr(sheet.rules, name), classes, where=f"{CITY_FILE}: rules.{name}", what="class"))
    if sheet.rules.critical_class == sheet.rules.default_class:
        same = f"{sheet.rules.critical_class!r} is the default class too: name one of its own, or all is an emergency"
        faults.append(Fault(f"{CITY_FILE}: rules.critical_class", same))
    if not sheet.languages or len(set(sheet.languages)) != len(sheet.languages):
        faults.append(Fault(f"{CITY_FILE}: languages", "needs at least one language, each of them once"))
    known = catalogue().languages
    for place, language in enumerate(sheet.languages):
        faults.extend(refer(language, known, where=f"{CITY_FILE}: languages[{place}]", what="language"))
    _check_shifts(sheet.shifts, f"{CITY_FILE}: shifts", faults=faults)
    offices = all_keys({recipient.key for recipient in sheet.recipients}, f"{CITY_FILE}: recipients", faults)
    faults += check_reports(sheet.reports, f"{CITY_FILE}: reports", offices=offices, languages=known)
    _check_ladder(sheet, faults)


def _check_ladder(sheet: CitySheet, faults: list[Fault]) -> None:
    """Percents rise, and every recipient exists."""
    offices = all_keys({recipient.key for recipient in sheet.recipients}, f"{CITY_FILE}: recipients", faults)
    percents = [step.percent for step in sheet.escalation]
    if percents != sorted(set(percents)):
        faults.append(Fault(f"{CITY_FILE}: escalation", "percents must rise from rung to rung"))
    for step in sheet.escalation:
        for place, office in enumerate(step.to):
            faults.extend(
                refer(office, offices, where=f"{CITY_FILE}: escalation[{step.key}].to[{place}]", what="recipient")
            )


# The city.


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A city as a whole. Mappings are by key or code, in the order of the pack; ``hash``: of the content of its files.

    ``languages``: the first is the city's own. ``attribution``: shown with every map, ``attributions``: in
    other languages. ``known_neighbours``: where they were found out before.
    """

    key: str
    name: str
    room_name: str
    zone_label: str
    languages: tuple[str, ...]
    locale: str
    attribution: str
    attributions: Translations
    agencies: Mapping[str, Agency]
    outside: Mapping[str, Agency]
    groups: Mapping[str, Group]
    categories: Mapping[str, Category]
    classes: Mapping[str, Class]
    districts: Mapping[str, District]
    areas: Mapping[str, Area]
    recipients: Mapping[str, Office]
    escalation: tuple[EscalationStep, ...]
    shifts: tuple[ShiftHours, ...]
    reports: tuple[ReportEntry, ...]
    words: CityWords
    calendar: CityCalendar
    policy: Policy
    hash: str
    open_data: OpenDataLicence | None = None
    known_neighbours: Mapping[str, frozenset[str]] | None = field(default=None, repr=False, compare=False)
    _aliases: Mapping[str, str] = field(init=False, repr=False, compare=False)
    _outlines: Outlines = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the aliases of the categories and the outlines."""
        aliases = {alias: category.key for category in self.categories.values() for alias in category.aliases}
        object.__setattr__(self, "_aliases", aliases)
        object.__setattr__(self, "_outlines", Outlines(list(self.areas.values())))

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return self.calendar.zone

    @property
    def names(self) -> tuple[str, str]:
        """The names of the city and its room, which no password may contain."""
        return self.name, self.room_name

    @property
    def region(self) -> str:
        """The country whose telephone numbers need no code here, in two letters; empty when the locale names none."""
        return self.locale.partition("-")[2].upper()

    @property
    def bounds(self) -> tuple[Point, Point]:
        """South-west and north-east corner as (lat, lon)."""
        return self._outlines.bounds

    @property
    def centre(self) -> Point:
        """The middle of the bounds as (lat, lon)."""
        (south, west), (north, east) = self.bounds
        return (south + north) / 2, (west + east) / 2

    def attribution_in(self, language: str) -> str:
        """Whose the outlines are, in a language."""
        return in_language(language, self.attribution, self.attributions)

    def locate(self, lat: float, lon: float) -> str | None:
        """The code of the area at a point in WGS 84 degrees; None outside the city."""
        return self._outlines.locate(lat, lon)

    def areas_near(self, lat: float, lon: float, metres: float) -> frozenset[str]:
        """The codes of all areas within so many metres of a point, and perhaps some a little further."""
        return self._outlines.within(lat, lon, metres)

    def footprint(self, areas: Iterable[CapArea], own_codes: Sequence[str] = ()) -> Footprint | None:
        """Where a warning's areas touch the city; None where they do not. See `footprint.footprint`."""
        return footprint(self._outlines.ground, areas, own_codes)

    def in_city(self, lat: float, lon: float) -> bool:
        """Whether a point in WGS 84 degrees lies in an area of the city."""
        return self.locate(lat, lon) is not None

    @property
    def neighbours(self) -> Mapping[str, frozenset[str]]:
        """By area code, the codes of the areas that touch it."""
        return self._outlines.neighbours() if self.known_neighbours is None else self.known_neighbours

    def category_key(self, text: str) -> str:
        """The key of the category that a source calls ``text``; an unknown text itself, for triage."""
        return self._aliases.get(text, text)

    def feed_window(self, now: datetime) -> tuple[str, Pairs]:
        """The working time around ``now`` for browsers: see `CityCalendar.feed_window`."""
        return self.calendar.feed_window(now)

    def warnings(self, today: date) -> tuple[str, ...]:
        """Dates of the calendar that will soon be missing or are only estimated, one sentence each."""
        return calendar_warnings(self.calendar, today)

    def shift_at(self, now: datetime) -> tuple[ShiftHours, datetime] | None:
        """The shift at ``now`` and its start; None in a city without shifts."""
        return shift_at(self.shifts, self.zone, now)

    def client_data(self, language: str | None = None) -> dict[str, Any]:
        """What a browser may know, ready for JSON, without contacts; words in ``language`` or the city's own."""
        spoken = language if language in self.languages else self.languages[0]
        bodies = {**self.agencies, **self.outside}
        return {
            "room": self.room_name,
            "city": self.name,
            "zone": self.zone.key,
            "zone_label": self.zone_label,
            "locale": self.locale,
            "languages": list(self.languages),
            "attribution": self.attribution_in(language or ""),
            "districts": [{"code": d.code, "name": d.name, "anchor": list(d.anchor)} for d in self.districts.values()],
            "areas": [_area(area) for area in self.areas.values()],
            "agencies": {
                key: {"short": one.short, **named("name", one.name, one.names)} for key, one in bodies.items()
            },
            "offices": {key: one.name_in(spoken) for key, one in self.recipients.items()},
            "categories": {
                key: {**named("label", c.label, c.labels), **_short(c), "group": c.group, "private": c.private}
                for key, c in self.categories.items()
            },
            "classes": {key: {**named("label", c.label, c.labels), "rank": c.rank} for key, c in self.classes.items()},
            "shifts": {shift.key: named("name", shift.name, shift.names) for shift in self.shifts},
            "bounds": [list(corner) for corner in self.bounds],
            **self.words.spoken(spoken),
        }


def _area(area: Area) -> dict[str, Any]:
    """An area without its outline, which the base map draws."""
    return {"code": area.code, "name": area.name, "district": area.district, "centroid": list(area.centroid)}


def _short(category: Category) -> dict[str, str]:
    """The names for walls, where the pack has any."""
    own = {} if category.short is None else {"short": category.short}
    return own | {f"short_{language}": short for language, short in category.shorts.items()}


# Place names.


class PlaceNames:
    """Finds the area that a text names.

    Places of one name are told apart by the word before it: an area's, a district's, or none.
    """

    def __init__(self, city: City) -> None:
        self._city = city
        spoken = [speech_of(language) for language in city.languages]
        self._before_area = frozenset(word for language in spoken for word in language.area)
        self._before_district = frozenset(word for language in spoken for word in language.district)
        self._areas = [(tuple(words_of(area.name)), area) for area in city.areas.values()]
        self._districts = [(tuple(words_of(district.name)), district.code) for district in city.districts.values()]

    def area_in(self, text: str) -> Area | None:
        """The area that a text names; None when it names none, or several equally well."""
        words = words_of(text)[:MOST_WORDS]
        announced = {
            code for name, code in self._districts for at in _places(name, words) if self._is_district(words, at)
        }
        ranked: dict[str, tuple[int, int]] = {}
        for name, area in self._areas:
            for at in _places(name, words):
                if self._is_district(words, at) or (announced and area.district not in announced):
                    continue
                said = at > 0 and words[at - 1] in self._before_area
                ranked[area.code] = max(ranked.get(area.code, (0, 0)), (int(said), len(name)))
        best = max(ranked.values(), default=None)
        winners = [code for code, rank in ranked.items() if rank == best]
        return self._city.areas[winners[0]] if len(winners) == 1 else None

    def _is_district(self, words: Sequence[str], at: int) -> bool:
        return at > 0 and words[at - 1] in self._before_district


def _places(name: Sequence[str], words: Sequence[str]) -> Iterator[int]:
    size = len(name)
    return (at for at in range(len(words) - size + 1) if tuple(words[at : at + size]) == tuple(name))
