"""Restoring a room as the command does it: server stopped, tables brought forward, everything replaced."""

from datetime import timedelta
from pathlib import Path

import pytest

from liveroom.log.backup import backup
from liveroom.log.erasure import Erasures
from liveroom.log.lease import server_lock
from liveroom.maintenance import restore
from liveroom.maintenance.restore import restore_room
from liveroom.room.bootstrap import Start
from liveroom.runtime.config import Config, DatabaseSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.databases import Opener
from tests.rooms.standing import StandingRoom

START = Start(kind="test", city="tangerang")


@pytest.fixture
def file(walked: StandingRoom, tmp_path: Path) -> Path:
    backup(walked.log, tmp_path / "room.backup", Erasures(tmp_path, "test"))
    return tmp_path / "room.backup"


def settings(folder: Path, url: str) -> Config:
    return Config(city="tangerang", data_dir=str(folder), database=DatabaseSettings(url=url))


@pytest.mark.both
def test_into_an_empty_database(
    walked: StandingRoom, file: Path, database, open_standing: Opener, tmp_path: Path
) -> None:
    url = database()
    events = restore_room(settings(tmp_path / "new", url), ThreadRuntime(), START, file).events
    again = open_standing(url)
    assert again.head().seq == events == walked.head().seq
    assert again.events() == walked.events()
    # It serves at once: the projection is folded, and life goes on.
    assert again.until_done()
    assert again.tick()


def test_not_while_a_server_holds_the_file(on_file: StandingRoom, tmp_path: Path) -> None:
    backup(on_file.log, tmp_path / "room.backup", Erasures(tmp_path, "test"))
    config = settings(tmp_path, on_file.url)
    with server_lock(on_file.url, True), pytest.raises(ValueError, match="another server"):
        restore_room(config, ThreadRuntime(), START, tmp_path / "room.backup")


@pytest.mark.postgres
def test_not_while_a_clock_beats(
    on_file: StandingRoom, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no file can be locked, the pulse tells; here it counts for longer than a slow machine takes to ask."""
    monkeypatch.setattr(restore, "RUNNING", timedelta(hours=1))
    file = tmp_path / "room.backup"
    backup(on_file.log, file, Erasures(tmp_path, "test"))
    config = settings(tmp_path, postgres_url)
    restore_room(config, ThreadRuntime(), START, file)
    room = StandingRoom(postgres_url)
    room.tick()
    before = room.head()
    with pytest.raises(ValueError, match="stop it first"):
        restore_room(config, ThreadRuntime(), START, file)
    assert room.head() == before
    room.close()
