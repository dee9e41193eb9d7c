"""A backup and what was erased go together: written together, missed when not there, replayed, kept for later."""

import gzip
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from liveroom.domain.complaints.intake import Reporter
from liveroom.log import erasure
from liveroom.log.backup import backup
from liveroom.log.erasure import Erasures, ErasureScope, beside
from liveroom.maintenance.erasure import Eraser
from liveroom.maintenance.restore import RestoreResult, restore_room
from liveroom.room.bootstrap import Start
from liveroom.runtime.config import Config, DatabaseSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.databases import Opener, database, on_file, open_standing, standing
from tests.rooms.standing import StandingRoom
from tests.services.server import ROOT, Server

__all__ = ["database", "on_file", "open_standing", "standing"]
START = Start(kind="test", city="tangerang")
WHO = Reporter(name="Ratna Sari", phone="0812 3456 7890", email=None)


class Machine:
    """A room with a data folder, of which backups are made."""

    def __init__(self, room: StandingRoom, folder: Path) -> None:
        self.room, self.folder = room, folder
        folder.mkdir()
        self.config = Config(city="tangerang", data_dir=str(folder), database=DatabaseSettings(url=room.url))
        self.ledger = Erasures(folder, "test")

    def back_up(self, name: str) -> Path:
        file = self.folder.parent / name
        backup(self.room.log, file, self.ledger)
        return file

    def erase(self, id_: str) -> None:
        Eraser(self.room.room, self.config, ThreadRuntime()).erase((id_,), ErasureScope.ALL, by="test")

    def restore(self, file: Path, *, without: bool = False) -> RestoreResult:
        return restore_room(self.config, ThreadRuntime(), START, file, without_erasures=without)

    def named(self) -> list[str]:
        """Complaints of which somebody's name is in the room."""
        return sorted(row["subject_id"] for row in self.room.tables(["person"])["person"] if row["name"])


@pytest.fixture(autouse=True)
def made_without_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveroom.maintenance.restore.pending", lambda _engine: False)


@pytest.fixture
def machine(standing: StandingRoom, tmp_path: Path) -> Machine:
    return Machine(standing, tmp_path / "old")


@pytest.fixture
def another(open_standing: Opener, tmp_path: Path) -> Machine:
    return Machine(open_standing(), tmp_path / "new")


def test_on_another_machine_the_pair_is_enough_and_one_alone_is_not(machine: Machine, another: Machine) -> None:
    """An older backup comes back with the erasures of the newest one, and they stay for the next time."""
    gone, kept = (machine.room.receive(person=WHO, description="Ratna Sari menelepon") for _ in range(2))
    old = machine.back_up("old.jsonl.gz")
    machine.erase(gone)
    new = machine.back_up("new.jsonl.gz")
    beside(old).write_bytes(beside(new).read_bytes())
    before = another.room.tables(["person", "event"])
    copy = beside(old).read_bytes()
    beside(old).unlink()
    with pytest.raises(ValueError, match=r"old\.jsonl\.gz\.erasures .*--without-erasures"):
        another.restore(old)
    assert another.room.tables(["person", "event"]) == before
    beside(old).write_bytes(copy)
    done = another.restore(old)
    assert (done.erasures, done.alone) == (1, True)
    assert another.named() == [kept]
    # The copy is gone with the stick that it came on; the data folder knows.
    beside(old).unlink()
    assert another.restore(old).alone is False
    assert another.named() == [kept]


def test_erased_after_the_backup_is_erased_again_by_the_data_folder(machine: Machine) -> None:
    gone, kept = (machine.room.receive(person=WHO) for _ in range(2))
    file = machine.back_up("room.jsonl.gz")
    machine.erase(gone)
    done = machine.restore(file)
    assert (done.erasures, done.alone) == (1, False)
    assert machine.named() == [kept]
    # A backup of an earlier version has nothing beside it: the data folder is enough there too.
    beside(file).unlink()
    machine.restore(file)
    assert machine.named() == [kept]


def test_a_room_that_lost_its_file_of_erasures_remembers_what_it_erased(machine: Machine) -> None:
    gone = machine.room.receive(person=WHO)
    file = machine.back_up("room.jsonl.gz")
    machine.erase(gone)
    machine.ledger.path.unlink()
    before = machine.room.head()
    with pytest.raises(ValueError, match=rf"1 complaints that no file of erasures names, such as {gone}"):
        machine.restore(file)
    assert (machine.room.head(), machine.named()) == (before, [])
    machine.restore(file, without=True)
    assert machine.named() == [gone]


def test_without_erasures_is_said_and_done(machine: Machine, another: Machine) -> None:
    id_ = machine.room.receive(person=WHO)
    file = machine.folder.parent / "room.jsonl.gz"
    backup(machine.room.log, file)
    with pytest.raises(ValueError, match="file of erasures is missing"):
        another.restore(file)
    done = another.restore(file, without=True)
    assert (done.events, done.erasures, another.named()) == (machine.room.head().seq, 0, [id_])
    # Nobody vouched for anything: the next one is asked for its erasures as the first was.
    assert not another.ledger.path.exists()
    with pytest.raises(ValueError, match="file of erasures is missing"):
        another.restore(file)


