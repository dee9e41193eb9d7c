"""What keeps the log takes its time on a PostgreSQL whose time-outs end everything else; those stay as they are."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from cli.process import audit
from liveroom.log import engine as engines
from liveroom.log import schema
from liveroom.log.backup import backup
from liveroom.log.engine import LOCK, Connection, Unavailable, migrate, open_engine, pending
from liveroom.log.erasure import Erasures
from liveroom.log.event_log import EventLog
from liveroom.maintenance.restore import replace_room, restore_room
from liveroom.projection.audit import examine
from liveroom.room.bootstrap import Start, ready_projection
from liveroom.runtime.config import Config, DatabaseSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.standing import StandingRoom
from tests.services.wait import until

pytestmark = pytest.mark.postgres
# Seconds: what one statement of serving may take here, and what a slow one takes.
SHORT, SLOW = 0.5, 0.8
TIME_OUTS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every statement of serving is ended early, as on a room so large that its audit takes longer than 15 s."""
    monkeypatch.setattr(engines, "STATEMENT_TIMEOUT_S", SHORT)


@pytest.fixture
def slow(postgres_url: str, request: pytest.FixtureRequest) -> Iterator[StandingRoom]:
    """A room whose totals and sources are slow to read and whose events and complaints are slow to write."""
    patient = StandingRoom(postgres_url)
    patient.sources.add("Lapor", None)
    patient.receive()
    patient.log.touch(_slow_down)
    patient.close()
    request.getfixturevalue("hurried")
    room = StandingRoom(postgres_url)
    yield room
    room.close()


def _slow_down(connection: Connection) -> None:
    for name in ("total", "source"):
        connection.exec_driver_sql(f'ALTER TABLE "{name}" RENAME TO "{name}_plain"')
        connection.exec_driver_sql(
            f'CREATE VIEW "{name}" AS SELECT plain.* FROM "{name}_plain" AS plain, '
            f"(SELECT pg_sleep({SLOW}) OFFSET 0) AS slowly"
        )
    connection.exec_driver_sql(
        f"CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS "
        f"'BEGIN PERFORM pg_sleep({SLOW}); RETURN NULL; END'"
    )
    for name in ("event", "complaint"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER slowly AFTER INSERT ON {name} FOR EACH STATEMENT EXECUTE FUNCTION slowly()"
        )


def quick_again(connection: Connection) -> None:
    """Views cannot be emptied."""
    for name in ("total", "source"):
        connection.exec_driver_sql(f'DROP VIEW "{name}"')
        connection.exec_driver_sql(f'ALTER TABLE "{name}_plain" RENAME TO "{name}"')


def time_outs(log: EventLog) -> list[str]:
    return log.read(lambda c: [c.exec_driver_sql(f"SHOW {name}").scalar_one() for name in TIME_OUTS])


def test_serving_is_ended_by_the_time_out_that_upkeep_is_not_bound_by(slow: StandingRoom, tmp_path: Path) -> None:
    # Without this the rest would prove nothing.
    with pytest.raises(Unavailable):
        slow.read(lambda c: c.exec_driver_sql("SELECT * FROM total").all())
    with pytest.raises(Unavailable):
        slow.receive("another one")
    assert examine(slow.log, sample=10) == []
    assert audit(slow.log) == 0
    assert backup(slow.log, tmp_path / "room.backup") == slow.head().seq
    with pytest.raises(Unavailable):
        slow.read(lambda c: c.exec_driver_sql("SELECT * FROM total").all())


def test_a_rebuild_and_a_restore_take_their_time(slow: StandingRoom, tmp_path: Path) -> None:
    backup(slow.log, tmp_path / "room.backup")
    slow.log.touch(quick_again)
    before = slow.head().seq
    slow.log.touch(lambda c: c.execute(update(schema.head).values(projection="another")))
    ready_projection(slow.log)
    assert slow.head().projection != "another"

    def replace(connection: Connection) -> int:
        return replace_room(
            connection, tmp_path / "room.backup", kind="test", city="tangerang", note=lambda _events: None
        )

    with pytest.raises(Unavailable):
        slow.log.touch(replace)
    assert slow.log.for_upkeep().touch(replace) == before
    assert examine(slow.log, sample=10) == []


