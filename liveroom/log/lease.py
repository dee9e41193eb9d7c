"""A lease: of several processes that could do a job, one does it; a frozen holder loses it by real time alone."""

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from liveroom.domain.timestamps import to_micros
from liveroom.log import schema
from liveroom.log.book import Log
from liveroom.log.head import database_now

LASTS = timedelta(seconds=4)
# PostgreSQL tells the time in one statement and takes the lease in the next: a holder that renews in between has a
# lease that ends later than one from the time that was read, by as long as the two are apart.
APART = timedelta(seconds=2)


class Lease:
    """One named lease as this process sees it."""

    def __init__(self, log: Log, name: str, lasts: timedelta = LASTS, holder: str | None = None) -> None:
        """``holder``: who it is for, where it is not for this object alone."""
        self._log = log
        self._name = name
        self._lasts = lasts
        self.holder = holder or secrets.token_hex(8)

    def take(self) -> bool:
        """Take or renew the lease; True while this process holds it. Raises Unavailable."""
        return self._log.note(self.take_in)

    def release(self) -> None:
        """Give it back, so that the next one need not wait for it to lapse."""
        self._log.note(self.release_in)

    def release_in(self, connection: Connection) -> None:
        """As ``release``, in a transaction that writes other things as well."""
        mine = (schema.lease.c.name == self._name) & (schema.lease.c.holder == self.holder)
        connection.execute(update(schema.lease).where(mine).values(until=0))

    def lost(self, connection: Connection) -> bool:
        """Whether it is somebody else's now; one that merely lapsed is not."""
        table = schema.lease.c
        holder = connection.execute(select(table.holder).where(table.name == self._name)).scalar_one_or_none()
        return holder not in (None, self.holder)

    def take_in(self, connection: Connection) -> bool:
        """As ``take``, in a transaction that writes other things as well."""
        table, now = schema.lease, to_micros(database_now(connection))
        until = now + self._lasts // timedelta(microseconds=1)
        values = {"holder": self.holder, "until": until}
        # No lease lasts longer than that from now: one that does was taken before the database's clock was set back.
        longest = until + APART // timedelta(microseconds=1)
        free = or_(table.c.holder == self.holder, table.c.until < now, table.c.until > longest)
        taken = connection.execute(update(table).where(table.c.name == self._name, free).values(**values)).rowcount
        if taken:
            return True
        if connection.execute(select(table.c.name).where(table.c.name == self._name)).first():
            return False
        return self._create(connection, values)

    def _create(self, connection: Connection, values: dict[str, Any]) -> bool:
        """The first one ever asked for; of several who create it at once the others find it taken."""
        try:
            with connection.begin_nested():
                connection.execute(insert(schema.lease).values(name=self._name, **values))
        except IntegrityError:
            return False
        return True
