"""The media store: files under the SHA-256 of their content, outside the database, in a folder or an S3 bucket.

Keys and address of a bucket come from the environment (AWS_ACCESS_KEY_ID and so on), never from the configuration.
Every failure becomes StoreUnavailable with a message that says what to look at and holds no key: of a server's answer,
which quotes the key that it did not take, only status and code are shown.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, S3Store

if TYPE_CHECKING:  # they are types alone
    from obstore.store import ClientConfig, RetryConfig

# Environment variables of a bucket.
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
ENDPOINTS = ("AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
# Short, for somebody waits for a picture. What is to be kept waits on the disk and is tried again by its owner.
CLIENT: "ClientConfig" = {"connect_timeout": timedelta(seconds=5), "timeout": timedelta(seconds=60)}
RETRY: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}
BLOCK = 1 << 20
# A bucket takes what is smaller in one piece: a server that goes away half way keeps no part of a photo.
WHOLE_MOST = 32 << 20

# What the library raises, and what is shown of its words.
FAILURES = (BaseError, OSError, ValueError)
STATUS = re.compile(r"status code: (\d{3} [\w ]{1,40})|HTTP error: ([\w ]{1,40})")
CODE = re.compile(r"<Code>(\w{1,60})</Code>")
NO_FOLDER = "Unable to canonicalize filesystem root"

T = TypeVar("T")
# Runs a blocking call where it stops nobody else.
RunAside = Callable[[Callable[[], Any]], Any]


class StoreUnavailable(Exception):
    """The store cannot be used now; nothing is lost, try again."""


class NotStored(LookupError):
    """The store has no file with this hash: erased, or lost."""


class MediaStore:
    """``url`` empty: the folder ``media`` in the data folder; else ``s3://bucket/prefix`` or ``file:///folder``.

    ``aside`` runs the calls to a bucket. Every method raises StoreUnavailable.
    """

    def __init__(self, url: str, data_dir: Path, aside: RunAside = lambda work: work()) -> None:
        self._url = url
        self._own = data_dir / "media"
        self._bucket = url.startswith("s3://")
        self._folder = Path(unquote(urlsplit(url).path)) if url else self._own
        self._where = url or str(self._own)
        self._aside: RunAside = aside if self._bucket else lambda work: work()
        self._opened: Any = None

    @property
    def in_bucket(self) -> bool:
        """Whether content lies in a bucket, so that keeping it takes no room on this disk."""
        return self._bucket

    def keep(self, file: Path) -> str:
        """Keep a file; returns its hash. The same content is kept once."""
        name = sha256_of(file)
        self._ask(partial(self._put, name, file))
        return name

    def read(self, name: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The content in blocks, from ``start`` up to before ``end``. Raises NotStored."""
        size = self.size(name) if end is None else end
        while start < size:
            until = min(size, start + BLOCK)
            yield bytes(self._found(name, partial(self._get, name, start, until)))
            start = until

    def size(self, name: str) -> int:
        """Bytes. Raises NotStored."""
        return int(self._found(name, lambda: self._store.head(_path(name)))["size"])

    def erase(self, name: str) -> None:
        """Remove the content; one that is gone already is no error."""
        try:
            self._found(name, lambda: self._store.delete(_path(name)))
        except NotStored:
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
            return _open_bucket(self._url)
        # Only our own folder is made: another may be the mount point of a disk that is not there just now.
        return LocalStore(prefix=self._folder, mkdir=self._folder == self._own)

    def _ask(self, work: Callable[[], T]) -> T:
        try:
            result: T = self._aside(work)
        except FAILURES as error:
            raise _unavailable(self._where, error) from error
        return result

    def _found(self, name: str, work: Callable[[], T]) -> T:
        """The result of a call about one content. Raises NotStored where the store answers that there is none."""
        _path(name)
        try:
            result: T = self._aside(work)
        except FileNotFoundError as error:
            if self._bucket:  # a bucket that is gone answers the same
                self.probe()
            raise NotStored(name) from error
        except FAILURES as error:
            raise _unavailable(self._where, error) from error
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
    """Two levels of folders, so that none holds a hundred thousand files. Raises NotStored for what is no hash."""
    if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
        raise NotStored(name)
    return f"{name[:2]}/{name[2:4]}/{name}"


def _sync(file: Path) -> None:
    """Write name and content through to the disk: the sender is about to delete its own copy."""
    for path in (file, file.parent):
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


# Buckets, and what their errors mean.


def _open_bucket(url: str) -> S3Store:
    """The store at ``s3://bucket/prefix``, not asked yet. Raises StoreUnavailable: no key, or no such address."""
    for name in KEYS:
        if not os.environ.get(name):  # without keys the library would ask the machine's network for some
            raise StoreUnavailable(f"the media store {url} needs {name} in the environment")
    plain = any(os.environ.get(name, "").startswith("http://") for name in ENDPOINTS)
    try:
        return S3Store.from_url(url, client_options={**CLIENT, "allow_http": plain}, retry_config=RETRY)
    except FAILURES as error:
        raise _unavailable(url, error) from error


def _unavailable(where: str, error: Exception) -> StoreUnavailable:
    """``error`` of the library as one of the store at ``where``, an address or a folder."""
    text = str(error)
    status = next((one for one in STATUS.findall(text) if any(one)), ("", ""))
    shown = [type(error).__name__, *(one.strip() for one in status if one), *CODE.findall(text)[:1]]
    return StoreUnavailable(f"the media store {where} {_meaning(error, status[0])} ({', '.join(shown)})")


def _meaning(error: Exception, status: str) -> str:
    refused = isinstance(error, PermissionDeniedError | UnauthenticatedError | PermissionError)
    if refused or status.startswith(("401", "403")):
        return "does not let us in: look at the keys in the environment and at what they may do"
    if "os error 28" in str(error) or "os error 122" in str(error):  # ENOSPC, EDQUOT, as the library tells them
        return "has no room: its disk is full"
    if isinstance(error, FileNotFoundError) or status.startswith("404") or NO_FOLDER in str(error):
        return "is not there: create the bucket or folder, or mend media.store"
    return "does not answer as it should"
