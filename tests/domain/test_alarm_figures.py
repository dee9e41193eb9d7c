"""The figures of alarm health against their targets."""

from datetime import timedelta

import pytest

from liveroom.domain.alarms import performance
from liveroom.domain.alarms.performance import Activation, Light
from tests.domain.little_room import START

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
MONTH = timedelta(days=30)


def ring(
    at: timedelta, alarm: str = "a", *, priority: int = 3, kind: str = "warned", origin: str = "dpupr"
) -> Activation:
    return Activation(alarm=alarm, at=START + at, kind=kind, priority=priority, origin=origin)


@pytest.mark.parametrize(
    ("an_hour", "light"),
    [(6.0, Light.GREEN), (6.1, Light.AMBER), (12.0, Light.AMBER), (12.1, Light.RED)],
)
def test_cr27_six_an_hour_are_green_twelve_tolerable(an_hour: float, light: Light) -> None:
    hours = 100
    rows = [ring(n * HOUR / an_hour * 0.999, str(n)) for n in range(1, round(an_hour * hours) + 1)]
    rate = performance.rate(rows, START, START + hours * HOUR, 1)
    assert rate == pytest.approx(an_hour)
    assert performance.rate_light(rate) is light


def test_cr27_two_positions_halve_the_load_and_an_empty_window_says_nothing() -> None:
    rows = [ring(n * MINUTE) for n in range(60)]
    assert performance.rate(rows, START - SECOND, START + HOUR, 2) == pytest.approx(30, rel=0.01)
    assert performance.rate_light(performance.rate(rows, START, START, 1)) is Light.INFO


def test_cr28_flood_time_begins_at_the_eleventh_and_ends_below_five() -> None:
    rows = [ring(n * SECOND, str(n)) for n in range(11)]
    # From the 11th at +10 s until the 7th has left the window: fewer than five are in it.
    assert performance.in_flood(rows, START - HOUR, START + HOUR, 1) == timedelta(minutes=10) - 4 * SECOND
    assert performance.in_flood(rows[:10], START - HOUR, START + HOUR, 1) == timedelta()


def test_cr28_only_what_lies_in_the_window_counts_and_a_running_flood_counts_until_now() -> None:
    rows = [ring(n * SECOND, str(n)) for n in range(11)]
    assert performance.in_flood(rows, START + 5 * MINUTE, START + 6 * MINUTE, 1) == MINUTE
    assert [performance.flood_light(share) for share in (0.0, 0.0099, 0.01, 0.05)] == [
        Light.GREEN, Light.GREEN, Light.AMBER, Light.RED,
    ]  # fmt: skip


def test_cr29_the_ten_most_frequent_origins_in_order() -> None:
    rows = [ring(SECOND, origin=f"o{n:02}") for n in range(12) for _ in range(n + 1)]
    top = performance.top_origins(rows)
    assert len(top) == 10
    assert top[0] == (("warned", "o11"), 12)


def test_cr32_shares_and_a_p1_share_above_ten_percent() -> None:
    good = [ring(SECOND, priority=3)] * 80 + [ring(SECOND, priority=2)] * 15 + [ring(SECOND, priority=1)] * 5
    assert performance.shares(good) == {1: 0.05, 2: 0.15, 3: 0.80}
    assert performance.shares_light(performance.shares(good), len(good)) is Light.GREEN
    bad = [ring(SECOND, priority=1)] * 11 + [ring(SECOND)] * 89
    assert performance.shares_light(performance.shares(bad), len(bad)) is Light.RED
    assert performance.shares_light(performance.shares([]), 0) is Light.INFO


def test_cr23_three_in_sixty_seconds_chatter_in_sixty_one_not() -> None:
    within = [ring(timedelta(), "x"), ring(30 * SECOND, "x"), ring(60 * SECOND, "x")]
    beyond = [ring(timedelta(), "y"), ring(30 * SECOND, "y"), ring(61 * SECOND, "y")]
    assert performance.chattering([*within, *beyond]) == ("x",)


def test_cr30_fewer_than_five() -> None:
    assert [performance.count_light(n, 5) for n in (0, 4, 5)] == [Light.GREEN, Light.GREEN, Light.RED]


def test_cr89_ninety_percent_in_15_s_and_95_in_20_s() -> None:
    targets = ((15, 0.90), (20, 0.95))
    met = performance.promptness([10.0] * 90 + [18.0] * 5 + [60.0] * 5, targets)
    assert met.within == ((15, 0.90), (20, 0.95))
    assert met.light is Light.GREEN
    assert performance.promptness([10.0] * 89 + [18.0] * 11, targets).light is Light.RED
    assert performance.promptness([float("inf")], targets).light is Light.RED
    assert performance.promptness([], targets).light is Light.INFO
