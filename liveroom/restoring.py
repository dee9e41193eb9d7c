"""Brings a backup back: server stopped, everything replaced but what was erased, a new epoch for every screen."""

import logging
from collections.abc import Collection
from functools import partial
from pathlib import Path

from liveroom.config import Config
from liveroom.emptying import Emptying
from liveroom.erasing import erase_again
from liveroom.founding import Start
from liveroom.lock import hold
from liveroom.log.book import Log
from liveroom.log.connection import Connection
from liveroom.log.engine import open_engine
from liveroom.log.erasures import Erasures
from liveroom.log.location import sqlite_path
from liveroom.log.migrate import migrate, pending
from liveroom.media.away import StoreAway
from liveroom.media.store import MediaStore
from liveroom.opening import city_of
from liveroom.projection.restoring import refuse_running, replace_room
from liveroom.runtime import Runtime

log = logging.getLogger(__name__)


def restore_room(config: Config, runtime: Runtime, start: Start, file: Path) -> int:
    """Replace the room of a configuration by the one in ``file``, less what was erased since; returns its events.

    Raises ValueError while a server runs on it, BadBackup when the file is none or of another room.
    """
    url = config.database_url(start.kind)
    path = sqlite_path(url)
    ledger, listed = Erasures(Path(config.data_dir), start.kind), city_of(config, start).policy.categories.keys()
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    with hold(url, True):
        engine = open_engine(url)
        try:
            if pending(engine):
                migrate(engine)
            book = Log(engine, runtime, lambda _seq: None)
            if path is None:  # the lock above is proof enough for a file
                book.read(refuse_running)
            events = book.touch(partial(_replace, file=file, start=start, ledger=ledger, listed=listed))
            book.scrub()
            _empty(book, config)
        finally:
            engine.dispose()
    return events


def _empty(book: Log, config: Config) -> None:
    try:
        Emptying(book, MediaStore(config.media.store, Path(config.data_dir))).empty()
    except StoreAway as error:
        log.warning("restored; files of what was erased go when a server finds their store: %s", error)


def _replace(connection: Connection, *, file: Path, start: Start, ledger: Erasures, listed: Collection[str]) -> int:
    erase = partial(erase_again, ledger=ledger, listed=listed)
    return replace_room(connection, file, kind=start.kind, city=start.city, note=lambda _: None, erase=erase)
