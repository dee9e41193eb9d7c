"""Several processes on one room: what one takes the others show, and each may be killed while the rest go on."""

import signal
import threading
from collections.abc import Callable
from itertools import takewhile

import pytest
import redis

from liveroom.domain.timestamps import to_text
from liveroom.runtime.time import system_now
from tests.faults.accounts import complaints_of, same_as_fresh
from tests.faults.flood import Flood, ids
from tests.faults.wall import back, opened
from tests.often import SOAKING
from tests.services.browser import WatchedPage
from tests.services.frozen import frozen, handles
from tests.services.measured import measured
from tests.services.redis import RedisServer
from tests.services.screen import Screen, Watch
from tests.services.server import Server
from tests.services.two_webs import House, open_house
from tests.services.wait import until

pytestmark = [pytest.mark.server, pytest.mark.postgres]
Serve = Callable[..., Server]
# Of a flood: how many answers before Redis is killed and after, and by how many at once it is sent.
SOME, WIDTH = (150, 4) if SOAKING else (40, 2)


def taken(house: House, web: int, name: str, count: int = 20) -> int:
    """Post to one web and return the last seq it answered."""
    answers = Flood(house.webs[web].url, house.key, ids(name, count), width=4, longest_s=60).start().finish()
    assert {answer.status for answer in answers.values()} == {201}
    return max(answer.seq or 0 for answer in answers.values())


def kill_the_other(house: House, screens: list[Screen], *, here: int, there: int) -> None:
    """What `here` takes `there` shows; then `there` is killed, `here` goes on, and `there` catches up."""
    seq = taken(house, here, f"from{here}")
    until(lambda: screens[there].at(seq), why="the other web's screen to show it")
    house.webs[there].kill()
    later = taken(house, here, f"alone{here}")
    until(lambda: screens[here].at(later), why="the own web's screen to show it")
    house.webs[there].start()
    until(lambda: screens[there].at(later), why="the killed web's screen to come back")


@pytest.mark.redis
@pytest.mark.browser
def test_what_one_web_takes_the_other_shows_while_each_is_killed_in_turn(
    server: Serve,
    watch: Watch,
    open_page: Callable[..., WatchedPage],
    postgres_url: str,
    redis_server: RedisServer,
) -> None:
    house = open_house(server, postgres_url, redis_server.url)
    screens = [watch(web.url) for web in house.webs]
    wall = opened(open_page, house.webs[1].url)
    until(lambda: all(screen.current for screen in screens), why="both screens to be current")
    kill_the_other(house, screens, here=0, there=1)
    kill_the_other(house, screens, here=1, there=0)
    same_as_fresh(screens[0])
    same_as_fresh(screens[1])
    assert [screen.loads for screen in screens] == [1, 1], "batches were enough"
    back(wall, screens[1].store.seq, waiting=80)


def test_a_clock_that_stands_by_takes_over(server: Serve, watch: Watch, postgres_url: str) -> None:
    house = open_house(server, postgres_url)
    screen = watch(house.webs[0].url)
    until(lambda: screen.freshness() == "live", why="the screen to be live")
    until(lambda: handles(house.standby.process.pid, signal.SIGTERM), why="the second clock to stand by")
    house.clock.kill()
    killed_at = to_text(system_now())  # a pulse of before may still be on its way
    until(lambda: beat_of(screen)["as_of"] > killed_at, why="the second clock to take over")
    until(lambda: screen.freshness() == "live", why="the screen to be live again")
    house.clock.start(ready=False)
    until(lambda: handles(house.clock.process.pid, signal.SIGTERM), why="the first clock to stand by")
    house.standby.kill()
    killed_at = to_text(system_now())  # a pulse of before may still be on its way
    until(lambda: beat_of(screen)["as_of"] > killed_at, why="the first clock to take over again")


def beat_of(screen: Screen) -> dict[str, str]:
    assert screen.beat is not None
    return screen.beat


@pytest.mark.often
@pytest.mark.redis
@pytest.mark.browser
def test_redis_that_hangs_delays_nobody_and_killed_in_the_middle_it_costs_nothing(
    server: Serve,
    watch: Watch,
    open_page: Callable[..., WatchedPage],
    postgres_url: str,
    redis_server: RedisServer,
) -> None:
    house = open_house(server, postgres_url, redis_server.url)
    rung = [web.url for web in house.webs]
    screen, enough = watch(rung[1]), threading.Event()
    until(lambda: screen.current and measured(rung[1], "liveroom_doorbell_up") == 1, why="Redis to carry the bell")
    hangs_for_a_while(house, screen, redis_server)
    before = len(screen.store.cards)
    wall = opened(open_page, rung[1])
    # It lasts as long as it takes to miss Redis, and some of it comes while Redis is away.
    drawn = takewhile(lambda _: not enough.is_set(), ids("a", 7000))
    flood = Flood(rung[0], house.key, drawn, width=WIDTH, longest_s=60).start()
    until(lambda: flood.count(201) >= SOME, within=120, why="some answers")
    redis_server.kill()
    until(lambda: measured(rung[1], "liveroom_doorbell_up") == 0, why="the bell to be noticed as dead")
    assert flood.running, "the flood ended before Redis was missed"
    without = flood.count(201) + SOME
    until(lambda: flood.count(201) >= without or not flood.running, within=120, why="as many without it")
    redis_server.start()
    enough.set()
    answers = flood.finish()
    assert {answer.status for answer in answers.values()} == {201}
    until(lambda: measured(rung[1], "liveroom_doorbell_up") == 1, why="the bell to be back")
    same_as_fresh(screen)
    assert {name for name in complaints_of(rung[0]) if name.startswith("a-")} == set(answers)
    assert (screen.joins, screen.loads) == (1, 1)
    back(wall, screen.store.seq, waiting=before + len(answers))


def hangs_for_a_while(house: House, screen: Screen, redis_server: RedisServer) -> None:
    """What is taken while it hangs, and after, is shown by the other web."""
    with redis.Redis.from_url(redis_server.url) as client:
        pid = client.info("server")["process_id"]
    with frozen(pid):
        seq = taken(house, 0, "hung", SOME)
        until(lambda: screen.at(seq), why="the other web's screen to show it")
        until(lambda: measured(house.webs[0].url, "liveroom_doorbell_up") == 0, why="the bell to be noticed as dead")
    seq = taken(house, 0, "well", SOME)
    until(lambda: screen.at(seq), why="the other web's screen to show it")
    for web in house.webs:
        until(lambda web=web: measured(web.url, "liveroom_doorbell_up") == 1, why="the bell to be back")
