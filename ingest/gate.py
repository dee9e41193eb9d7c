"""Bounds how many reports may wait for the room at once, so that a rush is answered 503 and never fills the memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Full(Exception):
    """The intake queue is full; come back later."""


class Gate:
    """Counts reports that were taken from the wire and not yet answered, of all requests of this process."""

    def __init__(self, limit: int) -> None:
        """``limit``: reports that may be inside at once, of one process."""
        self._limit = limit
        self._pending = 0
        self._lock = threading.Lock()

    @property
    def pending(self) -> int:
        """How many are inside now."""
        return self._pending

    @contextmanager
    def passing(self, reports: int) -> Iterator[None]:
        """Let ``reports`` in for the length of the block. Raises Full; an empty gate lets any number in."""
        with self._lock:
            if self._pending and self._pending + reports > self._limit:
                raise Full
            self._pending += reports
        try:
            yield
        finally:
            with self._lock:
                self._pending -= reports
