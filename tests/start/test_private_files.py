"""What the room writes is readable by its own user alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.services.server import Server


@pytest.mark.server
def test_nobody_else_on_the_machine_reads_the_rooms_files(server: Callable[..., Server], tmp_path: Path) -> None:
    room = server()
    written = [path for path in room.data.rglob("*") if path != room.process.log and ".log" not in path.name]
    assert any(path.suffix == ".db" for path in written)
    assert [path.name for path in written if path.stat().st_mode & 0o077] == []
