"""Evaluations of 10,000 and of a million complaints: how long the answer and its export take, and the longest slice.

The rows are drawn as a year of a city would leave them and written into the read model itself, for a log of a million
lives would take an hour to write; what the fold writes is tried by tests/evaluation.
"""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from bench.figures import keep, machine
from liveroom.city.city import City
from liveroom.domain.timestamps import to_micros
from liveroom.evaluation.evaluation_table import table_of
from liveroom.evaluation.evaluator import Evaluator, Inquiry
from liveroom.evaluation.periods import Period, month_of, year_of
from liveroom.log import schema
from liveroom.log.event_log import EventLog
from liveroom.log.rows import insert_rows
from liveroom.projection.stay_counts import Cut
from liveroom.runtime.server.thread_mode import ThreadRuntime
from liveroom.tables.export import FORMS, written
from tests.rooms.standing import StandingRoom
from tests.rooms.tables import tabled_file
from tests.services.postgres import Postgres

T = TypeVar("T")
DAYS, DAY = 400, 86_400_000_000
TOGETHER = 10_000
HOUR = 3_600_000_000


class TimedRuntime(ThreadRuntime):
    """Notes how long each slice holds the database's thread."""

    def __init__(self) -> None:
        super().__init__()
        self.slices: list[float] = []

    def run_db(self, work: Callable[[], T]) -> T:
        """Run ``work`` in this thread and note what it took."""
        begun = time.thread_time()
        try:
            return work()
        finally:
            self.slices.append(time.thread_time() - begun)


def run(*, sizes: tuple[int, ...] = (10_000, 1_000_000), databases: tuple[str, ...] = ("sqlite", "postgresql")) -> None:
    """Each size on each database."""
    about, found = machine(), []
    for database in databases:
        for size in sizes:
            with tempfile.TemporaryDirectory(prefix="liveroom-evaluation-") as folder:
                found += list(_measured(Path(folder), database, size))
    keep("evaluation", found, about)


def _measured(home: Path, database: str, size: int) -> Iterator[dict[str, Any]]:
    if database == "sqlite":
        yield from _of_room(StandingRoom(tabled_file(home / "room.db")), database, size)
        return
    server = Postgres(home)
    home.chmod(0o755)
    server.initialise()
    server.start()
    try:
        yield from _of_room(StandingRoom(server.fresh_database()), database, size)
    finally:
        server.stop()


def _of_room(room: StandingRoom, database: str, size: int) -> Iterator[dict[str, Any]]:
    fill(room, size)
    runtime, city = TimedRuntime(), room.room.city
    today = city.policy.day(room.now)
    year = Period(first=today - timedelta(days=364), last=today)
    questions = {
        "a month by agency": Inquiry(period=month_of(today), by=Cut.AGENCY),
        "a year by agency": Inquiry(period=year, by=Cut.AGENCY),
        "a year by area": Inquiry(period=year, by=Cut.AREA),
        "a year by hour": Inquiry(period=year_of(today), by=Cut.HOUR),
    }
    log = EventLog(room.engine, runtime, lambda _: None)
    for name, question in questions.items():
        evaluator, begun, cpu = Evaluator(log, city), time.perf_counter(), time.process_time()
        runtime.slices = []
        answer = evaluator.of(question)
        took, cpu = time.perf_counter() - begun, time.process_time() - cpu
        again = time.perf_counter()
        evaluator.of(question)
        yield {
            "database": database,
            "complaints": size,
            "asked": name,
            "finished in it": answer.city.figures.finished,
            "seconds": round(took, 3),
            "cpu_s": round(cpu, 3),
            "again_ms": round((time.perf_counter() - again) * 1000, 2),
            "slices": len(runtime.slices),
            "longest_slice_cpu_ms": round(max(runtime.slices) * 1000, 1),
            **{f"{form}_s": _exported(answer, city, form, runtime) for form in FORMS},
        }
    room.close()


def _exported(answer: Any, city: City, form: str, runtime: ThreadRuntime) -> float:
    begun = time.perf_counter()
    written(table_of(answer, city, city.languages[0], {}), form, runtime).close()
    return round(time.perf_counter() - begun, 3)


# ---- a year of a city ----


def fill(room: StandingRoom, size: int) -> None:
    """``size`` complaints of the last DAYS days: 3 of 100 are open, an eighth is late, one of 50 came twice."""
    drawn, city = random.Random(17), room.room.city
    now = to_micros(room.now)
    codes = {
        "agency": [*sorted(city.agencies)][:40],
        "category": sorted(city.categories),
        "class_": sorted(city.classes),
        "area": sorted(city.areas),
        "source": ["laksa", "lapor", "telepon"],
        "channel": ["app", "phone", "wa", ""],
    }
    stays, occurrences = [], []
    for n in range(size):
        row, more = _life(drawn, n * 4 + 1, now - DAYS * DAY + n * DAYS * DAY // size, now, codes)
        stays.append(row)
        occurrences += more
        if len(stays) >= TOGETHER:
            _write(room, stays, occurrences)
            stays, occurrences = [], []
    _write(room, stays, occurrences)
    analyse = "ANALYZE"
    room.log.touch(lambda connection: connection.exec_driver_sql(analyse))


def _write(room: StandingRoom, stays: list[dict[str, Any]], occurrences: list[dict[str, Any]]) -> None:
    def write(connection: Any) -> None:
        insert_rows(connection, schema.stay, stays)
        insert_rows(connection, schema.occurrence, occurrences)

    room.log.touch(write)


def _life(
    drawn: random.Random, seq: int, received: int, now: int, codes: dict[str, list[str]]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    forwarded = received + int(drawn.expovariate(1 / (HOUR / 2)))
    accepted = forwarded + int(drawn.expovariate(1 / (4 * HOUR)))
    ended = accepted + int(drawn.lognormvariate(3.2, 1.2) * HOUR)
    is_open = ended >= now or drawn.random() < 0.02
    late = drawn.random() < 0.12
    id_ = f"{seq:036x}"
    row = {
        "seq": seq,
        "complaint": id_,
        "begin": "received",
        **{name: drawn.choice(values) for name, values in codes.items()},
        "inherited": 0,
        "received_at": received,
        "start": received,
        "forwarded_at": forwarded if forwarded < now else None,
        "sent_at": forwarded if forwarded < now else None,
        "accepted_at": accepted if accepted < now else None,
        "late_at": min(ended, now) - HOUR if late else None,
        "ended_at": None if is_open else ended,
        "ending": None if is_open else "finished" if drawn.random() < 0.93 else "rejected",
        "kept": None if is_open else int(not late),
        "undone_at": None,
    }
    if row["ending"] == "rejected":
        row["kept"] = None
    return row, [_occurrence(drawn, seq, id_, accepted, codes, place) for place in range(_how_many(drawn))]


def _how_many(drawn: random.Random) -> int:
    chance = drawn.random()
    return 0 if chance < 0.85 else 1 if chance < 0.97 else 4


def _occurrence(
    drawn: random.Random, seq: int, id_: str, at: int, codes: dict[str, list[str]], place: int
) -> dict[str, Any]:
    one, other = drawn.sample(codes["agency"], 2)
    what = "sent_on" if place else drawn.choice(["sent_on", "declined", "sent_back", "rated", "rated"])
    return {
        "seq": seq * 8 + place,
        "complaint": id_,
        "stay": seq,
        "what": what,
        "at": at + place,
        "agency": one,
        "other": other if what == "sent_on" else "",
        "value": place + 1 if what == "sent_on" else drawn.randint(1, 5) if what == "rated" else 0,
    }
