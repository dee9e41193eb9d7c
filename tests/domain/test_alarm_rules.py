"""When alarms begin and end: by complaints alone, each deadline once, never two of one complaint at a time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from liveroom.domain.alarm_limits import AlarmRules
from liveroom.domain.events import Kind
from liveroom.domain.moments import written
from tests.domain.alarm_room import AlarmRoom
from tests.domain.city import wib

SECOND = timedelta(seconds=1)


def received(category: str = "jalan_rusak", **report: object) -> AlarmRoom:
    room = AlarmRoom()
    room.receive(category=category, **report)
    return room


def working() -> AlarmRoom:
    room = AlarmRoom()
    room.until_working()
    return room


def at(room: AlarmRoom, moment: str) -> AlarmRoom:
    room.at(moment).tick()
    return room


def test_cr_01_a_thousand_ordinary_complaints_are_no_alarm() -> None:
    room = AlarmRoom()
    for number in range(1000):
        room.receive(f"c{number}")
    assert room.alarms == {}


def test_cr_03_one_at_75_percent_one_at_100_each_once_and_none_again_after_replay() -> None:
    room = received()
    forward = room["c1"].forward
    share = (forward.due - forward.start) / 1000
    assert Kind.ALARM_RAISED not in room.at(forward.start + 749 * share).tick()
    assert room.at(forward.start + 750 * share).tick().count(Kind.ALARM_RAISED) == 1
    assert room.at(forward.due).tick().count(Kind.ALARM_RAISED) == 1
    assert [one.event.id for one in room.of(Kind.ALARM_RAISED)] == ["warned:c1", "passed:c1"]
    assert [one.event.at for one in room.of(Kind.ALARM_RAISED)] == [forward.warn_at, forward.due]
    room.alarms, room.complaints = room.replayed_alarms(), room.replayed()
    assert room.tick() == []


def test_cr_03_within_the_same_append_however_late_the_clock_is() -> None:
    room = at(received(), "24 12:00")
    kinds = [one.event.kind for one in room.log]
    assert kinds[kinds.index(Kind.DEADLINE_PASSED) :][:3] == [
        Kind.DEADLINE_PASSED,
        Kind.ALARM_SUPPRESSED,
        Kind.ALARM_RAISED,
    ]
    assert room.alarm("passed").raised_at == wib("24 09:30")


def test_cr_04_the_pre_warning_of_the_same_complaint_is_suppressed_and_kept() -> None:
    room = at(received(), "24 09:30")
    assert room.states() == {"warned": "suppressed", "passed": "unacked"}
    assert room.alarm("warned").rule == "redundant"
    assert room.of(Kind.ALARM_SUPPRESSED)[0].event.payload == {"rule": "redundant", "reason": None, "until": None}


def test_cr_04_also_one_that_somebody_has_acknowledged() -> None:
    room = at(received(), "24 09:23")
    room.answer("acknowledge", "warned:c1")
    assert at(room, "24 09:30").states() == {"warned": "suppressed", "passed": "unacked"}


def test_cr_04_it_ends_with_the_overdue_one_when_its_own_reason_has_gone_too() -> None:
    room = at(received(), "24 09:31")
    room.do("forward", by="duty", agency="pupr")
    assert room.states() == {"warned": "normal", "passed": "returned"}


def test_cr_22_a_rule_ends_visibly_what_is_still_near_its_end_is_unacked() -> None:
    room = working()
    at(room, "30 12:15")
    assert room.states() == {"warned": "unacked"}
    room.do("decline", by="agency", reason="bukan kami")
    assert at(room, "30 12:16").states() == {"warned": "suppressed", "passed": "unacked"}
    room.do("forward", by="duty", agency="dlh")
    assert room.states() == {"warned": "unacked", "passed": "returned"}
    assert room.of(Kind.ALARM_REACTIVATED)[-1].event.payload["why"] == "unsuppressed"


def test_cr_04_a_pre_warning_that_is_shelved_does_not_come_back_beside_the_overdue_one() -> None:
    room = at(received(), "24 09:23")
    room.answer("shelve", "warned:c1", reason="r", until=written(wib("24 11:00")))
    assert at(room, "24 11:00").states() == {"warned": "normal", "passed": "unacked"}


def test_a_pre_warning_ends_when_the_stage_moves_on() -> None:
    room = at(received(), "24 09:25")
    room.do("forward", by="duty", agency="pupr")
    assert room.states() == {"warned": "returned"}


def test_what_was_acknowledged_is_cleared_when_it_ends() -> None:
    room = at(received(), "24 09:25")
    room.answer("acknowledge", "warned:c1")
    room.do("forward", by="duty", agency="pupr")
    assert room.states() == {"warned": "normal"}


@pytest.mark.parametrize(
    ("name", "fields"), [("reject", {"reason": "x"}), ("close", {"reason": "x"}), ("merge", {"into": "c2"})]
)
def test_the_alarms_of_a_complaint_end_with_it(name: str, fields: dict[str, str]) -> None:
    room = received(category="banjir")
    room.receive("c2")
    at(room, "24 09:02").do(name, **fields)
    assert room.states() == {"critical": "returned", "warned": "normal", "passed": "returned"}
    assert all(not alarm.active for alarm in room.alarms.values())


def test_a_late_reply_is_no_alarm() -> None:
    room = received(category="banjir")
    room.until_working(agency="bpbd")
    assert at(room, "24 09:31").states() == {"critical": "returned"}


def test_a_new_life_begins_when_the_next_stage_passes() -> None:
    room = at(received(), "24 09:31")
    room.answer("acknowledge", "passed:c1", owner="budi")
    room.do("forward", by="duty", agency="pupr")
    at(room, "25 17:00")
    alarm = room.alarm("passed")
    assert (alarm.state.value, alarm.raised_at, alarm.rearmed, alarm.owner) == ("unacked", wib("25 16:00"), 0, None)
    assert (alarm.stage, alarm.due_at) == ("accept", wib("25 16:00"))


def test_declining_brings_back_what_was_late_already() -> None:
    room = at(received(), "24 09:31")
    room.do("forward", by="duty", agency="pupr")
    room.answer("acknowledge", "passed:c1")
    room.do("decline", by="agency", reason="bukan kami")
    assert room.states()["passed"] == "unacked"
    assert room.alarm("passed").raised_at == wib("24 09:31")


def test_cr_31_with_an_owner_the_alarm_ends_and_the_complaint_stays_overdue() -> None:
    room = at(received(), "24 09:31")
    assert room.answer("acknowledge", "passed:c1", owner="budi") == [Kind.ALARM_ACKNOWLEDGED, Kind.ALARM_CLEARED]
    alarm = room.alarm("passed")
    assert (alarm.state.value, alarm.active, alarm.owner, alarm.acked_by) == ("normal", False, "budi", "duty")
    assert room["c1"].overdue
    assert at(room, "24 09:44").states()["passed"] == "normal"


def test_cr_31_without_an_owner_it_is_only_seen() -> None:
    room = at(received(), "24 09:31")
    assert room.answer("acknowledge", "passed:c1") == [Kind.ALARM_ACKNOWLEDGED]
    assert room.alarm("passed").state.value == "acked"


@pytest.mark.parametrize("owner", [None, "budi"])
def test_a_multiple_activates_the_same_alarm_again_even_one_that_was_taken(owner: str | None) -> None:
    room = at(received(), "24 09:31")
    room.answer("acknowledge", "passed:c1", **({"owner": owner} if owner else {}))
    at(room, "24 09:45")
    alarm = room.alarm("passed")
    assert (alarm.state.value, alarm.owner, alarm.raised_at, alarm.activated_at, alarm.rearmed) == (
        "unacked",
        None,
        wib("24 09:30"),
        wib("24 09:45"),
        1,
    )
    assert room.of(Kind.ALARM_REACTIVATED)[-1].event.payload["why"] == "multiplied"
    assert len(room.of(Kind.ALARM_RAISED)) == 2, "no new alarm"


def test_a_multiple_of_one_that_nobody_answered_is_no_second_activation() -> None:
    room = at(received(), "24 12:00")
    assert room.of(Kind.ALARM_REACTIVATED) == []
    assert len(room.of(Kind.DEADLINE_MULTIPLIED)) == 3


def test_a_second_deadline_that_passes_activates_it_again_for_itself() -> None:
    room = at(received(), "24 12:00")
    room.answer("acknowledge", "passed:c1", owner="budi")
    alarm = at(room, "12-01 16:00").alarm("passed")
    assert (alarm.state.value, alarm.stage, alarm.due_at) == ("unacked", "finish", wib("12-01 16:00"))
    assert room.of(Kind.ALARM_REACTIVATED)[-1].event.payload["why"] == "again"


def test_an_extension_ends_it_and_the_pre_warning_of_the_old_promise() -> None:
    room = working()
    at(room, "12-01 17:00")
    assert room.states() == {"warned": "suppressed", "passed": "unacked"}
    room.do("extend", due_at=written(wib("12-04 12:00")), reason="alat")
    assert room.states() == {"warned": "normal", "passed": "returned"}


def test_a_critical_intake_is_an_alarm_until_it_is_forwarded() -> None:
    room = received(category="banjir")
    alarm = room.alarm("critical")
    assert (alarm.state.value, alarm.priority, alarm.stage, alarm.due_at) == ("unacked", 1, "forward", wib("24 09:02"))
    room.answer("acknowledge", "critical:c1")
    room.do("forward", by="duty", agency="bpbd")
    assert room.states() == {"critical": "normal"}


@pytest.mark.parametrize("by", ["triage", "resend"])
def test_a_complaint_that_turns_out_critical_is_one_too(by: str) -> None:
    room = received()
    room.later(seconds=30)
    if by == "triage":
        room.do("triage", by="duty", category="banjir")
    else:
        room.resend(category="banjir")
    assert room.states()["critical"] == "unacked"
    assert room.alarm("critical").raised_at == room.now


def test_a_critical_one_that_turns_out_ordinary_is_none_any_more() -> None:
    room = received(category="banjir")
    room.do("triage", by="duty", category="jalan_rusak")
    assert room.states() == {"critical": "returned"}


def test_a_critical_one_that_comes_back_to_the_desk_rings_again() -> None:
    room = received(category="banjir")
    room.do("forward", by="duty", agency="bpbd")
    room.do("decline", by="agency", of="bpbd", reason="bukan kami")
    assert room.states()["critical"] == "unacked"
    assert room.of(Kind.ALARM_REACTIVATED)[-1].event.payload["why"] == "again"


def test_a_reopened_one_rings_again_too() -> None:
    room = received(category="banjir")
    room.do("reject", by="duty", reason="keliru")
    room.answer("acknowledge", "critical:c1")
    room.do("reopen", by="duty", reason="ternyata benar")
    assert room.states()["critical"] == "unacked"


def test_a_drill_is_no_different() -> None:
    assert received(category="banjir", drill=True).states() == {"critical": "unacked"}


def test_history_that_has_ended_raises_nothing() -> None:
    room = received(category="banjir", received_at=wib("20 09:00"), closed_at=wib("20 12:00"))
    room.receive("c2", category="banjir", received_at=wib("01-02 09:00").replace(year=2020), closed_at=wib("20 12:00"))
    assert room.alarms == {}


def test_history_that_is_overdue_is_one_alarm_an_agency() -> None:
    room = AlarmRoom()
    for number in range(20):
        room.receive(f"c{number}", category="banjir" if number % 2 else "jalan_rusak", received_at=wib("20 09:00"))
    assert {key: alarm.count for key, alarm in room.alarms.items()} == {"inherited:-": 20}
    assert room.alarms["inherited:-"].raised_at == room.now, "the room learned of it now"
    assert room.answer("acknowledge", "inherited:-", owner="budi")[-1] is Kind.ALARM_CLEARED
    room.receive("one more", received_at=wib("20 09:00"))
    assert (room.alarms["inherited:-"].state.value, room.alarms["inherited:-"].count) == ("unacked", 1)


def test_history_that_passes_later_has_an_alarm_of_its_own() -> None:
    room = received(received_at=wib("20 09:00"))
    assert room.states() == {}
    at(room, "27 16:00")
    assert room.states() == {"passed": "unacked"}


def test_cr_33_thirty_pre_warnings_of_one_agency_in_a_quarter_of_an_hour_are_one_alarm_with_a_count() -> None:
    room = AlarmRoom(rules=AlarmRules(warned_per_hour=0))
    for number in range(30):
        room.at(wib("24 09:07") + 30 * SECOND + 20 * number * SECOND).receive(f"c{number}")
        room.do("triage", f"c{number}", by="duty", agency="pupr")
    at(room, "24 09:44")
    warned = {key: alarm for key, alarm in room.alarms.items() if key.startswith("warned")}
    assert {key: (alarm.count, alarm.agency, alarm.priority) for key, alarm in warned.items()} == {
        "warned:pupr:2026-11-24T02:30": (30, "pupr", 3)
    }


def test_cr_33_the_first_four_of_an_hour_and_position_come_one_by_one() -> None:
    room = AlarmRoom()
    for number in range(10):
        room.receive(f"c{number}")
    at(room, "24 09:23")
    assert [one.event.id for one in room.of(Kind.ALARM_RAISED)] == [
        *(f"warned:c{number}" for number in range(4)),
        "warned:-:2026-11-24T02:15",
    ]
    assert room.alarms["warned:-:2026-11-24T02:15"].count == 6


def test_cr_33_twice_as_many_for_two_positions() -> None:
    room = AlarmRoom(rules=AlarmRules(positions=2))
    for number in range(10):
        room.receive(f"c{number}")
    at(room, "24 09:23")
    assert room.alarms["warned:-:2026-11-24T02:15"].count == 2


def test_cr_33_one_that_was_seen_is_quiet_for_the_rest_of_its_quarter_and_then_over() -> None:
    room = AlarmRoom(rules=AlarmRules(warned_per_hour=0))
    room.receive("c1")
    at(room, "24 09:24").answer("acknowledge", "warned:-:2026-11-24T02:15")
    room.at("24 09:03").receive("c2")
    at(room, "24 09:29")
    alarm = room.alarms["warned:-:2026-11-24T02:15"]
    assert (alarm.state.value, alarm.count) == ("acked", 2)
    at(room, "24 09:30")
    assert room.alarms["warned:-:2026-11-24T02:15"].state.value == "normal"


def test_cr_33_one_that_was_seen_after_its_quarter_is_over_at_once() -> None:
    room = AlarmRoom(rules=AlarmRules(warned_per_hour=0))
    room.receive("c1")
    at(room, "24 09:40")
    assert room.answer("acknowledge", "warned:-:2026-11-24T02:15") == [Kind.ALARM_ACKNOWLEDGED, Kind.ALARM_CLEARED]


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
        "suppress", "lost:lapor", by="supervisor", rule="maintenance", reason="r", until=written(wib("24 12:00"))
    )
    assert room.source("lost") == [Kind.ALARM_RECURRED]
    assert room.alarm("lost", "lapor").state.value == "suppressed"
    assert at(room, "24 12:00").alarm("lost", "lapor").state.value == "unacked"
    assert room.alarm("lost", "lapor").raised_at == wib("24 09:00")


def test_cr_22_what_ended_meanwhile_comes_back_as_normal() -> None:
    room = AlarmRoom()
    room.answer(
        "suppress", "lost:lapor", by="supervisor", rule="maintenance", reason="r", until=written(wib("24 12:00"))
    )
    room.source("lost")
    assert room.source("ok") == [Kind.ALARM_RETURNED]
    assert at(room, "24 12:00").alarm("lost", "lapor").state.value == "normal"


def test_ids_are_never_longer_than_their_column_nor_shared_by_two_long_keys() -> None:
    room = AlarmRoom(rules=AlarmRules(warned_per_hour=0))
    for number, agency in enumerate(("a" * 64, "a" * 63 + "b")):
        room.receive(f"c{number}")
        room.complaints[f"c{number}"] = replace(room[f"c{number}"], agency=agency)
    at(room, "24 09:24")
    assert {len(key) for key in room.alarms} == {64}
    assert len(room.alarms) == 2
