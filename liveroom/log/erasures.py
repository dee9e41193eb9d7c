"""What was erased, in a file beside the database and outside every backup: so that no restore brings it back.

One line of JSON an erasure, appended and synced before the rows go. It holds ids, times and the reason given; no name.
"""

import fcntl
import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import msgspec

from liveroom.log.whole_file import sync_folder


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


class Erasures:
    """The file of one kind of room."""

    def __init__(self, data_dir: Path, kind: str) -> None:
        self._path = data_dir / f"erasures-{kind}.jsonl"

    def append(self, *erasures: Erasure) -> None:
        """Add lines; returns when the disk has them. Raises OSError."""
        self._path.touch(mode=0o600)
        with self._path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            whole = file.read().rfind(b"\n") + 1  # a line that a crash cut off erased nothing
            file.truncate(whole)
            file.seek(whole)
            file.write(b"".join(msgspec.json.encode(one) + b"\n" for one in erasures))
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._path.parent)

    def __iter__(self) -> Iterator[Erasure]:
        """All of them, oldest first. Raises ValueError naming a line that is none."""
        if not self._path.exists():
            return
        lines = self._path.read_bytes().split(b"\n")
        for number, line in enumerate(lines[:-1], 1):
            try:
                yield msgspec.json.decode(line, type=Erasure)
            except msgspec.DecodeError as error:
                raise ValueError(f"{self._path}:{number} is no erasure: restore nothing before it is mended") from error
