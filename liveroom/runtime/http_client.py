"""An end to every attempt: a receiver that drips one byte at a time outlives every time-out of a single read."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

# One step (connect, one read or write), and an attempt as a whole.
STEP_S, WHOLE_S = 10.0, 30.0
OPENED = ("connection.connect_tcp.complete", "connection.start_tls.complete")


class Guard:
    """``late`` once the time was up; the sockets that it watches are then shut, which ends whoever waits on one."""

    def __init__(self) -> None:
        self.late = False
        self._sockets: list[Callable[[], Any]] = []

    def watch(self, found: Callable[[], Any]) -> None:
        """Shut the socket that ``found`` returns, when the time is up; at once when it opened too late."""
        self._sockets.append(found)
        if self.late:
            self.cut()

    def cut(self) -> None:
        """The time is up."""
        self.late = True
        for found in self._sockets:
            with suppress(OSError, ValueError, AttributeError):
                found().shutdown(socket.SHUT_RDWR)


@contextmanager
def within(seconds: float) -> Iterator[Guard]:
    """A guard that cuts after so many seconds; a timer of ``threading``, green where that is patched."""
    guard = Guard()
    timer = threading.Timer(seconds, guard.cut)
    timer.daemon = True
    timer.start()
    try:
        yield guard
    finally:
        timer.cancel()


def watching(guard: Guard) -> Callable[[str, Mapping[str, Any]], None]:
    """What httpx calls as ``trace``: the guard watches every connection that opens."""

    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event in OPENED:
            stream = info["return_value"]
            guard.watch(lambda: stream.get_extra_info("socket"))

    return trace
