"""The clock's proof of life: one row, moved every second; screens measure their freshness by it.

The row tells of the last second alone. What tells for ever that a clock ran is the day that it opens each midnight.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from liveroom.domain.events import Kind
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import schema
from liveroom.log.head import database_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """``real_at`` when it was written (real time), ``due_to`` the room time up to which every deadline was judged."""

    counter: int
    real_at: datetime
    due_to: datetime


def read_pulse(connection: Connection) -> Pulse | None:
    """The pulse; None before the first clock ran."""
    row = connection.execute(select(schema.pulse)).one_or_none()
    if row is None:
        return None
    return Pulse(counter=row.counter, real_at=from_micros(row.real_at), due_to=from_micros(row.due_to))


def write_pulse(connection: Connection, *, counter: int, due_to: datetime) -> None:
    """Beat once."""
    values = {"counter": counter, "real_at": to_micros(database_now(connection)), "due_to": to_micros(due_to)}
    if not connection.execute(update(schema.pulse).values(**values)).rowcount:
        connection.execute(insert(schema.pulse).values(id=1, **values))


def stood_still(connection: Connection, lately: timedelta) -> timedelta:
    """How long no day was opened before the first that was opened ``lately``, or until now where none was.

    By real time, from the log alone, so that no restart forgets it. Nothing in a room that is younger than ``lately``.
    """
    event, now = schema.event.c, database_now(connection)
    since = to_micros(now - lately)
    entries = select(event.seq, event.logged_at)
    days = entries.where(event.subject_id == "room", event.kind == Kind.DAY_OPENED.value)
    # A day's worth of one subject is looked through, however long the log.
    before = connection.execute(days.where(event.logged_at <= since).order_by(event.seq.desc()).limit(1)).one_or_none()
    if before is None:  # a room that stopped on its first day
        before = connection.execute(entries.where(event.seq == 1, event.logged_at <= since)).one_or_none()
    if before is None:
        return timedelta()
    # After a repair of the clock the log holds days that have not come yet.
    opened = days.where(event.seq > before.seq, event.logged_at <= to_micros(now)).order_by(event.seq).limit(1)
    after = connection.execute(opened).one_or_none()
    return (now if after is None else from_micros(after.logged_at)) - from_micros(before.logged_at)
