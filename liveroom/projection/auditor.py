"""Checks the projection against the log: refolds random subjects, recounts every total."""

import random
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, case, func, select

from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.complaints.model import Complaint, Status
from liveroom.log import event_log, schema
from liveroom.log.event_log import Slices, history
from liveroom.projection.figures_audit import Wrong, wrong_milestones, wrong_tallies
from liveroom.projection.fold import row_of
from liveroom.projection.holdings_audit import wrong_agency_totals, wrong_holdings

_complaint = schema.complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not what the log says: ``what`` (its table) and its id or key."""

    what: str
    key: str
    expected: str
    found: str


def refold(connection: Connection, id_: str) -> Complaint | None:
    """The complaint as its events alone make it."""
    complaint = None
    for logged in history(connection, id_):
        complaint = evolve(complaint, logged)
    return complaint


def audit_subjects(connection: Connection, *, sample: int, draw: random.Random) -> tuple[Finding, ...]:
    """Refold up to ``sample`` complaints around random ids; what differs from its row is a finding."""
    pivot = f"{draw.getrandbits(48):012x}"
    start = f"{pivot[:8]}-{pivot[8:]}"
    query = select(_complaint).order_by(_complaint.c.id).limit(sample)
    rows = connection.execute(query.where(_complaint.c.id >= start)).mappings().all()
    if len(rows) < sample:
        before = query.where(_complaint.c.id < start).limit(sample - len(rows))
        rows = [*rows, *connection.execute(before).mappings().all()]
    refolded = [refold(connection, row["id"]) for row in rows]
    findings = (_of_row(row, complaint) for row, complaint in zip(rows, refolded, strict=True))
    milestones = wrong_milestones(connection, [row["id"] for row in rows])
    holdings = wrong_holdings(connection, [complaint for complaint in refolded if complaint is not None])
    return (*(one for one in findings if one is not None), *map(_of_figures, (*milestones, *holdings)))


def _of_row(row: RowMapping, complaint: Complaint | None) -> Finding | None:
    """What a row says otherwise than the log, its columns included: the clock and the totals live on those."""
    expected = {} if complaint is None else row_of(complaint)
    wrong = {name: value for name, value in row.items() if name != "body" and value != expected.get(name)}
    if complaint is None or event_log.decode_complaint(row["body"]) != complaint:
        wrong["body"] = row["body"]
    if not wrong:
        return None
    right = {name: expected.get(name) for name in wrong}
    return Finding(what="complaint", key=row["id"], expected=event_log.encode(right), found=event_log.encode(wrong))


def _of_figures(wrong: Wrong) -> Finding:
    what, key, expected, found = wrong
    return Finding(what=what, key=key, expected=expected, found=found)


def audit_totals(connection: Connection) -> tuple[Finding, ...]:
    """Recount every total from the rows, each agency's too; what differs is a finding."""
    total = schema.total
    kept = {row.key: row.value for row in connection.execute(select(total.c.key, total.c.value)) if row.value}
    counted = {key: value for key, value in recount(connection).items() if value}
    wrong = tuple(
        Finding(what="total", key=key, expected=str(counted.get(key, 0)), found=str(kept.get(key, 0)))
        for key in sorted(kept.keys() | counted.keys())
        if kept.get(key, 0) != counted.get(key, 0)
    )
    return (*wrong, *map(_of_figures, wrong_agency_totals(connection)))


def audit_tallies(slices: Slices) -> tuple[Finding, ...]:
    """Recount every tally from the milestones, in slices; what differs is a finding."""
    return tuple(map(_of_figures, wrong_tallies(slices)))


def recount(connection: Connection) -> Counter[str]:
    """Every total as the complaint rows add up to it."""
    table = _complaint.c
    late = func.sum(case((table.overdue == 1, 1), else_=0))
    query = select(table.day, table.status, func.count(), late).group_by(table.day, table.status)
    counts: Counter[str] = Counter()
    for day, status, number, overdue in connection.execute(query):
        counts[f"cohort:{day}:in"] += number
        counts[f"cohort:{day}:{status}"] += number
        if status in (Status.WAITING, Status.IN_PROCESS):
            counts["stock:open"] += number
            counts["stock:overdue"] += overdue
    done = select(table.closed_day, func.count()).where(table.status == Status.DONE.value).group_by(table.closed_day)
    for day, number in connection.execute(done):
        counts[f"flow:{day}:done"] += number
    return counts
