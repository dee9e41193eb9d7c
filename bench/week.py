"""A scripted week in real processes, with outages, frozen and killed clocks: one server against two on PostgreSQL.

Every deadline event is held against the minute-by-minute reckoning of tests/room, and the two histories of alarms
against each other. Room time moves as fast as the clocks judge it; the pace is printed as a multiple of real time.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.room.far_room import FarRoom
from tests.room.far_week import alone, scripted, together, troubled
from tests.room.stories import apart_from, crowd, stories
from tests.room.test_equal_histories import OUTAGES, histories, same
from tests.room.test_scripted_week import check
from tests.room.week import Week
from tests.rooms.city import wib
from tests.services.postgres import Postgres
from tests.services.server import Server

START, END = wib("12-21 08:00"), wib("12-28 09:00")
JUST_AFTER = timedelta(microseconds=1)
CROWDS = (("a", "12-21 13:40", "macet"), ("b", "12-25 17:58", "macet"), ("c", "12-22 21:00", "sampah"))
TROUBLES = (
    ("12-21 11:00", "stop", 0),
    ("12-21 12:00", "cont", 0),
    ("12-22 10:00", "kill", 0),
    ("12-23 15:00", "kill", 1),
    ("12-24 10:00", "stop", 1),
    ("12-25 09:00", "cont", 1),
)


def run(minutes: int = 30, days: int = 7) -> None:
    """Play it twice and print what was told; raises AssertionError naming what differs."""
    end = min(END, START + timedelta(days=days))
    told = stories(64, START, END) + [
        one for label, at, kind in CROWDS for one in crowd(label, wib(at), number=14, category=kind)
    ]
    told = [one for one in apart_from(told, OUTAGES) if one.received < end]
    found = []
    with tempfile.TemporaryDirectory(prefix="liveroom-week-") as folder, _servers() as serve, _postgres() as database:
        for name, make in (("one server, SQLite", alone), ("two webs and two clocks, PostgreSQL", together)):
            more = (database,) if make is together else ()
            room = make(serve, Path(folder), START, *more)  # type: ignore[operator]
            found.append(_played(name, room, told, end, minutes=minutes))
    same(found[1], found[0])
    print("equal alarm histories:", len(found[0]), "subjects")


def _played(name: str, room: FarRoom, told: list[Any], end: datetime, *, minutes: int) -> dict[str, Any]:
    outages = tuple(gap for gap in OUTAGES if gap[1] < end)
    week = scripted(room, told, START, end, outages=outages, minutes=minutes)
    if len(room.clocks) > 1:
        troubled(week, room, [(wib(at), act, n) for at, act, n in TROUBLES if wib(at) < end])
    begun = time.monotonic()
    week.play(end + JUST_AFTER)
    _tell(name, week, end, time.monotonic() - begun)
    check(week, told, end)
    history = histories(week)
    room.close()
    return history


def _tell(name: str, week: Week, end: datetime, seconds: float) -> None:
    kinds = Counter(entry.event.kind.value for entry in week.logged("deadline.", "alarm.", "flood."))
    pace = (end - START).total_seconds() / seconds
    print(f"{name}: {pace:.0f} times real time; {sum(kinds.values())} events")
    for kind, count in sorted(kinds.items()):
        print(f"  {count:6} {kind}")


@contextmanager
def _servers() -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def serve(*words: str, env: dict[str, str], data: Path, ready: bool = True) -> Server:
        data.mkdir(parents=True, exist_ok=True)
        started.append(Server(*words, data=data, env=env, anew=True))
        return started[-1].start(ready=ready)

    try:
        yield serve
    finally:
        for one in started:
            if one.process.running:
                one.kill()


@contextmanager
def _postgres() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="liveroom-postgres-") as home:
        server = Postgres(Path(home))
        server.initialise()
        server.start()
        try:
            yield server.fresh_database()
        finally:
            server.stop()
