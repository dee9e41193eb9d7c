"""Early signs as pure rules: what is usual and how surely, when a count is a sign, which places recur, what grows."""

from datetime import UTC, date, datetime, timedelta
from math import isclose
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.domain.signs.count_model import (
    CITY,
    QUARTER_US,
    CityHours,
    CountHistory,
    CountModel,
    NegativeBinomial,
    days_off,
    fitted,
)
from liveroom.domain.signs.matter import MatterRules, PlacedReport, growing
from liveroom.domain.signs.recurrence import PlacedComplaint, recurrences
from liveroom.domain.signs.unusual import HOUR_US, SignRules, unusual
from liveroom.domain.surge import metres_between
from liveroom.domain.timestamps import to_micros

JAKARTA, NEW_YORK = ZoneInfo("Asia/Jakarta"), ZoneInfo("America/New_York")
MONDAY = datetime(2026, 9, 7, tzinfo=JAKARTA)
RULES = SignRules()
means, spreads = st.floats(0.01, 80), st.floats(0.02, 2)


def quarter(moment: datetime) -> int:
    return to_micros(moment) // QUARTER_US


def model_of(weeks: int = 8, *, mornings: int = 4, flood: int = 0, zone: ZoneInfo = JAKARTA) -> CountModel:
    """So many reports from 9 to 10 of each weekday morning in the north, one in the south; once a flood of them."""
    begin = MONDAY.replace(tzinfo=zone)
    end = begin + timedelta(weeks=weeks)
    hours = CityHours(zone, lambda _: False)
    history = CountHistory(
        hours=hours,
        categories=("macet",),
        districts=("north", "south"),
        first=quarter(begin),
        end=quarter(end),
    )
    for day in range(7 * weeks):
        at = begin + timedelta(days=day, hours=9)
        if at.weekday() < 5:
            history.add("macet", "north", quarter(at), mornings)
            history.add("macet", "south", quarter(at))
    history.add("macet", "north", quarter(begin + timedelta(days=10, hours=15)), flood)
    *_, model = fitted(history)
    return model


# ---- what is usual ----


@given(means, spreads, st.integers(0, 60))
def test_a_tail_is_what_the_terms_sum_to(mean: float, spread: float, k: int) -> None:
    count, size = NegativeBinomial(mean=mean, spread=spread), 1 / spread
    term, below = (size / (size + mean)) ** size, 0.0
    for n in range(k):
        below += term
        term *= (n + size) / (n + 1) * mean / (mean + size)
    assert isclose(count.tail(k), 1 - below, rel_tol=1e-6, abs_tol=1e-9)


@given(means, spreads)
def test_an_interval_leaves_out_no_more_than_it_says_and_is_no_wider_than_it_must(mean: float, spread: float) -> None:
    count = NegativeBinomial(mean=mean, spread=spread)
    low, high = count.interval()
    assert low <= high
    assert 1 - count.tail(low) <= 0.025 + 1e-9
    assert count.tail(high + 1) <= 0.025 + 1e-9
    assert high == 0 or count.tail(high) > 0.025 - 1e-9
    assert 1 - count.tail(low + 1) > 0.025 - 1e-9


def test_the_usual_hour_is_learnt_and_another_hour_stays_quiet() -> None:
    model = model_of(13)
    monday = MONDAY + timedelta(weeks=13)

    def mean(district: str, hour: int) -> float:
        start = to_micros(monday + timedelta(hours=hour))
        usual = model.expected(("macet", district), start, start + HOUR_US)
        assert usual is not None
        return usual.mean

    assert mean("north", 9) == pytest.approx(4, rel=0.25)
    assert mean("south", 9) == pytest.approx(1, rel=0.35)
    assert mean(CITY, 9) == pytest.approx(5, rel=0.25)
    assert mean("north", 3) < 0.2
    assert model.expected(("banjir", "north"), 0, HOUR_US) is None


def test_the_flood_of_last_month_does_not_hide_the_next() -> None:
    """Forty in one hour would add four to the rate a week; cut, they add half of that."""
    quiet, flooded = model_of().rates["macet", "north"], model_of(flood=40).rates["macet", "north"]
    assert quiet.weekly < flooded.weekly < quiet.weekly + 2.5


