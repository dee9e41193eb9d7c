"""What the room writes is readable by its own user alone."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.services.server import Server


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
