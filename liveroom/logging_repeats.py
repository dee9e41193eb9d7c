"""Keeps a log readable while something is away: the same record is told once in a while, with a count.

One that bears an error with ``once`` set is told a single time: what is wrong stays so until a person comes.
"""

import logging
from collections.abc import Callable

from liveroom.time import monotonic

QUIET_S = 10.0
KEPT = 200


class Repeats(logging.Filter):
    """Lets a message through at first and then every ``QUIET_S``; ``again`` on the record counts those held back."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._now = now
        self._told: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write the record."""
        key, now = (record.name, record.getMessage()), self._now()
        at, held = self._told.get(key, (None, 0))
        if at is not None and (now - at < QUIET_S or _once(record)):
            self._told[key] = (at, held + 1)
            return False
        record.again = held
        self._remember(key, now)
        return True

    def _remember(self, key: tuple[str, str], now: float) -> None:
        if len(self._told) >= KEPT:
            self._told = {}
        self._told[key] = (now, 0)


def _once(record: logging.LogRecord) -> bool:
    return isinstance(record.args, tuple) and any(getattr(one, "once", False) for one in record.args)
