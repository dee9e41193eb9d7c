"""The last ten working days up to now, today among them as the part of its hours that has run."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from statistics import median_low

from display.figures.frame import ONE_DAY, Frame
from liveroom.domain.complaints.model import Clock

DAYS = 10
# Before a quarter of a working day has run, what was finished in it says nothing of a day.
ENOUGH = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """``first``: its first day; ``working_days``: how many have run; ``whole``: those that are over."""

    first: date
    working_days: float
    whole: tuple[date, ...]
    working_day_s: int

    @property
    def tells(self) -> bool:
        """Whether enough time has run to speak of a rate."""
        return self.working_days >= ENOUGH


def window_of(frame: Frame) -> Window:
    """The window at a frame; it does not reach back beyond the room's own history."""
    worked = [day for day, _ in frame.city.policy.calendar.closings]
    end = bisect_right(worked, frame.today)
    days = worked[max(0, end - DAYS) : end]
    known = [day for day in days if day >= frame.begins]
    run = {day: _run(frame, day) for day in known}
    first = max(days[0] if days else frame.today, frame.begins)
    return Window(
        first=first,
        working_days=round(sum(run.values()), 2),
        whole=tuple(day for day, part in run.items() if part >= 1),
        working_day_s=median_low([_length(frame, day) for day in days]) // 1_000_000 if days else 0,
    )


def _run(frame: Frame, day: date) -> float:
    """The part of a day's working hours that is over."""
    if frame.now >= frame.midnight(day + ONE_DAY):
        return 1.0
    return frame.working.between(frame.midnight(day), frame.now, Clock.WORKING) / _length(frame, day)


def _length(frame: Frame, day: date) -> int:
    return frame.working.between(frame.midnight(day), frame.midnight(day + ONE_DAY), Clock.WORKING)
