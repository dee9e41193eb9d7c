"""Reads evaluations from the stays in slices, keeps the last answers, and lists the complaints behind a number.

An answer is of one position of the log; while its period still runs it is of one minute, too. Nothing holds the
database's thread for more than a slice.
"""

from bisect import bisect_right
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any

from msgspec import Struct

from liveroom.city.city import City
from liveroom.domain.timestamps import from_micros, to_micros, to_text
from liveroom.evaluation.measures import (
    AGES,
    DurationTally,
    EvaluatedPeriod,
    Evaluation,
    EvaluationRow,
    Hands,
    Measures,
    WeekPoint,
    on_time_of,
    rating_of,
    took_of,
)
from liveroom.evaluation.periods import Period, offsets_of
from liveroom.log.engine import Connection
from liveroom.log.event_log import EventLog, Head, Slices, database_now, read_head
from liveroom.projection import IN_A_QUERY
from liveroom.projection import stay_counts as counts
from liveroom.projection.stay_counts import DAY, SECOND, UNMEASURED, Behind, Cut, ListPlace, Page, Selection
from liveroom.projection.stays import FINISHED, RATED, RECEIVED, REOPENED
from liveroom.runtime.single_flight import SingleFlight

KEPT = 24
_MINUTE = 60 * SECOND
# The row of the whole city among the rows of the cut.
CITY = None
# The cut, the ending and whether the promise was kept, of stays that ended alike.
_End = tuple[object, str, int | None]
# The part of the room's time from which a period holds so many stays that all are looked at in turn.
_MOST = 0.4
_Slice = Callable[[Connection, int], Page]
# A row's own value, empty for none.
Value = str


