"""One-time links by which the first admin is made: the token in the link, its hash here, one for each web process.

Real time. They stay out of backups: a room that is restored prints its own.
"""

import secrets
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select

from liveroom.domain.timestamps import to_micros
from liveroom.log.event_log import database_now
from liveroom.log.schema import setup_link
from liveroom.log.sources import key_hash

LASTS = timedelta(hours=24)


def give_setup_link(connection: Connection, place: str) -> str:
    """The token of a new link of the process at ``place``; the one that it gave before is void."""
    token, now = secrets.token_urlsafe(32), database_now(connection)
    ended = (setup_link.c.place == place) | (setup_link.c.ends_at <= to_micros(now))
    connection.execute(delete(setup_link).where(ended))
    values = {"id": key_hash(token), "place": place, "ends_at": to_micros(now + LASTS)}
    connection.execute(insert(setup_link).values(**values))
    return token


def is_setup_link(connection: Connection, token: str) -> bool:
    """Whether this token is that of a link which is good now; takes as long for every wrong one."""
    now, shown = to_micros(database_now(connection)), key_hash(token)
    good = connection.execute(select(setup_link.c.id).where(setup_link.c.ends_at > now)).scalars()
    # All of them, in a list: neither which one it is nor how much of it fits shows in the time.
    return any([secrets.compare_digest(shown, one) for one in good])


def end_setup_links(connection: Connection) -> None:
    """Void all of them."""
    connection.execute(delete(setup_link))
