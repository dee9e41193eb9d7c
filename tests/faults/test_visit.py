"""Visit mode on twelve screens: none is left out, and one that was away comes back masked, its own copy purged."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.wall import SMALL
from tests.rooms.alarm_room import NOON, AlarmRoom
from tests.services.browser import WatchedPage
from tests.services.screen import Screen, Watch
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server, pytest.mark.browser]
# Which log's copy the page keeps in this browser; the place for it is the page's own to make, whenever it comes to it.
COPY = """async () => {
  const done = (asked) => new Promise((go) => {
    asked.onupgradeneeded = () => asked.transaction.abort();
    asked.onsuccess = () => go(asked.result);
    asked.onerror = () => go(null);
  });
  const database = await done(indexedDB.open("liveroom-wall"));
  if (!database) return "";
  const copy = await done(database.transaction("copy").objectStore("copy").get("last"));
  database.close();
  return copy ? copy.epoch : "";
}"""


def order(room: AlarmRoom, name: str, **fields: object) -> int:
    body = {"command_id": name, "actor": "rina", "role": "supervisor", **fields}
    answer = httpx.post(f"{room.url}/api/v1/room/{name}", json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["seq"])


def masked(screen: Screen) -> bool:
    cards = list(screen.store.cards.values())
    return screen.current and bool(cards) and all(card["category"] is None for card in cards)


def shows_guests(wall: WatchedPage) -> bool:
    return wall.page.locator(".visit-mark").get_attribute("data-shown") == "true"


def opened(server: Callable[..., Server], folder: Path) -> AlarmRoom:
    """A room with a private matter in it."""
    line = folder / "time"
    line.write_text(NOON + "\n")
    room = AlarmRoom(server(env={"LIVEROOM_TIME_FILE": str(line)}), line)
    room.receive("K-1", category="kecelakaan")
    return room


def test_cr_81_twelve_screens_are_masked_and_one_that_was_away_comes_back_so(
    server: Callable[..., Server], tmp_path: Path, watch: Watch, open_page: Callable[..., WatchedPage]
) -> None:
    room = opened(server, tmp_path)
    screens = [watch(room.url) for _ in range(10)]
    walls = [open_page(f"{room.url}/wall?scene=map", **SMALL) for _ in range(2)]
    until(lambda: all(screen.at(1) for screen in screens), why="all to be there")
    until(lambda: all(wall.state("freshness") == "live" for wall in walls), why="the walls to be live")
    epoch = str(walls[0].state("epoch"))
    until(lambda: walls[1].page.evaluate(COPY) == epoch, why="the wall to keep a copy")
    walls[1].page.context.set_offline(True)
    until(lambda: walls[1].state("freshness") != "live", why="it to be cut off")
    began = order(room, "begin_visit", welcome="Selamat datang")
    until(lambda: all(masked(screen) for screen in screens), why="ten screens to be masked")
    until(lambda: shows_guests(walls[0]) and walls[0].state("epoch") != epoch, why="the wall to be masked")
    assert {screen.store.epoch for screen in screens} == {walls[0].state("epoch")}
    walls[1].page.context.set_offline(False)
    until(lambda: walls[1].state("epoch") == walls[0].state("epoch"), why="it to come back masked")
    until(lambda: walls[1].page.evaluate(COPY) != epoch, why="its copy to be purged")
    assert int(str(walls[1].state("seq"))) >= began
    for wall in walls:
        assert wall.page.get_by_role("button").count() == 0
        assert "rina" not in wall.page.inner_text("body")
    # It freezes nothing: an update and an alarm arrive.
    room.receive("K-2", category="kebakaran")
    until(lambda: all(wall.state("alarms") == "2" for wall in walls), why="a new alarm on both")
    still_masked: list[Any] = [card for card in screens[0].store.cards.values() if card["category"] == "kecelakaan"]
    assert not still_masked
