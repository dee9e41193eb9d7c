"""The working calendar that screens count with: the city's opening intervals around today, encoded once a day."""

import msgspec

from liveroom.room.room import Room
from liveroom.runtime.time import monotonic

RENEW_S = 60.0


class CalendarWindow:
    """``of_now`` is asked with every beat; the room's day is looked at once a minute."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._asked = float("-inf")
        self._kept: tuple[str, bytes] = ("", b"")

    def of_now(self) -> tuple[str, bytes]:
        """Hash and JSON text ``{"intervals": [[start, end], …]}`` in milliseconds UTC. Raises Unavailable."""
        if monotonic() - self._asked > RENEW_S:
            hash_, intervals = self._room.city.feed_window(self._room.now())
            self._kept = (hash_, msgspec.json.encode({"intervals": intervals}))
            self._asked = monotonic()
        return self._kept
