"""The fold: turns events into the rows of the projection, inside the transaction that logs them.

`Projector` loads each complaint once and writes each once, and passes events on to the projectors of alarms, notices,
figures and holdings. `remake` makes all rows anew from event 1: at a start after the projection's version changed,
after a restore, and when an auditor asks. Live rows and rebuilt rows are the same, because this is the only fold.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from liveroom.domain.clock_repair import repair_of
from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Kind, LoggedEvent, Subject
from liveroom.domain.timestamps import to_micros
from liveroom.log import event_log, schema
from liveroom.log.event_log import Transaction, events
from liveroom.log.schema import PROJECTION, screen_state
from liveroom.projection import VERSION
from liveroom.projection.agencies import HoldingProjector
from liveroom.projection.alarms import AlarmProjector
from liveroom.projection.figures import FigureProjector
from liveroom.projection.notices import NoticeProjector
from liveroom.projection.search import index_all, write_listing
from liveroom.projection.totals import add_totals, difference, upsert

SCREEN_STATES: Mapping[Kind, str] = {
    Kind.SCREEN_SEEN: "ok",
    Kind.SCREEN_DARK: "dark",
    Kind.SCREEN_REVOKED: "revoked",
}
_complaint = schema.complaint.c
# Made once: making one costs more than running it.
_BODY = select(_complaint.body).where(_complaint.id == bindparam("of"))
_BODIES = select(_complaint.id, _complaint.body).where(_complaint.id.in_(bindparam("ids", expanding=True)))
_NAMED = select(_complaint.id, _complaint.source_id, _complaint.body).where(
    _complaint.source == bindparam("source"), _complaint.source_id.in_(bindparam("names", expanding=True))
)


class Projector:
    """The projection's rows as one transaction sees and leaves them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._before: dict[str, Complaint | None] = {}
        self._now: dict[str, Complaint | None] = {}
        self._named: dict[tuple[str, str], str | None] = {}
        self.alarms = AlarmProjector(connection)
        self.notices = NoticeProjector(connection)
        self._figures = FigureProjector(connection)
        self._holdings = HoldingProjector(connection)
        self._day: dict[str, Any] | None = None
        self._sources: dict[str, dict[str, Any]] = {}
        self._screens: dict[str, dict[str, Any]] = {}

    def complaint(self, id_: str) -> Complaint | None:
        """The complaint as folded so far; None if there is none."""
        if id_ not in self._now:
            self._remember(id_, self._connection.execute(_BODY, {"of": id_}).scalar_one_or_none())
        return self._now[id_]

    def load(self, ids: Collection[str]) -> None:
        """Load those of ``ids`` (at most 500) that are not loaded yet, in one query."""
        unseen = [id_ for id_ in ids if id_ not in self._now]
        if unseen:
            for row in self._connection.execute(_BODIES, {"ids": unseen}):
                self._remember(row.id, row.body)

    def of_source(self, source: str, source_id: str) -> Complaint | None:
        """The complaint a source calls ``source_id``; None if it is new."""
        self.expect(source, (source_id,))
        id_ = self._named[source, source_id]
        return None if id_ is None else self._now[id_]

    def expect(self, source: str, source_ids: Collection[str]) -> None:
        """Look up several of a source's numbers in one query; ``of_source`` then needs none."""
        asked = [name for name in source_ids if (source, name) not in self._named]
        if not asked:
            return
        self._named.update(((source, name), None) for name in asked)
        for row in self._connection.execute(_NAMED, {"source": source, "names": asked}):
            self._named[source, row.source_id] = row.id
            if row.id not in self._now:
                self._remember(row.id, row.body)

    def none_yet(self, id_: str) -> None:
        """Save the query: this id was made just now."""
        self._before[id_] = self._now[id_] = None

    def _remember(self, id_: str, body: str | None) -> None:
        loaded = event_log.decode_complaint(body) if body is not None else None
        self._before[id_] = self._now[id_] = loaded

    def apply(self, entries: Iterable[LoggedEvent]) -> None:
        """Fold logged events; unknown subjects leave the projection as it is."""
        for logged in entries:
            match logged.event.subject:
                case Subject.COMPLAINT:
                    before = self.complaint(logged.event.id)
                    after = self._now[logged.event.id] = evolve(before, logged)
                    self._named[after.source, after.source_id] = after.id
                    self._figures.note(before, after, logged)
                    self._holdings.note(before, after, logged)
                    self.alarms.warned(logged)
                    self.notices.of_complaint(before, after, logged)
                case Subject.ALARM:
                    self.alarms.apply(logged)
                case Subject.ROOM if logged.event.kind is Kind.DAY_OPENED:
                    self._day = {"id": 1, "date": logged.event.payload["date"], "seq": logged.seq}
                case Subject.ROOM if logged.event.kind is Kind.CLOCK_REPAIRED:
                    repair = repair_of(logged.event)
                    self._day = {"id": 1, "date": repair.date, "seq": logged.seq}
                    self.alarms.move_back(repair)
                    self.notices.move_back(repair)
                case Subject.SOURCE:
                    state = logged.event.payload["state"]
                    self._sources[logged.event.id] = {"id": logged.event.id, "state": state, "seq": logged.seq}
                case Subject.SCREEN if logged.event.kind in SCREEN_STATES:
                    state = SCREEN_STATES[logged.event.kind]
                    self._screens[logged.event.id] = {"id": logged.event.id, "state": state, "seq": logged.seq}
                case Subject.SCREEN | Subject.ROOM | Subject.USER:
                    self.notices.apply(logged)

    def flush(self) -> None:
        """Write every row that changed, and the totals' differences."""
        changed = [(self._before.get(k), v) for k, v in self._now.items() if v is not self._before.get(k)]
        totals: Counter[str] = Counter()
        for old, new in changed:
            totals.update(difference(old, new))
        upsert(self._connection, schema.complaint, [row_of(new) for _, new in changed if new is not None])
        add_totals(self._connection, {key: value for key, value in totals.items() if value})
        self._holdings.flush(changed)
        write_listing(self._connection, changed)
        upsert(self._connection, schema.day, [self._day] if self._day else [])
        upsert(self._connection, schema.source_state, list(self._sources.values()))
        upsert(self._connection, screen_state, list(self._screens.values()))
        self.alarms.flush()
        self.notices.flush()
        self._figures.flush()
        self._before, self._now, self._named, self._day, self._sources, self._screens = {}, {}, {}, None, {}, {}


