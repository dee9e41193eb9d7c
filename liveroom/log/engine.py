"""The database engine: how SQLite or PostgreSQL is opened, migrated and cleaned up, and why one does not answer.

`open_engine` opens a URL so that a commit is on disk when it returns and a writer waits for its lock at the start.
`Unavailable` is what every read and write of the log raises while the database is down, locked, full or damaged; its
text comes from `reason_of`, in words of ours, because a driver's own may quote what somebody wrote.
"""

import sqlite3
import time
from functools import partial
from pathlib import Path
from shutil import disk_usage
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, func, inspect, make_url, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError

from liveroom.log import schema
from liveroom.log.rows import say
from liveroom.log.schema import delivery_attempt, searched, upload

if TYPE_CHECKING:
    from alembic.config import Config as Alembic

# The handle on one transaction that reads and writes pass on; whoever holds it need not know SQL.
__all__ = ["Connection"]

# Seconds. A stuck writer must never hold the room: PostgreSQL ends it by itself.
LOCK_TIMEOUT_S, STATEMENT_TIMEOUT_S, IDLE_TIMEOUT_S = 5, 15, 10
# What keeps the log (migrations, a rebuild, an audit, backup and restore) takes as long as a large room makes it take;
# only one that fell asleep in the middle of a transaction, for so long, is ended.
UPKEEP_IDLE_S = 600
UPKEEP = "upkeep"
BUSY_TIMEOUT_MS = 5000
# SQLite's log may grow to so many pages of 4 KiB before they go into the file: a page that many writes changed goes
# there once, which takes a quarter off what a write costs. Where the disk is small it stays as short as SQLite has it.
CHECKPOINT_PAGES, FEW_PAGES, AMPLE_BYTES = 4000, 1000, 1 << 30
_PAUSE_S = 0.02


def open_engine(url: str, *, synced: bool = True) -> Engine:
    """An engine for SQLite or PostgreSQL. ``synced`` False lets SQLite answer before the disk has it."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url, synced=synced)
    options = (
        f"-c lock_timeout={LOCK_TIMEOUT_S}s -c statement_timeout={STATEMENT_TIMEOUT_S}s "
        f"-c idle_in_transaction_session_timeout={IDLE_TIMEOUT_S}s -c timezone=UTC"
    )
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=8,
        pool_timeout=5,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": options, "connect_timeout": 3},
    )
    event.listen(engine, "begin", _relax_timeouts)
    return engine


def _relax_timeouts(connection: Any) -> None:
    """Set the time-outs of upkeep for one transaction; the next one on this connection has those of serving again."""
    if connection.get_execution_options().get(UPKEEP, False):
        connection.exec_driver_sql(
            "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; "
            f"SET LOCAL idle_in_transaction_session_timeout = '{UPKEEP_IDLE_S}s'"
        )


def _sqlite(url: str, *, synced: bool) -> Engine:
    # The connection that was used last comes first: what it has read of the file is still what the file says.
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False},
        hide_parameters=True,
        pool_size=8,
        max_overflow=16,
        pool_use_lifo=True,
    )

    path = sqlite_path(url)

    @event.listens_for(engine, "connect")
    def _configure(connection: DBAPIConnection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        cursor = connection.cursor()
        _turn_to_wal(cursor)
        cursor.execute("PRAGMA synchronous=NORMAL")
        ample = path is None or disk_usage(path.parent).free > AMPLE_BYTES  # asked here, where its folder is there
        cursor.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES if ample else FEW_PAGES}")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA secure_delete=ON")  # what is erased is gone from the file
        cursor.close()

    event.listen(engine, "begin", partial(_begin, synced=synced))
    return engine


def _begin(connection: Any, *, synced: bool) -> None:
    options = connection.get_execution_options()
    if not options.get("write", False):
        say(connection, "BEGIN")
        return
    level = "FULL" if synced and not options.get("forgettable", False) else "NORMAL"
    if connection.info.get("synchronous") != level:
        say(connection, f"PRAGMA synchronous={level}")
        connection.info["synchronous"] = level
    # IMMEDIATE waits for the write lock at the start instead of failing at an upgrade in the middle.
    say(connection, "BEGIN IMMEDIATE")


def _turn_to_wal(cursor: DBAPICursor) -> None:
    """Turn the journal to WAL. Raises sqlite3.OperationalError when the file stays locked for BUSY_TIMEOUT_MS.

    SQLite does not wait for the locks of this step (its busy handler is passed over where waiting could be a deadlock),
    so processes that open a new room at the same moment would refuse each other.
    """
    give_up = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as refused:
            if refused.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(_PAUSE_S)  # noqa: TID251 a database thread or the start: nothing else waits for it
        else:
            return


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL; None for other databases and for one in memory."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite" or not parts.database or parts.database == ":memory:":
        return None
    return Path(parts.database)


# ---- why a database does not answer ----


class Unavailable(Exception):
    """The database does not answer or a lock was not got in time; nothing was written. Its text says why."""


# SQLite's error names by their beginning, PostgreSQL's SQLSTATE by theirs, then what libpq says of a connection.
_SQLITE = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR": "the disk cannot be read or written",
    "SQLITE_CANTOPEN": "the file cannot be opened",
    "SQLITE_READONLY": "the file may not be written",
    "SQLITE_PERM": "the file may not be opened",
    "SQLITE_BUSY": "another process holds the file",
    "SQLITE_NOTADB": "the file is no database",
    "SQLITE_CORRUPT": "the file is damaged",
}
_POSTGRESQL = {
    "28": "user or password is wrong",
    "3D": "there is no such database",
    "53100": "its disk is full",
    "53300": "it has too many connections",
    "55P03": "a lock was not free in time",
    "57014": "a statement took too long",
    "57P": "it is shutting down or starting",
    "58": "its disk cannot be read or written",
    "25006": "it is read-only",
    "40": "two writers stood in each other's way",
}
_CONNECTING = {
    "password": "user or password is wrong",
    "authentication failed": "user or password is wrong",
    "pg_hba.conf": "it lets nobody in from here",
    "resolve host": "its name cannot be looked up",
    "does not exist": "there is no such database or user",
    "refused": "nobody listens there",
    "No such file": "nobody listens there",
    "unreachable": "the network does not lead there",
    "timeout": "it does not answer in time",
    "starting up": "it is starting",
    "shutting down": "it is shutting down",
    "too many": "it has too many connections",
}
# The first may pass by itself and is waited for like the rest; a damaged file is no bug of ours either.
_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


def reason_of(error: Exception) -> str:
    """A short reason that holds nothing of what was read or written; the error's kind where there is none."""
    orig = error.orig if isinstance(error, DBAPIError) else error
    if name := _sqlite_name(error):
        return _by_beginning(_SQLITE, name) or name
    state = getattr(orig, "sqlstate", None)
    if state:
        return _by_beginning(_POSTGRESQL, state) or f"SQLSTATE {state}"
    said = str(orig)
    return next((words for sign, words in _CONNECTING.items() if sign in said), type(error).__name__)


