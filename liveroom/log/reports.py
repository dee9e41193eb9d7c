"""Reports that were made: one row each, beside the event that says so; which are due is decided by whoever makes them.

A row says where the PDF is kept and at which position its figures were read. Times are room time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select

from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.schema import outbox, report, report_entry

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
    """Since when the schedule has an entry; from now on, where it is new."""
    query = select(report_entry.c.since).where(report_entry.c.entry == entry)
    since = connection.execute(query).scalar_one_or_none()
    if since is not None:
        return from_micros(since)
    connection.execute(insert(report_entry).values(entry=entry, since=to_micros(now)))
    return now


def entries(connection: Connection) -> dict[str, datetime]:
    """Every entry that the schedule ever had, and since when."""
    return {row.entry: from_micros(row.since) for row in connection.execute(select(report_entry))}


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
    """By report: to how many readers it goes, and how many have it; ``before`` stands before its id as a subject."""
    subjects = [f"{before}{id_}" for id_ in ids]
    query = select(_sent.subject, _sent.state, func.count()).where(_sent.subject.in_(subjects))
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