def test_restore_of_the_command_is_one_of_upkeep(
    slow: StandingRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(slow.log, tmp_path / "room.backup", Erasures(tmp_path, "test"))
    slow.log.touch(quick_again)
    monkeypatch.setattr("liveroom.maintenance.restore.pending", lambda _engine: False)  # made without migrations
    monkeypatch.setattr("liveroom.maintenance.restore.refuse_running", lambda _connection: None)
    config = Config(city="tangerang", data_dir=str(tmp_path), database=DatabaseSettings(url=slow.url))
    start = Start(kind="test", city="tangerang")
    assert restore_room(config, ThreadRuntime(), start, tmp_path / "room.backup").events == slow.head().seq


def test_a_slow_migration_is_not_ended(hurried: None, postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(
            "CREATE FUNCTION slowly() RETURNS event_trigger LANGUAGE plpgsql AS "
            f"'BEGIN IF to_regclass(''agency_total'') IS NULL THEN PERFORM pg_sleep({SLOW}); END IF; END'"
        )
        connection.exec_driver_sql(
            "CREATE EVENT TRIGGER slowly ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION slowly()"
        )
    migrate(engine)
    assert not pending(engine)
    engine.dispose()


def test_who_waits_for_a_turn_to_migrate_waits_as_long_as_it_takes_and_for_a_table_no_longer_than_others(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "LOCK_TIMEOUT_S", SHORT)
    first, second = open_engine(postgres_url), open_engine(postgres_url)
    with first.connect() as holder, holder.begin():
        holder.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        done = threading.Thread(target=migrate, args=(second,))
        done.start()
        until(lambda: _waits(first, SHORT * 2), within=60, why="the second one to wait past the time-out")
    done.join(120)
    assert not pending(first)
    _refuse_a_table_in_use(first, second, monkeypatch)
    first.dispose()
    second.dispose()


def _waits(engine: Engine, seconds: float) -> bool:
    """Asked in a transaction of its own: within one, PostgreSQL says what it said first."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory' "
        f"AND datname = current_database() AND clock_timestamp() - query_start > interval '{seconds} s'"
    )
    with engine.connect() as connection:
        return bool(connection.exec_driver_sql(query).scalar_one())


def _refuse_a_table_in_use(first: Engine, second: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that waited for a table would let everybody who asks for it wait behind itself."""

    def upgrade(settings: object, _to: str) -> None:
        connection = settings.attributes["connection"]  # type: ignore[attr-defined]
        connection.exec_driver_sql("ALTER TABLE event ADD COLUMN colour text")

    monkeypatch.setattr("alembic.command.upgrade", upgrade)
    with first.connect() as reader, reader.begin():
        reader.exec_driver_sql("SELECT count(*) FROM event")
        with pytest.raises(Exception, match="lock timeout"):
            migrate(second)


def test_the_time_outs_of_serving_stay_on_the_very_connection_that_upkeep_used(
    postgres_url: str, tmp_path: Path
) -> None:
    room = StandingRoom(postgres_url)
    serving = ["15s", "5s", "10s"]
    assert time_outs(room.log) == serving
    assert time_outs(room.log.for_upkeep()) == ["0", "0", "10min"]
    # One connection is in the pool, so it is the same one.
    assert time_outs(room.log) == serving
    with pytest.raises(ZeroDivisionError):
        room.log.for_upkeep().read(lambda _connection: 1 // 0)
    assert time_outs(room.log) == serving
    backup(room.log, tmp_path / "room.backup")
    assert time_outs(room.log) == serving
    room.close()
