"""Alarms by the numbered rules, in a real room on both databases: A02, A05 to A08 and the server's part of A30."""

from datetime import datetime, timedelta

import pytest

from display.pages.alarm_health import AlarmHealth
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.requests import Malformed, Refused, Stale
from liveroom.projection.fold import rebuild
from liveroom.room.room import Room
from liveroom.runtime.metrics import ALARM_ANSWERED
from tests.room.slow_time import MINUTE
from tests.rooms.standing import START, StandingRoom

SECOND = timedelta(seconds=1)
FORWARD = timedelta(minutes=30)
FOLDED = ("alarm", "activation", "notice", "complaint", "total")


def alarm(standing: StandingRoom, id_: str) -> Alarm:
    return next(one for one in standing.room.alarms_standing(1000) if one.id == id_)


def moved(standing: StandingRoom, id_: str) -> list[tuple[str, datetime]]:
    """What the log tells of one alarm."""
    return [(e.event.kind.value, e.event.at) for e in standing.events() if e.event.id == id_]


def acknowledge(standing: StandingRoom, id_: str, **given: str) -> None:
    standing.execute("acknowledge", id_, by="duty", about="alarm", **given)


def shelve(standing: StandingRoom, id_: str, minutes: float, **given: str) -> None:
    until = (standing.now + minutes * MINUTE).isoformat()
    standing.execute("shelve", id_, **{"about": "alarm", "reason": "tim di jalan", "until": until, **given})


def emergency(standing: StandingRoom) -> str:
    return f"critical:{standing.receive(category='kebakaran')}"


def test_a01_cr_01_a_thousand_ordinary_intakes_are_no_alarm(on_file: StandingRoom) -> None:
    on_file.tick()
    for number in range(1000):
        on_file.at(START + number * SECOND)
        on_file.receive(category=("sampah", "macet", "jalan_rusak")[number % 3], person=None)
    on_file.tick()
    assert on_file.room.alarms_standing(10) == ()
    assert not [e for e in on_file.events() if e.event.kind.startswith(("alarm.", "flood."))]


@pytest.mark.parametrize(
    ("percent", "kinds"), [(74.9, []), (75, ["deadline.warned"]), (100, ["deadline.warned", "deadline.passed"])]
)
def test_a02_cr_03_nothing_before_75_percent_one_there_one_at_100_and_none_again_after_a_restart(
    standing: StandingRoom, percent: float, kinds: list[str]
) -> None:
    standing.tick()
    id_ = standing.receive(category="macet")
    standing.at(START + FORWARD * percent / 100).tick()
    told = [(e.event.kind.value, e.event.at) for e in standing.events() if e.event.kind.startswith("deadline.")]
    assert [kind for kind, _ in told] == kinds
    assert [at for _, at in told] == [START + FORWARD * share for share in (0.75, 1)][: len(told)]
    head = standing.head().seq
    standing.room = Room(standing.log, standing.room.city, "test")
    another = standing.clock()
    standing._clock.release()
    assert another.tick()
    assert standing.head().seq == head
    active = [one for one in standing.room.alarms_standing(9) if one.listed]
    assert [one.id for one in active] == [f"{kind[9:]}:{id_}" for kind in kinds[-1:]], (
        "never two of one complaint: CR-04"
    )


def test_a05_cr_18_paged_once_at_sixty_seconds_of_each_activation(standing: StandingRoom) -> None:
    standing.tick()
    id_ = emergency(standing)
    standing.at(START + 60 * SECOND - timedelta(microseconds=1)).tick()
    assert moved(standing, id_) == [("alarm.raised", START)]
    standing.at(START + 61 * SECOND).tick()
    standing.later(seconds=90).tick()
    assert moved(standing, id_) == [("alarm.raised", START), ("alarm.paged", START + 60 * SECOND)]


def test_a05_cr_18_nobody_is_paged_for_one_that_was_answered(standing: StandingRoom) -> None:
    standing.tick()
    id_ = emergency(standing)
    standing.at(START + 59 * SECOND)
    acknowledge(standing, id_)
    standing.later(minutes=5).tick()
    assert "alarm.paged" not in [kind for kind, _ in moved(standing, id_)]


@pytest.mark.parametrize(("kind", "limit"), [("critical", 15), ("passed", 60), ("warned", 240)])
def test_a06_cr_20_an_acknowledgement_expires_by_priority_once_and_is_paged_anew(
    standing: StandingRoom, kind: str, limit: int
) -> None:
    standing.tick()
    id_ = standing.receive(category="kebakaran" if kind == "critical" else "jalan_rusak")
    begins = START
    if kind != "critical":  # of the time to accept, which is long enough for nothing else to happen meanwhile
        standing.execute("forward", id_, by="duty", agency="dpupr")
        accept = standing.complaint(id_).accept
        begins = accept.warn_at if kind == "warned" else accept.due
    standing.at(begins).tick()
    name = f"{kind}:{id_}"
    assert alarm(standing, name).state == "unacked"
    acknowledge(standing, name)
    expires = begins + limit * MINUTE
    standing.at(expires - SECOND).tick()
    before = [what for what, _ in moved(standing, name)]
    assert before == ["alarm.raised", "alarm.acknowledged"]
    standing.at(expires + SECOND).tick()
    assert moved(standing, name)[-1] == ("alarm.reactivated", expires)
    assert alarm(standing, name).rearmed == 1
    standing.at(expires + 61 * SECOND).tick()
    assert moved(standing, name)[-1] == ("alarm.paged", expires + MINUTE)