def test_few_weeks_are_known_less_surely_than_many() -> None:
    assert model_of(2).rates["macet", "south"].spread > model_of(13).rates["macet", "south"].spread


@pytest.mark.parametrize(("day", "hours"), [("2026-11-01", 25), ("2027-03-14", 23), ("2026-11-02", 24)])
def test_a_day_whose_clock_changes_is_as_long_as_it_is(day: str, hours: int) -> None:
    """An hour that comes twice is expected twice, one that is left out not at all."""
    model = model_of(zone=NEW_YORK)
    begin = datetime.fromisoformat(day).replace(tzinfo=NEW_YORK)
    start, end = (to_micros(begin.astimezone(UTC)), to_micros((begin + timedelta(days=1)).astimezone(UTC)))
    assert (end - start) // HOUR_US == hours
    whole = model.expected(("macet", "north"), start, end)
    course, rate = model.courses["macet"], model.rates["macet", "north"].weekly
    weekday = begin.weekday()
    shown = [*range(24)] + ([1] if hours == 25 else [])
    expected = sum(4 * course[weekday][hour] for hour in shown if hours != 23 or hour != 2)
    assert whole is not None
    assert whole.mean == pytest.approx(rate * expected)


def test_a_holiday_counts_as_a_sunday() -> None:
    worked = [date(2026, 9, 7) + timedelta(days=n) for n in range(28)]
    off = days_off([day for day in worked if day.weekday() < 5 and day != date(2026, 9, 16)])
    assert [day for day in worked if off(day)] == [date(2026, 9, 16)]  # no Saturday: nobody works on any
    assert not off(date(2030, 1, 1))
    hours = CityHours(JAKARTA, off)
    assert [hours.of(quarter(MONDAY + timedelta(days=n))).weekday for n in (8, 9, 10, 12)] == [1, 6, 3, 5]


# ---- signs ----

NOW = to_micros(MONDAY + timedelta(weeks=8, hours=15))
MINUTE = 60_000_000


def at(*minutes: int) -> list[int]:
    return sorted(NOW - n * MINUTE for n in minutes)


def test_a_sign_begins_says_what_is_usual_and_ends() -> None:
    model, receipts = model_of(), {("macet", "south"): at(50, 40, 30, 25, 20, 15, 10, 5)}
    (sign,) = unusual(receipts, model, RULES, NOW)
    assert (sign.category, sign.district, sign.hours, sign.n) == ("macet", "south", 1, 8)
    assert (sign.low, sign.since) == (0, NOW - 50 * MINUTE)
    assert sign.high < 4 < sign.n
    assert NOW - 50 * MINUTE < sign.noticed <= NOW
    early = unusual(receipts, model, RULES, NOW - 45 * MINUTE)
    (later,) = unusual(receipts, model, RULES, NOW + 2 * HOUR_US)
    assert early == []
    assert (later.hours, later.noticed) == (3, sign.noticed)
    assert unusual(receipts, model, RULES, NOW + 25 * HOUR_US) == []


def test_as_many_as_usual_or_too_few_are_no_sign() -> None:
    model = model_of()
    nine = to_micros(MONDAY + timedelta(weeks=8, hours=10))
    usual = {("macet", "north"): [nine - n * MINUTE for n in (50, 40, 30, 20, 10)]}
    assert unusual(usual, model, RULES, nine) == []
    assert unusual({("macet", "south"): at(3, 2, 1)}, model, RULES, NOW) == []
    assert unusual({("banjir", "south"): at(5, 4, 3, 2, 1)}, model, RULES, NOW) == []  # nothing is known of it


def test_the_whole_city_is_named_only_where_no_district_is() -> None:
    model, times = model_of(), at(50, 40, 30, 25, 20, 15, 10, 5)
    both = unusual({("macet", CITY): times, ("macet", "south"): times}, model, RULES, NOW)
    alone = unusual({("macet", CITY): times, ("macet", "south"): times[:2]}, model, RULES, NOW)
    assert [one.district for one in both] == ["south"]
    assert [one.district for one in alone] == [CITY]


def test_a_larger_city_asks_for_more() -> None:
    assert RULES.limit(1000) == pytest.approx(RULES.limit(100) / 10)
    looks = 100 * sum(24 / hours for hours in RULES.windows)
    assert RULES.limit(100) * looks == pytest.approx(RULES.false_a_day)


