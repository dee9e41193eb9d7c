"""A city's working time against a slow reference that asks the local clock minute by minute, summer time included."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveroom.city.calendar import (
    Break,
    CalendarSheet,
    CityCalendar,
    ClosedDay,
    Dates,
    HolidayRule,
    OpenDay,
    Opening,
    Season,
    build_calendar,
)
from liveroom.runtime.errors import Fault
from tests.often import often

MINUTE = timedelta(minutes=1)
# Beirut's clocks jump at midnight: a day ends an hour early by the clock, and one has its last hour twice.
ZONES = ("Asia/Jakarta", "America/New_York", "Asia/Beirut")
# Around these days something happens: the year ends, clocks jump, a season begins, a day is off or on by decree.
TURNS = (
    date(2026, 1, 1), date(2026, 3, 8), date(2026, 5, 4), date(2026, 5, 20), date(2026, 6, 6), date(2026, 6, 10),
    date(2026, 11, 1), date(2026, 12, 31), date(2026, 3, 29), date(2026, 10, 25),
)  # fmt: skip
# Offices that also open at night, when clocks jump, with a break that ends in the hour that spring skips.
NIGHT = Opening(days=("sun",), open="00:30", close="05:00", breaks=(Break(from_="00:45", to="02:15"),))
WEEK = Opening(
    days=("mon", "tue", "wed", "thu", "fri"), open="07:30", close="16:00", breaks=(Break(from_="12:00", to="13:00"),)
)
# A night shift until the end of Saturday, which the next day's opening follows half an hour later.
LATE = Opening(days=("sat",), open="22:30", close="24:00", breaks=(Break(from_="22:45", to="23:00"),))
SHORT = Opening(days=("mon", "tue", "wed", "thu", "fri"), open="08:00", close="15:00")
SHEET = CalendarSheet(
    weekly=(WEEK, NIGHT, LATE),
    seasons=(
        Season(name="Short hours", weekly=(SHORT,), dates=(Dates(from_=date(2026, 5, 4), to=date(2026, 5, 20)),)),
    ),
    holidays=HolidayRule(country="US"),
    closed=(ClosedDay(day=date(2026, 6, 10), name="The city's own day"),),
    opened=(OpenDay(day=date(2026, 6, 6), name="A working Saturday", like="mon"),),
)


def built(zone: str) -> CityCalendar:
    faults: list[Fault] = []
    calendar = build_calendar(SHEET, ZoneInfo(zone), years=(2026, 2026), faults=faults)
    assert faults == []
    return calendar


CALENDARS = {zone: built(zone) for zone in ZONES}


def slow_open(calendar: CityCalendar, moment: datetime) -> bool:
    """Whether offices are open at a moment, by the local clock and the sheet alone."""
    local = moment.astimezone(calendar.zone)
    day, clock = local.date(), local.strftime("%H:%M")
    if day == date(2026, 6, 6):
        hours: tuple[Opening, ...] = (WEEK,)
    elif day in calendar.off.names or day == date(2026, 6, 10):
        return False
    else:
        in_season = date(2026, 5, 4) <= day <= date(2026, 5, 20)
        name = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.weekday()]
        hours = tuple(opening for opening in ((SHORT,) if in_season else (WEEK, NIGHT, LATE)) if name in opening.days)
    return any(
        opening.open <= clock < opening.close and not any(pause.from_ <= clock < pause.to for pause in opening.breaks)
        for opening in hours
    )


def around(zone: str) -> st.SearchStrategy[datetime]:
    """Whole minutes within two days of a turn."""
    return st.builds(
        lambda day, minutes: (
            datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC) + minutes * MINUTE
        ),
        st.sampled_from(TURNS),
        st.integers(-2 * 1440, 2 * 1440),
    )


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=often(60))
@given(data=st.data())
def test_working_time_is_the_sum_of_the_minutes_at_which_offices_are_open(zone: str, data: st.DataObject) -> None:
    calendar = CALENDARS[zone]
    start = data.draw(around(zone))
    length = data.draw(st.integers(0, 3 * 1440))
    open_minutes = sum(slow_open(calendar, start + n * MINUTE) for n in range(length))
    assert calendar.working.between(start, start + length * MINUTE) == open_minutes * MINUTE


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=often(60))
@given(data=st.data())
def test_added_working_time_ends_when_so_many_minutes_have_run(zone: str, data: st.DataObject) -> None:
    calendar = CALENDARS[zone]
    start, wanted = data.draw(around(zone)), data.draw(st.integers(1, 600))
    due = calendar.working.add(start, wanted * MINUTE)
    minutes = int((due - start) / MINUTE)
    assert sum(slow_open(calendar, start + n * MINUTE) for n in range(minutes)) == wanted
    assert slow_open(calendar, due - MINUTE)


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=often(60))
@given(data=st.data())
def test_a_working_day_ends_at_the_last_open_minute_of_its_date(zone: str, data: st.DataObject) -> None:
    calendar = CALENDARS[zone]
    start, days = data.draw(around(zone)), data.draw(st.integers(0, 3))
    due = calendar.working.close_after(start, days)
    # The moment of closing still belongs to its day.
    closing = slow_open(calendar, start - MINUTE) and not slow_open(calendar, start)
    received = start - MINUTE if closing else _next_open(calendar, start)
    first, last = (moment.astimezone(calendar.zone).date() for moment in (received, due - MINUTE))
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert len([day for day in dates if _works(calendar, day)]) == days + 1
    assert slow_open(calendar, due - MINUTE)
    assert not slow_open(calendar, due)


ALWAYS = CalendarSheet(
    weekly=(Opening(days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"), open="00:00", close="24:00"),),
    holidays="none",
)


@pytest.mark.parametrize("zone", [*ZONES, "America/Havana"])
@settings(max_examples=often(40))
@given(data=st.data())
def test_where_offices_never_close_working_time_is_time_and_days_end_at_midnight(
    zone: str, data: st.DataObject
) -> None:
    calendar = build_calendar(ALWAYS, ZoneInfo(zone), years=(2026, 2026), faults=[]).working
    start, minutes, days = data.draw(around(zone)), data.draw(st.integers(0, 5000)), data.draw(st.integers(0, 5))
    assert calendar.between(start, start + minutes * MINUTE) == minutes * MINUTE
    assert calendar.add(start, minutes * MINUTE) == start + minutes * MINUTE
    first = start.astimezone(ZoneInfo(zone)).date()
    due = calendar.close_after(start, days)
    assert (due - MINUTE).astimezone(ZoneInfo(zone)).date() == first + timedelta(days=days)
    assert due.astimezone(ZoneInfo(zone)).date() == first + timedelta(days=days + 1)


def _next_open(calendar: CityCalendar, moment: datetime) -> datetime:
    while not slow_open(calendar, moment):
        moment += MINUTE
    return moment


def _works(calendar: CityCalendar, day: date) -> bool:
    midnight = datetime(day.year, day.month, day.day, tzinfo=calendar.zone).astimezone(UTC)
    return any(
        slow_open(calendar, midnight + n * MINUTE)
        for n in range(25 * 60)
        if (midnight + n * MINUTE).astimezone(calendar.zone).date() == day
    )
