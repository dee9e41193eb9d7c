"""A city's working time: week, seasons, holidays and extra days become intervals in UTC, built once at the start."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from liveroom.city.days_off import DaysOff, days_off
from liveroom.city.hours import DAYS, Interval, Week, week
from liveroom.city.seasons import FILE, CalendarSheet
from liveroom.domain.policy import WorkingCalendar
from liveroom.runtime.errors import Fault

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
