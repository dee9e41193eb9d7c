"""Rate limits: counters that all web processes share, and the networks that a person is known to log in from.

All in the database's real time, and none of it in a backup: losing it only forgets who came too often or from where.
"""

import hmac
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from liveroom.accounts.users import login_of
from liveroom.domain.timestamps import to_micros
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import EventLog, database_now
from liveroom.log.schema import counter, known_place, user
from liveroom.runtime.server.connections import network_around

# Counters: how often something was done within a window of time, under a hashed key.

# Ended counters removed at once: few enough for a short transaction, and enough to keep up with a flood of log-in
# forms, each of which leaves three rows.
CLEARED = 2000


def increment(connection: Connection, key: str, seconds: int, amount: int = 1) -> int:
    """Add ``amount`` to the counter ``key`` and return its value; opens a window of ``seconds`` if none is open."""
    now = _now_s(connection)
    row = {"key": key, "value": amount, "ends_at": now + seconds, "now": now}
    return int(connection.execute(_increment_statement(connection.dialect.name), row).scalar_one())


def count_of(connection: Connection, key: str, seconds: int) -> tuple[int, int]:
    """The value of a counter and the end of its open window, in seconds since 1970; (0, now) without one.

    A window that ends later than one opened now does not count: the clock was ahead when it was opened.
    """
    now = _now_s(connection)
    query = select(counter.c.value, counter.c.ends_at).where(counter.c.key == key)
    row = connection.execute(query.where(counter.c.ends_at > now, counter.c.ends_at <= now + seconds)).one_or_none()
    return (0, now) if row is None else (int(row.value), int(row.ends_at))


def clear_open(connection: Connection, now: datetime) -> None:
    """Forget every counter whose window is still open at ``now``."""
    connection.execute(delete(counter).where(counter.c.ends_at > int(now.timestamp())))


def forget(connection: Connection, key: str) -> None:
    """Forget one counter."""
    connection.execute(delete(counter).where(counter.c.key == key))


def clear_ended(connection: Connection) -> int:
    """Remove up to CLEARED ended counters, without waiting for a process that does the same; returns how many."""
    ended = select(counter.c.key).where(counter.c.ends_at <= _now_s(connection)).limit(CLEARED)
    mine = delete(counter).where(counter.c.key.in_(ended.with_for_update(skip_locked=True)))
    return connection.execute(mine).rowcount


def _now_s(connection: Connection) -> int:
    return int(database_now(connection).timestamp())


@cache
def _increment_statement(dialect: str) -> Any:
    statement: Any = (postgresql if dialect == "postgresql" else sqlite).insert(counter)
    statement = statement.values(key=bindparam("key"), value=bindparam("value"), ends_at=bindparam("ends_at"))
    new = statement.excluded
    # No window ends later than one that opens now: one that does is from before the clock was set back.
    over = or_(counter.c.ends_at <= bindparam("now"), counter.c.ends_at > new.ends_at)
    values = {
        "value": case((over, new.value), else_=counter.c.value + new.value),
        "ends_at": case((over, new.ends_at), else_=counter.c.ends_at),
    }
    return statement.on_conflict_do_update(index_elements=["key"], set_=values).returning(counter.c.value)


# Known networks: somebody who guesses a password from elsewhere does not lock its owner out of the network they usually
# log in from. Stored as keyed hashes for 90 days: the table tells of no person where they live.

KEPT = timedelta(days=90)
MOST = 20
# Prefix lengths of what one office, household or carrier gateway has for itself.
IPV4_BITS, IPV6_BITS = 24, 48


def network_of(address: str) -> str | None:
    """The network around a client address; None for what is no address."""
    return network_around(address, ipv4_bits=IPV4_BITS, ipv6_bits=IPV6_BITS)


class KnownPlaces:
    """The networks that the people of one room log in from; ``key`` is that of the hashes."""

    def __init__(self, log: EventLog, key: str) -> None:
        self._log = log
        self._key = key.encode()

    def known(self, name: str, address: str) -> bool:
        """Whether the person of this log-in name logged in from this network within KEPT. Raises Unavailable."""
        network = network_of(address)
        if network is None:
            return False

        def look(connection: Connection) -> bool:
            since = to_micros(database_now(connection) - KEPT)
            query = select(known_place.c.place).join(user, user.c.id == known_place.c.user_id)
            query = query.where(user.c.login == login_of(name), known_place.c.seen_at > since)
            # The name is part of the hash, so that rows do not show which people share an office.
            return bool(connection.execute(query.where(known_place.c.place == self._hash(name, network))).first())

        return self._log.read(look)

    def remember(self, actor: str, address: str) -> None:
        """Remember that a person logged in from here, at most MOST networks each; old ones are forgotten.

        The log-in has succeeded by now, so a database that is away, or another process that writes the same row, is no
        error.
        """
        network = network_of(address)
        if network is None:
            return
        place = self._hash(actor, network)

        def note(connection: Connection) -> None:
            now = database_now(connection)
            mine = known_place.c.user_id == actor
            connection.execute(delete(known_place).where(known_place.c.seen_at <= to_micros(now - KEPT)))
            there = update(known_place).where(mine, known_place.c.place == place).values(seen_at=to_micros(now))
            if not connection.execute(there).rowcount:
                values = {"user_id": actor, "place": place, "seen_at": to_micros(now)}
                with suppress(IntegrityError), connection.begin_nested():
                    connection.execute(insert(known_place).values(**values))
            newest = select(known_place.c.place).where(mine).order_by(known_place.c.seen_at.desc()).limit(MOST)
            kept = connection.execute(newest).scalars().all()
            connection.execute(delete(known_place).where(mine, known_place.c.place.not_in(kept)))

        with suppress(Unavailable):
            self._log.touch(note)

    def _hash(self, name: str, network: str) -> str:
        said = f"known place:{login_of(name)}:{network}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, said, sha256).hex()[:32]
