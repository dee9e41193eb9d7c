"""The figure `overdue`: the order of lateness across clocks, and whom it has reached."""

from datetime import timedelta

import pytest

from tests.display.figures.conftest import Figure
from tests.display.figures.handled import finish, handle
from tests.rooms.city import wib
from tests.rooms.standing import StandingRoom


def test_nobody_late(standing: StandingRoom, figure: Figure) -> None:
    standing.receive()
    found = figure("overdue")
    assert (found["overdue"], found["shown"], found["rows"]) == (0, 0, [])
    assert [step["percent"] for step in found["steps"]] == [150, 200, 300]
    assert found["steps"][0]["to"] == [{"key": "agency_head", "name": "Kepala OPD", "name_en": "Head of agency"}]
    assert found["told"] == {"150": 0, "200": 0, "300": 0}


def test_minutes_and_days_on_one_scale(standing: StandingRoom, figure: Figure) -> None:
    """An emergency accepted after 10 min, an ordinary one after a working day: each on its own clock."""
    ordinary = handle(standing, "23 15:00", forward=0, category="jalan_rusak")
    urgent = handle(standing, "24 16:08", forward=0, priority="critical")
    # 23 15:00 to the close of the 24th: 60 + 450 working minutes; at 07.42 of the 25th 12 more of them have run.
    standing.at("25 07:42").tick()
    rows = figure("overdue")["rows"]
    assert [row["id"] for row in rows] == [urgent, ordinary]
    first, second = rows
    assert (first["clock"], first["stage"], first["late_s"]) == ("calendar", "accept", 15 * 3600 + 24 * 60)
    assert first["percent"] == 100 * (15 * 60 + 34) // 10
    assert (second["clock"], second["late_s"], second["percent"]) == ("working", 12 * 60, 102)
    assert (second["agency"], second["category"], second["due_at"]) == (
        "dpupr", "jalan_rusak", "2026-11-24T09:00:00Z",
    )  # fmt: skip


def test_only_what_is_logged_counts_as_told(standing: StandingRoom, figure: Figure) -> None:
    handle(standing, "24 08:00", forward=0, priority="critical")
    standing.at("24 08:16").tick()
    found = figure("overdue")
    assert found["told"] == {"150": 1, "200": 0, "300": 0}
    assert [(row["percent"], row["escalation"]) for row in found["rows"]] == [(160, 150)]
    standing.at("24 08:25")
    assert [(row["percent"], row["escalation"]) for row in figure("overdue")["rows"]] == [(250, 150)]
    standing.tick()
    found = figure("overdue")
    assert found["told"] == {"150": 1, "200": 1, "300": 0}
    assert [(row["percent"], row["escalation"]) for row in found["rows"]] == [(250, 200)]


def test_a_pause_stands_still(standing: StandingRoom, figure: Figure) -> None:
    id_ = handle(standing, "24 08:00", forward=0, priority="critical")
    standing.at("24 08:16").tick()
    standing.execute("ask", id_, by="duty", text="di mana?")
    standing.at("24 12:00").tick()
    (row,) = figure("overdue")["rows"]
    assert (row["percent"], row["late_s"], row["paused"]) == (160, 360, "citizen")


@pytest.mark.each_database
def test_the_worst_24_of_many_and_nothing_that_is_no_longer_late(standing: StandingRoom, figure: Figure) -> None:
    ids = [
        handle(standing, wib("24 08:00") + timedelta(minutes=number), forward=0, priority="critical")
        for number in range(30)
    ]
    standing.at("24 11:00").tick()
    finish(standing, ids[0], "24 11:00", accept="24 11:00")
    found = figure("overdue")
    assert (found["overdue"], found["shown"]) == (29, 24)
    assert [row["id"] for row in found["rows"]] == ids[1:25]


def test_what_the_pack_does_not_know_is_not_repeated(standing: StandingRoom, figure: Figure) -> None:
    standing.receive(category="Bapak Joko, 081234567890")
    standing.later(hours=1).tick()
    assert [row["category"] for row in figure("overdue")["rows"]] == [None]


# The figure `visit`: what is late and open counts against what was on time.
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


def test_a_day_is_compared_with_the_same_sum_of_the_last_days(standing: StandingRoom, figure: Figure) -> None:
    """Of yesterday's 19 and today's one 19 were on time, one emergency late; one day alone is compared with nothing."""
    late = handle(standing, "24 08:00", forward=0, priority="critical")
    ids = [handle(standing, "24 08:00") for _ in range(18)]
    for id_ in [*ids, late]:
        finish(standing, id_, "24 12:00")
    assert figure("visit")["window"]["on_time_share"] is None
    finish(standing, handle(standing, "25 08:00"), "25 09:00")
    assert (figure("visit")["finished"], figure("visit")["window"]["on_time_share"]) == (1, 0.95)


def test_only_today(standing: StandingRoom, figure: Figure) -> None:
    finish(standing, handle(standing, "24 08:00"), "24 10:00")
    standing.at("25 00:00").tick()
    assert figure("visit")["finished"] == 0
    assert figure("visit")["day"] == "2026-11-25"
