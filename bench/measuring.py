"""A runtime that notes how long each slice took: on the database thread, and on the hub between two of its rests."""

import threading
import time
from collections.abc import Callable
from socket import socket
from typing import Any, TypeVar

T = TypeVar("T")


class Slices:
    """Lengths of slices: ``wall`` by the clock, ``cpu`` of this thread alone, which a busy machine does not stretch."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []
        self.start()

    def start(self) -> None:
        """A slice begins."""
        self._wall, self._cpu = time.perf_counter(), time.thread_time()

    def end(self) -> None:
        """It ends."""
        self.wall.append(time.perf_counter() - self._wall)
        self.cpu.append(time.thread_time() - self._cpu)

    def longest_ms(self) -> str:
        """``wall (cpu)`` of the longest of each."""
        return f"{max(self.wall) * 1000:.1f} ({max(self.cpu) * 1000:.1f})"


class Measuring:
    """Everything in the caller's thread; ``database`` and ``hub`` hold the slices since ``begin``."""

    mode = "threading"

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget what was noted so far."""
        self.database, self.hub = Slices(), Slices()

    def spawn(self, work: Callable[..., Any], *args: Any) -> None:
        """Run beside, unmeasured."""
        threading.Thread(target=work, args=args, daemon=True).start()

    def sleep(self, seconds: float) -> None:
        """A rest ends a slice of the hub."""
        self.hub.end()
        time.sleep(seconds)
        self.hub.start()

    def run_db(self, work: Callable[[], T]) -> T:
        """A slice of the database; while it runs the hub is free."""
        self.hub.end()
        self.database.start()
        try:
            return work()
        finally:
            self.database.end()
            self.hub.start()

    def serve(self, app: Any, listener: socket) -> None:
        """Nothing is served while measuring. Raises NotImplementedError."""
        raise NotImplementedError

    def stop(self) -> None:
        """Nothing to end."""
