"""calendar.yaml as working time: opening hours, holidays, seasons and extra days become intervals in UTC.

`CalendarSheet` is the file, `build_calendar` makes the `CityCalendar` of some years once at the start (1 ms a year, and
0.2 s for the holidays), `calendar_warnings` names the dates that will soon be missing or are only estimated.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from msgspec import Meta

from liveroom.city.sheet import MISSING_WORDS, Text
from liveroom.domain.policy import WorkingCalendar
from liveroom.runtime.errors import Fault

CALENDAR_FILE = "calendar.yaml"

# Opening hours of a week.

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = get_args(Day)
ClockTime = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="a time like 07:30")]
# 24:00 is the end of the day, as in the hours of an office that never closes.
ClosingTime = Annotated[
    str, Meta(pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", description="a time like 16:00, at most 24:00")
]
# Start and end on a day, since midnight by local time.
Interval = tuple[timedelta, timedelta]
_Week = Mapping[Day, tuple[Interval, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A pause during which no working time runs; local times."""

    from_: ClockTime
    to: ClosingTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The hours of some days of the week; local times, closing on the same day or as it ends."""

    days: tuple[Day, ...]
    open: ClockTime
    close: ClosingTime
    breaks: tuple[Break, ...] = ()

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The hours without the breaks; meaningful when `_check_week` found no fault."""
        edges = [self.open, *(edge for pause in self.breaks for edge in (pause.from_, pause.to)), self.close]
        moments = [_since_midnight(edge) for edge in edges]
        return tuple((a, b) for a, b in zip(moments[::2], moments[1::2], strict=True) if a < b)


def _check_week(openings: Sequence[Opening], where: str, *, faults: list[Fault]) -> None:
    """Times rise within a day, and no two openings of a day overlap."""
    by_day: dict[Day, list[tuple[str, str]]] = {}
    for index, opening in enumerate(openings):
        here = f"{where}[{index}]"
        if opening.open >= opening.close:
            faults.append(Fault(f"{here}.close", f"{opening.close} is not later than {opening.open}"))
        faults.extend(_break_faults(opening, here))
        for day in opening.days:
            by_day.setdefault(day, []).append((opening.open, opening.close))
    for day, hours in by_day.items():
        for (_, close), (start, _) in pairwise(sorted(hours)):
            if start < close:
                faults.append(Fault(where, f"overlapping hours on {day}: {start} lies before {close}"))


def _break_faults(opening: Opening, where: str) -> list[Fault]:
    """A fault when breaks do not follow each other within the hours."""
    edges = [opening.open, *(edge for pause in opening.breaks for edge in (pause.from_, pause.to)), opening.close]
    late = any(later < earlier for earlier, later in pairwise(edges))
    return (
        [Fault(f"{where}.breaks", "overlapping hours: breaks must follow each other within the hours")] if late else []
    )


def _since_midnight(edge: str) -> timedelta:
    hours, minutes = edge.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def _week(openings: Sequence[Opening]) -> _Week:
    """The sorted intervals of every day of the week; a day off has none."""
    return {
        day: tuple(sorted(pair for opening in openings if day in opening.days for pair in opening.intervals))
        for day in _DAYS
    }


# Public holidays, from the ``holidays`` library.


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRule:
    """Which lists of the library count: by ISO country, part of it, and category; ``language`` of the names."""

    country: Annotated[str, Meta(pattern="^[A-Z]{2}$", description="a country's two letters, like ID")]
    subdivision: str | None = None
    categories: tuple[str, ...] = ("public",)
    language: str | None = None


