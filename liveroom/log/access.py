"""Who read whose personal data: truth, kept as long as the settings say, never in the event log."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.book import Log
from liveroom.log.head import database_now
from liveroom.log.schema_people import access
from liveroom.log.texts import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One reading: ``fields`` names what was shown (``name``, ``phone``), never what stood in it. Real time."""

    at: datetime
    actor: str
    role: str
    subject_id: str
    fields: tuple[str, ...]


def note_access(log: Log, *, actor: str, role: str, subject_id: str, fields: Collection[str]) -> None:
    """Note that somebody was shown these fields of a subject's person; nothing to note without fields.

    Call it before the answer leaves: raises Unavailable, and then the data is not to be shown.
    """
    if fields:
        log.touch(lambda c: write_access(c, actor=actor, role=role, subject_id=subject_id, fields=fields))


def write_access(connection: Connection, *, actor: str, role: str, subject_id: str, fields: Collection[str]) -> None:
    """``note_access`` within a transaction of the caller's."""
    values = {"id": new_id(), "at": to_micros(database_now(connection)), "actor": actor, "role": role}
    connection.execute(insert(access).values(**values, subject_id=subject_id, fields=",".join(sorted(fields))))


def accesses_of(log: Log, subject_id: str, limit: int = 100) -> Sequence[Read]:
    """Who read this subject's personal data, the latest first."""
    query = select(access).where(access.c.subject_id == subject_id).order_by(access.c.at.desc()).limit(limit)
    rows = log.read(lambda c: c.execute(query).all())
    return [
        Read(
            at=from_micros(row.at),
            actor=row.actor,
            role=row.role,
            subject_id=row.subject_id,
            fields=tuple(row.fields.split(",")),
        )
        for row in rows
    ]


def prune_access(log: Log, keep: timedelta) -> int:
    """Forget readings older than ``keep``; returns how many."""

    def forget(connection: Connection) -> int:
        old = access.c.at < to_micros(database_now(connection) - keep)
        return connection.execute(delete(access).where(old)).rowcount

    return log.touch(forget)
