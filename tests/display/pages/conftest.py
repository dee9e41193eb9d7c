"""A test room whose time stands, and desks at which somebody sits."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.rooms.alarm_room import NOON, AlarmRoom
from tests.rooms.post_room import city, system
from tests.services.desk_hands import DeskHands
from tests.services.server import Server

__all__ = ["city", "system"]


@pytest.fixture
def room(server: Callable[..., Server], tmp_path: Path) -> AlarmRoom:
    line = tmp_path / "time"
    line.write_text(NOON + "\n")
    return AlarmRoom(server(env={"LIVEROOM_TIME_FILE": str(line)}), line)


@pytest.fixture
def sit(browser: Browser, room: AlarmRoom) -> Iterator[Callable[..., DeskHands]]:
    """Return `sit(name, role="duty", path="/desk", **context)`: a desk with somebody at it, on a small still screen."""
    desks: list[DeskHands] = []

    def open_one(name: str, role: str = "duty", path: str = "/desk", **options: Any) -> DeskHands:
        options = {"viewport": {"width": 1280, "height": 720}, "reduced_motion": "reduce", **options}
        desks.append(DeskHands(browser, f"{room.url}{path}", name, role, **options))
        return desks[-1]

    yield open_one
    for desk in desks:
        desk.close()
