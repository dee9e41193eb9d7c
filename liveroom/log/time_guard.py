"""The time guard: it refuses the readings of a clock that jumped, so that no event is dated by one.

Each process compares the database's time with its own count of seconds since boot, which nobody can set. The difference
of the two is the base; a reading more than 60 s off it is refused until the clock is right again. The first reading is
believed, whatever it is, because a process that is started may have been down for any length.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from liveroom.domain.timestamps import EPOCH
from liveroom.log.engine import Unavailable
from liveroom.runtime.time import since_boot

# How far a clock may step at once: NTP steps less than that at its start, and more is a fault.
STEP = timedelta(seconds=60)
# How fast the base follows accepted readings, s/s: chrony slews at most 83 ms a second, and steps of 59 s never add up.
FOLLOW = 0.1


class WrongClock(Unavailable):
    """The clock cannot be believed, so nothing is dated by it; the text says what is wrong and both remedies.

    ``once``: it stands in the journal once, however often it is raised (liveroom.runtime.logging).
    """

    once = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """The clock said ``read`` where ``expected`` was right (aware UTC)."""

    read: datetime
    expected: datetime

    def __str__(self) -> str:
        return (
            f"{self._what} (it said {stamp(self.read)}): nothing is written until it is set right (`timedatectl`) or, "
            "if it is right now, this process is started again"
        )

    @property
    def over(self) -> str:
        """What to say when the clock has been set right."""
        return f"{self._what}, but is right again: the room goes on"

    @property
    def _what(self) -> str:
        off = self.read - self.expected
        way = "ahead" if off > timedelta() else "back"
        return f"the clock of the database's machine jumped {spell(off)} {way} at {stamp(self.expected)}"


class TimeGuard:
    """One process's guard; ``count`` gives seconds since boot."""

    def __init__(self, count: Callable[[], float] = since_boot) -> None:
        self._count = count
        # Real time less the count, and the count when that was last accepted. One tuple: threads replace it whole.
        self._base: tuple[timedelta, float] | None = None
        self.jump: Jump | None = None
        self._said: Jump | None = None

    def read(self, clock: Callable[[], datetime], *, writing: bool) -> datetime:
        """What ``clock`` says, aware UTC; after a jump, what it would say without it.

        Raises WrongClock after a jump when the reading is for ``writing``.
        """
        before = self._count()
        reading = clock()
        after = self._count()
        expected = self._judge(reading, before, after)
        if expected is None:
            return reading
        self.jump = self.jump or Jump(read=reading, expected=expected)
        if writing:
            raise WrongClock(str(self.jump))
        return expected

    def _judge(self, reading: datetime, before: float, after: float) -> datetime | None:
        """None for a reading that is accepted, else the time expected. It was taken between the two counts."""
        earliest, latest = _base(reading, after), _base(reading, before)
        if self._base is None:
            self._base = latest, after
            return None
        base, at = self._base
        off = min(max(base, earliest), latest) - base
        if abs(off) > STEP:
            return EPOCH + base + timedelta(seconds=after)
        most = timedelta(seconds=FOLLOW * max(0.0, after - at))
        self._base = base + min(max(off, -most), most), after
        self.jump = None
        return None

    def news(self) -> str | None:
        """What happened to the clock since the last call, reported once; None when nothing did."""
        now, said = self.jump, self._said
        self._said = now
        if now is not None:
            return None if now is said else str(now)
        return None if said is None else said.over


def stamp(moment: datetime) -> str:
    """A moment for people who repair the machine: ``2026-12-01 09:00:00 UTC``."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def spell(span: timedelta) -> str:
    """A length of time in the unit that suits it: ``61 s``, ``25 min``, ``26 h``, ``3 days``."""
    seconds = abs(span.total_seconds())
    for unit, size, until in (("s", 1, 120), ("min", 60, 120 * 60), ("h", 3600, 72 * 3600)):
        if seconds < until:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:.0f} days"


def _base(reading: datetime, count: float) -> timedelta:
    return reading - EPOCH - timedelta(seconds=count)
