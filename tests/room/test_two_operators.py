"""Several operators at one alarm, and one at many: one wins and the others are told who, each has its record."""

import threading
from collections import Counter

import pytest

from liveroom.domain.requests import CommandResult, Refused, Stale
from liveroom.projection.audit import faults_of_log
from tests.often import often
from tests.rooms.standing import StandingRoom
from tests.rooms.together import together

TIMES = often(200)


def acknowledged(standing: StandingRoom) -> list[tuple[str, str]]:
    """Alarm and operator of every acknowledgement."""
    return [(e.event.id, e.actor) for e in standing.events() if e.event.kind == "alarm.acknowledged"]


def emergencies(standing: StandingRoom, number: int) -> list[str]:
    return [f"critical:{standing.receive(category='kebakaran')}" for _ in range(number)]


@pytest.mark.often
def test_a30_cr_15_of_two_who_acknowledge_at_once_one_wins_and_the_other_is_told_who_every_time(
    standing: StandingRoom,
) -> None:
    ids = emergencies(standing, TIMES)
    seen, operators = standing.head().seq, ("sari", "budi")
    meet = threading.Barrier(2)
    won: list[tuple[str, str]] = []
    told: list[tuple[str, str]] = []

    def answer(operator: int) -> None:
        for id_ in ids:
            me = operators[operator]
            order = standing.order("acknowledge", id_, by="duty", actor=me, about="alarm", seen=seen, screen=me)
            meet.wait(30)
            try:
                standing.room.execute(order)
                won.append((id_, me))
            except Stale as stale:
                assert stale.kind == "alarm.acknowledged"
                assert stale.current.state == "acked"
                told.append((id_, stale.actor))

    together(2, answer)
    assert sorted(won) == sorted(acknowledged(standing)), "one record each, of the one who was told so"
    assert sorted(told) == sorted(won), "whoever lost was told the name of who won"
    assert Counter(id_ for id_, _ in won) == Counter(ids)
    assert standing.read(faults_of_log) == []


def test_a30_cr_12_a_group_of_fifty_in_one_call_is_fifty_records(standing: StandingRoom) -> None:
    ids = emergencies(standing, 50)
    orders = [standing.order("acknowledge", id_, by="duty", about="alarm", screen="meja-1") for id_ in ids]
    answers = standing.room.execute_each(orders)
    assert [type(answer) for answer in answers] == [CommandResult] * 50
    assert acknowledged(standing) == [(id_, "duty") for id_ in ids]
    assert {e.event.fields["from"] for e in standing.events() if e.event.kind == "alarm.acknowledged"} == {"meja-1"}
    assert {one.state.value for one in standing.room.alarms_standing(100)} == {"acked"}


def test_a30_cr_12_of_a_group_what_somebody_answered_before_is_refused_alone(standing: StandingRoom) -> None:
    ids = emergencies(standing, 12)
    seen = standing.head().seq
    standing.execute("acknowledge", ids[3], by="duty", actor="budi", about="alarm")
    orders = [standing.order("acknowledge", id_, by="duty", actor="sari", about="alarm", seen=seen) for id_ in ids]
    answers = standing.room.execute_each(orders)
    lost = answers[3]
    assert isinstance(lost, Stale)
    assert lost.actor == "budi"
    assert [type(one) for one in answers[:3] + answers[4:]] == [CommandResult] * 11
    assert Counter(id_ for id_, _ in acknowledged(standing)) == Counter(ids)


def test_a30_cr_13_an_agency_acknowledges_nothing(standing: StandingRoom) -> None:
    (id_,) = emergencies(standing, 1)
    (answer,) = standing.room.execute_each([standing.order("acknowledge", id_, by="agency", about="alarm")])
    assert isinstance(answer, Refused)
    assert answer.code == "role"
    assert acknowledged(standing) == []
