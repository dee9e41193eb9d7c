"""The figure `visit`: what is late and open counts against what was on time."""

from tests.figures.conftest import Figure
from tests.figures.handled import finish, handle
from tests.room.standing import StandingRoom


def test_a_day_without_results(standing: StandingRoom, figure: Figure) -> None:
    standing.tick()
    found = figure("visit")
    assert (found["day"], found["finished"], found["on_time_share"], found["median"]) == ("2026-11-24", 0, None, None)


def test_on_time_of_all_that_was_due(standing: StandingRoom, figure: Figure) -> None:
    """Three on time in 1, 2 and 3 hours, one emergency late after 4, one still open and late: 3 of 5."""
    urgent = handle(standing, "24 08:00", forward=0, priority="critical")
    ids = [handle(standing, "24 08:00") for _ in range(3)]
    for hour, id_ in enumerate(ids, start=9):
        finish(standing, id_, f"24 {hour:02}:00")
    finish(standing, urgent, "24 12:00")
    standing.receive()
    standing.at("24 13:30").tick()
    found = figure("visit")
    assert (found["finished"], found["on_time"], found["overdue"], found["on_time_share"]) == (4, 3, 1, 0.6)
    assert found["median"] == {"s": 7200, "clock": "working", "n": 3}


def test_only_today(standing: StandingRoom, figure: Figure) -> None:
    finish(standing, handle(standing, "24 08:00"), "24 10:00")
    standing.at("25 00:00").tick()
    assert figure("visit")["finished"] == 0
    assert figure("visit")["day"] == "2026-11-25"
