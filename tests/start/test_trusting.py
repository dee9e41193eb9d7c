"""Whoever runs a room is told what its own machine may do without a credential."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.services.server import Server

pytestmark = [pytest.mark.server]


def test_a_real_room_warns_of_what_its_machine_may_see_and_tells_the_truth(
    server: Callable[..., Server], tmp_path: Path
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("city: tangerang\n")
    data = tmp_path / "room"
    env = {"LIVEROOM_CONFIG": str(config), "LIVEROOM_PASSWORD": "kata sandi yang panjang"}
    room = server(env=env, data=data)
    assert "warning: nobody can log in yet: anybody on this machine sees everything" in room.log()
    room.command("user", "add", "dewi", "--role", "admin")
    told = room.command("doctor")
    assert told.stdout.strip() == "no findings"
    assert "warning: anybody on this machine may look at every feed, also the desk's" in told.stderr
    assert httpx.get(f"{room.url}/feed/snapshot?audience=desk", timeout=30).status_code == 200
    assert httpx.get(f"{room.url}/api/v1/complaints", timeout=30).status_code == 401

    room.stop()
    config.write_text("city: tangerang\nserver:\n  behind_proxy: true\n")
    room.start()
    assert "warning" not in room.command("doctor").stderr
    assert httpx.get(f"{room.url}/feed/snapshot?audience=desk", timeout=30).status_code == 401
