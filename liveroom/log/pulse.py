"""The clock's proof of life: one row, moved every second; screens measure their freshness by it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from liveroom.log import schema
from liveroom.log.head import database_now
from liveroom.moments import from_micros, to_micros


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
