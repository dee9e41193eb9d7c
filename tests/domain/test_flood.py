"""CR-25: more than ten alarms in ten minutes a position begin a flood, fewer than five end it."""

from datetime import datetime, timedelta

import pytest

from liveroom.domain.alarms.rules import ends_at, flood
from tests.domain.little_room import START

MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)
NOW = START


def spread(count: int) -> list[datetime]:
    """So many activations over the last nine minutes, the youngest now."""
    return [NOW - 9 * MINUTE * n / max(count - 1, 1) for n in range(count)]


@pytest.mark.parametrize(("count", "verdict"), [(0, None), (10, None), (11, "begin"), (300, "begin")])
def test_cr_25_it_begins_with_the_eleventh(count: int, verdict: str | None) -> None:
    assert flood(spread(count), 1, False, NOW) == verdict


@pytest.mark.parametrize(("count", "verdict"), [(11, None), (6, None), (5, None), (4, "end"), (0, "end")])
def test_cr_25_it_lasts_at_five_and_is_over_at_four(count: int, verdict: str | None) -> None:
    assert flood(spread(count), 1, True, NOW) == verdict


@pytest.mark.parametrize(
    ("count", "flooding", "verdict"), [(20, False, None), (21, False, "begin"), (10, True, None), (9, True, "end")]
)
def test_cr_25_two_positions_bear_twice_as_many(count: int, flooding: bool, verdict: str | None) -> None:
    assert flood(spread(count), 2, flooding, NOW) == verdict


def test_cr_25_the_window_rolls() -> None:
    eleven = [*spread(10), NOW - 10 * MINUTE + MICROSECOND]
    assert flood(eleven, 1, False, NOW) == "begin"
    assert flood(eleven, 1, False, NOW + MICROSECOND) is None, "ten minutes old is out of the window"
    assert flood([one + MINUTE for one in spread(11)], 1, False, NOW) is None, "what is ahead has not come yet"


def test_cr_25_its_end_is_known_ahead_unless_more_comes() -> None:
    eleven = spread(11)
    end = ends_at(eleven, 1)
    assert end == sorted(eleven)[-5] + 10 * MINUTE
    assert flood(eleven, 1, True, end - MICROSECOND) is None
    assert flood(eleven, 1, True, end) == "end"
    assert ends_at(spread(4), 1) is None


def test_a_steady_state_neither_begins_nor_ends_twice() -> None:
    assert flood(spread(7), 1, False, NOW) is None
    assert flood(spread(7), 1, True, NOW) is None
