"""run.py import as a city clerk meets it: spreadsheets, exports, half-broken files, and a second try after a kill."""

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.columns import parse_map
from ingest.importer import Tally, run_import
from liveroom.domain.complaint import State
from liveroom.domain.refusals import Malformed
from liveroom.domain.report import Person, Report
from liveroom.log.book import Unavailable
from tests.ingest.rooms import open_room
from tests.ingest.stand_in import StandIn

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT.parent / "shared" / "reference" / "open311" / "nyc_311_sample.jsonl"


class Clerk:
    """Writes a file, imports it, and looks at what came of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.room, self.rests = folder, StandIn(), list[float]()

    def file(self, text: str | bytes, name: str = "data.csv") -> Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def bring(self, path: Path, columns: Mapping[str, str] | None = None) -> Tally:
        return run_import(
            path, room=self.room, source="s", columns=columns or {}, progress=lambda _: None, rest=self.rests.append
        )

    def rejects(self, path: Path) -> list[tuple[int, str]]:
        place = path.with_name(path.name + ".rejects.jsonl")
        entries = [json.loads(line) for line in place.read_text("utf-8").splitlines()] if place.exists() else []
        assert all(entry.keys() == {"line", "field", "message"} and entry["message"] for entry in entries)
        return [(entry["line"], entry["field"]) for entry in entries]

    @property
    def reports(self) -> dict[str, Report]:
        return {source_id: report for (_, source_id), (_, report) in self.room.kept.items()}


@pytest.fixture
def clerk(tmp_path: Path) -> Clerk:
    return Clerk(tmp_path)


def test_every_column_has_its_field(clerk: Clerk) -> None:
    header = "source_id,category,description,address,lat,lon,area,channel,reported_at,updated_at,priority,media,drill,"
    header += "closed_at,person.name,person.phone,person.email,Catatan"
    row = (
        "L-1,banjir,air naik,Jl. Melati,-6.17,106.63,36.71.01.1001,WhatsApp,2026-11-23T07:05:00+07:00,"
        "2026-11-23T08:00:00Z,urgent,https://contoh.id/1 https://contoh.id/2,FALSE,2026-11-23T09:00:00Z,"
        "Budi Contoh,0800-000-0001,budi@contoh.id,rahasia"
    )
    assert str(clerk.bring(clerk.file(f"{header}\n{row}\n"))) == "accepted 1, known 0, rejected 0"
    received = datetime(2026, 11, 23, 0, 5, tzinfo=UTC)
    assert clerk.reports["L-1"] == Report(
        source_id="L-1",
        category="banjir",
        description="air naik",
        address="Jl. Melati",
        lat=-6.17,
        lon=106.63,
        area="36.71.01.1001",
        channel="WhatsApp",
        reported_at=received,
        received_at=received,
        updated_at=datetime(2026, 11, 23, 8, tzinfo=UTC),
        closed_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
        priority="urgent",
        media=("https://contoh.id/1", "https://contoh.id/2"),
        person=Person(name="Budi Contoh", phone="0800-000-0001", email="budi@contoh.id"),
    )


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiters_line_ends_and_a_byte_order_mark(clerk: Clerk, mark: str, end: str) -> None:
    lines = ["id;kind;description", 'A;banjir;"satu; dua, ""tiga""\n\tempat|lima"', "", "B;banjir;"]
    text = end.join(line.replace(";", mark) if n != 1 else line.replace(";", mark, 2) for n, line in enumerate(lines))
    tally = clerk.bring(clerk.file("\ufeff" + text), {"source_id": "id", "category": "kind"})
    assert (tally.accepted, tally.rejected) == (2, 0)
    assert clerk.reports["A"].description == 'satu; dua, "tiga"\n\tempat|lima'


def test_rejects_name_the_physical_line_where_the_record_begins(clerk: Clerk) -> None:
    path = clerk.file(
        "source_id,category,lat,lon,description\n"
        'A,banjir,,,"two\nlines"\n'
        "B,,,,\n"
        "\n"
        "C,banjir,106.6,-6.1,\n"
        'D,banjir,nan,1,"three\r\nlines\nhere"\n'
        "E,banjir,1\n"
        "F,banjir,1,1,x,more\n"
        "G,banjir,\uff16,1,\n"
        "H,banjir,1_0,1,\n"
        "I,banjir,1,1,a\x00b\n"
        "J,banjir,1,1,fine"
    )
    assert str(clerk.bring(path)) == "accepted 2, known 0, rejected 8"
    assert clerk.rejects(path) == [
        (4, "category"), (6, "lat"), (7, "lat"), (10, ""), (11, ""), (12, "lat"), (13, "lat"), (14, "description"),
    ]  # fmt: skip
    assert clerk.reports.keys() == {"A", "J"}


def test_bytes_that_are_no_utf8_cost_their_row_only(clerk: Clerk) -> None:
    path = clerk.file(b"source_id,category,description\nA,banjir,caf\xe9\nB,banjir,caf\xc3\xa9\n")
    assert clerk.bring(path).accepted == 1
    assert clerk.rejects(path) == [(2, "description")]


def test_huge_cells_and_open_quotes_cost_their_record_only(clerk: Clerk) -> None:
    big = "x" * 400_000
    rows = [
        f"A,banjir,{big}",
        "B,banjir,ok",
        f'C,banjir,"{big}"',
        "D,banjir,ok",
        f"E,banjir,{'y,' * 200_000}",
        "F,banjir,ok",
    ]
    path = clerk.file("source_id,category,description\n" + "\n".join(rows) + "\n")
    assert clerk.bring(path).accepted == 3
    assert [line for line, _ in clerk.rejects(path)] == [2, 4, 6]
    unclosed = 'G,banjir,"open\n' + "H,banjir,swallowed\n" * 10_000 + "I,banjir,ok\n"
    path = clerk.file("source_id,category,description\n" + unclosed, "open.csv")
    clerk.bring(path)
    assert clerk.rejects(path)[0] == (2, "")
    assert "I" in clerk.reports


BROKEN = [
    ("", {}, "file"),
    ("\ufeff  \n\n", {}, "file"),
    ("id,category\n1,banjir\n", {}, "source_id"),
    ("source_id,kind\n1,banjir\n", {}, "category"),
    ("source_id,category\n1,banjir\n", {"lat": "latitude"}, "lat"),
    ("source_id,category,category\n1,banjir,x\n", {}, "file"),
    ("just some words\n", {}, "source_id"),
    ('{"id": "1", "category": "banjir"}\n', {}, "source_id"),
    ('{"source_id": "1", "category": "banjir"}\n', {"closed_at": "closed"}, "closed_at"),
    ("[" * 100_000, {}, "file"),
]


@pytest.mark.parametrize(("text", "columns", "field"), BROKEN)
def test_a_file_that_does_not_fit_is_refused_before_anything_is_written(
    clerk: Clerk, text: str, columns: dict[str, str], field: str
) -> None:
    path = clerk.file(text)
    with pytest.raises(Malformed) as caught:
        clerk.bring(path, columns)
    assert caught.value.field == field
    assert clerk.reports == {}
    assert sorted(one.name for one in clerk.folder.iterdir()) == ["data.csv"]


def test_a_header_alone_is_an_import_of_nothing(clerk: Clerk) -> None:
    assert str(clerk.bring(clerk.file("source_id,category\n"))) == "accepted 0, known 0, rejected 0"


def test_the_map_is_read_strictly() -> None:
    assert parse_map("source_id=id, reported_at=created,person.name=who=x") == {
        "source_id": "id",
        "reported_at": "created",
        "person.name": "who=x",
    }
    assert parse_map("") == {}
    for wrong, field in (("sourceid=id", "sourceid"), ("lat", "lat"), ("lat=", "lat"), ("lat=a,lat=b", "lat")):
        with pytest.raises(Malformed) as caught:
            parse_map(wrong)
        assert caught.value.field == field


def test_json_lines_keep_their_types_and_their_lines(clerk: Clerk) -> None:
    lines = [
        '{"source_id": "A", "category": "banjir", "lat": 1, "lon": 2, "person": {"name": "Budi Contoh"}, "x": [1]}',
        "",
        '{"source_id": "B", "category": "banjir", "lat": "1", "lon": 2}',
        "not json",
        "[1]",
        "[" * 50,
        '{"source_id": "C", "category": "banjir", "person.name": "Siti Rekaan"}',
        '{"source_id": "D", "category": "banjir", "description": "' + "x" * 2_000_000 + '"}',
        '{"source_id": "E", "category": "banjir", "person": "Budi"}',
        '{"source_id": "F", "category": "banjir"}',
    ]
    path = clerk.file("\n".join(lines), "data.jsonl")
    assert str(clerk.bring(path)) == "accepted 3, known 0, rejected 6"
    assert clerk.rejects(path) == [(3, "lat"), (4, ""), (5, ""), (6, ""), (8, ""), (9, "person")]
    named = [clerk.reports[key].person for key in "ACF"]
    assert named == [Person(name="Budi Contoh"), Person(name="Siti Rekaan"), None]


def test_an_array_says_the_line_of_each_item(clerk: Clerk) -> None:
    text = '[\n{"source_id": "A",\n "category": "x"},\n\n{"source_id": "B"},\n 7,\n{"source_id": "C", "category": "x"}]'
    path = clerk.file(text, "data.json")
    assert clerk.bring(path).accepted == 2
    assert clerk.rejects(path) == [(5, "category"), (6, "")]
    path = clerk.file(
        '[{"source_id": "D", "category": "x"},\n{"source_id": oops}, {"source_id": "E", "category": "x"}]'
    )
    assert clerk.bring(path).accepted == 1
    assert clerk.rejects(path) == [(2, "")]


def test_times_of_the_past_end_in_order(clerk: Clerk) -> None:
    path = clerk.file(
        "source_id,category,reported_at,closed_at\n"
        "A,x,2026-11-23T09:00:00Z,2026-11-23T08:59:59Z\n"
        "B,x,,2026-11-23T08:00:00Z\n"
        "C,x,2027-01-01T00:00:00Z,\n"
        "D,x,2026-11-23T09:00:00Z,2027-01-01T00:00:00Z\n"
        "E,x,2026-11-23T09:00:00Z,2026-11-23T09:00:00Z\n"
        "F,x,23/11/2026 09:00,\n"
    )
    clerk.bring(path)
    assert clerk.rejects(path) == [
        (2, "closed_at"), (3, "reported_at"), (4, "reported_at"), (5, "closed_at"), (7, "reported_at"),
    ]  # fmt: skip
    assert clerk.reports.keys() == {"E"}


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


def test_it_goes_in_transactions_of_a_hundred_and_rests_after_each(clerk: Clerk) -> None:
    path = clerk.file("source_id,category\n" + "".join(f"{n},banjir\n" for n in range(250)))
    assert clerk.bring(path).accepted == 250
    assert clerk.room.batches == [100, 100, 50]
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


AGAIN = """
import sys
from pathlib import Path
from ingest.importer import run_import
from tests.ingest.rooms import open_room
room = open_room(Path(sys.argv[2]))
told = lambda read: print(read, flush=True)
print(run_import(Path(sys.argv[1]), room=room, source="s", columns={}, progress=told, rest=lambda _: None), flush=True)
"""


def test_an_import_killed_midway_is_finished_by_a_second_one(tmp_path: Path) -> None:
    path, database = tmp_path / "data.csv", tmp_path / "room.sqlite"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["source_id", "category", "reported_at"])
        writer.writerows([f"L-{n}", "jalan_rusak" if n % 50 else "", "2026-11-20T01:00:00Z"] for n in range(3000))
    open_room(database)
    command = [sys.executable, "-c", AGAIN, str(path), str(database)]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert first.stdout is not None
    for _ in range(4):
        assert first.stdout.readline()
    first.send_signal(signal.SIGKILL)
    first.wait()
    first.stdout.close()
    there = len(open_room(database).open_of("s"))
    assert there % 100 == 0
    assert 400 <= there < 2940
    second = subprocess.run(command, capture_output=True, cwd=ROOT, text=True, check=True)
    assert second.stdout.splitlines()[-1] == f"accepted {2940 - there}, known {there}, rejected 60"
    assert len({one.source_id for one in open_room(database).open_of("s")}) == 2940


def test_memory_stays_flat(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    import tracemalloc

    monkeypatch.setattr(clerk.room, "accept_many", forgetful)
    rows = "".join(f"{n},banjir,{'x' * 500}\n" for n in range(40_000))
    path = clerk.file("source_id,category,description\n" + rows)
    tracemalloc.start()
    assert clerk.bring(path).accepted == 40_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000 < path.stat().st_size


def forgetful(reports: list[Report], *, source: str) -> tuple[Any, ...]:
    room = StandIn()
    return tuple(room.accept(report, source=source) for report in reports)


@pytest.mark.skipif(not SAMPLE.exists(), reason=f"the sample of real requests is not at {SAMPLE.parent}")
def test_a_thousand_real_requests_of_another_city(tmp_path: Path, capsys: Callable[..., Any]) -> None:
    path = tmp_path / "nyc.jsonl"
    path.symlink_to(SAMPLE)
    room = open_room(tmp_path / "room.sqlite", key="newyork")
    columns = parse_map("source_id=id,reported_at=created,closed_at=closed")

    def bring() -> Tally:
        return run_import(path, room=room, source="nyc", columns=columns, progress=lambda _: None, rest=lambda _: None)

    assert str(bring()) == "accepted 1000, known 0, rejected 0"
    assert str(bring()) == "accepted 0, known 1000, rejected 0"
    left = room.open_of("nyc")
    assert len(left) == 2
    assert {one.state for one in left} == {State.RECEIVED}
    assert all(one.category in room.city.categories for one in left)
