"""Restore a backup."""

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
from liveroom.log.lease import hold, read_pulse
from liveroom.maintenance.erasure import erase_again
from liveroom.media.store import MediaStore, StoreUnavailable
from liveroom.media.uploads import StoreCleaner
from liveroom.projection.fold import remake
from liveroom.room.bootstrap import Start, city_of
from liveroom.runtime import Runtime
from liveroom.runtime.config import Config

# Replaces a room by a backup of it, and makes the projection anew, in one transaction.

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


# Brings a backup back: server stopped, everything replaced but what was erased, a new epoch for every screen.

log = logging.getLogger(__name__)


WITHOUT = "--without-erasures"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreResult:
    """``events`` of the backup, ``erasures`` carried out again, the last of them ``until``; ``ledger``: as it is now.

    ``alone``: only the backup's own copy told of erasures, and what was erased since it was made is not in that.
    """

    events: int
    erasures: int
    until: datetime | None
    ledger: Path
    alone: bool


def restore_room(
    config: Config, runtime: Runtime, start: Start, file: Path, *, without_erasures: bool = False
) -> RestoreResult:
    """Replace the room of a configuration by the one in ``file``, less what was erased since.

    What was erased is read in the data folder and beside the backup, and is in the data folder afterwards. Raises
    ValueError while a server runs on it, or when neither of the two is there or they lack what this very room erased,
    unless it is to be done ``without_erasures``; BadBackup when the file is none or of another room.
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
    with hold(url, True):
        engine = open_engine(url)
        try:
            if pending(engine):
                migrate(engine)
            book = EventLog(engine, runtime, lambda _seq: None)
            if path is None:  # the lock above is proof enough for a file
                book.read(refuse_running)
            if not without_erasures:
                book.for_upkeep().read(partial(_refuse_forgotten, known=known, ledger=ledger))
            erase = partial(erase_again, known=known, listed=listed)
            replace = partial(_replace, file=file, start=start, erase=erase, known=known, ledger=ledger)
            events = book.for_upkeep().touch(replace)
            book.scrub()
            _empty(book, config)
        finally:
            engine.dispose()
    until = max((from_micros(one.at) for one in known), default=None)
    return RestoreResult(events=events, erasures=len(known), until=until, ledger=ledger.path, alone=alone)


def _known_erasures(ledger: Erasures, file: Path, *, needed: bool) -> tuple[Erasure, ...]:
    """Those of both files, each once; ``needed``: one of the two must be there. Raises ValueError, OSError."""
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
    """Raises ValueError when the room that is to be replaced erased what no file of erasures names."""
    forgotten = subjects_erased(connection) - {one.complaint for one in known}
    if forgotten:
        raise ValueError(
            f"this room erased {len(forgotten)} complaints that no file of erasures names, such as {min(forgotten)}: "
            f"they would be back. Put the right {ledger.path.name} into the data folder "
            f"({ledger.path.parent.resolve()}); {WITHOUT} restores it all the same"
        )


def _empty(book: EventLog, config: Config) -> None:
    try:
        StoreCleaner(book, MediaStore(config.media.store, Path(config.data_dir))).empty()
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
    """Just before the commit the ledger takes over all: the next restore, of an older backup, is on this machine too.

    One that nobody vouched for is not begun: an empty ledger says that nothing was erased.
    """
    events = replace_room(connection, file, kind=start.kind, city=start.city, note=lambda _: None, erase=erase)
    if beside(file).exists():
        ledger.take_over(known)
    return events
