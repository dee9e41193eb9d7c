"""Faults that a person can mend, told with the setting that they belong to and what to do."""

import errno
import getpass
from collections.abc import Callable
from pathlib import Path

from liveroom.log.engine import Unavailable
from liveroom.log.time_guard import WrongClock
from liveroom.runtime.config import Config

STORE = "database.url (LIVEROOM_DATABASE_URL)"
START = "docs/deployment.md, 4. The database, says how one is made"
# A part of Unavailable's reason, and what helps.
REMEDIES = {
    "password": "set the right user and password in the address",
    "lets nobody in": "add this machine to its pg_hba.conf",
    "looked up": "is the name right, and does DNS answer (`getent hosts NAME`)?",
    "no such": START,
    "nobody listens": "start it (`systemctl start postgresql`), or set the address at which it listens",
    "too many": "raise max_connections: every process takes up to 16",
    "full": "make room on its disk (`df -h`)",
    "read-only": "set the address of the one that may be written",
}
FILE_REMEDIES = {
    "full": "make room (`df -h`); what was answered is in it, and it goes on by itself",
    "no database": "restore a backup into an empty folder, or set the folder that holds the room",
    "damaged": "keep a copy of it, then restore the newest backup into an empty folder",
    "another process": "end the command that writes for so long",
    "disk cannot": "look at the disk (`dmesg`)",
}
DISK = {
    errno.ENOSPC: "make room (`df -h`)",
    errno.EROFS: "the disk is mounted read-only: look why (`dmesg`), mount it anew",
}


def unavailable(error: Unavailable, config: Callable[[], Config]) -> str:
    """Why the database does not answer, at which setting, and what helps; ``config`` was read once already."""
    reason = str(error)
    if isinstance(error, WrongClock):
        return reason
    url = config().database.url
    if url.startswith("postgresql"):
        said = _driver_says(error.__cause__)
        return f"{STORE}: the database does not answer: {said or reason}; {_first(REMEDIES, reason) or START}"
    where = f"{STORE}: {url}" if url else f"data_dir (LIVEROOM_DATA_DIR): {Path(config().data_dir).resolve()}"
    return f"{where}: the database does not answer: {reason}; {_first(FILE_REMEDIES, reason) or owner()}"


def system(error: OSError, config: Callable[[], Config]) -> str:
    """What the system refused; under the data folder's setting where it lies there."""
    where, folder = error.filename or "the system", Path(config().data_dir).resolve()
    if error.filename and Path(str(where)).is_relative_to(folder):
        where = f"data_dir (LIVEROOM_DATA_DIR): {where}"
    remedy = owner() if isinstance(error, PermissionError) else DISK.get(error.errno or 0)
    return f"{where}: {error.strerror or error}" + (f"; {remedy}" if remedy else "")


def owner() -> str:
    """What a folder of ours needs."""
    return f"the user {_me()} must own the folder and everything in it (`ls -la`, `chown -R {_me()}`)"


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "of this process"


def _first(words: dict[str, str], reason: str) -> str | None:
    return next((remedy for sign, remedy in words.items() if sign in reason), None)


def _driver_says(error: BaseException | None) -> str:
    """The first line: it goes on about its own documentation."""
    return next(iter(str(getattr(error, "orig", error)).splitlines()), "")