# ``none``: offices work on every day of the week that has hours, except the city's own days off.
Holidays = HolidayRule | Literal["none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysOff:
    """Days on which offices are closed, with their names.

    ``estimates``: those whose date the authority has not set yet. ``unknown``: by year, the lists without a day in it.
    """

    names: Mapping[date, str]
    estimates: Mapping[date, str] = field(default_factory=dict)
    unknown: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


def _days_off(rule: Holidays, years: range, *, where: str, faults: list[Fault]) -> DaysOff:
    """The holidays of ``years``. The first call takes about 0.2 s, so it belongs to the start."""
    if isinstance(rule, str):
        return DaysOff(names={})
    # For cost: the library takes 70 ms to import.
    import holidays

    names: dict[date, str] = {}
    unknown: dict[int, list[str]] = {}
    estimated = ""
    try:
        for category in rule.categories:
            found = holidays.country_holidays(
                rule.country, subdiv=rule.subdivision, years=years, categories=(category,), language=rule.language
            )
            estimated = estimated or _estimate_words(found)
            names = {**found, **names}
            for year in sorted(set(years) - {day.year for day in found}):
                unknown.setdefault(year, []).append(category)
    except (NotImplementedError, ValueError) as error:
        faults.append(Fault(where, str(error)))
    return DaysOff(
        names=names,
        estimates={day: name for day, name in names.items() if estimated and estimated in name},
        unknown={year: tuple(categories) for year, categories in unknown.items()},
    )


def _estimate_words(found: object) -> str:
    """The words by which the library marks an estimated date, in the language of the names; empty if it has none."""
    label = getattr(found, "estimated_label", "")
    translate = getattr(found, "tr", str)
    return str(translate(label)).replace("%s", "").strip() if label else ""


# The sheet: the ordinary week, seasons with other hours, the city's own days off and on.

_NO_HOLIDAYS = "is missing: write 'holidays: {country: XX}' with the country's two letters, or 'holidays: none'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """One time of a season, both days included; ``estimate``: the authority has not set it yet."""

    from_: date
    to: date
    estimate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """Other hours at a time of year that moves, such as the fasting month; ``dates``: one entry each time."""

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
    """A day on which offices work although it is a day off; its hours are those of the weekday ``like``."""

    day: date
    name: Text
    like: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSheet:
    """calendar.yaml; ``warn_months``: how far ahead missing or estimated dates are warned of."""

    weekly: tuple[Opening, ...]
    # Without a default: a city that forgot them would promise its citizens work on a holiday.
    holidays: Holidays = field(metadata={MISSING_WORDS: _NO_HOLIDAYS})
    seasons: tuple[Season, ...] = ()
    closed: tuple[ClosedDay, ...] = ()
    opened: tuple[OpenDay, ...] = ()
    warn_months: Annotated[int, Meta(ge=1, le=12)] = 3


def check_calendar(sheet: CalendarSheet, faults: list[Fault]) -> None:
    """Hours and dates make sense: nothing overlaps, no day is both off and on, and on some day offices are open."""
    # An opening that cannot be read has its fault already; whether there are hours is then unknown.
    unread = any(fault.where.startswith(f"{CALENDAR_FILE}: weekly") for fault in faults)
    if not unread and not any(opening.days for opening in sheet.weekly):
        faults.append(Fault(f"{CALENDAR_FILE}: weekly", "offices are never open; a deadline could never end"))
    _check_week(sheet.weekly, f"{CALENDAR_FILE}: weekly", faults=faults)
    for index, season in enumerate(sheet.seasons):
        _check_week(season.weekly, f"{CALENDAR_FILE}: seasons[{index}].weekly", faults=faults)
    _check_seasons(sheet, faults)
    days = [closed.day for closed in sheet.closed] + [opened.day for opened in sheet.opened]
    for day in sorted({day for day in days if days.count(day) > 1}):
        faults.append(Fault(f"{CALENDAR_FILE}: closed, opened", f"{day} stands twice"))


def _check_seasons(sheet: CalendarSheet, faults: list[Fault]) -> None:
    """A season ends after it begins, and only one runs at a time."""
    spans: list[tuple[Dates, str]] = []
    for index, season in enumerate(sheet.seasons):
        for place, dates in enumerate(season.dates):
            where = f"{CALENDAR_FILE}: seasons[{index}].dates[{place}]"
            if dates.to < dates.from_:
                faults.append(Fault(f"{where}.to", f"{dates.to} lies before {dates.from_}"))
            spans.append((dates, where))
    for (earlier, _), (later, where) in pairwise(sorted(spans, key=lambda span: span[0].from_)):
        if later.from_ <= earlier.to:
            faults.append(Fault(f"{where}.from", f"{later.from_} overlaps the season until {earlier.to}"))


# Working time.

_WINDOW = timedelta(days=400)
_A_DAY, _MIDNIGHT = timedelta(days=1), time()
Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CityCalendar:
    """The working time of a city, with the sheet and the holidays that it was built from.

    ``years``: first and last year; the calendar reaches a month further on either side.
    """

    sheet: CalendarSheet
    zone: ZoneInfo
    years: tuple[int, int]
    off: DaysOff
    working: WorkingCalendar
    _windows: dict[date, tuple[str, Pairs]] = field(default_factory=dict, repr=False, compare=False)

    def feed_window(self, now: datetime) -> tuple[str, Pairs]:
        """The working time around ``now`` for browsers: its name, and intervals (start, end) in ms since 1970, UTC.

        It reaches at least 400 days back and ahead. It begins with a month, so it changes once a month and not with
        every call. The name is a hash of the intervals.
        """
        month = now.astimezone(self.zone).date().replace(day=1)
        if month not in self._windows:
            self._windows[month] = self._window(datetime(month.year, month.month, 1, tzinfo=self.zone))
        return self._windows[month]

    def _window(self, month: datetime) -> tuple[str, Pairs]:
        """The intervals around a month, and their hash."""
        since, until = month - _WINDOW, month + _WINDOW + timedelta(days=31)
        pairs = tuple(
            (int(start.timestamp() * 1000), int(end.timestamp() * 1000))
            for start, end in self.working.intervals
            if end > since and start < until
        )
        return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()[:16], pairs


def build_calendar(
    sheet: CalendarSheet, zone: ZoneInfo, *, years: tuple[int, int], faults: list[Fault], off: DaysOff | None = None
) -> CityCalendar:
    """The calendar of the years, first and last included, and a month on either side; ``off``: if known already."""
    first, last = years
    if off is None:
        off = _days_off(sheet.holidays, range(first - 1, last + 2), where=f"{CALENDAR_FILE}: holidays", faults=faults)
    intervals: list[tuple[datetime, datetime]] = []
    closings: list[tuple[date, datetime]] = []
    for day, hours in _days(sheet, off, span=(date(first - 1, 12, 1), date(last + 1, 1, 31))):
        opened = _hours_in_utc(day, hours, zone=zone)
        intervals.extend(opened)
        closings.extend((day, end) for _, end in opened[-1:])
    working = WorkingCalendar(intervals=tuple(intervals), closings=tuple(closings))
    return CityCalendar(sheet=sheet, zone=zone, years=years, off=off, working=working)


def _days(
    sheet: CalendarSheet, off: DaysOff, *, span: tuple[date, date]
) -> Iterator[tuple[date, tuple[Interval, ...]]]:
    """Every working day from the first to the last of ``span`` with its hours."""
    ordinary, changed = _week(sheet.weekly), _days_in_season(sheet)
    closed = {special.day for special in sheet.closed} | set(off.names)
    opened = {special.day: special.like for special in sheet.opened}
    for ordinal in range(span[0].toordinal(), span[1].toordinal() + 1):
        day = date.fromordinal(ordinal)
        hours = changed.get(day, ordinary)
        if day in opened:
            yield day, hours[opened[day]]
        elif day not in closed and hours[_DAYS[day.weekday()]]:
            yield day, hours[_DAYS[day.weekday()]]


def _days_in_season(sheet: CalendarSheet) -> Mapping[date, _Week]:
    """The days that lie in a season, with the hours of its week."""
    found: dict[date, _Week] = {}
    for season in sheet.seasons:
        hours = _week(season.weekly)
        for dates in season.dates:
            days = range(dates.from_.toordinal(), dates.to.toordinal() + 1)
            found.update((date.fromordinal(ordinal), hours) for ordinal in days)
    return found


def _hours_in_utc(day: date, hours: Sequence[Interval], *, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The hours of a day in UTC."""
    midnight = datetime.combine(day, _MIDNIGHT)
    offset = midnight.replace(tzinfo=zone).utcoffset()
    if offset == (midnight + _A_DAY).replace(tzinfo=zone, fold=1).utcoffset():
        # True of nearly all days: with one offset at both ends, the clocks do not change on this day.
        start = (midnight - (offset or timedelta())).replace(tzinfo=UTC)
        return [(start + opens, start + closes) for opens, closes in hours]
    opened = [(_utc(day, opens, zone=zone), _utc(day, closes, zone=zone)) for opens, closes in hours]
    # Where the clocks go forward an opening can shrink to nothing.
    return [(opens, closes) for opens, closes in opened if opens < closes]


def _utc(day: date, clock: timedelta, *, zone: ZoneInfo) -> datetime:
    """A local time of a day, or its end, in UTC. Of a time that occurs twice the first; for a skipped one the jump."""
    local = (datetime.combine(day, _MIDNIGHT) + clock).replace(tzinfo=zone)
    late = local.astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return late
    # With the offset after the jump, a skipped time lies before it; the jump is the first minute with the new offset.
    early = local.replace(fold=1).astimezone(UTC)
    minutes = (early + timedelta(minutes=n) for n in range(int((late - early) / timedelta(minutes=1)) + 1))
    return next(
        minute for minute in minutes if minute.astimezone(zone).utcoffset() != early.astimezone(zone).utcoffset()
    )


# Warnings.

# A season that moves with the moon comes back after 354 days, any other one later.
_SOONEST_RETURN = timedelta(days=354)


def calendar_warnings(calendar: CityCalendar, today: date) -> tuple[str, ...]:
    """One sentence for each missing or estimated date within ``warn_months`` of ``today``."""
    until = today + timedelta(days=31 * calendar.sheet.warn_months)
    return (
        *_holiday_warnings(calendar, today, until=until),
        *_season_warnings(calendar, today, until=until),
        *_end_warning(calendar, until),
    )


def _holiday_warnings(calendar: CityCalendar, today: date, *, until: date) -> list[str]:
    """Lists without a day in a near year, and estimated holidays."""
    found = []
    for year in range(today.year, until.year + 1):
        for category in calendar.off.unknown.get(year, ()):
            found.append(f"{CALENDAR_FILE}: holidays: no days of category {category!r} are known for {year}")
        guessed = [f"{day} {name}" for day, name in sorted(calendar.off.estimates.items()) if day.year == year]
        if guessed and max(calendar.off.estimates) >= today:
            found.append(f"{CALENDAR_FILE}: holidays: {year} has estimated dates: {', '.join(guessed)}")
    return found


def _season_warnings(calendar: CityCalendar, today: date, *, until: date) -> list[str]:
    """Seasons that come back soon without dates, or with estimated ones."""
    found = []
    for index, season in enumerate(calendar.sheet.seasons):
        where = f"{CALENDAR_FILE}: seasons[{index}].dates"
        if _missing(season, until):
            found.append(f"{where}: {season.name} comes back before {until} and has no dates yet")
        for dates in season.dates:
            if dates.estimate and dates.to >= today and dates.from_ <= until:
                found.append(f"{where}: {season.name} from {dates.from_} is an estimate")
    return found


def _missing(season: Season, until: date) -> bool:
    """Whether the season can come back before ``until`` after its last known dates."""
    return not season.dates or max(dates.from_ for dates in season.dates) + _SOONEST_RETURN <= until


def _end_warning(calendar: CityCalendar, until: date) -> list[str]:
    """The end of the years of the calendar, when it is near: deadlines reach beyond today."""
    last = calendar.years[1]
    return [] if until.year < last else [f"the calendar ends with {last}; start the room again to build the next years"]
