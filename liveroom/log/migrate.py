"""Brings a database's tables to what this version needs; expand first, contract in a later version."""

from pathlib import Path

from alembic import command
from alembic.config import Config as Alembic
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

SCRIPTS = Path(__file__).parent / "migrations"


def _settings() -> Alembic:
    settings = Alembic()
    settings.set_main_option("script_location", str(SCRIPTS))
    return settings


def migrate(engine: Engine) -> None:
    """Run every migration that this database has not seen, in one transaction."""
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        settings = _settings()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def pending(engine: Engine) -> bool:
    """Whether ``migrate`` has something to do."""
    with engine.connect() as connection, connection.begin():
        present = MigrationContext.configure(connection).get_current_heads()
    return set(present) != set(ScriptDirectory.from_config(_settings()).get_heads())
