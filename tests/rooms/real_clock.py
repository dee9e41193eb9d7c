"""A real room whose clock a test sets: real time and seconds since boot are its hands, on both databases."""

from datetime import datetime, timedelta

import pytest

from liveroom.log.event_log import set_time
from liveroom.log.time_guard import TimeGuard
from liveroom.runtime.time import real_time
from tests.rooms.city import wib
from tests.rooms.databases import Opener
from tests.rooms.standing import StandingRoom


class Machine:
    """``off``: how wrong its clock is. ``run`` lets a new process open the room, as after a restart."""

    def __init__(self, open_standing: Opener) -> None:
        self._open = open_standing
        self._count = 0.0
        self._url = ""
        self.off = timedelta()

    @property
    def true(self) -> datetime:
        return wib("24 09:00") + timedelta(seconds=self._count)

    def clock(self, _connection: object) -> datetime:
        return self.true + self.off

    def later(self, **span: float) -> "Machine":
        self._count += timedelta(**span).total_seconds()
        return self

    def run(self, kind: str = "real") -> StandingRoom:
        room = self._open(self._url, kind=kind)
        room.log.guard = TimeGuard(lambda: self._count)
        room.log._engine = room.log._engine.execution_options(time_guard=room.log.guard)
        room.log._writing_engine = room.log._engine.execution_options(write=True)
        if kind == "real" and not self._url:
            room.log.write(lambda unit: set_time(unit.connection, real_time()))
        self._url = room.url
        return room


@pytest.fixture
def machine(open_standing: Opener, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(open_standing)
    monkeypatch.setattr("liveroom.log.event_log.clock_of", made.clock)
    return made
