"""What the desk asks of the outbox: the list with its attempts, what is stuck, and when an agency had a complaint."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from liveroom.log.outbox import SENT, WAITING, Attempt, Delivery, Receiver, read
from liveroom.log.schema_outbox import delivery_attempt, outbox
from liveroom.moments import from_micros, to_micros

_row = outbox.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """What does not get through to one receiver: how many, and since when the oldest waits."""

    n: int
    since: datetime


def attempts(connection: Connection, ids: Collection[str], each: int) -> dict[str, list[Attempt]]:
    """By delivery its last ``each`` attempts, newest first."""
    table = delivery_attempt.c
    place = func.row_number().over(partition_by=table.delivery, order_by=table.id.desc()).label("place")
    ranked = select(delivery_attempt, place).where(table.delivery.in_(tuple(ids))).subquery()
    query = select(ranked).where(ranked.c.place <= each).order_by(ranked.c.id.desc())
    found: dict[str, list[Attempt]] = {}
    for row in connection.execute(query):
        attempt = Attempt(
            at=from_micros(row.at),
            channel=row.channel,
            outcome=row.outcome,
            code=row.code,
            reason=row.reason,
            took_ms=row.took_ms,
        )
        found.setdefault(row.delivery, []).append(attempt)
    return found


def listed(
    connection: Connection, *, state: str | None, key: str | None, cursor: str | None, limit: int
) -> tuple[Delivery, ...]:
    """Deliveries of one state or receiver's key if asked: what waits oldest first, else newest first.

    ``cursor``: the id of the last one of the page before; ids are in the order of writing.
    """
    oldest = state == WAITING
    wanted = ((_row.state, state), (_row.key, key))
    query = select(outbox).where(*(column == value for column, value in wanted if value is not None)).limit(limit)
    if cursor is not None:
        query = query.where(_row.id > cursor if oldest else _row.id < cursor)
    return read(connection, query.order_by(_row.id if oldest else _row.id.desc()))


def to_agencies(connection: Connection, subject: str) -> dict[str, Delivery]:
    """By agency, the delivery about a complaint that says how far it is: the first that waits, else the last."""
    query = select(outbox).where(_row.subject == subject, _row.whom == "agency").order_by(_row.seq)
    found: dict[str, Delivery] = {}
    for one in read(connection, query):
        if one.key not in found or found[one.key].state == SENT:
            found[one.key] = one
    return found


def stuck(connection: Connection, now: datetime, after: timedelta, tries: int) -> dict[Receiver, Stuck]:
    """By receiver what is not through after a time or so many tries, or was refused; of which nobody knows until later.

    What a receiver does not want gets better by no try, and all that follows on its subject waits behind it.
    """
    known = or_(_row.known_until.is_(None), _row.known_until <= to_micros(now))
    late = or_(_row.at <= to_micros(now - after), _row.tries >= tries, _row.refused.is_not(None))
    count = select(_row.whom, _row.key, func.count().label("n"), func.min(_row.at).label("since"))
    query = count.where(_row.state == WAITING, known, late).group_by(_row.whom, _row.key)
    return {(row.whom, row.key): Stuck(n=row.n, since=from_micros(row.since)) for row in connection.execute(query)}
