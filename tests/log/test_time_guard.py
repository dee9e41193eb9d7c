"""The guard of the clock: any drift is followed, no jump is believed, and a clock that is set right is right again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.log.time_guard import STEP, TimeGuard, WrongClock, spell

START = datetime(2026, 11, 24, 2, tzinfo=UTC)


class Machine:
    """Seconds since boot, and a clock that is ``off`` by so much; a look takes ``slow`` seconds."""

    def __init__(self) -> None:
        self.count, self.off, self.slow = 1000.0, timedelta(), 0.0
        self.guard = TimeGuard(lambda: self.count)

    @property
    def true(self) -> datetime:
        return START + timedelta(seconds=self.count)

    def clock(self) -> datetime:
        self.count += self.slow
        return self.true + self.off

    def read(self, *, writing: bool = True) -> datetime:
        return self.guard.read(self.clock, writing=writing)


@pytest.fixture
def machine() -> Machine:
    machine = Machine()
    machine.read()
    return machine


def near(one: datetime, other: datetime, within_s: float = 0.001) -> bool:
    return abs((one - other).total_seconds()) <= within_s


@given(
    rates=st.lists(st.floats(-0.08, 0.08), min_size=1, max_size=40),
    pauses=st.lists(st.floats(0.05, 60), min_size=1, max_size=40),
)
def test_a_drift_is_followed_however_far_it_goes(rates: list[float], pauses: list[float]) -> None:
    """As fast as chrony slews, one way for hours or to and fro."""
    machine = Machine()
    machine.read()
    for rate, pause in zip(rates * 10, pauses * 10, strict=False):
        machine.count += pause
        machine.off += timedelta(seconds=rate * pause)
        assert machine.read() == machine.true + machine.off
        assert machine.guard.jump is None


def test_a_second_a_day_is_no_jump_after_a_year(machine: Machine) -> None:
    for _ in range(366 * 24):
        machine.count += 3600
        machine.off += timedelta(seconds=1 / 24)
        machine.read()
    assert machine.guard.jump is None


@given(
    by=st.timedeltas(timedelta(seconds=61), timedelta(days=3650)) | st.timedeltas(-timedelta(days=3650), -STEP * 1.02),
    waits=st.lists(st.floats(0, 86_400), max_size=20),
)
def test_a_jump_is_refused_for_as_long_as_it_lasts_and_over_when_it_is_set_right(
    by: timedelta, waits: list[float]
) -> None:
    machine = Machine()
    machine.read()
    machine.off = by
    for wait in (0.0, *waits):
        machine.count += wait
        with pytest.raises(WrongClock, match="timedatectl"):
            machine.read()
        # Who only reads goes on by the time that was.
        assert near(machine.read(writing=False), machine.true)
    machine.off = timedelta()
    assert near(machine.read(), machine.true)
    assert machine.guard.jump is None


@given(st.lists(st.sampled_from([-59, -30, 30, 59]), min_size=2, max_size=10))
def test_steps_that_are_allowed_do_not_add_up(steps: list[int]) -> None:
    machine = Machine()
    machine.read()
    believed = 0.0
    for step in steps:
        machine.count += 1
        machine.off += timedelta(seconds=step)
        try:
            machine.read()
        except WrongClock:
            return
        believed = machine.off.total_seconds()
        assert abs(believed) <= 60 + 0.1 * len(steps)


def test_a_step_is_forgotten_slowly(machine: Machine) -> None:
    machine.off = timedelta(seconds=59)
    for _ in range(600):
        machine.read()
        machine.count += 1
    machine.off += timedelta(seconds=59)
    machine.read()
    assert machine.guard.jump is None


def test_a_look_that_took_long_says_nothing_against_the_clock(machine: Machine) -> None:
    """A process that was stopped between asking and the answer, or a database that was slow with it."""
    machine.slow = 600
    machine.read()
    machine.slow, machine.off = 0.0, timedelta(seconds=-61)
    with pytest.raises(WrongClock):
        machine.read()


def test_what_happened_is_told_once_each_time(machine: Machine) -> None:
    assert machine.guard.news() is None
    for _ in range(2):
        machine.off = timedelta(hours=26)
        for _ in range(3):
            machine.read(writing=False)
        assert "jumped 26 h ahead" in str(machine.guard.news())
        assert machine.guard.news() is None
        machine.off = timedelta()
        machine.read()
        assert "is right again" in str(machine.guard.news())
        assert machine.guard.news() is None


@pytest.mark.parametrize(
    ("seconds", "said"), [(61, "61 s"), (-119, "119 s"), (1500, "25 min"), (93_600, "26 h"), (259_200, "3 days")]
)
def test_a_length_of_time_is_said_as_people_say_it(seconds: int, said: str) -> None:
    assert spell(timedelta(seconds=seconds)) == said
