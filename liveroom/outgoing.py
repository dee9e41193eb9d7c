"""The deliveries that a unit's events cause, written in the unit: whoever has to hear will, or nothing happened."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from liveroom.accounts.links import Contact, contacts
from liveroom.accounts.sources import hooked_sources
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Logged
from liveroom.domain.notifications import DIGESTED, Whom, caused
from liveroom.log import outbox
from liveroom.log.engine import Connection
from liveroom.log.outbox import Receiver
from liveroom.routes import Channel, Routes

CRITICAL = "critical"


class Outgoing:
    """Rows to add, from what is logged."""

    def __init__(self, connection: Connection, routes: Routes, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._routes = routes
        self._hooked: frozenset[str] | None = None
        self._rows: dict[tuple[object, ...], Mapping[str, Any]] = {}
        self._urgent: set[str] = set()

    def note(self, entry: Logged, before: Complaint | None, after: Complaint | None) -> None:
        """Take in one logged event with its complaint before and after it."""
        event = entry.event
        critical = after is not None and after.priority == CRITICAL
        if critical and before is not None and before.priority != CRITICAL:
            self._urgent.add(event.id)
        for to in caused(event, before, after):
            receiver = self._routes.receiver(to)
            if receiver is None or (to.whom is Whom.SOURCE and not self._is_hooked(to.key)):
                continue
            held = self._routes.held(receiver) if event.kind in DIGESTED and not critical else None
            row = self._row(receiver, entry, held) | ({"subject": to.about} if to.about is not None else {})
            self._rows[(*receiver, row["subject"], entry.seq)] = row

    def _row(self, receiver: Receiver, entry: Logged, held: timedelta | None) -> dict[str, Any]:
        # A citizen reads nothing here: by which way they are told is known when the rows are written.
        here = receiver[0] != Whom.CITIZEN and self._routes.channel(receiver) is Channel.PAGE
        return outbox.row_of(receiver, entry, at=self._now, sent=here, held=held)

    def _is_hooked(self, source: str) -> bool:
        if self._hooked is None:
            self._hooked = hooked_sources(self._connection)
        return source in self._hooked

    def flush(self) -> None:
        """Write the rows; to a citizen by the way that they left, which is written by now, or not at all."""
        citizens = {row["subject"] for row in self._rows.values() if row["whom"] == Whom.CITIZEN}
        left = contacts(self._connection, citizens)
        rows = [told for row in self._rows.values() if (told := self._told(row, left)) is not None]
        if self._urgent:
            outbox.hasten(self._connection, self._urgent, self._now)
        outbox.write(self._connection, rows)
        self._rows, self._urgent = {}, set()

    def _told(self, row: Mapping[str, Any], left: Mapping[str, Contact]) -> Mapping[str, Any] | None:
        if row["whom"] != Whom.CITIZEN:
            return row
        contact = left.get(row["subject"], Contact())
        way = self._routes.citizen(email=contact.email is not None, phone=contact.phone is not None)
        return None if way is None else {**row, "whom": way.value}
