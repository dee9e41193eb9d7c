"""PostgreSQL killed, stopped or frozen in the middle: sources are told to come back, and nothing answered is lost."""

from collections.abc import Callable

import httpx
import pytest

from tests.faults.accounts import same_as_fresh, settle_accounts
from tests.faults.flood import Flood, complaint, ids
from tests.faults.wall import back, opened
from tests.often import SOAKING
from tests.services.browser import WatchedPage
from tests.services.postgres import Postgres
from tests.services.screen import Watch
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server, pytest.mark.postgres]
TAKEN, REFUSED = (200, 50) if SOAKING else (60, 20)


@pytest.mark.often
@pytest.mark.long
@pytest.mark.browser
def test_every_source_is_answered_while_it_is_away_and_every_screen_comes_back(
    server: Callable[..., Server],
    watch: Watch,
    open_page: Callable[..., WatchedPage],
    postgres: Postgres,
    postgres_url: str,
) -> None:
    room = server(env={"LIVEROOM_DATABASE_URL": postgres_url})
    key = room.last_word("source", "add", "app")
    screen = watch(room.url)
    wall = opened(open_page, room.url)
    until(lambda: screen.current, why="the screen to be current")
    # It goes on for as long as it takes to kill, and to be refused.
    flood = Flood(room.url, key, ids("a", 30_000), width=20, longest_s=90).start()
    until(lambda: flood.count(201) >= TAKEN, within=90, why=f"{TAKEN} answers")
    postgres.kill()
    until(lambda: flood.count(503) >= REFUSED, within=90, why=f"{REFUSED} refusals")
    before = flood.enough()
    sent = tuple(before)
    refused = [answer for answer in before.values() if not answer.taken]
    assert {(answer.status, answer.retry_after is not None) for answer in refused} == {(503, True)}
    postgres.start()
    until(room.is_ready, within=90, why="the room to be ready again")
    settle_accounts(room, key, sent, before)
    same_as_fresh(screen)
    assert (screen.joins, screen.loads) == (1, 1), "the socket was never lost, and nothing but batches was needed"
    back(wall, screen.store.seq, waiting=len(sent))


def test_no_door_breaks_while_it_is_away(server: Callable[..., Server], postgres: Postgres, postgres_url: str) -> None:
    room = server(env={"LIVEROOM_DATABASE_URL": postgres_url})
    key, token = room.last_word("source", "add", "app"), room.last_word("screen", "add", "hall")
    order = {"command_id": "c", "seen_seq": 0, "actor": "a", "role": "duty"}
    postgres.stop()
    asked = [
        httpx.request(method, room.url + path, headers=headers, json=body, timeout=60)
        for method, path, headers, body in (
            ("POST", "/api/v1/complaints", {"Authorization": f"Bearer {key}"}, complaint("a-1")),
            ("POST", "/api/v1/complaints", {"Authorization": f"Bearer {key}"}, [complaint("a-1")]),
            ("POST", "/api/v1/complaints/x/accept", {}, order),
            ("POST", "/api/v1/alarms/x/acknowledge", {}, order),
            ("GET", "/feed/snapshot", {}, None),
            ("GET", "/feed/snapshot", {"Authorization": f"Bearer {token}"}, None),
            ("GET", "/feed/figures?scene=trend", {}, None),
            ("GET", "/readyz", {}, None),
        )
    ]
    assert {answer.request.url.path: answer.status_code for answer in asked if answer.status_code != 503} == {}
    pages = [httpx.get(room.url + path, timeout=30).status_code for path in ("/healthz", "/metrics", "/wall", "/")]
    assert [status for status in pages if status not in (200, 503)] == []
    assert pages[0] == 200, "this process is well"
    postgres.start()
    until(room.is_ready, within=90, why="the room to be ready again")
    assert "Traceback" not in room.log()
