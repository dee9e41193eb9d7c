"""Passwords are looked at and hashed beside the hub, one at a time a process: each takes a tenth of a second.

Whoever is known goes first: a crowd of strangers from a thousand addresses keeps no officer waiting longer than the
one look that is under way.
"""

import threading
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from liveroom.runtime import Runtime

T = TypeVar("T")
PATIENCE_S = 10
# An office that comes to work at once waits a second; a stranger who sends a thousand cannot hold up the others.
WAITING = 8
# Of strangers in all: no more than can be looked at in time.
STRANGERS = 64


class Crowded(Exception):
    """More passwords wait to be looked at than one processor can do in time."""


class OneAtATime:
    """What the log-in and the pages of new passwords share."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._turn = threading.Condition(threading.Lock())
        self._busy = False
        self._known = 0
        self._waiting: Counter[str] = Counter()
        self._strangers = 0

    def run(self, work: Callable[[], T], of: str, *, known: bool = False) -> T:
        """The result of ``work``; of somebody ``known`` before that of strangers.

        Raises Crowded after ten seconds, or at once while eight ``of`` one address, or too many strangers, wait.
        """
        if self._waiting[of] >= WAITING or (not known and self._strangers >= STRANGERS):
            raise Crowded
        self._waiting[of] += 1
        self._strangers += not known
        try:
            return self._in_turn(work, known=known)
        finally:
            self._strangers -= not known
            self._waiting[of] -= 1
            if self._waiting[of] <= 0:
                del self._waiting[of]

    def waiting(self, of: str) -> int:
        """How many of one address wait or are looked at."""
        return self._waiting[of]

    def _in_turn(self, work: Callable[[], T], *, known: bool) -> T:
        with self._turn:
            self._known += known
            try:
                if not self._turn.wait_for(lambda: not self._busy and (known or not self._known), PATIENCE_S):
                    raise Crowded
                self._busy = True
            finally:
                self._known -= known
        try:
            return self._runtime.run_aside(work)
        finally:
            with self._turn:
                self._busy = False
                self._turn.notify_all()
