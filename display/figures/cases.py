"""How long stages took: the cases of each day, measured once and kept until that day's spans change."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import chain
from typing import Any

from display.figures.frame import ONE_DAY, Frame
from display.figures.ranks import nearest_rank, share
from liveroom.domain.complaints.model import Clock, Stage
from liveroom.domain.policy import Policy, Span
from liveroom.projection import figures

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
        heap = heaps[row.agency, row.clock or Clock.CALENDAR.value]
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
