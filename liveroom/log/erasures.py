"""What was erased, in a file beside the database and outside every backup: so that no restore brings it back.

One line of JSON an erasure, appended and synced before the rows go. It holds ids, times and the reason given; no name.
A backup has a copy of it beside itself, so that whoever takes the one to another machine takes the other.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

import msgspec

from liveroom.runtime.disk import sync_folder, whole_file

COPY = "liveroom-erasures/1"


class What(StrEnum):
    """How much goes: who reported, or everything that was said, shown and attached."""

    PERSON = "person"
    ALL = "all"


class Erasure(msgspec.Struct, frozen=True):
    """One line: ``at`` microseconds of real time, ``by`` who had it done, ``reason`` in their words."""

    at: int
    complaint: str
    what: What
    by: str
    reason: str = ""


class _Begin(msgspec.Struct, forbid_unknown_fields=True):
    """The first line of a copy."""

    format: str
    kind: str


class _End(msgspec.Struct, forbid_unknown_fields=True):
    """The last line of a copy: how many are before it."""

    end: int


class Erasures:
    """The file of one kind of room; there is none before the first erasure."""

    def __init__(self, data_dir: Path, kind: str) -> None:
        self._kind = kind
        self.path = data_dir / f"erasures-{kind}.jsonl"

    def copy_to(self, path: Path) -> int:
        """Write all of them to ``path``, which has its name only when it is whole; returns how many. Raises OSError."""
        known = list(self)
        with whole_file(path) as out:
            for line in (_Begin(format=COPY, kind=self._kind), *known, _End(end=len(known))):
                out.write(msgspec.json.encode(line) + b"\n")
        return len(known)

    def read_copy(self, path: Path) -> tuple[Erasure, ...]:
        """Those of a copy. Raises ValueError for one that is not whole, or of another kind of room; OSError."""
        try:
            first, *lines, last, rest = path.read_bytes().split(b"\n")
            begin = msgspec.json.decode(first, type=_Begin)
            told = tuple(msgspec.json.decode(line, type=Erasure) for line in lines)
            whole = not rest and msgspec.json.decode(last, type=_End).end == len(told)
        except (ValueError, msgspec.DecodeError):
            whole = False
        if not whole or begin.format != COPY:
            raise ValueError(f"{path} is no whole copy of erasures: copy it anew from where the backup was made")
        if begin.kind != self._kind:
            raise ValueError(f"{path} is of the {begin.kind} room, not of the {self._kind} room")
        return told

    def take_over(self, erasures: Iterable[Erasure]) -> None:
        """Add those that are not in it, and the file if there is none. Raises OSError."""
        known = set(self)
        self.append(*(one for one in erasures if one not in known))

    def append(self, *erasures: Erasure) -> None:
        """Add lines; returns when the disk has them. Raises OSError."""
        self.path.touch(mode=0o600)
        with self.path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            whole = file.read().rfind(b"\n") + 1  # a line that a crash cut off erased nothing
            file.truncate(whole)
            file.seek(whole)
            file.write(b"".join(msgspec.json.encode(one) + b"\n" for one in erasures))
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.path.parent)

    def __iter__(self) -> Iterator[Erasure]:
        """All of them, as they were added. Raises ValueError naming a line that is none."""
        if not self.path.exists():
            return
        lines = self.path.read_bytes().split(b"\n")
        for number, line in enumerate(lines[:-1], 1):
            try:
                yield msgspec.json.decode(line, type=Erasure)
            except msgspec.DecodeError as error:
                raise ValueError(f"{self.path}:{number} is no erasure: restore nothing before it is mended") from error


def beside(backup: Path) -> Path:
    """Where a backup's copy of the erasures is."""
    return backup.with_name(f"{backup.name}.erasures")
