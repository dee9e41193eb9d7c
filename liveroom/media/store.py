"""Content-addressed store: folder or S3."""

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

T = TypeVar("T")

# What is said when the media store cannot be used: in plain words, with what to look at, and never with a key.

# A server's answer quotes the key that it did not take: of all that it says only status and code are told.
SAID = re.compile(r"status code: (\d{3} [\w ]{1,40})|HTTP error: ([\w ]{1,40})")
CODE = re.compile(r"<Code>(\w{1,60})</Code>")
NO_FOLDER = "Unable to canonicalize filesystem root"
FAILURES = (BaseError, OSError, ValueError)


class StoreUnavailable(Exception):
    """The store cannot be used now; nothing is lost, try again."""


def away(where: str, error: Exception) -> StoreUnavailable:
    """What ``error`` of the library means for the store at ``where``, an address or a folder."""
    text = str(error)
    status = next((one for one in SAID.findall(text) if any(one)), ("", ""))
    told = [type(error).__name__, *(one.strip() for one in status if one), *CODE.findall(text)[:1]]
    return StoreUnavailable(f"the media store {where} {_meaning(error, status[0])} ({', '.join(told)})")


def _meaning(error: Exception, status: str) -> str:
    refused = isinstance(error, PermissionDeniedError | UnauthenticatedError | PermissionError)
    if refused or status.startswith(("401", "403")):
        return "does not let us in: look at the keys in the environment and at what they may do"
    if "os error 28" in str(error) or "os error 122" in str(error):  # ENOSPC, EDQUOT, as the library tells them
        return "has no room: its disk is full"
    if isinstance(error, FileNotFoundError) or status.startswith("404") or NO_FOLDER in str(error):
        return "is not there: create the bucket or folder, or mend media.store"
    return "does not answer as it should"


# Opens the bucket of an S3-compatible server, with keys and address from the environment.

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
ADDRESSES = ("AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
# Somebody waits for a picture. What is to be kept waits on the disk and is tried again by whoever keeps it.
CLIENT: "ClientConfig" = {"connect_timeout": timedelta(seconds=5), "timeout": timedelta(seconds=60)}
RETRY: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}


def open_bucket(url: str) -> S3Store:
    """The store at ``s3://bucket/prefix``; nothing is asked of it yet. Raises StoreAway: no key, or no such address."""
    for name in KEYS:
        if not os.environ.get(name):  # without keys the library would ask the machine's network for some
            raise StoreUnavailable(f"the media store {url} needs {name} in the environment")
    plain = any(os.environ.get(name, "").startswith("http://") for name in ADDRESSES)
    try:
        return S3Store.from_url(url, client_options={**CLIENT, "allow_http": plain}, retry_config=RETRY)
    except FAILURES as error:
        raise away(url, error) from error


# Where files of proof lie: outside the database, under the SHA-256 of what they contain; a folder or an S3 bucket.

BLOCK = 1 << 20
# A bucket takes what is smaller in one piece: a server that goes away half way keeps no part of a photo.
WHOLE_MOST = 32 << 20
Aside = Callable[[Callable[[], Any]], Any]


class NotStored(LookupError):
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
            raise NotStored(name) from error
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
        raise NotStored(name)
    return f"{name[:2]}/{name[2:4]}/{name}"


def _sync(file: Path) -> None:
    """On the disk, name and content: whoever sent it is told that it is kept, and lets go of it."""
    for path in (file, file.parent):
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
