"""Working time the slow way, one minute after the other: the reference that the product's arithmetic is held against.

The hours and days off are written down here again, from the city's calendar.yaml and the national list.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache

from tests.rooms.city import WIB

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SHORT = ((450, 720), (780, 960))  # 07.30-12.00, 13.00-16.00, in minutes of the day
FRIDAY = ((450, 690), (780, 990))  # 07.30-11.30, 13.00-16.30
HOURS = {0: SHORT, 1: SHORT, 2: SHORT, 3: SHORT, 4: FRIDAY}
DAYS_OFF = {date(2026, 12, 24), date(2026, 12, 25), date(2027, 1, 1), date(2027, 1, 5)}
Stop = tuple[datetime, datetime]


@cache
def open_minutes(day: date) -> tuple[datetime, ...]:
    """The beginnings of the minutes of that day in which the offices work."""
    midnight = datetime.combine(day, datetime.min.time(), WIB)
    return tuple(midnight + minute * MINUTE for start, end in _hours(day) for minute in range(start, end))


def close_of(start: datetime, days: int) -> datetime:
    """Close of business of the ``days``-th working day after the day of receipt."""
    closings = (
        datetime.combine(day, datetime.min.time(), WIB) + hours[-1][1] * MINUTE
        for day in _days(start.astimezone(WIB).date())
        if (hours := _hours(day))
    )
    counted = [next(close for close in closings if close >= start)]
    while len(counted) <= days:
        counted.append(next(closings))
    return counted[-1]


def marks(
    start: datetime,
    due: datetime,
    percents: Sequence[int],
    *,
    working: bool,
    until: datetime,
    stops: Sequence[Stop] = (),
) -> dict[int, datetime]:
    """When each share of the time from ``start`` to ``due`` has run; shares not reached by ``until`` are left out.

    All moments are whole minutes. In ``stops`` no time runs, which moves every later moment.
    """
    allowed = sum(1 for _ in _running(start, due, working=working)) * MINUTE
    shares = sorted((allowed * p / 100, p) for p in percents)
    found: dict[int, datetime] = {}
    run = timedelta(0)
    for minute in _running(start, until, working=working):
        if any(begin <= minute < end for begin, end in stops):
            continue
        while shares and shares[0][0] <= run + MINUTE:
            share, percent = shares.pop(0)
            if share > run:
                found[percent] = minute + (share - run)
        if not shares:
            break
        run += MINUTE
    return found


def _running(start: datetime, end: datetime, *, working: bool) -> Iterator[datetime]:
    """The minutes from ``start`` to ``end`` in which time runs."""
    if not working:
        yield from _minutes(start, end)
        return
    for day in _days(start.astimezone(WIB).date()):
        for minute in open_minutes(day):
            if minute >= end:
                return
            if minute >= start:
                yield minute


def _hours(day: date) -> tuple[tuple[int, int], ...]:
    return () if day in DAYS_OFF else HOURS.get(day.weekday(), ())


def _days(day: date) -> Iterator[date]:
    while True:
        yield day
        day += DAY


def _minutes(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += MINUTE
