"""The figure `agencies` on data sets whose answers are known."""

from datetime import timedelta

import pytest

from tests.display.figures.conftest import Figure
from tests.display.figures.handled import finish, handle, imported, row_of
from tests.rooms.city import wib
from tests.rooms.standing import StandingRoom


def test_an_empty_room_has_no_agencies_and_no_numbers(figure: Figure) -> None:
    found = figure("agencies")
    assert found["agencies"] == []
    assert (found["room"]["open"], found["room"]["queue_days"], found["room"]["done_per_day"]) == (0, 0, None)
    assert (found["room"]["median"], found["room"]["oldest"], found["room"]["overdue_share"]) == (None, None, None)
    assert found["emergencies"]["share"] is None
    assert found["emergencies"]["met"] is None
    assert found["working_day_s"] == 7.5 * 3600
    assert len(found["days"]) == 14
    assert found["days"][-1] == "2026-11-24"


@pytest.mark.each_database
def test_the_queue_is_open_by_finished_a_day_in_working_days(standing: StandingRoom, figure: Figure) -> None:
    """Tuesday and Wednesday whole, Thursday until noon (270 of 450 minutes): 2.6 working days, 13 done, 5 a day."""
    standing.at(wib("24 07:30")).tick()
    ids = [handle(standing, wib("24 08:00") + timedelta(minutes=n)) for n in range(20)]
    for number, id_ in enumerate(ids[:13]):
        finish(standing, id_, "24 15:00" if number < 6 else "25 15:00" if number < 12 else "26 11:00")
    standing.at("26 12:00").tick()
    row = row_of(figure("agencies"), "dpupr")
    assert figure("agencies")["window"] == {"from": "2026-11-23T17:00:00Z", "working_days": 2.6}
    assert (row["open"], row["waiting"], row["in_process"]) == (7, 7, 0)
    assert (row["finished"], row["done_per_day"], row["done_per_day_median"]) == (13, 5.0, 6)
    assert row["queue_days"] == 1.4
    assert row["done"][-3:] == [6, 6, 1]
    assert row["received"][-3:] == [20, 0, 0]
    assert row["open_then"][-4:] == [0, 14, 8, 7]


def test_a_weekend_and_a_night_are_no_working_time(standing: StandingRoom, figure: Figure) -> None:
    """Friday 16:00 to Monday 08:00 are 30 minutes of Friday and 30 of Monday."""
    id_ = handle(standing, "27 15:59")
    finish(standing, id_, "30 08:00", accept="27 16:00")
    row = row_of(figure("agencies"), "dpupr")
    assert row["median"] == {"s": 61 * 60, "clock": "working", "n": 1}
    (forward,), (accept,), (done,) = (row["stages"][stage] for stage in ("forward", "accept", "finish"))
    assert (forward["clock"], forward["cases_s"], forward["target"][0]) == ("calendar", [60], {
        "minutes": 30, "clock": "calendar",
    })  # fmt: skip
    assert (accept["clock"], accept["cases_s"]) == ("working", [0])
    assert (done["within"], done["judged"], done["share"]) == (1, 1, 1.0)


def test_cr88_the_p90_of_twenty_cases_is_the_eighteenth(standing: StandingRoom, figure: Figure) -> None:
    """Of nineteen there is none, and the cases themselves are told."""
    ids = [handle(standing, "24 08:00", forward=0) for _ in range(20)]
    for minutes, id_ in enumerate(ids, start=1):
        finish(standing, id_, wib("24 08:00") + timedelta(minutes=minutes))
        if minutes == 19:
            (span,) = row_of(figure("agencies"), "dpupr")["stages"]["finish"]
            assert (span["n"], span["p50_s"], span["p90_s"]) == (19, 600, None)
            assert span["cases_s"] == [60 * minutes for minutes in range(1, 20)]
    (span,) = row_of(figure("agencies"), "dpupr")["stages"]["finish"]
    assert (span["n"], span["p50_s"], span["p90_s"]) == (20, 600, 18 * 60)
    assert span["cases_s"] is None


