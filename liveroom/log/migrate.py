"""Brings a database's tables to what this version needs; expand first, contract in a later version."""

from pathlib import Path

from alembic import command
from alembic.config import Config as Alembic
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, select

from liveroom.log import engine as engines

LOCK = 0x11FE0001  # any number that is ours in this database
SCRIPTS = Path(__file__).parent / "migrations"


def _settings() -> Alembic:
    settings = Alembic()
    settings.set_main_option("script_location", str(SCRIPTS))
    return settings


def migrate(engine: Engine) -> None:
    """Run every migration that this database has not seen, in one transaction; processes that start at once take turns.

    It takes as long as it takes, and so does the wait for one's turn. Raises OperationalError when a table is in use
    for longer than the lock time-out: whoever asked for it meanwhile would wait behind this.
    """
    with engine.connect().execution_options(write=True, **{engines.UPKEEP: True}) as connection, connection.begin():
        if connection.dialect.name == "postgresql":  # SQLite's BEGIN IMMEDIATE has waited already
            connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{engines.LOCK_TIMEOUT_S}s'")
        settings = _settings()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def pending(engine: Engine) -> bool:
    """Whether ``migrate`` has something to do."""
    with engine.connect() as connection, connection.begin():
        present = MigrationContext.configure(connection).get_current_heads()
    return set(present) != set(ScriptDirectory.from_config(_settings()).get_heads())
