"""Periods: ranges of a city's days, the one before, the same of last year, and their moments by the city's clock.

A day begins at the city's midnight, whatever daylight saving does to its length. Moments are whole microseconds since
1970, ranges half open.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import EPOCH, to_micros

ONE_DAY = timedelta(days=1)
# The same weekdays a year ago.
_A_YEAR_OF_WEEKS = timedelta(weeks=52)
WEEKS = 13
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
LONGEST_DAYS = 3660


class PeriodKind(StrEnum):
    """What a range of days is called."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    RANGE = "range"


_MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days from ``first`` to ``last``, both of them in it."""

    first: date
    last: date

    @property
    def kind(self) -> PeriodKind:
        """The calendar's name for just these days; weeks are Monday to Sunday."""
        first, after = self.first, self.last + ONE_DAY
        if first == self.last:
            return PeriodKind.DAY
        if first.weekday() == 0 and after - first == timedelta(days=7):
            return PeriodKind.WEEK
        for kind, months in _MONTHS.items():
            if first.day == 1 and (first.month - 1) % months == 0 and after == _months_on(first, months):
                return kind
        return PeriodKind.RANGE

    @property
    def before(self) -> "Period":
        """The one just before: of the same kind, or a range of as many days."""
        months = _MONTHS.get(self.kind)
        first = _months_on(self.first, -months) if months else self.first - (self.last - self.first + ONE_DAY)
        return Period(first=first, last=self.first - ONE_DAY)

    @property
    def last_year(self) -> "Period":
        """The same of last year: of days and weeks the same weekdays, 52 weeks earlier; else the same dates."""
        if self.kind in (PeriodKind.DAY, PeriodKind.WEEK):
            return Period(first=self.first - _A_YEAR_OF_WEEKS, last=self.last - _A_YEAR_OF_WEEKS)
        after = _a_year_earlier(self.last + ONE_DAY)
        return Period(first=_a_year_earlier(self.first), last=after - ONE_DAY)

    def moments(self, zone: ZoneInfo) -> tuple[int, int]:
        """Its first moment and the first after it."""
        return midnight(self.first, zone), midnight(self.last + ONE_DAY, zone)

    def weeks(self) -> tuple["Period", ...]:
        """The WEEKS weeks of which the last one holds the period's last day."""
        monday = self.last - timedelta(days=self.last.weekday())
        mondays = (monday - timedelta(weeks=ago) for ago in reversed(range(WEEKS)))
        return tuple(Period(first=one, last=one + timedelta(days=6)) for one in mondays)


def day_of(day: date) -> Period:
    """One day."""
    return Period(first=day, last=day)


def week_of(day: date) -> Period:
    """The week, Monday to Sunday, that holds a day."""
    monday = day - timedelta(days=day.weekday())
    return Period(first=monday, last=monday + timedelta(days=6))


def month_of(day: date) -> Period:
    """The month that holds a day."""
    return _calendar(day, PeriodKind.MONTH)


def quarter_of(day: date) -> Period:
    """The quarter that holds a day."""
    return _calendar(day, PeriodKind.QUARTER)


def year_of(day: date) -> Period:
    """The year that holds a day."""
    return _calendar(day, PeriodKind.YEAR)


def _calendar(day: date, kind: PeriodKind) -> Period:
    months = _MONTHS[kind]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return Period(first=first, last=_months_on(first, months) - ONE_DAY)


def period_between(first: str | None, last: str | None) -> Period:
    """The period of two ISO dates, both in it. Raises Malformed naming `from` or `to`."""
    begin, end = _date("from", first), _date("to", last)
    if end < begin:
        raise Malformed("to", "lies before the first day")
    if (end - begin).days >= LONGEST_DAYS:
        raise Malformed("to", f"lies more than {LONGEST_DAYS} days after the first day")
    return Period(first=begin, last=end)


def _date(name: str, said: str | None) -> date:
    try:
        day = date.fromisoformat(said or "")
    except ValueError:
        day = None
    if day is None or day.isoformat() != said:  # the other ways of ISO 8601 to write a day are none here
        raise Malformed(name, "must be a date such as 2026-10-31")
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Malformed(name, f"must lie in the years {FIRST_DAY.year} to {LAST_DAY.year}")
    return day


def _months_on(first: date, months: int) -> date:
    """The first of a month so many months on."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _a_year_earlier(day: date) -> date:
    """The same date; for 29 February, the first of March, so that a range that ends with February keeps its end."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return date(day.year - 1, 3, 1)


def midnight(day: date, zone: ZoneInfo) -> int:
    """When a day of the city begins."""
    return to_micros(datetime.combine(day, time(), zone).astimezone(UTC))


@lru_cache(maxsize=4)
def offsets_of(zone: ZoneInfo, until: int) -> tuple[tuple[int, int], ...]:
    """(from, offset from UTC) of a zone between 2000 and the year ``until``, the newest first; the first of all last.

    The last pair holds for everything before, too.
    """
    moment, found = datetime(FIRST_DAY.year, 1, 1, tzinfo=UTC), []
    present = moment.astimezone(zone).utcoffset()
    found.append((to_micros(moment), present))
    while moment.year <= until:
        later = moment + ONE_DAY
        if later.astimezone(zone).utcoffset() != present:
            change = _change_between(zone, moment, later)
            present = change.astimezone(zone).utcoffset()
            found.append((to_micros(change), present))
        moment = later
    return tuple((since, (offset or timedelta()) // timedelta(microseconds=1)) for since, offset in reversed(found))


def _change_between(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second at which the offset is that of ``after``."""
    was = before.astimezone(zone).utcoffset()
    low, high = int((before - EPOCH).total_seconds()), int((after - EPOCH).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (EPOCH + timedelta(seconds=middle)).astimezone(zone).utcoffset() == was:
            low = middle
        else:
            high = middle
    return EPOCH + timedelta(seconds=high)