def test_what_was_late_is_not_within_and_what_is_late_is_counted(standing: StandingRoom, figure: Figure) -> None:
    late, kept = handle(standing, "24 08:00", forward=31 * 60), handle(standing, "24 10:00", forward=29 * 60)
    standing.at("26 16:00").tick()
    row = row_of(figure("agencies"), "dpupr")
    (forward,) = row["stages"]["forward"]
    assert (forward["n"], forward["judged"], forward["within"], forward["share"]) == (2, 2, 1, 0.5)
    assert (row["open"], row["overdue"], row["overdue_share"]) == (2, 2, 1.0)
    assert row["oldest"] == {"id": late, "received_at": "2026-11-24T01:00:00Z", "age_s": 56 * 3600}
    finish(standing, late, "26 16:01")
    row = row_of(figure("agencies"), "dpupr")
    assert (row["open"], row["overdue"], row["overdue_share"]) == (1, 1, 1.0)
    assert row["oldest"]["id"] == kept


@pytest.mark.each_database
def test_cr90_nineteen_of_twenty_emergencies_within_a_minute_and_the_waiting_count(
    standing: StandingRoom, figure: Figure
) -> None:
    for number in range(20):
        at = wib("24 08:00") + timedelta(minutes=10 * number)
        handle(standing, at, forward=61 if number == 7 else 60, priority="critical")
    handle(standing, "24 12:00", forward=600)  # no emergency
    found = figure("agencies")["emergencies"]
    assert found == {"n": 20, "within": 19, "share": 0.95, "target_s": 60, "target_share": 0.9, "met": True}
    for _ in range(2):
        standing.receive(priority="critical")
    assert figure("agencies")["emergencies"]["n"] == 20
    standing.later(seconds=61)
    assert figure("agencies")["emergencies"] == found | {"n": 22, "share": 0.8636, "met": False}


def test_reopened_of_the_finished(standing: StandingRoom, figure: Figure) -> None:
    ids = [handle(standing, "24 08:00") for _ in range(4)]
    for id_ in ids:
        finish(standing, id_, "24 09:00")
    standing.later(minutes=5)
    standing.execute("reopen", ids[0], by="duty", reason="belum selesai")
    row = row_of(figure("agencies"), "dpupr")
    assert row["reopened"] == {"n": 1, "of": 4, "share": 0.25}
    assert (row["finished"], row["waiting"], row["done"][-1]) == (3, 1, 3)
    (span,) = row["stages"]["finish"]
    assert span["n"] == 3
    finish(standing, ids[0], "24 10:00")
    row = row_of(figure("agencies"), "dpupr")
    assert row["reopened"] == {"n": 1, "of": 4, "share": 0.25}
    assert (row["finished"], row["waiting"]) == (4, 0)


def test_a_declined_one_counts_where_it_is_and_was_forwarded_once(standing: StandingRoom, figure: Figure) -> None:
    id_ = handle(standing, "24 08:00", forward=60)
    standing.execute("decline", id_, by="agency", of="dpupr", reason="bukan kami")
    standing.later(minutes=9)
    standing.execute("forward", id_, by="duty", agency="dlh")
    standing.later(minutes=30)
    standing.execute("accept", id_, by="agency", of="dlh")
    found = figure("agencies")
    first, now = row_of(found, "dpupr"), row_of(found, "dlh")
    assert (first["open"], first["received"][-1], now["in_process"], now["received"][-1]) == (0, 0, 1, 1)
    assert [span["cases_s"] for span in first["stages"]["forward"]] == [[60]]
    assert now["stages"]["forward"] == []
    assert [span["cases_s"] for span in now["stages"]["accept"]] == [[1800]]


