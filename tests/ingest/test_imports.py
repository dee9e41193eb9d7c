"""Imports in the background: tried and run in parts, killed between any two steps, taken over, ordered anew, ended."""

import csv
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ingest import imports
from ingest.imports import ImportRunner
from liveroom.accounts.imports import (
    OPEN,
    UNUSED,
    WAITS,
    ImportFiles,
    ImportJob,
    ImportState,
    add_job,
    forget_jobs,
    job_of,
    order_job,
)
from liveroom.room.clock import pause_source
from liveroom.tables.file_kinds import open_rows
from liveroom.tables.table_plan import TablePlan
from liveroom.tables.understood import settled, understand
from tests.ingest.contract import DyingRoom, Inline, Killed
from tests.rooms.standing import StandingRoom

WORDS = ("line", "field", "reason")
# Rows of a part here; the product's parts are as long as a transaction of the bulk way.
PART = 20
ROWS, BAD = 2 * PART + 10, 3


class World:
    """A room with one file in it, and processes that work on it."""

    def __init__(self, standing: StandingRoom, folder: Path) -> None:
        self.standing, self.files = standing, ImportFiles(folder)
        self.files.made()

    def comes(self, rows: int = ROWS, id_: str = "one") -> ImportJob:
        path = self.files.table(id_)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["nomor tiket", "kategori", "isi"])
            writer.writerows(
                [f"L-{n}", "" if self.is_bad(n, rows) else "sampah", f"=tumpukan {n}"] for n in range(rows)
            )
        size = path.stat().st_size
        self.touch(lambda c: add_job(c, id_, name="data.csv", source_name="Kantor", actor="kepala", size=size))
        self.order(ImportState.TRIAL, id_, plan=self.plan(path))
        return self.job(id_)

    @staticmethod
    def is_bad(n: int, rows: int) -> bool:
        return n in (5, PART + 5, rows - 1)

    def plan(self, path: Path) -> str:
        found = understand(open_rows(path), self.standing.room.city, TablePlan())
        return msgspec.json.encode(settled(found)).decode()

    def order(self, state: ImportState, id_: str = "one", **values: Any) -> bool:
        job = self.job(id_)
        among = OPEN if state is ImportState.CANCELLED else WAITS
        return bool(self.touch(lambda c: order_job(c, job, state, among=among, **values)))

    def starts(self, id_: str = "one") -> None:
        assert self.order(ImportState.RUNNING, id_, source=self.standing.sources.ensure("Kantor", None))

    def touch(self, work: Callable[[Any], Any]) -> Any:
        return self.standing.log.touch(work)

    def job(self, id_: str = "one") -> ImportJob:
        found = self.standing.log.read(lambda c: job_of(c, id_))
        assert found is not None
        return found

    def runner(self, room: Any = None, on_sleep: Callable[[float], None] = lambda _: None) -> ImportRunner:
        return ImportRunner(room or self.standing.room, self.files, Inline(on_sleep=on_sleep), WORDS)  # type: ignore[arg-type]

    def numbers(self) -> list[str]:
        return [one.source_id for one in self.standing.room.open_of("kantor")]

    def refused(self) -> list[list[str]]:
        with self.files.rejects("one").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))


