"""A room with a day behind it: what came in, what was done, what is late, and something that a stranger wrote."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from liveroom.evaluation.evaluator import Evaluator
from liveroom.reports.brief import Brief, ReportMoment, read_brief
from liveroom.reports.edition import Order, made
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.databases import Files
from tests.rooms.post_room import mailbox, post_on_file, system
from tests.rooms.standing import StandingRoom

__all__ = ["mailbox", "post_on_file", "system"]

MONDAY = date(2026, 11, 23)
# What a stranger may write into whatever is free: markup, a formula, an address, a path of this machine.
HOSTILE = (
    '"><script>alert(1)</script><img src="http://evil.example/x.png"><link href="file:///etc/passwd">=1+1`${alert(2)}'
)


@pytest.fixture
def room(tmp_path: Any) -> Iterator[StandingRoom]:
    """An empty room on Monday at nine."""
    one = StandingRoom(Files(tmp_path).tabled(), at=at_nine())
    one.tick()
    yield one
    one.close()


def at_nine() -> Any:
    from tests.rooms.city import wib

    return wib("23 09:00")


@pytest.fixture
def lived(room: StandingRoom) -> StandingRoom:
    """On Tuesday at six of the week after: three of Monday are done, one waits and is late up to the mayor."""
    for _ in range(3):
        room.until_done()
    room.until_working()
    room.receive(category="banjir")
    room.receive(category=HOSTILE[:100], description=HOSTILE, address=HOSTILE)
    for day in range(24, 31):
        room.at(f"{day} 00:01")
        room.tick()
    for clock in ("12-01 00:01", "12-01 06:00"):
        room.at(clock)
        room.tick()
    return room


def brief_of(room: StandingRoom, day: date = MONDAY) -> Brief:
    with room.log.slices() as slices:
        return read_brief(ReportMoment(slices, room.room.city), Evaluator(room.log, room.room.city), day)


def made_of(room: StandingRoom, form: str, **order: Any) -> bytes:
    whole = Order(**({"report": "daily", "day": MONDAY, "language": "id"} | order))
    return made(room.log, room.room.city, whole, form, ThreadRuntime())[1]


Opening = Callable[..., Any]
