"""When this process itself had no fresh data: then its screens were not cut off, the room was."""

from collections import deque
from collections.abc import Callable

from display.feed.tail import Tail
from liveroom.runtime.time import monotonic

# Below the age at which a screen calls its data lost (CR-44), so that nobody's loss begins before ours is noted.
STARVED_S = 10.0
KEPT = 32


class Starving:
    """``age_s()`` is how old the data is that this process sends."""

    def __init__(self, age_s: Callable[[], float]) -> None:
        self._age_s = age_s
        self._spells: deque[tuple[float, float]] = deque(maxlen=KEPT)

    def look(self) -> None:
        """Note a spell without data, or that it goes on; ask once a second."""
        age, now = self._age_s(), monotonic()
        if age < STARVED_S:
            return
        begin = now - age
        if self._spells and self._spells[-1][1] >= begin:
            begin, _ = self._spells.pop()
        self._spells.append((begin, now))

    def overlaps(self, from_s: float, to_s: float) -> bool:
        """Whether there was such a spell between so many seconds ago."""
        now = monotonic()
        return any(begin < now - to_s and end > now - from_s for begin, end in self._spells)


def age_of(tail: Tail) -> float:
    """Seconds since the tail read, and how old the pulse was then; 0 before the first read."""
    if tail.read_at is None or tail.moment is None:
        return 0.0
    pulse = tail.moment.pulse
    judged = 0.0 if pulse is None else (tail.moment.real - pulse.real_at).total_seconds()
    return monotonic() - tail.read_at + abs(judged)
