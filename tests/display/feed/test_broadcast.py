"""One frame for all: the library's own, and nobody gets anything out of order, twice, torn or not at all."""

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import httpx
import pytest

from tests.display.feed.audience_client import Client, Poller, Websocket
from tests.house import tree
from tests.services.process import free_port, listening
from tests.services.wait import until

pytestmark = [pytest.mark.server]
# So few that each broadcast yields in its middle.
SLICE = 4
# Each needs another form of a frame's length; the last is cut by a socket that takes no more.
LENGTHS = (10, 200, 70_000)


class Audience:
    """A server with clients."""

    def __init__(self, url: str, mode: str) -> None:
        self.mode, self.url = mode, url
        self._clients: list[Client] = []
        self._http = httpx.Client(base_url=url, timeout=120)

    def say(self, messages: list[dict[str, Any]], way: str = "audience", **more: Any) -> dict[str, Any]:
        """Send to everybody; what `state` is after it."""
        said: dict[str, Any] = self._http.post("/say", json={"way": way, "messages": messages, **more}).json()
        return said

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._http.get("/state").json()
        return state

    def websockets(self, count: int, **more: Any) -> list[Websocket]:
        """So many that have joined."""
        before = self.state()["joined"]
        made = [Websocket(self.url, **more) for _ in range(count)]
        self._clients += made
        until(lambda: self.state()["joined"] >= before + count, why="all to join")
        return made

    def poller(self) -> Poller:
        """One that has asked to join."""
        self._clients.append(one := Poller(self.url))
        return one

    def close(self) -> None:
        """End all clients."""
        for one in self._clients:
            one.close()
        self._http.close()


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    port, said = free_port(), tmp_path_factory.mktemp("audience") / "stderr"
    words = ["-m", "tests.display.feed.audience_server", request.param, str(port), str(SLICE)]
    with said.open("ab") as errors, subprocess.Popen([sys.executable, *words], cwd=tree.ROOT, stderr=errors) as process:
        until(lambda: listening(port), why="the server to listen")
        yield f"http://127.0.0.1:{port}", request.param
        process.kill()
    assert "Traceback" not in said.read_text()


@pytest.fixture
def audience(server: tuple[str, str]) -> Iterator[Audience]:
    one = Audience(*server)
    until(lambda: one.state()["clients"] == 0, why="the clients of the test before to be gone")
    yield one
    one.close()


def numbered(count: int) -> list[dict[str, Any]]:
    chance = random.Random(7)
    return [{"n": n, "text": "é" * (chance.choice(LENGTHS) // 2)} for n in range(count)]


def have(clients: list[Client], count: int) -> Callable[[], bool]:
    return lambda: all(len(one.numbers()) >= count or one.ended.is_set() for one in clients)


def test_the_versions_whose_inside_was_read() -> None:
    """After a change read `display/feed/broadcast.py` against the new sources, run this file, and name them here."""
    names = ("python-socketio", "python-engineio", "eventlet")
    assert {name: version(name) for name in names} == {
        "python-socketio": "5.18.1",
        "python-engineio": "4.15.1",
        "eventlet": "0.41.3",
    }


def test_the_bytes_are_those_of_the_librarys_own_emit(audience: Audience) -> None:
    first, *others = clients = audience.websockets(SLICE + 2)
    messages = [{"n": length, "text": "é" * (length // 2)} for length in LENGTHS]
    before = audience.state()
    for client in clients:
        client.read_on()
    until(lambda: all(one.joined() for one in clients), why="all to be told")
    for message in messages:
        after = audience.say([message])
    until(have([*clients], len(LENGTHS)), why="all to have them")
    audience.say(messages, way="plain")
    until(have([*clients], 2 * len(LENGTHS)), why="all to have them again")
    straight = first.frames[-2 * len(LENGTHS) : -len(LENGTHS)]
    assert straight == first.frames[-len(LENGTHS) :]
    assert all(one.frames[-len(LENGTHS) :] == straight for one in others)
    if audience.mode == "eventlet":
        assert after["straight"] - before["straight"] == len(clients) * len(LENGTHS), "nobody had anything waiting"


def test_order_holds_for_idle_stalled_polling_and_upgrading_clients(audience: Audience) -> None:
    count = 300
    slow = audience.websockets(3, receive_buffer=4096)
    idle, poller, upgrading = audience.websockets(SLICE), audience.poller(), audience.poller()
    quick: list[Client] = [*idle, poller, upgrading]
    for client in quick:
        client.read_on()
    until(lambda: all(one.joined() for one in quick), why="all to join")
    with ThreadPoolExecutor(1) as threads:
        saying = threads.submit(audience.say, numbered(count), pages=True, most=32)
        for stall in range(6):
            until(lambda: saying.done() or audience.state()["waiting"] > 32, why="the slow ones to stall")
            if stall == 1:
                upgrading.upgrade()
            for one in slow:
                for _ in range(5):
                    one.ping()
                read_some(one, 30)
        for one in slow:
            one.read_on()
        after = saying.result(timeout=120)
    until(have([*quick, *slow], count), why="all to have all")
    for client in (*quick, *slow):
        assert (client.numbers(), client.fault) == (list(range(count)), None)
    if audience.mode == "eventlet":
        assert min(after["straight"], after["queue"]) > count, "both ways were taken"


def read_some(client: Websocket, count: int) -> None:
    for _ in range(count):
        text = client.next()
        assert text is not None, "it was ended"
        client.texts.append(text)


def test_who_is_in_the_middle_of_an_upgrade_gets_it_all_afterwards(audience: Audience) -> None:
    poller = audience.poller()
    while not poller.joined():
        poller.poll()
    poller.open()
    audience.say(numbered(3))
    poller.probe()
    audience.say([{"n": 3}, {"n": 4}])
    poller.poll()
    assert poller.numbers() == [], "the polling has ended"
    poller.read_on(poller.complete)
    until(have([poller], 5), why="all to have come")
    assert (poller.numbers(), poller.fault) == (list(range(5)), None)


def test_a_stalled_client_is_cut_off_and_the_others_miss_nothing(audience: Audience) -> None:
    before, count = audience.state()["cut_off"], 200
    (stalled,), others = audience.websockets(1, receive_buffer=4096), audience.websockets(SLICE + 1)
    for client in others:
        client.read_on()
    messages = [{"n": n, "text": "x" * 8000} for n in range(count)]
    audience.say(messages, every_s=0.002)
    until(lambda: audience.state()["cut_off"] == before + 1, why="it to be cut off")
    until(lambda: audience.state()["clients"] == len(others), why="nothing to be kept for it")
    stalled.read_on()
    assert stalled.ended.wait(30), "its connection is closed"
    got = stalled.numbers()
    assert got == list(range(len(got))), "what it has is the beginning, whole"
    until(have([*others], count), why="the others to have all")
    assert all(one.numbers() == list(range(count)) for one in others)


def test_clients_that_leave_in_the_middle_are_passed_over(audience: Audience) -> None:
    count = 400
    leaving, staying = audience.websockets(20), audience.websockets(6)
    for client in staying:
        client.read_on()
    with ThreadPoolExecutor(1) as threads:
        saying = threads.submit(audience.say, [{"n": n, "text": "x" * 2000} for n in range(count)], pages=True, most=32)
        for turn, client in enumerate(leaving):
            read_some(client, 5)
            if turn % 2:
                client.say("41/feed,")
            client.end()
        saying.result(timeout=120)
    until(have([*staying], count), why="the others to have all")
    assert all(one.numbers() == list(range(count)) for one in staying)
    until(lambda: audience.state()["clients"] == len(staying), why="nothing to be kept for those that left")
