"""One screen that stops reading: it is cut off, the others notice nothing, and it comes back where it was."""

from collections.abc import Callable, Sequence

import httpx
import pytest

from tests.faults.accounts import same_as_fresh
from tests.faults.flood import complaint, ids
from tests.faults.measured import measured
from tests.faults.screen import Screen, Watch
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]
Serve = Callable[..., Server]
# Few enough for a resume by batches, and 50 kB each time they all change: enough to fill what the kernel holds.
CHANGING = ids("a", 100)
FILLING, LONGEST = 10, 500


def change(client: httpx.Client, room: Server, names: Sequence[str], round_: int) -> None:
    """Amend complaints, in one transaction."""
    body = [complaint(name) | {"lat": round(-6.15 - round_ / 100_000, 5)} for name in names]
    assert client.post(f"{room.url}/api/v1/complaints", json=body).status_code == 200


def change_until_one_is_cut_off(client: httpx.Client, room: Server) -> None:
    """Large batches until nothing more goes out to the one that does not read, then small ones that queue up."""
    for round_ in range(1, FILLING):
        change(client, room, CHANGING, round_)
    for round_ in range(FILLING, LONGEST):
        if measured(room.url, "liveroom_clients_cut_off_total"):
            return
        change(client, room, CHANGING[:1], round_)


@pytest.mark.parametrize("mode", ["eventlet", "gevent", "threading"])
def test_it_is_cut_off_and_resumes_while_the_others_notice_nothing(server: Serve, watch: Watch, mode: str) -> None:
    room = server(env={"LIVEROOM_ASYNC_MODE": mode})
    key = room.last_word("source", "add", "app")
    slow: Screen = watch(room.url, receive_buffer=4096)
    others = [watch(room.url) for _ in range(20)]
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        change(client, room, CHANGING, 0)
        until(lambda: all(screen.at(len(CHANGING)) for screen in (slow, *others)), why="all to be current")
        with slow.not_reading():
            change_until_one_is_cut_off(client, room)
            assert measured(room.url, "liveroom_clients_cut_off_total") == 1
            until(lambda: measured(room.url, "liveroom_clients") == 20, why="nothing to be kept for it")
            same_as_fresh(others[0])
    until(lambda: slow.joins == 2, within=30, why="the slow one to come back")
    for screen in (slow, *others):
        same_as_fresh(screen)
    assert slow.loads == 1, "batches alone brought it back"
    assert {(screen.joins, screen.loads) for screen in others} == {(1, 1)}
