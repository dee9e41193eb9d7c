"""The sound test of each shift as the clock sees it: asked for when the shift starts, missing when nobody confirms."""

from datetime import datetime

from liveroom.city.city import City
from liveroom.domain import room
from liveroom.domain.events import Event
from liveroom.domain.room import LineName
from liveroom.domain.timestamps import from_text
from liveroom.log.engine import Connection
from liveroom.projection.notices import notice


class SoundTesting:
    """One city's shifts."""

    def __init__(self, city: City) -> None:
        self._city = city

    def next_due(self, connection: Connection, now: datetime, *, since: datetime) -> Event | None:
        """The first that is to be logged by ``now``; None when nothing is.

        A shift counts if it started after ``since``, when the clock last judged: the one that a new room is founded in
        does not, and of several that passed while no clock ran only the last one does.
        """
        line = notice(connection, LineName.SOUND_TEST)
        missing = room.missing_at(line)
        if line is not None and missing is not None and missing <= now:
            return room.missed(line)
        if (found := self._city.shift_at(now)) is None:
            return None
        shift, start = found
        if start <= since or (line is not None and from_text(line["since"]) >= start):
            return None
        return room.asked(shift.key, start)
