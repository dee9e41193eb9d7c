"""Past moments in a log of ten million events: how long a jump takes, how large checkpoints are, how smooth it plays.

The log is written by script: lives of complaints as a room of ours logged them, each at a time of its own, with new
ids, numbers and areas. Only what a jump reads is there: events, the head and a source.
"""

import gc
import heapq
import random
import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bench.figures import keep, machine, percentile
from bench.measuring import Measuring
from display.feed.blocks import BLOCKS
from display.feed.cards import cards_of
from display.feed.messages import Identity
from display.past.moments import PastRooms
from display.past.past_snapshot import PastSnapshots
from display.past.playback import Playback
from liveroom.domain.timestamps import EPOCH, to_text
from liveroom.log.engine import open_engine
from liveroom.log.event_log import EventLog, row_of
from liveroom.projection.checkpoints import CheckpointWriter
from liveroom.room.bootstrap import Start, create_room
from liveroom.runtime.config import load_config
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.packs import city
from tests.rooms.standing import START, StandingRoom
from tests.rooms.tables import migrated_file, tabled_file
from tests.services.server import ROOT

KEY = load_config(ROOT / "config.yaml", {}).city
FIRST_DAY = datetime(2024, 1, 1, 17, tzinfo=UTC)  # midnight in the city
# Complaints a day: a city of two million.
A_DAY = 1_200
AT_ONCE = 20_000
# Most agencies accept within the time that is promised.
ACCEPTED = timedelta(minutes=20)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
# The city's date of receipt or of the end: that of the event.
_DATE = re.compile(r'"\d{4}-\d\d-\d\d"')
_AREA = re.compile(r'"area":"[^"]*"')
_COLUMNS = ("seq", "kind", "subject", "subject_id", "at", "logged_at", "mark", "actor", "version", "payload")
DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """An event of a life: ``after`` the receipt in microseconds; texts in pieces, a number is a moment after it."""

    after: int
    kind: str
    subject: str
    subject_id: str
    actor: str
    payload: tuple[str | int, ...]


def run(*, events: int = 10_000_000, jumps: int = 200, folder: str = "") -> None:
    """Write the log (or use the one in ``folder``), make the checkpoints, jump at random, play."""
    about = machine()
    with tempfile.TemporaryDirectory(prefix="liveroom-bench-") as fresh:
        path = Path(folder or fresh) / "past.db"
        written = _seconds(lambda: None if path.exists() else write(path, events))
        source = _opened(path, ThreadRuntime())
        writer, pauses = CheckpointWriter(source), [0]
        made = _seconds(lambda: _all(writer, pauses))
        row = {"written_s": round(written), "checkpoints_made_s": round(made), **_sizes(path)}
        row |= _jumps(path, jumps) | _played(path)
        keep("past", [row], about)


def _seconds(work: Any) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def _all(writer: CheckpointWriter, pauses: list[int]) -> None:
    while writer.step(lambda: None):
        pauses[0] += 1


def _opened(path: Path, runtime: Any) -> EventLog:
    return EventLog(open_engine(f"sqlite:///{path}", synced=False), runtime, lambda _seq: None)


# ---- the log ----


def lives() -> tuple[tuple[int, tuple[Step, ...]], ...]:
    """Lives of complaints with their weights, as the product logs them."""
    with tempfile.TemporaryDirectory() as folder:
        room = StandingRoom(tabled_file(Path(folder) / "room.db"))
        room.tick()
        found = [
            (55, _life(room, "jalan_rusak", done={"hours": 20})),
            (15, _life(room, "sampah", done={"days": 3})),
            (8, _life(room, "pohon_tumbang", done={"hours": 6})),
            (2, _life(room, "kebakaran", done={"hours": 1})),
            (10, _life(room, "jalan_rusak", done={"days": 12})),
            (2, _life(room, "jalan_rusak", done={"days": 45})),
            (8, _rejected(room, "sampah")),
        ]
        room.close()
    return tuple(found)


def _life(room: StandingRoom, category: str, done: dict[str, float]) -> tuple[Step, ...]:
    """Received, forwarded, accepted, started, proved, validated, and what the clock and the desk say meanwhile."""
    id_, step = room.receive(category=category), timedelta(**done) / 9
    _wait(room, timedelta(minutes=2))
    room.execute("claim", id_, by="duty")
    room.execute("forward", id_, by="duty", agency="dpupr")
    for name, parts in (("accept", 1), ("start", 3), ("submit_proof", 5)):
        for _ in range(parts):
            _wait(room, step if name != "accept" else min(step, ACCEPTED))
            _answer(room, id_)
        room.execute(name, id_, by="agency")
    room.execute("validate", id_, by="duty")
    room.tick()
    _answer(room, id_)
    return _steps(room, id_)


