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
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO

from liveroom.config_media import MediaSettings
from liveroom.emptying import Emptying
from liveroom.likening import Likening
from liveroom.log.book import Unavailable
from liveroom.log.emptying import on_its_way_out
from liveroom.log.uploads import WAITS, Upload, Uploads, UploadState
from liveroom.media.away import StoreAway
from liveroom.media.examine import CLEAN, THUMB
from liveroom.media.facts import Unfit
from liveroom.media.looking import look_into
from liveroom.media.store import MediaStore, sha256_of
from liveroom.room import Room
from liveroom.runtime import Bell, Runtime

MOST_UNDER_WAY = 20
BLOCK = 1 << 18
# Each child may take 2 GB and a processor.
LOOKED_INTO_AT_ONCE = 2
log = logging.getLogger(__name__)


class Busy(Exception):
    """Another request is writing to this file just now."""


class Uploading:
    """``store`` and ``folder`` hold content, ``register`` what is known; ``waits`` rings when one begins to wait."""

    def __init__(self, room: Room, settings: MediaSettings, data_dir: Path, runtime: Runtime) -> None:
        self.store = MediaStore(settings.store, data_dir, runtime.run_aside)
        self._log = room.log
        self.register = Uploads(room.log)
        self.emptying = Emptying(room.log, self.store)
        self.waits = Bell()
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

    def expires(self, one: Upload) -> datetime:
        """When one that is not whole by then is given up."""
        return one.created_at + timedelta(hours=self._settings.unfinished_hours)

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
            self._runtime.spawn(self._begin_check, one)
        return here

    def end(self, one: Upload) -> None:
        """The sender gives up."""
        self.register.forget(one.id)
        self.let_go(one)

    def let_go(self, one: Upload) -> None:
        """Nothing more comes, and what came is not needed."""
        self._part(one.id).unlink(missing_ok=True)

    def check(self, one: Upload) -> bool:
        """Look into a whole file and keep it, or say why not; False: the store or the database is away, look again."""
        try:
            self._keep(one)
        except Unfit as no:
            self.register.move(one.id, UploadState.REFUSED, frm=UploadState.CHECKING, code=no.code)
        except StoreAway as error:
            log.warning("a file waits for the media store: %s", error)
            self._wait(one)
            return False
        except Unavailable as error:
            log.warning("a file could not be registered: %s", error)
            return False
        self.let_go(one)
        with suppress(Unavailable):
            self._likening.again(one.subject)
        return True

    def left(self, one: Upload) -> bool:
        """One that a process left half looked into, or that waited for the store: again, if the file is still here."""
        if self._part(one.id).exists():
            return self.check(one)
        self.register.move(one.id, UploadState.REFUSED, frm=UploadState.CHECKING, code="lost")
        return True

    def _begin_check(self, one: Upload) -> None:
        if not self.check(one):
            self.waits.ring()

    def _keep(self, one: Upload) -> None:
        with self._looking, tempfile.TemporaryDirectory(dir=self.folder) as folder:
            facts = look_into(self._part(one.id), Path(folder), self._settings.limits, self._runtime.run_child)
            kept = self._kept(one, Path(folder))
        if not self.register.ready(one.id, facts, self._likening.of(one, facts), kept):
            self.emptying.empty(one.subject)

    def _wait(self, one: Upload) -> None:
        with suppress(Unavailable):
            self.register.move(one.id, UploadState.CHECKING, frm=UploadState.CHECKING, code=WAITS)

    def _kept(self, one: Upload, folder: Path) -> dict[str, str]:
        """The hashes of the three contents, by their names in the register. Raises StoreAway."""
        files = {"original": self._part(one.id), "clean": folder / CLEAN, "thumb": folder / THUMB}
        kept = {name: self._runtime.run_aside(partial(sha256_of, file)) for name, file in files.items()}
        self.register.name(one.id, kept)
        if self._log.read(lambda c: on_its_way_out(c, tuple(kept.values()))):
            raise StoreAway("the same content is being taken out just now")
        for file in files.values():
            self._runtime.run_aside(partial(self.store.keep, file))
        return kept

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
