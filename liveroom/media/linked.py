"""Linked pictures: fetches those that a source only links to, from the configured hosts, to compare proofs with them.

- `LinkedPictures`: the loop; one process holds the lease. A fetched picture goes the way of a citizen's own upload.
- `Fetcher`: one GET: https, no redirect, no proxy, no private address, bounded in time and size.
"""

import logging
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from liveroom.log.engine import Unavailable
from liveroom.log.event_log import NoLog
from liveroom.log.lease import Lease
from liveroom.log.uploads import COPIES, LinkedPicture, UploadState, id_at, not_fetched
from liveroom.media.uploads import UploadPipeline
from liveroom.room.room import Room
from liveroom.runtime import Runtime
from liveroom.runtime.config import Host, host_of
from liveroom.runtime.disk import DiskFull
from liveroom.runtime.http_client import OK, BoundedClient, InternalAddress, meant_inside, retryable
from liveroom.runtime.time import monotonic, system_now

if TYPE_CHECKING:
    import httpx

ROUND_S = 5.0
# The lease: one picture may take half a minute to come and a minute to be examined.
LASTS = timedelta(minutes=2)
LOOK_BACK = timedelta(days=30)
# Linked pictures that are read at once.
BATCH = 50
# Pauses before a picture is fetched again.
RETRY_S = (30, 120, 600, 3600)
# One GET, and one block of its answer.
WHOLE_S = 30.0
BLOCK = 1 << 16
log = logging.getLogger(__name__)


class FetchedPicture(StrEnum):
    """The result of a GET: here, ``later`` (nobody answered, or not now), ``never`` (it is not to be fetched)."""

    HERE = "here"
    LATER = "later"
    NEVER = "never"


class Fetcher:
    """``hosts`` may be asked; one that is given as an address may be a private one. ``most``: bytes of a file."""

    def __init__(self, hosts: tuple[Host, ...], most: int) -> None:
        self._hosts = hosts
        self._most = most
        self._client = BoundedClient(WHOLE_S)

    def fetch(self, url: str, file: Path) -> FetchedPicture:
        """Write the picture at ``url`` to ``file``."""
        host = host_of(url)
        if host is None or host not in self._hosts:
            return FetchedPicture.NEVER
        try:
            return self._get(url, file)
        except InternalAddress:
            return FetchedPicture.NEVER
        except (OSError, ValueError):
            return FetchedPicture.LATER

    def _get(self, url: str, file: Path) -> FetchedPicture:
        headers = {"User-Agent": "Liveroom", "Accept": "image/*"}
        inside = meant_inside(url, said=False)
        with self._client.request_outside("GET", url, inside=inside, headers=headers) as answer:
            if answer.status_code != OK:
                return FetchedPicture.LATER if retryable(answer.status_code) else FetchedPicture.NEVER
            return self._save(answer, file)

    def _save(self, answer: "httpx.Response", file: Path) -> FetchedPicture:
        """Write the body as it came, never unpacked."""
        size = 0
        with file.open("wb") as kept:
            for block in answer.iter_raw(BLOCK):
                size += len(block)
                if size > self._most:
                    return FetchedPicture.NEVER
                kept.write(block)
        return FetchedPicture.HERE if size else FetchedPicture.NEVER


class LinkedPictures:
    """Fetches from the configured ``hosts`` alone."""

    def __init__(self, room: Room, uploads: UploadPipeline, hosts: tuple[Host, ...]) -> None:
        self._room = room
        self._uploads = uploads
        self._hosts = hosts
        self._lease = Lease(room.log, "pictures", LASTS)
        self._fetcher = Fetcher(hosts, uploads.longest_photo)
        self._last = id_at(system_now() - LOOK_BACK)
        # By id: the picture, how often it was tried, and when (monotonic) it is tried again.
        self._later: dict[str, tuple[LinkedPicture, int, float]] = {}

    def run(self, runtime: Runtime) -> None:
        """Fetch for ever; what fails is tried again later."""
        while True:
            runtime.sleep(ROUND_S)
            try:
                while self.step():
                    runtime.sleep(0)
            except (Unavailable, NoLog) as error:
                log.warning("linked pictures wait for the log: %s", error)
            except Exception:
                log.exception("fetching pictures failed; it goes on at the next round")

    def step(self) -> bool:
        """Fetch what is new and what is due again; True when there may be more. Nothing is fetched on a full disk."""
        if not self._has_room() or not self._lease.take():
            return False
        for linked, tries, at in list(self._later.values()):
            if at <= monotonic():
                self._fetch(linked, tries)
        new = self._room.log.read(lambda c: not_fetched(c, self._last, BATCH))
        for linked in new:
            if host_of(linked.url) in self._hosts:
                self._fetch(linked, 0)
            self._last = linked.id
        return len(new) == BATCH

    def _fetch(self, linked: LinkedPicture, tries: int) -> None:
        if not self._lease.take():
            return
        try:
            with self._uploads.scratch(self._uploads.longest_photo) as folder:
                self._fetch_into(folder / "picture", linked, tries)
        except DiskFull:  # nothing is wrong with the picture
            self._later[linked.id] = (linked, tries, monotonic() + RETRY_S[0])

    def _fetch_into(self, file: Path, linked: LinkedPicture, tries: int) -> None:
        found = self._fetcher.fetch(linked.url, file)
        if found is FetchedPicture.LATER and (tries < len(RETRY_S) or not self._has_room()):
            done = min(tries, len(RETRY_S) - 1)
            self._later[linked.id] = (linked, done + 1, monotonic() + RETRY_S[done])
            return
        self._later.pop(linked.id, None)
        if found is FetchedPicture.HERE:
            self._upload(linked, file)
        else:
            self._give_up(linked)

    def _has_room(self) -> bool:
        """Whether a photo of the largest size and its copies would fit on the disk."""
        try:
            self._uploads.disk.refuse((1 + COPIES) * self._uploads.longest_photo)
        except DiskFull:
            return False
        return True

    def _upload(self, linked: LinkedPicture, file: Path) -> None:
        length = file.stat().st_size
        one = self._uploads.begin(subject=linked.subject, kind="report", by=linked.by, length=length)
        try:
            with file.open("rb") as opened:
                self._uploads.append(one, 0, opened.read)
        except DiskFull:
            self._uploads.end(one)  # else it would count as fetched
            raise

    def _give_up(self, linked: LinkedPicture) -> None:
        """Keep it as a refused upload, so that it is never fetched again."""
        one = self._uploads.begin(subject=linked.subject, kind="report", by=linked.by, length=1)
        self._uploads.register.move(one.id, UploadState.REFUSED, frm=UploadState.OPEN, code="fetch")
        self._uploads.discard(one)
        log.warning("a linked picture of complaint %s cannot be fetched", linked.subject)
