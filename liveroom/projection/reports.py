"""What printed reports count besides the figures of the room, and which reports were made.

Counts: where complaints wait, what came of what, what falls due; each of one moment and bounded by its arguments,
moments as whole microseconds, ranges half open. Below them the reports that the schedule made: a row each, beside the
event that says so, with where the PDF is kept. Those rows follow from nothing and are no part of a rebuild.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, or_, select, update

from liveroom.domain.complaints.model import OPEN, Complaint, Status
from liveroom.domain.events import Kind
from liveroom.domain.timestamps import from_micros, read, to_micros
from liveroom.log import event_log, schema
from liveroom.log.schema import outbox, report, report_entry
from liveroom.projection.stays import SENT_ON

_complaint, _listing, _milestone = schema.complaint.c, schema.listing.c, schema.milestone.c
_occurrence = schema.occurrence.c


@dataclass(frozen=True, slots=True, kw_only=True)
class LateRow:
    """One overdue complaint: by which deadline, on which clock, and how far its ladder has been climbed (percent)."""

    id: str
    agency: str
    start: int
    due: int
    clock: str
    stopped_at: int | None
    escalation: int


def late_after(connection: Connection, after: str, limit: int) -> list[LateRow]:
    """Up to ``limit`` overdue complaints with an id above ``after``, by id."""
    query = select(
        _milestone.id,
        _milestone.agency,
        _milestone.late_from,
        _milestone.late_due,
        _milestone.late_clock,
        _milestone.stopped_at,
        _milestone.escalation,
    ).where(_milestone.overdue == 1, _milestone.id > after)
    return [
        LateRow(
            id=row.id,
            agency=row.agency,
            start=row.late_from,
            due=row.late_due,
            clock=row.late_clock,
            stopped_at=row.stopped_at,
            escalation=row.escalation,
        )
        for row in connection.execute(query.order_by(_milestone.id).limit(limit))
    ]


# What `open_by_area` counts.
OPEN_PARTS = ("waiting", "in_process", "overdue")


def open_by_area(connection: Connection, what: str) -> dict[str, int]:
    """How many complaints of one of OPEN_PARTS there are in each area now; "" stands for those without an area."""
    mine = _listing.overdue == 1 if what == "overdue" else _listing.status == what
    rows = connection.execute(select(_listing.area, func.count()).where(mine).group_by(_listing.area))
    return {area: int(n) for area, n in rows}


def waiting_by_area(connection: Connection, agency: str | None = None) -> dict[str, int]:
    """How many complaints wait in each area now, of one agency or of all; "" stands for those without an area."""
    query = select(_listing.area, func.count()).where(_listing.status == Status.WAITING.value)
    if agency is not None:
        query = query.join_from(schema.listing, schema.milestone, _milestone.id == _listing.id)
        query = query.where(_milestone.agency == agency)
    return {area: int(n) for area, n in connection.execute(query.group_by(_listing.area))}


def open_moved(connection: Connection, least: int) -> int:
    """How many open complaints have changed hands at least so often."""
    query = select(func.count(_occurrence.complaint.distinct())).select_from(schema.occurrence)
    query = query.join(schema.milestone, _milestone.id == _occurrence.complaint)
    often = (_occurrence.what == SENT_ON, _occurrence.value >= least)
    statuses = [status.value for status in OPEN]
    return connection.execute(query.where(*often, _milestone.status.in_(statuses))).scalar_one()


def received_by(connection: Connection, start: int, end: int) -> dict[tuple[str, str], int]:
    """How many came in between two moments, by (category, area)."""
    query = select(_listing.category, _listing.area, func.count())
    query = query.where(_listing.received_at >= start, _listing.received_at < end)
    rows = connection.execute(query.group_by(_listing.category, _listing.area))
    return {(category, area): int(n) for category, area, n in rows}


def due_until(connection: Connection, now: datetime, until: datetime) -> list[tuple[str, datetime]]:
    """(agency, deadline) of every open complaint that falls due after ``now`` and not after ``until``, earliest first.

    The mark that the clock judges next never lies behind the deadline, so an index finds all that could.
    """
    query = select(_complaint.body).where(_complaint.next_due <= to_micros(until))
    statuses = [status.value for status in OPEN]
    found: list[tuple[str, datetime]] = []
    for body in connection.execute(query.where(_complaint.status.in_(statuses))).scalars():
        complaint = event_log.decode_complaint(body)
        if (due := _next_due(complaint)) is not None and now < due <= until:
            found.append((complaint.agency or "", due))
    return sorted(found, key=lambda one: (one[1], one[0]))


def _next_due(complaint: Complaint) -> datetime | None:
    """The earliest running deadline that has not passed; None while it stands still."""
    if complaint.stopped_at is not None:
        return None
    return min((deadline.due for _, deadline in complaint.running if not deadline.passed), default=None)


def feed_outages(connection: Connection, start: datetime, end: datetime) -> Sequence[tuple[datetime, datetime]]:
    """The stretches of real time, begun between two moments of room time, in which no screen had data."""
    event = schema.event.c
    query = select(event.payload).where(
        event.subject_id == "room",
        event.kind == Kind.FEED_BACK.value,
        event.at >= to_micros(start),
        event.at < to_micros(end),
    )
    payloads = map(event_log.decode_payload, connection.execute(query.order_by(event.seq)).scalars())
    return [(read(one["from_real"]), read(one["to_real"])) for one in payloads]


# ---- the reports that were made ----

_row, _sent = report.c, outbox.c
# The agency of a report about all of them.
ALL = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReport:
    """One row. ``first`` and ``last``: ISO dates; ``size`` in bytes; ``agency`` is ALL for a report of the room."""

    id: str
    entry: str
    agency: str
    due: datetime
    late: bool
    report: str
    first: str
    last: str
    language: str
    made_at: datetime
    position: int
    fingerprint: str
    file: str
    size: int
    seq: int


def known_since(connection: Connection, entry: str, now: datetime) -> datetime:
    """From when on what is due by an entry is to be made; from now on, where it is new."""
    query = select(report_entry.c.since).where(report_entry.c.entry == entry)
    since = connection.execute(query).scalar_one_or_none()
    if since is not None:
        return from_micros(since)
    connection.execute(insert(report_entry).values(entry=entry, since=to_micros(now)))
    return now


def entries(connection: Connection) -> dict[str, datetime]:
    """Every entry that the schedule ever had, and from when on what is due by it is to be made."""
    return {row.entry: from_micros(row.since) for row in connection.execute(select(report_entry))}


def settle(connection: Connection, entry: str, since: datetime) -> None:
    """Of what was due before ``since`` nothing is made any more."""
    connection.execute(update(report_entry).where(report_entry.c.entry == entry).values(since=to_micros(since)))


def made_for(connection: Connection, entry: str, due: datetime) -> frozenset[str]:
    """The agencies (ALL among them) for which the report of an entry that was due then is made."""
    query = select(_row.agency).where(_row.entry == entry, _row.due == to_micros(due))
    return frozenset(connection.execute(query).scalars())


def keep(connection: Connection, one: KeptReport) -> None:
    """Add a row."""
    moments = {"due": to_micros(one.due), "made_at": to_micros(one.made_at), "late": int(one.late)}
    names = [name for name in KeptReport.__slots__ if name not in moments]
    connection.execute(insert(report).values({name: getattr(one, name) for name in names} | moments))


def listed(connection: Connection, *, agency: str | None, cursor: str | None, limit: int) -> tuple[KeptReport, ...]:
    """One page of the list, the newest first; ``agency``: those about it alone, None: all. ``cursor``: the last id."""
    query = select(report).order_by(_row.id.desc()).limit(limit)
    if agency is not None:
        query = query.where(_row.agency == agency)
    if cursor is not None:
        query = query.where(_row.id < cursor)
    return tuple(_kept(row) for row in connection.execute(query).mappings())


def report_of(connection: Connection, id_: str) -> KeptReport | None:
    """The report with this id; None if there is none."""
    row = connection.execute(select(report).where(_row.id == id_)).mappings().one_or_none()
    return None if row is None else _kept(row)


def deliveries_of(connection: Connection, ids: Collection[str], before: str) -> dict[str, tuple[int, int]]:
    """By report: to how many readers it goes, and how many have it; ``before`` stands before its id as a subject.

    Whoever is written to by nobody and reads the list is none of them: their delivery is over without an attempt.
    """
    subjects, attempt = [f"{before}{id_}" for id_ in ids], schema.delivery_attempt.c
    tried = select(attempt.id).where(attempt.delivery == _sent.id).exists()
    query = select(_sent.subject, _sent.state, func.count()).where(_sent.subject.in_(subjects))
    query = query.where(or_(_sent.state != "sent", tried))
    found: dict[str, tuple[int, int]] = {}
    for subject, state, n in connection.execute(query.group_by(_sent.subject, _sent.state)):
        id_ = subject.removeprefix(before)
        of, sent = found.get(id_, (0, 0))
        found[id_] = (of + n, sent + n if state == "sent" else sent)
    return found


def older(connection: Connection, before: datetime, limit: int) -> tuple[KeptReport, ...]:
    """Up to ``limit`` reports that were made before a moment."""
    query = select(report).where(_row.made_at < to_micros(before)).order_by(_row.made_at).limit(limit)
    return tuple(_kept(row) for row in connection.execute(query).mappings())


def is_kept(connection: Connection, file: str) -> bool:
    """Whether any report is this file."""
    return connection.execute(select(_row.id).where(_row.file == file).limit(1)).first() is not None


def drop(connection: Connection, id_: str) -> None:
    """Forget one."""
    connection.execute(delete(report).where(_row.id == id_))


def _kept(row: RowMapping) -> KeptReport:
    values: dict[str, Any] = dict(row)
    moments = {name: from_micros(values[name]) for name in ("due", "made_at")}
    return KeptReport(**{**values, **moments, "late": bool(values["late"])})
