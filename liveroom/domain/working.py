"""Working time as pure arithmetic over the opening intervals of a calendar; it knows no dates but those it is given."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

NONE = timedelta(0)


class CalendarEnds(ValueError):
    """A moment outside the years for which the calendar was built: no deadline is better than a silently wrong one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """Opening intervals and closings of a city.

    ``intervals``: sorted, disjoint (start, end) pairs, aware UTC. ``closings``: sorted (local date, moment of close of
    business in UTC), one a working day. The calendar reaches from its first opening to its last closing; whoever builds
    it adds a month on either side of the years that are asked for. Each question costs O(log n).
    """

    intervals: tuple[tuple[datetime, datetime], ...]
    closings: tuple[tuple[date, datetime], ...]
    _starts: tuple[datetime, ...] = field(init=False, repr=False, compare=False)
    _closes: tuple[datetime, ...] = field(init=False, repr=False, compare=False)
    _run: tuple[timedelta, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay out the sums once: ``_run[i]`` is the working time that has run when interval ``i`` closes."""
        total, run = NONE, []
        for start, end in self.intervals:
            total += end - start
            run.append(total)
        object.__setattr__(self, "_starts", tuple(start for start, _ in self.intervals))
        object.__setattr__(self, "_closes", tuple(close for _, close in self.closings))
        object.__setattr__(self, "_run", tuple(run))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from ``start`` to ``end``; zero when ``end`` is not later. Raises CalendarEnds."""
        return self._until(end) - self._until(start) if end > start else NONE

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The first moment at which ``amount`` of working time has run since ``start``.

        Nothing added is ``start`` itself; what ends with an interval ends at its close, not at the next opening.
        Raises CalendarEnds, and ValueError for a negative amount.
        """
        if amount < NONE:
            raise ValueError("working time runs forward only")
        if amount == NONE:
            return start
        wanted = self._until(start) + amount
        index = bisect_left(self._run, wanted)
        if index == len(self._run):
            raise CalendarEnds(f"{amount} of working time after {start.isoformat()} is beyond the calendar")
        return self.intervals[index][1] - (self._run[index] - wanted)

    def close_after(self, start: datetime, days: int) -> datetime:
        """Close of business of the ``days``-th working day after the day of receipt. Raises CalendarEnds.

        What comes in after closing or on a day off counts as received on the next working day; the moment of closing
        itself still belongs to its day, unless the next one opens with it: midnight where offices never close.
        """
        if days < 0:
            raise ValueError("a deadline cannot lie before its receipt")
        self._inside(start)
        opens = bisect_left(self._starts, start) < bisect_right(self._starts, start)
        index = (bisect_right if opens else bisect_left)(self._closes, start) + days
        if index >= len(self._closes):
            raise CalendarEnds(f"{days} working days after {start.isoformat()} is beyond the calendar")
        return self._closes[index]

    def _until(self, moment: datetime) -> timedelta:
        """Working time that has run from the first opening until ``moment``."""
        self._inside(moment)
        index = bisect_right(self._starts, moment) - 1
        return self._run[index] - max(NONE, self.intervals[index][1] - moment)

    def _inside(self, moment: datetime) -> None:
        """Refuse a moment of which the calendar knows nothing."""
        if not self.intervals or not self._starts[0] <= moment <= self.intervals[-1][1]:
            raise CalendarEnds(f"{moment.isoformat()} is outside the calendar")
