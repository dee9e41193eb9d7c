"""Migrations bring an empty database to exactly what the code's tables say, and several processes may start at once."""

import os
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from liveroom.log import schema
from liveroom.log.engine import SCRIPTS, WrongVersion, migrate, open_engine, pending, revisions
from liveroom.log.event_log import EventLog
from liveroom.room.bootstrap import Start, WrongRoom, create_room
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.databases import Databases, Opener
from tests.rooms.tables import migrated_file
from tests.rooms.together import together
from tests.services.forks import run
from tests.services.process import free_port
from tests.services.server import ROOT


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for its turn waits as long as a slow machine takes over the turns before."""
    for name, patience in (("LOCK_TIMEOUT_S", 100), ("STATEMENT_TIMEOUT_S", 100), ("IDLE_TIMEOUT_S", 100)):
        monkeypatch.setattr(f"liveroom.log.engine.{name}", patience)
    monkeypatch.setattr("liveroom.log.engine.BUSY_TIMEOUT_MS", 100_000)


@pytest.fixture
def engine(database: Callable[[], str]) -> Engine:
    opened = open_engine(database(), synced=False)
    yield opened
    opened.dispose()


# What only one of the databases has begins so.
WORD_INDEX = "searched_words"


def of_both_databases(name: str | None, _kind: str, _parents: object) -> bool:
    return not (name or "").startswith(WORD_INDEX)


def word_index(engine: Engine) -> list[tuple[object, ...]]:
    """The statements by which the index of words was made, and those of its triggers."""
    made = {
        "sqlite": f"SELECT name, sql FROM sqlite_master WHERE name LIKE '{WORD_INDEX}%' ORDER BY name",
        "postgresql": f"SELECT indexname, indexdef FROM pg_indexes WHERE indexname = '{WORD_INDEX}'",
    }
    with engine.connect() as connection, connection.begin():
        return [tuple(row) for row in connection.exec_driver_sql(made[engine.dialect.name])]


def test_the_revisions_are_known_without_alembic() -> None:
    chain = list(ScriptDirectory(str(SCRIPTS)).walk_revisions())
    assert [one.revision for one in reversed(chain)] == revisions()
    assert [one.path for one in chain if not Path(one.path).name.startswith(f"{one.revision}_")] == []


def test_the_first_revision_is_the_one_that_databases_of_today_are_stamped_with() -> None:
    """It took the place of the chain 0001 to 0016: under another name no room would start again."""
    assert revisions()[0] == "0016"


@pytest.mark.parametrize(("stamp", "remedy"), [("0014", "`run.py backup FILE`"), ("9999", "newer version")])
def test_a_database_of_another_version_is_refused_and_left_as_it_is(engine: Engine, stamp: str, remedy: str) -> None:
    migrate(engine)
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{stamp}'")
    with pytest.raises(WrongVersion, match=remedy):
        pending(engine)
    with engine.connect() as connection, connection.begin():
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [stamp]


@pytest.mark.server
@pytest.mark.parametrize(
    "words",
    ["", "web", "clock", "courier", "doctor", "user list", "backup {new}", "restore {old} --without-erasures"],
)
def test_no_command_works_on_a_database_of_another_version(tmp_path: Path, words: str) -> None:
    tables = tmp_path / "real.db"
    migrated_file(tables)
    with closing(sqlite3.connect(tables)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0014'")
    old, new = tmp_path / "old.backup", tmp_path / "new.backup"
    old.touch()
    env = {**os.environ, "LIVEROOM_DATA_DIR": str(tmp_path), "LIVEROOM_PORT": str(free_port())}
    call = [sys.executable, str(ROOT / "run.py"), *words.format(old=old, new=new).split()]
    done = run(call, cwd=ROOT, env=env, timeout=300)
    assert done.returncode == 1
    assert "(its tables are at 0014, the oldest known is 0016): back it up with" in done.stderr
    assert not new.exists()


def test_a_migrated_database_is_what_the_tables_say(engine: Engine) -> None:
    assert pending(engine)
    migrate(engine)
    assert not pending(engine)
    with engine.connect() as connection:
        opts = {"compare_type": True, "compare_server_default": True, "include_name": of_both_databases}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, schema.metadata) == []


def test_the_primary_keys_are_those_of_the_tables(engine: Engine) -> None:
    """Alembic's comparison does not look at primary keys, and the log's order stands on one."""
    migrate(engine)
    there = inspect(engine)
    keys = {name: there.get_pk_constraint(name)["constrained_columns"] for name in schema.metadata.tables}
    assert keys == {name: list(table.primary_key.columns.keys()) for name, table in schema.metadata.tables.items()}


def test_the_index_of_words_is_the_one_that_the_schema_makes(database: Databases) -> None:
    """Alembic's comparison does not look at it either, and the search stands on it."""
    migrated, made = open_engine(database(), synced=False), open_engine(database.tabled(), synced=False)
    migrate(migrated)
    assert word_index(migrated) == word_index(made) != []
    migrated.dispose()
    made.dispose()


def test_migrating_twice_does_nothing(engine: Engine) -> None:
    migrate(engine)
    migrate(engine)
    assert not pending(engine)


def test_processes_that_start_at_once_on_an_empty_database_open_one_room(database: Callable[[], str]) -> None:
    url, epochs, lock = database(), set[str](), threading.Lock()

    def start(_index: int) -> None:
        engine = open_engine(url)
        if pending(engine):
            migrate(engine)
        head = create_room(EventLog(engine, ThreadRuntime(), lambda _: None), Start(kind="real", city="tangerang"))
        with lock:
            epochs.add(head.epoch)
        engine.dispose()

    together(4, start)
    assert len(epochs) == 1


def test_a_new_sqlite_file_is_opened_by_many_at_the_same_moment(tmp_path: Path) -> None:
    for turn in range(30):
        engines = [open_engine(f"sqlite:///{tmp_path}/{turn}.db", synced=False) for _ in range(8)]
        together(8, lambda index, engines=engines: engines[index].connect().close())  # type: ignore[misc]
        for engine in engines:
            engine.dispose()


@pytest.mark.parametrize(("kind", "city"), [("drill", "tangerang"), ("test", "newyork")])
def test_a_database_serves_the_room_it_was_created_for(open_standing: Opener, kind: str, city: str) -> None:
    standing = open_standing()
    with pytest.raises(WrongRoom, match="test room of tangerang"):
        create_room(standing.log, Start(kind=kind, city=city))
