"""Makes the projection anew from the log; run before serving when its version is another, and by an auditor's order."""

from collections.abc import Callable

from sqlalchemy import Connection, delete, update

from liveroom.log import schema
from liveroom.log.event_log import Unit, events
from liveroom.log.schema import PROJECTION
from liveroom.log.searched import index_all
from liveroom.projection import VERSION
from liveroom.projection.fold import Fold

AT_ONCE = 1000


def rebuild(unit: Unit, note: Callable[[int], None] = lambda _seq: None) -> int:
    """As ``remake``, in a unit."""
    return remake(unit.connection, note)


def remake(connection: Connection, note: Callable[[int], None] = lambda _seq: None) -> int:
    """Delete every projected row, fold the log from 0 and index the texts; returns the last position. All or nothing.

    Under the head lock. ``note`` hears the position reached, for a progress line.
    """
    for table in PROJECTION:
        connection.execute(delete(table))
    seq = fold_from(connection, 0, note)
    index_all(connection)
    connection.execute(update(schema.head).where(schema.head.c.id == 1).values(projection=VERSION))
    return seq


def fold_from(connection: Connection, after: int, note: Callable[[int], None]) -> int:
    """Fold every event after ``after`` into the projection; returns the last position folded."""
    seq, fold = after, Fold(connection)
    while part := events(connection, seq, AT_ONCE):
        fold.apply(part)
        fold.flush()
        seq = part[-1].seq
        note(seq)
    return seq
