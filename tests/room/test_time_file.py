"""A test room's time is a line in a file: forward at once, never back, and a moment of outage loses no change."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from liveroom.domain.timestamps import to_text
from liveroom.log.engine import Unavailable
from liveroom.room.clock import Clock, TimeFile
from tests.rooms.standing import START, StandingRoom

URGENT_FORWARD = timedelta(minutes=2)


@pytest.fixture
def line(tmp_path: Path) -> Path:
    path = tmp_path / "time"
    path.write_text(to_text(START) + "\n")
    return path


def test_room_time_stands_at_the_line_and_follows_it_forward(standing: StandingRoom, line: Path) -> None:
    clock = Clock(standing.room, TimeFile(line))
    clock.tick()
    assert standing.now == START
    id_ = standing.receive(category="kebakaran")
    line.write_text("2026-11-24T09:02:00+07:00")
    clock.tick()
    assert standing.now == START + URGENT_FORWARD
    assert [(e.event.id, e.event.at) for e in standing.events() if e.event.kind == "deadline.passed"] == [
        (id_, START + URGENT_FORWARD)
    ]


def test_an_earlier_line_is_ignored_and_told(
    standing: StandingRoom, line: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = TimeFile(line)
    file.apply(standing.log)
    line.write_text(to_text(START - timedelta(seconds=1)))
    assert file.moved()
    file.apply(standing.log)
    assert standing.now == START
    assert "ignored" in caplog.text
    assert not file.moved()


@pytest.mark.parametrize("content", ["", "half past nine", "2026-11-24T09:00:00", "\xff\xfe"])
def test_a_file_without_a_time_changes_nothing(standing: StandingRoom, line: Path, content: str) -> None:
    file = TimeFile(line)
    file.apply(standing.log)
    line.write_text(content, encoding="latin-1")
    file.apply(standing.log)
    assert standing.now == START
    line.write_text(to_text(START + timedelta(days=1)))
    file.apply(standing.log)
    assert standing.now == START + timedelta(days=1)


def test_a_missing_file_changes_nothing(standing: StandingRoom, line: Path) -> None:
    file = TimeFile(line)
    file.apply(standing.log)
    line.unlink()
    assert not file.moved()
    file.apply(standing.log)
    assert standing.now == START


def test_a_change_is_not_lost_when_the_database_was_away_at_that_moment(
    standing: StandingRoom, line: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = TimeFile(line)
    file.apply(standing.log)
    later = START + timedelta(hours=1)
    line.write_text(to_text(later))
    with monkeypatch.context() as away, pytest.raises(Unavailable):
        away.setattr(standing.log, "write", _unavailable)
        file.apply(standing.log)
    file.apply(standing.log)
    assert standing.now == later


def _unavailable(_work: object) -> None:
    raise Unavailable("down")


def test_every_jump_dates_events_when_they_were_due(standing: StandingRoom, line: Path) -> None:
    clock = Clock(standing.room, TimeFile(line))
    clock.tick()
    standing.until_working()
    for moment in (START + timedelta(days=2), START + timedelta(days=20)):
        line.write_text(to_text(moment))
        clock.tick()
    ats: list[datetime] = [e.event.at for e in standing.events() if e.event.kind == "deadline.passed"]
    assert ats
    assert all(START < at <= START + timedelta(days=20) for at in ats)
    assert standing.now == START + timedelta(days=20)
