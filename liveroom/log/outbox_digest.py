"""Deliveries that one letter tells of together: which ones is settled once, so that it is the same at every attempt."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update
from uuid_utils import uuid7

from liveroom.domain.timestamps import to_micros
from liveroom.log.outbox import UNGATHERED, WAITING, Delivery, first_of, read
from liveroom.log.schema_outbox import outbox

# A letter that tells of more is not read.
MOST = 50
_row = outbox.c


def gathered(connection: Connection, one: Delivery) -> tuple[Delivery, ...]:
    """All that its letter tells of, oldest first; what waits for the same receiver by now is gathered if it was not.

    Empty when it is through meanwhile.
    """
    key = one.digest or _gather(connection, one)
    mine = (_row.state == WAITING, _row.digest == key, _row.digest != UNGATHERED)
    return read(connection, select(outbox).where(*mine).order_by(_row.seq))


def _gather(connection: Connection, one: Delivery) -> str:
    free = (*first_of(one.receiver), _row.digest == UNGATHERED)
    ids = connection.execute(select(_row.id).where(*free).order_by(_row.seq).limit(MOST)).scalars().all()
    key = str(uuid7())
    connection.execute(update(outbox).where(_row.id.in_(ids), _row.digest == UNGATHERED).values(digest=key))
    return key


def hasten(connection: Connection, subjects: Collection[str], now: datetime) -> None:
    """What waits for others about these goes by itself, now: it became critical."""
    mine = (_row.subject.in_(tuple(subjects)), _row.state == WAITING, _row.digest == UNGATHERED)
    moment = to_micros(now)
    connection.execute(update(outbox).where(*mine).values(digest=None, at=moment, next_at=moment))
