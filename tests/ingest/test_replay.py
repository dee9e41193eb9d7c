"""A replay plays a file's history by the room's clock, in order of time however the file is sorted."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.sources.replay import AT_ONCE, Replay, read_history
from liveroom.domain.complaints.model import State
from liveroom.domain.requests import Malformed
from liveroom.room.room import Room
from liveroom.tables.table_plan import parse_map
from tests.ingest.test_import_again import SAMPLE
from tests.rooms.on_sqlite import city, complaints, open_room, set_time

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
TEN = datetime(2026, 11, 20, 3, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return TEN + timedelta(minutes=minutes)


def states(room: Room) -> dict[str, tuple[State, bool]]:
    return {one.source_id: (one.state, one.drill) for one in complaints(room)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "history.csv"
    rows = [
        "source_id,category,reported_at,closed_at",
        f"B,banjir,{at(20).isoformat()},{at(40).isoformat()}",
        f"C,sampah,{at(30).isoformat()},",
        "D,sampah,,",
        f"A,pju_mati,{at(0).isoformat()},{at(25).isoformat()}",
        f"E,pju_mati,{at(30).isoformat()},{at(30).isoformat()}",
        f"F,,{at(30).isoformat()},",
    ]
    path.write_text("\n".join(rows))
    return path


def test_what_is_due_is_played_and_what_comes_next_is_told(file: Path, tmp_path: Path) -> None:
    history = read_history(file, {}, city("tangerang"), NOW)
    assert (history.begins, history.rejected) == (at(0), 2)
    room = open_room(tmp_path / "room.sqlite", kind="drill", at=history.begins)
    replay = Replay(history, room, "s")
    assert replay.step() == at(20)
    assert states(room) == {"A": (State.RECEIVED, True)}
    set_time(room, at(29))
    assert replay.step() == at(30)
    assert states(room) == {"A": (State.DONE, True), "B": (State.RECEIVED, True)}
    set_time(room, at(30))
    assert replay.step() == at(40)
    assert states(room)["C"] == (State.RECEIVED, True)
    assert states(room)["E"] == (State.DONE, True)
    set_time(room, at(600))
    assert replay.step() is None
    assert [one.closed_at for one in complaints(room) if one.source_id == "B"] == [at(40)]


def test_a_replay_from_the_start_doubles_nothing_and_opens_nothing_again(file: Path, tmp_path: Path) -> None:
    history = read_history(file, {}, city("tangerang"), NOW)
    room = open_room(tmp_path / "room.sqlite", kind="drill", at=at(60))
    assert Replay(history, room, "s").step() is None
    before = states(room)
    assert len(before) == len(complaints(room)) == 4
    assert Replay(history, room, "s").step() is None
    assert states(room) == before
    assert len(complaints(room)) == 4


def test_a_crowd_is_played_in_portions(tmp_path: Path) -> None:
    path = tmp_path / "crowd.csv"
    rows = "".join(f"{n},banjir,{TEN.isoformat()}\n" for n in range(AT_ONCE + 10))
    path.write_text("source_id,category,reported_at\n" + rows)
    room = open_room(tmp_path / "room.sqlite", kind="drill", at=TEN)
    replay = Replay(read_history(path, {}, city("tangerang"), NOW), room, "s")
    assert replay.step() == TEN
    assert len(complaints(room)) == AT_ONCE
    assert replay.step() is None
    assert len(complaints(room)) == AT_ONCE + 10


def test_a_file_without_times_cannot_be_played(tmp_path: Path) -> None:
    path = tmp_path / "no_times.csv"
    path.write_text("source_id,category\n1,banjir\n")
    with pytest.raises(Malformed) as caught:
        read_history(path, {}, city("tangerang"), NOW)
    assert caught.value.field == "reported_at"


@pytest.mark.skipif(not SAMPLE.exists(), reason=f"the sample of real requests is not at {SAMPLE.parent}")
def test_five_hours_of_another_city(tmp_path: Path) -> None:
    columns = parse_map("source_id=id,reported_at=created,closed_at=closed")
    history = read_history(SAMPLE, columns, city("newyork"), NOW)
    assert history.rejected == 0
    room = open_room(tmp_path / "room.sqlite", kind="drill", at=history.begins, key="newyork")
    replay = Replay(history, room, "nyc")
    set_time(room, history.begins + timedelta(hours=2))
    while (due := replay.step()) is not None and due <= room.now():
        pass
    seen = complaints(room)
    assert {one.state for one in seen} == {State.RECEIVED, State.DONE}
    assert all(one.received_at <= room.now() for one in seen)
    assert 100 < len(seen) < 900
    set_time(room, NOW)
    while replay.step() is not None:
        pass
    assert len(complaints(room)) == 1000
    assert len(room.open_of("nyc")) == 2
