"""Nearest rank as CR-88 defines it, and working time as the domain counts it."""

from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.figures.measure import Cases, WorkingTime, nearest_rank, share, spans_of
from liveroom.domain.complaints.model import Stage
from liveroom.domain.timestamps import to_micros
from tests.rooms.city import wib
from tests.rooms.packs import PACKS, city

MOMENTS = st.integers(0, 60 * 24 * 700 * 60).map(lambda seconds: wib("01-01 00:00") + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("number", "percent", "rank"),
    [(1, 50, 1), (1, 90, 1), (2, 50, 1), (8, 10, 1), (8, 50, 4), (8, 90, 8), (10, 90, 9), (19, 50, 10), (20, 50, 10),
     (20, 90, 18), (100, 90, 90), (101, 90, 91)],
)  # fmt: skip
def test_the_nearest_rank_of_known_sets(number: int, percent: int, rank: int) -> None:
    assert nearest_rank(range(1, number + 1), percent) == rank


@given(st.lists(st.integers(), min_size=1).map(sorted), st.integers(1, 100))
def test_it_is_the_smallest_that_so_many_do_not_exceed(values: list[int], percent: int) -> None:
    def reached(value: int) -> bool:
        return sum(other <= value for other in values) * 100 >= percent * len(values)

    assert nearest_rank(values, percent) == min(value for value in values if reached(value))


def test_of_nothing_there_is_no_rank_and_no_share() -> None:
    assert nearest_rank([], 50) is None
    assert share(0, 0) is None
    assert share(1, 3) == 0.3333


def test_cr88_nineteen_cases_show_themselves_and_twenty_have_a_p90() -> None:
    def span(number: int) -> dict[str, object]:
        cases = Cases(seconds=tuple(range(1, number + 1)), judged=number, within=number - 1, classes=frozenset())
        (found,) = spans_of({"working": cases}, Stage.FINISH, city("tangerang").policy)
        return found

    few, enough = span(19), span(20)
    assert (few["p50_s"], few["p90_s"], few["cases_s"]) == (10, None, list(range(1, 20)))
    assert (enough["p50_s"], enough["p90_s"], enough["cases_s"]) == (10, 18, None)
    assert (enough["n"], enough["judged"], enough["within"], enough["share"]) == (20, 20, 19, 0.95)


@cache
def working(name: str) -> WorkingTime:
    """The working time of a city."""
    return WorkingTime(city(name).policy.calendar)


@pytest.mark.parametrize("name", PACKS)
@given(start=MOMENTS, end=MOMENTS)
def test_working_time_on_numbers_is_that_of_the_calendar(name: str, start: datetime, end: datetime) -> None:
    calendar = city(name).policy.calendar
    counted = working(name).between(to_micros(start), to_micros(end), "working")
    assert counted == calendar.between(start, end) // timedelta(microseconds=1)
    assert working(name).between(to_micros(start), to_micros(end), "calendar") == max(
        0, to_micros(end) - to_micros(start)
    )


def test_outside_the_calendar_no_working_time_runs() -> None:
    tangerang = working("tangerang")
    assert tangerang.between(0, 1_000_000, "working") == 0
    assert tangerang.between(to_micros(wib("24 09:00")), 1 << 60, "working") > 0