@pytest.mark.each_database
def test_the_longest_queue_comes_first_and_nobodys_last(standing: StandingRoom, figure: Figure) -> None:
    standing.at(wib("24 07:30")).tick()
    for agency, is_open, done in (("dlh", 2, 2), ("dpupr", 4, 1), ("dishub", 3, 0)):
        ids = [handle(standing, "24 08:00", of=agency) for _ in range(is_open + done)]
        for id_ in ids[:done]:
            finish(standing, id_, "24 08:30", of=agency)
    for _ in range(9):
        standing.receive()
    standing.at("24 12:00").tick()
    found = figure("agencies")
    assert [row["agency"] for row in found["agencies"]] == ["dpupr", "dishub", "dlh", None]
    assert [row["queue_days"] for row in found["agencies"]] == [2.4, None, 0.6, None]
    assert found["room"]["open"] == sum(row["open"] for row in found["agencies"]) == 18


def test_the_window_is_ten_working_days_and_imports_reach_back(standing: StandingRoom, figure: Figure) -> None:
    """Ten working days back from Tuesday 24 is Wednesday 11; one finished on the 10th is outside."""
    for day in ("10", "11", "12"):
        imported(standing, wib(f"{day} 08:00"), after=timedelta(hours=2))
    standing.at("24 16:00").tick()
    found = figure("agencies")
    assert found["window"] == {"from": "2026-11-10T17:00:00Z", "working_days": 10.0}
    assert found["room"]["finished"] == 2
    assert found["room"]["done_per_day"] == 0.2
    assert found["room"]["received"][:2] == [1, 1]
    assert found["room"]["median"] == {"s": 7200, "clock": "working", "n": 2}


def test_a_days_cases_are_measured_again_when_they_change(standing: StandingRoom, figure: Figure) -> None:
    ids = [handle(standing, "24 08:00") for _ in range(2)]
    finish(standing, ids[0], "24 09:00")
    assert figure("agencies")["room"]["median"]["n"] == 1
    finish(standing, ids[1], "24 09:30")
    assert figure("agencies")["room"]["median"]["n"] == 2
    standing.execute("reopen", ids[0], by="duty", reason="lagi")
    assert figure("agencies")["room"]["median"] == {"s": 5400, "clock": "working", "n": 1}


def test_an_import_that_ended_late_is_late_without_any_event_saying_so(standing: StandingRoom, figure: Figure) -> None:
    for minutes in (119, 120):  # an emergency's promise is broken when its 120 minutes are over
        imported(standing, wib("23 08:00"), after=timedelta(minutes=minutes), priority="critical")
    (span,) = figure("agencies")["room"]["stages"]["finish"]
    assert (span["n"], span["judged"], span["within"]) == (2, 2, 1)


def test_one_done_with_another_stood_still_since_it_was_merged(standing: StandingRoom, figure: Figure) -> None:
    first, second = (handle(standing, "24 08:00", priority="critical") for _ in range(2))
    standing.execute("merge", second, by="duty", into=first)
    finish(standing, first, "24 12:00")
    (span,) = row_of(figure("agencies"), "dpupr")["stages"]["finish"]
    assert (span["n"], span["judged"], span["within"]) == (2, 2, 1)


def test_the_pace_of_a_backlog_that_was_handed_in_is_not_the_rooms(standing: StandingRoom, figure: Figure) -> None:
    """Received three hours before the room heard of it: only what was finished is measured."""
    for priority in ("normal", "critical"):
        id_ = imported(standing, wib("24 06:00"), priority=priority)
        standing.execute("forward", id_, by="duty", agency="dpupr")
        finish(standing, id_, "24 09:30")
    standing.tick()
    found = figure("agencies")
    stages = row_of(found, "dpupr")["stages"]
    assert (stages["forward"], stages["accept"]) == ([], [])
    assert [(span["clock"], span["cases_s"]) for span in stages["finish"]] == [
        ("calendar", [12600]), ("working", [7200]),
    ]  # fmt: skip
    assert found["emergencies"]["n"] == 0
