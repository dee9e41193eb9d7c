"""Alarms that stand for many: pre-warnings beyond what an hour bears (CR-33), and what was overdue when it came in."""

from datetime import timedelta

from msgspec.structs import replace

from liveroom.domain.alarms.model import AlarmRules
from liveroom.domain.events import Kind
from tests.domain.alarm_room import AlarmRoom, received
from tests.rooms.city import wib

SECOND = timedelta(seconds=1)


def test_history_that_is_overdue_is_one_alarm_an_agency() -> None:
    room = AlarmRoom()
    for number in range(20):
        room.receive(f"c{number}", category="banjir" if number % 2 else "jalan_rusak", received_at=wib("20 09:00"))
    room.receive("nobody's", category="entah apa", received_at=wib("20 09:00"))
    counts = {key: (alarm.agency, alarm.count) for key, alarm in room.alarms.items()}
    assert counts == {"inherited:pupr": ("pupr", 10), "inherited:bpbd": ("bpbd", 10), "inherited:-": (None, 1)}
    assert room.alarms["inherited:pupr"].raised_at == room.now, "the room learned of it now"
    assert room.answer("acknowledge", "inherited:pupr", owner="budi")[-1] is Kind.ALARM_CLEARED
    room.receive("one more", received_at=wib("20 09:00"))
    assert (room.alarms["inherited:pupr"].state.value, room.alarms["inherited:pupr"].count) == ("unacked", 1)


def test_history_that_passes_later_has_an_alarm_of_its_own() -> None:
    room = received(received_at=wib("20 09:00"))
    assert room.states() == {}
    room.until("27 16:00")
    assert room.states() == {"passed": "unacked"}


def test_cr_33_thirty_pre_warnings_of_one_agency_in_a_quarter_of_an_hour_are_one_alarm_with_a_count() -> None:
    room = AlarmRoom(rules=AlarmRules(warned_per_hour=0))
    for number in range(30):
        room.at(wib("24 09:07") + 30 * SECOND + 20 * number * SECOND).receive(f"c{number}")
        room.execute("triage", f"c{number}", by="duty", agency="pupr")
    room.until("24 09:44")
    warned = {key: alarm for key, alarm in room.alarms.items() if key.startswith("warned")}
    assert {key: (alarm.count, alarm.agency, alarm.priority) for key, alarm in warned.items()} == {
        "warned:pupr:2026-11-24T02:30": (30, "pupr", 3)
    }


def test_cr_33_the_first_four_of_an_hour_and_position_come_one_by_one() -> None:
    room = AlarmRoom()
    for number in range(10):
        room.receive(f"c{number}")
    room.until("24 09:23")
    assert [one.event.id for one in room.of(Kind.ALARM_RAISED)] == [
        *(f"warned:c{number}" for number in range(4)),
        "warned:-:2026-11-24T02:15",
    ]
    assert room.alarms["warned:-:2026-11-24T02:15"].count == 6


def test_cr_33_twice_as_many_for_two_positions() -> None:
    room = AlarmRoom(rules=AlarmRules(positions=2))
    for number in range(10):
        room.receive(f"c{number}")
    room.until("24 09:23")
    assert room.alarms["warned:-:2026-11-24T02:15"].count == 2


def test_cr_33_one_that_was_seen_is_quiet_for_the_rest_of_its_quarter_and_then_over() -> None:
    room = AlarmRoom(rules=AlarmRules(warned_per_hour=0))
    room.receive("c1")
    room.until("24 09:24").answer("acknowledge", "warned:-:2026-11-24T02:15")
    room.at("24 09:03").receive("c2")
    room.until("24 09:29")
    alarm = room.alarms["warned:-:2026-11-24T02:15"]
    assert (alarm.state.value, alarm.count) == ("acked", 2)
    room.until("24 09:30")
    assert room.alarms["warned:-:2026-11-24T02:15"].state.value == "normal"


def test_cr_33_one_that_was_seen_after_its_quarter_is_over_at_once() -> None:
    room = AlarmRoom(rules=AlarmRules(warned_per_hour=0))
    room.receive("c1")
    room.until("24 09:40")
    assert room.answer("acknowledge", "warned:-:2026-11-24T02:15") == [Kind.ALARM_ACKNOWLEDGED, Kind.ALARM_CLEARED]


def test_ids_are_never_longer_than_their_column_nor_shared_by_two_long_keys() -> None:
    room = AlarmRoom(rules=AlarmRules(warned_per_hour=0))
    for number, agency in enumerate(("a" * 64, "a" * 63 + "b")):
        room.receive(f"c{number}")
        room.complaints[f"c{number}"] = replace(room[f"c{number}"], agency=agency)
    room.until("24 09:24")
    assert {len(key) for key in room.alarms} == {64}
    assert len(room.alarms) == 2
