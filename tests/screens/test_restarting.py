"""The planned restart of the screens (CR-110): one after another, and none while an alarm waits for somebody."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from liveroom.accounts.screens import restarting_screen
from tests.display.alarm_room import NOON, AlarmRoom
from tests.people.house import People
from tests.services.server import Server

pytestmark = pytest.mark.server


def test_cr_110_one_screen_a_minute_and_none_while_an_alarm_waits(
    server: Callable[..., Server], tmp_path: Path
) -> None:
    line = tmp_path / "time"
    line.write_text(NOON + "\n")
    room = AlarmRoom(server(env={"LIVEROOM_TIME_FILE": str(line)}), line)

    token = room.server.last_word("screen", "add", "Dinding")
    # Before the first turn, which lasts a minute of real time and not longer on a slow machine.
    people = People(room.server.data, "test")

    def turn(**headers: str) -> int:
        return httpx.post(f"{room.url}/feed/turn", json={}, headers=headers, timeout=60).status_code

    room.receive("K-1")
    assert turn() == 409
    for alarm in room.alarms():
        assert room.post(alarm, "acknowledge").status_code == 200
    assert [turn(Authorization=f"Bearer {token}"), turn(), turn(Authorization=f"Bearer {token}")] == [204, 409, 409]
    assert people.log.read(restarting_screen) == "dinding"
