"""Whether the log itself is whole: numbers dense from 1 to the head, times of logging never decreasing."""

from sqlalchemy import Connection, func, select

from liveroom.domain.events import Kind
from liveroom.log import schema
from liveroom.log.event_log import mark_at, read_head

_event = schema.event


def faults_of_log(connection: Connection) -> list[str]:
    """One line a fault."""
    head = read_head(connection)
    found = []
    count, first, last = connection.execute(
        select(func.count(), func.min(_event.c.seq), func.max(_event.c.seq)).select_from(_event)
    ).one()
    if count != head.seq or (count and (first, last) != (1, head.seq)):
        found.append(f"the log has {count} events from {first} to {last}, the head says {head.seq}")
    if mark_at(connection, head.seq, head) != head.mark:
        found.append("the last event does not bear the head's mark")
    earlier = _event.alias("earlier")
    back = select(func.count()).select_from(_event.join(earlier, earlier.c.seq == _event.c.seq - 1))
    # A repair of the clock is the one event that may.
    turned = (_event.c.logged_at < earlier.c.logged_at) & (_event.c.kind != Kind.CLOCK_REPAIRED.value)
    backwards = connection.execute(back.where(turned)).scalar_one()
    if backwards:
        found.append(f"{backwards} events were logged before their predecessor")
    return found
