"""Free disk space with a reserve for the log, files written whole or not at all, and a cache of files.

Everything but the log (uploads, their copies, fetched pictures) asks `Disk` before it writes, and is refused while the
disk would fall below its reserve; the log never asks. docs/deployment.md, When the disk fills.
"""

import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from liveroom.runtime.config import MediaSettings

T = TypeVar("T")

# Free space.

# The reserve is at most 1/SHARE of a disk, so that a small one is still of use.
SHARE = 4
# Bytes of a photo and its copies.
_PHOTO = 4_000_000
# Whoever was refused may try again after so many seconds.
AGAIN_S = 60


class DiskFull(Exception):
    """A disk is full, or has space left for the log only; try again after AGAIN_S. The text says which and how full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskSpace:
    """A disk, named by one of the folders on it; in bytes. ``free``: for a process without privileges."""

    folder: Path
    size: int
    free: int
    reserve: int

    @property
    def spare(self) -> int:
        """Bytes that may be written besides the log; negative when the reserve is already touched."""
        return self.free - self.reserve

    @property
    def low(self) -> bool:
        """Whether only the log may write: beside the reserve there is no space for a photo and its copies."""
        return self.spare < _PHOTO

    def __str__(self) -> str:
        return f"{self.free / 1e6:.0f} MB free at {self.folder}, {self.reserve / 1e6:.0f} MB of them kept for the log"


class Disk:
    """The disks on which ``folders`` lie; a folder that does not exist at the moment is left out."""

    def __init__(self, folders: Sequence[Path], reserve_mb: int) -> None:
        self._folders = tuple(dict.fromkeys(folders))
        self._reserve = reserve_mb * 1_000_000

    def spaces(self) -> tuple[DiskSpace, ...]:
        """Every disk once, the fullest first."""
        found: dict[int, DiskSpace] = {}
        for folder in self._folders:
            try:
                stat, device = os.statvfs(folder), folder.stat().st_dev
            except OSError:
                continue
            size, free = stat.f_blocks * stat.f_frsize, stat.f_bavail * stat.f_frsize
            space = DiskSpace(folder=folder, size=size, free=free, reserve=min(self._reserve, size // SHARE))
            found.setdefault(device, space)
        return tuple(sorted(found.values(), key=lambda space: space.spare))

    def refuse(self, length: int) -> None:
        """Raise DiskFull where ``length`` bytes more would leave less than the reserve."""
        for space in self.spaces():
            if space.spare < length:
                raise DiskFull(str(space))

    @property
    def low(self) -> bool:
        """Whether there is a disk on which only the log may write."""
        return any(space.low for space in self.spaces())


@contextmanager
def as_disk_full() -> Iterator[None]:
    """Raise DiskFull for whatever keeps a file from being written: a disk full, over its quota, read-only, broken."""
    try:
        yield
    except OSError as error:
        raise DiskFull(os.strerror(error.errno) if error.errno else type(error).__name__) from error


def disk_of(media: MediaSettings, data_dir: Path, database: Path | None = None) -> Disk:
    """The disks of the data folder, of a folder for photos and videos, and of a SQLite file."""
    folders = [data_dir]
    if media.store.startswith("file://"):
        folders.append(Path(unquote(urlsplit(media.store).path)))
    if database is not None:
        folders.append(database.parent)
    return Disk(folders, media.reserve_mb)


# Files written whole.


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write the file at ``path``, which gets its name only when all of it is on the disk; only its owner may read it.

    A failure leaves nothing behind. Raises OSError with the file's name.
    """
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)  # left by a process that was killed
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None and error.errno is not None:
            raise OSError(error.errno, os.strerror(error.errno), str(path)) from error
        raise


def sync_folder(folder: Path) -> None:
    """Write a folder to the disk: only then is a new name in it safe."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# A cache of files.

# For one's own user alone, whatever the umask; mkstemp gives a file the same.
_PRIVATE = 0o700
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


class _Entry(msgspec.Struct, frozen=True):
    """A cached file: its key, and the value undecoded until the key is known to match."""

    key: str
    value: msgspec.Raw


class DiskCache:
    """Values that take long to work out, kept as JSON in the data folder for the next process that starts.

    One file a name, with a key of everything that the value depends on; another key counts as no value. JSON and never
    a pickle: such a file is data of a known shape and never runs.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str, key: str, kind: type[T]) -> T | None:
        """The value kept under this key; None for another key, a broken file, or one that others may have written."""
        try:
            entry = msgspec.json.decode(_own(self._path(name)), type=_Entry)
            return msgspec.json.decode(entry.value, type=kind) if entry.key == key else None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def write(self, name: str, key: str, value: object) -> None:
        """Keep a value. A folder that cannot be written is no error: the next process works it out again."""
        text = msgspec.json.encode({"key": key, "value": value})
        with suppress(OSError):
            self._folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            number, half = tempfile.mkstemp(prefix=f".{name}-", dir=self._folder)
            try:
                with os.fdopen(number, "wb") as file:
                    file.write(text)
                Path(half).replace(self._path(name))
            except OSError:
                Path(half).unlink(missing_ok=True)

    def of(self, name: str, key: str, kind: type[T], make: Callable[[], T]) -> T:
        """The value kept under this key, otherwise the result of ``make``, which is then kept."""
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
        if found.st_uid != os.geteuid() or found.st_mode & _OTHERS_MAY_WRITE:
            raise PermissionError(f"{path} may have been written by others")
        return file.read()
