"""Brings a backup back: server stopped, everything replaced but what was erased, a new epoch for every screen."""

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

from liveroom.config import Config
from liveroom.erasing import erase_again
from liveroom.founding import Start
from liveroom.lock import hold
from liveroom.log.book import Log
from liveroom.log.connection import Connection
from liveroom.log.engine import open_engine
from liveroom.log.erasures import Erasures
from liveroom.log.location import sqlite_path
from liveroom.log.migrate import migrate, pending
from liveroom.media.store import MediaStore
from liveroom.opening import city_of
from liveroom.projection.restoring import refuse_running, replace_room
from liveroom.runtime import Runtime


def restore_room(config: Config, runtime: Runtime, start: Start, file: Path) -> int:
    """Replace the room of a configuration by the one in ``file``, less what was erased since; returns its events.

    Raises ValueError while a server runs on it, BadBackup when the file is none or of another room.
    """
    url = config.database_url(start.kind)
    path, gone = sqlite_path(url), list[str]()
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
            events = book.touch(partial(_replace, file=file, start=start, ledger=ledger, listed=listed, gone=gone))
            book.scrub()
        finally:
            engine.dispose()
    _erase_files(config, gone)
    return events


def _erase_files(config: Config, names: Sequence[str]) -> None:
    if names:
        store = MediaStore(config.media.store, Path(config.data_dir))
        for name in names:
            store.erase(name)


def _replace(
    connection: Connection, *, file: Path, start: Start, ledger: Erasures, listed: Collection[str], gone: list[str]
) -> int:
    def erase(connection: Connection) -> None:
        gone[:] = erase_again(connection, ledger, listed)

    kind, city = start.kind, start.city
    return replace_room(connection, file, kind=kind, city=city, note=lambda _: None, erase=erase)
