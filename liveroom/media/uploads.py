"""The upload pipeline: files on their way in, taken piece by piece, examined when whole, stored by content.

A piece is appended to a part file in the data folder, whose size is the offset: what arrived and is there counts,
whatever was lost. Several web processes of one machine share that folder. Nothing is written into the reserve that the
disk keeps for the log. States are those of log.uploads; open, checking, ready or refused.
"""

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

# Unfinished uploads of one sender for one subject.
MOST_UNDER_WAY = 20
BLOCK = 1 << 18
# Files that are examined at once: each child may take 2 GB and a processor. One place is for people who are logged in.
CHILDREN = 2
# What is announced and of which nothing comes for so long is given up: it holds room that others could have.
UNBEGUN = timedelta(minutes=5)
# A folder of copies that is older than this belongs to a process that was killed.
LEFT_BEHIND = timedelta(hours=1)
# Uploads whose content is taken out of the store at once.
BATCH = 100
log = logging.getLogger(__name__)


class Busy(Exception):
    """Another request writes to this file just now."""


class UploadPipeline:
    """``store`` holds content, ``folder`` the part files, ``register`` the uploads; ``waits`` rings when one must wait.

    ``disk``: where there has to be room for it; None: that of the settings.
    """

    def __init__(
        self, room: Room, settings: MediaSettings, data_dir: Path, runtime: Runtime, disk: Disk | None = None
    ) -> None:
        self.store = MediaStore(settings.store, data_dir, runtime.run_aside)
        self.disk = disk or disk_of(settings, data_dir)
        self._log = room.log
        self.register = Uploads(room.log, _bounds(settings))
        self.cleaner = StoreCleaner(room.log, self.store)
        self.waits = Bell()
        self._similarity = SimilarityJob(room.log, self.register, runtime)
        self._settings = settings
        self._runtime = runtime
        self._places = threading.Semaphore(CHILDREN)
        self._public_places = threading.Semaphore(CHILDREN - 1)
        self.folder = data_dir / "uploads"
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def longest(self) -> int:
        """The most bytes that any file may have."""
        return max(self._settings.photo_mb, self._settings.video_mb) * 1_000_000

    @property
    def longest_photo(self) -> int:
        """The most bytes that a photo may have."""
        return self._settings.photo_mb * 1_000_000

    @property
    def idle(self) -> timedelta:
        """Without a log-in, a broken-off upload waits so long for its next piece."""
        return timedelta(minutes=self._settings.public_unfinished_minutes)

    def expires(self, one: Upload) -> datetime:
        """When an unfinished upload is given up; without a log-in sooner, counted from its last piece."""
        last = one.created_at + timedelta(hours=self._settings.unfinished_hours)
        return min(last, self._touched(one) + self.idle) if one.strange else last

    def begin(self, *, subject: str, kind: str, by: str, length: int, origin: str | None = None) -> Upload:
        """Announce a file; ``origin`` not None: from somebody without a log-in.

        Raises TooManyUploads, BoundReached; DiskFull where there is no room for it and its copies.
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
        """Append what ``read`` gives, up to the file's length; returns the new offset.

        What arrived before a connection broke, or before the disk took no more, is kept. Raises Busy, DiskFull;
        ValueError when ``offset`` is not where the file ends.
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
                    here += _write(file, block)
            finally:
                self._sync(file, offset)
        if here == one.length:
            self._begin_check(one)
        return here

    def resume(self, one: Upload) -> int:
        """The offset to go on at. A file that became whole while the database was away is examined now."""
        here = self.offset(one)
        if one.state is UploadState.OPEN and here == one.length:
            self._begin_check(one)
        return here

    def end(self, one: Upload) -> None:
        """Give up an upload for its sender."""
        if self.register.forget(one.id, self.offset(one)):
            self.discard(one)

    def end_unwanted(self) -> None:
        """Give up what was begun without a log-in and not gone on with, and what found no room and no report.

        Raises Unavailable.
        """
        for one in self.register.idle(min(self.idle, UNBEGUN)):
            patience = self.idle if self.offset(one) else min(self.idle, UNBEGUN)
            if self._touched(one) + patience < system_now():
                self.end(one)
        for one in self.register.stuck(timedelta(hours=self._settings.unused_hours)):
            if self.register.give_up(one):
                self.discard(one)

    def discard(self, one: Upload) -> None:
        """Delete the part file: nothing more comes, and what came is not needed."""
        self._part(one.id).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove the folders of copies that killed processes left behind."""
        before = (system_now() - LEFT_BEHIND).timestamp()
        for path in self.folder.iterdir():
            if path.is_dir() and _modified(path) < before:
                shutil.rmtree(path, ignore_errors=True)

    def check(self, one: Upload) -> bool:
        """Examine a whole file and store it, or refuse it.

        False: the store, the database or room on the disk is missing; check it again later.
        """
        try:
            refused = self._examine_or_refuse(one)
            if refused:
                self.register.move(one.id, UploadState.REFUSED, frm=UploadState.CHECKING, code=refused)
        except (StoreUnavailable, DiskFull, BoundReached) as error:
            log.warning("a file waits for room or for the media store: %s", error)
            self._mark_waiting(one)
            return False
        except Unavailable as error:
            log.warning("a file could not be registered: %s", error)
            return False
        self.discard(one)
        with suppress(Unavailable):
            self._similarity.again(one.subject)
        return True

    def check_again(self, one: Upload) -> bool:
        """Check a file that a process left half examined, or that waited for the store; refused if it is gone."""
        if self._part(one.id).exists():
            return self.check(one)
        self.register.move(one.id, UploadState.REFUSED, frm=UploadState.CHECKING, code="lost")
        return True

    @contextmanager
    def scratch(self, length: int) -> Iterator[Path]:
        """A temporary folder with room for ``length`` bytes, removed afterwards. Raises DiskFull."""
        self.disk.refuse(length)
        with as_disk_full():
            folder = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _sync(self, file: FileIO, offset: int) -> None:
        """Write the piece through to the disk; where that fails nobody knows what is there, so it is cut off again."""
        try:
            with as_disk_full():
                self._runtime.run_aside(partial(os.fsync, file.fileno()))
        except DiskFull:
            file.truncate(offset)
            raise

    def _examine_or_refuse(self, one: Upload) -> str:
        """Empty for a file that is stored, else the code for which it is refused."""
        try:
            self._examine(one)
        except Unfit as no:
            # A child that cannot write its copies answers like one that cannot read the file to its end.
            if no.code == "broken" and self.disk.low:
                raise DiskFull("no room to look into a file") from no
            return no.code
        return ""

    def _begin_check(self, one: Upload) -> None:
        if self.register.move(one.id, UploadState.CHECKING, frm=UploadState.OPEN):
            self._runtime.spawn(self._check_or_wait, one)

    def _check_or_wait(self, one: Upload) -> None:
        if not self.check(one):
            self.waits.ring()

    def _examine(self, one: Upload) -> None:
        with self._examination_place(one), self.scratch(COPIES * one.length) as folder:
            facts = look_into(self._part(one.id), folder, self._settings.limits, self._runtime.run_child)
            kept = self._store(one, folder)
        if not self.register.ready(one.id, facts, self._similarity.of(one, facts), kept):
            self.cleaner.empty(one.subject)

    @contextmanager
    def _examination_place(self, one: Upload) -> Iterator[None]:
        """Wait for a place; one is never for public uploads, or many heavy files would keep proofs waiting."""
        with self._public_places if one.strange else nullcontext(), self._places:
            yield

    def _mark_waiting(self, one: Upload) -> None:
        with suppress(Unavailable):
            self.register.move(one.id, UploadState.CHECKING, frm=UploadState.CHECKING, code=WAITS)

    def _store(self, one: Upload, folder: Path) -> dict[str, str]:
        """Store original, clean copy and thumbnail; their hashes by name. Raises StoreUnavailable, DiskFull."""
        files = {"original": self._part(one.id), "clean": folder / CLEAN, "thumb": folder / THUMB}
        size = sum(file.stat().st_size for file in files.values())
        if not self.store.in_bucket:
            self.disk.refuse(size)
        self.register.take(one.id, size)
        kept = {name: self._runtime.run_aside(partial(sha256_of, file)) for name, file in files.items()}
        self.register.name(one.id, kept)
        if self._log.read(lambda c: is_being_removed(c, tuple(kept.values()))):
            raise StoreUnavailable("the same content is being taken out just now")
        for file in files.values():
            self._runtime.run_aside(partial(self.store.keep, file))
        return kept

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


class StoreCleaner:
    """Takes erased and given-up content out of the store; rows name it until then, so the store may be away.

    Several may do it at once, and again: then nothing is left to do.
    """

    def __init__(self, log: EventLog, store: MediaStore) -> None:
        self._log = log
        self._store = store

    def empty(self, subject: str | None = None) -> None:
        """Erase it for all complaints or for one. Raises StoreUnavailable, Unavailable: what is left stays named."""
        while part := self._log.read(partial(uploads_to_empty, subject=subject, limit=BATCH)):
            for one in part:
                for name in self._log.read(partial(unshared_content, one=one)):
                    self._store.erase(name)
                self._log.touch(partial(mark_emptied, one=one))


def _write(file: FileIO, block: bytes) -> int:
    """Write the block unbuffered, so that the file's size is what came, also when the disk takes only a part."""
    left = memoryview(block)
    with as_disk_full():
        while left:
            left = left[file.write(left) :]
    return len(block)


def _modified(path: Path) -> float:
    """Unix time of the last change; 0 where there is no such file (any more)."""
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return 0.0


def _bounds(settings: MediaSettings) -> PublicBounds:
    mb = 1_000_000
    lying, day, address = settings.public_mb, settings.public_day_mb, settings.public_address_mb
    return PublicBounds(lying=lying * mb, day=day * mb, address=address * mb)
