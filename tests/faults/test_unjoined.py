"""Connections that join no part of the feed: ended after a while in each async mode, while screens stay."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import httpx
import pytest
import websocket

from tests.services.measured import measured
from tests.services.screen import Watch
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_who_joins_nothing_is_ended_and_screens_stay(server: Callable[..., Server], watch: Watch, mode: str) -> None:
    room = server(env={"LIVEROOM_ASYNC_MODE": mode})
    address = f"{room.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
    screen = watch(room.url)
    until(lambda: screen.current, why="the screen to be current")
    joined = screen.joins
    idle = [websocket.create_connection(address, timeout=60, origin=room.url) for _ in range(3)]
    for one in idle:
        ended(one)
    refused_at_once(room.url)
    with shouting(address, room.url):
        for _ in range(2):
            last = screen.beat
            until(lambda last=last: screen.beat is not last, within=90, why="a beat beside who sends without a pause")
    until(lambda: measured(room.url, "liveroom_clients") == 1, why="the room to forget them")
    assert screen.joins == joined


def refused_at_once(room: str) -> None:
    """A session by polling that sends what is no packet is ended; its request waits for nobody."""
    address = f"{room}/socket.io/?EIO=4&transport=polling"
    session = json.loads(httpx.get(address, timeout=60).text[1:])["sid"]
    assert httpx.post(f"{address}&sid={session}", content="9", timeout=60).status_code == 400


@contextmanager
def shouting(address: str, origin: str) -> Iterator[None]:
    """Three strangers who send as fast as they can, and come back when they are ended."""
    over = threading.Event()

    def shout() -> None:
        while not over.is_set():
            with suppress(OSError, websocket.WebSocketException):
                one = websocket.create_connection(address, timeout=30, origin=origin)
                with closing(one.sock):
                    while not over.is_set():
                        one.send("2")

    shouters = [threading.Thread(target=shout, daemon=True) for _ in range(3)]
    for shouter in shouters:
        shouter.start()
    try:
        yield
    finally:
        over.set()
        for shouter in shouters:
            shouter.join()


def ended(one: websocket.WebSocket) -> None:
    """Answer pings until the other side ends it."""
    # It is told by an error, or by a close frame, after which the library keeps its socket open.
    with closing(one.sock), suppress(websocket.WebSocketConnectionClosedException, ConnectionError):
        while said := one.recv():
            if said == "2":
                one.send("3")
