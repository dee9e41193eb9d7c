"""The alarm of a source: silent, heard again, or under maintenance that was announced (CR-07, CR-10, CR-22)."""

import pytest

from liveroom.domain.events import Kind
from liveroom.domain.timestamps import to_text
from tests.domain.alarm_room import AlarmRoom
from tests.rooms.city import wib


def test_cr_07_a_silent_source_is_an_alarm_until_it_is_heard() -> None:
    room = AlarmRoom()
    assert room.source("late") == []
    assert room.source("lost") == [Kind.ALARM_RAISED]
    alarm = room.alarm("lost", "lapor")
    assert (alarm.priority, alarm.source, alarm.complaint) == (2, "lapor", None)
    assert room.source("lost") == []
    assert room.source("ok") == [Kind.ALARM_RETURNED]
    assert room.later(minutes=5).source("lost") == [Kind.ALARM_REACTIVATED]


@pytest.mark.parametrize("state", ["ok", "late", "closed"])
def test_cr_07_any_sign_of_life_or_its_closing_ends_it(state: str) -> None:
    room = AlarmRoom()
    room.source("lost")
    room.answer("acknowledge", "lost:lapor")
    assert room.source(state) == [Kind.ALARM_CLEARED]


def test_cr_10_what_returned_before_anybody_acknowledged_stays_listed_until_then() -> None:
    room = AlarmRoom()
    room.source("lost")
    room.source("ok")
    assert room.later(hours=24).tick() == []
    assert room.alarm("lost", "lapor").listed
    room.answer("acknowledge", "lost:lapor")
    assert not room.alarm("lost", "lapor").listed


def test_cr_22_maintenance_of_a_source_is_announced_before_it_begins() -> None:
    room = AlarmRoom()
    room.answer(
        "suppress", "lost:lapor", by="supervisor", rule="maintenance", reason="r", until=to_text(wib("24 12:00"))
    )
    assert room.source("lost") == [Kind.ALARM_RECURRED]
    assert room.alarm("lost", "lapor").state.value == "suppressed"
    assert room.until("24 12:00").alarm("lost", "lapor").state.value == "unacked"
    assert room.alarm("lost", "lapor").raised_at == wib("24 09:00")


def test_cr_22_what_ended_meanwhile_comes_back_as_normal() -> None:
    room = AlarmRoom()
    room.answer(
        "suppress", "lost:lapor", by="supervisor", rule="maintenance", reason="r", until=to_text(wib("24 12:00"))
    )
    room.source("lost")
    assert room.source("ok") == [Kind.ALARM_RETURNED]
    assert room.until("24 12:00").alarm("lost", "lapor").state.value == "normal"
