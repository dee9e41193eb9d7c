"""What an operator asks of a room as a whole, as gauges of /metrics: clock, deadlines, outbox, complaints, database.

Everything is read in one short transaction; `measure_room` is what `/metrics` calls, seldom. docs/deployment.md says
what each figure means, and `deploy/prometheus` which of them are worth an alarm.
"""

from datetime import datetime

from sqlalchemy import Connection, Select, func, select, text

from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.event_log import EventLog, database_now, read_head
from liveroom.log.lease import read_pulse
from liveroom.log.outbox import WAITING
from liveroom.log.schema import outbox
from liveroom.projection.complaints import counts, today
from liveroom.runtime import metrics


def measure_room(log: EventLog) -> None:
    """Set the gauges of the room. Raises Unavailable, and then leaves them as they were."""
    log.read(_measure)


def _measure(connection: Connection) -> None:
    head, real = read_head(connection), database_now(connection)
    room, pulse = head.time.at(real), read_pulse(connection)
    metrics.LOG_SEQ.set(head.seq)
    if pulse is not None:  # before the first clock ran there is no age to tell
        metrics.PULSE_AGE.set(_seconds(pulse.real_at, real))
        # In real seconds: the time of a drill may pass sixty times as fast.
        metrics.DEADLINES_BEHIND.set(_seconds(pulse.due_to, room) / max(head.time.rate, 1))
    waiting, oldest = connection.execute(_waiting_at(room)).one()
    metrics.OUTBOX_WAITING.set(waiting)
    metrics.OUTBOX_OLDEST.set(0 if oldest is None else _seconds(from_micros(oldest), room))
    stock = counts(connection, today(connection))["stock"]
    assert isinstance(stock, dict), "the counts of the feed"
    metrics.OPEN.set(stock["open"])
    metrics.OVERDUE.set(stock["overdue"])
    metrics.DATABASE_BYTES.set(_database_bytes(connection))


def _waiting_at(room: datetime) -> Select[int, int | None]:
    """How many deliveries wait, and since when the oldest does; one that is held back on purpose does not wait yet."""
    row = outbox.c
    return select(func.count(), func.min(row.at)).where(row.state == WAITING, row.at <= to_micros(room))


def _seconds(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())


def _database_bytes(connection: Connection) -> int:
    """What the database takes on its disk, without the log of its last writes."""
    if connection.dialect.name == "postgresql":
        return int(connection.execute(text("select pg_database_size(current_database())")).scalar_one())
    pages, size = (connection.execute(text(f"pragma {one}")).scalar_one() for one in ("page_count", "page_size"))
    return int(pages) * int(size)
