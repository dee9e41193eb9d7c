"""The count model: how many complaints of a category come in from a district in an hour of the week, and how surely.

A count is Gamma-Poisson (negative binomial): its rate is known from so many weeks only, and days differ by more than
chance. A cell (category, district) has a weekly rate, drawn towards the category's rate in the city times the
district's share of everything, by as much as ``PRIOR_WEEKS`` weeks would; a category has a week's course by weekday and
hour, drawn towards the city's by ``PRIOR_REPORTS`` reports. Days and hours far above what is usual count as just above
it, so that the flood of last month does not hide the next. All arithmetic is plain; times are quarters of an hour since
1970.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import exp, lgamma, log, sqrt
from zoneinfo import ZoneInfo

from liveroom.domain.timestamps import from_micros

QUARTER_US = 900_000_000
QUARTERS_AN_HOUR, QUARTERS_A_DAY = 4, 96
# (category, district); the district CITY is all of them, and what has no place.
Cell = tuple[str, str]
CITY = ""
SUNDAY = 6

# How strongly little data is drawn towards what the city does.
PRIOR_WEEKS, PRIOR_REPORTS = 2.0, 40.0
# A category's days differ by at least this much beyond chance (relative variance), and by ``USUAL_SPREAD`` until
# enough was seen (``PRIOR_SQUARES``: sum of squared expectations).
LEAST_SPREAD, USUAL_SPREAD, PRIOR_SQUARES = 0.02, 0.1, 20.0
# Standard deviations above the usual at which a day or an hour of the past is cut, and how often that is repeated.
CUT_AT, CUTS = 4.0, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeBinomial:
    """A count with this ``mean`` and relative variance ``spread`` of its rate; ``spread`` above 0."""

    mean: float
    spread: float

    def tail(self, k: int) -> float:
        """The probability of ``k`` or more, summed term by term."""
        if k <= 0:
            return 1.0
        if self.mean <= 0:
            return 0.0
        size = 1 / self.spread
        ratio = self.mean / (self.mean + size)
        term = exp(
            lgamma(k + size) - lgamma(size) - lgamma(k + 1) + size * log(size / (size + self.mean)) + k * log(ratio)
        )
        total, n = 0.0, k
        while term > total * 1e-12 or n <= self.mean:
            total += term
            term *= (n + size) / (n + 1) * ratio
            n += 1
        return min(1.0, total)

    def interval(self, outside: float = 0.05) -> tuple[int, int]:
        """(low, high): at most half of ``outside`` lies below ``low``, and at most half of it above ``high``."""
        size = 1 / self.spread
        ratio = self.mean / (self.mean + size)
        term = exp(size * log(size / (size + self.mean)))
        below, n, low = 0.0, 0, None
        while below + term < 1 - outside / 2:
            below += term
            if low is None and below > outside / 2:
                low = n
            term *= (n + size) / (n + 1) * ratio
            n += 1
        return (n if low is None else low), n


# ---- hours of the week ----


@dataclass(frozen=True, slots=True)
class CityHour:
    """``day``: ordinal of the date; ``weekday`` 0 to 6, a weekday off counting as Sunday; ``hour`` of the clock."""

    day: int
    weekday: int
    hour: int

    @property
    def kind(self) -> int:
        """0 a weekday, 1 Saturday, 2 Sunday or a day off: days whose hours are alike."""
        return max(0, self.weekday - 4) if self.weekday > 4 else 0


class CityHours:
    """What a city's clock and calendar show in each quarter of an hour, worked out once.

    Quarters are real ones: on a day whose clock changes, an hour that comes twice is expected twice.
    """

    def __init__(self, zone: ZoneInfo, is_off: Callable[[date], bool]) -> None:
        self._zone = zone
        self._is_off = is_off
        self._known: dict[int, CityHour] = {}

    def of(self, quarter: int) -> CityHour:
        """The hour in which a quarter lies."""
        found = self._known.get(quarter)
        if found is None:
            local = from_micros(quarter * QUARTER_US).astimezone(self._zone)
            day = local.date()
            found = CityHour(day.toordinal(), SUNDAY if self._is_off(day) else day.weekday(), local.hour)
            self._known[quarter] = found
        return found

    def forget_before(self, quarter: int) -> None:
        """Drop what no history reaches back to any more."""
        self._known = {key: hour for key, hour in self._known.items() if key >= quarter}


def days_off(worked: Collection[date]) -> Callable[[date], bool]:
    """Whether a date is a holiday: a weekday on which this city works at other times, and not on that date.

    ``worked``: the working days of its calendar; beyond them nothing is known to be off.
    """
    days, weekdays = frozenset(worked), {day.weekday() for day in worked}
    first, last = min(days, default=date.max), max(days, default=date.min)
    return lambda day: first <= day <= last and day not in days and day.weekday() in weekdays


# ---- history ----


@dataclass(slots=True)
class CountHistory:
    """What came in over whole weeks, from the quarter ``first`` until before ``end``.

    ``categories`` and ``districts``: all that the city has, also those from which nothing came.
    """

    hours: CityHours
    categories: Collection[str]
    districts: Collection[str]
    first: int
    end: int
    days: defaultdict[Cell, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    by_hour: defaultdict[str, Counter[tuple[int, int]]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, category: str, district: str, quarter: int, n: int = 1) -> None:
        """Count ``n`` complaints of one quarter; ``district`` CITY for those without a place."""
        hour = self.hours.of(quarter)
        self.days[category, CITY][hour.day] += n
        if district != CITY:
            self.days[category, district][hour.day] += n
        self.by_hour[category][hour.day, hour.hour] += n

    def calendar(self) -> Mapping[int, CityHour]:
        """Each day of the history by its ordinal, with its weekday."""
        found = (self.hours.of(quarter) for quarter in range(self.first, self.end, QUARTERS_AN_HOUR))
        return {hour.day: hour for hour in found}


# ---- the model ----

# By weekday and hour: the share of a week that falls in one quarter of it. They sum to 1 over a week.
Course = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRate:
    """Complaints a week, and the relative variance of that rate: of what is not known yet, and of days that differ."""

    weekly: float
    spread: float


@dataclass(slots=True, kw_only=True)
class CountModel:
    """What is usual. Fitted in parts, so that whoever fits it can let others work in between."""

    hours: CityHours
    weeks: int
    rates: dict[Cell, CellRate] = field(default_factory=dict)
    courses: dict[str, Course] = field(default_factory=dict)

    def expected(self, cell: Cell, start: int, end: int) -> NegativeBinomial | None:
        """What comes in from ``start`` until before ``end`` (microseconds); None for a cell that is not known."""
        rate = self.rates.get(cell)
        if rate is None:
            return None
        course, share = self.courses[cell[0]], 0.0
        for quarter in range(start // QUARTER_US, -(-end // QUARTER_US)):
            hour = self.hours.of(quarter)
            inside = min(end, (quarter + 1) * QUARTER_US) - max(start, quarter * QUARTER_US)
            share += course[hour.weekday][hour.hour] * inside / QUARTER_US
        return NegativeBinomial(mean=rate.weekly * share, spread=rate.spread)


def fitted(history: CountHistory) -> Iterator[CountModel]:
    """The model, a category more in it each time it is yielded; the last one is whole."""
    calendar = history.calendar()
    weeks = round(len(calendar) / 7)
    model = CountModel(hours=history.hours, weeks=weeks)
    everything: Counter[tuple[int, int]] = Counter()
    for counted in history.by_hour.values():
        everything.update(counted)
    city = _course(everything, calendar, None)
    shares = _district_shares(history)
    for category in sorted(history.categories):
        course = _course(history.by_hour[category], calendar, city)
        model.courses[category] = course
        model.rates.update(_rates(category, history, course, calendar, shares))
        yield model


def _course(counted: Counter[tuple[int, int]], calendar: Mapping[int, CityHour], city: Course | None) -> Course:
    """The week's course of counts by (day, hour), drawn towards the city's."""
    by_weekday = Counter(hour.weekday for hour in calendar.values())
    by_kind = Counter(hour.kind for hour in calendar.values())
    values: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    daily: Counter[int] = Counter()
    for (day, hour), n in counted.items():
        of_day = calendar.get(day)
        if of_day is not None:
            values[of_day.kind, hour].append(n)
            daily[day] += n
    hourly = {key: _cut_sum(found, by_kind[key[0]]) for key, found in values.items()}
    weekdays = [
        _cut_sum([n for day, n in daily.items() if calendar[day].weekday == weekday], by_weekday[weekday])
        / max(1, by_weekday[weekday])
        for weekday in range(7)
    ]
    weeks = max(1, len(calendar) // 7)
    usual = [[1 / 672.0] * 24 for _ in range(7)] if city is None else city
    days_of_city = [QUARTERS_AN_HOUR * sum(row) for row in usual]
    days = _drawn([n * weeks for n in weekdays], days_of_city)
    course = []
    for weekday in range(7):
        kind = max(0, weekday - 4)
        hours_of_city = [QUARTERS_AN_HOUR * one / days_of_city[weekday] for one in usual[weekday]]
        hours = _drawn([hourly.get((kind, hour), 0.0) for hour in range(24)], hours_of_city)
        course.append(tuple(days[weekday] * one / QUARTERS_AN_HOUR for one in hours))
    return tuple(course)


def _drawn(counts: list[float], towards: list[float]) -> list[float]:
    """Shares of ``counts``, drawn towards others by PRIOR_REPORTS."""
    total = sum(counts) + PRIOR_REPORTS
    return [(n + PRIOR_REPORTS * share) / total for n, share in zip(counts, towards, strict=True)]


def _cut_sum(values: Iterable[int], among: int) -> float:
    """The sum of counts of ``among`` days, most of which may have none, with those far above the usual cut."""
    found = list(values)
    total = float(sum(found))
    for _ in range(CUTS):
        most = _most(total / max(1, among))
        total = sum(min(n, most) for n in found)
    return total


def _most(mean: float) -> float:
    """Above this a count of the past is cut."""
    return mean + CUT_AT * sqrt(mean + USUAL_SPREAD * mean * mean) + 1


def _district_shares(history: CountHistory) -> Mapping[str, float]:
    """The share of each district in all that has a place; one report more is presumed of each."""
    found = Counter(dict.fromkeys(history.districts, 1))
    for (_, district), days in history.days.items():
        if district in found:
            found[district] += sum(days.values())
    total = sum(found.values())
    return {district: n / total for district, n in found.items()}


def _rates(
    category: str,
    history: CountHistory,
    course: Course,
    calendar: Mapping[int, CityHour],
    shares: Mapping[str, float],
) -> Iterator[tuple[Cell, CellRate]]:
    """The rates of one category in the city and in each district; half a report more is presumed, so that none is 0."""
    day_share = {day: QUARTERS_AN_HOUR * sum(course[hour.weekday]) for day, hour in calendar.items()}
    weeks = sum(day_share.values())
    sums: dict[str, float] = {}
    squares = over = 0.0
    for district in (CITY, *shares):
        days = history.days.get((category, district), Counter())
        sums[district] = _cut_days(days, day_share, weeks)
        if district != CITY:
            for day, share in day_share.items():
                usual = sums[district] / weeks * share
                n = min(days[day], _most(usual))
                over += (n - usual) ** 2 - usual
                squares += usual * usual
    spread = max(LEAST_SPREAD, (over + USUAL_SPREAD * PRIOR_SQUARES) / (squares + PRIOR_SQUARES))
    in_city = sums[CITY] / weeks
    for district, total in sums.items():
        prior = in_city * shares.get(district, 1.0) * PRIOR_WEEKS
        known = total + prior + 0.5
        yield (category, district), CellRate(weekly=known / (weeks + PRIOR_WEEKS), spread=1 / known + spread)


def _cut_days(days: Counter[int], day_share: Mapping[int, float], weeks: float) -> float:
    """The sum of a cell's days, those far above the usual cut."""
    total = float(sum(days.values()))
    for _ in range(CUTS):
        weekly = total / weeks
        total = sum(min(n, _most(weekly * day_share.get(day, 0.0))) for day, n in days.items())
    return total
