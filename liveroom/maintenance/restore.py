"""Restore: replace a room by a backup of it, minus what was erased since, with a new epoch for every screen.

The server is stopped. Rows and the rebuilt projection are one transaction; files of erased complaints go afterwards.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from liveroom.domain.timestamps import from_micros
from liveroom.log.backup import BadBackup, restore
from liveroom.log.engine import migrate, open_engine, pending, sqlite_path
from liveroom.log.erasure import Erasure, Erasures, beside, subjects_erased
from liveroom.log.event_log import EventLog, NoLog, database_now, read_head
from liveroom.log.lease import read_pulse, server_lock
from liveroom.maintenance.erasure import erase_again
from liveroom.media.store import MediaStore, StoreUnavailable
from liveroom.media.uploads import StoreCleaner
from liveroom.projection.fold import remake
from liveroom.room.bootstrap import Start, city_of
from liveroom.runtime import Runtime
from liveroom.runtime.config import Config

log = logging.getLogger(__name__)

# A pulse as young as this means that a clock is running on the database.
RUNNING = timedelta(seconds=6)


def refuse_running(connection: Connection) -> None:
    """Raises ValueError while a server's clock writes its pulse to this database."""
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
    """Load the backup into the database and rebuild the projection; returns the number of events.

    ``erase`` removes what was erased since, before the projection is built. Raises BadBackup, also when the backup or
    the room that it would replace is of another kind or city.
    """
    _refuse_other(connection, kind, city, what="the room in this database")
    events = restore(connection, file, note)
    _refuse_other(connection, kind, city, what="the backup")
    erase(connection)
    read_head(connection, lock=True)
    remake(connection)
    return events


def _refuse_other(connection: Connection, kind: str, city: str, *, what: str) -> None:
    """Raises BadBackup if the database holds a room of another kind or city."""
    try:
        head = read_head(connection)
    except NoLog:
        return
    if (head.kind, head.city) != (kind, city):
        raise BadBackup(f"{what} is the {head.kind} room of {head.city}, not the {kind} room of {city}")


# The option of the command line that overrides a missing or incomplete ledger of erasures.
WITHOUT = "--without-erasures"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreResult:
    """What a restore did: ``events`` loaded, ``erasures`` carried out again, the last of them at ``until``.

    ``ledger``: the file that lists them from now on. ``alone``: it came from the backup's own copy only, which lacks
    what was erased after the backup was made.
    """

    events: int
    erasures: int
    until: datetime | None
    ledger: Path
    alone: bool


def restore_room(
    config: Config, runtime: Runtime, start: Start, file: Path, *, without_erasures: bool = False
) -> RestoreResult:
    """Replace the room of a configuration by the one in ``file``, minus what was erased since.

    Erasures are read from the ledgers in the data folder and beside the backup, and are in the data folder afterwards.
    Raises ValueError while a server runs on the database, and, unless ``without_erasures``, when neither ledger exists
    or they lack what this very room erased; BadBackup if the file is no backup or of another room; WrongVersion if the
    database to restore into holds tables of another version.
    """
    url = config.database_url(start.kind)
    path = sqlite_path(url)
    folder = Path(config.data_dir)
    ledger, listed = Erasures(folder, start.kind), city_of(config, start).policy.categories.keys()
    alone = not ledger.path.exists()
    known = _known_erasures(ledger, file, needed=not without_erasures)
    folder.mkdir(parents=True, exist_ok=True)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    with server_lock(url, True):
        engine = open_engine(url)
        try:
            if pending(engine):
                migrate(engine)
            event_log = EventLog(engine, runtime, lambda _seq: None)
            if path is None:  # for SQLite the lock above is proof enough
                event_log.read(refuse_running)
            if not without_erasures:
                event_log.for_upkeep().read(partial(_refuse_forgotten, known=known, ledger=ledger))
            erase = partial(erase_again, known=known, listed=listed)
            replace = partial(_replace, file=file, start=start, erase=erase, known=known, ledger=ledger)
            events = event_log.for_upkeep().touch(replace)
            event_log.scrub()
            _empty_store(event_log, config)
        finally:
            engine.dispose()
    until = max((from_micros(one.at) for one in known), default=None)
    return RestoreResult(events=events, erasures=len(known), until=until, ledger=ledger.path, alone=alone)


def _known_erasures(ledger: Erasures, file: Path, *, needed: bool) -> tuple[Erasure, ...]:
    """The erasures of both ledgers, each once. Raises ValueError if ``needed`` and there is none, and OSError."""
    copy = beside(file)
    if not copy.exists():
        if needed and not ledger.path.exists():
            raise ValueError(
                f"the file of erasures is missing: whoever was erased since this backup would be back. Put {copy.name} "
                f"beside the backup, or {ledger.path.name} into the data folder ({ledger.path.parent.resolve()}). "
                f"A backup of an earlier version has none: {WITHOUT} restores it all the same, and whoever was erased "
                "since it was made comes back"
            )
        return tuple(ledger)
    return tuple(dict.fromkeys((*ledger, *ledger.read_copy(copy))))


def _refuse_forgotten(connection: Connection, known: Collection[Erasure], ledger: Erasures) -> None:
    """Raises ValueError if the room that is to be replaced erased something that no ledger names."""
    forgotten = subjects_erased(connection) - {one.complaint for one in known}
    if forgotten:
        raise ValueError(
            f"this room erased {len(forgotten)} complaints that no file of erasures names, such as {min(forgotten)}: "
            f"they would be back. Put the right {ledger.path.name} into the data folder "
            f"({ledger.path.parent.resolve()}); {WITHOUT} restores it all the same"
        )


def _empty_store(event_log: EventLog, config: Config) -> None:
    try:
        StoreCleaner(event_log, MediaStore(config.media.store, Path(config.data_dir))).empty()
    except StoreUnavailable as error:
        log.warning("restored; files of what was erased go when a server finds their store: %s", error)


def _replace(
    connection: Connection,
    *,
    file: Path,
    start: Start,
    erase: Callable[[Connection], object],
    known: Collection[Erasure],
    ledger: Erasures,
) -> int:
    """Load the backup, then, just before the commit, write all known erasures to the ledger for the next restore.

    Without a copy beside the backup the ledger is left alone: an empty one would say that nothing was ever erased.
    """
    events = replace_room(connection, file, kind=start.kind, city=start.city, note=lambda _: None, erase=erase)
    if beside(file).exists():
        ledger.take_over(known)
    return events
