"""How often one connection may ask: a few times at once, then at a walking pace; whoever asks faster waits longer."""

from collections.abc import Callable
from dataclasses import dataclass

from liveroom.runtime.time import monotonic

# A screen asks once a connection, and again after a gap; nobody who keeps the rules of the feed asks ten times at once.
AT_ONCE, A_SECOND = 10.0, 2.0


@dataclass(slots=True)
class _Purse:
    tokens: float
    filled: float


class Patience:
    """A purse of questions for each connection; ``clock`` in seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._purses: dict[str, _Purse] = {}

    def wait_s(self, connection: str) -> float:
        """Take one question out; how many seconds this connection has to wait for its answer, mostly 0."""
        now = self._clock()
        purse = self._purses.setdefault(connection, _Purse(tokens=AT_ONCE, filled=now))
        purse.tokens = min(AT_ONCE, purse.tokens + (now - purse.filled) * A_SECOND) - 1
        purse.filled = now
        return max(0.0, -purse.tokens / A_SECOND)

    def forget(self, connection: str) -> None:
        """The connection is gone."""
        self._purses.pop(connection, None)
