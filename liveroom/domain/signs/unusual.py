"""Unusual counts: where more complaints came in than the count model allows for, and until when that holds.

Looking at hundreds of cells all day finds something by chance alone. So the limit is no fixed probability: the number
of false signs a day that a city accepts is shared out over all that is looked at in a day, and a city with more
districts is asked for more. A sign begins beyond that limit and ends when the count is back within what is usual. Pure:
the same receipts and the same moment give the same signs, in every process. Times are microseconds since 1970.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from liveroom.domain.signs.count_model import CITY, QUARTER_US, Cell, CountModel

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US


@dataclass(frozen=True, slots=True, kw_only=True)
class SignRules:
    """Measured by bench/signs.py; docs/signs.md has the table.

    ``windows``: hours looked back over. ``false_a_day``: how many signs a day may be chance. ``least``: fewer
    complaints are no sign. ``over``: a sign ends when as many or more come by chance with this probability.
    ``weeks``: of history, below which nothing is said. ``most_weeks``: no more are read.
    """

    windows: tuple[int, ...] = (1, 3, 24)
    false_a_day: float = 1.0
    least: int = 4
    over: float = 0.025
    weeks: int = 8
    most_weeks: int = 13

    def limit(self, cells: int) -> float:
        """The probability below which a count begins a sign, where ``cells`` are looked at."""
        looks = cells * sum(24 / hours for hours in self.windows)
        return self.false_a_day / max(1.0, looks)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSign:
    """``n`` complaints in the last ``hours``, where ``low`` to ``high`` are usual (95 %) and ``mean`` on average.

    ``since``: the receipt of the first of them; ``noticed``: when it first was beyond the limit, at most a day ago.
    ``chance``: of so many or more on a usual day. ``district`` CITY: in the whole city, and in no district alone.
    """

    category: str
    district: str
    hours: int
    n: int
    low: int
    high: int
    mean: float
    since: int
    noticed: int
    chance: float


def unusual(receipts: Mapping[Cell, Sequence[int]], model: CountModel, rules: SignRules, now: int) -> list[CountSign]:
    """The signs that hold at ``now``, the least likely first; at most one a cell.

    ``receipts``: of each cell, sorted, of two days back at least. A cell that the model does not know is not judged.
    """
    look = _Look(model=model, rules=rules, limit=rules.limit(len(model.rates)), now=now)
    found: list[CountSign] = []
    for cell, times in receipts.items():
        seen = (look.sign(cell, times, hours) for hours in rules.windows)
        best = min((one for one in seen if one is not None), key=lambda one: one.chance, default=None)
        if best is not None:
            found.append(best)
    return sorted(_without_repeats(found), key=lambda one: one.chance)


def _without_repeats(found: Sequence[CountSign]) -> Iterable[CountSign]:
    """Those of the whole city only where no district says the same."""
    placed = {one.category for one in found if one.district != CITY}
    return (one for one in found if one.district != CITY or one.category not in placed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look at all cells: at ``now``, with the probability ``limit`` below which a sign begins."""

    model: CountModel
    rules: SignRules
    limit: float
    now: int

    def sign(self, cell: Cell, times: Sequence[int], hours: int) -> CountSign | None:
        """The sign of one cell and window; None when it never began or is over."""
        window, start = hours * HOUR_US, self.now - hours * HOUR_US
        chance, n = self._chance(cell, times, window, self.now), _count(times, start, self.now)
        usual = self.model.expected(cell, start, self.now) if chance <= self.rules.over else None
        noticed = self._noticed(cell, times, window, chance) if usual is not None else None
        if usual is None or noticed is None:
            return None
        low, high = usual.interval()
        return CountSign(
            category=cell[0],
            district=cell[1],
            hours=hours,
            n=n,
            low=low,
            high=high,
            mean=usual.mean,
            since=times[bisect_left(times, start)],
            noticed=noticed,
            chance=chance,
        )

    def _noticed(self, cell: Cell, times: Sequence[int], window: int, chance: float) -> int | None:
        """When a count that is not over was first beyond the limit; None if it never was.

        Looked up backwards, quarter by quarter for as long as it was not over, for a day at most.
        """
        noticed = self.now if chance <= self.limit else None
        step = (self.now - 1) // QUARTER_US * QUARTER_US
        while step >= self.now - DAY_US and (before := self._chance(cell, times, window, step)) <= self.rules.over:
            noticed = step if before <= self.limit else noticed
            step -= QUARTER_US
        return noticed

    def _chance(self, cell: Cell, times: Sequence[int], window: int, at: int) -> float:
        """The chance of what came in until ``at``; 1 for few, and beneath what is usual, where nothing is summed."""
        n = _count(times, at - window, at)
        usual = self.model.expected(cell, at - window, at) if n >= self.rules.least else None
        return 1.0 if usual is None or n <= usual.mean else usual.tail(n)


def _count(times: Sequence[int], start: int, end: int) -> int:
    """How many receipts lie from ``start`` until before ``end``."""
    return bisect_left(times, end) - bisect_left(times, start)
