"""What is written waits for the disk; what is old within seconds does not."""

from pathlib import Path

import pytest

from liveroom.log.engine import Connection, open_engine
from liveroom.log.event_log import EventLog
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.services.postgres import Postgres

NORMAL, FULL = 1, 2


def said(url: str, question: str) -> list[object]:
    """What the database answers a real room in a write, a note, and again a write and a note."""
    engine = open_engine(url)
    log = EventLog(engine, ThreadRuntime(), lambda seq: None)

    def ask(connection: Connection) -> object:
        return connection.exec_driver_sql(question).scalar_one()

    found = [log.touch(ask), log.note(ask), log.touch(ask), log.note(ask)]
    engine.dispose()
    return found


def test_on_sqlite_only_a_note_leaves_the_disk_its_time(tmp_path: Path) -> None:
    assert said(f"sqlite:///{tmp_path / 'room.db'}", "PRAGMA synchronous") == [FULL, NORMAL, FULL, NORMAL]


@pytest.mark.postgres
def test_on_postgresql_only_a_note_leaves_the_disk_its_time(postgres: Postgres) -> None:
    assert said(postgres.fresh_database(), "SHOW synchronous_commit") == ["on", "off", "on", "off"]
