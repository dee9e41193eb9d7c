"""Many screens that come back at once, each from another position: all are answered, on every database."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest

from tests.faults.flood import Flood, ids
from tests.often import SOAKING, some
from tests.services.screen import InOrder, Watch
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]
Serve = Callable[..., Server]
POSITIONS, CLIENTS = 60, 60 if SOAKING else 20
ON_POSTGRES = pytest.mark.postgres
EACH_MODE_ON_EACH = (
    ("eventlet", "sqlite"),
    ("threading", "sqlite"),
    pytest.param("eventlet", "postgresql", marks=ON_POSTGRES),
    pytest.param("threading", "postgresql", marks=ON_POSTGRES),
)


def positions(room: Server, database: str) -> list[tuple[int, str]]:
    """Every position of the log with its mark, read beside the server."""
    query = "select seq, mark from event order by seq"
    if database:
        with psycopg.connect(database.replace("+psycopg", "")) as connection:
            return [(seq, mark) for seq, mark in connection.execute(query)]
    with closing(sqlite3.connect(room.data / "real.db")) as connection:
        return list(connection.execute(query))


@contextmanager
def connected(room: Server) -> Iterator[InOrder]:
    client = InOrder(handshake_s=60)
    client.connect(room.url, namespaces=["/feed"], transports=["websocket"], wait_timeout=60)
    try:
        yield client
    finally:
        client.cut()
        client.wait()


@pytest.mark.often
@pytest.mark.parametrize(("mode", "database"), some(EACH_MODE_ON_EACH, EACH_MODE_ON_EACH[1:3]))
def test_every_one_is_answered(
    server: Serve, watch: Watch, request: pytest.FixtureRequest, mode: str, database: str
) -> None:
    url = request.getfixturevalue("postgres_url") if database == "postgresql" else ""
    room = server(env={"LIVEROOM_ASYNC_MODE": mode, "LIVEROOM_DATABASE_URL": url})
    key = room.last_word("source", "add", "app")
    screen = watch(room.url)
    answers = Flood(room.url, key, ids("a", POSITIONS), width=1, longest_s=60).start().finish()
    assert {answer.status for answer in answers.values()} == {201}
    until(lambda: screen.current and len(screen.store.cards) == POSITIONS, why="the screen to be current")
    epoch, told = screen.store.epoch, dict[int, Any]()
    with ExitStack() as stack:
        clients = [stack.enter_context(connected(room)) for _ in range(CLIENTS)]
        for turn, (seq, mark) in enumerate(positions(room, url)):
            asked = {"epoch": epoch, "seq": seq, "mark": mark}
            note = partial(told.__setitem__, seq)
            clients[turn % CLIENTS].emit("resume", asked, namespace="/feed", callback=note)
        until(lambda: len(told) >= POSITIONS, within=90, why="all to be answered")
    assert [seq for seq, said in told.items() if "batches" not in said] == []
    until(room.is_ready, why="the room to be as ready as before")
