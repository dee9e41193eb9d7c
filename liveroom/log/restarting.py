"""Whose turn to restart it is, of the screens: a lease of a minute, which its screen cannot make longer."""

from datetime import timedelta

from sqlalchemy import Connection, select

from liveroom.domain.timestamps import to_micros
from liveroom.log import schema
from liveroom.log.event_log import Log, database_now
from liveroom.log.lease import Lease

NAME = "restart"
# So long the next one waits, and so long its screen may be silent before it counts as dark.
LASTS = timedelta(seconds=60)


def take_turn(log: Log, screen: str | None) -> bool:
    """Whether the screen of this id (None: a page without a token) may restart now. Raises Unavailable."""
    lease = Lease(log, NAME, LASTS, holder=screen)
    return log.note(lambda connection: restarting(connection) is None and lease.take_in(connection))


def restarting(connection: Connection) -> str | None:
    """The id of the screen whose turn it is; of a page without a token whatever is no id; None while it is nobody's."""
    table, now = schema.lease.c, database_now(connection)
    holds = table.until.between(to_micros(now), to_micros(now + LASTS))
    found: str | None = connection.execute(select(table.holder).where(table.name == NAME, holds)).scalar_one_or_none()
    return found
