"""One serving process from start to drain: which of web, clock and courier it is, its watch over itself, its end."""

import logging
import os
import random
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from app import Web, connection_limits, web_app
from ingest.mail.letter_intake import LetterIntake
from ingest.pull import PullSource
from ingest.rooms.follower import RoomFollower
from ingest.runner import SourceRunners
from ingest.sources.api import IntakeGate
from liveroom.courier.worker import courier_of
from liveroom.log.engine import Unavailable, sqlite_path
from liveroom.log.event_log import EventLog
from liveroom.log.texts import prune_access
from liveroom.maintenance.erasure import Eraser
from liveroom.maintenance.retention import RetentionJob
from liveroom.media.uploads import UploadPipeline
from liveroom.projection.audit import audit_rows
from liveroom.projection.checkpoints import CheckpointWriter
from liveroom.room.bootstrap import OpenRoom
from liveroom.room.clock import Clock, TimeFile
from liveroom.runtime import Runtime
from liveroom.runtime.config import Config, FollowedRoom
from liveroom.runtime.disk import disk_of
from liveroom.runtime.metrics import MISMATCHES, STALLS
from liveroom.runtime.server.connections import Connections, raise_open_files
from liveroom.runtime.server.garbage import GarbagePolicy
from liveroom.runtime.server.http_bounds import RequestsInFlight, listen
from liveroom.runtime.time import monotonic

_DRAIN_S = 1.0
_LAST_ANSWER_S, _LEAVE_S = 10.0, 2.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """The parts that this process runs. ``beside`` prepares a drill or a replay that plays next to it."""

    web: bool = True
    clock: bool = True
    courier: bool = True
    ingest: bool = True
    beside: Callable[[OpenRoom], Callable[[Runtime], None]] | None = None


class ServerProcess:
    """Serves until SIGTERM or SIGINT, then disconnects its screens one by one."""

    def __init__(
        self,
        config: Config,
        opened: OpenRoom,
        runtime: Runtime,
        time_file: TimeFile | None,
        asked: Sequence[PullSource] = (),
        followed: Sequence[FollowedRoom] = (),
    ) -> None:
        """``asked``: the sources that this room asks by itself; ``followed``: the rooms of others."""
        self._asked, self._followed = asked, followed
        self._gate = IntakeGate(config.intake.queue)
        self._config = config
        self._opened = opened
        self._runtime = runtime
        self._time_file = time_file
        self._draining = False
        self._serving = False
        self._web: Web | None = None
        self._in_flight: RequestsInFlight | None = None
        self._releases: list[Callable[[], None]] = []

    def run(self, duties: Duties, started: Callable[[], None]) -> None:
        """Serve; returns when drained. ``started`` is called once requests are accepted."""
        opened, runtime = self._opened, self._runtime
        clock = Clock(opened.room, self._time_file)
        if duties.clock:
            self._releases.append(clock.release)
            clock.tick()
            runtime.spawn(clock.run, runtime)
            runtime.spawn(self._retention().run, runtime)
            runtime.spawn(CheckpointWriter(opened.room.log).run, runtime, lambda: clock.active)
        if duties.courier:
            courier = courier_of(self._config, opened)
            self._releases.append(courier.release)
            runtime.spawn(courier.run, runtime)
        if duties.ingest:
            letters = LetterIntake(opened.room, self._uploads())
            runners = SourceRunners(opened.room, opened.sources, self._asked, self._gate, letters=letters)
            self._releases.append(runners.stop)
            runtime.spawn(runners.run, runtime)
            follower = RoomFollower(opened.room.log, self._followed)
            self._releases.append(follower.stop)
            runtime.spawn(follower.run, runtime)
        opened.doorbell.start(runtime)
        runtime.spawn(_watch, runtime, opened.room.log, timedelta(days=self._config.access.keep_days))
        if duties.beside is not None:
            runtime.spawn(duties.beside(opened), runtime)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        if duties.web:
            self._serve(started)
        else:
            started()
            self._wait()

    def _wait(self) -> None:
        """Wait for the end of a process without pages."""
        while not self._draining:
            self._runtime.sleep(0.1)
        self._release()

    def _uploads(self) -> UploadPipeline:
        """The way of photos that a source of this process brings."""
        config, kind = self._config, self._opened.room.kind
        data_dir = Path(config.data_dir)
        disk = disk_of(config.media, data_dir, sqlite_path(config.database_url(kind)))
        return UploadPipeline(self._opened.room, config.media, data_dir, self._runtime, disk)

    def _retention(self) -> RetentionJob:
        """The job that erases personal data after its time."""
        room = self._opened.room
        return RetentionJob(room, Eraser(room, self._config, self._runtime), self._config.keep)

    def _serve(self, started: Callable[[], None]) -> None:
        server, runtime = self._config.server, self._runtime
        self._web = web_app(self._config, self._opened, runtime, lambda: self._draining, self._gate)
        runtime.spawn(self._web.tail.run, runtime, self._opened.bell, lambda: self._opened.doorbell.poll_s)
        runtime.spawn(self._web.presence.run, runtime)
        runtime.spawn(self._web.imports.run, runtime)
        self._releases.append(self._web.imports.stop)
        self._in_flight = RequestsInFlight(self._web.wsgi, lambda: self._draining)
        garbage = GarbagePolicy()
        garbage.begin()
        runtime.spawn(garbage.run, runtime)
        listener = listen(server.host, server.port)
        started()
        limits = connection_limits(self._config, self._opened.room.kind, raise_open_files())
        # The first question for a place imports shapely, which takes 100 ms: now, and not in somebody's POST.
        runtime.spawn(self._opened.room.city.locate, *self._opened.room.city.centre)
        self._serving = True
        if self._draining:  # told to end while all this was made ready
            self._release()
            return
        runtime.serve(self._in_flight, listener, Connections(limits))

    def _on_signal(self, _number: int, _frame: Any) -> None:
        # No work inside the handler itself: it runs wherever the process happens to be.
        if not self._draining:
            self._draining = True
            if self._serving:
                self._runtime.spawn(self._drain)

    def _drain(self) -> None:
        """Say goodbye, close connections over a second so that they do not all reconnect at once, then stop."""
        if self._web is None:
            return
        sockets = self._web.socketio.server.eio.sockets
        self._web.socketio.server.emit("bye", {"wait_ms": [100, 2000]}, namespace="/feed")
        live = [client for client in list(sockets.values()) if not client.closed]
        for client in live:
            client.close(wait=False)
            self._runtime.sleep(_DRAIN_S / len(live))
        self._finish_requests()
        self._web.presence.end()
        self._runtime.sleep(0.2)
        self._release()
        self._runtime.stop()
        self._runtime.sleep(_LEAVE_S)
        # A client that still holds a connection has sent half a request and nothing since; nothing of it is written.
        os._exit(0)

    def _release(self) -> None:
        """Release the leases, so that a process on standby takes over at once."""
        for release in self._releases:
            release()

    def _finish_requests(self) -> None:
        """Wait for the requests in flight, as long as the slowest database may take."""
        waited = 0.0
        while self._in_flight is not None and self._in_flight.count and waited < _LAST_ANSWER_S:
            self._runtime.sleep(0.05)
            waited += 0.05


