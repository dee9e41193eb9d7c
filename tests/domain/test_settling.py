"""What time alone makes true: each once, in order, dated when due, before any command."""

from datetime import timedelta

import pytest

from liveroom.domain.complaints.model import Stage
from liveroom.domain.complaints.settle import inherit, settle
from liveroom.domain.events import Kind
from liveroom.domain.timestamps import to_text
from tests.domain.little_room import LittleRoom
from tests.rooms.city import NEVER_PAUSES, wib

MICROSECOND = timedelta(microseconds=1)


def dated(room: LittleRoom, *, since: int = 0) -> list[tuple[str, str]]:
    """(what, when true) of the events after ``since``; a passed deadline by its stage."""
    events = [logged.event for logged in room.log[since:]]
    return [(event.fields.get("stage", event.kind.value), to_text(event.at)) for event in events]


def utc(text: str) -> str:
    return to_text(wib(text))


def test_a_deadline_passes_when_it_is_due_and_not_before() -> None:
    room = LittleRoom()
    due = room.receive().forward.due
    assert due == wib("24 09:30")
    assert room.at(due - MICROSECOND).settle() == []
    assert room.at(due).settle() == [Kind.DEADLINE_PASSED]
    assert room["c1"].overdue


def test_it_passes_once() -> None:
    room = LittleRoom()
    room.receive()
    room.at("24 10:00").settle()
    assert room.later(hours=2).settle() == []


def test_it_is_dated_when_due_however_late_it_is_found() -> None:
    room = LittleRoom()
    room.receive()
    room.at("12-05 00:00").settle()
    assert dated(room, since=1) == [
        ("forward", utc("24 09:30")),
        ("finish", utc("12-01 16:00")),
        ("reply", utc("12-01 16:00")),
    ]


def test_no_command_overtakes_a_breach() -> None:
    room = LittleRoom()
    room.receive()
    assert room.at("24 09:31").execute("forward", by="duty", agency="pupr") == [Kind.DEADLINE_PASSED, Kind.FORWARDED]
    assert room["c1"].forward.passed
    assert not room["c1"].overdue, "accept runs now, and finish is ahead"


def test_only_the_running_stage_and_finish_are_judged() -> None:
    room = LittleRoom().until_working()
    room.at("26 09:00")
    assert room.settle() == [], "forwarded and accepted in time: their deadlines run no more"
    assert room["c1"].next_due == wib("12-01 16:00")


def test_a_late_reply_is_an_event_and_no_overdue() -> None:
    room = LittleRoom()
    room.receive(category="banjir")
    room.until_working(agency="bpbd")
    assert room.at("24 09:30").settle() == [Kind.DEADLINE_PASSED]
    assert room["c1"].reply.passed
    assert not room["c1"].overdue
    assert room["c1"].next_due == wib("24 11:00")


def test_an_answered_citizen_waits_no_more() -> None:
    room = LittleRoom()
    room.receive(category="banjir")
    room.until_working(agency="bpbd").execute("reply", by="duty", text="tim di jalan")
    assert room.at("24 10:30").settle() == []
    assert room["c1"].reply is None


def test_a_hold_ends_by_itself_and_moves_what_comes_after() -> None:
    room = LittleRoom()
    room.receive()
    room.at("24 09:10").execute("hold", reason="tunggu", until=utc("25 12:00"))
    before = len(room.log)
    assert room["c1"].next_due == wib("25 12:00")
    room.at("25 13:00").settle()
    assert dated(room, since=before) == [("complaint.resumed", utc("25 12:00")), ("forward", utc("25 12:20"))]
    assert room["c1"].paused is None


def test_where_a_hold_stops_no_clock_the_deadlines_pass_during_it() -> None:
    room = LittleRoom(NEVER_PAUSES)
    room.receive()
    room.at("24 09:10").execute("hold", reason="tunggu", until=utc("25 12:00"))
    assert room["c1"].next_due == wib("24 09:30")
    before = len(room.log)
    room.at("25 13:00").settle()
    assert dated(room, since=before) == [("forward", utc("24 09:30")), ("complaint.resumed", utc("25 12:00"))]


def test_at_one_moment_the_hold_ends_first() -> None:
    room = LittleRoom(NEVER_PAUSES)
    room.receive()
    room.at("24 09:10").execute("hold", reason="tunggu", until=utc("24 09:30"))
    before = len(room.log)
    room.at("24 09:30").settle()
    assert dated(room, since=before) == [("complaint.resumed", utc("24 09:30")), ("forward", utc("24 09:30"))]


def test_a_question_without_end_leaves_nothing_to_judge() -> None:
    room = LittleRoom()
    room.receive()
    room.execute("ask", by="duty", text="di mana?")
    assert room["c1"].next_due is None
    assert room.at("12-20 09:00").settle() == []


@pytest.mark.parametrize("state_by", ["reject", "close", "merge"])
def test_nothing_runs_once_it_has_ended(state_by: str) -> None:
    room = LittleRoom()
    room.receive("c2")
    room.receive()
    room.at("24 09:40").execute(state_by, **({"into": "c2"} if state_by == "merge" else {"reason": "x"}))
    assert room["c1"].forward.passed
    assert not room["c1"].overdue
    assert room["c1"].next_due is None
    assert room.at("12-20 09:00").settle() == []


def test_what_the_room_was_not_there_for_is_one_event_with_the_stage_reached() -> None:
    room = LittleRoom()
    complaint = room.receive()
    (event,) = inherit(complaint, wib("24 12:00"), "pupr")
    assert (event.fields["stage"], event.fields["inherited"]) == ("forward", True)
    (event,) = inherit(complaint, wib("12-05 12:00"), "pupr")
    assert event.fields["stage"] == "finish"
    assert event.at == wib("12-01 16:00")
    assert set(event.fields["stages"]) == {"forward", "finish", "reply"}
    assert inherit(complaint, wib("24 09:20"), "pupr") == ()


def test_settling_asks_no_more_than_the_next_due_moment_says() -> None:
    room = LittleRoom()
    room.receive()
    for _ in range(2):
        due = room["c1"].next_due
        assert due is not None
        assert settle(room["c1"], due - MICROSECOND) == ()
        assert room.at(due).settle() != []
    assert room["c1"].next_due is None
    assert {stage for stage, deadline in room["c1"].running if deadline.passed} == {Stage.FORWARD, Stage.FINISH}
