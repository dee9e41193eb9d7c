"""What happens to complaints in a scripted week, and which deadlines that must make the clock tell of, reckoned slowly.

A story is told in whole minutes. Its reckoning knows the classes' times as the pack's file says them and nothing of
the product's arithmetic.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.room.slow_time import DAY, MINUTE, Stop, close_of, marks

LADDER = (75, 100, 150, 200, 300)
KIND = {75: "deadline.warned", 100: "deadline.passed"}
# Calendar minutes, or working days: forward, accept, finish, reply.
CLASSES: dict[str, tuple[int, int, int, int]] = {
    "kebakaran": (2, 10, 120, 30),
    "macet": (30, 1, 3, 1),
    "sampah": (30, 1, 5, 5),
    "jalan_rusak": (30, 1, 14, 5),
}
MINUTES_ONLY = "kebakaran"
Mark = tuple[str, str, datetime, int]  # label, stage, moment, percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that somebody does to a complaint."""

    at: datetime
    name: str
    by: str = "supervisor"
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One complaint. What never happens is None; ``stop`` is a pause from a moment to a moment.

    One that is extended in the ``evening`` gets a moment outside office hours, which counts by the calendar.
    """

    label: str
    category: str
    received: datetime
    forwarded: datetime | None = None
    accepted: datetime | None = None
    stop: Stop | None = None
    held: bool = False
    extended: datetime | None = None
    evening: bool = False
    replied: datetime | None = None
    ended: datetime | None = None

    def acts(self) -> Iterator[Act]:
        """All but the receipt, in no order."""
        if self.forwarded:
            yield Act(at=self.forwarded, name="forward", by="duty", fields={"agency": "dpupr"})
        if self.accepted:
            yield Act(at=self.accepted, name="accept", by="agency")
        if self.stop and self.held:
            yield Act(at=self.stop[0], name="hold", fields={"reason": "alat", "until": self.stop[1].isoformat()})
        if self.stop and not self.held:
            yield Act(at=self.stop[0], name="ask", by="duty", fields={"text": "di mana?"})
            yield Act(at=self.stop[1], name="answer", by="duty", fields={"text": "di sana"})
        if self.extended:
            due = self._extended_to(self.extended)
            yield Act(at=self.extended, name="extend", fields={"due_at": due.isoformat(), "reason": "alat"})
        if self.replied:
            yield Act(at=self.replied, name="reply", by="duty", fields={"text": "sedang dikerjakan"})
        if self.ended:
            yield Act(at=self.ended, name="close", fields={"reason": "selesai sendiri"})

    def _extended_to(self, now: datetime) -> datetime:
        if self.category == MINUTES_ONLY:
            return max(now, self.received + 120 * MINUTE) + 90 * MINUTE
        close = close_of(now, CLASSES[self.category][2] + 1)
        return close + 120 * MINUTE if self.evening else close - 120 * MINUTE

    def moments(self) -> tuple[datetime, ...]:
        return (self.received, *(act.at for act in self.acts()))

    def marks(self, until: datetime) -> Iterator[Mark]:
        """Every deadline event there must be by ``until``."""
        end = min(self.ended or until, until)
        forward, accept, finish, reply = CLASSES[self.category]
        left = min(self.forwarded or end, end)
        yield from self._of("forward", self.received, left, LADDER, minutes=forward)
        if self.forwarded and self.forwarded <= end:
            taken = min(self.accepted or end, end)
            yield from self._of("accept", self.forwarded, taken, LADDER, **self._amount(accept))
        if self.extended is None or self.extended > end:
            yield from self._of("finish", self.received, end, LADDER, **self._amount(finish))
        else:
            yield from self._of("finish", self.received, self.extended, LADDER, **self._amount(finish))
            due, working = self._extended_to(self.extended), self.category != MINUTES_ONLY and not self.evening
            fresh = marks(self.received, due, LADDER, working=working, until=end)
            yield from ((self.label, "finish", at, p) for p, at in fresh.items() if at > self.extended)
        yield from self._of("reply", self.received, min(self.replied or end, end), (100,), **self._amount(reply))

    def _amount(self, number: int) -> dict[str, int]:
        return {"minutes" if self.category == MINUTES_ONLY else "days": number}

    def _of(
        self, stage: str, start: datetime, end: datetime, percents: tuple[int, ...], minutes: int = 0, days: int = 0
    ) -> Iterator[Mark]:
        due = close_of(start, days) if days else start + minutes * MINUTE
        stops = (self.stop,) if self.stop else ()
        found = marks(start, due, percents, working=bool(days), until=end, stops=stops)
        yield from ((self.label, stage, at, percent) for percent, at in found.items())


def stories(number: int, start: datetime, end: datetime, *, seed: int = 4) -> list[Story]:
    """So many lives of eight kinds, spread over the time given; the same ones each time."""
    chance = Random(seed)
    minutes = (end - start) // MINUTE
    return [_story(index, start + chance.randrange(1, minutes) * MINUTE, chance) for index in range(number)]


def crowd(label: str, at: datetime, *, number: int, category: str = "macet") -> list[Story]:
    """One after the other, a minute apart, that nobody touches: with their deadlines comes a flood of alarms."""
    return [Story(label=f"{label}{n:02}", category=category, received=at + n * MINUTE) for n in range(number)]


def apart_from(told: list[Story], gaps: tuple[Stop, ...]) -> list[Story]:
    """Those in which nobody does anything in one of the gaps."""
    return [one for one in told if not any(a <= moment <= b for moment in one.moments() for a, b in gaps)]


def _story(index: int, received: datetime, chance: Random) -> Story:
    category = tuple(CLASSES)[index // 8 % len(CLASSES)]

    def later(moment: datetime, longest: timedelta) -> datetime:
        return moment + chance.randrange(1, longest // MINUTE) * MINUTE

    quick, slow = (timedelta(minutes=5), timedelta(hours=5)) if category == MINUTES_ONLY else (DAY / 8, 3 * DAY)
    forwarded = later(received, quick)
    accepted = later(forwarded, slow / 4)
    paused = later(accepted, slow / 2)
    more: dict[str, Any] = (
        {},
        {"forwarded": forwarded},
        {"forwarded": forwarded, "accepted": accepted, "ended": later(accepted, slow)},
        {"forwarded": forwarded, "accepted": accepted, "stop": (paused, later(paused, slow)), "held": True},
        {"forwarded": forwarded, "accepted": accepted, "stop": (paused, later(paused, slow))},
        {"forwarded": forwarded, "accepted": accepted, "extended": paused, "evening": bool(index // 32 % 2)},
        {"ended": later(received, slow / 4)},
        {"forwarded": forwarded, "accepted": accepted, "replied": later(received, slow)},
    )[index % 8]
    return Story(label=f"s{index:03}", category=category, received=received, **more)
