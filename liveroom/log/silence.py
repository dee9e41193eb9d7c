"""When a source is silent: late after 1.5 times its usual gap, lost after 3 times (control-room rule CR-48).

A source's first state is logged too: screens list the sources, and whatever changes a picture is an event.
"""

from sqlalchemy import Connection, select

from liveroom.domain.timestamps import to_micros
from liveroom.log import schema
from liveroom.log.event_log import database_now

LATE, LOST = 1.5, 3.0


def state_after(age_s: float, every_s: int | None) -> str:
    """``ok``, ``late`` or ``lost`` for the age of the last sign of life in seconds; one without a rhythm is ``ok``."""
    if every_s is None:
        return "ok"
    if age_s > LOST * every_s:
        return "lost"
    return "late" if age_s > LATE * every_s else "ok"


def changed_sources(connection: Connection) -> dict[str, str]:
    """Source id to its new state, for those whose state is not the logged one; by id."""
    source, state = schema.source, schema.source_state
    query = (
        select(source.c.id, source.c.every_s, source.c.heard_at, source.c.created_at, state.c.state)
        .select_from(source.outerjoin(state, state.c.id == source.c.id))
        .where(source.c.revoked_at.is_(None))
        .order_by(source.c.id)
    )
    now, changed = to_micros(database_now(connection)), {}
    for row in connection.execute(query):
        age_s = (now - (row.heard_at or row.created_at)) / 1e6
        new = state_after(age_s, row.every_s)
        if new != row.state:
            changed[row.id] = new
    return changed
