"""What each command starts from, how faults are told."""

import errno
import getpass
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from liveroom.log.engine import Unavailable
from liveroom.log.time_guard import WrongClock
from liveroom.room.bootstrap import OpenRoom, Start, WrongRoom, open_room
from liveroom.room.clock import TimeFile
from liveroom.runtime import Runtime
from liveroom.runtime.config import Config, load_config
from liveroom.runtime.errors import ConfigError
from liveroom.runtime.server.thread_mode import ThreadRuntime

# Faults that a person can mend, told with the setting that they belong to and what to do.

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


# What every command starts from: the settings, the kind of room it aims at, and how faults are told.


class CliError(click.ClickException):
    """A fault that a person can mend, in plain words on the real standard error: it is for them, not for a journal."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it."""
        click.echo(f"Error: {self.format_message()}", file=file or sys.__stderr__)


@contextmanager
def errors_told() -> Iterator[None]:
    """Faults that a person can mend end the command with their text, one a line; anything else is a bug and rises."""
    try:
        yield
    except ConfigError as error:
        raise CliError("\n".join(str(fault) for fault in error.faults)) from error
    except (WrongRoom, ValueError) as error:
        raise CliError(str(error)) from error
    except OSError as error:
        raise CliError(system(error, settings)) from error
    except Unavailable as error:
        raise CliError(unavailable(error, settings)) from error


def settings() -> Config:
    """The checked settings. Raises ConfigError."""
    return load_config(Path(os.environ.get("LIVEROOM_CONFIG") or "config.yaml"), os.environ)


def time_file() -> TimeFile | None:
    """The file that makes this a test room; None in every other."""
    path = os.environ.get("LIVEROOM_TIME_FILE")
    return TimeFile(Path(path)) if path else None


def kind_of(*, drill: bool) -> str:
    """Which of the three rooms this call aims at. Raises ValueError for two at once."""
    if drill and time_file() is not None:
        raise ValueError("a drill room has its own time: unset LIVEROOM_TIME_FILE")
    if time_file() is not None:
        return "test"
    return "drill" if drill else "real"


def start_of(config: Config, *, drill: bool, **more: Any) -> Start:
    """How the room begins if it must be created. Raises ValueError when a test room's file holds no time."""
    kind = kind_of(drill=drill)
    file = time_file()
    if kind == "test" and file is not None:
        at = file.read()
        if at is None:
            raise ValueError("LIVEROOM_TIME_FILE must hold one RFC 3339 time")
        more = {"rate": 0, "at": at}
    return Start(kind=kind, city=config.city, **more)


def opened(*, drill: bool, runtime: Runtime | None = None) -> OpenRoom:
    """The room of a command that works beside a running server. Raises ConfigError, WrongRoom, Unavailable."""
    config = settings()
    return open_room(config, runtime or ThreadRuntime(), start_of(config, drill=drill))


# The `--drill` of every command: before or after the command's name, it aims at the drill room.


def drill_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--drill`` to a command."""
    return click.option("--drill", is_flag=True, help="Aim at the drill room.", callback=_either)(command)


def _either(context: click.Context, _parameter: click.Parameter, given: bool) -> bool:
    above = context.find_root().obj or {}
    return given or bool(above.get("drill"))