class Inquiry(Struct, frozen=True, kw_only=True):
    """What is asked: a period, the cut, and (cut, code) pairs of which complaints alone count."""

    period: Period
    by: Cut
    filters: tuple[tuple[Cut, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomMoment:
    """One moment of the room, read in slices: ``now`` is the first microsecond after room time."""

    slices: Slices
    head: Head
    at: datetime

    @property
    def now(self) -> int:
        """In microseconds; all that is logged lies before it."""
        return to_micros(self.at) + 1

    def walk(self, read: _Slice, start: int, take: Callable[[Sequence[Any]], None]) -> None:
        """Give ``take`` the rows of each slice from ``start`` on, within the slice."""

        def one(connection: Connection, at: int) -> int | None:
            page = read(connection, at)
            take(page.rows)
            return page.next

        at: int | None = start
        while at is not None:
            at = self.slices.run(partial(one, at=at))


def moment_of(slices: Slices) -> RoomMoment:
    """The present moment."""

    def read(connection: Connection) -> tuple[Head, datetime]:
        head = read_head(connection)
        return head, head.time.at(database_now(connection))

    head, at = slices.run(read)
    return RoomMoment(slices=slices, head=head, at=at)


class Evaluator:
    """The evaluations of one process; asked at once for the same, it reads once."""

    def __init__(self, log: EventLog, city: City) -> None:
        self._log = log
        self._city = city
        self._kept: OrderedDict[tuple[object, ...], Evaluation] = OrderedDict()
        self._flights: SingleFlight[Evaluation] = SingleFlight()

    def of(self, question: Inquiry) -> Evaluation:
        """The evaluation as of now. Raises Unavailable."""
        return self._flights.run(question, lambda: self._fresh(question))

    def at(self, question: Inquiry, slices: Slices) -> Evaluation:
        """The evaluation at the position of a transaction that is open, for what reads other things there too."""
        return self._read(question, moment_of(slices))

    def behind(self, question: Inquiry, measure: str, value: str | None, place: ListPlace, limit: int) -> Behind:
        """Up to ``limit`` complaints behind the number of a measure, of the row ``value`` or of the city (None).

        Raises Unavailable, and ValueError for an unknown measure.
        """
        found: list[tuple[str, int]] = []
        with self._log.slices() as slices:
            reading = moment_of(slices)
            start, judged = self._span(question.period, reading)
            selection = self._selection(question, reading)
            at: ListPlace | None = place if start < judged else None
            while at is not None and len(found) < limit:
                part = slices.run(
                    partial(
                        counts.behind,
                        selection=selection,
                        measure=measure,
                        span=(start, judged),
                        value=value,
                        place=at,
                        limit=limit - len(found),
                    )
                )
                found.extend(part.found)
                at = part.next
        return Behind(found, at)

    def _fresh(self, question: Inquiry) -> Evaluation:
        with self._log.slices() as slices:
            reading = moment_of(slices)
            end = question.period.moments(self._city.zone)[1]
            minute = reading.now // _MINUTE if reading.now < end else None
            key = (reading.head.epoch, reading.head.seq, minute, question)
            if key not in self._kept:
                self._kept[key] = self._read(question, reading)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]

    def _selection(self, question: Inquiry, reading: RoomMoment) -> Selection:
        city = self._city
        return Selection(
            by=question.by,
            filters=question.filters,
            offsets=offsets_of(city.zone, reading.at.year),
            known=((Cut.CATEGORY, frozenset(city.categories)), (Cut.AREA, frozenset(city.areas))),
        )

    def _span(self, period: Period, reading: RoomMoment) -> tuple[int, int]:
        """A period's first moment, and the moment at which it is judged."""
        start, end = period.moments(self._city.zone)
        return start, min(end, reading.now)

    def _read(self, question: Inquiry, reading: RoomMoment) -> Evaluation:
        selection, period = self._selection(question, reading), question.period
        asked = (period, period.before, period.last_year)
        tallies: dict[Period, _PeriodTally] = {}
        for one in asked:
            if one not in tallies:
                tallies[one] = _tally(reading, selection, *self._span(one, reading))
        weeks = _weeks(reading, selection, [(week, *self._span(week, reading)) for week in period.weeks()])
        values = sorted({value for tally in tallies.values() for value in tally.values()})
        # The city last: each row's durations are sorted by then.
        rows = [self._row(value, [tallies[one] for one in asked], weeks, reading) for value in (*values, CITY)]
        first = reading.slices.run(counts.first_start)
        return Evaluation(
            epoch=reading.head.epoch,
            seq=reading.head.seq,
            at=to_text(reading.at),
            by=question.by.value,
            filters={cut.value: code for cut, code in question.filters},
            period=self._said(period, reading),
            before=self._said(period.before, reading),
            last_year=self._said(period.last_year, reading),
            first_receipt=None if first is None else to_text(from_micros(first)),
            city=rows[-1],
            rows=tuple(sorted(rows[:-1], key=_by_number if question.by in _IN_ORDER else _worst_first)),
        )

    @staticmethod
    def _row(
        value: str | None, tallies: Sequence["_PeriodTally"], weeks: "_WeekTally", reading: RoomMoment
    ) -> EvaluationRow:
        figures = [reading.slices.run(partial(_figures, tally, value)) for tally in tallies]
        return EvaluationRow(
            value=value or None,
            figures=figures[0],
            before=figures[1],
            last_year=figures[2],
            weeks=weeks.points(value),
        )

    def _said(self, period: Period, reading: RoomMoment) -> EvaluatedPeriod:
        _, end = period.moments(self._city.zone)
        return EvaluatedPeriod(
            kind=period.kind.value,
            first=period.first.isoformat(),
            last=period.last.isoformat(),
            running=reading.now < end,
            judged_at=to_text(min(from_micros(end), reading.at)),
        )


def _figures(tally: "_PeriodTally", value: str | None, _connection: Connection) -> Measures:
    """In a slice, since a year's durations take some milliseconds to rank."""
    return tally.figures(value)


_IN_ORDER = (Cut.HOUR, Cut.WEEKDAY)


def _by_number(row: EvaluationRow) -> tuple[int]:
    return (int(row.value or 0),)


def _worst_first(row: EvaluationRow) -> tuple[bool, float, int, str]:
    figures = row.figures
    return figures.share is None, figures.share or 0.0, -figures.due, row.value or ""


# ---- one period ----


@dataclass(slots=True)
class _RowTally:
    """What is counted of one row; ``hands``: by pair of agencies the complaints that went to and fro between them."""

    counts: Counter[str] = field(default_factory=Counter)
    scores: Counter[int] = field(default_factory=Counter)
    durations: dict[str, DurationTally] = field(default_factory=lambda: defaultdict(DurationTally))
    to_and_fro: int = 0
    hands: Counter[tuple[str, str]] = field(default_factory=Counter)


_DURATIONS = ("forwarding", "acceptance", "finish", "overdue_for")


class _PeriodTally:
    """What was counted in one period: a ``_RowTally`` for each value of the cut, and what is counted of the city alone.

    Rows add up to the city's, but for `ping_pong` by agency, which counts a complaint for each of its hands.
    """

    def __init__(self, selection: Selection, start: int, judged: int) -> None:
        self.start, self.judged = start, judged
        self._selection = selection
        self._rows: defaultdict[Value, _RowTally] = defaultdict(_RowTally)
        self._city_to_and_fro = 0
        self._city_hands: Counter[tuple[str, str]] = Counter()

    def row(self, raw: object) -> _RowTally:
        """The row of a value as the database has it."""
        return self._rows[self._selection.code(self._selection.by, str(raw))]

    def values(self) -> Iterable[Value]:
        """The values that anything was counted under."""
        return self._rows.keys()

    def begun(self, rows: Sequence[Any]) -> None:
        """Take rows of ``counts.begun``."""
        names = {RECEIVED: "received", REOPENED: "reopened"}
        for raw, begin, n in rows:
            if begin in names:
                self.row(raw).counts[names[begin]] += n

    def forwarded(self, name: str, duration: str, rows: Iterable[tuple[object, int]]) -> None:
        """Take rows of (cut, seconds): one more of ``name``, which took so long as ``duration``."""
        by_cut: defaultdict[object, list[int]] = defaultdict(list)
        for raw, seconds in rows:
            by_cut[raw].append(seconds)
        self._took(name, duration, by_cut)

    def _took(self, name: str, duration: str, by_cut: Mapping[object, Sequence[int]]) -> None:
        for raw, took in by_cut.items():
            row = self.row(raw)
            row.counts[name] += len(took)
            measured = [seconds for seconds in took if seconds != UNMEASURED] if UNMEASURED in took else took
            row.durations[duration].add(measured)

    def ended(self, rows: Sequence[Any]) -> None:
        """Take rows of ``counts.ended``."""
        by_end: defaultdict[_End, list[int]] = defaultdict(list)
        for raw, ending, kept, seconds in rows:
            by_end[raw, ending, kept].append(seconds)
        self._ends(by_end)

    def passed(self, rows: Sequence[Any]) -> None:
        """Take rows of ``counts.passed``."""
        forwarding: defaultdict[object, list[int]] = defaultdict(list)
        acceptance: defaultdict[object, list[int]] = defaultdict(list)
        by_end: defaultdict[_End, list[int]] = defaultdict(list)
        for raw, _, to_forward, to_accept, ending, kept, seconds in rows:
            if to_forward is not None:
                forwarding[raw].append(to_forward)
            if to_accept is not None:
                acceptance[raw].append(to_accept)
            if ending is not None:
                by_end[raw, ending, kept].append(seconds)
        self.begun([(raw, begin, n) for (raw, begin), n in Counter(map(itemgetter(0, 1), rows)).items()])
        self._took("forwarded", "forwarding", forwarding)
        self._took("accepted", "acceptance", acceptance)
        self._ends(by_end)

    def _ends(self, by_end: "Mapping[_End, Sequence[int]]") -> None:
        for (raw, ending, kept), took in by_end.items():
            row = self.row(raw)
            if ending != FINISHED:
                row.counts["elsewhere"] += len(took)
                continue
            row.counts["finished"] += len(took)
            row.durations["finish"].add(took)
            if kept is not None:
                row.counts["on_time" if kept else "late"] += len(took)

    def open(self, rows: Sequence[Any]) -> None:
        """Take rows of ``counts.open_still`` and ``open_then``."""
        judged, limits = self.judged, [self.judged - days * DAY for days in (1, 3, 7)]
        for raw, received_at, late_at in rows:
            row = self.row(raw)
            row.counts["open"] += 1
            row.counts[AGES[sum(received_at < limit for limit in limits)]] += 1
            if late_at is not None and late_at < judged:
                row.counts["overdue"] += 1
                row.durations["overdue_for"].add(((judged - late_at) // SECOND,))

    def happened(self, rows: Sequence[Any]) -> None:
        """Take rows of ``counts.happened``."""
        for raw, what, score, n in rows:
            if what == RATED:
                self.row(raw).scores[score] += n
            else:
                self.row(raw).counts[what] += n

    def went_to_and_fro(self, found: Mapping[str, object], moves: Mapping[str, set[tuple[str, str]]]) -> None:
        """Count complaints that go to and fro, ``found`` with their cut, by the pairs of hands they went through."""
        own = dict(self._selection.filters).get(Cut.AGENCY)
        for id_, raw in found.items():
            pairs = [pair for pair in moves[id_] if own is None or own in pair]
            self._city_to_and_fro += 1
            self._city_hands.update(pairs)
            if self._selection.by is Cut.AGENCY:
                for agency in {hand for pair in pairs for hand in pair if own in (None, hand)}:
                    row = self.row(agency)
                    row.to_and_fro += 1
                    row.hands.update(pair for pair in pairs if agency in pair)
            else:
                row = self.row(raw)
                row.to_and_fro += 1
                row.hands.update(pairs)

    def figures(self, value: Value | None) -> Measures:
        """The measures of one row, or of the city (None)."""
        rows = list(self._rows.values()) if value is CITY else [self._rows[value]] if value in self._rows else []
        counted: Counter[str] = Counter()
        scores: Counter[int] = Counter()
        for row in rows:
            counted.update(row.counts)
            scores.update(row.scores)
        found: dict[str, Any] = {name: counted[name] for name in _PLAIN}
        for name in _DURATIONS:
            found[name] = took_of([row.durations[name] for row in rows if name in row.durations])
        to_and_fro = self._city_to_and_fro if value is CITY else sum(row.to_and_fro for row in rows)
        hands = self._city_hands if value is CITY else sum((row.hands for row in rows), Counter[tuple[str, str]]())
        return Measures(
            **found,
            **on_time_of(counted["on_time"], counted["late"], counted["overdue"]),
            rated=scores.total(),
            rating=rating_of(scores),
            ping_pong=to_and_fro,
            between=_between(hands),
        )


_PLAIN = (
    *("received", "forwarded", "accepted", "finished", "elsewhere", "open"),
    *("reopened", "declined", "sent_on", "sent_back", *AGES),
)


def _between(hands: Mapping[tuple[str, str], int]) -> tuple[Hands, ...]:
    busiest = sorted(hands.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Hands(one=one, other=other, n=n) for (one, other), n in busiest)


def _tally(reading: RoomMoment, selection: Selection, start: int, judged: int) -> _PeriodTally:
    """Count one period; nothing of one that has not begun."""
    tally = _PeriodTally(selection, start, judged)
    if start >= judged:
        return tally
    walk, end = reading.walk, judged
    first = reading.slices.run(counts.first_start)
    if first is not None and judged - max(start, first) > _MOST * (reading.now - first):
        walk(lambda c, at: counts.passed(c, selection, at, start, end), 0, tally.passed)
    else:
        _walk_indexes(reading, selection, tally)
    walk(lambda c, at: counts.open_still(c, selection, at, judged), 0, tally.open)
    walk(lambda c, at: counts.open_then(c, selection, at, judged), judged, tally.open)
    walk(lambda c, at: counts.happened(c, selection, at, end), start, tally.happened)
    found: dict[str, object] = {}
    walk(
        lambda c, at: counts.to_and_fro(c, selection, at, end),
        start,
        lambda rows: found.update((id_, raw) for raw, id_ in rows),
    )
    tally.went_to_and_fro(found, _moves(reading, sorted(found), end))
    return tally


def _walk_indexes(reading: RoomMoment, selection: Selection, tally: _PeriodTally) -> None:
    """What began, went on and ended in a short period."""
    walk, start, end = reading.walk, tally.start, tally.judged
    walk(lambda c, at: counts.begun(c, selection, at, end), start, tally.begun)
    forwarding = partial(tally.forwarded, "forwarded", "forwarding")
    walk(lambda c, at: counts.forwarded(c, selection, at, end), start, forwarding)
    acceptance = partial(tally.forwarded, "accepted", "acceptance")
    walk(lambda c, at: counts.accepted(c, selection, at, end), start, acceptance)
    walk(lambda c, at: counts.ended(c, selection, at, end, end), start, tally.ended)


def _moves(reading: RoomMoment, ids: Sequence[str], end: int) -> Mapping[str, set[tuple[str, str]]]:
    """The pairs of agencies between which each of these complaints changed hands, each pair in alphabetical order."""
    found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for first in range(0, len(ids), IN_A_QUERY):
        part = ids[first : first + IN_A_QUERY]
        for id_, one, other in reading.slices.run(partial(counts.moves_of, ids=part, end=end)):
            found[id_].add((min(one, other), max(one, other)))
    return found


# ---- thirteen weeks ----


class _WeekTally:
    """Both shares by week and row; ``weeks`` with their span, of which those that have begun are counted."""

    def __init__(self, selection: Selection, weeks: Sequence[tuple[Period, int, int]]) -> None:
        self._selection = selection
        self._weeks = weeks
        self.begun = [(start, judged) for _, start, judged in weeks if start < judged]
        self._judged = [judged for _, judged in self.begun]
        self._counts: Counter[tuple[str, int, str]] = Counter()

    def closings(self, week: int, rows: Sequence[Any]) -> None:
        """Take rows of ``counts.closings`` of a week."""
        for raw, on_time, late in rows:
            value = self._value(raw)
            self._counts[value, week, "on_time"] += int(on_time)
            self._counts[value, week, "late"] += int(late)

    def late(self, rows: Sequence[Any]) -> None:
        """Take rows of ``counts.late_still`` and ``late_then``: overdue at the end of each week that they lie over."""
        for raw, start, late_at, ended_at in rows:
            first = bisect_right(self._judged, max(start, late_at))
            last = len(self._judged) if ended_at is None else bisect_right(self._judged, ended_at)
            for week in range(first, last):
                self._counts[self._value(raw), week, "overdue"] += 1

    def _value(self, raw: object) -> str:
        return self._selection.code(self._selection.by, str(raw))

    def add_up(self) -> None:
        """Add the rows up for the city."""
        whole: Counter[tuple[int, str]] = Counter()
        for (_, week, name), n in self._counts.items():
            whole[week, name] += n
        self._city = whole

    def points(self, value: str | None) -> tuple[WeekPoint, ...]:
        """The weeks of one row, or of the city (None)."""
        return tuple(
            WeekPoint(first=week.first.isoformat(), last=week.last.isoformat(), **self._promise(value, place))
            for place, (week, _, _) in enumerate(self._weeks)
        )

    def _promise(self, value: str | None, week: int) -> dict[str, Any]:
        names = ("on_time", "late", "overdue")
        found = [self._city[week, name] if value is CITY else self._counts[value, week, name] for name in names]
        return on_time_of(*found)


def _weeks(reading: RoomMoment, selection: Selection, weeks: Sequence[tuple[Period, int, int]]) -> _WeekTally:
    tally = _WeekTally(selection, weeks)
    for place, (start, judged) in enumerate(tally.begun):
        reading.walk(partial(_closings, selection=selection, judged=judged), start, partial(tally.closings, place))
    if tally.begun:
        reading.walk(lambda c, at: counts.late_still(c, selection, at), 0, tally.late)
        reading.walk(lambda c, at: counts.late_then(c, selection, at), tally.begun[0][1], tally.late)
    tally.add_up()
    return tally


def _closings(connection: Connection, at: int, *, selection: Selection, judged: int) -> Page:
    return counts.closings(connection, selection, at, judged)
