"""What time does to an alarm: pages, expiries and ends of shelves, each dated when due and once."""

from datetime import timedelta

import pytest

from liveroom.domain.alarms.model import AlarmRules
from liveroom.domain.alarms.rules import settle_alarm
from liveroom.domain.events import Kind
from liveroom.domain.timestamps import to_text
from tests.domain.alarm_room import AlarmRoom
from tests.rooms.city import wib

SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
EXPIRES = {"critical": timedelta(minutes=15), "lost": timedelta(minutes=60), "warned": timedelta(minutes=240)}


def ringing(kind: str) -> tuple[AlarmRoom, str]:
    """A room with one unacked alarm of the kind, raised this very moment, which no other event will touch."""
    room = AlarmRoom()
    match kind:
        case "critical":
            room.receive(category="banjir")
        case "warned":
            room.until_working().at("30 12:15").tick()
        case _:
            room.source("lost", "c1")
    alarm = f"{kind}:c1"
    assert room.alarms[alarm].state.value == "unacked"
    assert room.alarms[alarm].activated_at == room.now
    return room, alarm


def kinds(room: AlarmRoom, alarm: str, moment: timedelta) -> list[str]:
    """What the clock would log of this alarm alone, so long after now."""
    return [event.kind.value for event in settle_alarm(room.alarms[alarm], room.now + moment, room.rules)]


@pytest.mark.parametrize("kind", EXPIRES)
def test_cr_18_the_supervisor_is_paged_once_at_sixty_seconds(kind: str) -> None:
    room, alarm = ringing(kind)
    assert kinds(room, alarm, 60 * SECOND - MICROSECOND) == []
    assert kinds(room, alarm, 60 * SECOND) == ["alarm.paged"]
    assert kinds(room, alarm, timedelta(hours=9)) == ["alarm.paged"], "not again for the same activation"
    (event,) = settle_alarm(room.alarms[alarm], room.now + timedelta(hours=9), room.rules)
    assert event.at == room.now + 60 * SECOND, "dated when due"


def test_cr_18_where_nobody_can_be_reached_the_page_says_so_until_the_next_activation() -> None:
    room, alarm = ringing("lost")
    room.rules = AlarmRules(reachable=False)
    room.later(seconds=70).tick()
    (paged,) = room.of(Kind.ALARM_PAGED)
    assert (paged.event.payload.nobody, room.alarms[alarm].unreached) == (True, True)
    assert kinds(room, alarm, timedelta(hours=9)) == [], "once, as if somebody had come"
    room.rules = AlarmRules()
    room.answer("acknowledge", alarm)
    room.later(minutes=61).tick()
    assert not room.alarms[alarm].unreached
    room.later(minutes=2).tick()
    assert not room.alarms[alarm].unreached and len(room.of(Kind.ALARM_PAGED)) == 2


def test_cr_18_nobody_is_paged_for_what_was_acknowledged_or_ended_in_time() -> None:
    room, alarm = ringing("lost")
    room.later(seconds=59).answer("acknowledge", alarm)
    assert kinds(room, alarm, 60 * SECOND) == []
    room, alarm = ringing("lost")
    room.later(seconds=59).source("ok", "c1")
    assert kinds(room, alarm, 60 * SECOND) == []


def test_cr_18_the_next_activation_pages_anew() -> None:
    room, alarm = ringing("lost")
    room.later(seconds=70).tick()
    paged_at = room.alarms[alarm].paged_at
    room.answer("acknowledge", alarm)
    room.later(minutes=62).tick()
    assert len(room.of(Kind.ALARM_PAGED)) == 2
    assert room.alarms[alarm].paged_at != paged_at


@pytest.mark.parametrize("kind", EXPIRES)
def test_cr_20_an_acknowledgement_holds_until_its_limit_and_no_longer(kind: str) -> None:
    room, alarm = ringing(kind)
    room.answer("acknowledge", alarm, actor="sari", screen="meja-2")
    assert room.alarms[alarm].expires_at == room.now + EXPIRES[kind]
    assert kinds(room, alarm, EXPIRES[kind] - SECOND) == []
    assert kinds(room, alarm, EXPIRES[kind] + SECOND) == ["alarm.reactivated"]
    (event,) = settle_alarm(room.alarms[alarm], room.now + EXPIRES[kind] + SECOND, room.rules)
    assert (event.at, event.fields["why"]) == (room.now + EXPIRES[kind], "ack_expired")


