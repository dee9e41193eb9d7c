"""One write: the head lock first, events numbered densely, one mark, all or nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from liveroom.domain.events import Event, Logged
from liveroom.domain.timestamps import to_micros
from liveroom.log import codec, schema
from liveroom.log.head import Head, database_now, draw, read_head, refuse_ahead


class Unit:
    """A transaction under the head lock. ``real`` and ``now`` (room time) are taken once, after the lock was got.

    Raises WrongClock when the clock jumped, or the last event lies more than a small step ahead of it.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.head: Head = read_head(connection, lock=True)
        real = database_now(connection)
        refuse_ahead(self.head, real)
        self.real: datetime = max(real, self.head.logged_at)
        self.now: datetime = self.head.time.at(self.real)
        self.seq = self.head.seq
        self.mark = draw()
        self._rows: list[dict[str, Any]] = []

    def append(self, events: Iterable[Event], *, actor: str) -> tuple[Logged, ...]:
        """Number ``events``; they are in the log once the unit commits."""
        logged = []
        for fact in events:
            self.seq += 1
            entry = Logged(seq=self.seq, mark=self.mark, logged_at=self.real, actor=actor, event=fact)
            self._rows.append(codec.row_of(entry))
            logged.append(entry)
        return tuple(logged)

    def finish(self) -> int:
        """Write what was appended and move the head; returns the head's number. Nothing appended, nothing written."""
        if self._rows:
            self.connection.execute(insert(schema.event), self._rows)
            values = {"seq": self.seq, "mark": self.mark, "logged_at": to_micros(self.real)}
            self.connection.execute(update(schema.head).where(schema.head.c.id == 1).values(values))
            self._rows = []
        return self.seq
