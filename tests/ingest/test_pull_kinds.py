"""The kinds of source that the room asks: each passes the contract, and what only one of them does."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.pull import Batch, PullSource, configured, kinds, unknown_categories
from ingest.sources.folder import FolderSource
from ingest.sources.journal import JournalSource
from liveroom.accounts.arrivals import position_of
from liveroom.runtime.errors import ConfigError
from tests.house.tree import ROOT
from tests.ingest.contract import DyingRoom, Inline, Killed, PullContract, World
from tests.rooms.databases import Opener
from tests.rooms.on_sqlite import city
from tests.rooms.standing import StandingRoom


def record(number: int) -> dict[str, object]:
    return {"source_id": f"L-{number:06}", "category": "jalan_rusak", "description": "Lubang, dalam"}


class TestFolder(PullContract):
    """CSV files; the name of each says in which order they came."""

    def configure(self, folder: Path) -> PullSource:
        (folder / "in").mkdir(exist_ok=True)
        return FolderSource(name="Kantor", folder=str(folder / "in"), quiet_s=0, map={"description": "isi"})

    def unreadable(self, folder: Path) -> PullSource:
        return FolderSource(name="Kantor", folder=str(folder / "nowhere"))

    def write(self, folder: Path, first: int, good: int, bad: int) -> None:
        lines = ["source_id;category;isi"]
        lines += [f"X-{n};jalan_rusak;{n};too many" for n in range(bad)]
        lines += [f"L-{n:06};jalan_rusak;Lubang, dalam" for n in range(first, first + good)]
        (folder / "in" / f"{first:06}.csv").write_text("\n".join(lines) + "\n", "utf-8")


class TestJournal(PullContract):
    """A JSON object a line."""

    def configure(self, folder: Path) -> PullSource:
        (folder / "journal.jsonl").touch()
        return JournalSource(name="Aplikasi", file=str(folder / "journal.jsonl"))

    def unreadable(self, folder: Path) -> PullSource:
        return JournalSource(name="Aplikasi", file=str(folder / "nowhere" / "journal"))

    def write(self, folder: Path, first: int, good: int, bad: int) -> None:
        with (folder / "journal.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(f"{{no json {n}\n" for n in range(bad))
            file.writelines(json.dumps(record(n)) + "\n" for n in range(first, first + good))


@dataclass
class Counted(Inline):
    """Counts what is done aside."""

    counted: int = 0

    def run_aside(self, work: Callable[[], Any]) -> Any:
        self.counted += 1
        return super().run_aside(work)


@pytest.fixture
def folder(open_standing: Opener, tmp_path: Path) -> World:
    TestFolder().configure(tmp_path)
    return World(open_standing(), FolderSource(name="Kantor", folder=str(tmp_path / "in"), quiet_s=0), tmp_path)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestOnlyTheFolder:
    def test_reads_aside_where_it_holds_nobody_up(self, folder: World) -> None:
        TestFolder().write(folder.folder, 1, 5, 0)
        aside = Counted()
        folder.runners().step(aside)
        assert aside.counted >= 2 and len(folder.numbers()) == 5

    """What becomes of files."""

    def test_a_file_goes_to_done_and_one_of_the_same_name_is_read_anew(self, folder: World) -> None:
        place = folder.folder / "in" / "harian.csv"
        for number in (1, 2):
            place.write_text(f"source_id;category\nL-{number};jalan_rusak\n")
            folder.run()
        assert folder.numbers() == ["L-1", "L-2"]
        assert sorted(path.name for path in place.parent.rglob("*.csv")) == ["harian-2.csv", "harian.csv"]
        assert {path.parent.name for path in place.parent.rglob("*.csv")} == {"done"}

    def test_what_is_no_file_of_complaints_goes_to_refused_and_keeps_nothing_up(self, folder: World) -> None:
        (folder.folder / "in" / "a.csv").write_text("nama;alamat\nSiti;Gerendeng\n")
        (folder.folder / "in" / "b.jsonl").write_text(json.dumps(record(1)) + "\n")
        folder.run()
        assert folder.numbers() == ["L-000001"]
        (kept,) = folder.kept()
        assert (kept.entry.field, kept.raw) == ("category", "nama;alamat\nSiti;Gerendeng\n")
        assert (folder.folder / "in" / "refused" / "a.csv").exists()

    @pytest.mark.parametrize(
        ("name", "content", "reason"),
        [
            ("a.pdf", b"%PDF-1.7\n\0", "is a PDF"),
            ("a.xls", b"\xd0\xcf\x11\xe0", "is an old Excel file"),
            ("a.csv.gz", b"\x1f\x8b\x08", "is compressed"),
            ("harian", b"source_id;category\nL-9;jalan_rusak\n", "has another ending than .csv"),
        ],
    )
    def test_another_ending_is_refused_with_the_reason(
        self, folder: World, name: str, content: bytes, reason: str
    ) -> None:
        place = folder.folder / "in"
        (place / name).write_bytes(content)
        (place / "b.jsonl").write_text(json.dumps(record(1)) + "\n")
        folder.run()
        assert folder.numbers() == ["L-000001"] and (place / "refused" / name).exists()
        assert [one.entry.message.startswith(f"{name}: {reason}") for one in folder.kept()] == [True]

    def test_what_is_no_ordinary_file_is_refused_and_never_opened(self, folder: World) -> None:
        place = folder.folder / "in"
        (folder.folder / "secret").write_text("source_id;category\nL-9;jalan_rusak\n")
        (place / "a.csv").symlink_to(folder.folder / "secret")
        os.mkfifo(place / "b.csv")
        (place / os.fsdecode(b"\xff")).symlink_to("nowhere")
        folder.run()
        assert folder.numbers() == [] and (place / "refused" / "a.csv").is_symlink()
        assert sorted(one.raw for one in folder.kept()) == ["\\xff", "a.csv", "b.csv"]
        assert [path.name for path in place.iterdir()] == ["refused"] and (folder.folder / "secret").exists()

    def test_a_look_ahead_moves_nothing_not_even_what_is_empty(self, folder: World) -> None:
        place = folder.folder / "in"
        for name, said in (("a.csv", "source_id;category\n"), ("b.csv", "source_id;category\nL-1;jalan_rusak\n")):
            (place / name).write_text(said)
        shown = folder.source.preview_in(None, folder.standing.room.city)
        assert shown is not None and [item.value["source_id"] for item in shown.items] == ["L-1"]
        assert sorted(path.name for path in place.iterdir()) == ["a.csv", "b.csv"]

    def test_folders_hidden_files_and_what_is_yet_to_be_renamed_are_left_alone(self, folder: World) -> None:
        place = folder.folder / "in"
        (place / "sub.csv").mkdir()
        for name in (".a.csv", "a.csv.part", "~$a.xlsx"):
            (place / name).write_text("x")
        folder.run()
        assert sorted(path.name for path in place.iterdir()) == [".a.csv", "a.csv.part", "sub.csv", "~$a.xlsx"]
        assert folder.kept() == []

    def test_times_of_a_file_count_as_an_import_has_them(self, folder: World) -> None:
        times = {"reported_at": "2026-11-23T02:00:00Z", "closed_at": "2026-11-23T08:00:00Z"}
        (folder.folder / "in" / "a.json").write_text(json.dumps([{**record(1), **times}]))
        folder.run()
        received = next(one for one in folder.standing.events() if one.event.kind.value == "complaint.received")
        assert folder.standing.complaint(received.event.id).status.value == "done"

    def test_a_refused_row_can_be_corrected_from_what_was_made_of_it(self, folder: World) -> None:
        (folder.folder / "in" / "a.csv").write_text("nomor;category;lat;lon\nL-1;banjir;-6,17;BT\n")
        folder.run()
        (kept,) = folder.kept()
        assert kept.entry.source_id == "L-1" and kept.raw == "L-1;banjir;-6,17;BT\n"
        assert json.loads(kept.draft) == {"source_id": "L-1", "category": "banjir", "lat": "-6,17", "lon": "BT"}

    def test_a_file_that_is_still_written_to_is_left_alone(self, folder: World) -> None:
        folder.source = FolderSource(name="Kantor", folder=str(folder.folder / "in"), quiet_s=3600)
        TestFolder().write(folder.folder, 1, 1, 0)
        folder.run()
        assert folder.numbers() == []


def test_a_line_of_a_journal_that_is_not_whole_waits_and_another_file_is_read_from_its_beginning(
    open_standing: Opener, tmp_path: Path
) -> None:
    world = World(open_standing(), TestJournal().configure(tmp_path), tmp_path)
    journal = tmp_path / "journal.jsonl"
    whole = json.dumps(record(1)) + "\n"
    journal.write_text(whole + whole[:20])
    world.run()
    assert world.numbers() == ["L-000001"] and world.health.open == 0
    journal.rename(tmp_path / "old.jsonl")
    journal.write_text(json.dumps(record(2)) + "\n")
    world.run()
    assert world.numbers() == ["L-000001", "L-000002"]


def test_what_was_appended_to_a_journal_before_it_was_renamed_is_read_first(
    open_standing: Opener, tmp_path: Path
) -> None:
    world = World(open_standing(), TestJournal().configure(tmp_path), tmp_path)
    journal, old = tmp_path / "journal.jsonl", tmp_path / "journal.jsonl.1"
    TestJournal().write(tmp_path, 1, 1, 0)
    world.run()
    TestJournal().write(tmp_path, 2, 150, 0)
    journal.rename(old)
    TestJournal().write(tmp_path, 152, 1, 0)
    with pytest.raises(Killed):
        world.run(DyingRoom(world.standing.room, dies_at=2))
    world.run()
    assert len(world.numbers()) == 152
    now = journal.stat()
    assert world.standing.read(lambda c: position_of(c, world.id)) == f"{now.st_ino}:{now.st_size}"


def test_a_journal_that_was_cut_short_in_place_is_read_from_its_beginning(
    open_standing: Opener, tmp_path: Path
) -> None:
    world = World(open_standing(), TestJournal().configure(tmp_path), tmp_path)
    TestJournal().write(tmp_path, 1, 3, 0)
    world.run()
    (tmp_path / "journal.jsonl").write_text(json.dumps(record(4)) + "\n")
    world.run()
    assert world.numbers() == [f"L-{n:06}" for n in range(1, 5)]


class StayingSource(PullSource, frozen=True, kw_only=True):
    """Stays connected to something that says nothing; ``look`` is asked before each sign of life for its fault."""

    look: Any

    def fetch(self, position: str | None) -> Iterator[Batch]:
        while True:
            yield Batch([], "0", fault=self.look())


def test_one_that_stays_connected_is_told_well_by_the_way_and_ends_when_it_is_told_to(
    on_file: StandingRoom, tmp_path: Path
) -> None:
    looks, faults, written = count(1), list[str | None](), list[str | None]()
    world = World(on_file, StayingSource(name="Alat", look=lambda: look(next(looks))), tmp_path)
    runners = world.runners()

    def look(number: int) -> str:
        faults.append(world.health.fault)
        written.append(world.health.position)
        if number == 5:
            runners.stop()
        return "silent: 10" if number == 2 else ""

    runners.step(Inline())
    assert faults == [None, None, "silent: 10", None, None] and not runners.busy
    assert written == [None, "0", "0", "0", "0"]


def test_the_kind_that_the_docs_show_is_the_one_that_is_tested_here() -> None:
    shown = (ROOT / "docs" / "ingest.md").read_text("utf-8").split("```python\n")[1].partition("```")[0]
    assert shown == (ROOT / "ingest" / "sources" / "journal.py").read_text("utf-8")


def test_the_sections_that_the_docs_show_are_sound() -> None:
    blocks = (ROOT / "docs" / "ingest.md").read_text("utf-8").split("```yaml\n")[1:]
    shown = [yaml.safe_load(one.partition("```")[0]) for one in blocks]
    sections = [one for some in shown for one in (some["sources"] if isinstance(some, dict) else some)]
    assert {"mqtt", "redis_stream"} <= {one["kind"] for one in sections}
    sources, known = configured(sections, "docs"), city("tangerang").categories
    assert len(sources) == len(sections) and not list(unknown_categories(sources, known))
    (warning,) = unknown_categories(sources, [key for key in known if key != "pju_mati"])
    assert "Kota sebelah names the category 'pju_mati'" in warning
    (warning,) = unknown_categories(sources, [*(known.keys() - {"banjir"}), "banjirr"])
    assert warning.startswith("the source Alat ukur") and "did you mean 'banjirr'?" in warning


def test_settings_that_cannot_be_are_told_by_their_field() -> None:
    sections = [
        {"name": "A", "kind": "folder", "every": "soon", "folder": "x", "quiet": 5},
        {"name": "A", "kind": "folder"},
        {"name": "B", "kind": "ftp"},
        {"name": "C", "kind": "folder", "folder": "x", "map": {"nama": "n"}},
        {"name": "D", "kind": "journal", "file": 3},
    ]
    with pytest.raises(ConfigError) as told:
        configured(sections, "config.yaml")
    faults = [(fault.where, fault.message) for fault in told.value.faults]
    assert faults[0] == ("config.yaml: sources[0].quiet", "is not a setting: do you mean quiet_s?")
    assert ("config.yaml: sources[1].folder", "is required") in faults
    assert ("config.yaml: sources[2].kind", f"must be one of {', '.join(kinds())}, not 'ftp'") in faults
    assert [where for where, _ in faults][3:] == ["config.yaml: sources[3].map", "config.yaml: sources[4].file"]
    assert "folder" in kinds() and "api" not in kinds()
