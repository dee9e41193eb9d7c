"""Opening hours of a week as the calendar sheet writes them, and the faults that such a table can have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Literal, get_args

from msgspec import Meta

from liveroom.runtime.errors import Fault

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)
Moment = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="a time like 07:30")]
# 24:00 is the end of the day, as people write the hours of an office that never closes.
Ending = Annotated[
    str, Meta(pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", description="a time like 16:00, at most 24:00")
]
# Since the beginning of the day by the clock on the wall.
Interval = tuple[timedelta, timedelta]
Week = Mapping[Day, tuple[Interval, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A pause during which no working time runs; local times."""

    from_: Moment
    to: Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The hours of some days of the week; local times, closing on the same day or as it ends."""

    days: tuple[Day, ...]
    open: Moment
    close: Ending
    breaks: tuple[Break, ...] = ()

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """What is left of the day between its breaks; meaningful when ``check_week`` found no fault."""
        edges = [self.open, *(edge for pause in self.breaks for edge in (pause.from_, pause.to)), self.close]
        moments = [_since_midnight(edge) for edge in edges]
        return tuple((a, b) for a, b in zip(moments[::2], moments[1::2], strict=True) if a < b)


def check_week(openings: Sequence[Opening], where: str, *, faults: list[Fault]) -> None:
    """Times rise within a day, and no two openings of a day overlap."""
    by_day: dict[Day, list[tuple[str, str]]] = {}
    for index, opening in enumerate(openings):
        here = f"{where}[{index}]"
        if opening.open >= opening.close:
            faults.append(Fault(f"{here}.close", f"{opening.close} is not later than {opening.open}"))
        faults.extend(_breaks(opening, here))
        for day in opening.days:
            by_day.setdefault(day, []).append((opening.open, opening.close))
    for day, hours in by_day.items():
        for (_, close), (start, _) in pairwise(sorted(hours)):
            if start < close:
                faults.append(Fault(where, f"overlapping hours on {day}: {start} lies before {close}"))


def _breaks(opening: Opening, where: str) -> list[Fault]:
    """Breaks lie within the hours, one after the other."""
    edges = [opening.open, *(edge for pause in opening.breaks for edge in (pause.from_, pause.to)), opening.close]
    late = any(later < earlier for earlier, later in pairwise(edges))
    return (
        [Fault(f"{where}.breaks", "overlapping hours: breaks must follow each other within the hours")] if late else []
    )


def _since_midnight(edge: str) -> timedelta:
    hours, minutes = edge.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def week(openings: Sequence[Opening]) -> Week:
    """The sorted intervals of every day of the week; a day off has none."""
    return {
        day: tuple(sorted(pair for opening in openings if day in opening.days for pair in opening.intervals))
        for day in DAYS
    }
