"""Screens with a token of their own: read-only, never a person's log-in; kept as a hash."""

import secrets

from sqlalchemy import Connection, insert, select

from liveroom.log import schema
from liveroom.log.book import Log
from liveroom.log.head import database_now
from liveroom.log.sources import Taken, key_hash
from liveroom.log.texts import new_id
from liveroom.moments import to_micros


class Screens:
    """The screens of one room."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def add(self, name: str, audience: str) -> str:
        """Create a screen for an audience; returns its token, which is shown once. Raises Taken."""
        token, table = secrets.token_urlsafe(32), schema.screen

        def create(connection: Connection) -> str:
            if connection.execute(select(table.c.id).where(table.c.name == name)).first():
                raise Taken(name)
            created = to_micros(database_now(connection))
            values = {"id": new_id(), "name": name, "audience": audience, "created_at": created}
            connection.execute(insert(table).values(token_hash=key_hash(token), **values))
            return token

        return self._log.touch(create)

    def audience_of(self, token: str) -> str | None:
        """The audience of the screen whose token this is; None for an unknown or revoked one."""
        table = schema.screen
        query = select(table.c.audience).where(table.c.token_hash == key_hash(token), table.c.revoked_at.is_(None))
        found: str | None = self._log.read(lambda c: c.execute(query).scalar_one_or_none())
        return found
