"""Working time against a slow reference that walks minute by minute over whatever intervals chance draws."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.domain.policy import CalendarEnds, WorkingCalendar

EPOCH = datetime(2026, 1, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# The length of the pause before an interval and of the interval itself, in minutes.
LENGTHS = st.lists(st.tuples(st.integers(1, 90), st.integers(1, 90)), min_size=1, max_size=12)


def calendar_of(lengths: list[tuple[int, int]]) -> WorkingCalendar:
    intervals, closings, at = [], [], EPOCH
    for number, (pause, opened) in enumerate(lengths):
        start = at + pause * MINUTE
        at = start + opened * MINUTE
        intervals.append((start, at))
        closings.append((date(2026, 1, 5) + timedelta(days=number), at))
    return WorkingCalendar(intervals=tuple(intervals), closings=tuple(closings))


def is_open(calendar: WorkingCalendar, moment: datetime) -> bool:
    return any(start <= moment < end for start, end in calendar.intervals)


def slow_between(calendar: WorkingCalendar, start: datetime, end: datetime) -> timedelta:
    minutes = int((end - start) / MINUTE)
    return sum((MINUTE for n in range(minutes) if is_open(calendar, start + n * MINUTE)), timedelta(0))


def moments(data: st.DataObject, calendar: WorkingCalendar, count: int) -> list[datetime]:
    """So many whole minutes within the calendar, sorted."""
    first, last = calendar.intervals[0][0], calendar.intervals[-1][1]
    offsets = st.integers(0, int((last - first) / MINUTE))
    return sorted(first + data.draw(offsets) * MINUTE for _ in range(count))


@given(LENGTHS, st.data())
def test_time_between_two_moments_is_the_sum_of_the_open_minutes(
    lengths: list[tuple[int, int]], data: st.DataObject
) -> None:
    calendar = calendar_of(lengths)
    start, end = moments(data, calendar, 2)
    assert calendar.between(start, end) == slow_between(calendar, start, end)
    assert calendar.between(end, start) == timedelta(0)


@given(LENGTHS, st.data())
def test_time_adds_up_over_a_moment_in_the_middle(lengths: list[tuple[int, int]], data: st.DataObject) -> None:
    calendar = calendar_of(lengths)
    start, middle, end = moments(data, calendar, 3)
    assert calendar.between(start, middle) + calendar.between(middle, end) == calendar.between(start, end)


@given(LENGTHS, st.data())
def test_added_time_ends_at_the_first_moment_at_which_it_has_run(
    lengths: list[tuple[int, int]], data: st.DataObject
) -> None:
    calendar = calendar_of(lengths)
    start, later = moments(data, calendar, 2)
    amount = calendar.between(start, later)
    due = calendar.add(start, amount)
    assert calendar.between(start, due) == amount
    assert due == start or calendar.between(start, due - MINUTE) < amount
    assert due <= later
    if amount and is_open(calendar, later - MINUTE):
        assert due == later


@given(LENGTHS, st.data())
def test_more_time_is_never_due_earlier(lengths: list[tuple[int, int]], data: st.DataObject) -> None:
    calendar = calendar_of(lengths)
    start, later, one, other = moments(data, calendar, 4)
    less, more = calendar.between(later, one), calendar.between(later, other)
    assert calendar.add(start, less) <= calendar.add(start, more)
    assert calendar.add(start, less) <= calendar.add(later, less)


@given(LENGTHS, st.data(), st.integers(0, 12))
def test_working_days_end_with_the_nth_closing_after_the_day_of_receipt(
    lengths: list[tuple[int, int]], data: st.DataObject, days: int
) -> None:
    calendar = calendar_of(lengths)
    (start,) = moments(data, calendar, 1)
    left = [close for _, close in calendar.closings if close >= start]
    if days < len(left):
        assert calendar.close_after(start, days) == left[days]
    else:
        with pytest.raises(CalendarEnds):
            calendar.close_after(start, days)


OFFICE = calendar_of([(60, 60), (60, 60)])
OPENING, CLOSING = OFFICE.intervals[0][0], OFFICE.intervals[-1][1]


@pytest.mark.parametrize(
    ("start", "end"),
    [(OPENING - MINUTE, OPENING), (OPENING, CLOSING + MINUTE), (CLOSING + MINUTE, CLOSING + 2 * MINUTE)],
)
def test_a_moment_outside_the_calendar_is_refused_and_not_guessed(start: datetime, end: datetime) -> None:
    with pytest.raises(CalendarEnds):
        OFFICE.between(start, end)
    with pytest.raises(CalendarEnds):
        OFFICE.close_after(start, 3)
    with pytest.raises(CalendarEnds):
        OFFICE.add(start, timedelta(hours=3))


def test_an_empty_calendar_knows_nothing() -> None:
    with pytest.raises(CalendarEnds):
        WorkingCalendar(intervals=(), closings=()).close_after(OPENING, 1)


def test_nothing_added_is_the_start_itself_even_while_closed() -> None:
    closed = OPENING + 90 * MINUTE
    assert OFFICE.add(closed, timedelta(0)) == closed


def test_what_ends_with_an_interval_ends_at_its_close() -> None:
    assert OFFICE.add(OPENING, timedelta(hours=1)) == OPENING + timedelta(hours=1)
    assert OFFICE.add(OPENING + timedelta(hours=1), MINUTE) == OPENING + timedelta(hours=2, minutes=1)


def test_time_runs_forward_only() -> None:
    with pytest.raises(ValueError, match="forward"):
        OFFICE.add(OPENING, -MINUTE)
    with pytest.raises(ValueError, match="receipt"):
        OFFICE.close_after(OPENING, -1)
