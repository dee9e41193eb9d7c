"""Every way in which the data can stop: each makes every screen say so, by the data's age and not the socket's."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest

from tests.faults.flood import Flood
from tests.faults.wall import SMALL
from tests.services.browser import WatchedPage
from tests.services.frozen import frozen, postmaster
from tests.services.locking import write_lock
from tests.services.postgres import Postgres
from tests.services.screen import Screen, Watch
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server, pytest.mark.postgres]
Serve = Callable[..., Server]
# Five seconds of age and one between two beats; as long again for a machine that stands still over a message.
DELAYED_WITHIN_S = 12.0


@contextmanager
def stopped(postgres: Postgres) -> Iterator[None]:
    postgres.stop()
    try:
        yield
    finally:
        postgres.start()


def freeze(postgres: Postgres) -> AbstractContextManager[None]:
    return frozen(postmaster(postgres.home))


def live(screen: Screen) -> bool:
    return screen.freshness() == "live"


@pytest.mark.browser
def test_a_database_that_stops_and_one_that_hangs(
    server: Serve, watch: Watch, open_page: Callable[..., WatchedPage], postgres: Postgres, postgres_url: str
) -> None:
    room = server(env={"LIVEROOM_DATABASE_URL": postgres_url})
    key = room.last_word("source", "add", "app")
    screen, wall = watch(room.url), open_page(f"{room.url}/wall", **SMALL)
    until(lambda: live(screen) and wall.state("freshness") == "live", why="both to be live")
    for outage, there in ((stopped, 20), (freeze, 40)):
        with outage(postgres):
            until(lambda: not live(screen), within=DELAYED_WITHIN_S, why="the screen to say delayed")
            until(lambda: wall.state("freshness") != "live", within=DELAYED_WITHIN_S, why="the wall to say delayed")
            sent = [f"x-{n}" for n in range(there - 20, there)]
            answers = Flood(room.url, key, sent, width=20, longest_s=30).start().finish()
            assert {(answer.status, answer.retry_after is not None) for answer in answers.values()} == {(503, True)}
        until(room.is_ready, why="the room to be ready again")
        again = Flood(room.url, key, answers, width=4, longest_s=60).start().finish()
        assert {answer.status for answer in again.values()} == {201}
        until(lambda there=there: live(screen) and len(screen.store.cards) == there, why="the screen to be live again")
        until(
            lambda there=there: wall.state("freshness") == "live" and wall.state("waiting") == str(there),
            why="the wall to be live again",
        )
        assert (screen.joins, screen.loads) == (1, 1)


def test_a_tail_that_is_stuck(server: Serve, watch: Watch, postgres_url: str) -> None:
    room = server(env={"LIVEROOM_DATABASE_URL": postgres_url})
    screen = watch(room.url)
    until(lambda: live(screen), why="the screen to be live")
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        connection.execute("lock table total in access exclusive mode")  # only the tail reads it while nothing comes in
        until(lambda: not live(screen), within=DELAYED_WITHIN_S, why="the screen to say delayed")
    until(lambda: live(screen), why="the screen to be live again")
    assert screen.joins == 1


def test_a_file_that_somebody_else_locks(server: Serve, watch: Watch) -> None:
    room = server()
    screen = watch(room.url)
    until(lambda: live(screen), why="the screen to be live")
    with write_lock(room.data / "real.db"):
        until(lambda: not live(screen), within=DELAYED_WITHIN_S, why="the screen to say delayed")
    until(lambda: live(screen), why="the screen to be live again")
    assert screen.joins == 1


@contextmanager
def held_back(clock: Server) -> Iterator[None]:
    with frozen(clock.process.pid):
        yield


@contextmanager
def killed(clock: Server) -> Iterator[None]:
    clock.kill()
    yield
    clock.start(ready=False)


def test_a_clock_that_hangs_one_that_is_killed_and_a_web_that_hangs(
    server: Serve, watch: Watch, postgres_url: str
) -> None:
    env = {"LIVEROOM_DATABASE_URL": postgres_url}
    clock = server("clock", env=env, ready=False)
    webs = [server("web", env=env) for _ in range(2)]
    here, there = (watch(web.url) for web in webs)
    until(lambda: live(here) and live(there), why="both screens to be live")
    for outage in (held_back, killed):
        with outage(clock):
            for screen in (here, there):
                until(lambda one=screen: not live(one), within=DELAYED_WITHIN_S, why="the screen to say delayed")
            assert here.beat is not None, "the web itself is well"
            beats, on = here.beat["now"], "the beat to go on, and the screen still to say delayed"
            until(lambda beats=beats: here.beat and here.beat["now"] > beats and not live(here), why=on)
        until(lambda: live(here) and live(there), why="the screens to be live again")
    with frozen(webs[0].process.pid):
        until(lambda: not live(here), within=DELAYED_WITHIN_S, why="its screen to say delayed")
        until(lambda: live(there), why="the other web's screen to be live all the same")
    until(lambda: live(here), why="its screen to be live again")