# The watch over a serving process.

_TICK_S = 0.05
_AUDIT_S = 3600.0
_SAMPLE = 20


def _watch(runtime: Runtime, event_log: EventLog, keep_access: timedelta) -> None:
    """Measure how late the hub's ticks come; once an hour audit, and prune the access log beyond ``keep_access``."""
    audited = monotonic()
    while True:
        before = monotonic()
        runtime.sleep(_TICK_S)
        STALLS.observe(max(0.0, monotonic() - before - _TICK_S))
        if monotonic() - audited > _AUDIT_S:
            audited = monotonic()
            audit(event_log)
            with suppress(Unavailable):
                prune_access(event_log, keep_access)


def audit(event_log: EventLog) -> int:
    """Refold a sample and recount the totals; returns how many findings were logged and counted."""
    try:
        with event_log.for_upkeep().slices() as slices:
            found = audit_rows(slices, sample=_SAMPLE, draw=random.Random())
    except Unavailable:
        return 0
    for finding in found:
        log.error("the projection is not what the log says: %s %s", finding.what, finding.key)
        MISMATCHES.labels(finding.what).inc()
    return len(found)


# systemd.

_NOTIFY_EVERY_S = 5.0
_ALIVE = b"READY=1\nWATCHDOG=1"


def tell_systemd(runtime: Runtime, environment: Mapping[str, str]) -> None:
    """Send sd_notify(3) messages for ever, if NOTIFY_SOCKET is set, so that systemd restarts a process that hangs.

    One datagram a message. It runs on the hub on purpose: when the hub hangs, the messages stop.
    """
    address = environment.get("NOTIFY_SOCKET", "")
    if address:
        runtime.spawn(_notify, runtime, _socket_name(address))


def _socket_name(address: str) -> str:
    """The name of the socket; a leading ``@`` stands for the NUL of Linux's abstract names."""
    return "\0" + address[1:] if address.startswith("@") else address


def _notify(runtime: Runtime, address: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        while True:
            # If systemd does not listen now, it may receive the next message.
            with suppress(OSError):
                out.sendto(_ALIVE, address)
            runtime.sleep(_NOTIFY_EVERY_S)
