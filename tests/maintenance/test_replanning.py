"""A changed pack is brought to a room: who and why once, then what is open, some at a time, and again if need be."""

from collections.abc import Callable

import pytest

from liveroom.domain.alarms.model import AlarmState
from liveroom.domain.complaints.intake import Report
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Kind, LoggedEvent
from liveroom.maintenance.replan import replan_room
from liveroom.projection.alarms import alarms_of
from liveroom.projection.complaints import complaints
from tests.rooms.city import wib
from tests.rooms.standing import PLACE, StandingRoom

EARLY, LATE = {"biasa": 2}, {"biasa": 8}
ORDINARY = "drainase"  # five working days


def ordinary(standing: StandingRoom) -> str:
    return standing.receive(category=ORDINARY)


def working(standing: StandingRoom) -> str:
    return standing.until_working(ordinary(standing))


def crowd(standing: StandingRoom, count: int) -> list[str]:
    """``count`` ordinary complaints, received as one reads a file."""
    ids: list[str] = []
    for start in range(0, count, 100):
        numbers = range(start, min(start + 100, count))
        reports = [Report(source_id=f"C-{n}", category=ORDINARY, **PLACE) for n in numbers]
        ids += [answer.id for answer in standing.room.accept_many(reports, source="lapor")]
    return ids


def told(standing: StandingRoom, after: int, *kinds: Kind) -> list[LoggedEvent]:
    return [one for one in standing.events(after) if one.event.kind in kinds]


def row(standing: StandingRoom, id_: str) -> Complaint:
    """The complaint as the projection has it, which is what the log says."""
    (found,) = standing.read(lambda c: complaints(c, (id_,)))
    assert found == standing.complaint(id_)
    return found


def state_of(standing: StandingRoom, alarm: str) -> AlarmState:
    return standing.read(lambda c: alarms_of(c, (alarm,)))[0].state


def test_what_is_open_follows_and_what_has_ended_does_not(standing: StandingRoom) -> None:
    waits, begun, done = ordinary(standing), working(standing), standing.until_done(ordinary(standing))
    ended, before = row(standing, done), standing.head().seq
    assert standing.later(minutes=5).replan(EARLY) == 2
    for id_ in (waits, begun):
        assert row(standing, id_).finish.due == wib("26 16:00")
    assert row(standing, done) == ended
    announced, *replanned = standing.events(before)
    assert announced.event.kind is Kind.POLICY_CHANGED
    assert [one.event.kind for one in replanned] == [Kind.REPLANNED] * 2
    assert {one.actor for one in (announced, *replanned)} == {"kepala"}


def test_it_is_known_which_pack_and_why_with_the_reason_apart_from_the_log(standing: StandingRoom) -> None:
    standing.replan(EARLY, reason="  Perwal 7 tahun 2026 ")
    (announced,) = standing.events()
    (text,) = standing.tables(["text"])["text"]
    assert announced.event.fields == {"pack": standing.room.city.hash, "reason": text["id"]}
    assert text["body"] == "Perwal 7 tahun 2026"


@pytest.mark.parametrize("said", [{"actor": " "}, {"reason": ""}, {"actor": "a" * 129}, {"reason": "r" * 4001}])
def test_nobody_changes_a_policy_namelessly_or_without_a_reason(standing: StandingRoom, said: dict[str, str]) -> None:
    ordinary(standing)
    before = standing.head()
    with pytest.raises(ValueError, match=next(iter(said))):
        standing.replan(EARLY, **said)
    assert standing.head() == before


def test_at_most_a_hundred_a_transaction_with_rests_between(standing: StandingRoom) -> None:
    crowd(standing, 203)
    before = standing.head().seq
    assert standing.replan(EARLY) == 203
    per_append: dict[str, int] = {}
    for one in told(standing, before, Kind.REPLANNED):
        per_append[one.mark] = per_append.get(one.mark, 0) + 1
    assert list(per_append.values()) == [100, 100, 3]
    assert standing.looked == [100, 200, 203]
    assert len(standing.rests) == 3
    assert min(standing.rests) > 0


