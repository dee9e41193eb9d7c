"""The figures of the daily brief, read at one position of the log.

Codes, numbers and moments alone: no word of a citizen, no name of a person, and nothing that depends on a language.
``position`` says up to which event they are true, ``fingerprint`` is a hash of all of them.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from statistics import median_low
from typing import Any, Literal, TypeVar

import msgspec

from liveroom.city.city import City
from liveroom.domain.complaints.model import DeadlineClock
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.evaluation.evaluator import Evaluator, Inquiry
from liveroom.evaluation.measures import Measures
from liveroom.evaluation.periods import day_of
from liveroom.log.engine import Connection
from liveroom.log.event_log import Slices, database_now, read_head
from liveroom.projection import complaints as complaint_rows
from liveroom.projection import figures, reports
from liveroom.projection.stay_counts import PING_PONG, Cut

T = TypeVar("T")

# Rows of the table of what is late, and sentences of what waits for a decision.
SHOWN, DECIDED = 5, 3
MOST_CHANGES = 5
# Percent of the time allowed: a step of the ladder above it concerns overdue complaints.
ALLOWED_TIME = 100
# Same weekdays that make the usual figure; fewer than that many are no usual figure.
WEEKS, FEWEST_WEEKS = 8, 2
# An agency's queue is compared with what it was so many days ago.
QUEUE_DAYS = 14
# A queue of fewer complaints says nothing about an agency.
SHORTEST_QUEUE = 5
SLICE = 2000
ONE_DAY = timedelta(days=1)


class NotBegun(ValueError):
    """A period that lies ahead of the room's day."""


class ReportPosition(msgspec.Struct, frozen=True, kw_only=True):
    """The moment of the figures: ``seq`` of the log of ``epoch``, ``at`` room time; ``kind`` of the room."""

    epoch: str
    seq: int
    at: datetime
    kind: str
    city: str


class LateCase(msgspec.Struct, frozen=True, kw_only=True):
    """One overdue complaint.

    ``late_s``: whole minutes on its own ``clock``; ``escalation``: the highest percent of its ladder that was told, 0
    for none; ``moves``: how often it changed hands; ``decide``: whether it waits for whoever reads the report.
    ``category``: None where the pack does not have it, since its name is then a source's own text. ``agency`` None:
    nobody has it yet.
    """

    id: str
    category: str | None
    area: str | None
    agency: str | None
    late_s: int
    clock: str
    escalation: int
    moves: int
    decide: bool


