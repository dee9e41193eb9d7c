"""What the desk asks of the outbox: the list with its attempts, what is stuck, and when an agency had a complaint."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, func, not_, or_, select, tuple_

from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.outbox import SENT, WAITING, Attempt, Delivery, Receiver, read
from liveroom.log.outbox_refused import REFUSED
from liveroom.log.schema_outbox import delivery_attempt, outbox

_row = outbox.c
STUCK, KNOWN = "stuck", "known"
# What a list may be asked for.
STATES = (WAITING, STUCK, REFUSED, KNOWN, SENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """``state``: one of STATES, None for all; ``whom`` and ``key`` as a delivery has them; ``now`` is room time.

    ``among``: of these receivers, each with a key or with None for all of its kind; None for everybody.
    """

    now: datetime
    state: str | None = None
    whom: str | None = None
    key: str | None = None
    among: Collection[tuple[str, str | None]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """What does not get through to one receiver: how many, since when the oldest waits, and which one that is.

    ``refused``: these are what it says no to; the others do not reach it.
    """

    receiver: Receiver
    refused: bool
    n: int
    since: datetime
    first: str


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
    connection: Connection, asked: Asked, *, late: ColumnElement[bool], cursor: str | None, limit: int
) -> tuple[Delivery, ...]:
    """The deliveries that are asked for: all and what is through newest first, what waits oldest first.

    ``late``: what is_stuck says. ``cursor``: the id of the last one of the page before; ids are in order of writing.
    """
    oldest = asked.state not in (None, SENT)
    query = select(outbox).where(*_wanted(asked, late)).limit(limit)
    if cursor is not None:
        query = query.where(_row.id > cursor if oldest else _row.id < cursor)
    return read(connection, query.order_by(_row.id if oldest else _row.id.desc()))


def _wanted(asked: Asked, late: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    states = {
        WAITING: (_row.state == WAITING,),
        SENT: (_row.state == SENT,),
        STUCK: (_row.state == WAITING, late),
        REFUSED: (_row.state == WAITING, _row.refused.is_not(None)),
        KNOWN: (_row.state == WAITING, _row.known_until.is_not(None), not_(unknown(asked.now))),
    }
    named = ((_row.whom, asked.whom), (_row.key, asked.key))
    wanted = [*states.get(asked.state or "", ()), *(column == value for column, value in named if value is not None)]
    if asked.among is None:
        return wanted
    kinds = [whom for whom, key in asked.among if key is None]
    keys = [pair for pair in asked.among if pair[1] is not None]
    return [*wanted, or_(_row.whom.in_(kinds), tuple_(_row.whom, _row.key).in_(keys))]


def to_agencies(connection: Connection, subject: str) -> dict[str, Delivery]:
    """By agency, the delivery about a complaint that says how far it is: the first that waits, else the last."""
    query = select(outbox).where(_row.subject == subject, _row.whom == "agency").order_by(_row.seq)
    found: dict[str, Delivery] = {}
    for one in read(connection, query):
        if one.key not in found or found[one.key].state == SENT:
            found[one.key] = one
    return found


def unknown(now: datetime) -> ColumnElement[bool]:
    """Whether nobody has said that it is known until later."""
    return or_(_row.known_until.is_(None), _row.known_until <= to_micros(now))


def is_stuck(now: datetime, after: timedelta, tries: int) -> ColumnElement[bool]:
    """Of what waits: not through after a time or so many tries, or refused; of which nobody knows until later.

    What a receiver does not want gets better by no try, and all that follows on its subject waits behind it.
    """
    late = or_(_row.at <= to_micros(now - after), _row.tries >= tries, _row.refused.is_not(None))
    return and_(unknown(now), late)


def stuck(connection: Connection, late: ColumnElement[bool]) -> tuple[Stuck, ...]:
    """By receiver what does not get through, and what it refuses; ``late``: what is_stuck says."""
    refused = case((_row.refused.is_not(None), 1), else_=0).label("no")
    count = select(_row.whom, _row.key, refused, func.count(), func.min(_row.at), func.min(_row.id))
    query = count.where(_row.state == WAITING, late).group_by(_row.whom, _row.key, refused)
    return tuple(
        Stuck(receiver=(whom, key), refused=bool(no), n=n, since=from_micros(since), first=first)
        for whom, key, no, n, since, first in connection.execute(query)
    )
