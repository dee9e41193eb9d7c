"""A database whose date jumps seven hours ahead, seen by real processes: no deadline falls, and everybody is told."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest

from tests.faults.screen import Watch
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server, pytest.mark.postgres]
SEVEN_HOURS = 7 * 3600
# Found before PostgreSQL's own by whoever asks for the time without naming a schema, as the room does.
DATE = """
create schema fake;
create table fake.jump (seconds int);
insert into fake.jump values (0);
create function fake.clock_timestamp() returns timestamptz volatile language sql as
  'select pg_catalog.clock_timestamp() + (select seconds from fake.jump) * interval ''1 second''';
do $$ begin
  execute format('alter database %I set search_path = fake, pg_catalog, public', current_database());
end $$;
"""


class Date:
    """The database's date, to be set."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def take_over(self) -> None:
        """Be the time of whoever connects from now on."""
        self._connection.execute(DATE)

    def jump(self, seconds: int) -> None:
        """Be so far ahead of the real one."""
        self._connection.execute("update fake.jump set seconds = %s", (seconds,))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(query).fetchall()

    def passed(self) -> int:
        return len(self.rows("select 1 from event where kind = 'deadline.passed'"))


@pytest.fixture
def date(postgres_url: str) -> Iterator[Date]:
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        yield Date(connection)


@pytest.fixture
def room(server: Callable[..., Server], postgres_url: str, date: Date) -> Server:
    one = server(env={"LIVEROOM_DATABASE_URL": postgres_url})
    one.kill()
    date.take_over()
    return one.start()


def test_a_date_that_jumps_ahead_makes_nothing_late(room: Server, date: Date, watch: Watch) -> None:
    key, screen = room.last_word("source", "add", "app"), watch(room.url)
    post(room, key, "before")
    until(lambda: screen.freshness() == "live", why="the screen to be live")
    date.jump(SEVEN_HOURS)
    until(lambda: "jumped" in told(room), within=10, why="the jump to be told")
    room.kill()
    room.start(ready=False)
    until(lambda: "jumped" in told(room), within=60, why="the jump to be told after a restart")
    post(room, key, "meanwhile")
    until(lambda: screen.freshness() == "live", within=30, why="the screen to be live again")
    times = date.rows("select logged_at from event where kind = 'complaint.received' order by seq")
    assert (len(times), date.passed()) == (2, 0)
    assert times[1][0] - times[0][0] < 600 * 1_000_000
    date.jump(0)
    until(room.is_ready, within=10, why="the room to agree with its database again")
    assert date.passed() == 0


def test_a_jump_that_somebody_believes_makes_late_what_is_late_by_then(room: Server, date: Date) -> None:
    post(room, room.last_word("source", "add", "app"), "before")
    date.jump(SEVEN_HOURS)
    until(lambda: "jumped" in told(room), within=10, why="the jump to be told")
    assert "s ahead and not believed" in room.command("time", "status").stdout
    room.command("time", "believe")
    until(lambda: date.passed() > 0, within=20, why="what is late by the believed date to be judged")
    until(room.is_ready, within=10, why="the room to be ready")


def told(room: Server) -> str:
    try:
        return httpx.get(f"{room.url}/readyz", timeout=5).text
    except httpx.TransportError:
        return ""


def post(room: Server, key: str, name: str) -> None:
    body = {"source_id": name, "category": "kebakaran", "lat": -6.17, "lon": 106.63}
    headers = {"Authorization": f"Bearer {key}"}
    httpx.post(f"{room.url}/api/v1/complaints", json=body, headers=headers, timeout=30).raise_for_status()
