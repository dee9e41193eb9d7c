"""A time limit for an outgoing connection as a whole.

Time-outs of httpx and smtplib are for one step: a receiver that sends one byte at a time would never reach them.
"""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

# Seconds for one step (connect, one read or write), and for an attempt as a whole.
STEP_S, WHOLE_S = 10.0, 30.0
# Events of httpx at which a socket has been opened.
_OPENED = ("connection.connect_tcp.complete", "connection.start_tls.complete")


class Guard:
    """Shuts the sockets it watches when the time is up, which ends every wait on one of them; ``late`` from then on."""

    def __init__(self) -> None:
        self.late = False
        self._sockets: list[Callable[[], Any]] = []

    def watch(self, found: Callable[[], Any]) -> None:
        """Shut the socket that ``found`` returns when the time is up; at once if it is up already."""
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
    """A guard that cuts after so many seconds. Its timer is one of ``threading``, green where that is patched."""
    guard = Guard()
    timer = threading.Timer(seconds, guard.cut)
    timer.daemon = True
    timer.start()
    try:
        yield guard
    finally:
        timer.cancel()


def watching(guard: Guard) -> Callable[[str, Mapping[str, Any]], None]:
    """The ``trace`` extension of an httpx request: the guard watches every connection that it opens."""

    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event in _OPENED:
            stream = info["return_value"]
            guard.watch(lambda: stream.get_extra_info("socket"))

    return trace
