"""What a receiver refused: tried a few times more, then left to a person, until the receiver shows a change of mind."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from liveroom.domain.timestamps import to_micros
from liveroom.log.outbox import WAITING, Receiver
from liveroom.log.schema_outbox import delivery_attempt, outbox

REFUSED = "refused"
# A `next_at` after every moment: only a person, or the receiver itself, has it tried again.
BY_HAND = datetime(9999, 1, 1, tzinfo=UTC)
ENOUGH = 20
_row = outbox.c
_tried = delivery_attempt.c


def noes(connection: Connection, ids: Collection[str]) -> int:
    """How many times in a row, up to the last attempt, these were refused: the most of any, at most 20."""
    return max((_noes(connection, id_) for id_ in ids), default=0)


def was_refused(connection: Connection, id_: str) -> bool:
    """Whether its receiver ever said no to it."""
    query = select(_tried.id).where(_tried.delivery == id_, _tried.outcome == REFUSED).limit(1)
    return connection.execute(query).first() is not None


def wake(connection: Connection, receiver: Receiver, now: datetime) -> None:
    """Have tried once more what this receiver refused: it has just taken something that it had refused before."""
    whom, key = receiver
    mine = (_row.whom == whom, _row.key == key, _row.state == WAITING, _row.refused.is_not(None))
    connection.execute(update(outbox).where(*mine).values(next_at=to_micros(now)))


def _noes(connection: Connection, id_: str) -> int:
    query = select(_tried.outcome).where(_tried.delivery == id_).order_by(_tried.id.desc()).limit(ENOUGH)
    outcomes = connection.execute(query).scalars().all()
    return next((place for place, outcome in enumerate(outcomes) if outcome != REFUSED), len(outcomes))
