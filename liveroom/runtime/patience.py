"""Bounds how long a database may be silent: a frozen one is then lost here, as a dead one is, and can be asked anew.

A query that its server never answers has no time-out of its own: the server's are the server's to keep.
"""

import os
import socket
from collections.abc import Callable, Generator
from functools import wraps
from time import monotonic
from typing import Any

# Above the lock's 5 s, so that a waiting writer gets the database's own answer; with the 3 s of a new connection
# a request is answered within 10 s.
SILENCE_S = 6.0
Steps = Generator[Any, Any, Any]
Wait = Callable[..., Any]


def bounded(wait: Wait, seconds: float = SILENCE_S) -> Wait:
    """``psycopg.waiting.wait`` that cuts the connection after ``seconds`` without a byte; psycopg sees it closed."""

    @wraps(wait)
    def patient(steps: Steps, fileno: int, *args: Any, **more: Any) -> Any:
        return wait(_watched(steps, fileno, seconds), fileno, *args, **more)

    return patient


def _watched(steps: Steps, fileno: int, seconds: float) -> Steps:
    try:
        state, heard = next(steps), monotonic()
        while True:
            ready = yield state
            if ready:
                heard = monotonic()
            elif monotonic() - heard > seconds:
                _cut(fileno)
            state = steps.send(ready)
    except StopIteration as end:
        return end.value


def _cut(fileno: int) -> None:
    with socket.socket(fileno=os.dup(fileno)) as twin:
        try:
            twin.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is gone already
