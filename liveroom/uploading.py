"""Files on their way in: taken piece by piece, looked into when whole, kept by content; the way of design section 6.

A piece is appended to a file of its own in the data folder, whose size is the offset: what was received and is there
counts, whatever was lost. Several web processes of one machine share that folder.
"""

import fcntl
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO

from liveroom.config_media import MediaSettings
from liveroom.likening import Likening
from liveroom.log.book import Unavailable
from liveroom.log.uploads import Upload, Uploads, UploadState
from liveroom.media.examine import CLEAN, THUMB
from liveroom.media.facts import Unfit
from liveroom.media.looking import look_into
from liveroom.media.store import MediaStore
from liveroom.room import Room
from liveroom.runtime import Runtime

MOST_UNDER_WAY = 20
BLOCK = 1 << 18
ABANDONED = timedelta(minutes=5)
SWEEP_S = 60.0
# Each child may take 2 GB and a processor.
LOOKED_INTO_AT_ONCE = 2
log = logging.getLogger(__name__)


class Busy(Exception):
    """Another request is writing to this file just now."""


class Uploading:
    """``store`` and ``folder`` hold content, ``register`` what is known of it."""

    def __init__(self, room: Room, settings: MediaSettings, data_dir: Path, runtime: Runtime) -> None:
        self.store = MediaStore(settings.store, data_dir)
        self.register = Uploads(room.log)
        self._likening = Likening(room.log, self.register, runtime)
        self._settings = settings
        self._runtime = runtime
        self._looking = threading.Semaphore(LOOKED_INTO_AT_ONCE)
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

    def begin(self, *, subject: str, kind: str, by: str, length: int) -> Upload:
        """Expect a file. Raises TooMany."""
        one = self.register.begin(subject=subject, kind=kind, by=by, length=length, most=MOST_UNDER_WAY)
        self._part(one.id).touch(mode=0o600)
        return one

    def offset(self, one: Upload) -> int:
        """Bytes that are here; all of them once it is whole."""
        if one.state is not UploadState.OPEN:
            return one.length
        with suppress(FileNotFoundError):
            return self._part(one.id).stat().st_size
        return 0

    def append(self, one: Upload, offset: int, read: Callable[[int], bytes]) -> int:
        """Take what ``read`` gives, up to the file's length; returns the new offset. Raises Busy, ValueError.

        ValueError: ``offset`` is not where the file ends. What arrived before a connection broke is kept.
        """
        with self._alone(one.id) as file:
            here = file.seek(0, os.SEEK_END)
            if here != offset:
                raise ValueError(here)
            while here < one.length and (block := read(min(BLOCK, one.length - here))):
                file.write(block)
                here += len(block)
            file.flush()
            self._runtime.run_aside(partial(os.fsync, file.fileno()))
        if here == one.length and self.register.move(one.id, UploadState.CHECKING, frm=UploadState.OPEN):
            self._runtime.spawn(self.check, one)
        return here

    def end(self, one: Upload) -> None:
        """The sender gives up."""
        self.register.forget(one.id)
        self.let_go(one)

    def let_go(self, one: Upload) -> None:
        """Nothing more comes, and what came is not needed."""
        self._part(one.id).unlink(missing_ok=True)

    def check(self, one: Upload) -> None:
        """Look into a whole file and keep it, or say why not. A database that is away leaves it to the sweep."""
        try:
            with self._looking, tempfile.TemporaryDirectory(dir=self.folder) as folder:
                facts = look_into(self._part(one.id), Path(folder), self._settings.limits, self._runtime.run_aside)
                kept = self._kept(one, Path(folder))
            self.register.ready(one.id, facts, self._likening.of(one, facts), kept)
        except Unfit as no:
            self.register.move(one.id, UploadState.REFUSED, frm=UploadState.CHECKING, code=no.code)
        except Unavailable as error:
            log.warning("a file could not be registered: %s", error)
            return
        self.let_go(one)
        with suppress(Unavailable):
            self._likening.again(one.subject)

    def sweep(self) -> None:
        """Look into what a process left behind, and drop what nobody went on sending."""
        for one in self.register.stale(UploadState.CHECKING, ABANDONED):
            if self._part(one.id).exists():
                self.check(one)
            else:
                self.register.move(one.id, UploadState.REFUSED, frm=UploadState.CHECKING, code="lost")
        unfinished = timedelta(hours=self._settings.unfinished_hours)
        for one in self.register.stale(UploadState.OPEN, unfinished):
            self.end(one)
        for one in self.register.unclaimed(unfinished):
            self._drop(one)

    def _drop(self, one: Upload) -> None:
        """A picture of no report, for nobody ever sent one with it."""
        for name in self.register.drop(one):
            self.store.erase(name)

    def run(self, runtime: Runtime) -> None:
        """Sweep for ever."""
        while True:
            runtime.sleep(SWEEP_S)
            with suppress(Unavailable):
                self.sweep()

    def _kept(self, one: Upload, folder: Path) -> dict[str, str]:
        """The hashes of the three contents, by their names in the register."""
        files = {"original": self._part(one.id), "clean": folder / CLEAN, "thumb": folder / THUMB}
        return {name: self._runtime.run_aside(partial(self.store.keep, file)) for name, file in files.items()}

    def _part(self, id_: str) -> Path:
        return self.folder / f"{id_}.part"

    @contextmanager
    def _alone(self, id_: str) -> Iterator[BinaryIO]:
        """The file, for one writer at a time over all processes. Raises Busy; ValueError when it is gone."""
        try:
            file = self._part(id_).open("r+b")
        except FileNotFoundError as error:
            raise ValueError(0) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Busy from error
            yield file
