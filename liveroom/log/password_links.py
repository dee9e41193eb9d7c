"""One-time links by which a person sets a password: the token in the link, its hash here, one a person, two days.

Real time. They stay out of backups: a link that was used must not come back with one.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from liveroom.domain.timestamps import to_micros
from liveroom.log.event_log import database_now
from liveroom.log.schema import password_link, user
from liveroom.log.sources import key_hash
from liveroom.log.user_rows import end_links
from liveroom.log.users import may_enter, who_of
from liveroom.people import Who

LASTS = timedelta(hours=48)


def give_link(connection: Connection, actor: str) -> tuple[str, datetime]:
    """The token of a new link and when it ends; one that was given before is void."""
    token, now = secrets.token_urlsafe(32), database_now(connection)
    end_links(connection, actor)
    connection.execute(delete(password_link).where(password_link.c.ends_at <= to_micros(now)))
    ends = now + LASTS
    values = {"id": key_hash(token), "user_id": actor, "ends_at": to_micros(ends)}
    connection.execute(insert(password_link).values(**values))
    return token, ends


def holder_of(connection: Connection, token: str) -> Who | None:
    """Who may set a password by this token now; None for one that was used, replaced, has ended or never was."""
    now = to_micros(database_now(connection))
    query = select(user).join(password_link, password_link.c.user_id == user.c.id)
    mine = query.where(password_link.c.id == key_hash(token), password_link.c.ends_at > now, may_enter())
    row = connection.execute(mine).one_or_none()
    return None if row is None else who_of(row)
