"""The audit: whether rows, totals and log agree. `run.py doctor` runs all of it, a server parts of it hourly.

Random complaints are folded anew from their events and compared with their rows, milestones, spans and holdings; totals
are recounted from the rows, tallies from the milestones; the log is checked for gaps, marks and times. A finding is
reported, never repaired.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, RowMapping, case, func, select, tuple_

from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.complaints.model import Complaint, Status
from liveroom.domain.events import Kind
from liveroom.log import event_log, schema
from liveroom.log.event_log import EventLog, Slices, database_now, history, mark_at, read_head, refuse_ahead
from liveroom.log.lease import read_pulse
from liveroom.log.time_guard import STEP, WrongClock, stamp
from liveroom.projection import IN_A_QUERY
from liveroom.projection.agencies import held
from liveroom.projection.figures import FigureStep, Key, Milestone, Spans, contributions, matters, refolded
from liveroom.projection.fold import row_of

_complaint, _holding, _total = schema.complaint.c, schema.holding.c, schema.agency_total.c
_milestone, _span, _tally = schema.milestone, schema.span, schema.tally
# Rows a slice: about 3 ms of the database thread.
SLICE = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """One row that is not what the log says: ``what`` (its table) and its id or key."""

    what: str
    key: str
    expected: str
    found: str


# ---- milestones and spans against the log, tallies against the milestones ----


def _refold_figures(connection: Connection, id_: str) -> tuple[Milestone | None, Spans]:
    """The milestone of a complaint, and its spans by (id, stage), as its events alone make them."""
    steps: list[FigureStep] = []
    complaint: Complaint | None = None
    for logged in history(connection, id_):
        before, complaint = complaint, evolve(complaint, logged)
        steps.append(FigureStep(before=before, after=complaint, logged=logged))
    milestones, spans = refolded({}, [step for step in steps if matters(step)])
    return milestones.get(id_), {key: span for key, span in spans.items() if span is not None}


def _wrong_milestones(connection: Connection, ids: Sequence[str]) -> list[AuditFinding]:
    """Every milestone and span of these complaints that differs from the log."""
    found: list[AuditFinding] = []
    for id_ in ids:
        milestone, spans = _refold_figures(connection, id_)
        row = connection.execute(select(_milestone).where(_milestone.c.id == id_)).mappings().one_or_none()
        found += _difference("milestone", id_, asdict(milestone) if milestone else {}, dict(row or {}))
        kept = connection.execute(select(_span).where(_span.c.complaint == id_)).mappings()
        rows = {(row["complaint"], row["stage"]): dict(row) for row in kept}
        for key in sorted(rows.keys() | spans.keys()):
            expected = spans.get(key)
            found += _difference("span", ":".join(key), asdict(expected) if expected else {}, rows.get(key, {}))
    return found


def _difference(what: str, key: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[AuditFinding]:
    names = [name for name in {**expected, **found} if expected.get(name) != found.get(name)]
    if not names:
        return []
    right, wrong = ({name: side.get(name) for name in names} for side in (expected, found))
    return [AuditFinding(what=what, key=key, expected=event_log.encode(right), found=event_log.encode(wrong))]


def audit_tallies(slices: Slices) -> tuple[AuditFinding, ...]:
    """Recount every tally from the milestones, in slices of one moment; what differs is a finding."""
    counted: Counter[Key] = Counter()
    after = ""
    while part := slices.run(partial(_milestones, after=after)):
        for row in part:
            counted.update(contributions(row))
        after = part[-1].id
    found: list[AuditFinding] = []
    beyond: Key = ("", 0, "")
    while kept := slices.run(partial(_tallies, after=beyond)):
        here = {_key_text(key): value for key, value in kept}
        found += _differing("tally", {_key_text(key): counted.pop(key, 0) for key, _ in kept}, here)
        beyond = kept[-1][0]
    return (*found, *_differing("tally", {_key_text(key): value for key, value in counted.items()}, {}))


def _key_text(key: Key) -> str:
    return ":".join(map(str, key))


def _differing(what: str, counted: Mapping[str, int], kept: Mapping[str, int]) -> list[AuditFinding]:
    """Every number that is kept otherwise than counted; a missing one is 0."""
    return [
        AuditFinding(what=what, key=key, expected=str(counted.get(key, 0)), found=str(kept.get(key, 0)))
        for key in sorted(kept.keys() | counted.keys())
        if kept.get(key, 0) != counted.get(key, 0)
    ]


def _milestones(connection: Connection, *, after: str) -> list[Milestone]:
    query = select(_milestone).where(_milestone.c.id > after).order_by(_milestone.c.id).limit(SLICE)
    return [Milestone(**row) for row in connection.execute(query).mappings()]


def _tallies(connection: Connection, *, after: Key) -> list[tuple[Key, int]]:
    key = tuple_(_tally.c.what, _tally.c.quarter, _tally.c.agency)
    query = select(_tally).where(key > tuple_(*after)).order_by(_tally.c.what, _tally.c.quarter, _tally.c.agency)
    return [((row.what, row.quarter, row.agency), row.value) for row in connection.execute(query.limit(SLICE))]


# ---- holdings against the complaints, and each agency's totals against its holdings ----


def _wrong_holdings(connection: Connection, complaints: Sequence[Complaint]) -> tuple[AuditFinding, ...]:
    """Complaints that other agencies have than their events say."""
    kept: dict[str, set[str]] = {one.id: set() for one in complaints}
    for start in range(0, len(complaints), IN_A_QUERY):
        ids = [one.id for one in complaints[start : start + IN_A_QUERY]]
        for row in held(connection, ids):
            if row.held:
                kept[row.complaint].add(row.agency)
    return tuple(
        AuditFinding(
            what="holding",
            key=one.id,
            expected=" ".join(sorted(one.agencies)),
            found=" ".join(sorted(kept[one.id])),
        )
        for one in complaints
        if kept[one.id] != set(one.agencies)
    )


def _wrong_agency_totals(connection: Connection) -> list[AuditFinding]:
    """Totals that are not what the agency's complaints add up to."""
    rows = connection.execute(select(_total.agency, _total.key, _total.value).where(_total.value != 0))
    kept = {f"{row.agency} {row.key}": row.value for row in rows}
    counted = {f"{agency} {key}": value for (agency, key), value in _recount_agencies(connection).items() if value}
    return _differing("agency_total", counted, kept)


