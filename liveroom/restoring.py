"""Brings a backup back: server stopped, everything replaced, a new epoch, so that every screen starts afresh."""

from pathlib import Path

from liveroom.config import Config
from liveroom.founding import Start
from liveroom.lock import hold
from liveroom.log.book import Log
from liveroom.log.engine import open_engine
from liveroom.log.location import sqlite_path
from liveroom.log.migrate import migrate, pending
from liveroom.projection.restoring import refuse_running, replace_room
from liveroom.runtime import Runtime


def restore_room(config: Config, runtime: Runtime, start: Start, file: Path) -> int:
    """Replace the room of a configuration by the one in ``file``; returns its events.

    Raises ValueError while a server runs on it, BadBackup when the file is none or of another room.
    """
    url = config.database_url(start.kind)
    path = sqlite_path(url)
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
            return book.touch(lambda c: replace_room(c, file, kind=start.kind, city=start.city, note=lambda _: None))
        finally:
            engine.dispose()
