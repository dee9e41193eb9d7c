"""What an evaluation says, as types, and its arithmetic: shares, percentiles, ratings; docs/measures.md defines each.

Durations are whole seconds on the calendar's clock: what a citizen waits, nights and days off too. Nothing is a mean
but the rating's, which has its distribution beside it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

# Below this number a share or percentile is a few cases' luck: it is marked, and no p90 is given (CR-88).
SMALL = 20
CALENDAR = "calendar"
AGES = ("to_1", "to_3", "to_7", "older")
SCORES = range(1, 6)
# Durations in a piece: few enough that it is sorted within a slice, in some 3 ms.
_PIECE = 16_384


class OnTime(Struct, frozen=True, kw_only=True):
    """``due`` = ``on_time`` + ``late`` + ``overdue``, those closed in time, closed late, and open beyond their limit.

    ``share``: on_time / due, the honest one; ``naive``: on_time / (on_time + late), what is usually published, which
    hides whatever is never closed. None without cases. ``small``: fewer than SMALL due.
    """

    on_time: int = 0
    late: int = 0
    overdue: int = 0
    due: int = 0
    share: float | None = None
    naive: float | None = None
    small: bool = True


class Took(Struct, frozen=True, kw_only=True):
    """How long ``n`` cases took: median and 90th percentile (nearest rank) in seconds; with few, no ``p90_s``."""

    clock: str = CALENDAR
    n: int = 0
    median_s: int | None = None
    p90_s: int | None = None
    small: bool = True


class Rating(Struct, frozen=True, kw_only=True):
    """``n`` judgements of citizens; ``scores``: how many gave 1 to 5; ``mean`` in two decimals; None without any."""

    n: int = 0
    scores: tuple[int, ...] = (0,) * len(SCORES)
    median: int | None = None
    mean: float | None = None
    small: bool = True


class Hands(Struct, frozen=True, kw_only=True):
    """Two agencies between which ``n`` complaints that go to and fro were sent."""

    one: str
    other: str
    n: int


class Measures(OnTime, frozen=True, kw_only=True):
    """The measures of one row and one period.

    ``open`` is what is open at the end, and ``to_1``, ``to_3``, ``to_7``, ``older`` the same by days since its
    receipt. ``ping_pong``: complaints that changed hands for the third time or more, ``between`` whom, busiest first.
    """

    received: int = 0
    forwarded: int = 0
    accepted: int = 0
    finished: int = 0
    elsewhere: int = 0
    open: int = 0
    to_1: int = 0
    to_3: int = 0
    to_7: int = 0
    older: int = 0
    reopened: int = 0
    declined: int = 0
    sent_on: int = 0
    sent_back: int = 0
    rated: int = 0
    ping_pong: int = 0
    between: tuple[Hands, ...] = ()
    forwarding: Took = Took()
    acceptance: Took = Took()
    finish: Took = Took()
    overdue_for: Took = Took()
    rating: Rating = Rating()


class WeekPoint(OnTime, frozen=True, kw_only=True):
    """One week, from its Monday to its Sunday (ISO dates), judged at its end or now if it still runs."""

    first: str = field(name="from")
    last: str = field(name="to")


class EvaluationRow(Struct, frozen=True, kw_only=True):
    """One ``value`` of the cut (None: no agency, area …; of the city's row it says nothing), and the same earlier."""

    value: str | None
    figures: Measures
    before: Measures
    last_year: Measures
    weeks: tuple[WeekPoint, ...]


class EvaluatedPeriod(Struct, frozen=True, kw_only=True):
    """A period: ``from`` and ``to`` are ISO dates, both in it; ``running``: it is not over.

    ``judged_at``: the moment at which open and late were judged: its end or, while it still runs, now.
    """

    kind: str
    first: str = field(name="from")
    last: str = field(name="to")
    running: bool
    judged_at: str


class Evaluation(Struct, frozen=True, kw_only=True):
    """A period and a cut, computed from the log up to ``seq``; ``at`` is room time then (RFC 3339).

    ``rows`` worst share first, those with nothing due last. ``first_receipt``: when the first complaint of all came
    in; of periods before it nothing is known.
    """

    epoch: str
    seq: int
    at: str
    by: str
    filters: Mapping[str, str]
    period: EvaluatedPeriod
    before: EvaluatedPeriod
    last_year: EvaluatedPeriod
    first_receipt: str | None
    small: int = SMALL
    city: EvaluationRow
    rows: tuple[EvaluationRow, ...] = field(default_factory=tuple)


# ---- arithmetic ----


def on_time_of(on_time: int, late: int, overdue: int) -> dict[str, Any]:
    """The fields of `OnTime` from three counts."""
    due = on_time + late + overdue
    return {
        "on_time": on_time,
        "late": late,
        "overdue": overdue,
        "due": due,
        "share": share_of(on_time, due),
        "naive": share_of(on_time, on_time + late),
        "small": due < SMALL,
    }


def share_of(part: int, of: int) -> float | None:
    """``part`` of ``of``, 0 to 1 in four decimals; None when ``of`` is 0."""
    return round(part / of, 4) if of else None


def rating_of(scores: Mapping[int, int]) -> Rating:
    """The rating of so many judgements by score; the median by nearest rank."""
    counts = tuple(scores.get(score, 0) for score in SCORES)
    n = sum(counts)
    if not n:
        return Rating()
    mean = round(sum(score * count for score, count in zip(SCORES, counts, strict=True)) / n, 2)
    median = next(score for score in SCORES if sum(counts[:score]) >= _rank(n, 50))
    return Rating(n=n, scores=counts, median=median, mean=mean, small=n < SMALL)


class DurationTally:
    """Durations in sorted pieces: a percentile of a million then needs no list of a million sorted at once."""

    def __init__(self) -> None:
        self.pieces: list[list[int]] = []
        self._open: list[int] = []

    def add(self, seconds: Iterable[int]) -> None:
        """Count some."""
        self._open.extend(seconds)
        if len(self._open) >= _PIECE:
            self._close()

    def _close(self) -> None:
        self._open.sort()
        self.pieces.append(self._open)
        self._open = []

    def sorted_pieces(self) -> Sequence[Sequence[int]]:
        """All of them."""
        if self._open:
            self._close()
        return self.pieces


def took_of(tallies: Iterable[DurationTally]) -> Took:
    """Median and p90 of all tallies together, by nearest rank (CR-88); what ran backwards counts as no time."""
    pieces = [piece for tally in tallies for piece in tally.sorted_pieces()]
    n = sum(map(len, pieces))
    if not n:
        return Took()
    p90 = _ranked(pieces, _rank(n, 90)) if n >= SMALL else None
    return Took(n=n, median_s=_ranked(pieces, _rank(n, 50)), p90_s=p90, small=n < SMALL)


def _rank(n: int, percent: int) -> int:
    return max(1, -(-percent * n // 100))


def _ranked(pieces: Sequence[Sequence[int]], rank: int) -> int:
    """The value of a rank, counted from 1: the smallest that so many do not exceed."""
    low, high = min(piece[0] for piece in pieces), max(piece[-1] for piece in pieces)
    while low < high:
        middle = (low + high) // 2
        if sum(bisect_right(piece, middle) for piece in pieces) >= rank:
            high = middle
        else:
            low = middle + 1
    return max(low, 0)
