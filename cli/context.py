"""What every command starts from (settings, room, `--drill`), and how it reports faults that a person can mend.

Such a fault ends the command with its text and the setting it belongs to; anything else is a bug and rises.
"""

import errno
import getpass
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from liveroom.log.engine import Unavailable, WrongVersion
from liveroom.log.time_guard import WrongClock
from liveroom.room.bootstrap import OpenRoom, Start, WrongRoom, open_room
from liveroom.room.clock import TimeFile
from liveroom.runtime import Runtime
from liveroom.runtime.config import Config, load_config
from liveroom.runtime.errors import ConfigError
from liveroom.runtime.server.thread_mode import ThreadRuntime

if TYPE_CHECKING:
    from ingest.pull import PullSource

# The settings, the room and `--drill`.


def settings() -> Config:
    """The checked settings. Raises ConfigError."""
    return load_config(_settings_file(), os.environ)


def settings_name() -> str:
    """The name of the settings file, for messages."""
    return _settings_file().name


def _settings_file() -> Path:
    return Path(os.environ.get("LIVEROOM_CONFIG") or "config.yaml")


def configured_sources() -> "tuple[PullSource, ...]":
    """The sources that the settings name, checked by their kinds. Raises ConfigError."""
    from ingest.pull import configured  # for cost: most commands ask no source

    return configured(settings().sources, settings_name())


def time_file() -> TimeFile | None:
    """The file with the time of a test room; None for any other room."""
    path = os.environ.get("LIVEROOM_TIME_FILE")
    return TimeFile(Path(path)) if path else None


def _kind_of(*, drill: bool) -> str:
    """The kind of room that this call aims at: real, drill or test. Raises ValueError for two at once."""
    if drill and time_file() is not None:
        raise ValueError("a drill room has its own time: unset LIVEROOM_TIME_FILE")
    if time_file() is not None:
        return "test"
    return "drill" if drill else "real"


def start_of(config: Config, *, drill: bool, **more: Any) -> Start:
    """How the room starts if it must be created. Raises ValueError when a test room's file holds no time."""
    kind = _kind_of(drill=drill)
    file = time_file()
    if kind == "test" and file is not None:
        at = file.read()
        if at is None:
            raise ValueError("LIVEROOM_TIME_FILE must hold one RFC 3339 time")
        more = {"rate": 0, "at": at}
    return Start(kind=kind, city=config.city, **more)


def opened(*, drill: bool, runtime: Runtime | None = None) -> OpenRoom:
    """The room of a command that works beside a running server. Raises what `open_room` raises."""
    config = settings()
    return open_room(config, runtime or ThreadRuntime(), start_of(config, drill=drill))


def drill_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--drill`` to a command; it also counts when it stands before the command's name."""
    return click.option("--drill", is_flag=True, help="Aim at the drill room.", callback=_is_drill)(command)


def _is_drill(context: click.Context, _parameter: click.Parameter, given: bool) -> bool:
    above = context.find_root().obj or {}
    return given or bool(above.get("drill"))


# Faults that a person can mend.

_STORE = "database.url (LIVEROOM_DATABASE_URL)"
_START = "docs/deployment.md, 4. The database, says how one is made"
# A part of Unavailable's reason, and what helps.
_REMEDIES = {
    "password": "set the right user and password in the address",
    "lets nobody in": "add this machine to its pg_hba.conf",
    "looked up": "is the name right, and does DNS answer (`getent hosts NAME`)?",
    "no such": _START,
    "nobody listens": "start it (`systemctl start postgresql`), or set the address at which it listens",
    "too many": "raise max_connections: every process takes up to 16",
    "full": "make room on its disk (`df -h`)",
    "read-only": "set the address of the one that may be written",
}
_FILE_REMEDIES = {
    "full": "make room (`df -h`); what was answered is in it, and it goes on by itself",
    "no database": "restore a backup into an empty folder, or set the folder that holds the room",
    "damaged": "keep a copy of it, then restore the newest backup into an empty folder",
    "another process": "end the command that writes for so long",
    "disk cannot": "look at the disk (`dmesg`)",
}
_DISK = {
    errno.ENOSPC: "make room (`df -h`)",
    errno.EROFS: "the disk is mounted read-only: look why (`dmesg`), mount it anew",
}


class CliError(click.ClickException):
    """A fault that a person can mend; goes to the real standard error, since it is not for a journal."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message."""
        click.echo(f"Error: {self.format_message()}", file=file or sys.__stderr__)


@contextmanager
def handle_errors() -> Iterator[None]:
    """End the command with the text of a fault that a person can mend, one fault a line; other errors rise."""
    try:
        yield
    except ConfigError as error:
        raise CliError("\n".join(str(fault) for fault in error.faults)) from error
    except (WrongRoom, WrongVersion, ValueError) as error:
        raise CliError(str(error)) from error
    except OSError as error:
        raise CliError(_system(error, settings)) from error
    except Unavailable as error:
        raise CliError(_unavailable(error, settings)) from error


def _unavailable(error: Unavailable, config: Callable[[], Config]) -> str:
    """Why the database does not answer, under its setting, and what helps; ``config`` was read without fault."""
    reason = str(error)
    if isinstance(error, WrongClock):
        return reason
    url = config().database.url
    if url.startswith("postgresql"):
        said = _driver_says(error.__cause__)
        return f"{_STORE}: the database does not answer: {said or reason}; {_first(_REMEDIES, reason) or _START}"
    where = f"{_STORE}: {url}" if url else f"data_dir (LIVEROOM_DATA_DIR): {Path(config().data_dir).resolve()}"
    return f"{where}: the database does not answer: {reason}; {_first(_FILE_REMEDIES, reason) or _owner()}"


def _system(error: OSError, config: Callable[[], Config]) -> str:
    """The error of the operating system, under the data folder's setting if the file lies there."""
    where, folder = error.filename or "the system", Path(config().data_dir).resolve()
    if error.filename and Path(str(where)).is_relative_to(folder):
        where = f"data_dir (LIVEROOM_DATA_DIR): {where}"
    remedy = _owner() if isinstance(error, PermissionError) else _DISK.get(error.errno or 0)
    return f"{where}: {error.strerror or error}" + (f"; {remedy}" if remedy else "")


def _owner() -> str:
    """The remedy for missing permissions."""
    return f"the user {_me()} must own the folder and everything in it (`ls -la`, `chown -R {_me()}`)"


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "of this process"


def _first(words: dict[str, str], reason: str) -> str | None:
    return next((remedy for sign, remedy in words.items() if sign in reason), None)


def _driver_says(error: BaseException | None) -> str:
    """The first line of the driver's message; the rest points to its own documentation."""
    return next(iter(str(getattr(error, "orig", error)).splitlines()), "")
