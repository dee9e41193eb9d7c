"""The first request of a month at each web process that a forwarder passed on although no proxy is configured."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.event_log import database_now
from liveroom.log.schema import forwarded

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """``place``: machine, host and port of the process that was asked; ``header``: what gave it away; ``at``: UTC."""

    place: str
    header: str
    at: datetime


def note_forwarded(connection: Connection, place: str, header: str) -> None:
    """Remember it as the first of the process at ``place``, unless one before is remembered."""
    now = database_now(connection)
    connection.execute(delete(forwarded).where(forwarded.c.at <= to_micros(now - KEPT)))
    if connection.execute(select(forwarded.c.at).where(forwarded.c.place == place)).first() is None:
        with suppress(IntegrityError), connection.begin_nested():  # two that name themselves alike may be as fast
            connection.execute(insert(forwarded).values(place=place, header=header, at=to_micros(now)))


def forget_forwarded(connection: Connection, place: str) -> None:
    """The process at ``place`` starts anew; what is old is forgotten of all, for a machine may not come back."""
    old = forwarded.c.at <= to_micros(database_now(connection) - KEPT)
    connection.execute(delete(forwarded).where((forwarded.c.place == place) | old))


def forwarded_requests(connection: Connection) -> tuple[Forwarded, ...]:
    """One of each process that had one, the earliest first."""
    query = select(forwarded).where(forwarded.c.at > to_micros(database_now(connection) - KEPT))
    rows = connection.execute(query.order_by(forwarded.c.at, forwarded.c.place))
    return tuple(Forwarded(place=row.place, header=row.header, at=from_micros(row.at)) for row in rows)
