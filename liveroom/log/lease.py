"""Leases, the clock's pulse, and the lock that keeps a second server off a SQLite file.

A lease gives a job to one of several processes. It ends by real time alone, 4 s after its holder last renewed it, so a
frozen holder loses it. The pulse is one row that the clock's process moves every second; screens measure by it how
fresh their data is.
"""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from liveroom.domain.events import Kind
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import schema
from liveroom.log.engine import sqlite_path
from liveroom.log.event_log import EventLog, database_now

LASTS = timedelta(seconds=4)
# PostgreSQL reads the time in one statement and takes the lease in the next: a holder that renews in between has a
# lease that ends later than one from the time that was read, by as long as the two are apart.
APART = timedelta(seconds=2)
# A clock beats every second; one that is slow for so long still serves a room.
BEATING = timedelta(seconds=10)


class Lease:
    """One named lease as this process sees it."""

    def __init__(self, log: EventLog, name: str, lasts: timedelta = LASTS, holder: str | None = None) -> None:
        """``holder``: who it is for, where it is not for this object alone."""
        self._log = log
        self._name = name
        self._lasts = lasts
        self.holder = holder or secrets.token_hex(8)

    def take(self) -> bool:
        """Take or renew the lease; True while this process holds it. Raises Unavailable."""
        return self._log.note(self.take_in)

    def release(self) -> None:
        """Give it back, so that the next one need not wait for it to lapse."""
        self._log.note(self.release_in)

    def release_in(self, connection: Connection) -> None:
        """As ``release``, in a transaction that writes other things as well."""
        mine = (schema.lease.c.name == self._name) & (schema.lease.c.holder == self.holder)
        connection.execute(update(schema.lease).where(mine).values(until=0))

    def lost(self, connection: Connection) -> bool:
        """Whether it is somebody else's now; one that merely lapsed is not."""
        table = schema.lease.c
        holder = connection.execute(select(table.holder).where(table.name == self._name)).scalar_one_or_none()
        return holder not in (None, self.holder)

    def take_in(self, connection: Connection) -> bool:
        """As ``take``, in a transaction that writes other things as well."""
        table, now = schema.lease, to_micros(database_now(connection))
        until = now + self._lasts // timedelta(microseconds=1)
        values = {"holder": self.holder, "until": until}
        # No lease lasts longer than that from now: one that does was taken before the database's clock was set back.
        longest = until + APART // timedelta(microseconds=1)
        free = or_(table.c.holder == self.holder, table.c.until < now, table.c.until > longest)
        taken = connection.execute(update(table).where(table.c.name == self._name, free).values(**values)).rowcount
        if taken:
            return True
        if connection.execute(select(table.c.name).where(table.c.name == self._name)).first():
            return False
        return self._create(connection, values)

    def _create(self, connection: Connection, values: dict[str, Any]) -> bool:
        """The first one ever asked for; of several who create it at once the others find it taken."""
        try:
            with connection.begin_nested():
                connection.execute(insert(schema.lease).values(name=self._name, **values))
        except IntegrityError:
            return False
        return True


# ---- the pulse: it proves the last second only; that a clock ran earlier is proved by the days it opened ----


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """The clock's proof of life.

    ``real_at``: when it was written, real time. ``due_to``: the room time up to which every deadline was judged.
    """

    counter: int
    real_at: datetime
    due_to: datetime


def read_pulse(connection: Connection) -> Pulse | None:
    """The pulse; None before the first clock ran."""
    row = connection.execute(select(schema.pulse)).one_or_none()
    if row is None:
        return None
    return Pulse(counter=row.counter, real_at=from_micros(row.real_at), due_to=from_micros(row.due_to))


def beating(connection: Connection) -> bool:
    """Whether a clock wrote the pulse within the last 10 s: this room is being served."""
    pulse = read_pulse(connection)
    return pulse is not None and abs(database_now(connection) - pulse.real_at) < BEATING


def write_pulse(connection: Connection, *, counter: int, due_to: datetime) -> None:
    """Beat once."""
    values = {"counter": counter, "real_at": to_micros(database_now(connection)), "due_to": to_micros(due_to)}
    if not connection.execute(update(schema.pulse).values(**values)).rowcount:
        connection.execute(insert(schema.pulse).values(id=1, **values))


def stood_still(connection: Connection, lately: timedelta) -> timedelta:
    """How long no day was opened before the first that was opened ``lately``, or until now where none was.

    By real time, from the log alone, so that no restart forgets it. Nothing in a room that is younger than ``lately``.
    """
    event, now = schema.event.c, database_now(connection)
    since = to_micros(now - lately)
    entries = select(event.seq, event.logged_at)
    days = entries.where(event.subject_id == "room", event.kind == Kind.DAY_OPENED.value)
    # A day's worth of one subject is looked through, however long the log.
    before = connection.execute(days.where(event.logged_at <= since).order_by(event.seq.desc()).limit(1)).one_or_none()
    if before is None:  # a room that stopped on its first day
        before = connection.execute(entries.where(event.seq == 1, event.logged_at <= since)).one_or_none()
    if before is None:
        return timedelta()
    # After a repair of the clock the log holds days that have not come yet.
    opened = days.where(event.seq > before.seq, event.logged_at <= to_micros(now)).order_by(event.seq).limit(1)
    after = connection.execute(opened).one_or_none()
    return (now if after is None else from_micros(after.logged_at)) - from_micros(before.logged_at)


# ---- the server lock ----


@contextmanager
def server_lock(url: str, needed: bool) -> Iterator[None]:
    """Hold the lock file beside a SQLite database while serving; the command line may write without it.

    Raises ValueError when another server has it.
    """
    path = sqlite_path(url)
    if path is None or not needed:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{path}.lock").open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            remedy = "stop it (`ss -ltnp` names it), or give this room another data_dir; two at once need PostgreSQL"
            raise ValueError(f"another server is running on {path}: {remedy}") from error
        yield
