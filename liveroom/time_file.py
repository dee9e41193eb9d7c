"""A test room's time: one RFC 3339 line in a file; room time stands there until the line changes."""

import logging
from datetime import datetime
from pathlib import Path

from liveroom.domain.timestamps import from_text, to_micros, to_text
from liveroom.log.event_log import Log, Unit, set_time
from liveroom.runtime.time import RoomTime

log = logging.getLogger(__name__)


class TimeFile:
    """Only ever moves forward: an earlier time is logged and ignored, for no event may be dated before another's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = ""

    def read(self) -> datetime | None:
        """The file's moment; None while it holds no time."""
        return _moment(self._content())

    def moved(self) -> bool:
        """Whether the file's content is another than at the last ``apply``."""
        return self._content() not in ("", self._seen)

    def apply(self, book: Log) -> None:
        """Set the room's time to the file's, under the head lock. Raises Unavailable; the change is then still new."""
        content = self._content()
        if content in ("", self._seen):
            return
        moment = _moment(content)
        if moment is not None:
            ahead = book.write(lambda unit: _set(unit, moment))
            if ahead is not None:
                log.warning("the time file says %s, room time is %s already: ignored", to_text(moment), to_text(ahead))
        self._seen = content

    def _content(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8", errors="replace").strip()
        except OSError as error:
            log.warning("the time file cannot be read: %s", error)
            return ""


def _moment(content: str) -> datetime | None:
    try:
        return from_text(content)
    except ValueError as error:
        log.warning("the time file holds no time: %s", error)
        return None


def _set(unit: Unit, moment: datetime) -> datetime | None:
    """Set the room's time; returns the room's own where that is later. Runs where nothing may log."""
    if moment < unit.now:
        return unit.now
    set_time(unit.connection, RoomTime(real_base=0, room_base=to_micros(moment), rate=0))
    return None
