"""Outages of the feed as screens tell of them once they are back: one alarm of the room for all, or a screen's own.

Every screen raised its own alarm while it lasted (CR-07). It was the room's if the process that hears of it had no data
either, if no web process of now was there when it began, or if two screens tell of the same time. Else it was the
network of that screen, and its own event.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from liveroom.accounts.screens import lost_also, note_loss, watched_since
from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.timestamps import from_text, to_micros, written
from liveroom.log.engine import Connection
from liveroom.log.event_log import last_of_kind
from liveroom.room import Room
from liveroom.working_set import CLOCK, ROOM, WorkingSet

SLACK = timedelta(seconds=5)


class Outages:
    """``starved(from_s, to_s)``: whether this process had no data itself at some time so many seconds ago."""

    def __init__(self, room: Room, starved: Callable[[float, float], bool]) -> None:
        self._room = room
        self._starved = starved

    def tell(self, page: str, screen: str | None, from_s: float, to_s: float) -> None:
        """A page had no data from ``from_s`` to ``to_s`` seconds ago. Raises Unavailable."""
        here = self._starved(from_s, to_s)
        self._room.unit(lambda work: _tell(work, page, screen, (from_s, to_s), here))


def _tell(work: WorkingSet, page: str, screen: str | None, ago_s: tuple[float, float], here: bool) -> None:
    real, connection = work.unit.real, work.unit.connection
    begin, end = (real - timedelta(seconds=seconds) for seconds in ago_s)
    span = to_micros(begin), to_micros(end)
    note_loss(connection, page, *span)
    if here or _nobody_watched(connection, begin) or lost_also(connection, page, screen, *span):
        _of_room(work, begin, end)
    elif screen is not None:
        payload, at = {"from_real": written(begin), "to_real": written(end)}, work.unit.head.time.at(begin)
        own = Event(kind=Kind.SCREEN_CUT_OFF, subject=Subject.SCREEN, id=screen, at=at, payload=payload)
        work.append((own,), actor=CLOCK)


def _nobody_watched(connection: Connection, begin: datetime) -> bool:
    since = watched_since(connection)
    return since is None or since > to_micros(begin)


def _of_room(work: WorkingSet, begin: datetime, end: datetime) -> None:
    """Lost and back, dated when it was so; what was told of the same outage before is not told again."""
    last = last_of_kind(work.unit.connection, ROOM, Kind.FEED_BACK)
    if last is not None and begin < from_text(str(last.event.payload["to_real"])) + SLACK:
        return
    time, payload = work.unit.head.time, {"from_real": written(begin), "to_real": written(end)}
    lost = Event(kind=Kind.FEED_LOST, subject=Subject.ROOM, id=ROOM, at=time.at(begin), payload=payload)
    back = Event(kind=Kind.FEED_BACK, subject=Subject.ROOM, id=ROOM, at=time.at(end), payload=payload)
    work.append((lost, back), actor=CLOCK)
