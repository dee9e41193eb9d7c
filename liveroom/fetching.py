"""Fetches the pictures that a source only links to, once, from the configured hosts: a proof is held against them.

Leased, one active. What is fetched is looked into and kept like a citizen's own upload.
"""

import logging
from datetime import timedelta
from pathlib import Path

from liveroom.fetched import Fetched, Fetcher
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import NoLog
from liveroom.log.lease import Lease
from liveroom.log.uploads import COPIES, Linked, UploadState, id_at, not_fetched
from liveroom.room.room import Room
from liveroom.runtime import Runtime
from liveroom.runtime.config import Host, host_of
from liveroom.runtime.disk import DiskFull
from liveroom.runtime.time import monotonic, system_now
from liveroom.uploading import Uploading

ROUND_S = 5.0
# One picture may take half a minute to come and a minute to be looked into.
LASTS = timedelta(minutes=2)
LOOK_BACK = timedelta(days=30)
AT_ONCE = 50
AGAIN_S = (30, 120, 600, 3600)
log = logging.getLogger(__name__)


class Fetching:
    """``hosts`` as configured; nothing is asked of any other."""

    def __init__(self, room: Room, uploading: Uploading, hosts: tuple[Host, ...]) -> None:
        self._room = room
        self._uploading = uploading
        self._hosts = hosts
        self._lease = Lease(room.log, "pictures", LASTS)
        self._fetcher = Fetcher(hosts, uploading.longest_photo)
        self._last = id_at(system_now() - LOOK_BACK)
        self._later: dict[str, tuple[Linked, int, float]] = {}

    def run(self, runtime: Runtime) -> None:
        """Go round for ever; what fails is tried again later."""
        while True:
            runtime.sleep(ROUND_S)
            try:
                while self.round():
                    runtime.sleep(0)
            except (Unavailable, NoLog) as error:
                log.warning("linked pictures wait for the log: %s", error)
            except Exception:
                log.exception("fetching pictures failed; it goes on at the next round")

    def round(self) -> bool:
        """Fetch what is new and what is due again; True when there may be more. A full disk is waited for."""
        if not self._roomy() or not self._lease.take():
            return False
        for linked, tries, at in list(self._later.values()):
            if at <= monotonic():
                self._fetch(linked, tries)
        part = self._room.log.read(lambda c: not_fetched(c, self._last, AT_ONCE))
        for linked in part:
            if host_of(linked.url) in self._hosts:
                self._fetch(linked, 0)
            self._last = linked.id
        return len(part) == AT_ONCE

    def _fetch(self, linked: Linked, tries: int) -> None:
        if not self._lease.take():
            return
        try:
            with self._uploading.scratch(self._uploading.longest_photo) as folder:
                self._fetch_into(folder / "picture", linked, tries)
        except DiskFull:  # nothing is wrong with the picture
            self._later[linked.id] = (linked, tries, monotonic() + AGAIN_S[0])

    def _fetch_into(self, file: Path, linked: Linked, tries: int) -> None:
        found = self._fetcher.fetch(linked.url, file)
        if found is Fetched.LATER and (tries < len(AGAIN_S) or not self._roomy()):
            last = len(AGAIN_S) - 1
            self._later[linked.id] = (linked, min(tries, last) + 1, monotonic() + AGAIN_S[min(tries, last)])
            return
        self._later.pop(linked.id, None)
        if found is Fetched.HERE:
            self._keep(linked, file)
        else:
            self._give_up(linked)

    def _roomy(self) -> bool:
        """Whether a photo of any size, and its copies, would find room."""
        try:
            self._uploading.disk.refuse((1 + COPIES) * self._uploading.longest_photo)
        except DiskFull:
            return False
        return True

    def _keep(self, linked: Linked, file: Path) -> None:
        length = file.stat().st_size
        one = self._uploading.begin(subject=linked.subject, kind="report", by=linked.by, length=length)
        try:
            with file.open("rb") as opened:
                self._uploading.append(one, 0, opened.read)
        except DiskFull:
            self._uploading.end(one)  # else it would count as fetched
            raise

    def _give_up(self, linked: Linked) -> None:
        """On record, so that it is never asked for again."""
        one = self._uploading.begin(subject=linked.subject, kind="report", by=linked.by, length=1)
        self._uploading.register.move(one.id, UploadState.REFUSED, frm=UploadState.OPEN, code="fetch")
        self._uploading.let_go(one)
        log.warning("a linked picture of complaint %s cannot be fetched", linked.subject)
