"""Passwords are looked at and hashed beside the hub, one at a time a process: each takes a tenth of a second."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from liveroom.runtime import Runtime

T = TypeVar("T")
PATIENCE_S = 10
# An office that comes to work at once waits a second; a stranger who sends a thousand cannot hold up the others.
WAITING = 8


class Crowded(Exception):
    """More passwords wait to be looked at than one processor can do in time."""


class OneAtATime:
    """What the log-in and the page of a new password share."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._turn = threading.BoundedSemaphore(1)
        self._waiting: Counter[str] = Counter()

    def run(self, work: Callable[[], T], of: str) -> T:
        """The result of ``work``. Raises Crowded after ten seconds, or at once while eight ``of`` one address wait."""
        if self._waiting[of] >= WAITING:
            raise Crowded
        self._waiting[of] += 1
        try:
            return self._in_turn(work)
        finally:
            self._waiting[of] -= 1
            if self._waiting[of] <= 0:
                del self._waiting[of]

    def waiting(self, of: str) -> int:
        """How many of one address wait or are looked at."""
        return self._waiting[of]

    def _in_turn(self, work: Callable[[], T]) -> T:
        if not self._turn.acquire(timeout=PATIENCE_S):
            raise Crowded
        try:
            return self._runtime.run_aside(work)
        finally:
            self._turn.release()
