"""Today against usual: the day so far by quarter and hour, beside the same weekday of the last eight weeks."""

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
# What is counted, by which tally, and exactly within a quarter that is not over.
SERIES: tuple[tuple[str, str, Between], ...] = (
    ("in", "received", figures.received_between),
    ("done", "done", figures.finished_between),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day's count in each quarter, what the clock shows when each begins, and its total at today's very minute."""

    quarters: tuple[int, ...]
    hands: tuple[time, ...]
    so_far: int


def trend(frame: Frame) -> dict[str, Any]:
    """The figure ``trend`` of docs/figures.md."""
    first, end = frame.quarters(frame.today)
    quarter = min(max(frame.now // QUARTER - first, 0), end - first - 1)
    weeks = [day for day in _weeks(frame.today) if day >= frame.whole]
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
    # Both ends belong to it: what came this very microsecond is in the log already.
    part = frame.read(lambda c: between(c, begun * QUARTER, moment + 1))
    before = sum(number for quarter, number in counted.items() if quarter < begun)
    return Day(
        quarters=tuple(counted.get(quarter, 0) for quarter in range(first, end)),
        hands=tuple(frame.hands(quarter * QUARTER) for quarter in range(first, end)),
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
        "usual": _usual([_beside(day, today) for day in weeks]) if weeks else None,
    }


def _beside(day: Day, today: Day) -> tuple[int, ...]:
    """A day's quarters by today's clock: an hour that today has twice stands there twice, one left out does not."""
    if day.hands == today.hands:
        return day.quarters
    # Backwards, so that of an hour which that day had twice the first is left.
    counted = dict(zip(reversed(day.hands), reversed(day.quarters), strict=True))
    return tuple(counted.get(hand, 0) for hand in today.hands)


def _usual(days: Sequence[tuple[int, ...]]) -> dict[str, Any]:
    """Each bucket by itself."""
    return {
        "cumulative": _band([list(accumulate(day)) for day in days]),
        "hours": _band([_hours(day) for day in days]),
    }


def _hours(quarters: Sequence[int]) -> list[int]:
    return [sum(quarters[start : start + IN_AN_HOUR]) for start in range(0, len(quarters), IN_AN_HOUR)]


def _band(days: Sequence[Sequence[int]]) -> dict[str, list[int | None]]:
    buckets = [sorted(bucket) for bucket in zip(*days, strict=True)]
    return {f"p{percent}": [nearest_rank(bucket, percent) for bucket in buckets] for percent in PERCENTS}
