"""Figures: milestones, spans and tallies, of which every report and chart is made, and the reads of them.

A milestone is one complaint's row: when it was sent, accepted, finished, reopened, and how late it is. A span is how
long one of its stages took. A tally counts by quarter of an hour and agency, so that a figure reads a day without
reading its complaints. Milestones and spans follow from the complaint's events alone, tallies from the milestones;
working time is measured by who reads them. All times are whole microseconds, quarters whole numbers of 15 minutes since
1970, ranges half open.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import asdict, replace
from sqlalchemy import Connection, Row, bindparam, case, delete, func, select, tuple_

from liveroom.domain.complaints.model import OPEN, Complaint, Deadline, Stage, State, Status
from liveroom.domain.events import Kind
from liveroom.domain.events.complaint_payloads import DeadlineMark
from liveroom.domain.timestamps import to_micros
from liveroom.log import event_log, schema
from liveroom.log.event_log import Slices
from liveroom.log.rows import add, upsert
from liveroom.log.schema import listing
from liveroom.projection import IN_A_QUERY
from liveroom.projection.projector import (
    AuditFinding,
    Refolded,
    Step,
    StepProjector,
    row_difference,
    sum_differences,
)

# The agency of a complaint without one.
NOBODY = ""
QUARTER = 900_000_000
# The quarter of counts that are of now. Time zones lie whole quarters apart, so a city's day is a range of quarters.
NOW = 0
Rows = Sequence[Row[*tuple[Any, ...]]]
_milestone, _span, _tally, _listing = schema.milestone.c, schema.span.c, schema.tally.c, listing.c


# ---- milestones and spans: pure functions of a complaint's events ----


class Milestone(Struct, frozen=True, kw_only=True, gc=False):
    """One complaint's row. ``agency`` is empty where there is none.

    ``forwarded_at`` is the first time, ``finished_at`` and ``reopened_at`` the last; ``finished_at`` outlives a
    reopening, ``closed_at`` (done or elsewhere) does not. ``late_*``: the earliest passed deadline while overdue.
    ``inherited`` 1: it came with a promise near or broken already, so how fast it was sent says nothing.
    """

    id: str
    seq: int
    agency: str
    status: str
    critical: int
    received_at: int
    closed_at: int | None = None
    forwarded_at: int | None = None
    inherited: int = 0
    finished_at: int | None = None
    reopened_at: int | None = None
    overdue: int = 0
    late_from: int | None = None
    late_due: int | None = None
    late_clock: str | None = None
    stopped_at: int | None = None
    escalation: int = 0


class MeasuredSpan(Struct, frozen=True, kw_only=True, gc=False):
    """The time one stage took: from ``start`` to ``ended_at``; ``kept`` 1 or 0, None without a promise."""

    complaint: str
    stage: str
    agency: str
    class_: str
    clock: str | None
    start: int
    ended_at: int
    kept: int | None
    seq: int


def _matters(step: Step) -> bool:
    """Whether the step can change a figure; comments, claims and answers to citizens cannot."""
    return step.before is None or _inherits(step) or _measured(step.before) != _measured(step.after)


def _measured(complaint: Complaint) -> tuple[object, ...]:
    return (
        complaint.state,
        complaint.agency,
        complaint.priority,
        complaint.closed_at,
        complaint.stopped_at,
        complaint.running if complaint.overdue else None,
    )


def _advance(row: Milestone | None, step: Step) -> Milestone:
    """The row after the step."""
    complaint, at = step.after, to_micros(step.logged.event.at)
    if row is None and complaint.state is State.RECEIVED and not complaint.overdue:
        return _begun(complaint, step.logged.seq, int(_inherits(step)))
    state, running = complaint.state, complaint.running
    passed = [deadline for _, deadline in running if deadline.passed]
    late = min(passed, key=lambda deadline: deadline.due) if passed else None
    now = Milestone(
        id=complaint.id,
        seq=step.logged.seq,
        agency=complaint.agency or NOBODY,
        status=str(complaint.status),
        critical=int(complaint.priority == "critical"),
        received_at=to_micros(complaint.received_at),
        closed_at=_micros(complaint.closed_at),
        forwarded_at=(row.forwarded_at if row else None) or (at if state is State.FORWARDED else None),
        inherited=int(_inherits(step) or (row is not None and row.inherited)),
        finished_at=at if _ends(step) else row.finished_at if row else None,
        reopened_at=at if _reopens(step) else row.reopened_at if row else None,
        overdue=int(bool(passed)),
        late_from=to_micros(late.start) if late else None,
        late_due=to_micros(late.due) if late else None,
        late_clock=late.clock.value if late else None,
        stopped_at=_micros(complaint.stopped_at),
        escalation=complaint.escalation if running else 0,
    )
    return row if row is not None and replace(now, seq=row.seq) == row else now


def _begun(complaint: Complaint, seq: int, inherited: int) -> Milestone:
    """As ``_advance`` of a receipt: what most rows of an import need."""
    return Milestone(
        id=complaint.id,
        seq=seq,
        agency=complaint.agency or NOBODY,
        status=Status.WAITING.value,
        critical=int(complaint.priority == "critical"),
        received_at=to_micros(complaint.received_at),
        inherited=inherited,
        stopped_at=_micros(complaint.stopped_at),
        escalation=complaint.escalation,
    )


def _ended_spans(row: Milestone | None, step: Step) -> tuple[MeasuredSpan, ...]:
    """The stages that ended with the step; ``row`` is the milestone before it.

    An inherited complaint is sent and accepted with the backlog it came with, so only its finish is measured.
    """
    before, after = step.before, step.after
    if before is None or row is None:
        return ()
    if _ends(step):
        return (_span_of(Stage.FINISH, before.finish, step),)
    if row.inherited:
        return ()
    if after.state is State.FORWARDED and row.forwarded_at is None:
        return (_span_of(Stage.FORWARD, before.forward, step),)
    if after.state is State.ACCEPTED and before.state is not State.ACCEPTED and before.accept is not None:
        return (_span_of(Stage.ACCEPT, before.accept, step),)
    return ()


def _reopens(step: Step) -> bool:
    """Whether the complaint was done before the step and is not after it."""
    return step.before is not None and step.before.state is State.DONE and step.after.state is not State.DONE


def _span_of(stage: Stage, deadline: Deadline | None, step: Step) -> MeasuredSpan:
    before = step.before or step.after
    # Time that stood still does not break a promise: one merged, then done with the other, stood since then.
    judged = before.stopped_at or step.logged.event.at
    start = deadline.start if stage is Stage.ACCEPT and deadline else before.received_at
    return MeasuredSpan(
        complaint=before.id,
        stage=str(stage),
        agency=step.after.agency or NOBODY,
        class_=before.class_,
        clock=str(deadline.clock) if deadline else None,
        start=to_micros(start),
        ended_at=to_micros(step.logged.event.at),
        kept=int(not deadline.passed and judged < deadline.due) if deadline else None,
        seq=step.logged.seq,
    )


def _inherits(step: Step) -> bool:
    payload = step.logged.event.payload
    return step.after.state is State.RECEIVED and isinstance(payload, DeadlineMark) and bool(payload.inherited)


def _ends(step: Step) -> bool:
    return step.after.state is State.DONE and (step.before is None or step.before.state is not State.DONE)


def _micros(moment: datetime | None) -> int | None:
    return to_micros(moment) if moment is not None else None


# ---- tallies ----

# (what, quarter of 1970, agency).
Key = tuple[str, int, str]


def contributions(row: Milestone) -> list[Key]:
    """The tallies in which one complaint counts, once in each.

    ``received``, ``done`` and ``elsewhere`` by the moment it became that, ``finished`` and ``reopened`` by the last
    time it did, whatever came after; ``waiting``, ``in_process`` and ``overdue`` stand at quarter NOW. All move to the
    agency that leads the complaint now.
    """
    agency, status = row.agency, row.status
    counts = [("received", row.received_at // QUARTER, agency)]
    if row.finished_at is not None:
        counts.append(("finished", row.finished_at // QUARTER, agency))
    if row.reopened_at is not None:
        counts.append(("reopened", row.reopened_at // QUARTER, agency))
    if status in OPEN:
        counts.append((status, NOW, agency))
    elif row.closed_at is not None:
        counts.append((status, row.closed_at // QUARTER, agency))
    if row.overdue:
        counts.append(("overdue", NOW, agency))
    return counts


def _add_tallies(connection: Connection, changes: Mapping[Key, int]) -> None:
    """Add each amount to its tally; a missing one counts as 0."""
    rows = [
        {"what": what, "quarter": quarter, "agency": agency, "value": value}
        for (what, quarter, agency), value in sorted(changes.items())
        if value
    ]
    add(connection, schema.tally, rows)


# ---- the projector ----

# By (complaint, stage); None for a span that is no more.
Spans = dict[tuple[str, str], MeasuredSpan | None]
_OF_IDS = select(*(_milestone[name] for name in Milestone.__struct_fields__)).where(
    _milestone.id.in_(bindparam("ids", expanding=True))
)


class FigureProjector(StepProjector):
    """Keeps milestones, spans and tallies in step; complaints whose figures cannot have changed are not looked up."""

    @staticmethod
    def matters(step: Step, /) -> bool:
        """See ``_matters``, which the audit asks too."""
        return _matters(step)

    def flush(self) -> None:
        """Write what the steps changed."""
        if not self._steps:
            return
        new_ids = {step.after.id for step in self._steps if step.before is None}
        ids = dict.fromkeys(step.after.id for step in self._steps)
        old = _milestones(self._connection, [id_ for id_ in ids if id_ not in new_ids])
        new, ended = _refolded(old, self._steps)
        tallies: Counter[Key] = Counter()
        for id_, row in new.items():
            tallies.update(contributions(row))
            if id_ in old:
                tallies.subtract(contributions(old[id_]))
        upsert(self._connection, schema.milestone, [_row_of(row) for id_, row in new.items() if row != old.get(id_)])
        _write_spans(self._connection, ended)
        _add_tallies(self._connection, tallies)
        self._steps = []

    @staticmethod
    def differences(connection: Connection, complaints: Sequence[Refolded], /) -> list[AuditFinding]:
        """Every milestone and span of these complaints that differs from the log."""
        return [finding for one in complaints for finding in _wrong_figures(connection, one)]

    @staticmethod
    def recount(slices: Slices, /) -> list[AuditFinding]:
        """Recount every tally from the milestones."""
        return _wrong_tallies(slices)


def _refolded(old: Mapping[str, Milestone], steps: Sequence[Step]) -> tuple[dict[str, Milestone], Spans]:
    """Milestones and spans after the steps; a span that is no more is None."""
    new: dict[str, Milestone] = {}
    ended: Spans = {}
    for step in steps:
        id_ = step.after.id
        before = new.get(id_) or old.get(id_)
        if _reopens(step):
            ended[id_, Stage.FINISH.value] = None
        for span in _ended_spans(before, step):
            ended[span.complaint, span.stage] = span
        new[id_] = _advance(before, step)
    return new, ended


def _milestones(connection: Connection, ids: Sequence[str]) -> dict[str, Milestone]:
    found: dict[str, Milestone] = {}
    for start in range(0, len(ids), IN_A_QUERY):
        rows = connection.execute(_OF_IDS, {"ids": list(ids[start : start + IN_A_QUERY])}).mappings()
        found.update({row["id"]: Milestone(**row) for row in rows})
    return found


def _row_of(one: Milestone | MeasuredSpan) -> dict[str, Any]:
    return asdict(one)


def _write_spans(connection: Connection, ended: Spans) -> None:
    upsert(connection, schema.span, [_row_of(span) for span in ended.values() if span is not None])
    gone = [key for key, span in ended.items() if span is None]
    if gone:
        connection.execute(delete(schema.span).where(tuple_(_span.complaint, _span.stage).in_(gone)))


# ---- audit: milestones and spans against the log, tallies against the milestones ----

# Rows a slice: about 3 ms of the database thread.
_SLICE = 250


def _wrong_figures(connection: Connection, one: Refolded) -> list[AuditFinding]:
    milestones, ended = _refolded({}, [step for step in one.steps if _matters(step)])
    milestone, spans = milestones.get(one.id), {key: span for key, span in ended.items() if span is not None}
    row = connection.execute(select(schema.milestone).where(_milestone.id == one.id)).mappings().one_or_none()
    found = row_difference("milestone", one.id, _row_of(milestone) if milestone else {}, dict(row or {}))
    kept = connection.execute(select(schema.span).where(_span.complaint == one.id)).mappings()
    rows = {(row["complaint"], row["stage"]): dict(row) for row in kept}
    for key in sorted(rows.keys() | spans.keys()):
        expected = spans.get(key)
        found += row_difference("span", ":".join(key), _row_of(expected) if expected else {}, rows.get(key, {}))
    return found


def _wrong_tallies(slices: Slices) -> list[AuditFinding]:
    counted: Counter[Key] = Counter()
    after = ""
    while part := slices.run(partial(_milestones_after, after=after)):
        for row in part:
            counted.update(contributions(row))
        after = part[-1].id
    found: list[AuditFinding] = []
    beyond: Key = ("", 0, "")
    while kept := slices.run(partial(_tallies_after, after=beyond)):
        here = {_key_text(key): value for key, value in kept}
        found += sum_differences("tally", {_key_text(key): counted.pop(key, 0) for key, _ in kept}, here)
        beyond = kept[-1][0]
    return found + sum_differences("tally", {_key_text(key): value for key, value in counted.items()}, {})


def _key_text(key: Key) -> str:
    return ":".join(map(str, key))


def _milestones_after(connection: Connection, *, after: str) -> list[Milestone]:
    query = select(schema.milestone).where(_milestone.id > after).order_by(_milestone.id).limit(_SLICE)
    return [Milestone(**row) for row in connection.execute(query).mappings()]


def _tallies_after(connection: Connection, *, after: Key) -> list[tuple[Key, int]]:
    columns = (_tally.what, _tally.quarter, _tally.agency)
    query = select(schema.tally).where(tuple_(*columns) > tuple_(*after)).order_by(*columns).limit(_SLICE)
    return [((row.what, row.quarter, row.agency), row.value) for row in connection.execute(query)]


# ---- reads for figures: each is one slice, by index, bounded by its arguments ----


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergencies:
    """Critical complaints: forwarded in a window, of those in time, and those that already wait for it too long."""

    forwarded: int
    within: int
    waiting: int


def stock(connection: Connection) -> dict[tuple[str, str], int]:
    """How many complaints there are now by (waiting | in_process | overdue, agency)."""
    query = select(_tally.what, _tally.agency, _tally.value).where(
        _tally.what.in_(["waiting", "in_process", "overdue"]), _tally.quarter == NOW
    )
    return {(row.what, row.agency): row.value for row in connection.execute(query)}


def by_quarter(connection: Connection, what: str, first: int, before: int) -> dict[int, int]:
    """The tally of all agencies for each quarter that has any."""
    query = select(_tally.quarter, func.sum(_tally.value)).where(
        _tally.what == what, _tally.quarter >= first, _tally.quarter < before
    )
    return {quarter: int(value) for quarter, value in connection.execute(query.group_by(_tally.quarter))}


def by_agency(connection: Connection, what: Collection[str], first: int, before: int) -> dict[tuple[str, str], int]:
    """The tallies of these quarters together by (what, agency)."""
    query = select(_tally.what, _tally.agency, func.sum(_tally.value)).where(
        _tally.what.in_(what), _tally.quarter >= first, _tally.quarter < before
    )
    rows = connection.execute(query.group_by(_tally.what, _tally.agency))
    return {(name, agency): int(value) for name, agency, value in rows if value}


def received_between(connection: Connection, start: int, end: int) -> int:
    """How many complaints came in."""
    at = schema.complaint.c.received_at
    return connection.execute(select(func.count()).where(at >= start, at < end)).scalar_one()


def finished_between(connection: Connection, start: int, end: int) -> int:
    """How many complaints were finished, and are still done."""
    query = select(func.count()).where(_span.stage == Stage.FINISH.value, _span.ended_at >= start, _span.ended_at < end)
    return connection.execute(query).scalar_one()


def mark_of_spans(connection: Connection, stage: str, start: int, end: int) -> tuple[int, int]:
    """How many spans ended in the range, and their last seq: the pair changes as soon as any of them does.

    A span that came or changed has a seq above all before it; one that went is missing from the count.
    """
    query = select(func.count(), func.coalesce(func.max(_span.seq), 0))
    row = connection.execute(query.where(_span.stage == stage, _span.ended_at >= start, _span.ended_at < end)).one()
    return row[0], row[1]


def spans_after(connection: Connection, stage: str, key: tuple[int, int], end: int, limit: int) -> Rows:
    """Up to ``limit`` spans that ended before ``end``, beyond the key (ended_at, seq), in its order."""
    query = select(_span.agency, _span.class_, _span.clock, _span.start, _span.ended_at, _span.kept, _span.seq).where(
        _span.stage == stage, _span.ended_at >= key[0], _span.ended_at < end
    )
    beyond = tuple_(_span.ended_at, _span.seq) > tuple_(*key)
    return connection.execute(query.where(beyond).order_by(_span.ended_at, _span.seq).limit(limit)).all()


def oldest_waiting(connection: Connection, agency: str) -> tuple[str, int] | None:
    """Id and time of receipt of the complaint that has waited longest with an agency."""
    query = select(_milestone.id, _milestone.received_at).where(
        _milestone.status == Status.WAITING.value, _milestone.agency == agency
    )
    row = connection.execute(query.order_by(_milestone.received_at).limit(1)).one_or_none()
    return None if row is None else (row.id, row.received_at)


def emergencies(connection: Connection, since: int, now: int, target: int) -> Emergencies:
    """Emergencies first forwarded since a moment against a ``target`` in microseconds (CR-90); no inherited ones."""
    late = _milestone.forwarded_at - _milestone.received_at > target
    statuses, own = [status.value for status in Status], _milestone.inherited == 0
    query = select(func.count(), func.coalesce(func.sum(case((late, 1), else_=0)), 0)).where(
        _milestone.critical == 1, _milestone.status.in_(statuses), _milestone.forwarded_at >= since, own
    )
    forwarded, late_ones = connection.execute(query).one()
    waits = select(func.count()).where(
        _milestone.critical == 1, _milestone.status == Status.WAITING.value, _milestone.forwarded_at.is_(None), own
    )
    waiting = connection.execute(waits.where(_milestone.received_at < now - target)).scalar_one()
    return Emergencies(forwarded=forwarded, within=forwarded - int(late_ones), waiting=waiting)


def overdue_after(connection: Connection, after: str, limit: int) -> Rows:
    """Up to ``limit`` overdue complaints with an id above ``after``: how late each is, by id."""
    query = select(
        _milestone.id,
        _milestone.late_from,
        _milestone.late_due,
        _milestone.late_clock,
        _milestone.stopped_at,
        _milestone.escalation,
    ).where(_milestone.overdue == 1, _milestone.id > after)
    return connection.execute(query.order_by(_milestone.id).limit(limit)).all()


def first_day(connection: Connection) -> date | None:
    """The city's date on which this room opened its first day; None before."""
    event = schema.event.c
    query = select(event.payload).where(event.subject_id == "room", event.kind == Kind.DAY_OPENED.value)
    payload = connection.execute(query.order_by(event.seq).limit(1)).scalar_one_or_none()
    return None if payload is None else date.fromisoformat(event_log.decode_payload(payload)["date"])


