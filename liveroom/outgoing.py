"""The deliveries that a unit's events cause, written in the unit: whoever has to hear will, or nothing happened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from liveroom.domain.complaint import Complaint
from liveroom.domain.deliveries import Whom, caused
from liveroom.domain.events import Logged
from liveroom.log import outbox
from liveroom.log.citizen_links import reachable
from liveroom.log.connection import Connection
from liveroom.log.webhooks import hooked_sources
from liveroom.routes import Channel, Routes


class Outgoing:
    """Rows to add, from what is logged."""

    def __init__(self, connection: Connection, routes: Routes, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._routes = routes
        self._hooked: frozenset[str] | None = None
        self._rows: dict[tuple[object, ...], Mapping[str, Any]] = {}

    def note(self, entry: Logged, before: Complaint | None, after: Complaint | None) -> None:
        """Take in one logged event with its complaint before and after it."""
        event = entry.event
        for to in caused(event, before, after):
            receiver = self._routes.receiver(to)
            if receiver is None or (to.whom is Whom.SOURCE and not self._is_hooked(to.key)):
                continue
            here = self._routes.channel(receiver) is Channel.PAGE
            row = outbox.row_of(
                receiver, seq=entry.seq, cause=event.kind.value, subject=event.id, at=self._now, sent=here
            )
            self._rows[(*receiver, event.id, entry.seq)] = row

    def _is_hooked(self, source: str) -> bool:
        if self._hooked is None:
            self._hooked = hooked_sources(self._connection)
        return source in self._hooked

    def flush(self) -> None:
        """Write the rows; to a citizen only where one left an address, which is written by now."""
        citizens = {row["subject"] for row in self._rows.values() if row["whom"] == Whom.CITIZEN}
        told = reachable(self._connection, citizens)
        rows = [row for row in self._rows.values() if row["whom"] != Whom.CITIZEN or row["subject"] in told]
        outbox.write(self._connection, rows)
        self._rows = {}
