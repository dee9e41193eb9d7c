"""The marks of a deadline: a warning, its end, and multiples of the time; each once, on the deadline's own clock."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from liveroom.domain.complaints.model import Complaint, Deadline, DeadlineClock, Stage, as_payload, from_payload
from liveroom.domain.complaints.settle import inherit, settle
from liveroom.domain.events import Kind
from liveroom.domain.timestamps import to_text
from tests.domain.little_room import LittleRoom
from tests.rooms.city import LADDER, WARNS, wib

SECOND = timedelta(seconds=1)
WARNED, PASSED, MULTIPLIED = Kind.DEADLINE_WARNED, Kind.DEADLINE_PASSED, Kind.DEADLINE_MULTIPLIED


def room() -> LittleRoom:
    return LittleRoom(WARNS)


def utc(text: str) -> str:
    return to_text(wib(text))


def marks(deadline: Deadline) -> list[datetime]:
    assert deadline.warn_at is not None
    return [deadline.warn_at, deadline.due, *(multiple.at for multiple in deadline.multiples)]


def dated(little: LittleRoom, *, since: int = 0) -> list[tuple[str, str, str]]:
    return [
        (one.event.kind.value.split(".")[1], one.event.fields.get("stage", ""), to_text(one.event.at))
        for one in little.log[since:]
    ]


def test_calendar_time_is_divided_as_it_runs() -> None:
    forward = room().receive().forward
    assert marks(forward) == [
        wib("24 09:22") + 30 * SECOND,
        wib("24 09:30"),
        wib("24 09:45"),
        wib("24 10:00"),
        wib("24 10:30"),
    ]
    assert {multiple.percent: multiple.recipient for multiple in forward.multiples} == LADDER


def test_working_time_is_divided_by_the_hours_that_offices_are_open() -> None:
    """Received on Tuesday at nine, due on Tuesday after next at four: 47 hours of work."""
    finish = room().receive().finish
    assert (finish.start, finish.due) == (wib("24 09:00"), wib("12-01 16:00"))
    assert finish.warn_at == wib("30 12:15"), "35.25 of 47 hours"
    assert finish.multiples[0].at == wib("12-04 15:30"), "70.5 hours"


@given(st.integers(0, 60 * 24 * 300))
def test_a_mark_is_the_moment_at_which_its_share_has_run(minutes: int) -> None:
    finish = WARNS.deadline("mendesak", Stage.FINISH, wib("01-05 08:00") + timedelta(minutes=minutes))
    assert finish is not None
    run = WARNS.calendar.between
    allowed = run(finish.start, finish.due)
    shares = [0.75, 1, 1.5, 2, 3]
    assert [run(finish.start, mark) / allowed for mark in marks(finish)] == pytest.approx(shares, abs=1e-9)
    assert marks(finish) == sorted(marks(finish))


def test_the_reply_is_judged_without_marks() -> None:
    reply = room().receive().reply
    assert (reply.warn_at, reply.multiples) == (None, ())


def test_a_promise_that_allows_no_time_has_no_share_of_it() -> None:
    plain = Deadline(start=wib("24 17:00"), due=wib("24 18:00"), clock=DeadlineClock.WORKING)
    assert WARNS.marked(plain) == plain


def test_multiples_beyond_the_calendar_are_left_out() -> None:
    last = WARNS.calendar.closings[-1][1]
    near_the_end = Deadline(start=last - timedelta(days=14), due=last - timedelta(days=7), clock=DeadlineClock.WORKING)
    assert [one.percent for one in WARNS.marked(near_the_end).multiples] == [150, 200]


def test_cr_03_nothing_at_74_9_percent_one_at_75_one_at_100_and_none_again() -> None:
    little = room()
    start, due = little.receive().forward.start, little["c1"].forward.due
    share = (due - start) / 1000
    assert little.at(start + 749 * share).settle() == []
    assert little.at(start + 750 * share).settle() == [WARNED]
    assert little.at(start + 999 * share).settle() == []
    assert little.at(due).settle() == [PASSED]
    again = little.replayed()["c1"]
    assert again == little["c1"]
    assert settle(again, due) == ()


def test_each_multiple_once_with_whom_it_reaches() -> None:
    little = room()
    little.receive()
    little.at("24 12:00").settle()
    told = [one.event for one in little.log if one.event.kind is MULTIPLIED]
    assert [(event.fields["percent"], event.fields["recipient"], event.at) for event in told] == [
        (150, "agency_head", wib("24 09:45")),
        (200, "secretary", wib("24 10:00")),
        (300, "mayor", wib("24 10:30")),
    ]
    assert {(event.fields["stage"], event.fields["due_at"]) for event in told} == {("forward", utc("24 09:30"))}
    assert little.later(hours=5).settle() == []


def test_everything_is_dated_when_due_and_in_order_however_late_it_is_found() -> None:
    little = room()
    little.receive(category="banjir")
    little.at("24 11:00").settle()
    assert dated(little, since=1) == [
        ("warned", "forward", "2026-11-24T02:01:30Z"),
        ("passed", "forward", utc("24 09:02")),
        ("multiplied", "forward", utc("24 09:03")),
        ("multiplied", "forward", utc("24 09:04")),
        ("multiplied", "forward", utc("24 09:06")),
        ("passed", "reply", utc("24 09:30")),
        ("warned", "finish", utc("24 10:30")),
        ("passed", "finish", utc("24 11:00")),
    ]


def test_the_escalation_is_the_highest_of_the_deadlines_that_run() -> None:
    little = room()
    assert little.receive().escalation == 0
    little.at("24 10:00").settle()
    assert little["c1"].escalation == 200
    little.execute("forward", by="duty", agency="pupr")
    assert little["c1"].escalation == 0, "to accept has only begun"
    assert little["c1"].forward.multiplied == 2


def test_only_running_deadlines_have_marks_to_judge() -> None:
    little = room().until_working()
    assert little.at("24 12:00").settle() == []
    assert little["c1"].next_due == little["c1"].finish.warn_at


def test_the_index_asks_for_every_mark_and_none_before() -> None:
    little = room()
    little.receive()
    seen = []
    while (due := little["c1"].next_due) is not None:
        assert settle(little["c1"], due - timedelta(microseconds=1)) == ()
        seen += little.at(due).settle()
    assert (seen.count(WARNED), seen.count(PASSED), seen.count(MULTIPLIED)) == (2, 3, 6)


def test_nothing_is_warned_of_or_multiplied_while_it_stands_still() -> None:
    little = room()
    little.receive()
    little.at("24 09:20").execute("ask", by="duty", text="?")
    assert little.at("24 15:00").settle() == []
    little.execute("answer", by="duty")
    assert little["c1"].forward.warn_at == wib("24 15:02") + 30 * SECOND
    assert little.at("24 15:03").settle() == [WARNED]


def test_a_pause_after_its_end_moves_only_the_multiples_ahead() -> None:
    little = room()
    little.receive()
    little.at("24 09:50").execute("ask", by="duty", text="?")
    little.at("24 11:50").execute("answer", by="duty")
    forward = little["c1"].forward
    assert marks(forward) == [
        wib("24 09:22") + 30 * SECOND,
        wib("24 09:30"),
        wib("24 09:45"),
        wib("24 12:00"),
        wib("24 12:30"),
    ]
    assert (forward.warned, forward.passed, forward.multiplied) == (True, True, 1)
    assert little.at("24 12:00").settle() == [MULTIPLIED]


@given(minutes=st.integers(1, 60 * 24 * 9), length=st.integers(1, 60 * 24 * 9), at=st.integers(0, 60 * 24 * 12))
def test_a_hold_ended_early_moves_marks_as_a_pause_of_that_length(minutes: int, length: int, at: int) -> None:
    start = wib("24 10:00") + timedelta(minutes=at)
    until, again = start + timedelta(minutes=max(minutes, length)), start + timedelta(minutes=min(minutes, length))
    on_hold, asked = room().until_working(), room().until_working()
    on_hold.at(start).execute("hold", reason="r", until=to_text(until))
    asked.at(start).execute("ask", by="duty", text="?")
    on_hold.at(again).execute("resume") if again < until else on_hold.at(again).settle()
    asked.at(again).execute("answer", by="duty")
    assert on_hold["c1"].finish == asked["c1"].finish


def test_extending_plans_the_marks_anew_over_the_whole_promise() -> None:
    little = room()
    little.receive(category="banjir")
    little.until_working(agency="bpbd").at("24 10:40").settle()
    assert little["c1"].finish.warned
    little.execute("extend", due_at=utc("24 17:00"), reason="pompa kedua")
    finish = little["c1"].finish
    assert marks(finish)[:3] == [wib("24 15:00"), wib("24 17:00"), wib("24 21:00")]
    assert (finish.warned, finish.passed, finish.multiplied) == (False, False, 0)
    assert little.at("24 15:00").settle() == [WARNED]


def test_who_extends_into_the_last_part_is_not_warned_of_it() -> None:
    little = room()
    little.receive(category="banjir")
    little.until_working(agency="bpbd")
    little.at("24 11:30").execute("extend", due_at=utc("24 11:50"), reason="sebentar lagi")
    assert little["c1"].finish.warn_at is None
    assert little.at("24 11:49").settle() == []
    assert little.at("24 11:50").settle() == [PASSED]


def test_a_class_that_promises_more_makes_fresh_marks_and_keeps_what_lies_behind_logged() -> None:
    little = room()
    little.receive(category="banjir")
    little.at("24 09:23").settle()
    assert little["c1"].escalation == 300
    little.execute("triage", by="duty", category="jalan_rusak")
    forward = little["c1"].forward
    assert (forward.warned, forward.passed, forward.multiplied) == (True, False, 0)
    assert little.settle() == [], "75 % lie behind in both classes and were told"
    assert little.at("24 09:30").settle() == [PASSED]


def test_a_class_that_promises_less_tells_all_that_is_behind() -> None:
    little = room()
    little.receive()
    little.at("24 09:04").execute("triage", by="duty", category="banjir")
    assert little.settle() == [WARNED, PASSED, MULTIPLIED, MULTIPLIED]


def test_reopening_moves_the_marks_by_the_time_it_stood_done() -> None:
    little = room().until_done()
    before = marks(little["c1"].finish)
    little.at("25 09:00").execute("reopen", by="duty", reason="belum beres")
    day = timedelta(days=1)
    assert marks(little["c1"].finish)[0] == before[0] + day
    assert marks(little["c1"].finish)[1] == before[1] + day


def test_history_comes_with_one_event_and_nothing_fires_later_for_the_past() -> None:
    little = room()
    little.receive(category="banjir", received_at=wib("24 07:30"))
    (event,) = [one.event for one in little.log if one.event.kind is not Kind.RECEIVED]
    assert (event.kind, event.fields["stages"], event.fields["warned"]) == (PASSED, ["forward", "reply"], ["finish"])
    assert event.fields["multiplied"] == {"forward": 3}
    assert little.settle() == []
    assert little["c1"].escalation == 300
    assert little.at("24 09:30").settle() == [PASSED]


def test_history_that_is_only_near_its_end_says_so() -> None:
    little = room()
    little.receive(received_at=wib("24 08:35"))
    event = little.log[-1].event
    assert (event.kind, event.fields["stages"], event.fields["inherited"]) == (WARNED, ["forward"], True)
    assert event.at == wib("24 08:57") + 30 * SECOND
    assert little.settle() == []


def test_what_is_not_behind_is_not_inherited() -> None:
    little = room()
    complaint = little.receive(received_at=wib("24 08:55"))
    assert inherit(complaint, little.now, None) == ()
    assert little.at("24 09:20").settle() == [WARNED]


def test_an_event_of_before_there_were_marks_has_none() -> None:
    old = {"start": utc("24 09:00"), "due": utc("24 09:30"), "clock": "calendar", "passed": False}
    deadline = from_payload({"forward": old})["forward"]
    assert deadline == Deadline(start=wib("24 09:00"), due=wib("24 09:30"), clock=DeadlineClock.CALENDAR)
    assert deadline.next_mark == wib("24 09:30")


def test_marks_survive_as_text() -> None:
    forward = replace(room().receive().forward, warned=True, passed=True, multiplied=2)
    assert from_payload(as_payload({Stage.FORWARD: forward})) == {"forward": forward}


@pytest.mark.parametrize("by", ["reject", "close"])
def test_an_end_ends_the_marks(by: str) -> None:
    little = room()
    little.receive()
    little.at("24 09:40").execute(by, reason="x")
    complaint: Complaint = little["c1"]
    assert (complaint.next_due, complaint.escalation) == (None, 0)
