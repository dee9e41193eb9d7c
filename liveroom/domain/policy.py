"""What a city promises, as pure data: classes with their spans, categories, agencies, areas, the working calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from liveroom.domain.complaint import Clock, Deadline, Stage
from liveroom.domain.working import CalendarEnds, WorkingCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An allowed time: either ``days`` working days or ``minutes`` on ``clock``; exactly one of the two is set."""

    days: int | None = None
    minutes: int | None = None
    clock: Clock = Clock.WORKING


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRule:
    """One of the pack's classes; ``rank`` 1 is the most urgent."""

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
    """Everything ``decide`` may know of a city. ``areas`` maps a kelurahan code to its kecamatan's agency or None."""

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

    def day(self, moment: datetime) -> date:
        """The city's own date at ``moment``."""
        return moment.astimezone(self.zone).date()

    def class_of(self, category: str, priority: str) -> str:
        """The class of a category, raised (never lowered) by a priority; an unknown category gets the default."""
        rule = self.categories.get(category)
        keys = [rule.class_ if rule else self.default_class]
        if priority == "critical":
            keys.append(self.critical_class)
        if priority == "urgent":
            keys.append(self.urgent_class)
        return min(keys, key=lambda key: self.classes[key].rank)

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
        span = self.classes[class_].spans.get(stage)
        try:
            return None if span is None else self._counted(span, start)
        except CalendarEnds:
            return None

    def _counted(self, span: Span, start: datetime) -> Deadline:
        if span.days is not None:
            return Deadline(start=start, due=self.calendar.close_after(start, span.days), clock=Clock.WORKING)
        minutes = timedelta(minutes=span.minutes or 0)
        due = start + minutes if span.clock is Clock.CALENDAR else self.calendar.add(start, minutes)
        return Deadline(start=start, due=due, clock=span.clock)

    def shifted(self, deadline: Deadline, stopped: datetime, again: datetime) -> Deadline:
        """The deadline after its clock stood still from ``stopped`` to ``again``; a passed one stays where it was."""
        if deadline.passed or deadline.due <= stopped:
            return deadline
        if deadline.clock is Clock.CALENDAR:
            due = deadline.due + (again - stopped)
        else:
            due = self.calendar.add(again, self.calendar.between(stopped, deadline.due))
        return Deadline(start=deadline.start, due=due, clock=deadline.clock, passed=deadline.passed)