def _rejected(room: StandingRoom, category: str) -> tuple[Step, ...]:
    id_ = room.receive(category=category)
    _wait(room, timedelta(hours=2))
    room.execute("comment", id_, by="duty", text="sudah ditelepon")
    room.execute("reject", id_, by="duty", reason="bukan laporan")
    _answer(room, id_)
    return _steps(room, id_)


def _wait(room: StandingRoom, span: timedelta) -> None:
    room.at(room.now + span).tick()


def _answer(room: StandingRoom, id_: str) -> None:
    """Acknowledge whatever alarm of it waits."""
    rows = room.tables(["alarm"])["alarm"]
    for row in rows:
        if row["id"].endswith(id_) and row["state"] in ("unacked", "returned"):
            room.execute("acknowledge", row["id"], about="alarm", by="duty", actor="sari", owner="sari")


def _steps(room: StandingRoom, id_: str) -> tuple[Step, ...]:
    rows = [row_of(one) for one in room.events() if one.event.id == id_ or one.event.id.endswith(f":{id_}")]
    first = rows[0]["at"]
    return tuple(
        Step(
            after=row["at"] - first,
            kind=row["kind"],
            subject=row["subject"],
            subject_id=row["subject_id"].replace(id_, "{id}"),
            actor=row["actor"],
            payload=tuple(_pieces(_placed(row["payload"].replace(id_, "\0id\0")), first)),
        )
        for row in rows
    )


def _placed(payload: str) -> str:
    return _DATE.sub('"\0day\0"', _AREA.sub('"area":"\0area\0"', payload))


def _pieces(payload: str, first: int) -> Iterator[str | int]:
    last = 0
    for found in _MOMENT.finditer(payload):
        yield payload[last : found.start()]
        yield (datetime.fromisoformat(found[0]) - EPOCH) // timedelta(microseconds=1) - first
        last = found.end()
    yield payload[last:]


def write(path: Path, count: int) -> None:
    """A log of so many events, in a room that is real."""
    migrated_file(path)
    source = _opened(path, ThreadRuntime())
    create_room(source, Start(kind="real", city=KEY, rate=1, at=START))
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA synchronous=OFF")
        statement = f"INSERT INTO event ({','.join(_COLUMNS)}) VALUES ({','.join('?' * len(_COLUMNS))})"  # noqa: S608
        rows: list[tuple[Any, ...]] = []
        for row in _rows(count):
            rows.append(row)
            if len(rows) == AT_ONCE:
                database.executemany(statement, rows)
                database.commit()
                rows = []
        database.executemany(statement, rows)
        last = database.execute("SELECT mark, logged_at FROM event WHERE seq = ?", (count,)).fetchone()
        database.execute("UPDATE head SET seq = ?, mark = ?, logged_at = ?", (count, *last))
        database.execute("UPDATE head SET real_base = 0, room_base = 0, rate = 1")
        database.execute("INSERT INTO source (id, name, every_s, created_at) VALUES ('lapor', 'Lapor', 3600, 0)")
        database.commit()


def _rows(count: int) -> Iterator[tuple[Any, ...]]:
    chance, start = random.Random(1), (FIRST_DAY - EPOCH) // timedelta(microseconds=1)
    weighed = lives()
    weights, kinds = [one for one, _ in weighed], [steps for _, steps in weighed]
    areas = [code for code in city(KEY).areas]
    waiting: list[tuple[int, int, int, str, str, tuple[Step, ...], int]] = []
    arrival, number, day = start, 0, start
    for seq in range(1, count + 1):
        while not waiting or arrival <= waiting[0][0]:
            number += 1
            steps = chance.choices(kinds, weights)[0]
            id_ = _uuid(arrival, chance)
            area = chance.choice(areas)
            heapq.heappush(waiting, (arrival + steps[0].after, number, 0, id_, area, steps, arrival))
            arrival += int(chance.expovariate(1) * DAY / A_DAY)
        if waiting[0][0] >= day:
            opened = f'{{"date":"{_date(day)}"}}'
            yield seq, "day.opened", "room", "room", day, day, _mark(seq), "clock", 1, opened
            day += DAY
            continue
        at, its, place, id_, area, steps, received = heapq.heappop(waiting)
        step = steps[place]
        if place + 1 < len(steps):
            heapq.heappush(waiting, (received + steps[place + 1].after, its, place + 1, id_, area, steps, received))
        yield (
            *(seq, step.kind, step.subject, step.subject_id.replace("{id}", id_), at, at, _mark(seq), step.actor, 1),
            _text(step.payload, id_, received, its).replace("\0area\0", area).replace("\0day\0", _date(at)),
        )


def _text(pieces: Sequence[str | int], id_: str, received: int, number: int) -> str:
    text = "".join(
        one if isinstance(one, str) else to_text(EPOCH + timedelta(microseconds=received + one)) for one in pieces
    )
    text = text.replace("\0id\0", id_)
    return text.replace('"source_id":"L-', f'"source_id":"L-{number}-')


@cache
def _date_of(day: int) -> str:
    return (EPOCH + timedelta(days=day)).date().isoformat()


