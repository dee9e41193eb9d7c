"""What the clock costs beside very many open complaints, and what a backlog of old ones brings with it.

Rows are written straight into the table of complaints, copies of one that a room took, far from their next deadline:
a million through the door would take the better part of an hour, and the clock reads nothing else of them.
"""

import gc
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from bench.figures import keep, machine, percentile
from bench.measuring import Measuring
from display.feed.cards import cards_of
from display.feed.messages import Identity
from display.feed.snapshot import Snapshots
from liveroom.domain.complaints.intake import Report
from liveroom.log import schema
from liveroom.log.lease import read_pulse
from liveroom.log.texts import new_id
from liveroom.projection.complaints import row_of
from tests.rooms.standing import PLACE, StandingRoom

SIZES = (1_000, 1_000_000)
IMPORTED = 100_000
AT_ONCE, ROWS = 100, 5_000
DUE = 100
CAUGHT = ("macet", "kebakaran", "jalan_rusak", "banjir")
WARNED, PASSED = timedelta(minutes=22.5), timedelta(minutes=7.5)
OLD = timedelta(days=90)
Times = dict[str, list[tuple[float, float]]]


def run(
    *, sizes: tuple[int, ...] = SIZES, imported: int = IMPORTED, idle: int = 200, rounds: int = 9, due: int = 1000
) -> None:
    """Ticks beside each number of open complaints, a catch-up, then an import; SQLite, in this process, no server."""
    about, ticks = machine(), list[dict[str, Any]]()
    for size in sizes:
        with _Room() as room:
            begun = time.monotonic()
            copies(room, size)
            filled = time.monotonic() - begun
            assert room.read(lambda c: c.execute(select(func.count()).select_from(schema.complaint)).scalar()) > size
            ticks.append({"open": size, "filled_s": round(filled), **_medians(_ticks(room, idle, rounds))})
    ticks.append({"open": "multiple", **_multiples(ticks[0], ticks[-1])})
    keep("clock_ticks", ticks, about)
    with _Room() as room:
        keep("clock_catch_up", [_catch_up(room, due)], machine())
    with _Room() as room:
        keep("clock_import", [_import(room, imported)], machine())


class _Room:
    """A standing room in a folder of its own that is gone afterwards."""

    def __enter__(self) -> StandingRoom:
        self._folder = tempfile.mkdtemp(prefix="liveroom-bench-")
        self._room = StandingRoom(f"sqlite:///{Path(self._folder) / 'room.db'}")
        self._room.tick()
        return self._room

    def __exit__(self, *_error: object) -> None:
        self._room.close()
        shutil.rmtree(self._folder)


def copies(room: StandingRoom, count: int) -> None:
    """So many more open complaints that are with their agency for weeks; no events stand behind them."""
    room.at(room.now - timedelta(days=1))
    pattern = row_of(room.complaint(room.until_working()))
    room.later(days=1).tick()
    for first in range(0, count, ROWS):
        rows = [_copied(pattern, number) for number in range(first, min(count, first + ROWS))]
        room.log.touch(lambda c, rows=rows: c.execute(insert(schema.complaint), rows))


def _copied(pattern: dict[str, Any], number: int) -> dict[str, Any]:
    id_ = new_id()
    return {**pattern, "id": id_, "source_id": f"C-{number}", "body": pattern["body"].replace(pattern["id"], id_)}


def _ticks(room: StandingRoom, idle: int, rounds: int) -> Times:
    """Wall and processor seconds of each tick: nothing due, 100 near their end, 100 past it."""
    times: Times = {"idle": [], "warned_100": [], "passed_100": []}
    for _ in range(idle):
        times["idle"].append(_timed(room.later(seconds=1).tick))
    for number in range(rounds):
        _receive(room, number)
        for name, later in (("warned_100", WARNED), ("passed_100", PASSED)):
            room.at(room.now + later)
            seq = room.head().seq
            times[name].append(_timed(room.tick))
            marked = [e for e in room.events(seq) if e.event.kind.value.startswith("deadline.")]
            assert len(marked) == DUE, len(marked)
        room.later(hours=1).tick()
        room.tick()
    return times


