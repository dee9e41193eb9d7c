"""The server killed in the middle of two thousand complaints: what was answered is there, once, and walls come back."""

from collections.abc import Callable

import pytest

from tests.faults.accounts import same_as_fresh, settle_accounts
from tests.faults.flood import Flood, ids
from tests.faults.screen import Watch
from tests.faults.wall import back, opened
from tests.services.browser import WatchedPage
from tests.services.server import Server
from tests.services.wait import until


@pytest.mark.server
@pytest.mark.browser
def test_what_was_answered_is_there_once_and_every_screen_comes_back(
    server: Callable[..., Server], watch: Watch, open_page: Callable[..., WatchedPage]
) -> None:
    room = server()
    key = room.last_word("source", "add", "app")
    screen, sent = watch(room.url), ids("a", 2000)
    wall = opened(open_page(f"{room.url}/wall"))
    until(lambda: screen.current, why="the screen to be current")
    flood = Flood(room.url, key, sent).start()
    until(lambda: flood.count(201) >= 700, within=60, why="700 answers")
    room.kill()
    before = flood.finish()
    room.start()
    settle_accounts(room, key, sent, before)
    same_as_fresh(screen)
    assert screen.joins > 1
    back(wall, screen.store.seq, waiting=2000)
