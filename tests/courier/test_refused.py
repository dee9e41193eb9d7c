"""What a receiver refuses: a few more tries, far apart, then a person's turn, and all of it when it gives in."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

from liveroom.log.outbox import BY_HAND
from tests.rooms.post_room import PostRoom
from tests.services.receivers import Mailbox, System, say

Post = Callable[..., PostRoom]


def refuses(system: System, status: int = 404) -> None:
    system.answer = lambda handler, _request: say(handler, status)


def a_day_of_rounds(room: PostRoom) -> None:
    """A round every five minutes while pauses are short, then seldom."""
    for minutes in (*[5] * 24, *[30] * 20, *[360] * 3):
        room.later(minutes=minutes).go_round()


def test_four_tries_within_a_day_and_then_none_until_somebody_asks(post_on_file: Post, system: System) -> None:
    refuses(system)
    room = post_on_file()
    room.forwarded("dishub")
    room.go_round()
    a_day_of_rounds(room)
    (delivery,) = room.deliveries()
    assert (delivery.state, delivery.refused, delivery.next_at) == ("waiting", "404", BY_HAND)
    tried = [one.at for one in reversed(room.attempts(delivery))]
    pauses = [later - earlier for earlier, later in pairwise(tried)]
    assert len(tried) == len(system.requests) == 4
    for pause, about in zip(pauses, (15, 60, 360), strict=True):
        assert timedelta(minutes=about * 0.75) <= pause <= timedelta(minutes=about * 1.25 + 30)
    room.room.execute(room.order("resend", delivery.id, about="outbox"))
    a_day_of_rounds(room)
    assert len(system.requests) == 5, "what was asked for by hand is tried once"
    assert room.deliveries()[0].next_at == BY_HAND
    assert room.lines()[0]["n"] == 1, "it is stuck all the time"


def test_when_one_gets_through_that_was_refused_the_others_are_tried_too(post: Post, mailbox: Mailbox) -> None:
    mailbox.answer = "550 no such office"
    room = post()
    ids = [room.forwarded("dpupr") for _ in range(3)]
    a_day_of_rounds(room)
    assert {one.next_at for one in room.deliveries()} == {BY_HAND}
    mailbox.answer = "250 OK"
    first = room.deliveries()[0]
    room.room.execute(room.order("resend", first.id, about="outbox"))
    room.go_round()
    room.go_round()
    assert {one.state for one in room.deliveries()} == {"sent"}
    assert len(mailbox.messages) == len(ids)


def test_one_that_is_refused_alone_is_not_woken_by_the_others(post_on_file: Post, system: System) -> None:
    room = post_on_file()
    refuses(system)
    room.forwarded("dishub")
    a_day_of_rounds(room)
    system.answer = lambda handler, _request: say(handler, 200)
    room.forwarded("dishub")
    room.go_round()
    assert [one.state for one in room.deliveries()] == ["waiting", "sent"]
    assert room.deliveries()[0].next_at == BY_HAND


def test_away_between_two_refusals_counts_anew(post_on_file: Post, system: System) -> None:
    room = post_on_file()
    refuses(system)
    room.forwarded("dishub")
    room.go_round()
    refuses(system, 503)
    room.later(minutes=20).go_round()
    refuses(system, 400)
    a_day_of_rounds(room)
    assert len(system.requests) == 6, "two before, four in a row"
    assert room.deliveries()[0].next_at == BY_HAND
