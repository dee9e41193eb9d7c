"""One serving process from start to drain: which of web, clock, courier and drill it is, and how it ends."""

import gc
import logging
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from liveroom.app import Web, connection_limits, web_app
from liveroom.courier.worker import courier_of
from liveroom.keeping_watch import watch
from liveroom.maintenance.erasure import Erasing
from liveroom.maintenance.retention import Retaining
from liveroom.room.bootstrap import Opened
from liveroom.room.clock import Clock, TimeFile
from liveroom.runtime import Runtime
from liveroom.runtime.config import Config
from liveroom.runtime.server.connections import Connections, raise_open_files
from liveroom.runtime.server.http_bounds import UnderWay, listen

DRAIN_S = 1.0
LAST_ANSWER_S, LEAVE_S = 10.0, 2.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """What this process does; ``beside`` makes, before serving, what plays next to it (the drill, a replay)."""

    web: bool = True
    clock: bool = True
    courier: bool = True
    beside: Callable[[Opened], Callable[[Runtime], None]] | None = None


class Serving:
    """A process that serves until SIGTERM or SIGINT, then lets its screens go one by one."""

    def __init__(self, config: Config, opened: Opened, runtime: Runtime, time_file: TimeFile | None) -> None:
        self._config = config
        self._opened = opened
        self._runtime = runtime
        self._time_file = time_file
        self._draining = False
        self._web: Web | None = None
        self._under_way: UnderWay | None = None
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

    def _retaining(self) -> Retaining:
        """What erases personal data that has been kept long enough."""
        room = self._opened.room
        return Retaining(room, Erasing(room, self._config, self._runtime), self._config.keep)

    def _serve(self, started: Callable[[], None]) -> None:
        server, runtime = self._config.server, self._runtime
        self._web = web_app(self._config, self._opened, runtime, lambda: self._draining)
        runtime.spawn(self._web.tail.run, runtime, self._opened.bell, lambda: self._opened.doorbell.poll_s)
        runtime.spawn(self._web.rounds.run, runtime)
        self._under_way = UnderWay(self._web.wsgi, lambda: self._draining)
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
