"""The open complaint says of each agency whether it has what it is to have."""

from collections.abc import Callable

from display.api.complaints import agencies_of
from liveroom.projection.complaints import detail
from tests.courier.post_room import PostRoom
from tests.courier.receivers import Mailbox, System

Post = Callable[..., PostRoom]


def told(room: PostRoom, id_: str) -> dict[str, tuple[str, str | None, bool]]:
    found = agencies_of(detail(room.log, room.room.city, id_, people=False))
    each = {one["key"]: (one["delivery"], one["sent_at"]) for one in found}
    return {key: (way["state"], way["refused"], sent is not None) for key, (way, sent) in each.items()}


def test_each_agency_is_through_waiting_or_refused_and_one_that_waits_again_is_not_through(
    post: Post, mailbox: Mailbox, system: System
) -> None:
    room = post()
    mailbox.answer = "550 no such office"
    system.stop()
    id_ = room.forwarded("dpupr", "dishub", "dinkes")
    room.go_round()
    assert told(room, id_) == {
        "dpupr": ("waiting", "550", False),
        "dishub": ("waiting", None, False),
        "dinkes": ("sent", None, True),
    }
    mailbox.answer = "250 OK"
    room.later(minutes=20).go_round()  # a no is tried again after about a quarter of an hour
    assert told(room, id_)["dpupr"] == ("sent", None, True)
    room.do_all(id_, "accept", "start", "submit_proof")
    room.execute("send_back", id_, by="duty", reason="kabur")
    assert told(room, id_)["dpupr"] == ("waiting", None, False)
