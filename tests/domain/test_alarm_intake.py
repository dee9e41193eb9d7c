"""The alarm of a critical intake: from the moment it waits at the desk until it is forwarded; history rings nothing."""

import pytest

from liveroom.domain.events import Kind
from tests.domain.alarm_room import received
from tests.rooms.city import wib


def test_a_critical_intake_is_an_alarm_until_it_is_forwarded() -> None:
    room = received(category="banjir")
    alarm = room.alarm("critical")
    assert (alarm.state.value, alarm.priority, alarm.stage, alarm.due_at) == ("unacked", 1, "forward", wib("24 09:02"))
    room.answer("acknowledge", "critical:c1")
    room.execute("forward", by="duty", agency="bpbd")
    assert room.states() == {"critical": "normal"}


@pytest.mark.parametrize("by", ["triage", "resend"])
def test_a_complaint_that_turns_out_critical_is_one_too(by: str) -> None:
    room = received()
    room.later(seconds=30)
    if by == "triage":
        room.execute("triage", by="duty", category="banjir")
    else:
        room.resend(category="banjir")
    assert room.states()["critical"] == "unacked"
    assert room.alarm("critical").raised_at == room.now


def test_a_critical_one_that_turns_out_ordinary_is_none_any_more() -> None:
    room = received(category="banjir")
    room.execute("triage", by="duty", category="jalan_rusak")
    assert room.states() == {"critical": "returned"}


def test_a_critical_one_that_comes_back_to_the_desk_rings_again() -> None:
    room = received(category="banjir")
    room.execute("forward", by="duty", agency="bpbd")
    room.execute("decline", by="agency", of="bpbd", reason="bukan kami")
    assert room.states()["critical"] == "unacked"
    assert room.of(Kind.ALARM_REACTIVATED)[-1].event.fields["why"] == "again"


def test_a_reopened_one_rings_again_too() -> None:
    room = received(category="banjir")
    room.execute("reject", by="duty", reason="keliru")
    room.answer("acknowledge", "critical:c1")
    room.execute("reopen", by="duty", reason="ternyata benar")
    assert room.states()["critical"] == "unacked"


def test_a_drill_is_no_different() -> None:
    assert received(category="banjir", drill=True).states() == {"critical": "unacked"}


def test_history_that_has_ended_raises_nothing() -> None:
    room = received(category="banjir", received_at=wib("20 09:00"), closed_at=wib("20 12:00"))
    room.receive("c2", category="banjir", received_at=wib("01-02 09:00").replace(year=2020), closed_at=wib("20 12:00"))
    assert room.alarms == {}
