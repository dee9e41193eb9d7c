"""A million rows imported by the command, killed (-9) three times on the way and run again: none is lost or doubled.

What a row costs is held against the same rows written by SQLite's own module (head, event and row, a hundred a
transaction) and brought to PostgreSQL by COPY (event and row), processor time of client and server together.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from bench.figures import keep, machine
from bench.imports import BODY, alone
from bench.process import cpu_s, resident_mb
from bench.room import AT_ONCE, past
from liveroom.domain.complaints.intake import Report
from tests.services.postgres import Postgres
from tests.services.server import ROOT

SOURCE = "old"
# When it is killed, as shares of the rows.
KILLED_AT = (0.2, 0.45, 0.7)
# Between two looks at its memory, seconds.
LOOK_S = 1.0


def run(*, rows: int = 1_000_000) -> None:
    """One import with its kills, then both peers; raises AssertionError when a row is lost, doubled or out of turn."""
    about = machine()
    with tempfile.TemporaryDirectory(prefix="liveroom-million-") as folder:
        home = Path(folder)
        file = _written(home / "old.jsonl", rows)
        runs = [_run(home, file, None if share is None else int(rows * share)) for share in (*KILLED_AT, None)]
        _check(home / "real.db", rows)
        size = sum(part.stat().st_size for part in home.glob("real.db*"))
        (home / "real.db").unlink()
        cost = sum(one["cpu_s"] for one in runs) / rows
        peers = {"SQLite alone": _sqlite(home / "alone.db", rows), "COPY into PostgreSQL": _copied(rows)}
    seconds = sum(one["seconds"] for one in runs)
    whole = {"who": "the room, all runs", "cpu_us_a_row": _micros(cost), "rows_a_s": round(rows / seconds)}
    ratios = [
        {"who": who, "cpu_us_a_row": _micros(one), "rows a second, room / peer": round(one / cost, 4)}
        for who, one in peers.items()
    ]
    keep("million", [*runs, {**whole, "database_gb": round(size / 1e9, 2)}, *ratios], about)


def _micros(seconds: float) -> float:
    return round(seconds * 1e6, 1)


def _written(file: Path, rows: int) -> Path:
    with file.open("w", encoding="utf-8") as out:
        for n in range(rows):
            out.write(json.dumps(past(n) | {"description": f"Jalan berlubang nomor {n}"}) + "\n")
    return file


def _run(home: Path, file: Path, kill_at: int | None) -> dict[str, Any]:
    """Import the file until it ends, or is killed once the room has ``kill_at`` complaints."""
    words = [sys.executable, str(ROOT / "run.py"), "import", str(file), "--source", SOURCE]
    begun, before, memory = time.monotonic(), _count(home / "real.db"), list[float]()
    with (home / "import.log").open("a", encoding="utf-8") as log:
        child = subprocess.Popen(words, env={**os.environ, "LIVEROOM_DATA_DIR": str(home)}, stdout=log, stderr=log)
    ended: list[tuple[int, Any]] = []
    waiting = threading.Thread(target=lambda: ended.append(os.wait4(child.pid, 0)[1:]))
    waiting.start()
    while waiting.is_alive():
        memory.append(_memory(child.pid, memory))
        if kill_at is not None and _count(home / "real.db") >= kill_at:
            child.kill()
        waiting.join(LOOK_S)
    ((status, spent),) = ended
    assert (status == 0) == (kill_at is None), (home / "import.log").read_text(encoding="utf-8")[-2000:]
    taken = _count(home / "real.db") - before
    settled = memory[min(10, len(memory) - 1) :]
    grown = f"{settled[0]:.0f} after {LOOK_S * 10:g} s, {max(settled):.0f} at most, {settled[-1]:.0f} at the end"
    return {
        "who": "killed" if kill_at else "to the end",
        "new": taken,
        "known before": before,
        "seconds": round(time.monotonic() - begun, 1),
        "cpu_s": round(spent.ru_utime + spent.ru_stime, 1),
        "memory_mb": grown,
        "load": round(os.getloadavg()[0], 1),
    }


def _memory(pid: int, before: list[float]) -> float:
    """What it has; of one that has just ended, what it had."""
    try:
        return resident_mb(pid) or before[-1]
    except (OSError, IndexError):
        return before[-1] if before else 0.0


def _count(database: Path) -> int:
    """How many complaints there are, by the total that is kept of them; 0 before there are tables."""
    if not database.exists():
        return 0
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30) as reader:
        try:
            (found,) = reader.execute("select sum(value) from total where key like 'cohort:%:in'").fetchone()
        except sqlite3.OperationalError:
            return 0
    reader.close()
    return found or 0


def _check(database: Path, rows: int) -> None:
    """Each row once, each with its receipt and, of ten, nine with their end; the log without gaps."""
    reader = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    (there, numbers) = reader.execute("select count(*), count(distinct source_id) from complaint").fetchone()
    assert there == numbers == _count(database) == rows, (there, numbers, _count(database))
    kinds = dict(reader.execute("select kind, count(*) from event group by kind"))
    assert kinds["complaint.received"] == rows, kinds
    assert kinds["complaint.closed"] == sum(n % 10 > 0 for n in range(rows)), kinds
    (first, last, events) = reader.execute("select min(seq), max(seq), count(*) from event").fetchone()
    assert (first, last) == (1, events), (first, last, events)
    for table in ("listing", "milestone", "searched"):
        (found,) = reader.execute(f"select count(*) from {table}").fetchone()  # noqa: S608 names of ours
        assert found == rows, (table, found)
    reader.close()


def _parts(rows: int) -> Iterator[list[Report]]:
    for start in range(0, rows, AT_ONCE):
        yield [Report(source_id=f"old-{n}", category="x") for n in range(start, min(rows, start + AT_ONCE))]


def _sqlite(file: Path, rows: int) -> float:
    """Processor time of a row, by SQLite's own module."""
    take, spent = alone(file), 0.0
    for part in _parts(rows):
        begun = time.process_time()
        take(part)
        spent += time.process_time() - begun
    return spent / rows


def _copied(rows: int) -> float:
    """Processor time of a row, client and server, by one COPY of the events and one of the rows."""
    with tempfile.TemporaryDirectory(prefix="liveroom-copy-", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder))
        Path(folder).chmod(0o755)
        server.initialise()
        server.start()
        try:
            with psycopg.connect(server.fresh_database().replace("+psycopg", "")) as connection:
                return _copy(connection, rows)
        finally:
            server.kill()


def _copy(connection: psycopg.Connection, rows: int) -> float:
    connection.execute(
        "create table event (seq bigint primary key, kind text, subject text, at bigint, payload text);"
        "create table complaint (id text primary key, source text, source_id text, status text, body text,"
        " unique (source, source_id))"
    )
    connection.commit()
    backend, begun = cpu_s(connection.info.backend_pid), time.process_time()
    with connection.cursor() as cursor:
        with cursor.copy("copy event from stdin") as copy:
            for n in range(rows):
                copy.write_row((n, "complaint.received", f"id-old-{n}", n, BODY))
        with cursor.copy("copy complaint from stdin") as copy:
            for n in range(rows):
                copy.write_row((f"id-old-{n}", SOURCE, f"old-{n}", "waiting", BODY))
    connection.commit()
    return (time.process_time() - begun + cpu_s(connection.info.backend_pid) - backend) / rows
