"""What every command starts from: the settings, the kind of room it aims at, and how faults are told."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from liveroom.cli import telling
from liveroom.log.engine import Unavailable
from liveroom.room.bootstrap import Opened, Start, WrongRoom, open_room
from liveroom.room.clock import TimeFile
from liveroom.runtime import Runtime
from liveroom.runtime.config import Config, load_config
from liveroom.runtime.errors import ConfigError
from liveroom.runtime.server.thread_mode import Threads


class Told(click.ClickException):
    """A fault that a person can mend, in plain words on the real standard error: it is for them, not for a journal."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it."""
        click.echo(f"Error: {self.format_message()}", file=file or sys.__stderr__)


@contextmanager
def told() -> Iterator[None]:
    """Faults that a person can mend end the command with their text, one a line; anything else is a bug and rises."""
    try:
        yield
    except ConfigError as error:
        raise Told("\n".join(str(fault) for fault in error.faults)) from error
    except (WrongRoom, ValueError) as error:
        raise Told(str(error)) from error
    except OSError as error:
        raise Told(telling.system(error, settings)) from error
    except Unavailable as error:
        raise Told(telling.unavailable(error, settings)) from error


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


def opened(*, drill: bool, runtime: Runtime | None = None) -> Opened:
    """The room of a command that works beside a running server. Raises ConfigError, WrongRoom, Unavailable."""
    config = settings()
    return open_room(config, runtime or Threads(), start_of(config, drill=drill))
