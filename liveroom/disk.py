"""How much room the disks have, and how much of it is kept for the log.

Whatever is no log (uploads, their copies, fetched pictures) asks here before it writes and is refused while the disk
would fall under its reserve; the log never asks. docs/deployment.md, When the disk fills.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from liveroom.config_media import MediaSettings

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
