"""A date that jumps ahead: nothing is judged or dated by it until it agrees again, or is vouched for."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from display.feed.tail import Tail
from display.health import reasons
from liveroom.domain.refusals import Malformed
from liveroom.log.book import Log
from liveroom.log.head import set_time
from liveroom.log.machine import ahead_of
from liveroom.room import Room
from liveroom.runtime.threads import Threads
from liveroom.time import monotonic, real_time
from liveroom.timekeeping import BELIEVED_AFTER, believe
from tests.room.standing import StandingRoom

BEGIN = datetime(2026, 11, 24, 2, tzinfo=UTC)
JUMP = timedelta(hours=7)
MINUTE, NONE = timedelta(minutes=1), timedelta(0)


class Machine:
    """Its date and its boot clock, and whether NTP keeps the date."""

    def __init__(self) -> None:
        self.date, self.boot, self.kept = BEGIN, timedelta(hours=50), False

    def pass_(self, span: timedelta) -> None:
        """Time passes, in sleep or awake."""
        self.date, self.boot = self.date + span, self.boot + span


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    one = Machine()
    for module in ("log.machine", "timekeeping"):
        monkeypatch.setattr(f"liveroom.{module}.machine_now", lambda _: one.date)
        monkeypatch.setattr(f"liveroom.{module}.since_boot", lambda: one.boot)
    monkeypatch.setattr("liveroom.timekeeping.system_now", lambda: one.date)
    monkeypatch.setattr("liveroom.timekeeping.synchronised", lambda: one.kept)
    return one


@pytest.fixture
def room(machine: Machine, standing: StandingRoom) -> StandingRoom:
    """A room that runs by that machine, with an emergency that is due in two minutes."""
    standing.log.write(lambda unit: set_time(unit.connection, real_time()))
    standing.tick()
    standing.receive(category="kebakaran")
    standing.tick()
    return standing


def passed(room: StandingRoom) -> list[datetime]:
    return [entry.event.at for entry in room.events() if entry.event.kind == "deadline.passed"]


def started_anew(room: StandingRoom) -> StandingRoom:
    """The same room as another process, or the same one later, sees it."""
    room.log = Log(room.engine, Threads(), room.rings.append)
    room.room = Room(room.log, room.room.city, room.room.kind)
    room._clock.release()
    room._clock = room.clock()
    return room


def not_ready(room: StandingRoom) -> list[str]:
    return reasons(room.log, cast(Tail, SimpleNamespace(read_at=monotonic())))


def test_nothing_is_judged_by_a_jump_and_all_is_said_until_the_date_agrees_again(
    room: StandingRoom, machine: Machine
) -> None:
    machine.date += JUMP
    room.tick()
    assert passed(room) == []
    assert [one[:42] for one in not_ready(room)] == ["time: the database's date jumped 25200 s a"]
    machine.pass_(MINUTE)
    late = room.complaint(room.receive())
    assert late.received_at == BEGIN + MINUTE
    machine.date -= JUMP
    room.tick()
    assert not_ready(room) == []
    machine.pass_(MINUTE)
    room.tick()
    assert passed(room) == [BEGIN + 2 * MINUTE]
    assert room.now == machine.date


@pytest.mark.parametrize("jumped", [NONE, JUMP])
def test_deadlines_go_on_by_the_boot_clock_and_a_suspend_is_no_jump(
    room: StandingRoom, machine: Machine, jumped: timedelta
) -> None:
    machine.date += jumped
    machine.pass_(timedelta(hours=3))
    room.tick()
    assert passed(room)[0] == BEGIN + 2 * MINUTE
    assert room.now == BEGIN + timedelta(hours=3)


def test_whoever_writes_first_after_the_jump_knows_it_and_one_that_is_refused_leaves_it_known(
    room: StandingRoom, machine: Machine
) -> None:
    machine.date += JUMP
    with pytest.raises(Malformed):
        room.accept(category="banjir", closed_at=BEGIN + 2 * JUMP)
    id_ = room.accept(category="banjir").id
    assert room.complaint(id_).received_at == BEGIN
    assert passed(room) == []


def test_a_process_that_starts_anew_on_the_same_boot_does_not_believe_it_either(
    room: StandingRoom, machine: Machine
) -> None:
    machine.date += JUMP
    room.tick()
    machine.pass_(MINUTE)
    started_anew(room).tick()
    assert (passed(room), room.now) == ([], BEGIN + MINUTE)
    machine.date -= JUMP
    started_anew(room).tick()
    assert (room.now, room.read(ahead_of)) == (BEGIN + MINUTE, NONE)


def test_a_room_that_starts_believes_the_date_it_finds(room: StandingRoom, machine: Machine) -> None:
    machine.date += JUMP
    started_anew(room).tick()
    assert passed(room)[0] == BEGIN + 2 * MINUTE
    assert (room.now, room.read(ahead_of), not_ready(room)) == (machine.date, NONE, [])


def test_ntp_that_stands_by_it_for_ten_minutes_is_believed(room: StandingRoom, machine: Machine) -> None:
    machine.date += JUMP
    room.tick()
    machine.kept = True
    room.tick()
    machine.pass_(BELIEVED_AFTER / 2)
    machine.kept = False
    room.tick()
    machine.kept = True
    machine.pass_(BELIEVED_AFTER - MINUTE)
    room.tick()
    assert room.read(ahead_of) == JUMP
    machine.pass_(MINUTE)
    room.tick()
    room.tick()
    assert (room.read(ahead_of), room.now) == (NONE, machine.date)


def test_another_jump_begins_the_ten_minutes_anew(room: StandingRoom, machine: Machine) -> None:
    machine.kept = True
    machine.date += JUMP
    room.tick()
    machine.pass_(BELIEVED_AFTER - MINUTE)
    machine.date += JUMP
    room.tick()
    machine.pass_(2 * MINUTE)
    room.tick()
    assert room.read(ahead_of) == 2 * JUMP


def test_a_person_may_believe_it_and_every_process_follows(room: StandingRoom, machine: Machine) -> None:
    other = Log(room.engine, Threads(), room.rings.append)
    other.ahead()
    machine.date += JUMP
    room.tick()
    assert believe(Log(room.engine, Threads(), room.rings.append)) == JUMP
    room.tick()
    assert passed(room)[0] == BEGIN + 2 * MINUTE
    assert (other.ahead(), room.now, not_ready(room)) == (NONE, machine.date, [])


def test_a_date_that_is_set_back_is_believed_at_once(room: StandingRoom, machine: Machine) -> None:
    machine.date -= JUMP
    room.tick()
    assert (room.read(ahead_of), room.now) == (NONE, BEGIN - JUMP)
    assert [one[:31] for one in not_ready(room)] == ["time: the log is 25200 s ahead o"[:31]]


def test_ten_seconds_are_no_jump(room: StandingRoom, machine: Machine) -> None:
    machine.date += timedelta(seconds=10)
    room.tick()
    assert (room.read(ahead_of), room.now) == (NONE, machine.date)
