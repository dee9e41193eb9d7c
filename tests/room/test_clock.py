"""The clock: each deadline judged once, in order, dated when due; days opened at midnight; the pulse never boasts."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from liveroom.domain.complaints.intake import Report
from liveroom.domain.events import Kind, LoggedEvent
from liveroom.log import schema
from liveroom.log.event_log import database_now
from liveroom.log.lease import Pulse, read_pulse
from liveroom.projection.alarms import alarms_due
from liveroom.projection.complaints import due
from liveroom.room.clock import _patience
from tests.often import SOAKING
from tests.rooms.city import wib
from tests.rooms.standing import PLACE, START, StandingRoom
from tests.rooms.tables import tabled_file
from tests.rooms.together import together

COUNTED = Kind.ALARM_COUNTED
URGENT_FORWARD = timedelta(minutes=2)


def pulse(standing: StandingRoom) -> Pulse:
    found = standing.read(read_pulse)
    assert found is not None
    return found


def passed(standing: StandingRoom) -> list[LoggedEvent]:
    return [entry for entry in standing.events() if entry.event.kind == "deadline.passed"]


def crowd(standing: StandingRoom, number: int) -> list[str]:
    """Emergencies received one second after the other, each due two minutes after its receipt."""
    ids: list[str] = []
    for start in range(0, number, 100):
        reports = tuple(
            Report(
                source_id=f"C-{index}",
                category="kebakaran",
                received_at=standing.now - timedelta(seconds=90 - index % 90),
                **PLACE,
            )
            for index in range(start, min(number, start + 100))
        )
        ids += [taken.id for taken in standing.room.accept_many(reports, source="lapor")]
    return ids


def test_a_deadline_is_judged_when_it_is_due_and_not_before(standing: StandingRoom) -> None:
    standing.tick()
    id_ = standing.receive(category="kebakaran")
    standing.at(START + URGENT_FORWARD - timedelta(microseconds=1)).tick()
    assert passed(standing) == []
    standing.later(hours=1).tick()
    first, *_ = passed(standing)
    assert (first.event.id, first.event.at, first.actor) == (id_, START + URGENT_FORWARD, "clock")
    assert standing.complaint(id_).overdue


@pytest.mark.both
def test_a_deadline_is_judged_once_by_clocks_in_a_race(standing: StandingRoom) -> None:
    """Neither clock asks for the lease: a frozen holder that wakes up is exactly that."""
    standing.tick()
    ids = crowd(standing, 60)
    standing.later(minutes=10)
    clocks = [standing.clock() for _ in range(3)]

    def judge(index: int) -> None:
        while clocks[index]._judge():
            pass

    together(3, judge)
    forward = [e.event.id for e in passed(standing) if e.event.fields["stage"] == "forward"]
    assert sorted(forward) == sorted(ids)


@pytest.mark.both
@pytest.mark.often
def test_many_due_complaints_are_caught_up_in_order_and_the_pulse_is_honest_all_the_while(
    standing: StandingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = 1000 if SOAKING else 401  # three transactions
    standing.tick()
    ids = crowd(standing, number)
    before = standing.head().seq
    standing.later(minutes=2)
    beats: list[datetime] = []

    def write_honestly(connection: object, *, counter: int, due_to: datetime) -> None:
        unjudged = (*due(connection, due_to, 10_000), *alarms_due(connection, due_to, 10_000))
        assert unjudged == (), f"{len(unjudged)} deadlines and timers up to {due_to} are not judged"
        beats.append(due_to)

    monkeypatch.setattr("liveroom.room.clock.write_pulse", write_honestly)
    standing.tick()
    logged = [entry for entry in standing.events(before) if entry.event.kind.startswith("deadline.")]
    assert [e.event.at for e in logged] == sorted(e.event.at for e in logged)
    assert sorted(e.event.id for e in passed(standing) if e.event.fields["stage"] == "forward") == sorted(ids)
    assert beats == sorted(beats)
    assert beats[-1] == standing.now
    at_once = Counter(mark for mark, _ in {(e.mark, e.event.id) for e in logged})
    assert len(beats) >= len(at_once) >= number // 200
    assert max(at_once.values()) <= 200


def test_wherever_a_transaction_ends_time_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``enough`` ends a transaction: after each turn, or never, it may change nothing but their number beside one that
    is cut by the clock. Where it ends is the clock's choice on every database."""
    told = []
    for n, patience in enumerate((_patience, lambda: lambda: True, lambda: lambda: False)):
        monkeypatch.setattr("liveroom.room.clock._patience", patience)
        standing = StandingRoom(tabled_file(tmp_path / f"{n}.db"))
        standing.tick()
        standing.until_working()
        crowd(standing, 24)
        before = standing.head().seq
        standing.later(hours=20).tick()  # past midnight, all rungs, floods and acknowledgements
        logged = standing.events(before)
        names = {row["id"]: row["source_id"] for row in standing.tables(["complaint"])["complaint"]}
        # How many alarms of a group began is told once a transaction.
        told.append([(e.event.kind, e.event.at, names.get(e.event.id)) for e in logged if e.event.kind != COUNTED])
        standing.close()
    for one in told[1:]:
        assert Counter(one) == Counter(told[0])
        assert [at for _, at, _ in one] == sorted(at for _, at, _ in one)


