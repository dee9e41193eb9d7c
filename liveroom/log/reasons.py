"""Why a database does not answer, in words of ours: a driver's own may quote what somebody wrote."""

import sqlite3

from sqlalchemy.exc import DBAPIError


class Unavailable(Exception):
    """The database does not answer or a lock was not got in time; nothing was written. Its text says why."""


# SQLite's error names by their beginning, PostgreSQL's SQLSTATE by theirs, then what libpq says of a connection.
SQLITE = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR": "the disk cannot be read or written",
    "SQLITE_CANTOPEN": "the file cannot be opened",
    "SQLITE_READONLY": "the file may not be written",
    "SQLITE_PERM": "the file may not be opened",
    "SQLITE_BUSY": "another process holds the file",
    "SQLITE_NOTADB": "the file is no database",
    "SQLITE_CORRUPT": "the file is damaged",
}
POSTGRESQL = {
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
CONNECTING = {
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
DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


def reason_of(error: Exception) -> str:
    """A short reason that holds nothing of what was read or written; the error's kind where there is none."""
    orig = error.orig if isinstance(error, DBAPIError) else error
    if name := sqlite_name(error):
        return _by_beginning(SQLITE, name) or name
    state = getattr(orig, "sqlstate", None)
    if state:
        return _by_beginning(POSTGRESQL, state) or f"SQLSTATE {state}"
    said = str(orig)
    return next((words for sign, words in CONNECTING.items() if sign in said), type(error).__name__)


def damaged(error: DBAPIError) -> bool:
    """Whether the file of the database is none, or broken."""
    return sqlite_name(error).startswith(DAMAGED)


def sqlite_name(error: Exception) -> str:
    """SQLite's name of an error, empty for every other."""
    orig = error.orig if isinstance(error, DBAPIError) else error
    return getattr(orig, "sqlite_errorname", "") if isinstance(orig, sqlite3.Error) else ""


def _by_beginning(words: dict[str, str], name: str) -> str | None:
    return next((said for sign, said in words.items() if name.startswith(sign)), None)
