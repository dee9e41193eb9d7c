"""A lead that declines after the time to forward is over: told once, dated when it was due, one alarm from now on."""

from datetime import timedelta

from liveroom.domain.events import Kind
from tests.domain.alarm_room import AlarmRoom
from tests.rooms.city import wib


def declined(moment: str) -> AlarmRoom:
    """Received at 09.00 with 30 minutes to forward, forwarded at once, declined at ``moment``."""
    room = AlarmRoom()
    room.receive()
    room.execute("forward", by="duty", agency="pupr")
    room.at(moment).tick()
    room.execute("decline", by="agency", reason="bukan kami")
    return room


def test_what_passed_meanwhile_is_one_event_dated_when_it_was_due_and_one_alarm_from_now_on() -> None:
    room = declined("24 11:00")
    (passed,) = room.of(Kind.DEADLINE_PASSED)
    assert (passed.event.at, passed.event.fields["stage"]) == (wib("24 09:30"), "forward")
    assert not room.of(Kind.DEADLINE_WARNED)
    assert not room.of(Kind.DEADLINE_MULTIPLIED)
    assert (room["c1"].overdue, room["c1"].escalation) == (True, 300)
    (raised,) = room.of(Kind.ALARM_RAISED)
    assert (raised.event.id, raised.event.at) == ("passed:c1", wib("24 11:00"))
    assert room.replayed()["c1"] == room["c1"]
    begun = len(room.log)
    room.later(days=3).tick()
    later = [one.event.fields["stage"] for one in room.log[begun:] if one.event.kind.startswith("deadline.")]
    assert "forward" not in later, "nothing of the past is told again"


def test_what_is_still_ahead_comes_in_its_own_time() -> None:
    room = declined("24 09:50")
    (passed,) = room.of(Kind.DEADLINE_PASSED)
    assert passed.event.fields["multiplied"] == {"forward": 1}
    room.until("24 10:01")
    assert [one.event.fields["percent"] for one in room.of(Kind.DEADLINE_MULTIPLIED)] == [200]


def test_in_the_last_part_of_its_time_it_is_warned_of_now() -> None:
    room = declined("24 09:25")
    (warned,) = room.of(Kind.DEADLINE_WARNED)
    assert warned.event.at == wib("24 09:00") + timedelta(minutes=22.5)
    assert room.states() == {"warned": "unacked"}
    assert room.alarm("warned").activated_at == wib("24 09:25")


def test_declined_in_time_nothing_is_told() -> None:
    room = declined("24 09:10")
    assert not [one for one in room.log if one.event.kind.startswith(("deadline.", "alarm."))]
