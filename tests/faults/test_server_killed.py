"""The server killed in the middle of some hundred complaints: what was answered is there, once, and walls come back."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.faults.accounts import same_as_fresh, settle_accounts
from tests.faults.flood import Flood, ids
from tests.faults.wall import back, opened
from tests.often import SOAKING
from tests.services.browser import WatchedPage
from tests.services.screen import Watch
from tests.services.server import Server
from tests.services.wait import until

SENT, KILLED_AT = (600, 240) if SOAKING else (200, 90)


def killing_amid(sent: Sequence[str], room: Server) -> Iterator[str]:
    """All of them; between two the server is killed, while others are still to be answered, however slow we are."""
    yield from sent[:KILLED_AT]
    room.kill()
    yield from sent[KILLED_AT:]


@pytest.mark.often
@pytest.mark.server
@pytest.mark.browser
def test_what_was_answered_is_there_once_and_every_screen_comes_back(
    server: Callable[..., Server], watch: Watch, open_page: Callable[..., WatchedPage]
) -> None:
    room = server()
    key = room.last_word("source", "add", "app")
    screen, sent = watch(room.url), ids("a", SENT)
    wall = opened(open_page, room.url)
    until(lambda: screen.current, why="the screen to be current")
    before = Flood(room.url, key, killing_amid(sent, room)).start().finish()
    assert not room.process.running
    room.start()
    settle_accounts(room, key, sent, before)
    same_as_fresh(screen)
    assert screen.joins > 1
    back(wall, screen.store.seq, waiting=SENT)