def _date(at: int) -> str:
    """The city's date, seven hours ahead."""
    return _date_of((at + 7 * DAY // 24) // DAY)


def _uuid(at: int, chance: random.Random) -> str:
    tail = f"{chance.getrandbits(76):019x}"
    head = f"{at // 1000:012x}"
    return f"{head[:8]}-{head[8:]}-7{tail[:3]}-8{tail[3:6]}-{tail[6:18]}"


def _mark(seq: int) -> str:
    return f"{seq * 2_654_435_761 % (1 << 96):024x}"


# ---- what is measured ----


def _sizes(path: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as database:
        count, whole, documents = database.execute(
            "SELECT count(*), sum(whole = seq), sum(documents) FROM checkpoint"
        ).fetchone()
        parts = database.execute("SELECT sum(length(body)) FROM checkpoint_part").fetchone()[0]
        heads = database.execute("SELECT sum(length(head)) FROM checkpoint").fetchone()[0]
        events = database.execute("SELECT seq FROM head").fetchone()[0]
        payload = database.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()
    return {
        "events": events,
        "file_gb": round(payload[0] / 1e9, 2),
        "checkpoints": count,
        "whole": whole,
        "documents": documents,
        "checkpoints_mb": round(((parts or 0) + (heads or 0)) / 1e6, 1),
        "bytes_an_event": round(((parts or 0) + (heads or 0)) / events, 1),
    }


def _viewer(path: Path, runtime: Any) -> tuple[PastRooms, PastSnapshots, Playback]:
    policy = city(KEY).policy
    cards, identity = cards_of(policy), Identity(build="bench", pack="bench")
    rooms = PastRooms(_opened(path, runtime), runtime)
    return rooms, PastSnapshots(rooms, cards, identity, runtime), Playback(rooms, cards, identity)


def _jumps(path: Path, jumps: int) -> dict[str, Any]:
    """Jumps to random moments, each by a process that has kept nothing."""
    chance, runtime, cards = random.Random(2), Measuring(), list[int]()
    seconds, spent = list[float](), list[float]()
    events = _sizes(path)["events"]
    database, hub = [0.0], [0.0]
    _viewer(path, runtime)[1].of("wall", seq=events, form=BLOCKS)  # what a process does once
    for _ in range(jumps):
        _, snapshots, _ = _viewer(path, runtime)
        gc.collect()
        gc.freeze()  # as a serving process does
        runtime.begin()
        begun, used = time.perf_counter(), time.thread_time()
        found = snapshots.of("wall", seq=chance.randrange(1, events + 1), form=BLOCKS)
        seconds.append(time.perf_counter() - begun)
        spent.append(time.thread_time() - used)
        cards.append(found.cards)
        database.append(max(runtime.database.cpu))
        hub.append(max(runtime.hub.cpu))
    return {
        "jumps": jumps,
        "cards_p50": percentile(cards, 0.5),
        "jump_p50_ms": round(percentile(seconds, 0.5) * 1000),
        "jump_p95_ms": round(percentile(seconds, 0.95) * 1000),
        "jump_max_ms": round(max(seconds) * 1000),
        "cpu_p50_ms": round(percentile(spent, 0.5) * 1000),
        "cpu_p95_ms": round(percentile(spent, 0.95) * 1000),
        "cpu_max_ms": round(max(spent) * 1000),
        "db_slice_cpu_p95_ms": round(percentile(database, 0.95) * 1000, 1),
        "db_slice_cpu_max_ms": round(max(database) * 1000, 1),
        "hub_slice_cpu_p95_ms": round(percentile(hub, 0.95) * 1000, 1),
        "hub_slice_cpu_max_ms": round(max(hub) * 1000, 1),
    }


def _played(path: Path, hours: int = 24) -> dict[str, Any]:
    """A day at 3600 times: an hour of the room a second, asked for a minute a batch."""
    rooms, snapshots, playback = _viewer(path, ThreadRuntime())
    events = _sizes(path)["events"]
    with rooms.log.slices() as slices:
        at = rooms.position(slices, seq=events // 2)
        state = rooms.state(slices, at.seq)
    seq, moment = at.seq, EPOCH + timedelta(microseconds=state.logged_at)
    snapshots.of("wall", seq=seq, form=BLOCKS)
    seconds, batches, changes = list[float](), 0, 0
    for _ in range(hours):
        moment += timedelta(hours=1)
        begun = time.perf_counter()
        answer = playback.batches("wall", seq, moment, timedelta(seconds=60))
        seconds.append(time.perf_counter() - begun)
        seq = answer["seq"]
        batches += len(answer["batches"])
        changes += sum(len(one["cards"]) for one in answer["batches"])
    return {
        "played_h": hours,
        "batches": batches,
        "cards": changes,
        "an_hour_p50_ms": round(percentile(seconds, 0.5) * 1000),
        "an_hour_max_ms": round(max(seconds) * 1000),
    }


if __name__ == "__main__":
    run()
