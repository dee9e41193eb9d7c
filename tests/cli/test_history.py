"""``--history``: for a drill alone, in weeks; whoever comes before the room is open is told how far it is."""

import socket
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from cli.context import CliError
from cli.main import cli
from cli.weeks import Doorman, weeks_of
from liveroom.room.bootstrap import Start, resume_time
from liveroom.runtime.config import ServerSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from liveroom.runtime.time import system_now
from tests.rooms.staffed import People


def test_a_real_room_refuses_it() -> None:
    with pytest.raises(CliError, match="--history belongs to --drill"):
        cli.main(["--history", "8w"], standalone_mode=False)


@pytest.mark.parametrize("wrong", ["8", "0w", "13w", "8weeks", "-1w", "8d"])
def test_it_is_a_number_of_weeks(wrong: str) -> None:
    with pytest.raises(ValueError, match="from 1w to 12w"):
        weeks_of(wrong)


def test_weeks_and_none() -> None:
    assert (weeks_of(""), weeks_of("1w"), weeks_of("12w")) == (0, 1, 12)


def test_the_port_says_how_far_it_is_and_is_free_afterwards(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    doorman = Doorman(languages=("id", "en"), weeks=8, left=8)
    with doorman.answering(ServerSettings(port=port), ThreadRuntime()):
        doorman.note(3)
        page = httpx.get(f"http://127.0.0.1:{port}/wall", headers={"Accept": "text/html"}, timeout=60)
        told = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=60)
    assert page.status_code == told.status_code == 503
    assert "8 minggu" in page.text and "3 to go" in page.text
    assert page.headers["Refresh"] == told.headers["Retry-After"] == "2"
    assert told.json()["reasons"] == ["history: 3 of 8 weeks to go"]
    assert "weeks to go: 3" in capsys.readouterr().out
    socket.create_server(("127.0.0.1", port)).close()


def test_a_drill_that_is_told_no_time_begins_now(tmp_path: Path) -> None:
    opened = People(tmp_path, kind="drill").opened
    resume_time(opened.room.log, Start(kind="drill", city="tangerang", rate=60))
    assert abs(opened.room.now() - system_now()) < timedelta(days=1)
