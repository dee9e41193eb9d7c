"""What took long to work out, kept as JSON in the room's own data folder for the next process that starts.

JSON and never a pickle: whatever stands in such a file is data of a known shape, and never runs.
"""

import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")
# For one's own user alone, whatever the umask; mkstemp gives a file the same.
PRIVATE = 0o700
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


class _Entry(msgspec.Struct, frozen=True):
    """A file: the key it was worked out for, and the value as text until the key is known to fit."""

    key: str
    value: msgspec.Raw


class DiskCache:
    """A file a name, each with the key of all that its value depends on; one that does not fit counts as none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str, key: str, kind: type[T]) -> T | None:
        """The value kept under this very key; None for another key, a broken file, or one that is not this user's."""
        try:
            entry = msgspec.json.decode(_own(self._path(name)), type=_Entry)
            return msgspec.json.decode(entry.value, type=kind) if entry.key == key else None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def write(self, name: str, key: str, value: object) -> None:
        """Keep a value; a folder that cannot be written costs the next process its time and nothing else."""
        text = msgspec.json.encode({"key": key, "value": value})
        with suppress(OSError):
            self._folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            number, half = tempfile.mkstemp(prefix=f".{name}-", dir=self._folder)
            try:
                with os.fdopen(number, "wb") as file:
                    file.write(text)
                Path(half).replace(self._path(name))
            except OSError:
                Path(half).unlink(missing_ok=True)

    def of(self, name: str, key: str, kind: type[T], make: Callable[[], T]) -> T:
        """The value kept under this key, else what ``make`` makes, kept from now on."""
        found = self.read(name, key, kind)
        if found is None:
            found = make()
            self.write(name, key, found)
        return found

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def _own(path: Path) -> bytes:
    """The content of a file that only this user can have written. Raises OSError for any other."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        found = os.fstat(file.fileno())
        if found.st_uid != os.geteuid() or found.st_mode & OTHERS_MAY_WRITE:
            raise PermissionError(f"{path} may have been written by others")
        return file.read()
