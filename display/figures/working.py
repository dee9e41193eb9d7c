"""The city's working time in whole microseconds, for thousands of measurements in a slice."""

from bisect import bisect_right

from liveroom.domain.complaints.model import Clock
from liveroom.domain.policy import WorkingCalendar
from liveroom.domain.timestamps import to_micros


class WorkingTime:
    """The arithmetic of WorkingCalendar on plain numbers, five times as fast; outside the calendar no time runs."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self._starts = [to_micros(start) for start, _ in calendar.intervals]
        self._lengths = [to_micros(end) - to_micros(start) for start, end in calendar.intervals]
        self._before = [0]
        for length in self._lengths:
            self._before.append(self._before[-1] + length)

    def until(self, moment: int) -> int:
        """Working time that has run from the first opening until ``moment``."""
        index = bisect_right(self._starts, moment) - 1
        if index < 0:
            return 0
        return self._before[index] + min(self._lengths[index], moment - self._starts[index])

    def between(self, start: int, end: int, clock: str | None) -> int:
        """Time from ``start`` to ``end`` on a clock; zero when ``end`` is not later."""
        if end <= start:
            return 0
        return self.until(end) - self.until(start) if clock == Clock.WORKING else end - start
