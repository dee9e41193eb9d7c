"""The one head row: identity of the log, its last number and mark, and the room's time."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import schema
from liveroom.log.time_guard import STEP, WrongClock, spell, stamp
from liveroom.runtime.time import RoomTime, system_now

# Made once: every write, look and beat begins with it.
_HEAD = select(schema.head).where(schema.head.c.id == 1)
_LOCKED = _HEAD.with_for_update()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head row as read; ``mark`` is the mark of the row at ``seq`` (``origin`` while the log is empty)."""

    epoch: str
    kind: str
    city: str
    seq: int
    mark: str
    logged_at: datetime
    origin: str
    time: RoomTime
    projection: str


class NoLog(Exception):
    """The database has tables but no head row yet: no room was created in it."""


def draw() -> str:
    """A fresh random mark or epoch: 96 bits, so that two histories never share one."""
    return secrets.token_hex(12)


def head_of(row: Row[Any] | None) -> Head:
    """The head of its row. Raises NoLog without one."""
    if row is None:
        raise NoLog("no room has been created in this database")
    time = RoomTime(real_base=row.real_base, room_base=row.room_base, rate=row.rate)
    return Head(
        epoch=row.epoch,
        kind=row.kind,
        city=row.city,
        seq=row.seq,
        mark=row.mark,
        logged_at=from_micros(row.logged_at),
        origin=row.origin,
        time=time,
        projection=row.projection,
    )


def read_head(connection: Connection, *, lock: bool = False) -> Head:
    """The head; ``lock`` keeps every other writer out until this transaction ends. Raises NoLog."""
    return head_of(connection.execute(_LOCKED if lock else _HEAD).one_or_none())


def create_head(connection: Connection, *, kind: str, city: str, time: RoomTime, projection: str) -> None:
    """Create the room's log: draws its epoch and writes the kind that this database keeps for ever.

    Of several processes that start at once on an empty database one does; the others leave its log as it is.
    """
    origin, epoch = draw(), draw()
    values = {
        "id": 1,
        "epoch": epoch,
        "kind": kind,
        "city": city,
        "seq": 0,
        "mark": origin,
        "origin": origin,
        "logged_at": to_micros(database_now(connection)),
        "projection": projection,
    }
    with suppress(IntegrityError), connection.begin_nested():
        connection.execute(insert(schema.head).values(**values, **_bases(time)))


def set_time(connection: Connection, time: RoomTime) -> None:
    """Set the room's time; under the head lock, so that no event is dated by two clocks."""
    connection.execute(update(schema.head).where(schema.head.c.id == 1).values(_bases(time)))


def renew(connection: Connection, *, epoch: str, logged_at: datetime, time: RoomTime) -> None:
    """Begin a new epoch at a moment of real time: the log goes on, what is shown of it is asked for anew."""
    values = {"epoch": epoch, "logged_at": to_micros(logged_at), **_bases(time)}
    connection.execute(update(schema.head).where(schema.head.c.id == 1).values(values))


def _bases(time: RoomTime) -> dict[str, int]:
    return {"real_base": time.real_base, "room_base": time.room_base, "rate": time.rate}


def database_now(connection: Connection) -> datetime:
    """Real time, aware UTC, as far as the guard of the connection's log believes it.

    After a jump of the clock what is read goes on by the time that was; raises WrongClock for what is written.
    """
    options = connection.get_execution_options()
    if (guard := options.get("time_guard")) is None:
        return clock_of(connection)
    now: datetime = guard.read(partial(clock_of, connection), writing=bool(options.get("write")))
    return now


def clock_of(connection: Connection) -> datetime:
    """What the clock says, right or wrong: PostgreSQL's own, for SQLite that of this machine, which is the same."""
    if connection.dialect.name != "postgresql":
        return system_now()
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def room_now(connection: Connection) -> datetime:
    """Room time now, aware UTC."""
    return read_head(connection).time.at(database_now(connection))


def writable_now(connection: Connection) -> datetime:
    """Room time now, where an event may be dated so. Raises WrongClock when the last one lies ahead."""
    head, real = read_head(connection), database_now(connection)
    refuse_ahead(head, real)
    return head.time.at(real)


def refuse_ahead(head: Head, real: datetime) -> None:
    """Raises WrongClock when the last event lies so far ahead of ``real`` that no small step of the clock explains it.

    Either this clock is behind, or that of whoever wrote the event was ahead; only a person knows.
    """
    ahead = head.logged_at - real
    if ahead <= STEP:
        return
    repair = "run.py clock repair" + (" --drill" if head.kind == "drill" else "")
    raise WrongClock(
        f"the last event was written at {stamp(head.logged_at)}, which is {spell(ahead)} ahead of the clock of the "
        "database's machine: nothing is written until that clock is set right (`timedatectl`); if it is right now and "
        f"was ahead then, `{repair}` puts the room right"
    )