def _recount_agencies(connection: Connection) -> Counter[tuple[str, str]]:
    late = func.sum(case((_complaint.overdue == 1, 1), else_=0))
    by = (_holding.agency, _complaint.day, _complaint.status, _complaint.closed_day)
    query = select(*by, func.count(), late).join(schema.holding, _holding.complaint == _complaint.id)
    counts: Counter[tuple[str, str]] = Counter()
    for agency, day, status, closed_day, number, overdue in connection.execute(
        query.where(_holding.held == 1).group_by(*by)
    ):
        counts[agency, f"cohort:{day}:in"] += number
        counts[agency, f"cohort:{day}:{status}"] += number
        if status in (Status.WAITING, Status.IN_PROCESS):
            counts[agency, "stock:open"] += number
            counts[agency, "stock:overdue"] += overdue
        if status == Status.DONE:
            counts[agency, f"flow:{closed_day}:done"] += number
    return counts


# ---- complaints against the log, totals against the complaints ----


def refold(connection: Connection, id_: str) -> Complaint | None:
    """The complaint as its events alone make it."""
    complaint = None
    for logged in history(connection, id_):
        complaint = evolve(complaint, logged)
    return complaint


def audit_subjects(connection: Connection, *, sample: int, draw: random.Random) -> tuple[AuditFinding, ...]:
    """Refold up to ``sample`` complaints around random ids; what differs from its row is a finding."""
    pivot = f"{draw.getrandbits(48):012x}"
    start = f"{pivot[:8]}-{pivot[8:]}"
    query = select(schema.complaint).order_by(_complaint.id).limit(sample)
    rows = connection.execute(query.where(_complaint.id >= start)).mappings().all()
    if len(rows) < sample:
        before = query.where(_complaint.id < start).limit(sample - len(rows))
        rows = [*rows, *connection.execute(before).mappings().all()]
    refolded = [refold(connection, row["id"]) for row in rows]
    findings = (_of_row(row, complaint) for row, complaint in zip(rows, refolded, strict=True))
    milestones = _wrong_milestones(connection, [row["id"] for row in rows])
    holdings = _wrong_holdings(connection, [complaint for complaint in refolded if complaint is not None])
    return (*(one for one in findings if one is not None), *milestones, *holdings)


