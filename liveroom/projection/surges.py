"""What the look-out for surges reads: complaints of the last minutes, and the surges in force."""

from datetime import datetime

from sqlalchemy import Connection, select

from liveroom.domain.surge import Recent, Surge
from liveroom.log import codec, schema
from liveroom.moments import from_text, to_micros

SURGE = "surge"


def recent_complaints(connection: Connection, since: datetime, until: datetime) -> tuple[Recent, ...]:
    """Complaints received in (since, until] that lie in an area, in order of receipt; found by index."""
    table = schema.complaint.c
    query = select(table.body).where(table.received_at > to_micros(since), table.received_at <= to_micros(until))
    found = (codec.decode_complaint(body) for body in connection.execute(query.order_by(table.received_at)).scalars())
    return tuple(
        Recent(id=one.id, category=one.category, area=one.area, at=one.received_at)
        for one in found
        if one.area is not None
    )


def may_surge(connection: Connection, since: datetime, least: int) -> bool:
    """Whether enough came in since a moment to look closer, or a surge is in force and may end."""
    received = select(schema.complaint.c.id).where(schema.complaint.c.received_at > to_micros(since)).limit(least)
    return len(connection.execute(received).all()) >= least or bool(known_surges(connection))


def known_surges(connection: Connection) -> tuple[Surge, ...]:
    """The surges in force, oldest first."""
    query = select(schema.notice.c.body).order_by(schema.notice.c.seq)
    bodies = (codec.decode_payload(body) for body in connection.execute(query).scalars())
    return tuple(
        Surge(
            id=body["id"],
            category=body["category"],
            areas=tuple(body["areas"]),
            n=body["n"],
            since=from_text(body["since"]),
        )
        for body in bodies
        if body["kind"] == SURGE
    )