MODEL = model_of()


@given(st.lists(st.integers(0, 2 * 24 * 60), max_size=30), st.integers(0, 59))
def test_one_report_more_takes_no_sign_away(minutes: list[int], more: int) -> None:
    before = unusual({("macet", "south"): at(*minutes)}, MODEL, RULES, NOW)
    after = unusual({("macet", "south"): at(*minutes, more)}, MODEL, RULES, NOW)
    assert len(before) <= len(after)
    for one in after:
        assert NOW - one.hours * HOUR_US <= one.since <= NOW
        assert NOW - 24 * HOUR_US <= one.noticed <= NOW
        assert one.n >= RULES.least
        assert one.chance <= RULES.over


# ---- places that recur ----


def day(n: float) -> datetime:
    return MONDAY + timedelta(days=n)


def seen(name: str, received: float, finished: float | None) -> PlacedComplaint:
    return PlacedComplaint(id=name, received_at=day(received), finished_at=None if finished is None else day(finished))


def test_what_comes_in_while_it_is_open_is_the_same_time() -> None:
    occurrences = [seen("a", 0, 5), seen("b", 1, 3), seen("c", 4, 6), seen("d", 20, 22), seen("e", 40, None)]
    found = recurrences(reversed(occurrences))
    assert [[one.id for one in time.occurrences] for time in found] == [["a", "b", "c"], ["d"], ["e"]]
    assert [time.finished_at for time in found] == [day(6), day(22), None]
    assert [time.began for time in found] == [day(0), day(20), day(40)]


def test_what_was_never_finished_never_came_back() -> None:
    assert len(recurrences([seen("a", 0, None), seen("b", 30, 31), seen("c", 60, None)])) == 1
    assert recurrences([]) == ()


# ---- matters that grow ----


def report(name: str, minutes: float, *, north: float = 0, category: str = "air") -> PlacedReport:
    return PlacedReport(
        id=name,
        category=category,
        lat=-6.2 + north / 111_195,
        lon=106.6,
        received_at=MONDAY - timedelta(minutes=minutes),
    )


def test_reports_of_one_place_in_like_words_are_one_matter() -> None:
    reports = [report(f"r{n}", 10 * n, north=60 * n) for n in range(4)]
    others = [report("far", 5, north=900), report("old", 600), report("else", 5, category="banjir")]
    (found,) = growing([*reports, *others], lambda *_: 1.0, MatterRules(), MONDAY)
    assert [one.id for one in found.reports] == ["r3", "r2", "r1", "r0"]
    assert (found.category, found.since) == ("air", MONDAY - timedelta(minutes=30))
    assert growing(reports, lambda *_: 0.0, MatterRules(), MONDAY) == ()
    assert growing(reports[:3], lambda *_: 1.0, MatterRules(), MONDAY) == ()


@given(st.lists(st.tuples(st.integers(-600, 600), st.integers(-600, 600)), max_size=25))
def test_the_grid_finds_every_pair_that_is_near(places: list[tuple[int, int]]) -> None:
    """Against all pairs compared, groups of two or more come out the same."""
    rules = MatterRules(least=2, alike=0)
    reports = [
        PlacedReport(id=str(n), category="air", lat=40.7 + y / 111_195, lon=-74 + x / 84_000, received_at=MONDAY)
        for n, (x, y) in enumerate(places)
    ]
    seen: list[set[str]] = []

    def note(one: PlacedReport, other: PlacedReport) -> float:
        seen.append({one.id, other.id})
        return 1.0

    groups = [{one.id for one in matter.reports} for matter in growing(reports, note, rules, MONDAY)]
    whole: list[set[str]] = []
    for one in reports:
        near = [{one.id}, *(group for group in whole if any(_near(one, reports[int(id_)], rules) for id_ in group))]
        whole = [group for group in whole if group not in near] + [set().union(*near)]
    assert sorted(map(sorted, groups)) == sorted(sorted(group) for group in whole if len(group) > 1)


def _near(one: PlacedReport, other: PlacedReport, rules: MatterRules) -> bool:
    return metres_between(one.lat, one.lon, other.lat, other.lon) <= rules.metres
