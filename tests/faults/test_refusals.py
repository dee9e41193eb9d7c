"""A start that would do harm is refused in one clear line, and harms nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.frozen import frozen
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]
Serve = Callable[..., Server]


def refusal(room: Server, *words: str, **env: str) -> str:
    """The one line that a start ends with."""
    other = Server(*words, data=room.data, env={"LIVEROOM_DATA_DIR": str(room.data), **env}).start(ready=False)
    until(lambda: not other.process.running, within=30, why="the start to be refused")
    assert other.process.end() == 1
    assert "Traceback" not in other.log()
    return other.log().splitlines()[-1]


def test_a_second_server_on_the_same_file(server: Serve) -> None:
    room = server()
    assert refusal(room) == f"Error: another server is running on {room.data / 'real.db'}"
    assert room.is_ready()
    with frozen(room.process.pid):
        assert refusal(room) == f"Error: another server is running on {room.data / 'real.db'}"
    room.kill()
    room.start()


def test_a_port_that_is_taken(server: Serve, tmp_path: Path) -> None:
    room, empty = server(), tmp_path / "empty"
    empty.mkdir()
    said = refusal(room, LIVEROOM_DATA_DIR=str(empty), LIVEROOM_PORT=str(room.port))
    assert said.startswith(f"Error: cannot listen on port {room.port} of 127.0.0.1: ")


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (("--drill",), (), "this database is the drill room of {city}, it cannot serve as the real room of {city}"),
        ((), ("--drill",), "this database is the real room of {city}, it cannot serve as the drill room of {city}"),
    ],
    ids=["real on drill", "drill on real"],
)
def test_a_room_of_another_kind(
    server: Serve, tmp_path: Path, first: tuple[str, ...], second: tuple[str, ...], said: str
) -> None:
    url = f"sqlite:///{tmp_path / 'one.db'}"
    room = server(*first, env={"LIVEROOM_DATABASE_URL": url})
    room.stop()
    assert said.format(city="tangerang") in refusal(room, *second, LIVEROOM_DATABASE_URL=url)
    room.start()


def test_a_room_of_another_city(server: Serve, tmp_path: Path) -> None:
    room = server()
    room.stop()
    said = refusal(room, LIVEROOM_CITY="newyork")
    assert "this database is the real room of tangerang" in said


def test_a_database_that_is_away(server: Serve) -> None:
    room = server()
    said = refusal(room, LIVEROOM_DATABASE_URL="postgresql+psycopg://room@127.0.0.1:9/nothing")
    assert said.startswith("Error: the database does not answer: ")
