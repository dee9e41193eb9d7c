"""Counters that all web processes share: how often something was done within a window of time, under a hashed name.

Real time, and passing: nothing is lost with them but the memory of who came too often.
"""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from liveroom.log.event_log import database_now
from liveroom.log.schema import counter

# Of those that are over, at once: a note stays short, and is as fast as three rows a form come in a flood of them.
CLEARED = 2000


def counted(connection: Connection, key: str, seconds: int, amount: int = 1) -> int:
    """Count ``amount`` more under ``key``; returns how many those of its window are. A new window begins with this one
    where none is open."""
    now = _now_s(connection)
    row = {"key": key, "value": amount, "ends_at": now + seconds, "now": now}
    return int(connection.execute(_counting(connection.dialect.name), row).scalar_one())


def count_of(connection: Connection, key: str, seconds: int) -> tuple[int, int]:
    """How many there are in the open window of ``seconds``, and when it ends in seconds since 1970; (0, now) for none.

    A window that would begin later than now is none: the clock was ahead when it was begun.
    """
    now = _now_s(connection)
    query = select(counter.c.value, counter.c.ends_at).where(counter.c.key == key)
    row = connection.execute(query.where(counter.c.ends_at > now, counter.c.ends_at <= now + seconds)).one_or_none()
    return (0, now) if row is None else (int(row.value), int(row.ends_at))


def clear_open(connection: Connection, now: datetime) -> None:
    """Begin all of them anew whose window is not over."""
    connection.execute(delete(counter).where(counter.c.ends_at > int(now.timestamp())))


def forget(connection: Connection, key: str) -> None:
    """Begin anew."""
    connection.execute(delete(counter).where(counter.c.key == key))


def clear_ended(connection: Connection) -> int:
    """Remove some of those whose window is over; returns how many. Another process at it is not waited for."""
    ended = select(counter.c.key).where(counter.c.ends_at <= _now_s(connection)).limit(CLEARED)
    mine = delete(counter).where(counter.c.key.in_(ended.with_for_update(skip_locked=True)))
    return connection.execute(mine).rowcount


def _now_s(connection: Connection) -> int:
    return int(database_now(connection).timestamp())


@cache
def _counting(dialect: str) -> Any:
    statement: Any = (postgresql if dialect == "postgresql" else sqlite).insert(counter)
    statement = statement.values(key=bindparam("key"), value=bindparam("value"), ends_at=bindparam("ends_at"))
    new = statement.excluded
    # No window ends later than one that begins now: one that does is from before the clock was set back.
    over = or_(counter.c.ends_at <= bindparam("now"), counter.c.ends_at > new.ends_at)
    values = {
        "value": case((over, new.value), else_=counter.c.value + new.value),
        "ends_at": case((over, new.ends_at), else_=counter.c.ends_at),
    }
    return statement.on_conflict_do_update(index_elements=["key"], set_=values).returning(counter.c.value)