def test_a_restore_that_fails_leaves_no_file_of_erasures_behind(
    machine: Machine, another: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = machine.room.receive(person=WHO)
    machine.erase(gone)
    file = machine.back_up("room.jsonl.gz")

    def fail(_connection: object) -> int:
        raise OSError("no space left")

    with monkeypatch.context() as full:
        full.setattr("liveroom.maintenance.restore.remake", fail)
        with pytest.raises(OSError, match="no space left"):
            another.restore(file)
    assert not another.ledger.path.exists()
    assert another.restore(file).erasures == 1
    assert [one.complaint for one in another.ledger] == [gone]


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut off at a line": lambda whole: b"".join(whole.splitlines(keepends=True)[:-1]),
    "cut off in a line": lambda whole: whole[:-9],
    "a line missing": lambda whole: b"".join(whole.splitlines(keepends=True)[::2]),
    "another format": lambda whole: whole.replace(b"erasures/1", b"erasures/9"),
    "of another room": lambda whole: whole.replace(b'"kind":"test"', b'"kind":"real"'),
    "no such thing": lambda _: b"a shopping list\n",
    "bytes": lambda whole: whole.replace(b"sari", b"\xff\xfe"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_copy_stops_the_restore_before_anything_changes(
    on_file: StandingRoom, tmp_path: Path, how: str
) -> None:
    machine = Machine(on_file, tmp_path / "old")
    machine.erase(machine.room.receive(person=WHO))
    file = machine.back_up("room.jsonl.gz")
    beside(file).write_bytes(BROKEN[how](beside(file).read_bytes().replace(b'"by":"test"', b'"by":"sari"')))
    before, ledger = machine.room.head(), machine.ledger.path.read_bytes()
    for without in (False, True):
        with pytest.raises(ValueError, match=r"room\.jsonl\.gz\.erasures is"):
            machine.restore(file, without=without)
    assert (machine.room.head(), machine.ledger.path.read_bytes()) == (before, ledger)


@pytest.mark.parametrize("renames", [0, 1, 2])
def test_killed_at_any_name_no_backup_stands_without_its_erasures(
    on_file: StandingRoom, tmp_path: Path, renames: int
) -> None:
    machine = Machine(on_file, tmp_path / "old")
    machine.erase(machine.room.receive(person=WHO))
    file = tmp_path / "room.jsonl.gz"
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from liveroom.log.event_log import EventLog\n"
        "from liveroom.log.engine import open_engine\n"
        "from liveroom.log.erasure import Erasures\n"
        "from liveroom.log.backup import backup\n"
        "from liveroom.runtime.server.thread_mode import ThreadRuntime\n"
        "url, folder, file, left = *sys.argv[1:4], [int(sys.argv[4])]\n"
        "plain = Path.replace\n"
        "def replace(self, target):\n"
        "    if not left[0]:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    left[0] -= 1\n"
        "    return plain(self, target)\n"
        "Path.replace = replace\n"
        "log = EventLog(open_engine(url), ThreadRuntime(), lambda _seq: None)\n"
        "backup(log, Path(file), Erasures(Path(folder), 'test'))\n"
    )
    words = [sys.executable, "-c", program, on_file.url, str(machine.folder), str(file), str(renames)]
    ended = subprocess.run(words, cwd=ROOT, check=False, timeout=120).returncode
    assert ended == (-9 if renames < 2 else 0)
    assert (beside(file).exists(), file.exists()) == (renames > 0, renames > 1)
    if renames > 1:
        assert gzip.decompress(file.read_bytes()).startswith(b'{"format"')
        assert len(machine.ledger.read_copy(beside(file))) == 1


def test_what_is_erased_while_a_backup_is_written_is_beside_it(
    on_file: StandingRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(on_file, tmp_path / "old")
    gone = machine.room.receive(person=WHO)
    plain = Erasures.copy_to

    def late(self: Erasures, path: Path) -> int:
        machine.erase(gone)
        return plain(self, path)

    monkeypatch.setattr(erasure.Erasures, "copy_to", late)
    file = machine.back_up("room.jsonl.gz")
    assert b"Ratna" in gzip.decompress(file.read_bytes())
    assert [one.complaint for one in machine.ledger.read_copy(beside(file))] == [gone]


@pytest.mark.server
def test_the_commands_say_what_is_missing_and_what_was_done(server: Callable[..., Server], tmp_path: Path) -> None:
    room = server()
    file = tmp_path / "room.jsonl.gz"
    assert room.command("backup", str(file)).stdout.endswith(f"are in {file}; keep {file.name}.erasures with it\n")
    assert beside(file).stat().st_mode & 0o077 == 0
    room.stop()
    beside(file).unlink()
    refused = room.command("restore", str(file), check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: the file of erasures is missing: ")
    assert "--without-erasures" in refused.stderr
    done = room.command("restore", str(file), "--without-erasures")
    assert done.stdout.endswith(" events restored\n")
    assert "warning: there was no erasures-real.jsonl in the data folder" in done.stderr
    # Nobody has vouched for anything by that.
    assert room.command("restore", str(file), check=False).stderr.startswith("Error: the file of erasures is missing: ")
