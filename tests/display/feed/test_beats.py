"""The beat of a server's tail: every second, with nothing to tell as with much, and what it says of itself."""

import itertools

import pytest

from display.feed import tail
from tests.display.feed.process import WebProcess
from tests.often import some
from tests.rooms.databases import KINDS
from tests.rooms.standing import StandingRoom

# What `feed.poll_s` may be, of seconds that the rule leaves for the way.
POLLS_S = (0.05, 0.25, 5.0)
BUSY_S = 0.03


class MinuteOver(BaseException):
    """The time of the test is over; nothing that goes on after a fault may catch it."""


class TurnedClock:
    """Time of the test, as a bell and as a runtime: whoever waits turns it, and at times a batch costs some of it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def wait(self, seconds: float) -> None:
        """As a bell that nobody rings."""
        self.sleep(seconds)

    def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 0.001) + BUSY_S * (int(self.now) % 3 == 0)
        if self.now >= 1060:
            raise MinuteOver


@pytest.mark.often
@pytest.mark.parametrize("poll_s", POLLS_S)
@pytest.mark.parametrize("database", some(KINDS, KINDS[:1]), indirect=True)
def test_cr_43_a_beat_every_second_with_the_servers_time_position_and_build(
    standing: StandingRoom, monkeypatch: pytest.MonkeyPatch, poll_s: float
) -> None:
    standing.tick()
    standing.receive("L-first")
    process, clock = WebProcess(standing), TurnedClock()
    told: list[float] = []
    monkeypatch.setattr(tail, "monotonic", lambda: clock.now)
    monkeypatch.setattr(
        process.tail, "_emit", lambda audience, name, _: (audience, name) == ("wall", "beat") and told.append(clock.now)
    )
    with pytest.raises(MinuteOver):
        process.tail.run(clock, clock, lambda: poll_s)  # type: ignore[arg-type]
    gaps = [later - before for before, later in itertools.pairwise(told)]
    assert len(gaps) >= 55
    assert [gap for gap in gaps if not 0.8 <= gap <= 1.2] == []


def test_cr_43_it_says_time_position_and_build(standing: StandingRoom) -> None:
    standing.tick()
    process = WebProcess(standing, build="2026-11-25")
    process.step()
    (beat,) = process.beats["wall"]
    assert (beat["seq"], beat["build"]) == (process.tail.seq, "2026-11-25")
    assert {"now", "at", "as_of", "mark", "epoch"} <= beat.keys()
