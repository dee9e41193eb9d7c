"""A backup is the log of one moment in a file; restored, the room is the same in either database, or untouched."""

import errno
import gzip
import json
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from liveroom.domain.timestamps import to_micros
from liveroom.log import backup as portable
from liveroom.log import schema
from liveroom.log.backup import BadBackup, backup
from liveroom.log.event_log import database_now
from liveroom.log.lease import write_pulse
from liveroom.log.schema import PROJECTION, TRUTH
from liveroom.maintenance.restore import refuse_running, replace_room
from liveroom.projection.audit import examine
from tests.rooms.databases import Opener
from tests.rooms.journey import walk
from tests.rooms.standing import StandingRoom

KEPT = [table.name for table in TRUTH if table is not schema.head]
ADDING_UP = (schema.total, schema.tally, schema.agency_total)  # these keep zeros, which a rebuild does not make
PROJECTED = [table.name for table in PROJECTION if table not in ADDING_UP]
EVERYTHING = [table.name for table in schema.metadata.sorted_tables]


def restore(standing: StandingRoom, file: Path, *, kind: str = "test", city: str = "tangerang") -> int:
    return standing.log.touch(lambda c: replace_room(c, file, kind=kind, city=city, note=lambda _: None))


def by_key(tables: dict[str, list[dict[str, Any]]]) -> dict[str, dict[Any, dict[str, Any]]]:
    keys = {name: [column.name for column in schema.metadata.tables[name].primary_key.columns] for name in tables}
    return {name: {tuple(row[key] for key in keys[name]): row for row in rows} for name, rows in tables.items()}