def test_the_pulse_moves_and_says_how_far_everything_is_judged(standing: StandingRoom) -> None:
    standing.tick()
    one = pulse(standing)
    standing.later(seconds=1).tick()
    other = pulse(standing)
    assert other.counter > one.counter
    assert (one.due_to, other.due_to) == (START, START + timedelta(seconds=1))
    assert other.real_at >= one.real_at


def test_the_day_opens_at_the_city_s_midnight(standing: StandingRoom) -> None:
    standing.tick()
    standing.at(wib("24 23:59") + timedelta(seconds=59, microseconds=999_999)).tick()
    assert [e.event.fields["date"] for e in days(standing)] == ["2026-11-24"]
    standing.at(wib("25 00:00")).tick()
    standing.tick()
    assert [e.event.fields["date"] for e in days(standing)] == ["2026-11-24", "2026-11-25"]
    assert days(standing)[-1].event.at == wib("25 00:00")


def days(standing: StandingRoom) -> list[LoggedEvent]:
    return [entry for entry in standing.events() if entry.event.kind == "day.opened"]


@pytest.mark.both
def test_a_day_opens_once_by_clocks_in_a_race(standing: StandingRoom) -> None:
    standing.tick()
    clocks = [standing.clock() for _ in range(3)]
    for day in (25, 26, 27):
        standing.at(wib(f"{day} 00:00"))
        together(3, lambda index: clocks[index]._judge())
    assert [e.event.fields["date"] for e in days(standing)] == [f"2026-11-{day}" for day in (24, 25, 26, 27)]


def test_what_was_due_before_midnight_is_judged_before_the_day_opens(standing: StandingRoom) -> None:
    standing.tick()
    standing.at(wib("24 23:57"))
    before = standing.receive(category="kebakaran")  # due 23:59
    standing.at(wib("24 23:59"))
    after = standing.receive(category="kebakaran")  # due 00:01
    seq = standing.head().seq
    standing.at(wib("25 00:05")).tick()
    wanted = ("deadline.passed", "day.opened")
    happened = [(e.event.kind, e.event.id) for e in standing.events(seq) if e.event.kind in wanted]
    assert happened[:3] == [("deadline.passed", before), ("day.opened", "room"), ("deadline.passed", after)]


def test_a_deadline_of_midnight_itself_is_judged_before_the_pulse_says_so(
    standing: StandingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing.tick()
    standing.at(wib("24 23:58"))
    standing.receive(category="kebakaran")

    def write_honestly(connection: object, *, counter: int, due_to: datetime) -> None:
        assert due(connection, due_to, 10) == ()

    monkeypatch.setattr("liveroom.room.clock.write_pulse", write_honestly)
    standing.at(wib("25 00:00")).tick()
    assert len(passed(standing)) == 1


def test_with_the_day_the_answers_to_orders_of_more_than_thirty_days_ago_are_forgotten(
    standing: StandingRoom,
) -> None:
    standing.tick()
    old, new = (standing.order("comment", standing.receive(), text="ya") for _ in range(2))
    for order in (old, new):
        standing.room.execute(order)
    command = schema.command
    aged = update(command).where(command.c.id == old.command_id)
    standing.log.touch(lambda c: c.execute(aged.values(logged_at=command.c.logged_at - 31 * 24 * 3600 * 1_000_000)))
    standing.tick()
    assert len(standing.tables(["command"])["command"]) == 2
    standing.at(wib("25 00:00")).tick()
    assert [row["id"] for row in standing.tables(["command"])["command"]] == [new.command_id]


def test_after_days_without_a_clock_the_present_day_opens(standing: StandingRoom) -> None:
    standing.tick()
    standing.at(wib("27 10:00")).tick()
    assert days(standing)[-1].event.fields["date"] == "2026-11-27"


def test_a_silent_source_is_told_late_then_lost_then_well_again(
    standing: StandingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing.sources.add("Lapor", 60)

    def told() -> list[str]:
        return [e.event.fields["state"] for e in standing.events() if e.event.kind == "source.changed"]

    standing.tick()
    for seconds in (89, 91, 179, 181):
        ahead(monkeypatch, seconds)
        standing.tick()
    assert told() == ["ok", "late", "lost"]
    standing.sources.heard("lapor")
    ahead(monkeypatch, 0)
    standing.tick()
    assert told() == ["ok", "late", "lost", "ok"]


def ahead(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    later = timedelta(seconds=seconds)
    monkeypatch.setattr("liveroom.accounts.sources.database_now", lambda connection: database_now(connection) + later)
