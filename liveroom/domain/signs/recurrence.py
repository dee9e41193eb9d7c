"""Recurrence: places where the same matter was finished and came back, the hole that was patched four times.

Complaints of one category within ``WITHIN_M`` metres of each other are about one matter. Those that came in while it
was still open are the same time; the next time begins with a complaint after all before it were finished. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

WITHIN_M = 30.0
# How many times within how long make a place that recurs; both are the city's wish and no measurement.
TIMES, LOOKED_BACK = 3, timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedComplaint:
    """One complaint at a place; ``finished_at`` None while it is open."""

    id: str
    received_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """One time that a matter was there: its complaints by receipt, and when the last was finished, None while open."""

    occurrences: tuple[PlacedComplaint, ...]

    @property
    def began(self) -> datetime:
        """When the first of them came in."""
        return self.occurrences[0].received_at

    @property
    def finished_at(self) -> datetime | None:
        """When all were finished; None while one is open."""
        ends = [one.finished_at for one in self.occurrences]
        return None if None in ends else max(one for one in ends if one is not None)


def recurrences(occurrences: Iterable[PlacedComplaint]) -> tuple[Recurrence, ...]:
    """The times that a matter was there, in order."""
    found: list[list[PlacedComplaint]] = []
    over: datetime | None = None
    for one in sorted(occurrences, key=lambda each: (each.received_at, each.id)):
        if not found or (over is not None and one.received_at >= over):
            found.append([one])
            over = one.finished_at
        else:
            found[-1].append(one)
            over = None if over is None or one.finished_at is None else max(over, one.finished_at)
    return tuple(Recurrence(occurrences=tuple(part)) for part in found)