def _receive(room: StandingRoom, number: int) -> None:
    reports = tuple(Report(source_id=f"D-{number}-{n}", category="macet", **PLACE) for n in range(DUE))
    taken = room.room.accept_many(reports, source="lapor")
    assert all(one.created for one in taken)


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _medians(times: Times) -> dict[str, float]:
    """Milliseconds, of the wall and of the processor."""
    return {
        f"{name}_{kind}_ms": round(percentile([one[index] for one in found], 0.5) * 1000, 2)
        for name, found in times.items()
        for index, kind in enumerate(("wall", "cpu"))
    }


def _multiples(small: dict[str, Any], large: dict[str, Any]) -> dict[str, float]:
    return {name: round(large[name] / small[name], 2) for name in small if name.endswith("_ms")}


def _catch_up(room: StandingRoom, count: int) -> dict[str, Any]:
    """One tick after an outage of three hours in which so many complaints of all haste became late."""
    for first in range(0, count, AT_ONCE):
        kinds = (CAUGHT[n % len(CAUGHT)] for n in range(first, first + AT_ONCE))
        reports = tuple(Report(source_id=f"C-{first}-{n}", category=kind, **PLACE) for n, kind in enumerate(kinds))
        room.room.accept_many(reports, source="lapor")
    seq, measured = room.head().seq, Measuring()
    room.later(hours=3).log._runtime = measured
    gc.collect()
    gc.freeze()  # as a serving process does
    wall, cpu = _timed(room.tick)
    slices = sorted(one * 1000 for one in measured.database.cpu)
    return {
        "late": count,
        "events": room.head().seq - seq,
        "tick_s (cpu)": f"{wall:.1f} ({cpu:.1f})",
        "slices": len(slices),
        "slice_p50_cpu_ms": round(percentile(slices, 0.5), 1),
        "slice_p99_cpu_ms": round(percentile(slices, 0.99), 1),
        "slice_longest_cpu_ms": round(slices[-1], 1),
    }


def _import(room: StandingRoom, count: int) -> dict[str, Any]:
    """Old open complaints through the door, a hundred at a time."""
    before, begun, longest = room.head().seq, time.monotonic(), 0.0
    kinds = sorted(room.room.city.categories)
    for first in range(0, count, AT_ONCE):
        reports = tuple(_old(room, number, kinds) for number in range(first, min(count, first + AT_ONCE)))
        wall, _ = _timed(lambda reports=reports: room.room.accept_many(reports, source="lapor"))
        longest = max(longest, wall)
    taken = time.monotonic() - begun
    ticks = _until_current(room)
    kept = Counter(entry.event.kind.value for entry in room.events(before))
    alarms = room.room.alarms_standing(1_000_000)
    return {
        "imported": count,
        "seconds": round(taken, 1),
        "longest_hundred_ms": round(longest * 1000),
        "ticks_until_current": len(ticks),
        "seconds_until_current": round(sum(ticks), 3),
        "events": sum(kept.values()),
        "of which": dict(kept.most_common()),
        "alarms": dict(Counter(one.id.partition(":")[0] for one in alarms)),
        **_snapshot(room),
    }


def _old(room: StandingRoom, number: int, kinds: list[str]) -> Report:
    received = room.now - OLD * (number % 997 + 1) / 998
    return Report(source_id=f"O-{number}", category=kinds[number % len(kinds)], received_at=received, **PLACE)


def _until_current(room: StandingRoom) -> list[float]:
    """Seconds of each tick until the pulse says that everything is judged up to now."""
    ticks: list[float] = []
    while not ticks or (pulse := room.read(read_pulse)) is None or pulse.due_to < room.now:
        ticks.append(_timed(room.tick)[0])
    return ticks


def _snapshot(room: StandingRoom) -> dict[str, Any]:
    cards = cards_of(room.room.city.policy)
    snapshots = Snapshots(room.log, cards, Identity(build="bench", pack="bench"), Measuring())
    wall, cpu = _timed(lambda: snapshots.of("wall"))
    taken = snapshots.of("wall")
    return {"snapshot_cards": taken.cards, "snapshot_s": round(wall, 1), "snapshot_cpu_s": round(cpu, 1)}