def test_cr_20_it_counts_and_the_answer_is_nobodys_any_more() -> None:
    room, alarm = ringing("lost")
    room.answer("acknowledge", alarm, actor="sari", owner="budi")
    raised_at = room.alarms[alarm].raised_at
    room.later(minutes=60).tick()
    found = room.alarms[alarm]
    assert (found.state.value, found.rearmed, found.raised_at) == ("unacked", 1, raised_at)
    assert (found.acked_by, found.acked_at, found.acked_from, found.owner) == (None, None, None, None)


def test_cr_20_nothing_expires_once_the_condition_has_ended() -> None:
    room, alarm = ringing("lost")
    room.answer("acknowledge", alarm)
    room.source("ok", "c1")
    assert room.alarms[alarm].next_due is None
    assert kinds(room, alarm, timedelta(days=30)) == []


def test_cr_21_a_shelf_ends_by_itself_unacked_if_it_is_still_true() -> None:
    room, alarm = ringing("lost")
    room.answer("shelve", alarm, reason="r", until=to_text(room.now + timedelta(hours=1)))
    assert kinds(room, alarm, timedelta(hours=1) - MICROSECOND) == []
    assert kinds(room, alarm, timedelta(hours=1)) == ["alarm.unshelved", "alarm.reactivated"]
    room.later(hours=1).tick()
    found = room.alarms[alarm]
    assert (found.state.value, found.shelved_by, found.shelved_until, found.reason) == ("unacked", None, None, None)
    assert [one.event.fields["why"] for one in room.of(Kind.ALARM_UNSHELVED)] == ["time_out"]


def test_cr_21_else_it_is_normal() -> None:
    room, alarm = ringing("lost")
    room.answer("shelve", alarm, reason="r", until=to_text(room.now + timedelta(hours=1)))
    room.source("ok", "c1")
    assert kinds(room, alarm, timedelta(hours=1)) == ["alarm.unshelved"]
    assert room.later(hours=1).tick() == [Kind.ALARM_UNSHELVED]
    assert room.alarms[alarm].state.value == "normal"


def test_cr_22_a_review_date_ends_nothing_by_itself() -> None:
    room, alarm = ringing("lost")
    room.answer("out_of_service", alarm, by="supervisor", reason="r", review_at=to_text(room.now + timedelta(days=7)))
    assert kinds(room, alarm, timedelta(days=30)) == []


def test_everything_due_is_logged_in_order_however_late_the_clock_is() -> None:
    room, alarm = ringing("critical")
    room.answer("acknowledge", alarm)
    late = settle_alarm(room.alarms[alarm], room.now + timedelta(hours=3), room.rules)
    assert [(event.kind.value, (event.at - room.now) / timedelta(minutes=1)) for event in late] == [
        ("alarm.reactivated", 15),
        ("alarm.paged", 16),
    ]


def test_the_index_asks_for_every_timer_and_none_before() -> None:
    room, alarm = ringing("lost")
    room.answer("acknowledge", alarm)
    seen = []
    while (due := room.alarms[alarm].next_due) is not None:
        assert settle_alarm(room.alarms[alarm], due - MICROSECOND, room.rules) == ()
        seen += room.at(due).tick()
    assert seen == [Kind.ALARM_REACTIVATED, Kind.ALARM_PAGED]


@pytest.mark.parametrize(
    ("gaps", "chattering"), [((30, 30), True), ((30, 31), False), ((1, 1), True), ((61, 59), False)]
)
def test_cr_23_three_activations_in_sixty_seconds_are_chattering_three_in_sixty_one_not(
    gaps: tuple[int, int], chattering: bool
) -> None:
    room = AlarmRoom()
    room.source("lost")
    for gap in gaps:
        room.source("ok")
        room.later(seconds=gap).source("lost")
    assert room.alarm("lost", "lapor").chattering is chattering
    activations = [*room.of(Kind.ALARM_RAISED), *room.of(Kind.ALARM_REACTIVATED)]
    assert [one.event.fields["chattering"] for one in activations] == [False, False, chattering]


def test_cr_23_it_is_over_when_it_comes_singly_again() -> None:
    room = AlarmRoom()
    for _ in range(4):
        room.source("lost")
        room.source("ok")
    assert room.alarm("lost", "lapor").chattering
    room.later(seconds=61).source("lost")
    assert not room.alarm("lost", "lapor").chattering
    assert room.alarm("lost", "lapor").recent == (room.now,)


def test_cr_24_the_log_alone_says_the_same() -> None:
    room = AlarmRoom()
    room.receive(category="banjir")
    room.receive("c2")
    room.at("24 09:23").answer("acknowledge", "warned:c2", owner="sari")
    room.answer("shelve", "critical:c1", by="supervisor", reason="r", until=to_text(wib("24 09:40")))
    room.at("24 15:00").tick()
    assert room.replayed_alarms() == room.alarms
    assert room.replayed() == room.complaints
