"""Upload pipeline."""

import fcntl
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from io import FileIO
from pathlib import Path

from liveroom.domain.complaints.proof import Unfit
from liveroom.log.engine import Unavailable
from liveroom.log.erasure import is_being_removed, mark_emptied, unshared_content, uploads_to_empty
from liveroom.log.event_log import EventLog
from liveroom.log.uploads import COPIES, WAITS, BoundReached, PublicBounds, Upload, Uploads, UploadState
from liveroom.media.examine import CLEAN, THUMB
from liveroom.media.inspect import look_into
from liveroom.media.similarity import SimilarityJob
from liveroom.media.store import MediaStore, StoreUnavailable, sha256_of
from liveroom.room.room import Room
from liveroom.runtime import Bell, Runtime
from liveroom.runtime.config import MediaSettings
from liveroom.runtime.disk import Disk, DiskFull, as_disk_full, disk_of
from liveroom.runtime.time import system_now

# Takes out of the media store what was erased or given up; the rows name it until then, so a store may be away.

AT_ONCE = 100


class StoreCleaner:
    """Whoever does it again finds nothing left; several may do it at once."""

    def __init__(self, log: EventLog, store: MediaStore) -> None:
        self._log = log
        self._store = store

    def empty(self, subject: str | None = None) -> None:
        """Of all complaints or of one. Raises StoreAway, Unavailable: what is left stays named."""
        while part := self._log.read(partial(uploads_to_empty, subject=subject, limit=AT_ONCE)):
            for one in part:
                for name in self._log.read(partial(unshared_content, one=one)):
                    self._store.erase(name)
                self._log.touch(partial(mark_emptied, one=one))


# Files on their way in: taken piece by piece, looked into when whole, kept by content; the way of design section 6.
#
# A piece is appended to a file of its own in the data folder, whose size is the offset: what was received and is there
# counts, whatever was lost. Several web processes of one machine share that folder. Nothing is written into the reserve
# that the disk keeps for the log.

MOST_UNDER_WAY = 20
BLOCK = 1 << 18
# Each child may take 2 GB and a processor; one place is for people who are logged in alone.
LOOKED_INTO_AT_ONCE = 2
# What is announced and of which nothing comes for so long is given up: it holds room that others could have.
UNBEGUN = timedelta(minutes=5)
# A folder for copies that is older than this is of a process that was killed.
LEFT_BEHIND = timedelta(hours=1)
log = logging.getLogger(__name__)


class Busy(Exception):
    """Another request is writing to this file just now."""


