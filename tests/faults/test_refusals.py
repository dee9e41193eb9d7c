"""A start that would do harm is refused in one clear line, and harms nothing."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.services.frozen import frozen
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]
Serve = Callable[..., Server]


def refusal(room: Server, *words: str, **env: str) -> str:
    """The one line that a start ends with."""
    other = Server(*words, data=room.data, env={"LIVEROOM_DATA_DIR": str(room.data), **env}).start(ready=False)
    until(lambda: not other.process.running, within=90, why="the start to be refused")
    assert other.process.end() == 1
    assert "Traceback" not in other.log()
    return other.log().splitlines()[-1]


def test_a_second_server_on_the_same_file(server: Serve) -> None:
    room = server()
    said = f"Error: another server is running on {room.data / 'real.db'}: stop it"
    assert refusal(room).startswith(said)
    until(room.is_ready, why="the first to serve as before")
    with frozen(room.process.pid):
        assert refusal(room).startswith(said)
    room.kill()
    room.start()


def test_a_port_that_is_taken(server: Serve, tmp_path: Path) -> None:
    room, empty = server(), tmp_path / "empty"
    empty.mkdir()
    said = refusal(room, LIVEROOM_DATA_DIR=str(empty), LIVEROOM_PORT=str(room.port))
    where = f"Error: server.port (LIVEROOM_PORT): cannot listen on port {room.port} of 127.0.0.1: "
    assert said.startswith(where) and "take another port" in said


def test_nobody_is_told_of_a_room_that_cannot_be_entered(server: Serve, tmp_path: Path) -> None:
    room, empty, address = server(), tmp_path / "empty", tmp_path / "notify"
    empty.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        env = {"LIVEROOM_DATA_DIR": str(empty), "LIVEROOM_PORT": str(room.port), "NOTIFY_SOCKET": str(address)}
        other = Server(data=empty, env=env).start(ready=False)
        until(lambda: not other.process.running, within=90, why="the start to be refused")
        manager.setblocking(False)
        with pytest.raises(BlockingIOError):
            manager.recv(100)
    assert "the database was empty: a new room begins in" in other.log()
    assert " is at http" not in other.log()


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
    assert said.startswith("Error: database.url (LIVEROOM_DATABASE_URL): the database does not answer: ")
    assert "start it" in said


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "real.db").write_bytes(b"what was saved here is something else" * 100)
    said = refusal(Server(data=tmp_path, env={}))
    assert said.startswith(f"Error: data_dir (LIVEROOM_DATA_DIR): {tmp_path}: ")
    assert "the file is no database; restore a backup" in said
