"""Hours, seasons, holidays -> opening intervals (built per year on demand)."""

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

# Opening hours of a week as the calendar sheet writes them, and the faults that such a table can have.

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)
Moment = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="a time like 07:30")]
# 24:00 is the end of the day, as people write the hours of an office that never closes.
Ending = Annotated[
    str, Meta(pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", description="a time like 16:00, at most 24:00")
]
# Since the beginning of the day by the clock on the wall.
Interval = tuple[timedelta, timedelta]
Week = Mapping[Day, tuple[Interval, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A pause during which no working time runs; local times."""

    from_: Moment
    to: Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The hours of some days of the week; local times, closing on the same day or as it ends."""

    days: tuple[Day, ...]
    open: Moment
    close: Ending
    breaks: tuple[Break, ...] = ()

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """What is left of the day between its breaks; meaningful when ``check_week`` found no fault."""
        edges = [self.open, *(edge for pause in self.breaks for edge in (pause.from_, pause.to)), self.close]
        moments = [_since_midnight(edge) for edge in edges]
        return tuple((a, b) for a, b in zip(moments[::2], moments[1::2], strict=True) if a < b)


def check_week(openings: Sequence[Opening], where: str, *, faults: list[Fault]) -> None:
    """Times rise within a day, and no two openings of a day overlap."""
    by_day: dict[Day, list[tuple[str, str]]] = {}
    for index, opening in enumerate(openings):
        here = f"{where}[{index}]"
        if opening.open >= opening.close:
            faults.append(Fault(f"{here}.close", f"{opening.close} is not later than {opening.open}"))
        faults.extend(_breaks(opening, here))
        for day in opening.days:
            by_day.setdefault(day, []).append((opening.open, opening.close))
    for day, hours in by_day.items():
        for (_, close), (start, _) in pairwise(sorted(hours)):
            if start < close:
                faults.append(Fault(where, f"overlapping hours on {day}: {start} lies before {close}"))


def _breaks(opening: Opening, where: str) -> list[Fault]:
    """Breaks lie within the hours, one after the other."""
    edges = [opening.open, *(edge for pause in opening.breaks for edge in (pause.from_, pause.to)), opening.close]
    late = any(later < earlier for earlier, later in pairwise(edges))
    return (
        [Fault(f"{where}.breaks", "overlapping hours: breaks must follow each other within the hours")] if late else []
    )


def _since_midnight(edge: str) -> timedelta:
    hours, minutes = edge.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def week(openings: Sequence[Opening]) -> Week:
    """The sorted intervals of every day of the week; a day off has none."""
    return {
        day: tuple(sorted(pair for opening in openings if day in opening.days for pair in opening.intervals))
        for day in DAYS
    }


# Public holidays from the ``holidays`` library, and which of them are estimates or not known yet.


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRule:
    """Which lists of the library count: ISO country, a part with days of its own, categories, language of names."""

    country: Annotated[str, Meta(pattern="^[A-Z]{2}$", description="a country's two letters, like ID")]
    subdivision: str | None = None
    categories: tuple[str, ...] = ("public",)
    language: str | None = None


# Offices work on every day of the week that has hours; a city may still have days of its own.
Holidays = HolidayRule | Literal["none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysOff:
    """Days on which offices are closed, with their names.

    ``estimates`` are those whose date the authority has not set yet; ``unknown`` maps a year to the lists that have no
    day at all in it.
    """

    names: Mapping[date, str]
    estimates: Mapping[date, str] = field(default_factory=dict)
    unknown: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


def days_off(rule: Holidays, years: range, *, where: str, faults: list[Fault]) -> DaysOff:
    """The holidays of ``years``; takes about 0.2 s for the first call, so it belongs into the start."""
    return DaysOff(names={}) if isinstance(rule, str) else _listed(rule, years, where=where, faults=faults)


def _listed(rule: HolidayRule, years: range, *, where: str, faults: list[Fault]) -> DaysOff:
    # The library takes 70 ms to import: only the start of a room pays for it.
    import holidays

    names: dict[date, str] = {}
    unknown: dict[int, list[str]] = {}
    estimated = ""
    try:
        for category in rule.categories:
            found = holidays.country_holidays(
                rule.country, subdiv=rule.subdivision, years=years, categories=(category,), language=rule.language
            )
            estimated = estimated or _mark(found)
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


def _mark(found: object) -> str:
    """The words by which the library marks an estimated date, in its language; empty where a country has none."""
    label = getattr(found, "estimated_label", "")
    translate = getattr(found, "tr", str)
    return str(translate(label)).replace("%s", "").strip() if label else ""


# calendar.yaml: the ordinary week, the seasons with other hours, the city's own days off and on.

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


# A city's working time: week, seasons, holidays and extra days become intervals in UTC, built once at the start.

WINDOW = timedelta(days=400)
A_DAY, MIDNIGHT = timedelta(days=1), time()
Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CityCalendar:
    """The working calendar of a pack with the days that shaped it.

    ``years``: first and last year that were asked for; the calendar reaches a month beyond either.
    """

    sheet: CalendarSheet
    zone: ZoneInfo
    years: tuple[int, int]
    off: DaysOff
    working: WorkingCalendar
    _windows: dict[date, tuple[str, Pairs]] = field(default_factory=dict, repr=False, compare=False)

    def feed_window(self, now: datetime) -> tuple[str, Pairs]:
        """Name and intervals of the working time that browsers need around ``now``: (start, end) in ms since 1970, UTC.

        It reaches at least 400 days back and ahead, begins with a month, and so changes (with its name, a hash of the
        intervals) once a month and not with every call.
        """
        month = now.astimezone(self.zone).date().replace(day=1)
        if month not in self._windows:
            self._windows[month] = self._window(datetime(month.year, month.month, 1, tzinfo=self.zone))
        return self._windows[month]

    def _window(self, month: datetime) -> tuple[str, Pairs]:
        """The intervals around a month and the hash of exactly them."""
        since, until = month - WINDOW, month + WINDOW + timedelta(days=31)
        pairs = tuple(
            (int(start.timestamp() * 1000), int(end.timestamp() * 1000))
            for start, end in self.working.intervals
            if end > since and start < until
        )
        return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()[:16], pairs


def build_calendar(
    sheet: CalendarSheet, zone: ZoneInfo, *, years: tuple[int, int], faults: list[Fault], off: DaysOff | None = None
) -> CityCalendar:
    """The calendar of the years from first to last, both included, and a month on either side; ``off`` if known."""
    first, last = years
    if off is None:
        off = days_off(sheet.holidays, range(first - 1, last + 2), where=f"{FILE}: holidays", faults=faults)
    intervals: list[tuple[datetime, datetime]] = []
    closings: list[tuple[date, datetime]] = []
    for day, hours in _days(sheet, off, span=(date(first - 1, 12, 1), date(last + 1, 1, 31))):
        opened = _opened(day, hours, zone=zone)
        intervals.extend(opened)
        closings.extend((day, end) for _, end in opened[-1:])
    working = WorkingCalendar(intervals=tuple(intervals), closings=tuple(closings))
    return CityCalendar(sheet=sheet, zone=zone, years=years, off=off, working=working)


def _days(
    sheet: CalendarSheet, off: DaysOff, *, span: tuple[date, date]
) -> Iterator[tuple[date, tuple[Interval, ...]]]:
    """Every working day from the first to the last of ``span`` with its hours."""
    ordinary, changed = week(sheet.weekly), _changed(sheet)
    closed = {special.day for special in sheet.closed} | set(off.names)
    opened = {special.day: special.like for special in sheet.opened}
    for ordinal in range(span[0].toordinal(), span[1].toordinal() + 1):
        day = date.fromordinal(ordinal)
        hours = changed.get(day, ordinary)
        if day in opened:
            yield day, hours[opened[day]]
        elif day not in closed and hours[DAYS[day.weekday()]]:
            yield day, hours[DAYS[day.weekday()]]


def _changed(sheet: CalendarSheet) -> Mapping[date, Week]:
    """The days that lie in a season, with the hours of its week."""
    found: dict[date, Week] = {}
    for season in sheet.seasons:
        hours = week(season.weekly)
        for dates in season.dates:
            days = range(dates.from_.toordinal(), dates.to.toordinal() + 1)
            found.update((date.fromordinal(ordinal), hours) for ordinal in days)
    return found


def _opened(day: date, hours: Sequence[Interval], *, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The hours of a day in UTC."""
    midnight = datetime.combine(day, MIDNIGHT)
    offset = midnight.replace(tzinfo=zone).utcoffset()
    if offset == (midnight + A_DAY).replace(tzinfo=zone, fold=1).utcoffset():
        # Nine tenths of all days: no clock is changed twice within one, so this one's are not changed at all.
        start = (midnight - (offset or timedelta())).replace(tzinfo=UTC)
        return [(start + opens, start + closes) for opens, closes in hours]
    opened = [(_utc(day, opens, zone=zone), _utc(day, closes, zone=zone)) for opens, closes in hours]
    # Where the clocks go forward an opening can shrink to nothing.
    return [(opens, closes) for opens, closes in opened if opens < closes]


def _utc(day: date, clock: timedelta, *, zone: ZoneInfo) -> datetime:
    """A local time of a day, or its end, in UTC; twice there: the first; skipped: the jump of the clocks."""
    local = (datetime.combine(day, MIDNIGHT) + clock).replace(tzinfo=zone)
    late = local.astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return late
    # Read by the clock of after the jump, a skipped time lies before it; the jump is the first minute of the new clock.
    early = local.replace(fold=1).astimezone(UTC)
    minutes = (early + timedelta(minutes=n) for n in range(int((late - early) / timedelta(minutes=1)) + 1))
    return next(
        minute for minute in minutes if minute.astimezone(zone).utcoffset() != early.astimezone(zone).utcoffset()
    )


# What a city's calendar will be wrong about soon: dates that are missing or only estimated.

# A season that moves with the moon comes back 354 days later, any other one after that: the earliest it can be due.
ROUND = timedelta(days=354)


def warnings(calendar: CityCalendar, today: date) -> tuple[str, ...]:
    """One sentence for each date within ``warn_months`` of ``today`` that somebody has to look up."""
    until = today + timedelta(days=31 * calendar.sheet.warn_months)
    return (*_holidays(calendar, today, until=until), *_seasons(calendar, today, until=until), *_end(calendar, until))


def _holidays(calendar: CityCalendar, today: date, *, until: date) -> list[str]:
    """Lists that are empty in a year that is near, and estimated holidays in it."""
    found = []
    for year in range(today.year, until.year + 1):
        for category in calendar.off.unknown.get(year, ()):
            found.append(f"{FILE}: holidays: no days of category {category!r} are known for {year}")
        guessed = [f"{day} {name}" for day, name in sorted(calendar.off.estimates.items()) if day.year == year]
        if guessed and max(calendar.off.estimates) >= today:
            found.append(f"{FILE}: holidays: {year} has estimated dates: {', '.join(guessed)}")
    return found


def _seasons(calendar: CityCalendar, today: date, *, until: date) -> list[str]:
    """Seasons that come back within sight without dates, or with estimated ones."""
    found = []
    for index, season in enumerate(calendar.sheet.seasons):
        where = f"{FILE}: seasons[{index}].dates"
        if _missing(season, until):
            found.append(f"{where}: {season.name} comes back before {until} and has no dates yet")
        for dates in season.dates:
            if dates.estimate and dates.to >= today and dates.from_ <= until:
                found.append(f"{where}: {season.name} from {dates.from_} is an estimate")
    return found


def _missing(season: Season, until: date) -> bool:
    """Whether the season's next round after the last known one can begin before ``until``."""
    return not season.dates or max(dates.from_ for dates in season.dates) + ROUND <= until


def _end(calendar: CityCalendar, until: date) -> list[str]:
    """The end of the years for which the calendar was built: deadlines reach further than this day."""
    last = calendar.years[1]
    return [] if until.year < last else [f"the calendar ends with {last}; start the room again to build the next years"]
