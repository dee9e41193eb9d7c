"""``--history``: for a drill alone, in weeks; whoever comes before the room is open is told how far it is."""

import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from click import UsageError

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


def test_a_command_that_serves_a_part_refuses_it() -> None:
    with pytest.raises(UsageError, match="--history belongs to"):
        cli.main(["--drill", "--history", "8w", "web"], standalone_mode=False)


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
        head = httpx.head(f"http://127.0.0.1:{port}/wall", timeout=60)
        alive = httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=60)
        sent = httpx.post(f"http://127.0.0.1:{port}/api/v1/complaints", content=b"x" * 2_000_000, timeout=60)
    assert page.status_code == told.status_code == head.status_code == sent.status_code == 503
    assert (alive.status_code, alive.json(), head.content) == (200, {"status": "ok"}, b"")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "8 minggu" in page.text and "3 to go" in page.text
    assert page.headers["Refresh"] == told.headers["Retry-After"] == "2"
    assert told.json()["reasons"] == ["history: 3 of 8 weeks to go"]
    assert "weeks to go: 3" in capsys.readouterr().out
    socket.create_server(("127.0.0.1", port)).close()


def test_an_error_in_an_answer_does_not_keep_the_room_from_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_doorman: Doorman, _head: bytes) -> bytes:
        raise RuntimeError("a text is missing")

    class Spawned(ThreadRuntime):
        def spawn(self, act: Callable[..., object], *given: object) -> None:
            def quietly() -> None:
                with suppress(RuntimeError):
                    act(*given)

            super().spawn(quietly)

    monkeypatch.setattr(Doorman, "_response", fail)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    doorman = Doorman(languages=("id",), weeks=1, left=1)
    with doorman.answering(ServerSettings(port=port), Spawned()), pytest.raises(httpx.HTTPError):
        httpx.get(f"http://127.0.0.1:{port}/wall", timeout=60)
    assert doorman.gone.is_set()


def test_a_drill_that_is_told_no_time_begins_now(tmp_path: Path) -> None:
    opened = People(tmp_path, kind="drill").opened
    resume_time(opened.room.log, Start(kind="drill", city="tangerang", rate=60))
    assert abs(opened.room.now() - system_now()) < timedelta(days=1)