def first_finish(connection: Connection) -> int | None:
    """The first quarter in which a complaint was finished; None without any."""
    query = select(_tally.quarter).where(_tally.what == "finished", _tally.value > 0)
    return connection.execute(query.order_by(_tally.quarter).limit(1)).scalar_one_or_none()


# ---- reads for leadership: complaints finished, opened again, and late, one by one; each is one slice ----


class Finish(NamedTuple):
    """One finished complaint, still done; times in microseconds, ``reopened_at`` before it was finished this time."""

    complaint: str
    agency: str
    class_: str
    clock: str | None
    start: int
    ended_at: int
    kept: int | None
    seq: int
    reopened_at: int | None


def finishes_after(connection: Connection, key: tuple[int, int], end: int, limit: int) -> Sequence[Finish]:
    """Up to ``limit`` complaints finished before ``end``, beyond the key (ended_at, seq), in its order."""
    columns = [_span[name] for name in Finish._fields[:-1]]
    query = select(*columns, _milestone.reopened_at).select_from(
        schema.span.join(schema.milestone, _milestone.id == _span.complaint)
    )
    query = query.where(_span.stage == Stage.FINISH.value, _span.ended_at >= key[0], _span.ended_at < end)
    beyond = tuple_(_span.ended_at, _span.seq) > tuple_(*key)
    rows = connection.execute(query.where(beyond).order_by(_span.ended_at, _span.seq).limit(limit))
    return [Finish._make(row) for row in rows]


def opened_again(connection: Connection, since: int) -> list[tuple[str, str]]:
    """(id, agency) of what is open though it was finished since a moment."""
    statuses = [status.value for status in OPEN]
    query = select(_milestone.id, _milestone.agency).where(
        _milestone.status.in_(statuses), _milestone.finished_at >= since
    )
    return [(row.id, row.agency) for row in connection.execute(query)]


def late_after(connection: Connection, after: str, limit: int) -> Sequence[Any]:
    """Up to ``limit`` overdue complaints beyond the id ``after``: (id, agency), none while it is still to be sent."""
    query = select(_milestone.id, _milestone.agency, _listing.state).select_from(
        schema.milestone.join(listing, _listing.id == _milestone.id)
    )
    rows = connection.execute(
        query.where(_milestone.overdue == 1, _milestone.id > after).order_by(_milestone.id).limit(limit)
    )
    return [(row.id, "" if row.state == State.RECEIVED.value else row.agency) for row in rows]
