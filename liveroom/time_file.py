"""A test room's time: one RFC 3339 line in a file; room time stands there until the line changes."""

import logging
from datetime import datetime
from pathlib import Path

from liveroom.log.book import Log
from liveroom.log.head import set_time
from liveroom.log.unit import Unit
from liveroom.moments import from_text, to_micros, to_text
from liveroom.time import RoomTime

log = logging.getLogger(__name__)


class TimeFile:
    """Only ever moves forward: an earlier time is logged and ignored, for no event may be dated before another's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = ""

    def read(self) -> datetime | None:
        """The file's moment; None while it holds no time."""
        try:
            return from_text(self._path.read_text(encoding="utf-8").strip())
        except (OSError, ValueError) as error:
            log.warning("the time file holds no time: %s", error)
            return None

    def moved(self) -> bool:
        """Whether the file's content is another than at the last ``apply``."""
        try:
            return self._path.read_text(encoding="utf-8") != self._seen
        except OSError:
            return False

    def apply(self, book: Log) -> None:
        """Set the room's time to the file's, under the head lock. Raises Unavailable."""
        if not self.moved():
            return
        self._seen = self._path.read_text(encoding="utf-8")
        moment = self.read()
        if moment is not None:
            book.write(lambda unit: _set(unit, moment))


def _set(unit: Unit, moment: datetime) -> None:
    if moment < unit.now:
        log.warning("the time file says %s, earlier than room time %s: ignored", to_text(moment), to_text(unit.now))
        return
    set_time(unit.connection, RoomTime(real_base=0, room_base=to_micros(moment), rate=0))