def test_stopped_half_way_it_goes_on_with_what_still_differs(standing: StandingRoom) -> None:
    ids = crowd(standing, 103)
    standing.promise(EARLY)

    def stop(_looked: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        again(standing, stop)
    assert again(standing, standing.looked.append) == 3
    assert again(standing, standing.looked.append) == 0
    assert {row(standing, id_).finish.due for id_ in ids} == {wib("26 16:00")}


def again(standing: StandingRoom, note: Callable[[int], None]) -> int:
    return replan_room(standing.room, actor="kepala", reason="perwal", note=note, rest=standing.rests.append)


def test_one_that_changes_sides_meanwhile_is_met_all_the_same(standing: StandingRoom) -> None:
    """Between two transactions one that had been accepted is declined: waiting again, with an id not looked at yet."""
    ids = crowd(standing, 101)
    standing.execute("forward", ids[-1], by="duty", agency="dpupr")
    standing.execute("accept", ids[-1], by="agency")
    standing.promise(EARLY)

    def decline(looked: int) -> None:
        if looked == 100:
            standing.execute("decline", ids[-1], by="agency", reason="bukan kami")

    assert again(standing, decline) == 101


def test_what_was_due_is_judged_by_the_promise_that_was_given(standing: StandingRoom) -> None:
    id_ = working(standing)
    before = standing.at("12-02 09:00").head().seq
    standing.replan(LATE)
    *passed, replanned = told(standing, before, Kind.DEADLINE_PASSED, Kind.REPLANNED)
    assert replanned.event.kind is Kind.REPLANNED
    assert {one.event.fields["stage"] for one in passed} == {"finish", "reply"}
    assert {one.event.at for one in passed} == {wib("12-01 16:00")}
    assert not row(standing, id_).overdue


def test_an_alarm_ends_with_what_it_was_about(standing: StandingRoom) -> None:
    id_ = working(standing)
    standing.at("12-02 09:00").tick()
    assert state_of(standing, f"passed:{id_}") is AlarmState.UNACKED
    standing.replan(LATE)
    assert state_of(standing, f"passed:{id_}") is AlarmState.RETURNED
    standing.at("12-08 09:00").tick()
    assert row(standing, id_).overdue
    assert state_of(standing, f"passed:{id_}") is AlarmState.UNACKED


def test_many_late_by_the_new_times_are_one_alarm_of_their_agency(standing: StandingRoom) -> None:
    ids = [working(standing) for _ in range(7)]
    before = standing.at("27 09:00").tick() and standing.head().seq
    standing.replan(EARLY)
    assert all(row(standing, id_).overdue for id_ in ids)
    (raised,) = told(standing, before, Kind.ALARM_RAISED)
    assert raised.event.id == "inherited:dpupr"
    assert standing.read(lambda c: alarms_of(c, ("inherited:dpupr",)))[0].count == 7
    quiet = standing.head()
    standing.tick()
    assert not told(standing, quiet.seq, Kind.DEADLINE_PASSED, Kind.DEADLINE_WARNED, Kind.DEADLINE_MULTIPLIED)


def test_what_an_officer_extended_stays_until_the_policy_gives_more(standing: StandingRoom) -> None:
    id_ = working(standing)
    standing.execute("extend", id_, due_at=wib("12-09 12:00").isoformat(), reason="alat berat")
    assert standing.replan(EARLY) == 0
    assert standing.replan({"biasa": 15}) == 1
    assert row(standing, id_).finish.due > wib("12-09 12:00")
    assert standing.replan(EARLY) == 1, "it is the policy's own by now"
    assert row(standing, id_).finish.due == wib("26 16:00")


def test_an_order_on_a_complaint_seen_before_is_not_stale_by_it(standing: StandingRoom) -> None:
    id_ = ordinary(standing)
    order = standing.order("forward", id_, by="duty", agency="dpupr")
    standing.replan(EARLY)
    assert standing.room.execute(order).state == "forwarded"
