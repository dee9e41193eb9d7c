"""What a city promises, as data (`Policy`), and the arithmetic of its working time (`WorkingCalendar`).

Both are built from the city's pack. All times aware UTC; only ``Policy.day`` uses the city's zone. A question beyond
the years of the calendar raises CalendarEnds: no deadline is better than a silently wrong one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from liveroom.domain.complaints.model import Deadline, DeadlineClock, Multiple, Stage

_NONE = timedelta(0)


class CalendarEnds(ValueError):
    """A moment outside the years for which the calendar was built."""


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
        total, run = _NONE, []
        for start, end in self.intervals:
            total += end - start
            run.append(total)
        object.__setattr__(self, "_starts", tuple(start for start, _ in self.intervals))
        object.__setattr__(self, "_closes", tuple(close for _, close in self.closings))
        object.__setattr__(self, "_run", tuple(run))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from ``start`` to ``end``; zero when ``end`` is not later. Raises CalendarEnds."""
        return self.until(end) - self.until(start) if end > start else _NONE

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The first moment at which ``amount`` of working time has run since ``start``.

        Nothing added is ``start`` itself; what ends with an interval ends at its close, not at the next opening.
        Raises CalendarEnds, and ValueError for a negative amount.
        """
        if amount < _NONE:
            raise ValueError("working time runs forward only")
        if amount == _NONE:
            return start
        return self.reached(self.until(start) + amount)

    def reached(self, run: timedelta) -> datetime:
        """The first moment at which so much working time has run since the first opening. Raises CalendarEnds."""
        index = bisect_left(self._run, run)
        if index == len(self._run):
            raise CalendarEnds(f"{run} of working time after {self._starts[0].isoformat()} is beyond the calendar")
        return self.intervals[index][1] - (self._run[index] - run)

    def close_after(self, start: datetime, days: int) -> datetime:
        """Close of business of the ``days``-th working day after the day of receipt. Raises CalendarEnds.

        What comes in after closing or on a day off counts as received on the next working day; the moment of closing
        itself still belongs to its day, unless the next one opens with it: midnight where offices never close.
        """
        if days < 0:
            raise ValueError("a deadline cannot lie before its receipt")
        self._inside(start)
        opening = bisect_right(self._starts, start) - 1
        opens = self._starts[opening] == start
        index = (bisect_right if opens else bisect_left)(self._closes, start) + days
        if index >= len(self._closes):
            raise CalendarEnds(f"{days} working days after {start.isoformat()} is beyond the calendar")
        return self._closes[index]

    def until(self, moment: datetime) -> timedelta:
        """Working time that has run from the first opening until ``moment``. Raises CalendarEnds."""
        self._inside(moment)
        index = bisect_right(self._starts, moment) - 1
        return self._run[index] - max(_NONE, self.intervals[index][1] - moment)

    def _inside(self, moment: datetime) -> None:
        """Raises CalendarEnds for a moment outside the calendar."""
        if not self.intervals or not self._starts[0] <= moment <= self.intervals[-1][1]:
            raise CalendarEnds(f"{moment.isoformat()} is outside the calendar")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An allowed time: either ``days`` working days or ``minutes`` on ``clock``; exactly one of the two is set."""

    days: int | None = None
    minutes: int | None = None
    clock: DeadlineClock = DeadlineClock.WORKING


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRule:
    """A class of the pack with its promises; ``rank`` 1 is the most urgent."""

    key: str
    rank: int
    spans: Mapping[Stage, Span]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRule:
    """A complaint category: its class, who handles it by default (``agency`` or the area's own office) and privacy."""

    key: str
    class_: str
    agency: str | None
    by_area: bool = False
    private: bool = False
    needs_proof: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything ``decide`` may know of a city. ``areas`` maps a kelurahan code to its kecamatan's agency or None.

    ``warn_percent`` and ``multiples`` are percentages of the allowed time; ``recipients`` maps a multiple to the office
    that hears of it. ``pauses``: which pauses stop the deadlines, ``citizen`` and ``hold``.
    """

    zone: ZoneInfo
    calendar: WorkingCalendar
    classes: Mapping[str, ClassRule]
    categories: Mapping[str, CategoryRule]
    agencies: frozenset[str]
    outside: frozenset[str]
    areas: Mapping[str, str | None]
    default_class: str
    pauses: frozenset[str]
    second_person: bool
    reopen_days: int
    claim_minutes: int
    urgent_class: str
    critical_class: str
    warn_percent: int | None = 75
    multiples: tuple[int, ...] = (150, 200, 300)
    recipients: Mapping[int, str] = field(default_factory=dict)

    def day(self, moment: datetime) -> date:
        """The city's own date at ``moment``."""
        return moment.astimezone(self.zone).date()

    def is_private(self, category: str) -> bool:
        """Whether complaints of this category are private; a category that the city does not know counts so (CR-80)."""
        rule = self.categories.get(category)
        return rule is None or rule.private

    def class_of(self, category: str, priority: str) -> str:
        """The class of a category, raised (never lowered) by a priority; an unknown category gets the default."""
        rule = self.categories.get(category)
        keys = [rule.class_ if rule else self.default_class]
        if priority == "critical":
            keys.append(self.critical_class)
        if priority == "urgent":
            keys.append(self.urgent_class)
        return self.more_urgent(*keys)

    def rule_of(self, class_: str) -> ClassRule:
        """What a class promises; the default class's where the pack no longer has it, until all is planned anew."""
        return self.classes.get(class_) or self.classes[self.default_class]

    def more_urgent(self, *classes: str) -> str:
        """The most urgent of these; one that the pack no longer has ranks as the default class and gives way to it."""
        return min(classes, key=lambda key: (self.rule_of(key).rank, key not in self.classes))

    def priority_of(self, class_: str) -> str:
        """A complaint's priority from its class: critical, urgent or normal (words.md)."""
        if class_ == self.critical_class:
            return "critical"
        return "urgent" if class_ == self.urgent_class else "normal"

    def agency_for(self, category: str, area: str | None) -> str | None:
        """Who handles this by default; None when the category is unknown or its office depends on an unknown area."""
        rule = self.categories.get(category)
        if rule is None:
            return None
        return self.areas.get(area) if rule.by_area and area is not None else rule.agency

    def deadline(self, class_: str, stage: Stage, start: datetime) -> Deadline | None:
        """The promise of ``stage`` counted from ``start``. Rule: the pack's unit note.

        None when the class makes none, or the calendar does not reach that far: none is better than a wrong one.
        """
        span = self.rule_of(class_).spans.get(stage)
        try:
            plain = None if span is None else self._counted(span, start)
        except CalendarEnds:
            return None
        return plain if plain is None or stage is Stage.REPLY else self.marked(plain)

    def _counted(self, span: Span, start: datetime) -> Deadline:
        if span.days is not None:
            return Deadline(start=start, due=self.calendar.close_after(start, span.days), clock=DeadlineClock.WORKING)
        minutes = timedelta(minutes=span.minutes or 0)
        due = start + minutes if span.clock is DeadlineClock.CALENDAR else self.calendar.add(start, minutes)
        return Deadline(start=start, due=due, clock=span.clock)

    def marked(self, deadline: Deadline) -> Deadline:
        """The deadline with the moments at which its shares of the allowed time have run, counted on its own clock.

        None of them where nothing is allowed; a multiple beyond the calendar is left out, and those after it.
        """
        start, due, calendar = deadline.start, deadline.due, self.calendar
        # Asked once for all shares: it is most of what one of them costs.
        works = deadline.clock is DeadlineClock.WORKING
        begun = calendar.until(start) if works and due > start else None
        always = _NONE if works else due - start
        allowed = always if begun is None else calendar.until(due) - begun
        if not allowed:
            return replace(deadline, warn_at=None, multiples=())
        warn, *later = _shares(allowed, (self.warn_percent or 0, *self.multiples))
        found: list[Multiple] = []
        for percent, share in zip(self.multiples, later, strict=True):
            try:
                at = self._reached(start, begun, share)
            except CalendarEnds:
                break
            found.append(Multiple(percent=percent, at=at, recipient=self.recipients.get(percent)))
        warn_at = None if self.warn_percent is None else self._reached(start, begun, warn)
        return replace(deadline, warn_at=warn_at, multiples=tuple(found))

    def _reached(self, start: datetime, begun: timedelta | None, share: timedelta) -> datetime:
        """When ``share`` has run since ``start``; ``begun``: working time until then, None where time counts always."""
        return start + share if begun is None or not share else self.calendar.reached(begun + share)

    def shifted(self, deadline: Deadline, stopped: datetime, again: datetime) -> Deadline:
        """The deadline after its clock stood still from ``stopped`` to ``again``; what lay behind stays where it was.

        Raises CalendarEnds when its end is beyond the calendar.
        """

        def moved(moment: datetime) -> datetime:
            if moment <= stopped:
                return moment
            if deadline.clock is DeadlineClock.CALENDAR:
                return moment + (again - stopped)
            return self.calendar.add(again, self.calendar.between(stopped, moment))

        later: list[Multiple] = []
        for multiple in deadline.multiples:
            try:
                later.append(replace(multiple, at=moved(multiple.at)))
            except CalendarEnds:
                break
        due = deadline.due if deadline.passed else moved(deadline.due)
        warn_at = deadline.warn_at and moved(deadline.warn_at)
        return replace(deadline, due=due, warn_at=warn_at, multiples=tuple(later))


# What comes in while offices are closed, as most does, has the same time as all that came in that night.
@lru_cache(maxsize=1024)
def _shares(allowed: timedelta, percents: tuple[int, ...]) -> tuple[timedelta, ...]:
    return tuple(allowed * percent / 100 for percent in percents)