def row_of(complaint: Complaint) -> dict[str, Any]:
    """The ``complaint`` row of a complaint; what is searched and sorted by has a column, all of it is in ``body``."""
    return {
        "id": complaint.id,
        "seq": complaint.seq,
        "source": complaint.source,
        "source_id": complaint.source_id,
        "day": complaint.day,
        "status": complaint.status.value,
        "overdue": int(complaint.overdue),
        "closed_day": complaint.closed_day,
        "next_due": to_micros(complaint.next_due) if complaint.next_due else None,
        "received_at": to_micros(complaint.received_at),
        "body": event_log.encode(complaint),
    }


# ---- the rebuild ----

AT_ONCE = 1000


def rebuild(transaction: Transaction, note: Callable[[int], None] = lambda _seq: None) -> int:
    """``remake`` as work for ``EventLog.write``."""
    return remake(transaction.connection, note)


def remake(connection: Connection, note: Callable[[int], None] = lambda _seq: None) -> int:
    """Delete every projected row, fold the whole log and index the texts; returns the number of the last event.

    All or nothing, under the head lock. ``note`` gets the number reached, for a progress line.
    """
    for table in PROJECTION:
        connection.execute(delete(table))
    seq = fold_from(connection, 0, note)
    index_all(connection)
    connection.execute(update(schema.head).where(schema.head.c.id == 1).values(projection=VERSION))
    return seq


def fold_from(connection: Connection, after: int, note: Callable[[int], None]) -> int:
    """Fold every event numbered above ``after`` into the projection; returns the number of the last one."""
    seq, projector = after, Projector(connection)
    while part := events(connection, seq, AT_ONCE):
        projector.apply(part)
        projector.flush()
        seq = part[-1].seq
        note(seq)
    return seq
