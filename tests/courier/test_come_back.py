"""A receiver that says when to come back (`Retry-After`) is left alone until then; one that does not, ever longer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from liveroom.courier.http import LONGEST_WAIT, retry_after
from liveroom.courier.worker import LONGEST_PAUSE, pause
from tests.rooms.post_room import PostRoom
from tests.services.receivers import System, say

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
Post = Callable[..., PostRoom]


@pytest.mark.parametrize("tries", range(1, 40))
def test_pauses_double_up_to_a_quarter_of_an_hour(tries: int) -> None:
    early, late = pause(tries, 0.0), pause(tries, 1.0)
    whole = min(timedelta(seconds=5) * 2 ** (tries - 1), LONGEST_PAUSE)
    assert (early, late) == (whole * 0.75, whole * 1.25)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("120", 120),
        (" 7 ", 7),
        ("9" * 400, 3600),
        ("-5", 0),
        ("1.5", 0),
        ("soon", 0),
        ("٣٠", 0),
        ("Thu, 26 Nov 2026 03:05:00 GMT", 300),
        ("Thu, 26 Nov 2026 03:05:00 -0000", 300),
        ("Thursday, 26-Nov-26 03:05:00 GMT", 300),
        ("Thu, 26 Nov 2026 02:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        ("Thu, 99 Nov 2026 03:05:00 GMT", 0),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0),
        ("Thu, 26 Nov 99999999999999999999 03:05:00 GMT", 0),
    ],
)
def test_seconds_or_a_date_and_an_hour_at_most(said: str | None, seconds: int) -> None:
    assert retry_after(said, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("status", "asked", "minutes"), [(429, "1800", 30), (503, "86400", 60)])
def test_nothing_goes_there_before_that_unless_somebody_sends_it(
    post_on_file: Post, system: System, status: int, asked: str, minutes: int
) -> None:
    system.answer = lambda handler, _request: say(handler, status, Retry_After=asked)
    room = post_on_file()
    room.forwarded("dishub")
    room.forwarded("dishub")
    room.go_round()
    room.later(minutes=minutes - 1).go_round()
    assert len(system.requests) == 1, "the second waits as the first does"
    room.room.execute(room.order("resend", room.deliveries()[0].id, about="outbox"))
    room.go_round()
    assert len(system.requests) == 2, "sent by hand"
    system.answer = lambda handler, _request: say(handler, 200)
    room.later(minutes=minutes + 1).go_round()
    assert [one.state for one in room.deliveries()] == ["sent", "sent"]


def test_a_no_to_one_is_a_no_whenever_it_wants_us_back(post_on_file: Post, system: System) -> None:
    system.answer = lambda handler, _request: say(handler, 400, Retry_After="3000")
    room = post_on_file()
    room.forwarded("dishub")
    room.go_round()
    (delivery,) = room.deliveries()
    assert delivery.next_at - room.now < LONGEST_WAIT / 2
