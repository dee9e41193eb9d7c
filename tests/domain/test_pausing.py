"""The time that stands still: how far it moves a deadline, and which deadlines it leaves alone."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.domain.events import Kind
from liveroom.domain.requests import Code, Refused
from liveroom.domain.timestamps import to_text
from tests.domain.little_room import LittleRoom
from tests.rooms.city import NEVER_PAUSES, wib


def held(until: str, policy_room: LittleRoom | None = None) -> LittleRoom:
    room = policy_room or LittleRoom()
    room.until_working()
    room.at("24 10:00").execute("hold", reason="tunggu", until=to_text(wib(until)))
    return room


def test_a_question_moves_the_finish_by_the_working_time_it_took() -> None:
    room = LittleRoom().until_working()
    room.at("24 10:00").execute("ask", by="agency", text="di mana?")
    assert room["c1"].paused == "citizen"
    room.at("25 10:00").execute("answer", by="duty", text="di sana")
    assert room["c1"].finish.due == wib("12-02 16:00"), "8 working hours, so one working day"
    assert room["c1"].paused is None


def test_a_weekend_on_hold_costs_a_working_clock_nothing() -> None:
    room = LittleRoom().until_working()
    room.at("27 16:00").execute("ask", by="duty", text="?")
    room.at("30 08:00").execute("answer", by="duty")
    assert room["c1"].finish.due == wib("12-01 16:00")


def test_a_hold_moves_the_calendar_clock_by_the_hours_it_took() -> None:
    room = LittleRoom()
    room.receive()
    room.at("24 09:10").execute("hold", reason="tunggu", until=to_text(wib("28 09:10")))
    room.at("25 09:10").execute("resume")
    assert room["c1"].forward.due == wib("25 09:30")


def test_only_what_runs_is_moved() -> None:
    room = LittleRoom().until_working()
    accept = room["c1"].accept
    room.at("24 10:00").execute("ask", by="duty", text="?")
    room.at("26 10:00").execute("answer", by="duty")
    assert room["c1"].accept == accept
    assert room["c1"].forward.due == wib("24 09:30")


def test_a_passed_deadline_stays_passed_and_where_it_was() -> None:
    room = LittleRoom()
    room.receive()
    room.at("24 10:00").execute("hold", reason="tunggu", until=to_text(wib("25 10:00")))
    assert room["c1"].forward.due == wib("24 09:30")
    assert room["c1"].forward.passed
    assert room["c1"].overdue, "late is late, on hold too"


def test_the_card_shows_during_a_hold_when_the_finish_will_be() -> None:
    room = held("25 10:00")
    assert room["c1"].finish.due == wib("12-02 16:00")
    assert room["c1"].paused_until == wib("25 10:00")


@given(minutes=st.integers(1, 60 * 24 * 9), length=st.integers(1, 60 * 24 * 9))
def test_a_hold_ended_early_is_a_pause_of_that_length(minutes: int, length: int) -> None:
    start = wib("24 10:00")
    until, again = start + timedelta(minutes=max(minutes, length)), start + timedelta(minutes=min(minutes, length))
    on_hold, asked = LittleRoom().until_working(), LittleRoom().until_working()
    on_hold.at(start).execute("hold", reason="r", until=to_text(until))
    asked.at(start).execute("ask", by="duty", text="?")
    on_hold.at(again).execute("resume") if again < until else on_hold.at(again).settle()
    asked.at(again).execute("answer", by="duty")
    assert on_hold["c1"].finish == asked["c1"].finish
    assert on_hold["c1"].stops == asked["c1"].stops


def test_a_hold_that_ended_by_itself_is_found_ended_by_the_next_command() -> None:
    room = held("25 10:00")
    assert room.at("25 11:00").execute("submit_proof", by="agency") == [Kind.RESUMED, Kind.PROOF_SUBMITTED]
    resumed = room.log[-2].event
    assert resumed.at == wib("25 10:00")


@pytest.mark.parametrize("until", ["24 10:00", "24 09:59"])
def test_a_hold_ends_in_the_future(until: str) -> None:
    with pytest.raises(Refused) as refused:
        held(until)
    assert (refused.value.code, refused.value.field) == (Code.PAST, "until")


def test_a_hold_ends_within_a_year_and_within_the_calendar() -> None:
    room = LittleRoom().until_working()
    far = room.now + timedelta(days=367)
    with pytest.raises(Refused) as refused:
        room.execute("hold", reason="r", until=to_text(far))
    assert (refused.value.code, refused.value.field) == (Code.FIELD, "until")
    short = LittleRoom().at(wib("12-15 09:00").replace(year=2027)).until_working()
    with pytest.raises(Refused) as refused:
        short.execute("hold", reason="r", until=to_text(short.now + timedelta(days=60)))
    assert (refused.value.code, refused.value.field) == (Code.FIELD, "until")


def test_work_waits_for_the_end_of_a_pause() -> None:
    room = held("25 10:00")
    for name, by in (("submit_proof", "agency"), ("decline", "agency"), ("coordinate", "duty"), ("hold", "supervisor")):
        fields = {"decline": {"reason": "r"}, "coordinate": {"agencies": []}}.get(name, {})
        if name == "hold":
            fields = {"reason": "r", "until": to_text(wib("26 10:00"))}
        with pytest.raises(Refused) as refused:
            room.execute(name, by=by, **fields)
        assert refused.value.code is Code.STATE


def test_an_end_ends_the_pause_first() -> None:
    room = held("27 10:00")
    assert room.at("25 10:00").execute("close", reason="selesai") == [Kind.RESUMED, Kind.CLOSED]
    assert room["c1"].finish.due == wib("12-02 16:00"), "held 8 of its working hours, not until the end planned"
    assert (room["c1"].paused, room["c1"].paused_at, room["c1"].paused_until) == (None, None, None)


def test_only_a_question_is_answered() -> None:
    room = held("25 10:00")
    with pytest.raises(Refused) as refused:
        room.execute("answer", by="duty", text="x")
    assert refused.value.code is Code.STATE
    assert room.execute("resume", by="duty") == [Kind.RESUMED]


def test_where_pauses_stop_nothing_only_the_flag_is_set() -> None:
    room = LittleRoom(NEVER_PAUSES).until_working()
    room.at("24 10:00").execute("ask", by="duty", text="?")
    assert (room["c1"].paused, room["c1"].stopped_at) == ("citizen", None)
    assert room["c1"].next_due == wib("12-01 16:00")
    room.at("25 10:00").execute("answer", by="duty")
    assert room["c1"].finish.due == wib("12-01 16:00")
    assert room["c1"].stops == ()