def _of_row(row: RowMapping, complaint: Complaint | None) -> AuditFinding | None:
    """What a row says differently from the log, columns included, because the clock and the totals live on them."""
    expected = {} if complaint is None else row_of(complaint)
    wrong = {name: value for name, value in row.items() if name != "body" and value != expected.get(name)}
    if complaint is None or event_log.decode_complaint(row["body"]) != complaint:
        wrong["body"] = row["body"]
    if not wrong:
        return None
    right = {name: expected.get(name) for name in wrong}
    return AuditFinding(
        what="complaint", key=row["id"], expected=event_log.encode(right), found=event_log.encode(wrong)
    )


def audit_totals(connection: Connection) -> tuple[AuditFinding, ...]:
    """Recount every total from the rows, each agency's too; what differs is a finding."""
    total = schema.total
    kept = {row.key: row.value for row in connection.execute(select(total.c.key, total.c.value)) if row.value}
    counted = {key: value for key, value in recount(connection).items() if value}
    return (*_differing("total", counted, kept), *_wrong_agency_totals(connection))


def recount(connection: Connection) -> Counter[str]:
    """Every total as the complaint rows add up to it."""
    late = func.sum(case((_complaint.overdue == 1, 1), else_=0))
    by = (_complaint.day, _complaint.status)
    query = select(*by, func.count(), late).group_by(*by)
    counts: Counter[str] = Counter()
    for day, status, number, overdue in connection.execute(query):
        counts[f"cohort:{day}:in"] += number
        counts[f"cohort:{day}:{status}"] += number
        if status in (Status.WAITING, Status.IN_PROCESS):
            counts["stock:open"] += number
            counts["stock:overdue"] += overdue
    done = select(_complaint.closed_day, func.count()).where(_complaint.status == Status.DONE.value)
    for day, number in connection.execute(done.group_by(_complaint.closed_day)):
        counts[f"flow:{day}:done"] += number
    return counts


# ---- the log itself: numbers without gaps up to the head, times of logging never decreasing ----


def faults_of_log(connection: Connection) -> list[str]:
    """One line a fault of the log: gaps, a wrong last mark, times that decrease."""
    event, head = schema.event, read_head(connection)
    found = []
    count, first, last = connection.execute(
        select(func.count(), func.min(event.c.seq), func.max(event.c.seq)).select_from(event)
    ).one()
    if count != head.seq or (count and (first, last) != (1, head.seq)):
        found.append(f"the log has {count} events from {first} to {last}, the head says {head.seq}")
    if mark_at(connection, head.seq, head) != head.mark:
        found.append("the last event does not bear the head's mark")
    earlier = event.alias("earlier")
    back = select(func.count()).select_from(event.join(earlier, earlier.c.seq == event.c.seq - 1))
    # A repair of the clock is the one event that may.
    turned = (event.c.logged_at < earlier.c.logged_at) & (event.c.kind != Kind.CLOCK_REPAIRED.value)
    backwards = connection.execute(back.where(turned)).scalar_one()
    if backwards:
        found.append(f"{backwards} events were logged before their predecessor")
    return found


# ---- doctor ----


def still(log: EventLog) -> str | None:
    """What to say of a served room whose pulse has stopped; None when it beats. Raises Unavailable."""
    pulse, real = log.read(lambda c: (read_pulse(c), database_now(c)))
    if pulse is None or abs(real - pulse.real_at) <= STEP:
        return None
    return (
        f"a server runs on this room, but its last pulse was at {stamp(pulse.real_at)} and it is {stamp(real)}: "
        "its /readyz says why (did the clock of this machine jump?)"
    )


def _faults_of_time(connection: Connection) -> list[str]:
    try:
        refuse_ahead(read_head(connection), database_now(connection))
    except WrongClock as error:
        return [str(error)]
    return []


def examine(log: EventLog, *, sample: int) -> list[str]:
    """One line a finding, none when all is whole; ``sample`` complaints are refolded. Raises Unavailable."""
    draw = random.Random()
    with log.for_upkeep().slices() as slices:
        found = [*slices.run(faults_of_log), *slices.run(_faults_of_time)]
        for finding in (
            *slices.run(lambda c: audit_subjects(c, sample=sample, draw=draw)),
            *slices.run(audit_totals),
            *audit_tallies(slices),
        ):
            found.append(f"{finding.what} {finding.key}: the log says {finding.expected}, kept is {finding.found}")
    return found
