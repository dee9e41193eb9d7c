"""Percentiles, windows, working time."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import chain
from statistics import median_low
from typing import Any, TypeVar

from liveroom.city.city import City
from liveroom.domain.complaints.model import DeadlineClock, Stage
from liveroom.domain.policy import Policy, Span, WorkingCalendar
from liveroom.domain.timestamps import EPOCH, from_micros, to_micros
from liveroom.log.engine import Connection
from liveroom.log.event_log import Head, Slices, database_now, read_head
from liveroom.projection import complaints, figures
from liveroom.projection.figures import QUARTER

T = TypeVar("T")


# Nearest-rank percentiles (CR-88) and shares; an empty set has neither.


def nearest_rank(values: Sequence[int], percent: int) -> int | None:
    """The smallest of the sorted ``values`` that at least ``percent`` % of them do not exceed; None without any."""
    if not values:
        return None
    return values[max(1, -(-percent * len(values) // 100)) - 1]


def share(part: int, of: int) -> float | None:
    """``part`` of ``of``, 0 to 1; None of nothing."""
    return round(part / of, 4) if of else None


# The city's working time in whole microseconds, for thousands of measurements in a slice.


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
        return self.until(end) - self.until(start) if clock == DeadlineClock.WORKING else end - start


# One moment at which a figure is built: the position, the room time, and the city's days around it.

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """``at`` room time; ``today`` the open day; ``begins`` the first day of which this room knows what was finished.

    ``whole`` is the first such day that it knows from midnight on.
    """

    slices: Slices
    city: City
    working: WorkingTime
    head: Head
    at: datetime
    today: date
    begins: date
    whole: date

    def read(self, work: Callable[[Connection], T]) -> T:
        """One slice; keep it under 20 ms."""
        return self.slices.run(work)

    @property
    def now(self) -> int:
        """``at`` in microseconds."""
        return to_micros(self.at)

    def midnight(self, day: date) -> int:
        """When a day of the city begins, in microseconds."""
        return to_micros(datetime.combine(day, time(), self.city.zone).astimezone(UTC))

    def same_clock(self, day: date) -> int:
        """When the city's clock showed on a day what it shows now, in microseconds; now itself today."""
        if day == self.today:
            return self.now
        # The clock may have passed midnight before the day is turned.
        if self.now >= self.midnight(self.today + ONE_DAY):
            return self.midnight(day + ONE_DAY)
        hands = self.at.astimezone(self.city.zone).time()
        return to_micros(datetime.combine(day, hands, self.city.zone).astimezone(UTC))

    def hands(self, micros: int) -> time:
        """What the city's clock shows at a moment."""
        return from_micros(micros).astimezone(self.city.zone).time()

    def quarters(self, day: date) -> tuple[int, int]:
        """The quarters of 1970 that are a day of the city: first, and first of the next day."""
        return self.midnight(day) // QUARTER, self.midnight(day + ONE_DAY) // QUARTER


def frame_of(slices: Slices, city: City, working: WorkingTime) -> Frame:
    """The frame of now, read in one slice."""
    return slices.run(lambda connection: _read_frame(connection, slices, city, working))


def _read_frame(connection: Connection, slices: Slices, city: City, working: WorkingTime) -> Frame:
    head = read_head(connection)
    at = head.time.at(database_now(connection))
    open_day = complaints.today(connection)
    today = date.fromisoformat(open_day) if open_day else city.policy.day(at)
    begins, whole = _history(connection, city, figures.first_day(connection) or today, kind=head.kind)
    return Frame(
        slices=slices,
        city=city,
        working=working,
        head=head,
        at=at,
        today=today,
        begins=begins,
        whole=whole,
    )


def _history(connection: Connection, city: City, opened: date, *, kind: str) -> tuple[date, date]:
    """The day on which the room opened is known from its opening on; imported days are known whole.

    Imports of open complaints alone say nothing of their days, so history begins with what was finished. A drill hands
    in the open ones of days that never were: it begins when it opens.
    """
    finished = figures.first_finish(connection)
    if finished is not None and kind != "drill":
        imported = city.policy.day(EPOCH + timedelta(microseconds=finished * QUARTER))
        if imported < opened:
            return imported, imported
    return opened, opened + ONE_DAY


# How long stages took: the cases of each day, measured once and kept until that day's spans change.

# Rows a slice: about 4 ms of the database thread.
SLICE = 500
# Below this a percentile at the edge is one case's luck: the cases are shown themselves (CR-88).
FEW = 20
Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Sorted whole seconds of cases on one clock; ``within`` of the ``judged`` kept their promise."""

    seconds: Sequence[int] = ()
    judged: int = 0
    within: int = 0
    classes: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Heap:
    seconds: list[int] = field(default_factory=list)
    judged: int = 0
    within: int = 0
    classes: set[str] = field(default_factory=set)

    def sorted(self) -> Cases:
        return Cases(
            seconds=tuple(sorted(self.seconds)),
            judged=self.judged,
            within=self.within,
            classes=frozenset(self.classes),
        )


class CaseBook:
    """Cases by (stage, day), each by (agency, clock); shared by the scenes of one process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Stage, date], tuple[str, tuple[int, int], Mapping[Key, Cases]]] = {}

    def day(self, frame: Frame, stage: Stage, day: date) -> Mapping[Key, Cases]:
        """The cases whose stage ended on a day of the city."""
        start, end = frame.midnight(day), frame.midnight(day + ONE_DAY)
        mark = frame.read(lambda c: figures.mark_of_spans(c, stage.value, start, end))
        kept = self._kept.get((stage, day))
        if kept is None or kept[:2] != (frame.head.epoch, mark):
            measured = _measured(frame, stage, start, end) if mark[0] else {}
            kept = self._kept[stage, day] = (frame.head.epoch, mark, measured)
        return kept[2]

    def forget_before(self, day: date) -> None:
        """Let go of days that no scene asks for any more."""
        self._kept = {key: kept for key, kept in self._kept.items() if key[1] >= day}


