"""What was finished on each day, case by case: how long it took, in time or not, with proof, opened again before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from display.figures.frame import ONE_DAY, Frame
from liveroom.domain.complaints.model import Clock, Stage
from liveroom.log.engine import Connection
from liveroom.projection import complaints, figures

# Complaints a slice: about 5 ms of the database thread.
SLICE = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """One finished complaint, still done; ``agency`` led it then, empty for none; ``seconds`` on ``clock``.

    ``kept``: whether its promise was, None without one; ``unproved``: closed without the proof that its category asks
    for; ``reopened_at``: when it was last opened again before (microseconds).
    """

    id: str
    agency: str
    class_: str
    clock: str
    seconds: int
    ended_at: int
    kept: bool | None
    reopened_at: int | None
    unproved: bool


class ClosingBook:
    """The closings of each day, read once and kept until that day's spans change."""

    def __init__(self) -> None:
        self._kept: dict[date, tuple[str, tuple[int, int], tuple[Closing, ...]]] = {}

    def days(self, frame: Frame, days: Sequence[date]) -> tuple[Closing, ...]:
        """The closings of these days, which are all that is remembered afterwards."""
        found = [one for day in days for one in self._day(frame, day)]
        self._kept = {day: kept for day, kept in self._kept.items() if day in days}
        return tuple(found)

    def _day(self, frame: Frame, day: date) -> tuple[Closing, ...]:
        start, end = frame.midnight(day), frame.midnight(day + ONE_DAY)
        mark = frame.read(lambda c: figures.mark_of_spans(c, Stage.FINISH.value, start, end))
        kept = self._kept.get(day)
        if kept is not None and kept[:2] == (frame.head.epoch, mark):
            return kept[2]
        before = {(one.id, one.ended_at): one for one in kept[2]} if kept and kept[0] == frame.head.epoch else {}
        closings = tuple(_read(frame, start, end, before)) if mark[0] else ()
        self._kept[day] = (frame.head.epoch, mark, closings)
        return closings


def _read(frame: Frame, start: int, end: int, before: dict[tuple[str, int], Closing]) -> Iterable[Closing]:
    """Only what is not known ``before`` is measured and its complaint read."""
    key: tuple[int, int] | None = (start, -1)
    while key is not None:
        rows = frame.read(partial(figures.finishes_after, key=key, end=end, limit=SLICE))
        new = [row for row in rows if (row.complaint, row.ended_at) not in before]
        unproved = frame.read(partial(_unproved, ids=[row.complaint for row in new])) if new else frozenset()
        for row in rows:
            yield before.get((row.complaint, row.ended_at)) or _closing(frame, row, unproved)
        key = (rows[-1].ended_at, rows[-1].seq) if len(rows) == SLICE else None


def _closing(frame: Frame, row: figures.Finish, unproved: frozenset[str]) -> Closing:
    clock = row.clock or Clock.CALENDAR.value
    return Closing(
        id=row.complaint,
        agency=row.agency,
        class_=row.class_,
        clock=clock,
        seconds=frame.working.between(row.start, row.ended_at, clock) // 1_000_000,
        ended_at=row.ended_at,
        kept=None if row.kept is None else bool(row.kept),
        reopened_at=row.reopened_at,
        unproved=row.complaint in unproved,
    )


def _unproved(connection: Connection, ids: Sequence[str]) -> frozenset[str]:
    return frozenset(one.id for one in complaints.complaints(connection, ids) if one.without_proof)
