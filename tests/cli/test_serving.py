"""A service manager hears that a process serves, again and again."""

import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest

from cli.main import COMMANDS
from run import serves
from tests.often import some
from tests.services.server import Server

pytestmark = pytest.mark.server


@pytest.fixture
def manager() -> Iterator[tuple[str, socket.socket]]:
    """The address that a service manager would name, and its end. Short: such an address has at most 107 characters."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        address = str(Path(folder) / "notify")
        listening.bind(address)
        listening.settimeout(120)
        yield address, listening


@pytest.mark.often
@pytest.mark.parametrize(
    ("word", "mode"),
    some(
        product(("web", "clock", "courier"), ("eventlet", "threading")),
        [("web", "eventlet"), ("clock", "threading"), ("courier", "eventlet")],
    ),
)
def test_a_process_that_serves_says_so_again_and_again(
    server: Callable[..., Server], manager: tuple[str, socket.socket], word: str, mode: str
) -> None:
    address, listening = manager
    # One of them is started as the manager starts it, the others as all tests do.
    env = {"NOTIFY_SOCKET": address, "LIVEROOM_ASYNC_MODE": mode}
    server(word, env=env, ready=False, anew=word == "web")
    for _ in range(2):
        assert listening.recv(100).split(b"\n") == [b"READY=1", b"WATCHDOG=1"]


def test_every_command_that_serves_is_patched_before_anything_is_imported() -> None:
    """One that is not, as it once was with `ingest`, cannot speak to PostgreSQL and blocks itself by every socket."""
    serving = {word for word, place in COMMANDS.items() if place.module == "serve"}
    assert {word for word in COMMANDS if serves([word])} == serving


def test_nobody_listening_harms_nobody(server: Callable[..., Server], tmp_path: Path) -> None:
    assert server(env={"NOTIFY_SOCKET": str(tmp_path / "nobody")}).stop() == 0


# What the room writes is readable by its own user alone.
@pytest.mark.server
def test_nobody_else_on_the_machine_reads_the_rooms_files(server: Callable[..., Server], tmp_path: Path) -> None:
    room = server()
    written: dict[Path, int] = {}
    for path in room.data.rglob("*"):
        with suppress(FileNotFoundError):  # the room goes on, and what it needs for a moment may be gone again
            written[path] = path.stat().st_mode
    kept = {path: mode for path, mode in written.items() if path != room.process.log and ".log" not in path.name}
    assert any(path.suffix == ".db" for path in kept)
    assert [path.name for path, mode in kept.items() if mode & 0o077] == []
