"""Bounds on what anybody may send without a log-in: how much may lie unclaimed, and how much may come in 24 hours.

Counted in the database, under a lock of its own, from the moment that a file is announced: however many processes and
requests there are, the sums never go beyond the bounds. What no report claims yet is counted in its rows (``held``);
what came is kept by the hour for a day, for everybody (origin "") and for each address under a keyed hash.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, text, update

from liveroom.domain.timestamps import from_micros
from liveroom.log.head import database_now
from liveroom.log.schema_uploads import public_hour, upload

HOURS, HOUR_S = 24, 3600
# A file takes a row, names in folders and whole blocks of the disk, however small it is.
LEAST = 64 * 1024
# Beside what was sent lies a clean copy of about its size; what it really takes is counted once that is known.
COPIES = 2
# When it is worth asking again whether somebody else's files were claimed or have gone.
LYING_AGAIN_S = 300
# Any number that nothing else in this database locks.
LOCK = 0x6C61706F72
EVERYBODY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicBounds:
    """Bytes: ``lying`` unclaimed in all, ``day`` in 24 hours in all, ``address`` in 24 hours from one address.

    Of ``lying`` one address holds at most one part of ``parts``: it takes several to shut out all others.
    """

    lying: int
    day: int
    address: int
    parts: int = 4


class BoundReached(Exception):
    """One more would be too much; ``code`` says of what, ``retry_after`` in seconds when it is worth trying again."""

    def __init__(self, code: str, retry_after: int) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


def expect(connection: Connection, bounds: PublicBounds, origin: str, length: int) -> int:
    """Count a file of ``length`` bytes before its first has come; returns what it holds of the disk until it is known.

    ``origin`` stands for an address; empty: one that is not counted by itself. Raises BoundReached with the codes
    ``public_full``, ``public_day``, ``public_address``; then the caller's transaction is to end without a trace.
    """
    _alone(connection)
    held = COPIES * max(length, LEAST)
    if lying(connection) + held > bounds.lying:
        raise BoundReached("public_full", LYING_AGAIN_S)
    if origin and lying(connection, origin) + held > bounds.lying // bounds.parts:
        raise BoundReached("public_address", LYING_AGAIN_S)
    hour = _hour(database_now(connection))
    for whose, most, code in ((origin, bounds.address, "public_address"), (EVERYBODY, bounds.day, "public_day")):
        if code == "public_address" and not origin:
            continue
        if wait_s := _wait_s(connection, whose, most - max(length, LEAST)):
            raise BoundReached(code, wait_s)
        _count(connection, hour, whose, max(length, LEAST))
    return held


def take(connection: Connection, bounds: PublicBounds | None, id_: str, held: int) -> None:
    """Note what a file that was looked into holds of the disk. Raises BoundReached when that is too much for now."""
    _alone(connection)
    mine = (upload.c.id == id_, upload.c.origin.is_not(None))
    before = connection.execute(select(upload.c.held).where(*mine)).scalar_one_or_none()
    if before is None:  # a report claimed it
        return
    if bounds is not None and held > before and lying(connection) - before + held > bounds.lying:
        raise BoundReached("public_full", LYING_AGAIN_S)
    connection.execute(update(upload).where(*mine).values(held=held))


def give_back(connection: Connection, row: Row[Any], came: int) -> None:
    """Count only what came of a file that was announced and is given up; its row is the caller's to remove."""
    unsent = max(row.length, LEAST) - max(came, LEAST)
    if row.origin is None or unsent <= 0:
        return
    hours, hour = public_hour.c, _hour(from_micros(row.created_at))
    # Always in this order: two that wait for each other's row would never end.
    for whose in dict.fromkeys((row.origin, EVERYBODY)):
        mine = (hours.hour == hour, hours.origin == whose)
        connection.execute(update(public_hour).where(*mine).values(bytes=hours.bytes - unsent))


def lying(connection: Connection, origin: str | None = None) -> int:
    """Bytes that files of nobody's report hold of the disk, or are announced to: all, or those of one ``origin``."""
    whose = upload.c.origin.is_not(None) if origin is None else upload.c.origin == origin
    query = select(func.coalesce(func.sum(upload.c.held), 0)).where(whose)
    return int(connection.execute(query).scalar_one())


def came(connection: Connection) -> int:
    """Bytes that strangers sent, or announced, in the last 24 hours."""
    return sum(held for _, held in _hours_of(connection, EVERYBODY))


def forget_old(connection: Connection) -> None:
    """Nothing of an address stays longer than it counts."""
    connection.execute(delete(public_hour).where(public_hour.c.hour <= _hour(database_now(connection)) - HOURS))


def forget_ahead(connection: Connection, now: datetime) -> None:
    """What came in hours that have not begun came while a clock was ahead: it counts for nobody."""
    connection.execute(delete(public_hour).where(public_hour.c.hour > _hour(now)))


def _wait_s(connection: Connection, origin: str, most: int) -> int:
    """Seconds until what came in 24 hours is not above ``most``; 0: it is not."""
    hours = _hours_of(connection, origin)
    over = sum(held for _, held in hours) - most
    if over <= 0:
        return 0
    now = database_now(connection).timestamp()
    for hour, held in hours:
        over -= held
        if over <= 0:
            return max(60, int((hour + HOURS) * HOUR_S - now))
    return HOURS * HOUR_S  # it alone is more than may come in a day


def _hours_of(connection: Connection, origin: str) -> list[tuple[int, int]]:
    hours = public_hour.c
    since = _hour(database_now(connection)) - HOURS
    query = select(hours.hour, hours.bytes).where(hours.origin == origin, hours.hour > since).order_by(hours.hour)
    return [(row.hour, row.bytes) for row in connection.execute(query)]


def _count(connection: Connection, hour: int, origin: str, length: int) -> None:
    hours = public_hour.c
    mine = (hours.hour == hour, hours.origin == origin)
    if not connection.execute(update(public_hour).where(*mine).values(bytes=hours.bytes + length)).rowcount:
        connection.execute(insert(public_hour).values(hour=hour, origin=origin, bytes=length))


def _hour(moment: datetime) -> int:
    return int(moment.timestamp()) // HOUR_S


def _alone(connection: Connection) -> None:
    """Until this transaction ends nobody else counts; on SQLite nobody else writes anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
