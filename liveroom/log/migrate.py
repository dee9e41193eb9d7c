"""Brings a database's tables to what this version needs; expand first, contract in a later version."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, func, inspect, select, text

from liveroom.log import engine as engines

LOCK = 0x11FE0001  # any number that is ours in this database
SCRIPTS = Path(__file__).parent / "migrations"

if TYPE_CHECKING:
    from alembic.config import Config as Alembic


def _settings() -> "Alembic":
    # For cost, here and below: alembic takes as long to import as all that most commands do, and few have to migrate.
    from alembic.config import Config as Alembic

    settings = Alembic()
    settings.set_main_option("script_location", str(SCRIPTS))
    return settings


def migrate(engine: Engine) -> None:
    """Run every migration that this database has not seen, in one transaction; processes that start at once take turns.

    It takes as long as it takes, and so does the wait for one's turn. Raises OperationalError when a table is in use
    for longer than the lock time-out: whoever asked for it meanwhile would wait behind this.
    """
    from alembic import command

    with engine.connect().execution_options(write=True, **{engines.UPKEEP: True}) as connection, connection.begin():
        if connection.dialect.name == "postgresql":  # SQLite's BEGIN IMMEDIATE has waited already
            connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{engines.LOCK_TIMEOUT_S}s'")
        settings = _settings()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def head_revision() -> str:
    """The newest revision of this version: migrations stand in a row, and the names of their files begin with it."""
    return max(path.name.partition("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))


def pending(engine: Engine) -> bool:
    """Whether ``migrate`` has something to do."""
    with engine.connect() as connection, connection.begin():
        if not inspect(connection).has_table("alembic_version"):
            return True
        present = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return list(present) != [head_revision()]