def damaged(error: DBAPIError) -> bool:
    """Whether the file of the database is none, or broken."""
    return _sqlite_name(error).startswith(_DAMAGED)


def _sqlite_name(error: Exception) -> str:
    """SQLite's name of an error, empty for every other."""
    orig = error.orig if isinstance(error, DBAPIError) else error
    return getattr(orig, "sqlite_errorname", "") if isinstance(orig, sqlite3.Error) else ""


def _by_beginning(words: dict[str, str], name: str) -> str | None:
    return next((said for sign, said in words.items() if name.startswith(sign)), None)


# ---- migrations: expand first, contract in a later version ----

LOCK = 0x11FE0001  # any number that is ours in this database
SCRIPTS = Path(__file__).parent / "migrations"


class WrongVersion(Exception):
    """The tables are those of a version that this one has no migrations from; the text names the remedy."""


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

    with engine.connect().execution_options(write=True, **{UPKEEP: True}) as connection, connection.begin():
        if connection.dialect.name == "postgresql":  # SQLite's BEGIN IMMEDIATE has waited already
            connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'")
        settings = _settings()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def revisions() -> list[str]:
    """The revisions that this version knows, oldest first: a chain, and the names of the files begin with them."""
    return sorted(path.name.partition("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))


def pending(engine: Engine) -> bool:
    """Whether ``migrate`` has something to do. Raises WrongVersion for a database that it cannot bring up to date."""
    with engine.connect() as connection, connection.begin():
        if not inspect(connection).has_table("alembic_version"):
            return True
        present = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    known = revisions()
    for stamp in present:
        if stamp not in known:
            raise WrongVersion(_remedy_of(stamp, known))
    return list(present) != known[-1:]


def _remedy_of(stamp: str, known: list[str]) -> str:
    """Why a database stamped ``stamp`` is refused, and what to do about it."""
    if stamp < known[0]:
        return (
            f"this database is too old to be migrated (its tables are at {stamp}, the oldest known is {known[0]}): "
            "back it up with the version that wrote it (`run.py backup FILE`) and restore FILE into an empty database"
        )
    return (
        f"this database is of a newer version (its tables are at {stamp}, the newest known is {known[-1]}): run that "
        "version, or restore a backup from before it into an empty database"
    )


# ---- scrubbing: what was erased must not linger in the log of changes, or in rows that are only marked dead ----

_OF_THE_LOG = (schema.event, schema.complaint, schema.alarm, schema.notice)
_SAID = (schema.text, schema.person, schema.media, schema.quarantine)
_EMPTIED = (*_OF_THE_LOG, *_SAID, searched, upload, delivery_attempt)


def scrub(engine: Engine) -> bool:
    """Clean up beside everybody else; False when readers kept the log of changes from being emptied just now.

    SQLite zeroes what it frees (secure_delete) and the log of changes is cut to nothing; PostgreSQL drops dead rows.
    """
    return _truncate(engine) if engine.dialect.name == "sqlite" else _vacuum(engine)


def _truncate(engine: Engine) -> bool:
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # waits for readers as long as the busy time-out
        result = cursor.fetchone()
        return result is not None and not result[0]
    finally:
        connection.close()


def _vacuum(engine: Engine) -> bool:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        for table in _EMPTIED:
            connection.exec_driver_sql(f'VACUUM "{table.name}"')
        connection.invalidate()  # its setting is its own
    return True
