"""run.py import over time: a second run, a kill, a database that goes away, and a file longer than memory."""

import csv
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.importer import ImportOrder, ImportTally, Rejects, run_import
from liveroom.domain.complaints.intake import Report
from liveroom.domain.complaints.model import State
from liveroom.domain.requests import Malformed
from liveroom.log.engine import Unavailable
from liveroom.tables.source_rows import SourceRow
from liveroom.tables.table_plan import TablePlan, parse_map
from tests.ingest.clerk import Clerk
from tests.ingest.stand_in import StandIn
from tests.rooms.on_sqlite import open_room

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT.parent / "shared" / "reference" / "open311" / "nyc_311_sample.jsonl"


def test_a_second_import_knows_the_first_and_its_rejects_replace_the_old(clerk: Clerk) -> None:
    clerk.room.refuses = frozenset({"B"})
    path = clerk.file("source_id,category\nA,banjir\nB,banjir\nC,\n")
    assert str(clerk.bring(path)) == "accepted 1, known 0, rejected 2"
    assert sorted(clerk.rejects(path)) == [(3, "category"), (4, "category")]
    clerk.room.refuses = frozenset()
    path.write_text("source_id,category\nA,banjir\nB,banjir\n")
    assert str(clerk.bring(path)) == "accepted 1, known 1, rejected 0"
    assert sorted(one.name for one in clerk.folder.iterdir()) == ["data.csv"]


def test_a_source_may_call_categories_by_its_own_names(clerk: Clerk) -> None:
    clerk.bring(clerk.file("source_id,category\nA, Flood \nB,Ufo\n"))
    assert [report.category for report in clerk.reports.values()] == ["banjir", "Ufo"]


def test_it_goes_in_transactions_of_five_hundred_and_rests_after_each(clerk: Clerk) -> None:
    path = clerk.file("source_id,category\n" + "".join(f"{n},banjir\n" for n in range(1250)))
    assert clerk.bring(path).accepted == 1250
    assert clerk.room.batches == [500, 500, 250]
    assert len(clerk.rests) == 3
    assert min(clerk.rests) > 0


def test_a_database_that_goes_away_leaves_the_old_rejects(clerk: Clerk) -> None:
    path = clerk.file("source_id,category\nA,\n")
    clerk.bring(path)
    clerk.room.down_after = 100
    path.write_text("source_id,category\nB,\n" + "".join(f"{n},banjir\n" for n in range(250)))
    with pytest.raises(Unavailable):
        clerk.bring(path)
    assert clerk.rejects(path) == [(2, "category")]
    assert not list(clerk.folder.glob("*.part"))


def test_two_imports_of_one_file_at_once_do_not_meet(clerk: Clerk) -> None:
    path = clerk.file("source_id,category\n")
    with Rejects(path) as first:
        first.add(SourceRow(line=2, offset=0, values={}), Malformed("category", "is required"))
        with Rejects(path) as second:
            second.add(SourceRow(line=3, offset=0, values={}), Malformed("category", "is required"))
        assert clerk.rejects(path) == [(3, "category")]
    assert clerk.rejects(path) == [(2, "category")]
    assert not list(clerk.folder.glob("*.part"))


AGAIN = """
import sys
from pathlib import Path
from ingest.sources.importer import ImportOrder, run_import
from tests.rooms.on_sqlite import open_room
room = open_room(Path(sys.argv[2]))
told = lambda read: (print(read, flush=True), sys.stdin.readline())
order = ImportOrder(path=Path(sys.argv[1]), source="s")
print(run_import(order, room=room, progress=told, rest=lambda _: None), flush=True)
"""


def test_an_import_killed_midway_is_finished_by_a_second_one(tmp_path: Path) -> None:
    path, database = tmp_path / "data.csv", tmp_path / "room.sqlite"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["source_id", "category", "reported_at"])
        writer.writerows([f"L-{n}", "jalan_rusak" if n % 50 else "", "2026-11-20T01:00:00Z"] for n in range(3000))
    open_room(database)
    command = [sys.executable, "-c", AGAIN, str(path), str(database)]
    first = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert first.stdin is not None and first.stdout is not None
    # Every transaction of 500 takes a line: with so many it is not through, however late the kill comes.
    first.stdin.write("\n" * 4)
    first.stdin.flush()
    for _ in range(4):
        assert first.stdout.readline()
    first.send_signal(signal.SIGKILL)
    first.wait()
    first.stdin.close()
    first.stdout.close()
    there = len(open_room(database).open_of("s"))
    assert there % 10 == 0
    assert 1900 <= there < 2940
    second = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, cwd=ROOT, text=True, check=True)
    assert second.stdout.splitlines()[-1] == f"accepted {2940 - there}, known {there}, rejected 60"
    assert len({one.source_id for one in open_room(database).open_of("s")}) == 2940


def test_memory_stays_flat(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clerk.room, "accept_many", forgetful)
    rows = "".join(f"{n},banjir,{'x' * 500}\n" for n in range(9_000))
    path = clerk.file("source_id,category,description\n" + rows)
    tracemalloc.start()
    assert clerk.bring(path).accepted == 9_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000 < path.stat().st_size


def forgetful(reports: list[Report], *, source: str) -> tuple[Any, ...]:
    room = StandIn()
    return tuple(room.accept(report, source=source) for report in reports)


@pytest.mark.skipif(not SAMPLE.exists(), reason=f"the sample of real requests is not at {SAMPLE.parent}")
def test_a_thousand_real_requests_of_another_city(tmp_path: Path) -> None:
    path = tmp_path / "nyc.jsonl"
    path.symlink_to(SAMPLE)
    room = open_room(tmp_path / "room.sqlite", key="newyork")
    columns = parse_map("source_id=id,reported_at=created,closed_at=closed")

    def bring() -> ImportTally:
        order = ImportOrder(path=path, source="nyc", plan=TablePlan(columns=columns))
        return run_import(order, room=room, progress=lambda _: None, rest=lambda _: None)

    assert str(bring()) == "accepted 1000, known 0, rejected 0"
    assert str(bring()) == "accepted 0, known 1000, rejected 0"
    left = room.open_of("nyc")
    assert len(left) == 2
    assert {one.state for one in left} == {State.RECEIVED}
    assert all(one.category in room.city.categories for one in left)
