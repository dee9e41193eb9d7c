"""Periods by the city's days: the one before, the same of last year, weeks, and days that daylight saving bends."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import to_micros
from liveroom.evaluation.expectation import record_of, taken
from liveroom.evaluation.measures import DurationTally, took_of
from liveroom.evaluation.periods import (
    Period,
    day_of,
    month_of,
    offsets_of,
    period_between,
    quarter_of,
    week_of,
    year_of,
)
from liveroom.projection.stay_counts import DAY

DAY_ = date(2024, 2, 29)
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("period", "kind", "before", "last_year"),
    [
        (day_of(DAY_), "day", "2024-02-28 2024-02-28", "2023-03-02 2023-03-02"),
        (week_of(DAY_), "week", "2024-02-19 2024-02-25", "2023-02-27 2023-03-05"),
        (month_of(DAY_), "month", "2024-01-01 2024-01-31", "2023-02-01 2023-02-28"),
        (quarter_of(DAY_), "quarter", "2023-10-01 2023-12-31", "2023-01-01 2023-03-31"),
        (year_of(DAY_), "year", "2023-01-01 2023-12-31", "2023-01-01 2023-12-31"),
        (
            Period(first=date(2026, 3, 5), last=date(2026, 3, 9)),
            "range",
            "2026-02-28 2026-03-04",
            "2025-03-05 2025-03-09",
        ),
    ],
)
def test_beside_a_period_stand_the_one_before_and_that_of_last_year(
    period: Period, kind: str, before: str, last_year: str
) -> None:
    assert period.kind == kind
    assert f"{period.before.first} {period.before.last}" == before
    assert f"{period.last_year.first} {period.last_year.last}" == last_year


def test_thirteen_weeks_end_with_that_of_the_last_day() -> None:
    weeks = month_of(date(2026, 10, 9)).weeks()
    assert len(weeks) == 13
    assert (weeks[0].first, weeks[-1].first, weeks[-1].last) == (
        date(2026, 8, 3),
        date(2026, 10, 26),
        date(2026, 11, 1),
    )


def test_a_day_is_as_long_as_the_city_says() -> None:
    lengths = [
        (end - start) // 3_600_000_000
        for start, end in (day_of(date(2026, *day)).moments(NEW_YORK) for day in ((3, 8), (7, 1), (11, 1)))
    ]
    assert lengths == [23, 24, 25]


def test_offsets_are_the_zones_own_at_every_hour() -> None:
    for zone in (NEW_YORK, ZoneInfo("Asia/Jakarta"), ZoneInfo("America/Mexico_City")):
        pairs = offsets_of(zone, 2026)
        moment = datetime(2021, 10, 1, tzinfo=UTC)
        while moment.year < 2024:
            micros = to_micros(moment)
            offset = next((value for since, value in pairs if since <= micros), pairs[-1][1])
            assert timedelta(microseconds=offset) == moment.astimezone(zone).utcoffset()
            moment += timedelta(hours=5)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (None, "2026-10-31", "from"),
        ("2026-10-1", "2026-10-31", "from"),
        ("2026-13-01", "2026-10-31", "from"),
        ("1999-12-31", "2026-10-31", "from"),
        ("2026-10-01", "", "to"),
        ("2026-10-01", "2026-09-30", "to"),
        ("2001-01-01", "2026-10-31", "to"),
        ("2026-W10-1", "2026-10-31", "from"),
    ],
)
def test_a_wrong_day_is_named(first: str | None, last: str | None, field: str) -> None:
    with pytest.raises(Malformed) as refused:
        period_between(first, last)
    assert refused.value.field == field


def test_few_cases_have_no_p90_and_many_are_ranked_exactly() -> None:
    few, many = DurationTally(), [DurationTally(), DurationTally()]
    few.add(range(19))
    for n in range(1000):
        many[n % 2].add(((n * 7919) % 1000 * 61,))
    assert (took_of([few]).n, took_of([few]).median_s, took_of([few]).p90_s) == (19, 9, None)
    assert (took_of(many).median_s, took_of(many).p90_s, took_of(many).small) == (499 * 61, 899 * 61, False)
    assert took_of([]).median_s is None


# ---- what an agency's record carries ----

NOW = to_micros(datetime(2026, 11, 24, 2, tzinfo=UTC))


def cases(n: int, last: int, first: int, days: float) -> list[tuple[int, int | None]]:
    """``n`` complaints between two numbers of days ago, each finished after so many days."""
    step = (first - last) * DAY // n
    received = [NOW - first * DAY + step * place for place in range(n)]
    return [(at, at + int(days * DAY) if at + days * DAY < NOW else None) for at in received]


def test_a_record_is_said_where_it_carries_and_holds() -> None:
    found = record_of(cases(200, 91, 360, 2) + cases(60, 0, 89, 2), NOW)
    assert found is not None
    assert (found.p50_s, found.p80_s, found.hit_rate) == (2 * 86_400, 2 * 86_400, 1.0)
    assert found.tried < 60, "the youngest have not had the time"


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (cases(40, 91, 360, 2) + cases(40, 1, 89, 2), "too few to learn from"),
        (cases(200, 91, 360, 2) + cases(15, 1, 89, 2), "too few to try it on"),
        (cases(200, 91, 360, 2) + cases(40, 1, 89, 9), "it did not hold"),
        (cases(200, 91, 360, 2) + [(at, None) for at, _ in cases(40, 4, 89, 2)], "what is still open did not keep it"),
        ([(at, None) for at, _ in cases(200, 91, 360, 2)] + cases(40, 1, 89, 2), "nothing was finished"),
    ],
)
def test_a_record_that_does_not_carry_is_not_said(rows: list[tuple[int, int | None]], why: str) -> None:
    assert record_of(rows, NOW) is None, why


def test_what_is_open_counts_as_longer() -> None:
    mixed = [(1, True), (2, False), (3, True), (4, True)]
    assert (taken(mixed, 0.25), taken(mixed, 0.5), taken(mixed, 0.8)) == (1, 3, 4), "left: 3/4, 3/8 and none"
    assert taken([*mixed, (2, False)], 0.5) == 3, "left: 4/5, then half of it"
    assert taken([(1, True), *[(20, False)] * 9], 0.5) is None
