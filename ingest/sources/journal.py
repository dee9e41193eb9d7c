"""A journal: a file to which an app appends a JSON object a line, followed from its beginning as `tail -F` would.

The worked example of docs/ingest.md: all that a kind of source has to say for itself.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG
from typing import IO

from ingest.pull import Batch, Item, Misconfigured, PullSource, parts_of
from liveroom.domain.requests import Malformed
from liveroom.runtime.http_input import MAX_BYTES, BadJson, read_json


class JournalSource(PullSource, frozen=True, kw_only=True):
    """``file``: the journal; when another takes its place, the rest of the old one is read, then all of that."""

    file: str

    def fetch(self, position: str | None) -> Iterator[Batch]:
        """The lines that are whole; the position is the file's number on its disk and the byte after the last line."""
        number, _, read = (position or "").partition(":")
        with _open(Path(self.file)) as file:
            if number not in ("", str(os.fstat(file.fileno()).st_ino)):
                for path in _renamed(Path(self.file).resolve().parent, number, read):
                    with _open(path) as old:
                        yield from _batches(old, number, read)
            yield from _batches(file, number, read)


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise Misconfigured("file", f"{path} cannot be read: {error.strerror}") from error


def _renamed(folder: Path, number: str, read: str) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if _is_read(path.lstat(), number, read)][:1]
    except OSError as error:
        raise Misconfigured("file", f"{folder} cannot be looked through: {error.strerror}") from error


def _is_read(stat: os.stat_result, number: str, read: str) -> bool:
    return number == str(stat.st_ino) and S_ISREG(stat.st_mode) and int(read) <= stat.st_size


def _batches(file: IO[bytes], number: str, read: str) -> Iterator[Batch]:
    now = os.fstat(file.fileno())
    file.seek(int(read) if _is_read(now, number, read) else 0)
    for lines in parts_of(_whole_lines(file), 100):
        items = [_item(line) for line, _ in lines if line.strip()]
        yield Batch(items, f"{now.st_ino}:{lines[-1][1]}")


def _whole_lines(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Each line with the place after it; one that is still being written is left for the next time."""
    while line := file.readline(MAX_BYTES):
        if not line.endswith(b"\n") and len(line) < MAX_BYTES:
            return
        yield line, file.tell()


def _item(line: bytes) -> Item:
    raw = line.decode("utf-8", "backslashreplace").strip()
    try:
        return Item(raw=raw, value=read_json(line))
    except BadJson as error:
        return Item(raw=raw, fault=Malformed("", str(error)))
