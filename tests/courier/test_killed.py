"""A courier as a process, killed or frozen at the worst moment: the same key comes again and nothing more."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from liveroom.log.engine import migrate, open_engine
from tests.rooms.post_room import SECRET, PostRoom
from tests.services.receivers import Request, System, say
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server, pytest.mark.both]
Start = Callable[[], Server]


class Once:
    """A receiver that honours the key: `taken` are the deliveries it has done something for."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        key = request.headers["webhook-id"]
        if key not in self.taken:
            self.taken.append(key)
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        try:
            say(handler, 200)
        except OSError:
            return


@pytest.fixture
def once(system: System) -> Once:
    system.answer = Once()
    return system.answer


@pytest.fixture
def room(database: Callable[[], str], system: System) -> Iterator[PostRoom]:
    reach = {"dpupr": {"channel": "webhook", "url": system.url, "secret": "hook"}}
    url = database()
    engine = open_engine(url, synced=False)
    migrate(engine)  # the processes expect it, and make nothing anew
    engine.dispose()
    one = PostRoom(url, reach=reach)
    yield one
    one.close()


@pytest.fixture
def courier(room: PostRoom, city: Path, tmp_path: Path) -> Iterator[Start]:
    """`courier()` starts `run.py courier` on the room."""
    started: list[Server] = []
    (tmp_path / "time").write_text(room.now.isoformat())
    env = {
        "LIVEROOM_CONFIG": str(city),
        "LIVEROOM_DATABASE_URL": room.url,
        "LIVEROOM_TIME_FILE": str(tmp_path / "time"),
        "LIVEROOM_SECRET_HOOK": SECRET,
    }

    def start() -> Server:
        started.append(Server("courier", data=tmp_path, env=env).start(ready=False))
        return started[-1]

    yield start
    for one in started:
        if one.process.running:
            os.kill(one.process.pid, signal.SIGCONT)
            one.kill()


def sent_events(room: PostRoom) -> int:
    return [logged.event.kind.value for logged in room.events()].count("outbox.sent")


def all_sent(room: PostRoom) -> bool:
    return {one.state for one in room.deliveries()} == {"sent"}


def test_killed_between_the_answer_and_the_mark_it_sends_the_same_key_again(
    room: PostRoom, courier: Start, once: Once, system: System
) -> None:
    room.forwarded("dpupr")
    first: Future[Server] = Future()  # it may send before it is known here
    once.meanwhile = lambda: first.result(60).kill()
    first.set_result(courier())
    until(
        lambda: not first.result().process.running,
        within=120,
        why="the courier to be killed while the receiver answers",
    )
    assert {one.state for one in room.deliveries()} == {"waiting"}
    courier()
    until(lambda: all_sent(room), within=120, why="the second courier to get it through")
    (delivery,) = room.deliveries()
    assert system.ids == [delivery.id] * 2
    assert once.taken == [delivery.id]
    assert sent_events(room) == 1


def test_of_two_couriers_a_frozen_one_doubles_nothing_but_the_key(
    room: PostRoom, courier: Start, once: Once, system: System
) -> None:
    frozen, thawed = threading.Event(), threading.Event()
    first = courier()

    def freeze() -> None:
        os.kill(first.process.pid, signal.SIGSTOP)
        frozen.set()
        thawed.wait(240)

    once.meanwhile = freeze
    room.forwarded("dpupr")
    assert frozen.wait(120), "the first courier sends nothing"
    courier()  # not before: a lease is short, and a slow machine would let the second one send at once
    until(lambda: len(system.ids) == 2 and all_sent(room), within=120, why="the second courier to take over")
    thawed.set()
    os.kill(first.process.pid, signal.SIGCONT)
    second = room.forwarded("dpupr")
    until(lambda: all_sent(room), within=120, why="what came later")
    first.kill()
    assert len(system.ids) == 3 and len(set(system.ids)) == 2
    assert once.taken == [one.id for one in room.deliveries()]
    assert sent_events(room) == 2
    assert room.deliveries()[-1].subject == second