def _measured(frame: Frame, stage: Stage, start: int, end: int) -> Mapping[Key, Cases]:
    heaps: defaultdict[Key, _Heap] = defaultdict(_Heap)
    key: tuple[int, int] | None = (start, -1)
    while key is not None:
        key = frame.read(partial(_measure, frame=frame, stage=stage, key=key, end=end, heaps=heaps))
    return frame.read(lambda _: {of: heap.sorted() for of, heap in heaps.items()})


def _measure(
    connection: Any, *, frame: Frame, stage: Stage, key: tuple[int, int], end: int, heaps: defaultdict[Key, _Heap]
) -> tuple[int, int] | None:
    """Measure up to 1,000 more; the key to go on from, None after the last."""
    rows = figures.spans_after(connection, stage.value, key, end, SLICE)
    for row in rows:
        heap = heaps[row.agency, row.clock or DeadlineClock.CALENDAR.value]
        heap.seconds.append(frame.working.between(row.start, row.ended_at, row.clock) // 1_000_000)
        heap.classes.add(row.class_)
        if row.kept is not None:
            heap.judged += 1
            heap.within += row.kept
    return (rows[-1].ended_at, rows[-1].seq) if len(rows) == SLICE else None


def together(cases: Iterable[Cases]) -> Cases:
    """All cases as one."""
    parts = tuple(cases)
    return Cases(
        seconds=sorted(chain.from_iterable(part.seconds for part in parts)),
        judged=sum(part.judged for part in parts),
        within=sum(part.within for part in parts),
        classes=frozenset().union(*(part.classes for part in parts)),
    )


def spans_of(cases: Mapping[str, Cases], stage: Stage, policy: Policy) -> list[dict[str, Any]]:
    """The Spans of docs/figures.md for cases by clock; the clock with more cases first."""
    found = sorted(
        ((clock, one) for clock, one in cases.items() if one.seconds), key=lambda pair: -len(pair[1].seconds)
    )
    return [_span(clock, one, targets_of(one.classes, stage, policy)) for clock, one in found]


def _span(clock: str, cases: Cases, target: list[dict[str, Any]] | None) -> dict[str, Any]:
    few = len(cases.seconds) < FEW
    return {
        "clock": clock,
        "n": len(cases.seconds),
        "p50_s": nearest_rank(cases.seconds, 50),
        "p90_s": None if few else nearest_rank(cases.seconds, 90),
        "cases_s": list(cases.seconds) if few else None,
        "judged": cases.judged,
        "within": cases.within,
        "share": share(cases.within, cases.judged),
        "target": target,
    }


def median_of(spans: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The p50 of the first of some Spans."""
    return {"s": spans[0]["p50_s"], "clock": spans[0]["clock"], "n": spans[0]["n"]} if spans else None


def targets_of(classes: Iterable[str], stage: Stage, policy: Policy) -> list[dict[str, Any]] | None:
    """The shortest and the longest promise of the classes that some cases belong to."""
    rules = (policy.classes[key] for key in classes if key in policy.classes)
    promised = sorted((rule.spans[stage] for rule in rules if stage in rule.spans), key=_order)
    return [written(promised[0]), written(promised[-1])] if promised else None


def _order(span: Span) -> int:
    return span.days * 24 * 60 if span.days is not None else span.minutes or 0


def written(span: Span) -> dict[str, Any]:
    """A promise for the wire: ``{days | minutes, clock}``."""
    length = {"days": span.days} if span.days is not None else {"minutes": span.minutes}
    return length | {"clock": span.clock.value}


# What was finished on each day, case by case: how long it took, in time or not, with proof, opened again before.

# Complaints a slice: about 5 ms of the database thread.
CLOSINGS_SLICE = 250


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
        closings = tuple(_closings_between(frame, start, end, before)) if mark[0] else ()
        self._kept[day] = (frame.head.epoch, mark, closings)
        return closings


def _closings_between(frame: Frame, start: int, end: int, before: dict[tuple[str, int], Closing]) -> Iterable[Closing]:
    """Only what is not known ``before`` is measured and its complaint read."""
    key: tuple[int, int] | None = (start, -1)
    while key is not None:
        rows = frame.read(partial(figures.finishes_after, key=key, end=end, limit=CLOSINGS_SLICE))
        new = [row for row in rows if (row.complaint, row.ended_at) not in before]
        unproved = frame.read(partial(_unproved, ids=[row.complaint for row in new])) if new else frozenset()
        for row in rows:
            yield before.get((row.complaint, row.ended_at)) or _closing(frame, row, unproved)
        key = (rows[-1].ended_at, rows[-1].seq) if len(rows) == CLOSINGS_SLICE else None


def _closing(frame: Frame, row: figures.Finish, unproved: frozenset[str]) -> Closing:
    clock = row.clock or DeadlineClock.CALENDAR.value
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


# The last ten working days up to now, today among them as the part of its hours that has run.

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
    return frame.working.between(frame.midnight(day), frame.now, DeadlineClock.WORKING) / _length(frame, day)


def _length(frame: Frame, day: date) -> int:
    return frame.working.between(frame.midnight(day), frame.midnight(day + ONE_DAY), DeadlineClock.WORKING)
