"""Matters that grow: reports of one category from one place, in much the same words, more of them by the hour.

A district may have its usual number of complaints while a dozen people report the same burst pipe. Two reports are
about one matter when they lie close and their score of likeness reaches ``alike``; who scores reads the words. Pure.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import cos, radians

from liveroom.domain.surge import METRES_A_DEGREE, metres_between


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterRules:
    """Measured by bench/signs.py. A matter grows with ``least`` reports ``within`` so long; ``metres`` apart at most,
    with a score of at least ``alike`` (0 to 1)."""

    least: int = 4
    within: timedelta = timedelta(hours=3)
    metres: float = 250.0
    alike: float = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedReport:
    """A report with a place; (lat, lon) in WGS 84 degrees."""

    id: str
    category: str
    lat: float
    lon: float
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowingMatter:
    """Reports of one matter, in order of receipt; at least ``MatterRules.least``."""

    reports: tuple[PlacedReport, ...] = field(repr=False)

    @property
    def category(self) -> str:
        """The category of all of them."""
        return self.reports[0].category

    @property
    def since(self) -> datetime:
        """When the first came in."""
        return self.reports[0].received_at


Likeness = Callable[[PlacedReport, PlacedReport], float]


def growing(
    reports: Sequence[PlacedReport], likeness: Likeness, rules: MatterRules, now: datetime
) -> tuple[GrowingMatter, ...]:
    """The matters that grow at ``now``, the largest first. Only neighbours in a grid are compared."""
    recent = sorted(
        (one for one in reports if now - rules.within <= one.received_at <= now),
        key=lambda one: (one.received_at, one.id),
    )
    group_of = {one.id: [one] for one in recent}
    grid = _Grid(rules.metres, max((abs(one.lat) for one in recent), default=0.0))
    for one in recent:
        for other in grid.around(one):
            _join(one, other, group_of, likeness, rules)
        grid.put(one)
    groups = {id(group): group for group in group_of.values() if len(group) >= rules.least}
    found = (
        GrowingMatter(reports=tuple(sorted(group, key=lambda one: (one.received_at, one.id))))
        for group in groups.values()
    )
    return tuple(sorted(found, key=lambda one: (-len(one.reports), one.since)))


class _Grid:
    """Reports by category and square; what lies within ``metres`` is in the same square or in one beside it."""

    def __init__(self, metres: float, farthest: float) -> None:
        """``farthest``: the largest latitude, where a degree of longitude is shortest."""
        self._height = metres / METRES_A_DEGREE
        self._width = self._height / max(0.01, cos(radians(farthest)))
        self._squares: dict[tuple[str, int, int], list[PlacedReport]] = {}

    def put(self, one: PlacedReport) -> None:
        self._squares.setdefault(self._square(one), []).append(one)

    def around(self, one: PlacedReport) -> Iterator[PlacedReport]:
        category, row, column = self._square(one)
        for near_row in (row - 1, row, row + 1):
            for near_column in (column - 1, column, column + 1):
                yield from self._squares.get((category, near_row, near_column), ())

    def _square(self, one: PlacedReport) -> tuple[str, int, int]:
        return one.category, int(one.lat // self._height), int(one.lon // self._width)


def _join(
    one: PlacedReport,
    other: PlacedReport,
    group_of: dict[str, list[PlacedReport]],
    likeness: Likeness,
    rules: MatterRules,
) -> None:
    """Make the groups of two reports one, if they are about one matter."""
    mine, theirs = group_of[one.id], group_of[other.id]
    if mine is theirs or metres_between(one.lat, one.lon, other.lat, other.lon) > rules.metres:
        return
    if likeness(one, other) < rules.alike:
        return
    small, large = sorted((mine, theirs), key=len)
    large.extend(small)
    for moved in small:
        group_of[moved.id] = large
