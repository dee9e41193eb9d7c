"""When alarms of deadlines begin and end: each deadline once, never two of one complaint at a time."""

import pytest

from liveroom.domain.events import Kind
from liveroom.domain.timestamps import to_text
from tests.domain.alarm_room import AlarmRoom, received
from tests.rooms.city import wib


def working() -> AlarmRoom:
    room = AlarmRoom()
    room.until_working()
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
    room = received().until("24 12:00")
    kinds = [one.event.kind for one in room.log]
    assert kinds[kinds.index(Kind.DEADLINE_PASSED) :][:3] == [
        Kind.DEADLINE_PASSED,
        Kind.ALARM_SUPPRESSED,
        Kind.ALARM_RAISED,
    ]
    assert room.alarm("passed").raised_at == wib("24 09:30")


def test_cr_04_the_pre_warning_of_the_same_complaint_is_suppressed_and_kept() -> None:
    room = received().until("24 09:30")
    assert room.states() == {"warned": "suppressed", "passed": "unacked"}
    assert room.alarm("warned").rule == "redundant"
    assert room.of(Kind.ALARM_SUPPRESSED)[0].event.fields == {"rule": "redundant", "reason": None, "until": None}


def test_cr_04_also_one_that_somebody_has_acknowledged() -> None:
    room = received().until("24 09:23")
    room.answer("acknowledge", "warned:c1")
    assert room.until("24 09:30").states() == {"warned": "suppressed", "passed": "unacked"}


def test_cr_04_it_ends_with_the_overdue_one_when_its_own_reason_has_gone_too() -> None:
    room = received().until("24 09:31")
    room.execute("forward", by="duty", agency="pupr")
    assert room.states() == {"warned": "normal", "passed": "returned"}


def test_cr_22_a_rule_ends_visibly_what_is_still_near_its_end_is_unacked() -> None:
    room = working()
    room.until("30 12:15")
    assert room.states() == {"warned": "unacked"}
    room.execute("decline", by="agency", reason="bukan kami")
    assert room.until("30 12:16").states() == {"warned": "suppressed", "passed": "unacked"}
    room.execute("forward", by="duty", agency="dlh")
    assert room.states() == {"warned": "unacked", "passed": "returned"}
    assert room.of(Kind.ALARM_REACTIVATED)[-1].event.fields["why"] == "unsuppressed"


def test_cr_04_a_pre_warning_that_is_shelved_does_not_come_back_beside_the_overdue_one() -> None:
    room = received().until("24 09:23")
    room.answer("shelve", "warned:c1", reason="r", until=to_text(wib("24 11:00")))
    assert room.until("24 11:00").states() == {"warned": "normal", "passed": "unacked"}


def test_a_pre_warning_ends_when_the_stage_moves_on() -> None:
    room = received().until("24 09:25")
    room.execute("forward", by="duty", agency="pupr")
    assert room.states() == {"warned": "returned"}


def test_what_was_acknowledged_is_cleared_when_it_ends() -> None:
    room = received().until("24 09:25")
    room.answer("acknowledge", "warned:c1")
    room.execute("forward", by="duty", agency="pupr")
    assert room.states() == {"warned": "normal"}


@pytest.mark.parametrize(
    ("name", "fields"), [("reject", {"reason": "x"}), ("close", {"reason": "x"}), ("merge", {"into": "c2"})]
)
def test_the_alarms_of_a_complaint_end_with_it(name: str, fields: dict[str, str]) -> None:
    room = received(category="banjir")
    room.receive("c2")
    room.until("24 09:02").execute(name, **fields)
    assert room.states() == {"critical": "returned", "warned": "normal", "passed": "returned"}
    assert all(not alarm.active for alarm in room.alarms.values())


def test_a_late_reply_is_no_alarm() -> None:
    room = received(category="banjir")
    room.until_working(agency="bpbd")
    assert room.until("24 09:31").states() == {"critical": "returned"}


def test_a_new_life_begins_when_the_next_stage_passes() -> None:
    room = received().until("24 09:31")
    room.answer("acknowledge", "passed:c1", owner="budi")
    room.execute("forward", by="duty", agency="pupr")
    room.until("25 17:00")
    alarm = room.alarm("passed")
    assert (alarm.state.value, alarm.raised_at, alarm.rearmed, alarm.owner) == ("unacked", wib("25 16:00"), 0, None)
    assert (alarm.stage, alarm.due_at) == ("accept", wib("25 16:00"))


def test_declining_brings_back_what_was_late_already() -> None:
    room = received().until("24 09:31")
    room.execute("forward", by="duty", agency="pupr")
    room.answer("acknowledge", "passed:c1")
    room.execute("decline", by="agency", reason="bukan kami")
    assert room.states()["passed"] == "unacked"
    assert room.alarm("passed").raised_at == wib("24 09:31")


def test_cr_31_with_an_owner_the_alarm_ends_and_the_complaint_stays_overdue() -> None:
    room = received().until("24 09:31")
    assert room.answer("acknowledge", "passed:c1", owner="budi") == [Kind.ALARM_ACKNOWLEDGED, Kind.ALARM_CLEARED]
    alarm = room.alarm("passed")
    assert (alarm.state.value, alarm.active, alarm.owner, alarm.acked_by) == ("normal", False, "budi", "duty")
    assert room["c1"].overdue
    assert room.until("24 09:44").states()["passed"] == "normal"


def test_cr_31_without_an_owner_it_is_only_seen() -> None:
    room = received().until("24 09:31")
    assert room.answer("acknowledge", "passed:c1") == [Kind.ALARM_ACKNOWLEDGED]
    assert room.alarm("passed").state.value == "acked"


@pytest.mark.parametrize("owner", [None, "budi"])
def test_a_multiple_activates_the_same_alarm_again_even_one_that_was_taken(owner: str | None) -> None:
    room = received().until("24 09:31")
    room.answer("acknowledge", "passed:c1", **({"owner": owner} if owner else {}))
    room.until("24 09:45")
    alarm = room.alarm("passed")
    assert (alarm.state.value, alarm.owner, alarm.raised_at, alarm.activated_at, alarm.rearmed) == (
        "unacked",
        None,
        wib("24 09:30"),
        wib("24 09:45"),
        1,
    )
    assert room.of(Kind.ALARM_REACTIVATED)[-1].event.fields["why"] == "multiplied"
    assert len(room.of(Kind.ALARM_RAISED)) == 2, "no new alarm"


def test_a_multiple_of_one_that_nobody_answered_is_no_second_activation() -> None:
    room = received().until("24 12:00")
    assert room.of(Kind.ALARM_REACTIVATED) == []
    assert len(room.of(Kind.DEADLINE_MULTIPLIED)) == 3


def test_a_second_deadline_that_passes_activates_it_again_for_itself() -> None:
    room = received().until("24 12:00")
    room.answer("acknowledge", "passed:c1", owner="budi")
    alarm = room.until("12-01 16:00").alarm("passed")
    assert (alarm.state.value, alarm.stage, alarm.due_at) == ("unacked", "finish", wib("12-01 16:00"))
    assert room.of(Kind.ALARM_REACTIVATED)[-1].event.fields["why"] == "again"


def test_an_extension_ends_it_and_the_pre_warning_of_the_old_promise() -> None:
    room = working()
    room.until("12-01 17:00")
    assert room.states() == {"warned": "suppressed", "passed": "unacked"}
    room.execute("extend", due_at=to_text(wib("12-04 12:00")), reason="alat")
    assert room.states() == {"warned": "normal", "passed": "returned"}
