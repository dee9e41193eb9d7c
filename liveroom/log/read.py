"""Reads of the log itself: events of a subject, marks, ranges."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from liveroom.domain.events import Kind, Logged
from liveroom.log import schema
from liveroom.log.codec import logged_of
from liveroom.log.head import Head

_event = schema.event


def first_of_kinds(connection: Connection, subject_id: str, after: int, kinds: Collection[Kind]) -> Logged | None:
    """The first event of ``kinds`` logged on a subject after ``after``; None if there is none."""
    if not kinds:
        return None
    query = (
        select(_event)
        .where(_event.c.subject_id == subject_id, _event.c.seq > after, _event.c.kind.in_([k.value for k in kinds]))
        .order_by(_event.c.seq)
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else logged_of(row)


def last_of_kind(connection: Connection, subject_id: str, kind: Kind) -> Logged | None:
    """The last event of a kind on a subject; None if there is none."""
    query = select(_event).where(_event.c.subject_id == subject_id, _event.c.kind == kind.value)
    row = connection.execute(query.order_by(_event.c.seq.desc()).limit(1)).mappings().one_or_none()
    return None if row is None else logged_of(row)


def last_of_kinds(connection: Connection, subject_id: str, kinds: Collection[Kind]) -> Logged | None:
    """The last event of ``kinds`` on a subject; None if there is none."""
    query = select(_event).where(_event.c.subject_id == subject_id, _event.c.kind.in_([k.value for k in kinds]))
    row = connection.execute(query.order_by(_event.c.seq.desc()).limit(1)).mappings().one_or_none()
    return None if row is None else logged_of(row)


def history(connection: Connection, subject_id: str) -> tuple[Logged, ...]:
    """Every event of a subject, in order."""
    query = select(_event).where(_event.c.subject_id == subject_id).order_by(_event.c.seq)
    return tuple(logged_of(row) for row in connection.execute(query).mappings())


def mark_at(connection: Connection, seq: int, head: Head) -> str | None:
    """The mark that proves a position: of the row at ``seq``, or the log's origin at 0; None beyond the head."""
    if seq == 0:
        return head.origin
    return connection.execute(select(_event.c.mark).where(_event.c.seq == seq)).scalar_one_or_none()


def events(connection: Connection, after: int, limit: int) -> tuple[Logged, ...]:
    """Up to ``limit`` events after ``after``, in order."""
    query = select(_event).where(_event.c.seq > after).order_by(_event.c.seq).limit(limit)
    return tuple(logged_of(row) for row in connection.execute(query).mappings())


def subjects(connection: Connection, after: int, to: int) -> tuple[tuple[str, str], ...]:
    """Distinct (subject kind, subject id) of the events in (after, to], in order of their last event."""
    query = select(_event.c.subject, _event.c.subject_id).where(_event.c.seq > after, _event.c.seq <= to)
    seen = dict.fromkeys((row.subject, row.subject_id) for row in connection.execute(query.order_by(_event.c.seq)))
    return tuple(seen)
