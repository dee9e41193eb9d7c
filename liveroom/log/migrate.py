"""Brings a database's tables to what this version needs; expand first, contract in a later version."""

from pathlib import Path

from alembic import command
from alembic.config import Config as Alembic
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, select

LOCK = 0x11FE0001  # any number that is ours in this database
SCRIPTS = Path(__file__).parent / "migrations"


def _settings() -> Alembic:
    settings = Alembic()
    settings.set_main_option("script_location", str(SCRIPTS))
    return settings


def migrate(engine: Engine) -> None:
    """Run every migration that this database has not seen, in one transaction; processes that start at once take turns.

    Raises OperationalError when another one migrates for longer than the lock time-out.
    """
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":  # SQLite's BEGIN IMMEDIATE has waited already
            connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
        settings = _settings()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def pending(engine: Engine) -> bool:
    """Whether ``migrate`` has something to do."""
    with engine.connect() as connection, connection.begin():
        present = MigrationContext.configure(connection).get_current_heads()
    return set(present) != set(ScriptDirectory.from_config(_settings()).get_heads())
