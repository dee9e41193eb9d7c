"""Tools that the figures share: percentiles, working time, the moment of a figure, case durations, the window of days.

Moments and durations are whole microseconds since 1970 unless a name says otherwise (``..._s``: seconds). Everything is
read in slices of one transaction; a slice holds the database's thread for about 5 ms.
"""

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
# The agency and the clock of some cases.
Key = tuple[str, str]
ONE_DAY = timedelta(days=1)
# Rows of stage spans a slice, and finished complaints a slice: about 4 and 5 ms of the database's thread.
SLICE = 500
CLOSINGS_SLICE = 250
# Below this number a percentile at the edge is one case's luck: the cases are shown themselves (CR-88).
FEW = 20
# Working days in the window.
DAYS = 10
# Before a quarter of a working day has run, no rate is derived from it.
MIN_WORKING_DAYS = 0.25


# Percentiles and shares.


def nearest_rank(values: Sequence[int], percent: int) -> int | None:
    """The nearest-rank percentile (CR-88) of sorted ``values``: at least ``percent`` % of them do not exceed it."""
    if not values:
        return None
    return values[max(1, -(-percent * len(values) // 100)) - 1]


def share(part: int, of: int) -> float | None:
    """``part`` of ``of``, 0 to 1 in four decimals; None when ``of`` is 0."""
    return round(part / of, 4) if of else None


# Working time.


class WorkingTime:
    """The arithmetic of WorkingCalendar on plain numbers, five times as fast; no time runs outside the calendar."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self._starts = [to_micros(start) for start, _ in calendar.intervals]
        self._lengths = [to_micros(end) - to_micros(start) for start, end in calendar.intervals]
        self._before = [0]
        for length in self._lengths:
            self._before.append(self._before[-1] + length)

    def until(self, moment: int) -> int:
        """Working time from the calendar's first opening until ``moment``."""
        index = bisect_right(self._starts, moment) - 1
        if index < 0:
            return 0
        return self._before[index] + min(self._lengths[index], moment - self._starts[index])

    def between(self, start: int, end: int, clock: str | None) -> int:
        """Time from ``start`` to ``end`` on a clock, working or calendar; 0 when ``end`` is not later."""
        if end <= start:
            return 0
        return self.until(end) - self.until(start) if clock == DeadlineClock.WORKING else end - start


# The moment of a figure.


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The moment at which a figure is built.

    ``at``: room time; ``today``: the open day; ``first_day``: the first day of which the room knows what was finished;
    ``first_whole_day``: the first that it knows from midnight on.
    """

    slices: Slices
    city: City
    working: WorkingTime
    head: Head
    at: datetime
    today: date
    first_day: date
    first_whole_day: date

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one slice; keep it under 20 ms."""
        return self.slices.run(work)

    @property
    def now(self) -> int:
        """``at`` in microseconds."""
        return to_micros(self.at)

    def midnight(self, day: date) -> int:
        """When a day of the city begins, in microseconds."""
        return to_micros(datetime.combine(day, time(), self.city.zone).astimezone(UTC))

    def same_clock(self, day: date) -> int:
        """The moment of another day at which the city's clock showed what it shows now; today, now itself."""
        if day == self.today:
            return self.now
        # The clock may have passed midnight while the day is still open.
        if self.now >= self.midnight(self.today + ONE_DAY):
            return self.midnight(day + ONE_DAY)
        now = self.at.astimezone(self.city.zone).time()
        return to_micros(datetime.combine(day, now, self.city.zone).astimezone(UTC))

    def clock_time(self, micros: int) -> time:
        """What the city's clock shows at a moment (microseconds)."""
        return from_micros(micros).astimezone(self.city.zone).time()

    def quarters(self, day: date) -> tuple[int, int]:
        """A day of the city in quarter hours since 1970: its first, and the first of the next day."""
        return self.midnight(day) // QUARTER, self.midnight(day + ONE_DAY) // QUARTER


def frame_of(slices: Slices, city: City, working: WorkingTime) -> Frame:
    """The frame of now, read in one slice."""
    return slices.run(lambda connection: _read_frame(connection, slices, city, working))


def _read_frame(connection: Connection, slices: Slices, city: City, working: WorkingTime) -> Frame:
    head = read_head(connection)
    at = head.time.at(database_now(connection))
    open_day = complaints.today(connection)
    today = date.fromisoformat(open_day) if open_day else city.policy.day(at)
    first_day, first_whole_day = _history(connection, city, figures.first_day(connection) or today, kind=head.kind)
    return Frame(
        slices=slices,
        city=city,
        working=working,
        head=head,
        at=at,
        today=today,
        first_day=first_day,
        first_whole_day=first_whole_day,
    )


def _history(connection: Connection, city: City, opened: date, *, kind: str) -> tuple[date, date]:
    """(first day, first whole day) of which the room knows what was finished.

    The day on which the room opened is known from its opening on; imported days are known whole. An import of open
    complaints alone says nothing of their days, so history begins with what was finished. A drill hands in open
    complaints of days that it never had, so its history begins when it opens.
    """
    finished = figures.first_finish(connection)
    if finished is not None and kind != "drill":
        imported = city.policy.day(EPOCH + timedelta(microseconds=finished * QUARTER))
        if imported < opened:
            return imported, imported
    return opened, opened + ONE_DAY


# How long stages took.


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """How long cases took on one clock: sorted whole seconds; ``within`` of the ``judged`` kept their promise."""

    seconds: Sequence[int] = ()
    judged: int = 0
    within: int = 0
    classes: frozenset[str] = frozenset()


@dataclass(slots=True)
class _CaseTally:
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


class CaseCache:
    """The measured cases of each stage and day, kept until that day's spans change; one a process for all scenes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Stage, date], tuple[str, tuple[int, int], Mapping[Key, Cases]]] = {}

    def day(self, frame: Frame, stage: Stage, day: date) -> Mapping[Key, Cases]:
        """The cases whose stage ended on a day of the city, by agency and clock."""
        start, end = frame.midnight(day), frame.midnight(day + ONE_DAY)
        mark = frame.read(lambda c: figures.mark_of_spans(c, stage.value, start, end))
        kept = self._kept.get((stage, day))
        if kept is None or kept[:2] != (frame.head.epoch, mark):
            measured = _measured(frame, stage, start, end) if mark[0] else {}
            kept = self._kept[stage, day] = (frame.head.epoch, mark, measured)
        return kept[2]

    def forget_before(self, day: date) -> None:
        """Drop the days before ``day``, which no scene needs any more."""
        self._kept = {key: kept for key, kept in self._kept.items() if key[1] >= day}


def _measured(frame: Frame, stage: Stage, start: int, end: int) -> Mapping[Key, Cases]:
    tallies: defaultdict[Key, _CaseTally] = defaultdict(_CaseTally)
    key: tuple[int, int] | None = (start, -1)
    while key is not None:
        key = frame.read(partial(_measure, frame=frame, stage=stage, key=key, end=end, tallies=tallies))
    return frame.read(lambda _: {of: tally.sorted() for of, tally in tallies.items()})


def _measure(
    connection: Connection,
    *,
    frame: Frame,
    stage: Stage,
    key: tuple[int, int],
    end: int,
    tallies: defaultdict[Key, _CaseTally],
) -> tuple[int, int] | None:
    """Measure one slice more; the key to go on from, None after the last."""
    rows = figures.spans_after(connection, stage.value, key, end, SLICE)
    for row in rows:
        tally = tallies[row.agency, row.clock or DeadlineClock.CALENDAR.value]
        tally.seconds.append(frame.working.between(row.start, row.ended_at, row.clock) // 1_000_000)
        tally.classes.add(row.class_)
        if row.kept is not None:
            tally.judged += 1
            tally.within += row.kept
    return (rows[-1].ended_at, rows[-1].seq) if len(rows) == SLICE else None


def merge_cases(cases: Iterable[Cases]) -> Cases:
    """All cases as one ``Cases``."""
    parts = tuple(cases)
    return Cases(
        seconds=sorted(chain.from_iterable(part.seconds for part in parts)),
        judged=sum(part.judged for part in parts),
        within=sum(part.within for part in parts),
        classes=frozenset().union(*(part.classes for part in parts)),
    )


def spans_of(cases: Mapping[str, Cases], stage: Stage, policy: Policy) -> list[dict[str, Any]]:
    """The `Spans` of docs/figures.md for cases by clock; the clock with most cases first."""
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
    """The median of the first of some `Spans`, None without any."""
    return {"s": spans[0]["p50_s"], "clock": spans[0]["clock"], "n": spans[0]["n"]} if spans else None


def targets_of(classes: Iterable[str], stage: Stage, policy: Policy) -> list[dict[str, Any]] | None:
    """The shortest and the longest promise of these classes for a stage; None when they promise nothing."""
    rules = (policy.classes[key] for key in classes if key in policy.classes)
    promised = sorted((rule.spans[stage] for rule in rules if stage in rule.spans), key=_order)
    return [span_json(promised[0]), span_json(promised[-1])] if promised else None


def _order(span: Span) -> int:
    return span.days * 24 * 60 if span.days is not None else span.minutes or 0


def span_json(span: Span) -> dict[str, Any]:
    """A promise as JSON: ``{days | minutes, clock}``."""
    length = {"days": span.days} if span.days is not None else {"minutes": span.minutes}
    return length | {"clock": span.clock.value}


# What was finished on each day.


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """One finished complaint that is still done; ``seconds``: how long it took on ``clock``.

    ``agency``: which led it when it was finished, empty for none; ``kept``: whether its promise was kept, None without
    a promise; ``reopened_at``: when it was last reopened before that; ``unproved``: whether it was closed without the
    proof that its category asks for.
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


class ClosingCache:
    """The closings of each day, read once and kept until that day's spans change."""

    def __init__(self) -> None:
        self._kept: dict[date, tuple[str, tuple[int, int], tuple[Closing, ...]]] = {}

    def days(self, frame: Frame, days: Sequence[date]) -> tuple[Closing, ...]:
        """The closings of these days; those of all other days are dropped."""
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
    """The closings between two moments; only those that are not among ``before`` are read and measured."""
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


# The window: the last ten working days.


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """``first``: its first day; ``working_days``: how many have run, today in part; ``whole``: the days that are over.

    ``working_day_s``: the seconds of a usual working day.
    """

    first: date
    working_days: float
    whole: tuple[date, ...]
    working_day_s: int

    @property
    def is_long_enough(self) -> bool:
        """Whether enough time has run for a rate."""
        return self.working_days >= MIN_WORKING_DAYS


def window_of(frame: Frame) -> Window:
    """The window at a frame; it does not reach back beyond what the room knows."""
    worked = [day for day, _ in frame.city.policy.calendar.closings]
    end = bisect_right(worked, frame.today)
    days = worked[max(0, end - DAYS) : end]
    known = [day for day in days if day >= frame.first_day]
    run = {day: _run(frame, day) for day in known}
    first = max(days[0] if days else frame.today, frame.first_day)
    return Window(
        first=first,
        working_days=round(sum(run.values()), 2),
        whole=tuple(day for day, part in run.items() if part >= 1),
        working_day_s=median_low([_length(frame, day) for day in days]) // 1_000_000 if days else 0,
    )


def _run(frame: Frame, day: date) -> float:
    """The part of a day's working hours that is over, 0 to 1."""
    if frame.now >= frame.midnight(day + ONE_DAY):
        return 1.0
    return frame.working.between(frame.midnight(day), frame.now, DeadlineClock.WORKING) / _length(frame, day)


def _length(frame: Frame, day: date) -> int:
    return frame.working.between(frame.midnight(day), frame.midnight(day + ONE_DAY), DeadlineClock.WORKING)
