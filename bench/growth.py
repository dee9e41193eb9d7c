"""How fast a room's database grows: days of the drill, with all its staff and clock, as fast as the machine can.

Room time is turned from one thing that is due to the next, so that nobody acts late however slow the machine is. What
the courier writes of its attempts is not in it, nor are pictures.
"""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.figures import keep, machine
from ingest.drill.driver import PACKS, Drill
from ingest.drill.script import read_script
from liveroom.accounts.sources import Sources
from liveroom.log import schema
from liveroom.log.backup import backup
from liveroom.room.clock import Clock
from liveroom.room.room import Room
from liveroom.runtime.config import load_config
from tests.rooms.on_sqlite import city, open_room, set_time
from tests.services.server import ROOT

START = datetime(2026, 11, 24, 17, tzinfo=UTC)  # midnight in the city
SEED = 3671
EVERY = timedelta(minutes=2)
# What can be folded anew from the log; the index of words is several tables.
FOLLOWS = tuple(table.name for table in (*schema.PROJECTION, *schema.OF_TEXTS))
# Pages of every table and of its indexes, each under the table's name.
SIZES = text("SELECT tbl_name, SUM(pgsize) FROM dbstat JOIN sqlite_master USING (name) GROUP BY tbl_name")


def run(*, days: int = 3, per_day: int = 2000) -> None:
    """What each day adds, shown and kept as bytes a complaint."""
    about, rows = machine(), list[dict[str, Any]]()
    with tempfile.TemporaryDirectory(prefix="liveroom-bench-") as folder:
        key = load_config(ROOT / "config.yaml", {}).city
        room = open_room(Path(folder) / "room.db", kind="drill", at=START, key=key)
        script = replace(read_script(PACKS / key, city(key)), per_day=per_day)
        drill = Drill(room, Sources(room.log), city(key), SEED, script)
        for before, after, seconds in _days(room, drill, days, Path(folder)):
            rows.append({**_added(before, after), "seconds": round(seconds)})
            keep("growth", rows, {**about, "per_day": per_day})


def _days(room: Room, drill: Drill, days: int, folder: Path) -> Iterator[tuple[dict[str, int], dict[str, int], float]]:
    """The sizes before and after each day, and the real seconds it took."""
    now, clock = START, Clock(room, None)
    _step(drill, clock, now)
    for day in range(1, days + 1):
        before, begun = _sizes(room, folder), time.monotonic()
        while now < START + timedelta(days=day):
            now += EVERY
            set_time(room, now)
            _step(drill, clock, now)
        yield before, _sizes(room, folder), time.monotonic() - begun


def _step(drill: Drill, clock: Clock, now: datetime) -> None:
    while drill.step() <= now:
        pass
    clock.tick()


def _sizes(room: Room, folder: Path) -> dict[str, int]:
    """Bytes of every table, of a backup as ``(backup)``, and how many ``(complaints)`` and ``(events)`` there are."""
    tables = {str(name): int(size) for name, size in room.log.read(lambda c: c.execute(SIZES).all())}
    events = backup(room.log, folder / "backup.gz")
    count = room.log.read(lambda c: c.execute(text("SELECT COUNT(*) FROM complaint")).scalar_one())
    size = (folder / "backup.gz").stat().st_size
    return {**tables, "(backup)": size, "(complaints)": int(count), "(events)": events}


def _added(before: dict[str, int], after: dict[str, int]) -> dict[str, Any]:
    grown = {name: after[name] - before.get(name, 0) for name in after}
    count = grown.pop("(complaints)")
    events, saved = grown.pop("(events)"), grown.pop("(backup)")
    follows = sum(size for name, size in grown.items() if name.startswith(FOLLOWS))
    largest = sorted(grown.items(), key=lambda one: -one[1])[:6]
    return {
        "complaints": count,
        "events": events,
        "bytes_a_complaint": round(sum(grown.values()) / count),
        "of_it_projection": round(follows / count),
        "backup_gzip_a_complaint": round(saved / count),
        "largest": {name: round(size / count) for name, size in largest},
    }
