"""The scripted week in rooms of real processes: one server alone, and two webs with two clocks on one PostgreSQL."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from tests.room.far_room import FarRoom, turn_hands
from tests.room.slow_time import Stop
from tests.room.stories import Story
from tests.room.week import TICK, Week, every
from tests.services.server import Server

Serve = Callable[..., Server]


def alone(serve: Serve, home: Path, start: datetime) -> FarRoom:
    """One `run.py` on SQLite, which is web and clock."""
    hands = home / "alone.time"
    turn_hands(hands, start)
    one = serve(env={"LIVEROOM_TIME_FILE": str(hands)}, data=home / "alone")
    return FarRoom([one], [one], url=f"sqlite:///{home / 'alone' / 'test.db'}", hands=hands)


def together(serve: Serve, home: Path, start: datetime, database: str) -> FarRoom:
    """Two `run.py web` and two `run.py clock` on one PostgreSQL."""
    hands = home / "together.time"
    turn_hands(hands, start)
    env = {"LIVEROOM_TIME_FILE": str(hands), "LIVEROOM_DATABASE_URL": database}
    clocks = [serve("clock", env=env, data=home / "together", ready=False)]
    webs = [serve("web", env=env, data=home / "together")]
    clocks.append(serve("clock", env=env, data=home / "together", ready=False))
    webs.append(serve("web", env=env, data=home / "together"))
    return FarRoom(webs, clocks, url=database, hands=hands)


def scripted(
    room: FarRoom, told: Sequence[Story], start: datetime, end: datetime, *, outages: Sequence[Stop], minutes: int
) -> Week:
    """The week with its sweeps, ticks and outages, not played yet; a tick comes before each act of its moment."""
    week = Week(room, told)  # type: ignore[arg-type]  # a room of another build that answers to the same
    week.sweep(every(173, start, end, but=tuple(outages)))
    week.ticks([*every(minutes, start, end, but=tuple(outages)), *week.acts(), end])
    for begin, _ in outages:
        if begin < end:
            week._add(begin, "", room.sleep, TICK)
    return week


def troubled(week: Week, room: FarRoom, turns: Sequence[tuple[datetime, str, int]]) -> None:
    """What happens to single clocks besides: stop, cont or kill."""
    for at, act, n in turns:
        week._add(at, "", lambda act=act, n=n: room.operate(act, n), TICK)
