"""Commands already done: the same id with the same body gets the same answer, for 30 days."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, delete, insert, select

from liveroom.domain.requests import Done, Order
from liveroom.domain.timestamps import to_micros
from liveroom.log import codec, schema

KEPT = timedelta(days=30)


class Reused(Exception):
    """The command id was used before by somebody else or with another body."""


def answer_of(connection: Connection, order: Order) -> Done | None:
    """The answer this very order got before; None for a new one. Raises Reused."""
    query = select(schema.command).where(schema.command.c.id == order.command_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if (row.actor, row.body_hash) != (order.actor, order.hash()):
        raise Reused(order.command_id)
    return msgspec.json.decode(row.answer, type=Done)


def remember(connection: Connection, order: Order, done: Done, *, first_seq: int, real: datetime) -> None:
    """Keep the answer of an order beside the events it caused."""
    connection.execute(
        insert(schema.command).values(
            id=order.command_id,
            actor=order.actor,
            body_hash=order.hash(),
            first_seq=first_seq,
            last_seq=done.seq,
            answer=codec.encode(done),
            logged_at=to_micros(real),
        )
    )


def prune(connection: Connection, real: datetime) -> int:
    """Forget answers older than 30 days; returns how many."""
    old = schema.command.c.logged_at < to_micros(real - KEPT)
    return connection.execute(delete(schema.command).where(old)).rowcount
