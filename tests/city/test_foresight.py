"""The room warns, months ahead, of dates that nobody has looked up yet."""

from datetime import date
from pathlib import Path

import pytest

from liveroom.city.pack import load_city
from tests.rooms.packs import broken, city


def test_next_years_estimates_are_warned_of_once_they_are_three_months_away() -> None:
    found = city("tangerang")
    assert found.warnings(date(2026, 8, 1)) == ()
    said = found.warnings(date(2026, 11, 24))
    assert [line for line in said if "2027 has estimated dates" in line and "2027-03-10 Hari Raya Idul Fitri" in line]
    assert [line for line in said if "Ramadan from 2027-02-08 is an estimate" in line]


def test_a_list_without_any_day_in_a_near_year_is_warned_of() -> None:
    # The library knows collective leave up to 2027 only, so far.
    said = city("tangerang").warnings(date(2027, 11, 1))
    assert [line for line in said if "no days of category 'government' are known for 2028" in line]


def test_a_season_that_comes_back_without_dates_is_warned_of(tmp_path: Path) -> None:
    last = "      - {from: 2028-01-28, to: 2028-02-26, estimate: true}\n"
    next_to_last = "      - {from: 2027-02-08, to: 2027-03-09, estimate: true}\n"
    pack = broken(tmp_path, "tangerang", ("calendar.yaml", last, ""), ("calendar.yaml", next_to_last, ""))
    found = load_city(pack, years=(2025, 2028))
    assert [line for line in found.warnings(date(2026, 11, 24)) if "Ramadan comes back" in line]
    assert [line for line in found.warnings(date(2026, 10, 1)) if "Ramadan" in line] == []


def test_the_end_of_the_calendar_is_warned_of() -> None:
    found = load_city(Path(__file__).parents[2] / "cities" / "newyork", years=(2025, 2026))
    assert [line for line in found.warnings(date(2026, 10, 1)) if "ends with 2026" in line]


@pytest.mark.parametrize("today", [date(2026, 1, 15), date(2026, 11, 24), date(2027, 9, 1)])
def test_a_city_without_movable_feasts_has_nothing_to_look_up(today: date) -> None:
    assert city("newyork").warnings(today) == ()
