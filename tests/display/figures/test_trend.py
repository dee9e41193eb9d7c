"""The figure `trend` against weeks of known counts."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from display.figures.routes import Figures
from tests.display.figures.conftest import Figure
from tests.display.figures.handled import imported
from tests.rooms.city import wib
from tests.rooms.databases import Opener
from tests.rooms.standing import StandingRoom

HOUR = timedelta(hours=1)
Past = Callable[[int], None]


@pytest.fixture
def past(standing: StandingRoom) -> Past:
    """Return `past(weeks)`: so many Tuesdays back, n weeks ago n complaints at 08.05, done at 09.10, and n at 15.00."""

    def bring(weeks: int) -> None:
        for back in range(1, weeks + 1):
            day = wib("24 00:00") - timedelta(weeks=back)
            for _ in range(back):
                imported(standing, day + 8 * HOUR + timedelta(minutes=5), after=timedelta(minutes=65))
                imported(standing, day + 15 * HOUR, after=HOUR)

    return bring


def test_the_band_of_eight_weeks_is_nearest_rank_bucket_by_bucket(
    standing: StandingRoom, figure: Figure, past: Past
) -> None:
    past(8)
    imported(standing, wib("23 08:00"), after=HOUR)  # another weekday
    for minutes in (1, 2, 30, 61, 64):
        standing.at(wib("24 08:00") + timedelta(minutes=minutes)).receive()
    standing.at("24 09:05").tick()
    found = figure("trend")
    series = found["in"]
    assert (found["day"], found["weekday"], found["weeks"], found["history"]) == ("2026-11-24", 2, 8, "full")
    assert (found["quarters"], found["quarter"], found["hour"]) == (96, 36, 9)
    assert series["today"]["cumulative"] == [0] * 32 + [2, 2, 3, 3, 5]
    assert series["today"]["hours"] == [0] * 8 + [3, 2]
    assert series["today"]["incomplete_hour"] == 9
    band = series["usual"]["cumulative"]
    assert [band[p][31] for p in ("p10", "p50", "p90")] == [0, 0, 0]
    assert [band[p][32] for p in ("p10", "p50", "p90")] == [1, 4, 8]
    assert [band[p][95] for p in ("p10", "p50", "p90")] == [2, 8, 16]
    hours = series["usual"]["hours"]
    assert [hours["p50"][hour] for hour in (7, 8, 9, 15)] == [0, 4, 0, 4]
    assert (series["total"], series["usual_total"], series["change"]) == (5, 4, 0.25)


@pytest.mark.each_database
def test_usual_is_at_this_very_minute(standing: StandingRoom, figure: Figure, past: Past) -> None:
    past(8)
    standing.at("24 08:04").receive()
    assert figure("trend")["in"]["usual_total"] == 0
    assert figure("trend")["in"]["change"] is None
    standing.at("24 08:05")
    assert figure("trend")["in"]["usual_total"] == 4
    assert figure("trend")["in"]["change"] == -0.75
    standing.at("24 09:09")
    assert figure("trend")["done"]["usual_total"] == 0
    standing.at("24 09:10")
    assert figure("trend")["done"]["usual_total"] == 4


def test_done_is_what_is_still_done(standing: StandingRoom, figure: Figure, past: Past) -> None:
    past(8)
    standing.at("24 09:00").tick()
    ids = [standing.until_done() for _ in range(3)]
    standing.at("24 09:20")
    standing.execute("reopen", ids[0], by="duty", reason="lagi")
    series = figure("trend")["done"]
    assert (series["total"], series["usual_total"], series["change"]) == (2, 4, -0.5)
    assert series["today"]["hours"][9] == 2


def test_with_fewer_weeks_it_says_how_many(standing: StandingRoom, figure: Figure, past: Past) -> None:
    past(3)
    found = figure("trend")
    assert (found["weeks"], found["history"]) == (3, "some")
    assert [found["in"]["usual"]["cumulative"][p][95] for p in ("p10", "p50", "p90")] == [2, 4, 6]


def test_without_history_there_is_nothing_to_compare_with(standing: StandingRoom, figure: Figure) -> None:
    standing.receive()
    # Open ones of days long gone say nothing about what those days were like.
    imported(standing, wib("17 08:00"))
    found = figure("trend")
    assert (found["weeks"], found["history"]) == (0, "none")
    for name in ("in", "done"):
        assert (found[name]["usual"], found[name]["usual_total"], found[name]["change"]) == (None, None, None)
    assert found["in"]["total"] == 1


def test_a_rooms_first_day_is_not_whole_and_its_second_is(standing: StandingRoom, figure: Figure) -> None:
    standing.at("24 12:00").tick()
    for at, weeks in (("12-01 12:00", 0), ("12-08 12:00", 1), ("12-15 12:00", 2)):
        standing.at(at).tick()
        assert figure("trend")["weeks"] == weeks


def test_the_days_that_a_drill_invents_are_no_history(open_standing: Opener) -> None:
    room = open_standing(kind="drill")
    imported(room, wib("17 08:00"), after=HOUR)
    figure = Figures(room.log, room.room.city).of("trend").figure
    assert figure["weeks"] == 0


def test_a_day_that_clocks_made_longer_has_more_quarters(open_standing: Opener) -> None:
    room = open_standing(key="newyork", at=wib("10-18 11:00"))
    # Midnight of the day on which New York goes back to winter, then half past nine of its clock.
    room.at(wib("11-01 11:00")).tick()
    for hour in (1, 9):
        imported(room, wib("10-25 11:30") + hour * HOUR, after=timedelta(minutes=1))
    room.at(wib("11-01 21:30")).tick()
    found = Figures(room.log, room.room.city).of("trend").figure
    assert (found["day"], found["quarters"], found["hour"]) == ("2026-11-01", 100, 10)
    assert found["in"]["usual_total"] == 2
    hours = found["in"]["usual"]["hours"]["p50"]
    assert [hour for hour, n in enumerate(hours) if n] == [1, 2, 10]
