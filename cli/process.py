"""One serving process from start to drain."""

import gc
import logging
import os
import random
import signal
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app import Web, connection_limits, web_app
from liveroom.courier.worker import courier_of
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import EventLog
from liveroom.log.texts import prune_access
from liveroom.maintenance.erasure import Eraser
from liveroom.maintenance.retention import RetentionJob
from liveroom.projection.audit import audit_subjects, audit_tallies, audit_totals
from liveroom.room.bootstrap import OpenRoom
from liveroom.room.clock import Clock, TimeFile
from liveroom.runtime import Runtime
from liveroom.runtime.config import Config
from liveroom.runtime.metrics import MISMATCHES, STALLS
from liveroom.runtime.server.connections import Connections, raise_open_files
from liveroom.runtime.server.http_bounds import RequestsInFlight, listen
from liveroom.runtime.time import monotonic

# Watches over a process while it serves: how late the hub's ticks come, and hourly whether the projection is true.

TICK_S = 0.05
AUDIT_S = 3600.0
SAMPLE = 20


def watch(runtime: Runtime, book: EventLog, keep_access: timedelta) -> None:
    """Measure for ever; once an hour audit, and forget who read personal data longer ago than ``keep_access``."""
    audited = monotonic()
    while True:
        before = monotonic()
        runtime.sleep(TICK_S)
        STALLS.observe(max(0.0, monotonic() - before - TICK_S))
        if monotonic() - audited > AUDIT_S:
            audited = monotonic()
            audit(book)
            with suppress(Unavailable):
                prune_access(book, keep_access)


def audit(book: EventLog) -> int:
    """Refold a sample and recount the totals; returns how many findings were logged and counted."""
    draw = random.Random()
    try:
        with book.for_upkeep().slices() as slices:
            found = (
                *slices.run(lambda c: audit_subjects(c, sample=SAMPLE, draw=draw)),
                *slices.run(audit_totals),
                *audit_tallies(slices),
            )
    except Unavailable:
        return 0
    for finding in found:
        log.error("the projection is not what the log says: %s %s", finding.what, finding.key)
        MISMATCHES.labels(finding.what).inc()
    return len(found)


# One serving process from start to drain: which of web, clock, courier and drill it is, and how it ends.

DRAIN_S = 1.0
LAST_ANSWER_S, LEAVE_S = 10.0, 2.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """What this process does; ``beside`` makes, before serving, what plays next to it (the drill, a replay)."""

    web: bool = True
    clock: bool = True
    courier: bool = True
    beside: Callable[[OpenRoom], Callable[[Runtime], None]] | None = None


class ServerProcess:
    """A process that serves until SIGTERM or SIGINT, then lets its screens go one by one."""

    def __init__(self, config: Config, opened: OpenRoom, runtime: Runtime, time_file: TimeFile | None) -> None:
        self._config = config
        self._opened = opened
        self._runtime = runtime
        self._time_file = time_file
        self._draining = False
        self._web: Web | None = None
        self._under_way: RequestsInFlight | None = None
        self._releases: list[Callable[[], None]] = []

    def run(self, duties: Duties, started: Callable[[], None]) -> None:
        """Serve; returns when drained. ``started`` is called once whoever calls gets in."""
        opened, runtime = self._opened, self._runtime
        clock = Clock(opened.room, self._time_file)
        if duties.clock:
            self._releases.append(clock.release)
            clock.tick()
            runtime.spawn(clock.run, runtime)
            runtime.spawn(self._retaining().run, runtime)
        if duties.courier:
            courier = courier_of(self._config, opened)
            self._releases.append(courier.release)
            runtime.spawn(courier.run, runtime)
        opened.doorbell.start(runtime)
        runtime.spawn(watch, runtime, opened.room.log, timedelta(days=self._config.access.keep_days))
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
        """Until somebody ends a process that has no pages."""
        while not self._draining:
            self._runtime.sleep(0.1)
        self._release()

    def _retaining(self) -> RetentionJob:
        """What erases personal data that has been kept long enough."""
        room = self._opened.room
        return RetentionJob(room, Eraser(room, self._config, self._runtime), self._config.keep)

    def _serve(self, started: Callable[[], None]) -> None:
        server, runtime = self._config.server, self._runtime
        self._web = web_app(self._config, self._opened, runtime, lambda: self._draining)
        runtime.spawn(self._web.tail.run, runtime, self._opened.bell, lambda: self._opened.doorbell.poll_s)
        runtime.spawn(self._web.rounds.run, runtime)
        self._under_way = RequestsInFlight(self._web.wsgi, lambda: self._draining)
        # What was set up lives as long as the process: looking through it at every full collection took 60 ms.
        gc.collect()
        gc.freeze()
        listener = listen(server.host, server.port)
        started()
        limits = connection_limits(self._config, self._opened.room.kind, raise_open_files())
        runtime.serve(self._under_way, listener, Connections(limits))

    def _on_signal(self, _number: int, _frame: Any) -> None:
        # Never work inside the handler itself: it runs wherever the process happens to be.
        if not self._draining:
            self._draining = True
            self._runtime.spawn(self._drain)

    def _drain(self) -> None:
        """Say goodbye, close connections over a second so that they do not all come back at once, then stop."""
        if self._web is None:
            return
        sockets = self._web.socketio.server.eio.sockets
        self._web.socketio.server.emit("bye", {"wait_ms": [100, 2000]}, namespace="/feed")
        live = [client for client in list(sockets.values()) if not client.closed]
        for client in live:
            client.close(wait=False)
            self._runtime.sleep(DRAIN_S / len(live))
        self._answer_the_last()
        self._web.rounds.end()
        self._runtime.sleep(0.2)
        self._release()
        self._runtime.stop()
        self._runtime.sleep(LEAVE_S)
        # Whoever still holds a connection has sent half a request and nothing since; nothing of it is written.
        os._exit(0)

    def _release(self) -> None:
        """Let whoever stands by begin at once."""
        for release in self._releases:
            release()

    def _answer_the_last(self) -> None:
        """Wait for the requests under way, as long as the slowest database may take."""
        waited = 0.0
        while self._under_way is not None and self._under_way.count and waited < LAST_ANSWER_S:
            self._runtime.sleep(0.05)
            waited += 0.05


# Tells the service manager that this process serves and still turns: one that hangs is then started anew.
#
# The protocol of sd_notify(3): one datagram a message to the socket named in NOTIFY_SOCKET.

EVERY_S = 5.0
ALIVE = b"READY=1\nWATCHDOG=1"


def tell_systemd(runtime: Runtime, environment: Mapping[str, str]) -> None:
    """Start telling; nothing to do where nobody listens. Runs on the hub on purpose: a hub that hangs falls silent."""
    address = environment.get("NOTIFY_SOCKET", "")
    if address:
        runtime.spawn(_tell, runtime, _resolved(address))


def _resolved(address: str) -> str:
    """A leading ``@`` stands for the NUL of Linux's abstract names."""
    return "\0" + address[1:] if address.startswith("@") else address


def _tell(runtime: Runtime, address: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        while True:
            # Whoever does not listen now may hear the next one.
            with suppress(OSError):
                out.sendto(ALIVE, address)
            runtime.sleep(EVERY_S)
