"""Checks the projection against the log: refolds random subjects, recounts every total."""

import random
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from liveroom.domain.complaint import Complaint, Status
from liveroom.domain.evolve import evolve
from liveroom.log import codec, schema
from liveroom.log.read import history

_complaint = schema.complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not what the log says: ``what`` (complaint or total) and its id or key."""

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
    query = select(_complaint.c.id, _complaint.c.body).order_by(_complaint.c.id).limit(sample)
    rows = connection.execute(query.where(_complaint.c.id >= start)).all()
    if len(rows) < sample:
        rows = [*rows, *connection.execute(query).all()][:sample]
    findings = []
    for row in rows:
        expected = codec.encode(refold(connection, row.id))
        if expected != codec.encode(codec.decode_complaint(row.body)):
            findings.append(Finding(what="complaint", key=row.id, expected=expected, found=row.body))
    return tuple(findings)


def audit_totals(connection: Connection) -> tuple[Finding, ...]:
    """Recount every total from the rows; what differs is a finding."""
    total = schema.total
    kept = {row.key: row.value for row in connection.execute(select(total.c.key, total.c.value)) if row.value}
    counted = {key: value for key, value in recount(connection).items() if value}
    return tuple(
        Finding(what="total", key=key, expected=str(counted.get(key, 0)), found=str(kept.get(key, 0)))
        for key in sorted(kept.keys() | counted.keys())
        if kept.get(key, 0) != counted.get(key, 0)
    )


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