class BriefChange(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not as usual.

    ``received`` and ``done``: ``n`` against ``usual``, the median of the same weekdays; with what rose most, by
    district and category. ``queue``: working days of ``agency`` against those of two weeks ago. ``outage``: ``n``
    minutes without data since ``at``. ``reopened``: ``n`` of the day; ``moves``: open ones that went to and fro.
    """

    kind: Literal["received", "done", "queue", "outage", "reopened", "moves"]
    n: int = 0
    usual: int | None = None
    days: float | None = None
    days_then: float | None = None
    agency: str | None = None
    districts: tuple[str, ...] = ()
    category: str | None = None
    at: datetime | None = None


class DueToday(msgspec.Struct, frozen=True, kw_only=True):
    """What falls due between the moment of the figures and the end of its day, and with whom ("": nobody yet)."""

    n: int
    agencies: tuple[tuple[str, int], ...]
    first: datetime | None
    last: datetime | None


class LateRest(msgspec.Struct, frozen=True, kw_only=True):
    """The overdue ones that are not shown one by one: how many, with whom, and the longest of them."""

    n: int
    agencies: tuple[str, ...]
    late_s: int
    clock: str


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """The daily brief of ``day``. Statuses are those that the day's complaints have now; ``known``: the room's days."""

    position: ReportPosition
    day: date
    known_from: date
    whole_day: bool
    status: Mapping[str, int]
    finished: int
    open_n: int
    evaluated: Measures
    late_n: int
    waits_n: int
    waits: tuple[LateCase, ...]
    late: tuple[LateCase, ...]
    rest: LateRest | None
    waiting: Mapping[str, int]
    changes: tuple[BriefChange, ...]
    due: DueToday
    working_day_s: int


# Moments of the reading itself, which are no figures: two readings of one position differ in them.
_MOMENTS = frozenset({"at", "judged_at"})


def fingerprint_of(figures_: msgspec.Struct) -> str:
    """The SHA-256 of all figures of a report, in hexadecimal: the same figures have the same one in any language."""
    plain = _without_moments(msgspec.to_builtins(figures_))
    return hashlib.sha256(msgspec.json.encode(plain, order="deterministic")).hexdigest()


def _without_moments(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_moments(part) for key, part in value.items() if key not in _MOMENTS}
    return [_without_moments(part) for part in value] if isinstance(value, list) else value


# Reading: everything in one transaction, so that all of it is true at one position.


class ReportMoment:
    """One position as a report reads it: ``read`` runs a slice of its one transaction."""

    def __init__(self, slices: Slices, city: City) -> None:
        """Read the head and the days that the room knows."""
        self.slices = slices
        self.city = city
        head, now = self.read(lambda c: (read_head(c), database_now(c)))
        at = head.time.at(now)
        open_day = self.read(complaint_rows.today)
        self.today = date.fromisoformat(open_day) if open_day else city.policy.day(at)
        self.position = ReportPosition(epoch=head.epoch, seq=head.seq, at=at, kind=head.kind, city=head.city)
        self.known_from, self.whole_from = self.read(self._history)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one slice."""
        return self.slices.run(work)

    @property
    def at(self) -> datetime:
        """Room time."""
        return self.position.at

    def midnight(self, day: date) -> datetime:
        """When a day of the city begins, aware UTC."""
        return datetime.combine(day, time(), self.city.zone).astimezone(UTC)

    def micros(self, day: date) -> tuple[int, int]:
        """A day of the city as a half-open range of microseconds."""
        return to_micros(self.midnight(day)), to_micros(self.midnight(day + ONE_DAY))

    def quarters(self, day: date) -> tuple[int, int]:
        """A day of the city as a half-open range of quarters since 1970."""
        first, before = self.micros(day)
        return first // figures.QUARTER, before // figures.QUARTER

    def late_s(self, row: reports.LateRow) -> int:
        """How long a complaint is overdue on its own clock, in seconds."""
        due = from_micros(row.due)
        until = self.at if row.stopped_at is None else from_micros(row.stopped_at)
        if row.clock == DeadlineClock.WORKING:
            return int(self.city.policy.calendar.between(due, until).total_seconds())
        return max(0, int((until - due).total_seconds()))

    def working_day_s(self) -> int:
        """The seconds of a usual working day."""
        calendar = self.city.policy.calendar
        days = [day for day, _ in calendar.closings if self.today - timedelta(days=28) <= day <= self.today]
        lengths = [calendar.between(self.midnight(day), self.midnight(day + ONE_DAY)) for day in days]
        return int(median_low(lengths).total_seconds()) if lengths else 0

    def _history(self, connection: Connection) -> tuple[date, date]:
        """The first day of which the room knows something, and the first that it knows from midnight on.

        Imported days count as whole; a room's own first day begins when it opens, and a drill's with it.
        """
        opened = figures.first_day(connection) or self.today
        finished = figures.first_finish(connection)
        if finished is not None and self.position.kind != "drill":
            imported = self.city.policy.day(from_micros(finished * figures.QUARTER))
            if imported < opened:
                return imported, imported
        return opened, opened + ONE_DAY


def read_brief(moment: ReportMoment, evaluator: Evaluator, day: date, *, decide_from: int | None = None) -> Brief:
    """The brief of a day of the city, at this moment.

    ``decide_from``: the percent of the ladder from which a complaint waits for the reader; by default its last step but
    one. Raises ValueError for a day that has not begun.
    """
    if day > moment.today:
        raise NotBegun(f"{day} has not begun: the room's day is {moment.today}")
    from_step = decided_at(moment.city) if decide_from is None else decide_from
    late = read_late(moment)
    deciding = [one for one in late if from_step is not None and one.row.escalation >= from_step]
    rest = [one for one in late if one not in deciding]
    in_order = [*deciding, *rest]
    counts = moment.read(partial(complaint_rows.counts, date=day.isoformat()))
    cohort, stock, flow = (counts[name] for name in ("cohort", "stock", "flow"))
    evaluated = evaluator.at(Inquiry(period=day_of(day), by=Cut.AGENCY), moment.slices)
    return Brief(
        position=moment.position,
        day=day,
        known_from=moment.known_from,
        whole_day=day >= moment.whole_from and day < moment.today,
        status=cohort,  # type: ignore[arg-type]  # the wire's counts, by name
        finished=flow["done"],  # type: ignore[index]
        open_n=stock["open"],  # type: ignore[index]
        evaluated=evaluated.city.figures,
        late_n=len(late),
        waits_n=len(deciding),
        waits=named_cases(moment, deciding[:DECIDED], from_step),
        late=named_cases(moment, in_order[:SHOWN], from_step),
        rest=rest_of(in_order[SHOWN:]),
        waiting=moment.read(reports.waiting_by_area),
        changes=_changes(moment, day),
        due=_due(moment),
        working_day_s=moment.working_day_s(),
    )


# What is late, and who has to decide.


class OverdueCount(msgspec.Struct, frozen=True, kw_only=True):
    """An overdue complaint as measured: ``late_s`` beyond its limit, and ``ratio`` of elapsed time to the limit."""

    row: reports.LateRow
    late_s: int
    ratio: float


def decided_at(city: City) -> int | None:
    """The percent from which a complaint waits for the one who decides: the ladder's last step but one.

    None for a city whose ladder ends with the time allowed.
    """
    steps = [step.percent for step in city.escalation if step.percent > ALLOWED_TIME]
    return steps[-2] if len(steps) > 1 else next(iter(steps), None)


def read_late(moment: ReportMoment, agency: str | None = None) -> list[OverdueCount]:
    """Every overdue complaint, of one agency or of all: the furthest up the ladder first, then the furthest beyond."""
    found: list[OverdueCount] = []
    after: str | None = ""
    while after is not None:
        rows = moment.read(partial(reports.late_after, after=after, limit=SLICE))
        found += [_measured(moment, row) for row in rows if agency in (None, row.agency)]
        after = rows[-1].id if len(rows) == SLICE else None
    return sorted(found, key=lambda one: (-one.row.escalation, -one.ratio, one.row.id))


def _measured(moment: ReportMoment, row: reports.LateRow) -> OverdueCount:
    start, due = from_micros(row.start), from_micros(row.due)
    working = row.clock == DeadlineClock.WORKING
    limit = moment.city.policy.calendar.between(start, due) if working else due - start
    late_s, limit_s = moment.late_s(row), max(1.0, limit.total_seconds())
    return OverdueCount(row=row, late_s=late_s // 60 * 60, ratio=round((limit_s + late_s) / limit_s, 4))


def named_cases(moment: ReportMoment, cases: Sequence[OverdueCount], from_step: int | None) -> tuple[LateCase, ...]:
    """What these complaints are about, where, and with whom."""
    ids = [one.row.id for one in cases]
    found = {one.id: one for one in moment.read(partial(complaint_rows.complaints, ids=ids))}
    known = moment.city.categories
    return tuple(
        LateCase(
            id=one.row.id,
            category=found[one.row.id].category if found[one.row.id].category in known else None,
            area=found[one.row.id].area,
            # Until it is forwarded, the agency is only meant to have it: the room itself is late.
            agency=found[one.row.id].agency if found[one.row.id].agencies else None,
            late_s=one.late_s,
            clock=one.row.clock,
            escalation=one.row.escalation,
            moves=found[one.row.id].moves,
            decide=from_step is not None and one.row.escalation >= from_step,
        )
        for one in cases
    )


def rest_of(cases: Sequence[OverdueCount]) -> LateRest | None:
    """What is not shown one by one; None where everything is."""
    if not cases:
        return None
    agencies = Counter(one.row.agency for one in cases if one.row.agency)
    longest = max(cases, key=lambda one: one.late_s)
    return LateRest(
        n=len(cases),
        agencies=tuple(key for key, _ in sorted(agencies.items(), key=lambda pair: (-pair[1], pair[0]))),
        late_s=longest.late_s,
        clock=longest.row.clock,
    )


# What is not as usual.


def _changes(moment: ReportMoment, day: date) -> tuple[BriefChange, ...]:
    weeks = [before for n in range(1, WEEKS + 1) if (before := day - timedelta(weeks=n)) >= moment.whole_from]
    found = [
        _counted(moment, day, weeks, "received"),
        _counted(moment, day, weeks, "done"),
        _longest_grown(moment),
        _moved(moment),
        _outage(moment, day),
        _reopened(moment, day, weeks),
    ]
    return tuple(one for one in found if one is not None)[:MOST_CHANGES]


def _tally(moment: ReportMoment, day: date, what: str) -> int:
    first, before = moment.quarters(day)
    return sum(moment.read(lambda c: figures.by_quarter(c, what, first, before)).values())


def _counted(
    moment: ReportMoment, day: date, weeks: Sequence[date], what: Literal["received", "done"]
) -> BriefChange | None:
    """The day's number against the same weekdays; of a day that is not over nothing can be said."""
    if day >= moment.today:
        return None
    n = _tally(moment, day, what)
    usual = median_low([_tally(moment, week, what) for week in weeks]) if len(weeks) >= FEWEST_WEEKS else None
    more = what == "received" and usual is not None and n > usual
    districts, category = _risen(moment, day, weeks) if more else ((), None)
    return BriefChange(kind=what, n=n, usual=usual, districts=districts, category=category)


def _risen(moment: ReportMoment, day: date, weeks: Sequence[date]) -> tuple[tuple[str, ...], str | None]:
    """Up to two districts, and the category, that rose most above their own usual number."""
    by_day = [
        moment.read(partial(reports.received_by, start=start, end=end))
        for start, end in (moment.micros(one) for one in (day, *weeks))
    ]
    areas, known = moment.city.areas, moment.city.categories

    def district(key: tuple[str, str]) -> str | None:
        area = areas.get(key[1])
        return None if area is None else area.district

    districts = _most_risen(by_day, district)
    category = _most_risen(by_day, lambda key: key[0] if key[0] in known else None)
    return tuple(districts[:2]), next(iter(category), None)


def _most_risen(
    days: Sequence[Mapping[tuple[str, str], int]], of: Callable[[tuple[str, str]], str | None]
) -> list[str]:
    """What stands above its own median of the other days, the largest difference first; the first day is judged."""
    sums = [Counter[str]() for _ in days]
    for total, counted in zip(sums, days, strict=True):
        for key, n in counted.items():
            if (name := of(key)) is not None:
                total[name] += n
    risen = {name: n - median_low([other[name] for other in sums[1:]]) for name, n in sums[0].items()}
    return [name for name, by in sorted(risen.items(), key=lambda pair: (-pair[1], pair[0])) if by > 1]


def _longest_grown(moment: ReportMoment) -> BriefChange | None:
    """The agency whose queue, in working days of its own pace, has grown most in two weeks."""
    days = [moment.today - timedelta(days=back) for back in range(QUEUE_DAYS)]
    known = [day for day in days if day >= moment.known_from]
    worked = len(
        [day for day, _ in moment.city.policy.calendar.closings if known[-1:] and known[-1] <= day <= moment.today]
    )
    if len(known) < QUEUE_DAYS or not worked:
        return None
    first, before = moment.quarters(days[-1])[0], moment.quarters(days[0])[1]
    run = moment.read(lambda c: figures.by_agency(c, ("received", "done", "elsewhere"), first, before))
    stock = moment.read(figures.stock)
    grown: list[tuple[float, BriefChange]] = []
    for key in sorted({agency for _, agency in stock if agency}):
        now = stock.get(("waiting", key), 0) + stock.get(("in_process", key), 0)
        ended = run.get(("done", key), 0) + run.get(("elsewhere", key), 0)
        then, pace = now - run.get(("received", key), 0) + ended, run.get(("done", key), 0) / worked
        if pace and now >= SHORTEST_QUEUE:
            change = BriefChange(
                kind="queue", n=now, agency=key, days=round(now / pace, 1), days_then=round(then / pace, 1)
            )
            grown.append(((now - then) / pace, change))
    most = max(grown, key=lambda one: one[0], default=None)
    return most[1] if most is not None and most[0] > 0 else None


def _moved(moment: ReportMoment) -> BriefChange | None:
    """How many open complaints have changed hands for the third time or more."""
    n = moment.read(lambda c: reports.open_moved(c, PING_PONG))
    return BriefChange(kind="moves", n=n) if n else None


def _outage(moment: ReportMoment, day: date) -> BriefChange | None:
    start, end = moment.midnight(day), moment.midnight(day + ONE_DAY)
    outages = moment.read(lambda c: reports.feed_outages(c, start, end))
    if not outages:
        return None
    seconds = sum(int((until - since).total_seconds()) for since, until in outages)
    return BriefChange(kind="outage", n=max(1, round(seconds / 60)), at=outages[0][0])


def _reopened(moment: ReportMoment, day: date, weeks: Sequence[date]) -> BriefChange | None:
    if day >= moment.today:
        return None
    usual = median_low([_tally(moment, week, "reopened") for week in weeks]) if len(weeks) >= FEWEST_WEEKS else None
    n = _tally(moment, day, "reopened")
    return BriefChange(kind="reopened", n=n, usual=usual) if n or usual else None


# What falls due.


def _due(moment: ReportMoment) -> DueToday:
    until = moment.midnight(moment.today + ONE_DAY)
    found = moment.read(lambda c: reports.due_until(c, moment.at, until))
    agencies = Counter(agency for agency, _ in found)
    return DueToday(
        n=len(found),
        agencies=tuple(sorted(agencies.items(), key=lambda pair: (-pair[1], pair[0]))),
        first=found[0][1] if found else None,
        last=found[-1][1] if found else None,
    )
