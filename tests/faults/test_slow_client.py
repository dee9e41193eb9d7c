"""One screen that stops reading: it is cut off, the others notice nothing, and it comes back where it was."""

import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.faults.accounts import same_as_fresh
from tests.faults.flood import complaint, ids
from tests.often import SOAKING
from tests.services.measured import measured
from tests.services.screen import Screen, Watch
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]
Serve = Callable[..., Server]
# Few enough for a resume by batches; all of them at once are 200 kB, so twice fill what the kernel holds.
CHANGING = ids("a", 400)
FILLING, LONGEST_S = 3, 240
PATIENT = "tests/faults/patient_room.py"
CUT_OFF = "liveroom_clients_cut_off_total"
OTHERS = 8 if SOAKING else 2


def change(client: httpx.Client, room: Server, names: Sequence[str], round_: int) -> int:
    """Amend complaints; returns the last seq."""
    body = [complaint(name) | {"lat": round(-6.15 - round_ / 100_000, 5)} for name in names]
    answer = client.post(f"{room.url}/api/v1/complaints", json=body)
    assert answer.status_code == 200
    return max(int(result["seq"]) for result in answer.json()["results"])


def change_until_one_is_cut_off(client: httpx.Client, room: Server, other: Screen) -> None:
    """Large batches until nothing more goes out to the one that does not read, then small ones that queue up."""
    for round_ in range(1, FILLING):
        seq = change(client, room, CHANGING, round_)
        until(lambda seq=seq: other.at(seq), why="each change to be sent before the next")
    over = threading.Event()

    def keep_changing(name: str) -> None:
        for round_ in itertools.count(FILLING):
            if over.is_set():
                return
            change(client, room, [name], round_)

    with ThreadPoolExecutor(2) as threads:
        for name in CHANGING[:2]:
            threads.submit(keep_changing, name)
        try:
            until(lambda: measured(room.url, CUT_OFF), within=LONGEST_S, why="the slow one to be cut off")
        finally:
            over.set()


@pytest.mark.often
@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_it_is_cut_off_and_resumes_while_the_others_notice_nothing(server: Serve, watch: Watch, mode: str) -> None:
    room = server(env={"LIVEROOM_ASYNC_MODE": mode}, program=PATIENT)
    key = room.last_word("source", "add", "app")
    slow: Screen = watch(room.url, receive_buffer=4096)
    others = [watch(room.url) for _ in range(OTHERS)]
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=90) as client:
        change(client, room, CHANGING, 0)
        until(lambda: all(screen.at(len(CHANGING)) for screen in (slow, *others)), within=90, why="all to be current")
        with slow.not_reading():
            change_until_one_is_cut_off(client, room, others[0])
            assert measured(room.url, CUT_OFF) == 1
            until(lambda: measured(room.url, "liveroom_clients") == OTHERS, why="nothing to be kept for it")
            same_as_fresh(others[0])
    until(lambda: slow.joins == 2, within=90, why="the slow one to come back")
    for screen in (slow, *others):
        same_as_fresh(screen)
    assert slow.loads == 1, "batches alone brought it back"
    assert {(screen.joins, screen.loads) for screen in others} == {(1, 1)}
