"""What the look-out for surges reads: complaints of the last minutes, and the surges in force."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from liveroom.domain.surge import Recent, Surge
from liveroom.domain.timestamps import from_micros, from_text, to_micros
from liveroom.log import event_log, schema
from liveroom.log.schema import listing
from liveroom.projection.notices import SURGE


def recent_complaints(connection: Connection, since: datetime, until: datetime) -> tuple[Recent, ...]:
    """What was received in (since, until] and lies in an area, counted by category and area.

    Found by index and counted by the database: in a rush these are thousands, and the clock asks every second.
    """
    table = listing.c
    first, at, n = func.min(table.id), func.min(table.received_at), func.count()
    within = (table.received_at > to_micros(since), table.received_at <= to_micros(until), table.area != "")
    query = select(table.category, table.area, first, at, n).where(*within).group_by(table.category, table.area)
    return tuple(
        Recent(id=id_, category=category, area=area, at=from_micros(moment), n=count)
        for category, area, id_, moment, count in connection.execute(query)
    )


def may_surge(connection: Connection, since: datetime, least: int) -> bool:
    """Whether enough came in since a moment to look closer, or a surge is in force and may end."""
    received = select(schema.complaint.c.id).where(schema.complaint.c.received_at > to_micros(since)).limit(least)
    return len(connection.execute(received).all()) >= least or bool(known_surges(connection))


def known_surges(connection: Connection) -> tuple[Surge, ...]:
    """The surges in force, oldest first."""
    query = select(schema.notice.c.body).where(schema.notice.c.id.like(f"{SURGE}:%")).order_by(schema.notice.c.seq)
    bodies = (event_log.decode_payload(body) for body in connection.execute(query).scalars())
    return tuple(
        Surge(
            id=body["id"],
            category=body["category"],
            areas=tuple(body["areas"]),
            n=body["n"],
            since=from_text(body["since"]),
        )
        for body in bodies
    )
