"""The fold: turns events into the rows of the projection, inside the transaction that logs them.

`Fold` evolves each complaint and gives every event to every read model of `PROJECTORS`. `remake` makes all rows anew
from event 1: at a start after the projection's version changed, after a restore, and when an auditor asks. Live rows
and rebuilt rows are the same, because this is the only fold.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, bindparam, delete, select, update

from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import LoggedEvent, Subject
from liveroom.log import event_log, schema
from liveroom.log.event_log import Transaction, events
from liveroom.log.rows import PreparedQuery
from liveroom.log.schema import PROJECTION
from liveroom.projection import VERSION
from liveroom.projection.agencies import HoldingProjector
from liveroom.projection.alarms import AlarmProjector
from liveroom.projection.complaints import ComplaintProjector, StateProjector
from liveroom.projection.figures import FigureProjector
from liveroom.projection.hazards import HazardProjector
from liveroom.projection.notices import NoticeProjector
from liveroom.projection.projector import Projector, Step
from liveroom.projection.search import ListingProjector, index_all
from liveroom.projection.stays import StayProjector
from liveroom.projection.totals import TotalProjector

# Every read model that follows the log, in the order in which their rows are written.
PROJECTORS: tuple[type[Projector], ...] = (
    ComplaintProjector,
    TotalProjector,
    HoldingProjector,
    ListingProjector,
    StateProjector,
    AlarmProjector,
    NoticeProjector,
    HazardProjector,
    FigureProjector,
    StayProjector,
)
# Those that no receipt and no end of a complaint moves.
_OF_OTHERS = (StateProjector, AlarmProjector, NoticeProjector, HazardProjector)
_complaint = schema.complaint.c
# Made once: making one costs more than running it.
_BODY = PreparedQuery(select(_complaint.body).where(_complaint.id == bindparam("of")))
_BODIES = select(_complaint.id, _complaint.body).where(_complaint.id.in_(bindparam("ids", expanding=True)))
_NAMED_ONE = PreparedQuery(
    select(_complaint.id, _complaint.source_id, _complaint.body).where(
        _complaint.source == bindparam("source"), _complaint.source_id == bindparam("name")
    )
)
_NAMED = select(_complaint.id, _complaint.source_id, _complaint.body).where(
    _complaint.source == bindparam("source"), _complaint.source_id.in_(bindparam("names", expanding=True))
)
P = TypeVar("P", bound=Projector)


class Fold:
    """The projection as one transaction sees and leaves it; loads each complaint once.

    ``alarms``, ``notices`` and ``hazards`` are the read models that decisions of the same transaction ask.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._now: dict[str, Complaint | None] = {}
        self._named: dict[tuple[str, str], str | None] = {}
        self._projectors = {kind: kind(connection) for kind in PROJECTORS}
        self.alarms = self._of(AlarmProjector)
        self.notices = self._of(NoticeProjector)
        self.hazards = self._of(HazardProjector)
        self._of_complaints = tuple(projector for kind, projector in self._projectors.items() if kind not in _OF_OTHERS)

    def _of(self, kind: type[P]) -> P:
        return cast(P, self._projectors[kind])

    def complaint(self, id_: str) -> Complaint | None:
        """The complaint as folded so far; None if there is none."""
        if id_ not in self._now:
            found = _BODY.rows(self._connection, {"of": id_})
            self._remember(id_, found[0][0] if found else None)
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
        found: Iterable[Any]
        if len(asked) == 1:
            found = _NAMED_ONE.rows(self._connection, {"source": source, "name": asked[0]})
        else:
            found = self._connection.execute(_NAMED, {"source": source, "names": asked})
        for id_, source_id, body in found:
            self._named[source, source_id] = id_
            if id_ not in self._now:
                self._remember(id_, body)

    def none_yet(self, id_: str) -> None:
        """Save the query: this id was made just now."""
        self._now[id_] = None

    def _remember(self, id_: str, body: str | None) -> None:
        self._now[id_] = event_log.decode_complaint(body) if body is not None else None

    def apply(self, entries: Iterable[LoggedEvent]) -> None:
        """Fold logged events."""
        for logged in entries:
            before = after = None
            if logged.event.subject is Subject.COMPLAINT:
                before = self.complaint(logged.event.id)
                after = self._now[logged.event.id] = evolve(before, logged)
                self._named[after.source, after.source_id] = after.id
            for projector in self._projectors.values():
                projector.apply(logged, before, after)

    def receive(self, entries: Sequence[LoggedEvent]) -> Complaint:
        """Fold a new complaint's receipt, and perhaps its end: as ``apply``, with each read model asked once."""
        now: Complaint | None = None
        steps = []
        for logged in entries:
            after = evolve(now, logged)
            steps.append(Step(before=now, after=after, logged=logged))
            now = after
        assert now is not None, "no complaint begins without an event"
        self._now[now.id], self._named[now.source, now.source_id] = now, now.id
        for projector in self._of_complaints:
            projector.receive(steps)
        return now

    def flush(self) -> None:
        """Write every row that changed."""
        for projector in self._projectors.values():
            projector.flush()
        self._now, self._named = {}, {}


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
    seq, fold = after, Fold(connection)
    while part := events(connection, seq, AT_ONCE):
        fold.apply(part)
        fold.flush()
        seq = part[-1].seq
        note(seq)
    return seq
