"""Which connections of the feed are ended when too many have joined nothing, with stand-ins for Engine.IO's own."""

from types import SimpleNamespace
from typing import Any

from display.feed.limits import GRACE_S, JOIN_S, FeedConnections
from display.feed.server import BURST, PER_SECOND, RequestLimits
from liveroom.runtime.server.connections import ConnectionLimits
from liveroom.runtime.time import monotonic

COOKIE = {"HTTP_COOKIE": "a=b; liveroom_screen=anything"}


class Client:
    """An Engine.IO socket."""

    def __init__(self, sid: str) -> None:
        self.sid, self.closed, self.ended = sid, False, ""

    def close(self, *, wait: bool, abort: bool, reason: str) -> None:
        self.closed, self.ended = True, reason


class Feed:
    """Connections as they would come to a room; ``inside`` are known to the namespace, let in or only asking."""

    def __init__(self, *, total: int = 100, per_address: int = 100) -> None:
        self.clients: dict[str, Client] = {}
        self.inside: set[str] = set()
        manager = SimpleNamespace(
            get_namespaces=lambda: ["/feed"], sid_from_eio_sid=lambda sid, _name: sid if sid in self.inside else None
        )
        engine = SimpleNamespace(sockets={})
        self.server: Any = SimpleNamespace(manager=manager, eio=engine, environ={})
        limits = ConnectionLimits(total=total, per_address=per_address)
        self.connections = FeedConnections(self.server, limits, proxied=False)

    def come(self, *names: str, address: str, **environ: str) -> None:
        for name in names:
            self.clients[name] = self.server.eio.sockets[name] = Client(name)
            self.connections.opened(name, {"REMOTE_ADDR": address, **environ})

    def ended(self) -> list[str]:
        return [name for name, client in self.clients.items() if client.ended]


def test_of_too_many_the_oldest_of_the_largest_crowd_goes_whatever_it_shows() -> None:
    feed = Feed(total=4)
    feed.come("screen", address="192.0.2.1", **COOKIE)
    feed.come("a", "b", "c", address="198.51.100.9", **COOKIE)
    feed.come("d", "e", address="198.51.100.9", **COOKIE)
    assert feed.ended() == ["a", "b"]


def test_an_address_has_a_moment_and_who_brings_a_cookie_is_not_counted_by_it() -> None:
    feed = Feed(per_address=1)
    feed.come("a", "b", "c", address="192.0.2.1")
    feed.come("s", "t", "u", address="192.0.2.1", **COOKIE)
    feed.connections.end_late()
    assert feed.ended() == []
    feed.connections.end_late(monotonic() + GRACE_S)
    assert feed.ended() == ["a", "b"]


def test_who_only_asks_to_be_let_in_is_still_outside_and_who_was_let_in_is_not() -> None:
    feed = Feed()
    feed.come("asks", "screen", address="192.0.2.1")
    feed.inside |= {"asks", "screen"}
    feed.connections.joined("screen")
    feed.connections.end_late(monotonic() + JOIN_S)
    assert feed.ended() == ["asks"]
    feed.inside.clear()
    feed.connections.end_late()
    feed.connections.end_late(monotonic() + JOIN_S)
    assert feed.ended() == ["asks", "screen"], "it left its namespace"


# A connection may ask a few times at once and then at a walking pace; others do not wait for it.
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
