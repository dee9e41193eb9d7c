"""The figure `trend`: received and done today by quarter hour, against the same weekday of the last eight weeks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import accumulate
from typing import Any

from display.figures.measure import Frame, nearest_rank
from liveroom.log.engine import Connection
from liveroom.projection import figures
from liveroom.projection.figures import QUARTER

WEEKS = 8
IN_AN_HOUR = 4
PERCENTS = (10, 50, 90)
Between = Callable[[Connection, int, int], int]
# Name in the figure, name of the tally, and the exact count within a quarter that is not over.
SERIES: tuple[tuple[str, str, Between], ...] = (
    ("in", "received", figures.received_between),
    ("done", "done", figures.finished_between),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day's counts by quarter hour.

    ``clock_times``: what the city's clock shows when each begins; ``so_far``: the count up to now's time of day.
    """

    quarters: tuple[int, ...]
    clock_times: tuple[time, ...]
    so_far: int


def trend(frame: Frame) -> dict[str, Any]:
    """The figure ``trend`` of docs/figures.md."""
    first, end = frame.quarters(frame.today)
    quarter = min(max(frame.now // QUARTER - first, 0), end - first - 1)
    weeks = [day for day in _weeks(frame.today) if day >= frame.first_whole_day]
    return {
        "day": frame.today.isoformat(),
        "weekday": frame.today.isoweekday(),
        "weeks": len(weeks),
        "history": "full" if len(weeks) == WEEKS else "some" if weeks else "none",
        "quarters": end - first,
        "quarter": quarter,
        "hour": quarter // IN_AN_HOUR,
        **{
            name: _series(
                _day(frame, frame.today, what=what, between=between),
                [_day(frame, day, what=what, between=between) for day in weeks],
                quarter,
            )
            for name, what, between in SERIES
        },
    }


def _weeks(today: date) -> list[date]:
    return [today - timedelta(weeks=back) for back in range(1, WEEKS + 1)]


def _day(frame: Frame, day: date, *, what: str, between: Between) -> Day:
    first, end = frame.quarters(day)
    counted = frame.read(lambda c: figures.by_quarter(c, what, first, end))
    moment = min(frame.same_clock(day), end * QUARTER)
    begun = moment // QUARTER
    # Both ends belong to it: what came in this microsecond is in the log already.
    part = frame.read(lambda c: between(c, begun * QUARTER, moment + 1))
    before = sum(number for quarter, number in counted.items() if quarter < begun)
    return Day(
        quarters=tuple(counted.get(quarter, 0) for quarter in range(first, end)),
        clock_times=tuple(frame.clock_time(quarter * QUARTER) for quarter in range(first, end)),
        so_far=before + part,
    )


def _series(today: Day, weeks: Sequence[Day], quarter: int) -> dict[str, Any]:
    usual = nearest_rank(sorted(day.so_far for day in weeks), 50)
    run = (*today.quarters[:quarter], today.so_far - sum(today.quarters[:quarter]))
    return {
        "total": today.so_far,
        "usual_total": usual,
        "change": round(today.so_far / usual - 1, 4) if usual else None,
        "today": {
            "cumulative": list(accumulate(run)),
            "hours": _hours(run),
            "incomplete_hour": quarter // IN_AN_HOUR,
        },
        "usual": _usual([_aligned(day, today) for day in weeks]) if weeks else None,
    }


def _aligned(day: Day, today: Day) -> tuple[int, ...]:
    """A day's quarters at today's clock times.

    When the clocks change, an hour that today has twice is taken twice, and one that today leaves out is left out.
    """
    if day.clock_times == today.clock_times:
        return day.quarters
    # Backwards, so that the first stays of an hour that the day had twice.
    counted = dict(zip(reversed(day.clock_times), reversed(day.quarters), strict=True))
    return tuple(counted.get(shown, 0) for shown in today.clock_times)


def _usual(days: Sequence[tuple[int, ...]]) -> dict[str, Any]:
    """The usual band of each bucket, cumulative and by hour."""
    return {
        "cumulative": _band([list(accumulate(day)) for day in days]),
        "hours": _band([_hours(day) for day in days]),
    }


def _hours(quarters: Sequence[int]) -> list[int]:
    return [sum(quarters[start : start + IN_AN_HOUR]) for start in range(0, len(quarters), IN_AN_HOUR)]


def _band(days: Sequence[Sequence[int]]) -> dict[str, list[int | None]]:
    buckets = [sorted(bucket) for bucket in zip(*days, strict=True)]
    return {f"p{percent}": [nearest_rank(bucket, percent) for bucket in buckets] for percent in PERCENTS}
