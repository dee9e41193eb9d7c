"""Passwords are looked at and hashed beside the hub, one at a time a process: each takes a tenth of a second."""

import threading
from collections.abc import Callable
from typing import TypeVar

from liveroom.runtime import Runtime

T = TypeVar("T")
PATIENCE_S = 10


class Crowded(Exception):
    """More passwords wait to be looked at than one processor can do in time."""


class OneAtATime:
    """What the log-in and the page of a new password share."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._turn = threading.BoundedSemaphore(1)

    def run(self, work: Callable[[], T]) -> T:
        """The result of ``work``. Raises Crowded after ten seconds of waiting."""
        if not self._turn.acquire(timeout=PATIENCE_S):
            raise Crowded
        try:
            return self._runtime.run_aside(work)
        finally:
            self._turn.release()