class UploadPipeline:
    """``store`` and ``folder`` hold content, ``register`` what is known; ``waits`` rings when one begins to wait.

    ``disk``: where there has to be room for it; None: that of the settings.
    """

    def __init__(
        self, room: Room, settings: MediaSettings, data_dir: Path, runtime: Runtime, disk: Disk | None = None
    ) -> None:
        self.store = MediaStore(settings.store, data_dir, runtime.run_aside)
        self.disk = disk or disk_of(settings, data_dir)
        self._log = room.log
        self.register = Uploads(room.log, _bounds(settings))
        self.emptying = StoreCleaner(room.log, self.store)
        self.waits = Bell()
        self._likening = SimilarityJob(room.log, self.register, runtime)
        self._settings = settings
        self._runtime = runtime
        self._looking = threading.Semaphore(LOOKED_INTO_AT_ONCE)
        self._strangers = threading.Semaphore(LOOKED_INTO_AT_ONCE - 1)
        self.folder = data_dir / "uploads"
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def longest(self) -> int:
        """Bytes that any file may have."""
        return max(self._settings.photo_mb, self._settings.video_mb) * 1_000_000

    @property
    def longest_photo(self) -> int:
        """Bytes that a photo may have."""
        return self._settings.photo_mb * 1_000_000

    @property
    def idle(self) -> timedelta:
        """How long a stranger's file that is broken off waits."""
        return timedelta(minutes=self._settings.public_unfinished_minutes)

    def expires(self, one: Upload) -> datetime:
        """When one that is not whole by then is given up; a stranger's sooner, counted from its last piece."""
        last = one.created_at + timedelta(hours=self._settings.unfinished_hours)
        return min(last, self._touched(one) + self.idle) if one.strange else last

    def begin(self, *, subject: str, kind: str, by: str, length: int, origin: str | None = None) -> Upload:
        """Expect a file; ``origin`` not None: from somebody without a log-in.

        Raises TooMany, BoundReached; DiskFull where there is no room for it and its copies.
        """
        self.disk.refuse((1 + COPIES) * length)
        one = self.register.begin(subject=subject, kind=kind, by=by, length=length, most=MOST_UNDER_WAY, origin=origin)
        try:
            with as_disk_full():
                self._part(one.id).touch(mode=0o600)
        except DiskFull:
            self.register.forget(one.id)
            raise
        return one

    def offset(self, one: Upload) -> int:
        """Bytes that are here; all of them once it is whole."""
        if one.state is not UploadState.OPEN:
            return one.length
        with suppress(FileNotFoundError):
            return self._part(one.id).stat().st_size
        return 0

    def append(self, one: Upload, offset: int, read: Callable[[int], bytes]) -> int:
        """Take what ``read`` gives, up to the file's length; returns the new offset. Raises Busy, ValueError, DiskFull.

        ValueError: ``offset`` is not where the file ends. What arrived before a connection broke, or before the disk
        took no more, is kept.
        """
        with self._alone(one.id) as file:
            here = file.seek(0, os.SEEK_END)
            if here != offset:
                raise ValueError(here)
            try:
                while here < one.length:
                    most = min(BLOCK, one.length - here)
                    self.disk.refuse(most)
                    if not (block := read(most)):
                        break
                    self.disk.refuse(len(block))  # others wrote while it was waited for
                    here += _written(file, block)
            finally:
                self._sync(file, offset)
        if here == one.length:
            self._begin_check(one)
        return here

    def resume(self, one: Upload) -> int:
        """The offset to go on at; one that is whole, while the database was away when it became so, is looked into."""
        here = self.offset(one)
        if one.state is UploadState.OPEN and here == one.length:
            self._begin_check(one)
        return here

    def _sync(self, file: FileIO, offset: int) -> None:
        """What is said to be here is on the disk; where that fails nobody knows what is, so it ends where it began."""
        try:
            with as_disk_full():
                self._runtime.run_aside(partial(os.fsync, file.fileno()))
        except DiskFull:
            file.truncate(offset)
            raise

    def end(self, one: Upload) -> None:
        """The sender gives up."""
        if self.register.forget(one.id, self.offset(one)):
            self.let_go(one)

    def end_unwanted(self) -> None:
        """Give up what strangers began and do not go on with, and what found no room and no report.

        Raises Unavailable.
        """
        for one in self.register.idle(min(self.idle, UNBEGUN)):
            patience = self.idle if self.offset(one) else min(self.idle, UNBEGUN)
            if self._touched(one) + patience < system_now():
                self.end(one)
        for one in self.register.stuck(timedelta(hours=self._settings.unused_hours)):
            if self.register.give_up(one):
                self.let_go(one)

    def let_go(self, one: Upload) -> None:
        """Nothing more comes, and what came is not needed."""
        self._part(one.id).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove the copies under way of processes that were killed."""
        before = (system_now() - LEFT_BEHIND).timestamp()
        for path in self.folder.iterdir():
            if path.is_dir() and _modified(path) < before:
                shutil.rmtree(path, ignore_errors=True)

    def check(self, one: Upload) -> bool:
        """Look into a whole file and keep it, or say why not.

        False: the store, the database or room on the disk is away, look again.
        """
        try:
            refused = self._kept_or_refused(one)
            if refused:
                self.register.move(one.id, UploadState.REFUSED, frm=UploadState.CHECKING, code=refused)
        except (StoreUnavailable, DiskFull, BoundReached) as error:
            log.warning("a file waits for room or for the media store: %s", error)
            self._wait(one)
            return False
        except Unavailable as error:
            log.warning("a file could not be registered: %s", error)
            return False
        self.let_go(one)
        with suppress(Unavailable):
            self._likening.again(one.subject)
        return True

    def _kept_or_refused(self, one: Upload) -> str:
        """Empty for one that is kept, else why it is refused."""
        try:
            self._keep(one)
        except Unfit as no:
            # A child that cannot write its copies says the same as one that cannot read to the end.
            if no.code == "broken" and self.disk.low:
                raise DiskFull("no room to look into a file") from no
            return no.code
        return ""

    def left(self, one: Upload) -> bool:
        """One that a process left half looked into, or that waited for the store: again, if the file is still here."""
        if self._part(one.id).exists():
            return self.check(one)
        self.register.move(one.id, UploadState.REFUSED, frm=UploadState.CHECKING, code="lost")
        return True

    def _begin_check(self, one: Upload) -> None:
        if self.register.move(one.id, UploadState.CHECKING, frm=UploadState.OPEN):
            self._runtime.spawn(self._check_or_wait, one)

    def _check_or_wait(self, one: Upload) -> None:
        if not self.check(one):
            self.waits.ring()

    def _keep(self, one: Upload) -> None:
        with self._place(one), self.scratch(COPIES * one.length) as folder:
            facts = look_into(self._part(one.id), folder, self._settings.limits, self._runtime.run_child)
            kept = self._kept(one, folder)
        if not self.register.ready(one.id, facts, self._likening.of(one, facts), kept):
            self.emptying.empty(one.subject)

    @contextmanager
    def _place(self, one: Upload) -> Iterator[None]:
        """One of the few places; one of them is never a stranger's, or many heavy files would keep proofs waiting."""
        with self._strangers if one.strange else nullcontext(), self._looking:
            yield

    def _wait(self, one: Upload) -> None:
        with suppress(Unavailable):
            self.register.move(one.id, UploadState.CHECKING, frm=UploadState.CHECKING, code=WAITS)

    def _kept(self, one: Upload, folder: Path) -> dict[str, str]:
        """The hashes of the three contents, by their names in the register. Raises StoreAway."""
        files = {"original": self._part(one.id), "clean": folder / CLEAN, "thumb": folder / THUMB}
        held = sum(file.stat().st_size for file in files.values())
        if not self.store.in_bucket:
            self.disk.refuse(held)
        self.register.take(one.id, held)
        kept = {name: self._runtime.run_aside(partial(sha256_of, file)) for name, file in files.items()}
        self.register.name(one.id, kept)
        if self._log.read(lambda c: is_being_removed(c, tuple(kept.values()))):
            raise StoreUnavailable("the same content is being taken out just now")
        for file in files.values():
            self._runtime.run_aside(partial(self.store.keep, file))
        return kept

    @contextmanager
    def scratch(self, length: int) -> Iterator[Path]:
        """A folder for ``length`` bytes that are gone afterwards. Raises DiskFull."""
        self.disk.refuse(length)
        with as_disk_full():
            folder = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _touched(self, one: Upload) -> datetime:
        """When its last piece came."""
        return max(one.created_at, datetime.fromtimestamp(_modified(self._part(one.id)), UTC))

    def _part(self, id_: str) -> Path:
        return self.folder / f"{id_}.part"

    @contextmanager
    def _alone(self, id_: str) -> Iterator[FileIO]:
        """The file, for one writer at a time over all processes. Raises Busy; ValueError when it is gone."""
        try:
            file = self._part(id_).open("r+b", buffering=0)
        except FileNotFoundError as error:
            raise ValueError(0) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Busy from error
            yield file


def _written(file: FileIO, block: bytes) -> int:
    """Write all of it, straight to the file: its size is what came, also when the disk takes only a part."""
    left = memoryview(block)
    with as_disk_full():
        while left:
            left = left[file.write(left) :]
    return len(block)


def _modified(path: Path) -> float:
    """Seconds since 1970; those of the beginning where nothing is there (any more)."""
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return 0.0


def _bounds(settings: MediaSettings) -> PublicBounds:
    mb = 1_000_000
    lying, day, address = settings.public_mb, settings.public_day_mb, settings.public_address_mb
    return PublicBounds(lying=lying * mb, day=day * mb, address=address * mb)