def test_a07_cr_21_a_shelf_needs_a_reason_has_a_limit_and_ends_by_itself(standing: StandingRoom) -> None:
    standing.tick()
    id_ = emergency(standing)
    with pytest.raises(Refused, match="role"):
        shelve(standing, id_, 10, by="duty")
    with pytest.raises(Malformed, match="reason"):
        shelve(standing, id_, 10, reason="")
    with pytest.raises(Refused, match="limit"):
        shelve(standing, id_, 31)
    shelve(standing, id_, 30)
    standing.at(START + 30 * MINUTE - SECOND).tick()
    assert alarm(standing, id_).state == "shelved"
    standing.at(START + 31 * MINUTE).tick()
    back = START + 30 * MINUTE
    assert moved(standing, id_)[-3:] == [
        ("alarm.unshelved", back),
        ("alarm.reactivated", back),
        ("alarm.paged", back + MINUTE),
    ]


def test_a07_cr_21_a_shelf_outlived_by_its_cause_ends_in_silence(standing: StandingRoom) -> None:
    standing.tick()
    id_ = emergency(standing)
    shelve(standing, id_, 20)
    standing.later(minutes=1).execute("forward", id_.partition(":")[2], by="duty", agency="bpbd")
    standing.later(minutes=30).tick()
    assert id_ not in {one.id for one in standing.room.alarms_standing(100)}
    assert moved(standing, id_)[-1] == ("alarm.unshelved", START + 20 * MINUTE)


def test_a08_cr_24_three_mixed_states_survive_a_restart_and_a_replay_of_the_log(standing: StandingRoom) -> None:
    standing.tick()
    unacked, acked, shelved = (emergency(standing) for _ in range(3))
    acknowledge(standing, acked, screen="meja-2")
    shelve(standing, shelved, 20)
    states = {unacked: "unacked", acked: "acked", shelved: "shelved"}
    live = standing.tables(FOLDED)
    again = Room(standing.log, standing.room.city, "test")
    assert {one.id: one.state.value for one in again.alarms_standing(10)} == states
    standing.log.write(rebuild)
    replayed = standing.tables(FOLDED)
    assert {name: sorted(rows, key=str) for name, rows in replayed.items()} == {
        name: sorted(rows, key=str) for name, rows in live.items()
    }
    standing._clock.release()
    clock = standing.clock()
    standing.later(minutes=21)
    assert clock.tick()
    assert moved(standing, acked)[-2:] == [
        ("alarm.reactivated", START + 15 * MINUTE),
        ("alarm.paged", START + 16 * MINUTE),
    ]
    assert moved(standing, shelved)[-2][1] == START + 20 * MINUTE


def test_a30_cr_11_a_record_says_who_when_from_where_and_the_state_before(standing: StandingRoom) -> None:
    standing.tick()
    id_ = emergency(standing)
    standing.later(seconds=12)
    standing.execute("acknowledge", id_, by="duty", actor="sari", about="alarm", screen="meja-2")
    (record,) = [e for e in standing.events() if e.event.kind == "alarm.acknowledged"]
    assert (record.actor, record.event.at, record.event.id) == ("sari", START + 12 * SECOND, id_)
    assert (record.event.fields["from"], record.event.fields["before"]) == ("meja-2", "unacked")


def test_a30_cr_13_who_has_not_seen_the_present_alarm_acknowledges_nothing(standing: StandingRoom) -> None:
    standing.tick()
    id_ = emergency(standing)
    seen = standing.head().seq
    acknowledge(standing, id_)
    standing.later(minutes=16).tick()
    with pytest.raises(Stale) as stale:
        standing.execute("acknowledge", id_, by="duty", about="alarm", seen=seen)
    assert stale.value.actor == "duty"


def test_cr_30_an_alarm_that_is_active_for_more_than_24_hours_is_named_by_the_alarm_health(
    standing: StandingRoom,
) -> None:
    standing.tick()
    id_ = emergency(standing)
    standing.later(hours=24)
    assert AlarmHealth(standing.room).now().stale == ()
    standing.later(seconds=1)
    assert [one.id for one in AlarmHealth(standing.room).now().stale] == [id_]


def test_cr_89_how_fast_critical_alarms_were_acknowledged_is_read_from_the_records(standing: StandingRoom) -> None:
    standing.tick()
    for waits in (12, 18, 40):
        id_ = emergency(standing)
        standing.tick()
        standing.later(seconds=waits)
        acknowledge(standing, id_)
    emergency(standing)
    standing.tick()
    answered = AlarmHealth(standing.room).now().answered
    assert (answered.n, answered.within) == (4, ((15, 1 / 4), (20, 2 / 4))), "one is not answered yet"
    (told,) = ALARM_ANSWERED.collect()
    assert {one.labels["seconds"]: one.value for one in told.samples} == {"15": 1 / 4, "20": 2 / 4}
