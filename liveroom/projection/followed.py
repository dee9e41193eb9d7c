"""What the rooms that this one follows last said: one row a city, written by who follows and read by every web process.

It follows from their logs and not from ours, so no rebuild touches it. The age of a city's data is that of its own
beat when it was written here, and what passed since by the database's clock: nobody's own clock counts. When the
process that follows dies, nothing writes, and every age grows.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, Table, case, delete, insert, literal, select, update

from liveroom.domain.timestamps import to_micros
from liveroom.log.event_log import database_now
from liveroom.log.schema import followed_cards, followed_city


@dataclass(frozen=True, slots=True, kw_only=True)
class CityState:
    """What one city last said.

    ``body``: what its block shows; None before it was ever heard. ``version`` grows with every other body.
    ``age_s``: how old that is now; None before it was ever heard. ``room_at``: its room time then, RFC 3339.
    ``fault``: the code of why it is not heard just now, ``more`` a line for the operator.
    """

    name: str
    version: int
    body: Mapping[str, Any] | None
    age_s: float | None
    room_at: str | None
    fault: str | None
    more: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardCity:
    """An answer that was right: ``age_s`` old as it is written; ``body`` None where it is as before."""

    age_s: float
    room_at: str
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentCity:
    """Why a city is not heard: its last figures stay, and their age grows."""

    fault: str
    more: str


def cities(connection: Connection) -> Mapping[str, CityState]:
    """Every city of which there is a row, by name, as of now."""
    now = to_micros(database_now(connection))
    return {
        row.name: CityState(
            name=row.name,
            version=row.version,
            body=None if row.body is None else msgspec.json.decode(row.body),
            # A row from ahead of now was written before the database's clock was set back: it proves nothing.
            age_s=None if row.heard_at is None else abs(now - row.heard_at) / 1e6 + row.age_ms / 1e3,
            room_at=row.room_at,
            fault=row.fault,
            more=row.fault_more,
        )
        for row in connection.execute(select(followed_city))
    }


def write_city(connection: Connection, name: str, said: HeardCity | SilentCity) -> None:
    """Write down what became of asking a city, now."""
    now = to_micros(database_now(connection))
    if isinstance(said, SilentCity):
        values: dict[str, Any] = {"fault": said.fault, "fault_more": said.more, "fault_at": now}
    else:
        values = {"heard_at": now, "age_ms": round(said.age_s * 1e3), "room_at": said.room_at}
        values |= {"fault": None, "fault_more": None, "fault_at": None}
        if said.body is not None:
            values |= {"body": said.body.decode(), "version": _next_version(now)}
    _put(connection, followed_city, name, values, {"version": now})


def _next_version(now: int) -> ColumnElement[int]:
    """Later than the one before, also after the clock was set back: screens take the greater for the newer."""
    before = followed_city.c.version
    return case((before < now, literal(now, BigInteger)), else_=before + 1)


def cards_of_city(connection: Connection, name: str) -> bytes | None:
    """The cards that were kept of a city, with their position; None without any."""
    query = select(followed_cards.c.body).where(followed_cards.c.name == name)
    found: bytes | None = connection.execute(query).scalar_one_or_none()
    return found


def keep_cards(connection: Connection, name: str, body: bytes) -> None:
    """Keep the cards of a city, from whose position it is asked after the next start."""
    _put(connection, followed_cards, name, {"body": body}, {})


def forget_cities(connection: Connection, but: Collection[str]) -> None:
    """Delete what is kept of every city that is followed no more."""
    for table in (followed_city, followed_cards):
        names: Sequence[str] = connection.execute(select(table.c.name)).scalars().all()
        for name in set(names) - set(but):
            connection.execute(delete(table).where(table.c.name == name))


def _put(connection: Connection, table: Table, name: str, values: Mapping[str, Any], first: Mapping[str, Any]) -> None:
    if not connection.execute(update(table).where(table.c.name == name).values(**values)).rowcount:
        connection.execute(insert(table).values(**{"name": name, **values, **first}))
