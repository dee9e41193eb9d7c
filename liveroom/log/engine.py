"""Engines: how a database is opened so that a 2xx is synced and a lock is waited for at the start."""

import sqlite3
import time
from functools import partial
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor

# Seconds. A stuck writer must never hold the room: PostgreSQL ends it by itself.
LOCK_TIMEOUT_S, STATEMENT_TIMEOUT_S, IDLE_TIMEOUT_S = 5, 15, 10
# What keeps the log (migrations, a rebuild, an audit, backup and restore) takes as long as a large room makes it take;
# only one that fell asleep in the middle of a transaction, for so long, is ended.
UPKEEP_IDLE_S = 600
UPKEEP = "upkeep"
BUSY_TIMEOUT_MS = 5000
PAUSE_S = 0.02


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
    event.listen(engine, "begin", _take_time)
    return engine


def _take_time(connection: Any) -> None:
    """For one transaction of upkeep alone: the next one on this connection has the time-outs of serving again."""
    if connection.get_execution_options().get(UPKEEP, False):
        connection.exec_driver_sql(
            "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; "
            f"SET LOCAL idle_in_transaction_session_timeout = '{UPKEEP_IDLE_S}s'"
        )


def _sqlite(url: str, *, synced: bool) -> Engine:
    engine = create_engine(
        url, connect_args={"check_same_thread": False}, hide_parameters=True, pool_size=8, max_overflow=16
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: DBAPIConnection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        cursor = connection.cursor()
        _turn_to_wal(cursor)
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA secure_delete=ON")  # what is erased is gone from the file
        cursor.close()

    event.listen(engine, "begin", partial(_begin, synced=synced))
    return engine


def _begin(connection: Any, *, synced: bool) -> None:
    options = connection.get_execution_options()
    if not options.get("write", False):
        connection.exec_driver_sql("BEGIN")
        return
    level = "FULL" if synced and not options.get("forgettable", False) else "NORMAL"
    connection.exec_driver_sql(f"PRAGMA synchronous={level}")
    # IMMEDIATE waits for the write lock at the start instead of failing at an upgrade in the middle.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


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
            time.sleep(PAUSE_S)  # noqa: TID251 a database thread or the start: nothing else waits for it
        else:
            return
