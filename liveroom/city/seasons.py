"""calendar.yaml: the ordinary week, the seasons with other hours, the city's own days off and on."""

from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Annotated

from msgspec import Meta

from liveroom.city.days_off import Holidays
from liveroom.city.hours import Day, Opening, check_week
from liveroom.city.keys import Text
from liveroom.city.sheet import MISSING_WORDS
from liveroom.runtime.errors import Fault

FILE = "calendar.yaml"
NO_HOLIDAYS = "is missing: write 'holidays: {country: XX}' with the country's two letters, or 'holidays: none'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """A season in one year, both days included; ``estimate`` until the authority has set it."""

    from_: date
    to: date
    estimate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """Other hours at a time of the year that moves (``dates``, one entry a season), such as the fasting month."""

    name: Text
    weekly: tuple[Opening, ...]
    dates: tuple[Dates, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDay:
    """A day off of the city's own."""

    day: date
    name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDay:
    """A day on which offices work although week or holidays say otherwise; its hours are those of the day ``like``."""

    day: date
    name: Text
    like: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSheet:
    """calendar.yaml; ``warn_months`` ahead, missing or estimated dates are warned of."""

    weekly: tuple[Opening, ...]
    # Never taken for granted: a city that forgot them would promise its citizens work on a holiday.
    holidays: Holidays = field(metadata={MISSING_WORDS: NO_HOLIDAYS})
    seasons: tuple[Season, ...] = ()
    closed: tuple[ClosedDay, ...] = ()
    opened: tuple[OpenDay, ...] = ()
    warn_months: Annotated[int, Meta(ge=1, le=12)] = 3


def check_calendar(sheet: CalendarSheet, faults: list[Fault]) -> None:
    """Hours and dates make sense: nothing overlaps, no day is both off and on, and on some day offices are open."""
    # An opening that cannot be read is named already, and says nothing of whether there would be hours.
    unread = any(fault.where.startswith(f"{FILE}: weekly") for fault in faults)
    if not unread and not any(opening.days for opening in sheet.weekly):
        faults.append(Fault(f"{FILE}: weekly", "offices are never open; a deadline could never end"))
    check_week(sheet.weekly, f"{FILE}: weekly", faults=faults)
    for index, season in enumerate(sheet.seasons):
        check_week(season.weekly, f"{FILE}: seasons[{index}].weekly", faults=faults)
    _dates(sheet, faults)
    days = [closed.day for closed in sheet.closed] + [opened.day for opened in sheet.opened]
    for day in sorted({day for day in days if days.count(day) > 1}):
        faults.append(Fault(f"{FILE}: closed, opened", f"{day} stands twice"))


def _dates(sheet: CalendarSheet, faults: list[Fault]) -> None:
    """A season ends after it begins, and only one runs at a time."""
    spans: list[tuple[Dates, str]] = []
    for index, season in enumerate(sheet.seasons):
        for place, dates in enumerate(season.dates):
            where = f"{FILE}: seasons[{index}].dates[{place}]"
            if dates.to < dates.from_:
                faults.append(Fault(f"{where}.to", f"{dates.to} lies before {dates.from_}"))
            spans.append((dates, where))
    for (earlier, _), (later, where) in pairwise(sorted(spans, key=lambda span: span[0].from_)):
        if later.from_ <= earlier.to:
            faults.append(Fault(f"{where}.from", f"{later.from_} overlaps the season until {earlier.to}"))
