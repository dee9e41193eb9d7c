"""Goes through the files on their way in: what waits for the store, what was left behind, what is to go."""

import logging
from datetime import timedelta

from liveroom.log.engine import Unavailable
from liveroom.log.uploads import WAITS, UploadState
from liveroom.media.store import StoreAway
from liveroom.media.uploads import Uploading
from liveroom.runtime import Runtime, metrics
from liveroom.unused_files import UnusedFiles

ABANDONED = timedelta(minutes=5)
EVERY_S, FIRST_AGAIN_S = 60.0, 5.0
log = logging.getLogger(__name__)


class Sweeping:
    """Every web process of a machine does it; ``unfinished``: how long a file that is cut off waits."""

    def __init__(self, uploading: Uploading, unfinished: timedelta, unused: UnusedFiles) -> None:
        self._uploading = uploading
        self._register = uploading.register
        self._unfinished = unfinished
        self._unused = unused

    def run(self, runtime: Runtime) -> None:
        """For ever; what begins to wait for the store is tried again after 5 s, then ever more slowly."""
        metrics.MEDIA_STORE.set(1)
        pause, waits = EVERY_S, False
        while True:
            waited, waits = waits, self.step()
            pause = (min(EVERY_S, pause * 2) if waited else FIRST_AGAIN_S) if waits else EVERY_S
            if self._uploading.waits.wait(pause):
                waits = False
                runtime.sleep(FIRST_AGAIN_S)

    def step(self) -> bool:
        """Go through everything once; True while the store is away or does not take what waits for it."""
        try:
            self._measure()
            self._tidy()
            # Emptied first: what waits may wait for the room that this makes.
            return not (self._answers() and self._empty() and self._keep_what_waited())
        except Unavailable:
            return False
        except OSError as error:
            log.warning("files on their way in cannot be looked through: %s", error.strerror)
            return False

    def _measure(self) -> None:
        for fill in self._uploading.disk.fills()[:1]:
            metrics.DISK_FREE.set(fill.free)
            metrics.DISK_RESERVE.set(fill.reserve)
        lying, came = self._register.strangers()
        metrics.PUBLIC_UPLOADS.labels("unclaimed").set(lying)
        metrics.PUBLIC_UPLOADS.labels("day").set(came)
        if (bounds := self._register.bounds) is not None:
            metrics.PUBLIC_UPLOADS_MOST.labels("unclaimed").set(bounds.lying)
            metrics.PUBLIC_UPLOADS_MOST.labels("day").set(bounds.day)

    def _tidy(self) -> None:
        for one in self._register.stale(UploadState.CHECKING, ABANDONED):
            if one.code != WAITS:
                self._uploading.left(one)
        for one in self._register.stale(UploadState.OPEN, self._unfinished):
            if self._uploading.resume(one) < one.length:
                self._uploading.end(one)
        self._uploading.end_unwanted()
        self._unused.give_up()
        self._register.forget_old()
        self._uploading.tidy()

    def _answers(self) -> bool:
        """Whether the store can be used; told to whoever watches the room."""
        try:
            self._uploading.store.probe()
        except StoreAway as error:
            log.warning("%s", error)
            metrics.MEDIA_STORE.set(0)
            return False
        metrics.MEDIA_STORE.set(1)
        return True

    def _keep_what_waited(self) -> bool:
        """False as soon as the store does not take one: the others would only fail as well."""
        mine = (one for one in self._register.waiting() if self._register.take_up(one.id))
        return all(self._uploading.left(one) for one in mine)

    def _empty(self) -> bool:
        try:
            self._uploading.emptying.empty()
        except StoreAway as error:
            log.warning("what was erased is still in the store: %s", error)
            return False
        return True
