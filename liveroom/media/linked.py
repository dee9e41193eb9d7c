"""Fetch pictures that a source links to."""

import ipaddress
import logging
import socket
import ssl
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx

from liveroom.log.engine import Unavailable
from liveroom.log.event_log import NoLog
from liveroom.log.lease import Lease
from liveroom.log.uploads import COPIES, LinkedPicture, UploadState, id_at, not_fetched
from liveroom.media.uploads import UploadPipeline
from liveroom.room.room import Room
from liveroom.runtime import Runtime
from liveroom.runtime.config import Host, host_of
from liveroom.runtime.disk import DiskFull
from liveroom.runtime.http_client import STEP_S, Guard, watching, within
from liveroom.runtime.time import monotonic, system_now

# One GET of a picture elsewhere: a configured host, https, no redirect, no private address, bounded in every way.

WHOLE_S = 30.0
BLOCK = 1 << 16


class FetchedPicture(StrEnum):
    """``later``: nobody answered, or not now. ``never``: what is there is not to be fetched."""

    HERE = "here"
    LATER = "later"
    NEVER = "never"


class Fetcher:
    """``hosts``: who may be asked; one that is given as an address may be a private one. ``most`` bytes of a file."""

    def __init__(self, hosts: tuple[Host, ...], most: int) -> None:
        self._hosts = hosts
        self._most = most
        self._tls = ssl.create_default_context()

    def fetch(self, url: str, file: Path) -> FetchedPicture:
        """Get what lies there into ``file``."""
        host = host_of(url)
        if host is None or host not in self._hosts:
            return FetchedPicture.NEVER
        try:
            address = _address(host)
        except OSError:
            return FetchedPicture.LATER
        if address is None:
            return FetchedPicture.NEVER
        with within(WHOLE_S) as guard:
            try:
                return self._got(url, host, address, file, guard)
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
                return FetchedPicture.LATER

    def _got(self, url: str, host: Host, address: str, file: Path, guard: Guard) -> FetchedPicture:
        """Asked of the very address that was looked at: a name may lead elsewhere a moment later."""
        name, port = host
        said = {"Host": name if port == 443 else f"{name}:{port}", "User-Agent": "Liveroom", "Accept": "image/*"}
        extensions = {"sni_hostname": name, "trace": watching(guard)}
        with (
            httpx.Client(verify=self._tls, timeout=STEP_S, follow_redirects=False, trust_env=False) as client,
            client.stream("GET", _at(url, address, port), headers=said, extensions=extensions) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                busy = answer.status_code >= 500 or answer.status_code in (408, 425, 429)
                return FetchedPicture.LATER if busy else FetchedPicture.NEVER
            return self._written(answer, file, guard)

    def _written(self, answer: httpx.Response, file: Path, guard: Guard) -> FetchedPicture:
        """As it came, never unpacked."""
        size = 0
        with file.open("wb") as kept:
            for block in answer.iter_raw(BLOCK):
                size += len(block)
                if size > self._most:
                    return FetchedPicture.NEVER
                kept.write(block)
        if guard.late:
            return FetchedPicture.LATER
        return FetchedPicture.HERE if size else FetchedPicture.NEVER


def _address(host: Host) -> str | None:
    """Where the name leads; None when any of it is private, unless the host is itself given as an address."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(*host, type=socket.SOCK_STREAM)]
    given = _is_address(host[0])
    if not found or not (given or all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in found)):
        return None
    return found[0]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _at(url: str, address: str, port: int) -> str:
    parts = urlsplit(url)
    place = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    return urlunsplit(("https", place, parts.path or "/", parts.query, ""))


# Fetches the pictures that a source only links to, once, from the configured hosts: a proof is held against them.
#
# Leased, one active. What is fetched is looked into and kept like a citizen's own upload.

ROUND_S = 5.0
# One picture may take half a minute to come and a minute to be looked into.
LASTS = timedelta(minutes=2)
LOOK_BACK = timedelta(days=30)
AT_ONCE = 50
AGAIN_S = (30, 120, 600, 3600)
log = logging.getLogger(__name__)


class LinkedPictures:
    """``hosts`` as configured; nothing is asked of any other."""

    def __init__(self, room: Room, uploading: UploadPipeline, hosts: tuple[Host, ...]) -> None:
        self._room = room
        self._uploading = uploading
        self._hosts = hosts
        self._lease = Lease(room.log, "pictures", LASTS)
        self._fetcher = Fetcher(hosts, uploading.longest_photo)
        self._last = id_at(system_now() - LOOK_BACK)
        self._later: dict[str, tuple[LinkedPicture, int, float]] = {}

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

    def _fetch(self, linked: LinkedPicture, tries: int) -> None:
        if not self._lease.take():
            return
        try:
            with self._uploading.scratch(self._uploading.longest_photo) as folder:
                self._fetch_into(folder / "picture", linked, tries)
        except DiskFull:  # nothing is wrong with the picture
            self._later[linked.id] = (linked, tries, monotonic() + AGAIN_S[0])

    def _fetch_into(self, file: Path, linked: LinkedPicture, tries: int) -> None:
        found = self._fetcher.fetch(linked.url, file)
        if found is FetchedPicture.LATER and (tries < len(AGAIN_S) or not self._roomy()):
            last = len(AGAIN_S) - 1
            self._later[linked.id] = (linked, min(tries, last) + 1, monotonic() + AGAIN_S[min(tries, last)])
            return
        self._later.pop(linked.id, None)
        if found is FetchedPicture.HERE:
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

    def _keep(self, linked: LinkedPicture, file: Path) -> None:
        length = file.stat().st_size
        one = self._uploading.begin(subject=linked.subject, kind="report", by=linked.by, length=length)
        try:
            with file.open("rb") as opened:
                self._uploading.append(one, 0, opened.read)
        except DiskFull:
            self._uploading.end(one)  # else it would count as fetched
            raise

    def _give_up(self, linked: LinkedPicture) -> None:
        """On record, so that it is never asked for again."""
        one = self._uploading.begin(subject=linked.subject, kind="report", by=linked.by, length=1)
        self._uploading.register.move(one.id, UploadState.REFUSED, frm=UploadState.OPEN, code="fetch")
        self._uploading.let_go(one)
        log.warning("a linked picture of complaint %s cannot be fetched", linked.subject)
