"""The city that a room serves: everything its pack says, checked and frozen, and what the room asks of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from liveroom.city.agencies import Agency
from liveroom.city.areas import Area, District, Outlines, Point
from liveroom.city.calendar import CityCalendar, Pairs
from liveroom.city.categories import Category, Group
from liveroom.city.classes import Class
from liveroom.city.foresight import warnings
from liveroom.city.rules import Recipient, Step
from liveroom.city.shifts import Shift, shift_at
from liveroom.city.words import Words
from liveroom.domain.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A city, whole. Mappings are by key or code, in the order of the pack; ``hash`` names the content of its files.

    ``bounds``: south-west and north-east corner as (lat, lon); ``centre`` likewise. ``languages``: the first is the
    city's own. ``attribution`` is shown wherever the map is, ``attribution_en`` to who reads English.
    """

    key: str
    name: str
    room_name: str
    zone_label: str
    languages: tuple[str, ...]
    locale: str
    attribution: str
    attribution_en: str
    agencies: Mapping[str, Agency]
    outside: Mapping[str, Agency]
    groups: Mapping[str, Group]
    categories: Mapping[str, Category]
    classes: Mapping[str, Class]
    districts: Mapping[str, District]
    areas: Mapping[str, Area]
    recipients: Mapping[str, Recipient]
    escalation: tuple[Step, ...]
    shifts: tuple[Shift, ...]
    words: Words
    calendar: CityCalendar
    policy: Policy
    hash: str
    _aliases: Mapping[str, str] = field(init=False, repr=False, compare=False)
    _outlines: Outlines = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Collect the names by which sources call the categories, and index the outlines."""
        aliases = {alias: category.key for category in self.categories.values() for alias in category.aliases}
        object.__setattr__(self, "_aliases", aliases)
        object.__setattr__(self, "_outlines", Outlines(list(self.areas.values())))

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return self.calendar.zone

    @property
    def names(self) -> tuple[str, str]:
        """What people call the city and its room: words that no password may lean on."""
        return self.name, self.room_name

    @property
    def region(self) -> str:
        """The country whose telephone numbers need no code here, as two letters; empty when the locale names none."""
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

    def locate(self, lat: float, lon: float) -> str | None:
        """The code of the area at a point in WGS 84 degrees; None outside the city."""
        return self._outlines.locate(lat, lon)

    def areas_near(self, lat: float, lon: float, metres: float) -> frozenset[str]:
        """The codes of all areas within so many metres of a point, and perhaps some a little further."""
        return self._outlines.within(lat, lon, metres)

    def in_city(self, lat: float, lon: float) -> bool:
        """Whether a point in WGS 84 degrees lies in an area of the city."""
        return self.locate(lat, lon) is not None

    def neighbours(self) -> Mapping[str, frozenset[str]]:
        """By area code, the codes of the areas that touch it."""
        return self._outlines.neighbours()

    def category_key(self, text: str) -> str:
        """The key of the category that a source calls ``text``; the text itself when nobody knows it, for triage."""
        return self._aliases.get(text, text)

    def feed_window(self, now: datetime) -> tuple[str, Pairs]:
        """The working time around ``now`` for browsers; see CityCalendar.feed_window."""
        return self.calendar.feed_window(now)

    def warnings(self, today: date) -> tuple[str, ...]:
        """Dates of the calendar that will soon be missing or are only estimated, one sentence each."""
        return warnings(self.calendar, today)

    def shift_at(self, now: datetime) -> tuple[Shift, datetime] | None:
        """The shift that works at ``now`` and when it started; None where the city names none."""
        return shift_at(self.shifts, self.zone, now)

    def client_data(self, language: str | None = None) -> dict[str, Any]:
        """What a browser may know, ready for JSON; ``words`` in ``language`` or the city's own. No contacts."""
        spoken = language if language in self.languages else self.languages[0]
        named = {**self.agencies, **self.outside}
        return {
            "room": self.room_name,
            "city": self.name,
            "zone": self.zone.key,
            "zone_label": self.zone_label,
            "locale": self.locale,
            "languages": list(self.languages),
            "attribution": self.attribution_en if language == "en" else self.attribution,
            "districts": [{"code": d.code, "name": d.name, "anchor": list(d.anchor)} for d in self.districts.values()],
            "areas": [_area(area) for area in self.areas.values()],
            "agencies": {key: {"short": a.short, "name": a.name, "name_en": a.name_en} for key, a in named.items()},
            "categories": {
                key: {**_labels(c), **_short(c), "group": c.group, "private": c.private}
                for key, c in self.categories.items()
            },
            "classes": {key: {**_labels(c), "rank": c.rank} for key, c in self.classes.items()},
            "shifts": {shift.key: _name(shift) for shift in self.shifts},
            "bounds": [list(corner) for corner in self.bounds],
            **self.words.spoken(spoken),
        }


def _area(area: Area) -> dict[str, Any]:
    """An area without its outline, which the base map draws."""
    return {"code": area.code, "name": area.name, "district": area.district, "centroid": list(area.centroid)}


def _short(category: Category) -> dict[str, str]:
    """The names for walls, where the pack has any."""
    names = {"short": category.short, "short_en": category.short_en}
    return {key: name for key, name in names.items() if name is not None}


def _labels(thing: Category | Class) -> dict[str, str]:
    """Its label and the English one, which may be the same."""
    return {"label": thing.label, "label_en": thing.label_en or thing.label}


def _name(shift: Shift) -> dict[str, str]:
    """Its name and the English one, which may be the same."""
    return {"name": shift.name, "name_en": shift.name_en or shift.name}
