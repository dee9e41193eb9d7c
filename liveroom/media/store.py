"""Where files of proof lie: outside the database, under the SHA-256 of what they contain; a folder or an S3 bucket."""

import hashlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from obstore.store import LocalStore

from liveroom.media.away import FAILURES, away
from liveroom.media.bucket import open_bucket

BLOCK = 1 << 20
# A bucket takes what is smaller in one piece: a server that goes away half way keeps no part of a photo.
WHOLE_MOST = 32 << 20
T = TypeVar("T")
Aside = Callable[[Callable[[], Any]], Any]


class NotKept(LookupError):
    """The store has no file with this hash: erased, or lost."""


class MediaStore:
    """``url`` empty: the folder ``media`` in the data folder; else ``s3://bucket/prefix`` or ``file:///folder``.

    Keys and secrets of a bucket come from the environment (AWS_ACCESS_KEY_ID and so on), never from the configuration.
    ``aside`` runs a call to a bucket where it stops nobody. All but the beginning raises StoreAway.
    """

    def __init__(self, url: str, data_dir: Path, aside: Aside = lambda work: work()) -> None:
        self._url = url
        self._own = data_dir / "media"
        self._bucket = url.startswith("s3://")
        self._folder = Path(unquote(urlsplit(url).path)) if url else self._own
        self._where = url or str(self._own)
        self._aside: Aside = aside if self._bucket else lambda work: work()
        self._opened: Any = None

    @property
    def in_bucket(self) -> bool:
        """Whether it is elsewhere, so that keeping takes no room here."""
        return self._bucket

    def keep(self, file: Path) -> str:
        """Keep a file; returns its hash. The same content is kept once."""
        name = sha256_of(file)
        self._ask(partial(self._put, name, file))
        return name

    def read(self, name: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The content in blocks, from ``start`` up to before ``end``. Raises NotKept."""
        size = self.size(name) if end is None else end
        while start < size:
            until = min(size, start + BLOCK)
            yield bytes(self._found(name, partial(self._get, name, start, until)))
            start = until

    def size(self, name: str) -> int:
        """Bytes. Raises NotKept."""
        return int(self._found(name, lambda: self._store.head(_path(name)))["size"])

    def erase(self, name: str) -> None:
        """Remove the content; one that is gone already is no error."""
        try:
            self._found(name, lambda: self._store.delete(_path(name)))
        except NotKept:
            return

    def probe(self) -> None:
        """Whether it can be used: one look that changes nothing."""
        self._ask(lambda: next(iter(self._store.list(chunk_size=1)), None))

    @property
    def _store(self) -> Any:
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _open(self) -> Any:
        if self._bucket:
            return open_bucket(self._url)
        # Another folder is perhaps a disk that is not mounted just now: only our own is made.
        return LocalStore(prefix=self._folder, mkdir=self._folder == self._own)

    def _ask(self, work: Callable[[], T]) -> T:
        try:
            result: T = self._aside(work)
        except FAILURES as error:
            raise away(self._where, error) from error
        return result

    def _found(self, name: str, work: Callable[[], T]) -> T:
        """What is asked about one content. Raises NotKept where the store is there, and the content is not."""
        _path(name)
        try:
            result: T = self._aside(work)
        except FileNotFoundError as error:
            if self._bucket:  # a bucket that is gone answers the same
                self.probe()
            raise NotKept(name) from error
        except FAILURES as error:
            raise away(self._where, error) from error
        return result

    def _put(self, name: str, file: Path) -> None:
        with file.open("rb") as opened:
            if self._bucket:
                whole = file.stat().st_size <= WHOLE_MOST
                self._store.put(_path(name), opened, use_multipart=not whole)
                return
            self._store.put(_path(name), opened)
        _sync(self._folder / _path(name))

    def _get(self, name: str, start: int, end: int) -> Any:
        return self._store.get_range(_path(name), start=start, end=end)


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file's content, hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _path(name: str) -> str:
    """Two levels of folders, so that none holds a hundred thousand files."""
    if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
        raise NotKept(name)
    return f"{name[:2]}/{name[2:4]}/{name}"


def _sync(file: Path) -> None:
    """On the disk, name and content: whoever sent it is told that it is kept, and lets go of it."""
    for path in (file, file.parent):
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
