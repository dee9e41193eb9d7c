"""What a row of an import costs, against SQLite alone with a head, an event and a row, a hundred a transaction."""

import json
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import keep, machine
from bench.process import resident_mb
from bench.room import AT_ONCE, opened, past
from liveroom.domain.complaints.intake import Report
from liveroom.room.bootstrap import OpenRoom
from liveroom.room.bulk import IN_BULK
from liveroom.tables.file_kinds import open_rows
from liveroom.tables.table_plan import TablePlan, TableReader
from liveroom.tables.understood import settled, understand

ROUNDS = 5
# Rows of a room's event and complaint, in bytes of JSON.
BODY = "x" * 900


def run(*, rows: int = 20_000) -> None:
    """Room and SQLite in turn, ``rows`` in all; the ratio is of the medians of processor time."""
    about = machine()
    with tempfile.TemporaryDirectory(prefix="liveroom-bench-") as folder:
        room = opened(Path(folder))
        source = room.sources.ensure("old", None)
        reports = _reports(Path(folder), rows, room)
        by_sqlite = alone(Path(folder) / "alone.db")
        room.room.accept_many(reports[:IN_BULK], source=source)
        memory, each = resident_mb(_own()), (rows - IN_BULK) // ROUNDS // IN_BULK * IN_BULK
        costs: dict[str, list[float]] = {"room": [], "alone": []}
        for start in range(IN_BULK, IN_BULK + ROUNDS * each, each):
            part = reports[start : start + each]
            costs["room"].append(_cost(part, lambda some: room.room.accept_many(some, source=source), IN_BULK))
            costs["alone"].append(_cost(part, by_sqlite, AT_ONCE))
        grown = resident_mb(_own())
    found = {who: median(costs[who]) for who in costs}
    keep(
        "imports",
        [
            *(
                {"who": who, "cpu_us_a_row": round(cost * 1e6, 1), "rows_a_cpu_s": round(1 / cost)}
                for who, cost in found.items()
            ),
            {"who": "room / alone, rows a second", "ratio": round(found["alone"] / found["room"], 3)},
            {"who": "memory of the process, MB", "before": memory, "after": grown},
        ],
        about,
    )


def _own() -> int:
    return int(Path("/proc/self").readlink().name)


def _reports(folder: Path, count: int, room: OpenRoom) -> list[Report]:
    """Rows of the last hundred days as an import reads them; of ten, nine are closed."""
    file = folder / "old.jsonl"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(past(n) | {"description": f"Jalan berlubang nomor {n}"}) + "\n" for n in range(count))
    now, city, rows = room.room.now(), room.room.city, open_rows(file)
    reader = TableReader(settled(understand(rows, city, TablePlan())), city)
    return [reader.report(row, now, "real") for row in rows]


def _cost(reports: list[Report], take: Callable[[list[Report]], object], at_once: int) -> float:
    begun = time.process_time()
    for start in range(0, len(reports), at_once):
        take(reports[start : start + at_once])
    return (time.process_time() - begun) / len(reports)


def alone(file: Path) -> Callable[[list[Report]], object]:
    """A write of the same rows by SQLite's own module: the head read and moved, events inserted, rows upserted."""
    database = sqlite3.connect(file, isolation_level=None)
    database.executescript(
        """
        pragma journal_mode=wal; pragma synchronous=full;
        create table head (id integer primary key, seq integer, mark text); insert into head values (1, 0, '');
        create table event (seq integer primary key, kind text, subject text, at integer, payload text);
        create table complaint (id text primary key, source text, source_id text, status text, body text,
            unique (source, source_id));
        """
    )

    def take(reports: list[Report]) -> None:
        database.execute("begin immediate")
        (seq,) = database.execute("select seq from head where id = 1").fetchone()
        events: list[tuple[Any, ...]] = [
            (seq + n, "complaint.received", f"id-{report.source_id}", n, BODY) for n, report in enumerate(reports, 1)
        ]
        database.executemany("insert into event values (?, ?, ?, ?, ?)", events)
        rows = [(f"id-{report.source_id}", "old", report.source_id, "waiting", BODY) for report in reports]
        database.executemany(
            "insert into complaint values (?, ?, ?, ?, ?) on conflict (id) do update set body = excluded.body", rows
        )
        database.execute("update head set seq = ?, mark = ? where id = 1", (seq + len(reports), str(seq)))
        database.execute("commit")

    return take