@pytest.fixture
def world(on_file: StandingRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(imports, "PART", PART)
    return World(on_file, tmp_path / "imports")


def counts(job: ImportJob) -> tuple[str, int, int, int]:
    return job.state.value, job.tally.accepted, job.tally.known, job.tally.rejected


def test_a_trial_says_what_will_happen_and_writes_nothing_and_the_import_does_it(world: World) -> None:
    world.comes()
    assert world.runner().step()
    assert counts(world.job()) == ("ready", ROWS - BAD, 0, BAD)
    assert world.numbers() == []
    world.starts()
    assert world.runner().step()
    assert counts(world.job()) == ("done", ROWS - BAD, 0, BAD)
    assert len(world.numbers()) == ROWS - BAD
    header, *rows = world.refused()
    assert header == ["nomor tiket", "kategori", "isi", "line", "field", "reason"]
    assert [row[0] for row in rows] == ["L-5", f"L-{PART + 5}", f"L-{ROWS - 1}"]
    # What a spreadsheet would take for a formula is text.
    assert rows[0][2:5] == ["'=tumpukan 5", "7", "category"]
    assert not world.files.table("one").exists()


def test_a_trial_counts_a_row_that_stands_twice_as_the_import_does_however_far_apart(world: World) -> None:
    world.comes()
    path = world.files.table("one")
    path.write_text("kategori,isi\n" + "".join(f"banjir,{n % (2 * PART)}\n" for n in range(ROWS)))
    world.order(ImportState.TRIAL, plan=world.plan(path))
    seen = []
    for _ in range(2):
        assert world.runner().step()
        seen.append(counts(world.job())[1:])
        world.order(ImportState.RUNNING, source=world.standing.sources.ensure("Kantor", None))
    assert seen == [(2 * PART, ROWS - 2 * PART, 0)] * 2


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("part", [1, 2, 3])
def test_another_process_goes_on_where_one_died_and_nothing_is_lost_or_twice(
    world: World, part: int, after: bool
) -> None:
    world.comes()
    world.starts()
    dying = world.runner(DyingRoom(world.standing.room, dies_at=part, after=after))
    with pytest.raises(Killed):
        dying.step()
    assert world.job().state is ImportState.RUNNING
    # It wrote of the next part what nobody stored the length of.
    with world.files.rejects("one").open("ab") as file:
        file.write(b"half a row" * 1_000)
    dying.stop()
    assert world.runner().step()
    state, accepted, known, rejected = counts(world.job())
    assert (state, accepted + known, rejected) == ("done", ROWS - BAD, BAD)
    assert known == (min(PART, ROWS - PART * (part - 1)) - 1 if after else 0)
    assert sorted(world.numbers()) == sorted({f"L-{n}" for n in range(ROWS) if not world.is_bad(n, ROWS)})
    assert [row[0] for row in world.refused()[1:]] == ["L-5", f"L-{PART + 5}", f"L-{ROWS - 1}"]


def test_one_job_at_a_time_in_a_room_and_only_where_its_file_is(world: World, tmp_path: Path) -> None:
    world.comes()
    other = ImportRunner(world.standing.room, ImportFiles(tmp_path / "elsewhere"), Inline(), WORDS)  # type: ignore[arg-type]
    assert not other.step()
    second = world.runner()
    seen: list[bool] = []
    assert world.runner(on_sleep=lambda _: seen.append(second.step())).step()
    assert seen and not any(seen)
    assert counts(world.job())[:2] == ("ready", ROWS - BAD)


def test_an_order_meanwhile_ends_what_is_under_way(world: World) -> None:
    world.comes()
    world.starts()
    world.runner(on_sleep=lambda _: world.order(ImportState.CANCELLED)).step()
    job = world.job()
    assert (job.state, job.read_rows, len(world.numbers())) == (ImportState.CANCELLED, PART, 2 * PART - 2)
    assert not world.order(ImportState.RUNNING)


def test_a_file_that_is_gone_holds_up_no_other(world: World) -> None:
    world.comes(3, "one")
    world.starts()
    world.files.forget("one", rejects=True)
    world.comes(3, "two")
    assert world.runner().step()
    assert counts(world.job("two")) == ("ready", 2, 0, 1)


def test_nothing_is_taken_of_a_source_that_is_paused_until_that_ends(world: World) -> None:
    world.comes()
    world.starts()

    def pauses(paused: bool) -> None:
        pause_source(world.standing.room, "Kantor", paused=paused, actor="kepala")

    assert world.runner(DyingRoom(world.standing.room, inside=lambda: pauses(True))).step()
    assert (world.job().state, world.job().read_rows) == (ImportState.RUNNING, PART)
    world.comes(3, "two")
    later = world.runner()
    assert later.step() and world.job("two").state is ImportState.READY
    assert not later.step()
    pauses(False)
    assert later.step() and counts(world.job()) == ("done", ROWS - BAD, 0, BAD)


def test_what_fails_by_a_fault_of_ours_is_over_and_holds_up_no_other(world: World) -> None:
    class Broken(DyingRoom):
        def accept_many(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError("of ours")

    world.comes()
    world.starts()
    assert world.runner(Broken(world.standing.room)).step()
    assert (world.job().state, world.job().fault) == (ImportState.FAILED, "fault: RuntimeError")


def test_who_takes_over_begins_where_the_other_is_now_and_not_where_it_was(world: World) -> None:
    world.comes()
    world.starts()
    first, second = world.runner(DyingRoom(world.standing.room, dies_at=2)), world.runner()
    take = second._lease.take

    def late() -> bool:
        """The other one works between the look for a job and the lease, and leaves."""
        with suppress(Killed):
            first.step()
        first.stop()
        return take()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(second._lease, "take", late)
        assert second.step()
    # The second part was in the room when the other died: it is known, and the first is not read again.
    assert counts(world.job()) == ("done", ROWS - BAD - (PART - 1), PART - 1, BAD)
    assert len(world.refused()) == 1 + BAD


def test_a_process_that_was_overtaken_counts_nothing_any_more(world: World) -> None:
    world.comes()
    world.starts()
    ahead = f"UPDATE import_job SET read_rows = {2 * PART}, rejects = 0"
    world.runner(on_sleep=lambda _: world.touch(lambda c: c.exec_driver_sql(ahead))).step()
    job = world.job()
    assert (job.state, job.read_rows, job.tally.accepted) == (ImportState.RUNNING, 2 * PART, PART - 1)


def test_refused_rows_fill_no_disk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_REJECTS", 100)
    world.comes()
    assert world.runner().step()
    job = world.job()
    assert job.state is ImportState.FAILED and job.fault is not None and "mend the file" in job.fault
    assert not world.files.rejects("one").exists() or world.files.rejects("one").stat().st_size < 200


def test_a_file_that_cannot_be_read_fails_and_says_why(world: World) -> None:
    world.comes(3)
    world.files.table("one").write_bytes(b"%PDF-1.7")
    assert world.runner().step()
    job = world.job()
    assert job.state is ImportState.FAILED and job.fault is not None and "PDF" in job.fault


def test_what_nobody_imports_ends_and_its_file_is_deleted(world: World) -> None:
    world.comes(3)
    world.runner().step()
    stray, coming = (world.files.made() / name for name in ("stray.table", "coming.table"))
    stray.write_text("left by a process that was killed")
    coming.write_text("has no job yet")
    os.utime(stray, (0, 0))
    runner = world.runner()
    runner.sweep()
    assert sorted(path.name for path in world.files.made().glob("*.table")) == ["coming.table", "one.table"]
    world.touch(
        lambda c: c.exec_driver_sql(f"UPDATE import_job SET changed_at = changed_at - {2 * UNUSED.days} * 86400000000")
    )
    assert world.files.rejects("one").exists()
    assert world.touch(forget_jobs) == (("one",), (), ())
    world.runner().sweep()
    assert not world.files.table("one").exists() and not world.files.rejects("one").exists()
