"""Where files of proof lie: outside the database, under the SHA-256 of what they contain; a folder or an S3 bucket."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from obstore.store import LocalStore, from_url

BLOCK = 1 << 20


class NotKept(LookupError):
    """The store has no file with this hash: erased, or lost."""


class MediaStore:
    """``url`` empty: the folder ``media`` in the data folder; else an address such as ``s3://bucket/prefix``.

    Keys and secrets of a bucket come from the environment (AWS_ACCESS_KEY_ID and so on), never from the configuration.
    """

    def __init__(self, url: str, data_dir: Path) -> None:
        if url:
            self._store: Any = from_url(url)
        else:
            folder = data_dir / "media"
            folder.mkdir(parents=True, exist_ok=True)
            self._store = LocalStore(prefix=folder)

    def keep(self, file: Path) -> str:
        """Keep a file; returns its hash. The same content is kept once."""
        name = sha256_of(file)
        with file.open("rb") as opened:
            self._store.put(_path(name), opened)
        return name

    def read(self, name: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The content in blocks, from ``start`` up to before ``end``. Raises NotKept."""
        size = self.size(name) if end is None else end
        while start < size:
            until = min(size, start + BLOCK)
            yield bytes(self._got(name, start, until))
            start = until

    def size(self, name: str) -> int:
        """Bytes. Raises NotKept."""
        try:
            return int(self._store.head(_path(name))["size"])
        except FileNotFoundError as error:
            raise NotKept(name) from error

    def erase(self, name: str) -> None:
        """Remove the content; one that is gone already is no error."""
        try:
            self._store.delete(_path(name))
        except FileNotFoundError:
            return

    def _got(self, name: str, start: int, end: int) -> Any:
        try:
            return self._store.get_range(_path(name), start=start, end=end)
        except FileNotFoundError as error:
            raise NotKept(name) from error


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file's content, hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _path(name: str) -> str:
    """Two levels of folders, so that none holds a hundred thousand files."""
    if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
        raise NotKept(name)
    return f"{name[:2]}/{name[2:4]}/{name}"
