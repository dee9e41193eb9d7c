"""A journal: a file to which an app appends a JSON object a line, followed from its beginning as `tail -F` would.

The worked example of docs/ingest.md: all that a kind of source has to say for itself.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ingest.pull import Batch, Item, Misconfigured, PullSource, parts_of
from liveroom.domain.requests import Malformed
from liveroom.runtime.http_input import MAX_BYTES, BadJson, read_json


class JournalSource(PullSource, frozen=True, kw_only=True):
    """``file``: the journal; when another file takes its place, that one is read from its beginning."""

    file: str

    def fetch(self, position: str | None) -> Iterator[Batch]:
        """The lines that are whole; the position is the file's number on its disk and the byte after the last line."""
        try:
            file = Path(self.file).open("rb")  # noqa: SIM115 - a fault of the body below is not one of the settings
        except OSError as error:
            raise Misconfigured("file", f"{self.file} cannot be read: {error.strerror}") from error
        with file:
            now = os.fstat(file.fileno())
            number, _, read = (position or "").partition(":")
            same = number == str(now.st_ino) and int(read) <= now.st_size
            file.seek(int(read) if same else 0)
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
