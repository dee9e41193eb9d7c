"""Replaces a room by a backup of it, and makes the projection anew, in one transaction."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection

from liveroom.log.backup import BadBackup, restore
from liveroom.log.event_log import NoLog, database_now, read_head
from liveroom.log.lease import read_pulse
from liveroom.projection.fold import remake

RUNNING = timedelta(seconds=6)


def refuse_running(connection: Connection) -> None:
    """Raises ValueError while some clock still beats on this database."""
    pulse = read_pulse(connection)
    if pulse is not None and abs(database_now(connection) - pulse.real_at) < RUNNING:
        raise ValueError("a server is running on this database: stop it first")


def replace_room(
    connection: Connection,
    file: Path,
    *,
    kind: str,
    city: str,
    note: Callable[[int], None],
    erase: Callable[[Connection], object] = lambda _: None,
) -> int:
    """Bring the backup back; returns its events. ``erase`` takes out what was erased since, before anything is made
    of it.

    Raises BadBackup, also when the backup, or the room that it would replace, is of another kind or city.
    """
    _refuse_other(connection, kind, city, what="the room in this database")
    events = restore(connection, file, note)
    _refuse_other(connection, kind, city, what="the backup")
    erase(connection)
    read_head(connection, lock=True)
    remake(connection)
    return events


def _refuse_other(connection: Connection, kind: str, city: str, *, what: str) -> None:
    """Raises BadBackup for a room of another kind or city; there may be none."""
    try:
        head = read_head(connection)
    except NoLog:
        return
    if (head.kind, head.city) != (kind, city):
        raise BadBackup(f"{what} is the {head.kind} room of {head.city}, not the {kind} room of {city}")