@pytest.fixture
def other_kind(database: Callable[[], str], request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of the kind that `database` is not."""
    if database().startswith("sqlite"):
        return request.getfixturevalue("postgres").fresh_database()
    return f"sqlite:///{tmp_path / 'other.db'}"


@pytest.mark.postgres
def test_restored_the_room_is_the_same_under_a_new_epoch(
    walked: StandingRoom, open_standing: Opener, other_kind: str, tmp_path: Path
) -> None:
    room, file = walked, tmp_path / "room.backup"
    room.receive(person=None, description="Ratna: \u202e\U0001f6a7 'x' \"y\" \\ \n")
    assert backup(room.log, file) == room.head().seq
    one, was = room.head(), by_key(room.tables(KEPT + PROJECTED))
    known = room.accept("J-b").id
    for into in ("", other_kind):
        fresh = open_standing(into)
        fresh.receive("to be replaced")
        assert restore(fresh, file) == one.seq
        assert by_key(fresh.tables(KEPT + PROJECTED)) == was
        other = fresh.head()
        assert (other.seq, other.mark, other.origin, other.time) == (one.seq, one.mark, one.origin, one.time)
        assert other.epoch != one.epoch
        assert examine(fresh.log, sample=500) == []
        # Life goes on where it was.
        assert fresh.accept("J-b").id == known
        assert fresh.receive("a new one")
        assert examine(fresh.log, sample=500) == []


def test_a_backup_holds_one_moment_though_the_room_lives_on(
    standing: StandingRoom, open_standing: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        standing.receive()
    monkeypatch.setattr("liveroom.log.backup.AT_ONCE", 7)
    plain, seq = portable._write, standing.head().seq

    def write_and_live(file: gzip.GzipFile, value: Any) -> None:
        if value.get("table") == "event" and value["row"]["seq"] % 5 == 0:
            standing.receive(description="nebenbei")
        plain(file, value)

    monkeypatch.setattr(portable, "_write", write_and_live)
    assert backup(standing.log, tmp_path / "room.backup") == seq
    assert standing.head().seq > seq
    fresh = open_standing()
    restore(fresh, tmp_path / "room.backup")
    assert fresh.head().seq == seq
    assert len(fresh.tables(["text"])["text"]) == 0
    assert examine(fresh.log, sample=500) == []


def test_a_backup_holds_no_projection_pulse_or_lease(on_file: StandingRoom, tmp_path: Path) -> None:
    walk(on_file)
    backup(on_file.log, tmp_path / "room.backup")
    with gzip.open(tmp_path / "room.backup", "rt", encoding="utf-8") as lines:
        first, *rows, last = (json.loads(line) for line in lines)
    assert first == {"format": "liveroom-backup/1"}
    assert last == {"end": on_file.head().seq}
    assert {row["table"] for row in rows} <= {table.name for table in TRUTH}


def test_a_half_written_backup_never_has_the_name_of_a_whole_one(
    on_file: StandingRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_file.receive()
    backup(on_file.log, tmp_path / "room.backup")
    before = (tmp_path / "room.backup").read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("liveroom.log.backup._write", full)
    with pytest.raises(OSError, match="No space") as failed:
        backup(on_file.log, tmp_path / "room.backup")
    assert failed.value.filename == str(tmp_path / "room.backup")
    assert (tmp_path / "room.backup").read_bytes() == before
    assert list(tmp_path.glob("*.part")) == []  # it would hold names and telephone numbers


def _lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return file.readlines()


def _rewritten(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    lines = change(_lines(path))
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(lines)


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for index in range(len(data) // 2, len(data) // 2 + 40):
        data[index] ^= 0xFF
    path.write_bytes(data)


def _short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: -(path.stat().st_size // 3)])


BROKEN: dict[str, Callable[[Path], object]] = {
    "cut off in the compressed bytes": _short,
    "bytes flipped": _flip,
    "last line missing": lambda path: _rewritten(path, lambda lines: lines[:-1]),
    "an event missing": lambda path: _rewritten(
        path, lambda lines: [line for line in lines if '"seq":3,' not in line or "event" not in line]
    ),
    "no head": lambda path: _rewritten(path, lambda lines: [line for line in lines if '"table":"head"' not in line]),
    "another format": lambda path: _rewritten(path, lambda lines: ['{"format":"liveroom-backup/99"}\n', *lines[1:]]),
    "an unknown table": lambda path: _rewritten(
        path, lambda lines: [*lines[:-1], '{"table":"secret","row":{}}\n', lines[-1]]
    ),
    "an unknown column": lambda path: _rewritten(
        path, lambda lines: [line.replace('"subject_id"', '"colour"') for line in lines]
    ),
    "a line that is no object": lambda path: _rewritten(path, lambda lines: [*lines[:-1], "[1, 2]\n", lines[-1]]),
    "no gzip at all": lambda path: path.write_text("complaints\n"),
    "empty": lambda path: path.write_bytes(b""),
}


def test_a_broken_backup_is_refused_and_the_room_stays_as_it_was(standing: StandingRoom, tmp_path: Path) -> None:
    standing.until_working()
    standing.tick()
    whole, file = tmp_path / "whole.backup", tmp_path / "room.backup"
    backup(standing.log, whole)
    standing.receive("after the backup")
    before = standing.tables(EVERYTHING)
    for how, breaks in BROKEN.items():
        shutil.copy(whole, file)
        breaks(file)
        with pytest.raises(BadBackup):
            restore(standing, file)
        assert standing.tables(EVERYTHING) == before, how
    restore(standing, whole)


def test_a_backup_of_another_room_is_refused(standing: StandingRoom, tmp_path: Path) -> None:
    standing.receive()
    backup(standing.log, tmp_path / "room.backup")
    before = standing.tables(EVERYTHING)
    for kind, city in (("real", "tangerang"), ("test", "newyork")):
        with pytest.raises(BadBackup, match="not the"):
            restore(standing, tmp_path / "room.backup", kind=kind, city=city)
        assert standing.tables(EVERYTHING) == before, (kind, city)


def test_a_drill_s_backup_never_replaces_a_real_room(open_standing: Opener, tmp_path: Path) -> None:
    """Also when the command aims a drill at the real room's database: its kind is kept for ever."""
    drill, real = open_standing(kind="drill"), open_standing(kind="real")
    drill.receive()
    real.receive("a real one")
    backup(drill.log, tmp_path / "drill.backup")
    before = real.tables(EVERYTHING)
    with pytest.raises(BadBackup, match="real"):
        restore(real, tmp_path / "drill.backup", kind="drill")
    assert real.tables(EVERYTHING) == before


def test_nothing_is_restored_under_a_running_clock(standing: StandingRoom) -> None:
    standing.tick()
    with pytest.raises(ValueError, match="running"):
        standing.read(refuse_running)
    standing.log.touch(lambda c: c.execute(update(schema.pulse).values(real_at=0)))
    standing.read(refuse_running)
    standing.log.touch(lambda c: write_pulse(c, counter=1, due_to=standing.now))
    with pytest.raises(ValueError, match="running"):
        standing.read(refuse_running)
    # Of a machine whose time was an hour ahead and is right again: nobody beats.
    ahead = standing.read(database_now) + timedelta(hours=1)
    standing.log.touch(lambda c: c.execute(update(schema.pulse).values(real_at=to_micros(ahead))))
    standing.read(refuse_running)


def test_an_older_database_file_put_back_is_a_whole_room(on_file: StandingRoom, tmp_path: Path) -> None:
    """The copy of a file shares its log's epoch but not what came after: its marks tell them apart."""
    on_file.receive()
    seq, mark = on_file.head().seq, on_file.head().mark
    on_file.close()
    shutil.copy(tmp_path / "room.db", tmp_path / "old.db")
    on_file.receive("only in the new one")
    old = StandingRoom(f"sqlite:///{tmp_path / 'old.db'}")
    old.receive("only in the old one")
    assert old.head().epoch == on_file.head().epoch
    assert (old.events()[seq - 1].mark, on_file.events()[seq - 1].mark) == (mark, mark)
    assert old.events()[seq].mark != on_file.events()[seq].mark
    assert examine(old.log, sample=10) == []
    old.close()
