"""The cities that this room follows, as its own feed tells of them: how old each one's figures are, and its block.

Ages come with every beat, from the same read, so that one rule says how fresh everything on a screen is; the blocks
come when they change, as `cities`, and with the answer to `resume` (docs/feed.md, Cities). A room that follows nobody
sends neither.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from liveroom.log.event_log import EventLog
from liveroom.projection.followed import CityState, cities
from liveroom.runtime.config import FollowedRoom
from liveroom.runtime.time import monotonic

# Whoever looks for the whole room. An agency's feed is about its own complaints, and another room follows this alone.
CITY_AUDIENCES = frozenset({"wall", "visit", "desk", "lead"})


class FollowedCities:
    """What one web process knows of them, by its last read."""

    def __init__(self, log: EventLog, rooms: Sequence[FollowedRoom]) -> None:
        self.rooms = rooms
        self._log = log
        self._states: Mapping[str, CityState] = {}
        self._read_at: float | None = None
        self._sent: tuple[int, ...] = ()

    def concern(self, audience: str) -> bool:
        """Whether this audience is told of them."""
        return bool(self.rooms) and audience in CITY_AUDIENCES

    def refresh(self) -> None:
        """Read them anew. Raises Unavailable."""
        self._states = self._log.read(cities)
        self._read_at = monotonic()

    def ages(self) -> list[dict[str, Any]]:
        """For a beat, in the order of the settings. Raises Unavailable."""
        if self._read_at is None:
            self.refresh()
        since = monotonic() - (self._read_at or 0.0)
        return [self._age(room, since) for room in self.rooms]

    def _age(self, room: FollowedRoom, since: float) -> dict[str, Any]:
        state = self._states.get(room.name)
        if state is None:
            return {"name": room.name, "age_s": None, "at": None, "fault": None}
        age = None if state.age_s is None else round(state.age_s + since, 1)
        return {"name": room.name, "age_s": age, "at": state.room_at, "fault": state.fault}

    def blocks(self) -> list[dict[str, Any]]:
        """Every city's block, in the order of the settings. Raises Unavailable."""
        if self._read_at is None:
            self.refresh()
        return [self._block(room) for room in self.rooms]

    def _block(self, room: FollowedRoom) -> dict[str, Any]:
        state = self._states.get(room.name)
        known = {"name": room.name, "phone": room.phone or None, "wall": room.wall or None}
        if state is None:
            return {**known, "version": 0, "block": None}
        return {**known, "version": state.version, "block": state.body}

    def changed(self) -> list[dict[str, Any]]:
        """The blocks, if one has changed since this was asked last; else nothing."""
        versions = tuple(state.version for state in self._states.values())
        if versions == self._sent:
            return []
        self._sent = versions
        return self.blocks()
