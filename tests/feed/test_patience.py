"""A connection may ask a few times at once and then at a walking pace; others do not wait for it."""

from display.feed.server import BURST, PER_SECOND, RequestLimits


class Hand:
    """A clock that the test turns."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_screen_that_keeps_the_rules_never_waits() -> None:
    hand = Hand()
    patience = RequestLimits(hand)
    for _ in range(100):
        assert patience.wait_s("screen") == 0
        hand.now += 1 / PER_SECOND


def test_a_burst_is_answered_and_what_comes_on_top_waits() -> None:
    patience = RequestLimits(Hand())
    assert [patience.wait_s("screen") for _ in range(int(BURST))] == [0] * int(BURST)
    assert patience.wait_s("screen") == 1 / PER_SECOND
    assert patience.wait_s("another") == 0


def test_a_connection_that_comes_back_begins_anew() -> None:
    patience = RequestLimits(Hand())
    while not patience.wait_s("screen"):
        pass
    patience.forget("screen")
    assert patience.wait_s("screen") == 0
