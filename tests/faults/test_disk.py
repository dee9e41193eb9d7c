"""A disk that takes nothing more while the room runs: no answer lies, people are told why, and it goes on by itself."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.faults.accounts import complaints_of
from tests.faults.flood import Flood, ids
from tests.services.screen import Watch
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]


@contextmanager
def nothing_more(pid: int) -> Iterator[None]:
    """No file of this process may grow or be written behind its first byte."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


def readiness(room: Server) -> str:
    """What /readyz says; nothing when it takes too long, which may be otherwise the next time."""
    try:
        return httpx.get(f"{room.url}/readyz", timeout=30).text
    except httpx.ReadTimeout:
        return ""


def test_a_full_disk_loses_nothing_that_was_answered_and_is_told(server: Callable[..., Server], watch: Watch) -> None:
    room = server()
    key, screen = room.last_word("source", "add", "app"), watch(room.url)
    until(lambda: screen.freshness() == "live", within=90, why="the screen to be live")
    before = Flood(room.url, key, ids("before", 20), longest_s=60).start().finish()
    with nothing_more(room.process.pid):
        during = httpx.post(
            f"{room.url}/api/v1/complaints",
            json={"source_id": "during", "category": "jalan_rusak"},
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
        )
        assert (during.status_code, during.json()["code"]) == (503, "unavailable")
        until(lambda: "cannot be written: the disk" in readiness(room), within=90, why="/readyz to say why")
        until(lambda: screen.freshness() != "live", within=90, why="the screen to say that it is late")
    until(room.is_ready, within=90, why="the room to go on by itself")
    after = Flood(room.url, key, ids("after", 20), longest_s=60).start().finish()
    assert {answer.status for answer in (before | after).values()} == {201}
    assert set(complaints_of(room.url)) == set(before) | set(after)
    until(lambda: screen.freshness() == "live", within=90, why="the screen to be live again")
    assert room.command("doctor").stdout.strip() == "no findings"
