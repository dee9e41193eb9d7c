"""Room on the disks and the reserve for the log; files that are written whole or not at all."""

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


# How much room the disks have, and how much of it is kept for the log.
#
# Whatever is no log (uploads, their copies, fetched pictures) asks here before it writes and is refused while the disk
# would fall under its reserve; the log never asks. docs/deployment.md, When the disk fills.

# Of a small disk the reserve takes no more than this share: it still has to be of use.
SHARE = 4
PHOTO = 4_000_000
AGAIN_S = 60


class DiskFull(Exception):
    """A disk takes nothing more, or only the log's; try again after AGAIN_S. Its text says which and how full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """A disk by one of the folders on it; bytes. ``free`` for a process without privileges."""

    folder: Path
    size: int
    free: int
    reserve: int

    @property
    def spare(self) -> int:
        """Bytes that others than the log may write; negative when they took of the reserve."""
        return self.free - self.reserve

    @property
    def low(self) -> bool:
        """Whether only the log may write: what is left beside the reserve is too little for a photo and its copies."""
        return self.spare < PHOTO

    def __str__(self) -> str:
        return f"{self.free / 1e6:.0f} MB free at {self.folder}, {self.reserve / 1e6:.0f} MB of them kept for the log"


class Disk:
    """``folders``: where something is written, on one disk or several; one that is not there just now is left out."""

    def __init__(self, folders: Sequence[Path], reserve_mb: int) -> None:
        self._folders = tuple(dict.fromkeys(folders))
        self._reserve = reserve_mb * 1_000_000

    def fills(self) -> tuple[Fill, ...]:
        """Every disk once, the fullest first."""
        found: dict[int, Fill] = {}
        for folder in self._folders:
            try:
                stat, device = os.statvfs(folder), folder.stat().st_dev
            except OSError:
                continue
            size, free = stat.f_blocks * stat.f_frsize, stat.f_bavail * stat.f_frsize
            fill = Fill(folder=folder, size=size, free=free, reserve=min(self._reserve, size // SHARE))
            found.setdefault(device, fill)
        return tuple(sorted(found.values(), key=lambda fill: fill.spare))

    def refuse(self, length: int) -> None:
        """Raises DiskFull where ``length`` bytes more would leave less than the reserve."""
        for fill in self.fills():
            if fill.spare < length:
                raise DiskFull(str(fill))

    @property
    def low(self) -> bool:
        """Whether there is one on which only the log may write."""
        return any(fill.low for fill in self.fills())


@contextmanager
def as_disk_full() -> Iterator[None]:
    """Raise DiskFull for whatever keeps a file from being written: full, over its quota, read-only, broken."""
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


# A file that has its name only when all of it is on the disk, and that nobody but its owner reads.


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write what becomes ``path``; a failure leaves nothing of it behind. Raises OSError with its file's name."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)  # of one that was killed
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
    """A new name is on the disk when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# What took long to work out, kept as JSON in the room's own data folder for the next process that starts.
#
# JSON and never a pickle: whatever stands in such a file is data of a known shape, and never runs.

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
