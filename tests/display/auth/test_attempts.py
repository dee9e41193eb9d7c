"""Counting of tries: together through Redis, alone while it is away, and never in the way of the hub."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from limits.storage import RedisStorage
from werkzeug.test import Client, TestResponse

from app import web_app
from display.auth.login import STRANGERS, WAITING, PasswordQueue, TooManyLogins
from display.auth.throttle import OF_ADDRESS, OF_DEVICE, OF_PAIR, OF_STRANGERS, Attempts, Counters
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.staffed import Browser, House
from tests.rooms.standing import StandingRoom
from tests.services.redis import RedisServer
from tests.services.server import ROOT
from tests.services.wait import until

KEY = "the key of this room"
# The work waits, in native code that lets go of the interpreter, for what another greenlet does: on the hub itself,
# or on a thread that the hub waits for, it would wait for ever.
SCRIPT = """
import os, sys
from liveroom.runtime.async_mode import patch, runtime_of
patch(sys.argv[1])
runtime = runtime_of(sys.argv[1], "sqlite:///x")
outside = __import__("eventlet").patcher.original("os") if sys.argv[1] == "eventlet" else os
read = outside.read
ours, theirs = os.pipe()
def later():
    runtime.sleep(0.05)
    os.write(theirs, b"x")
runtime.spawn(later)
assert runtime.run_aside(lambda: read(ours, 1)) == b"x"
try:
    runtime.run_aside(lambda: 1 / 0)
except ZeroDivisionError:
    print("raised")
from display.auth.login import PasswordQueue
turns, done = PasswordQueue(runtime), []
def wants(number):
    turns.run(lambda: done.append(number), str(number), known=number % 2 == 0)
for number in range(40):
    runtime.spawn(wants, number)
while len(done) < 40:
    runtime.sleep(0.01)
print(sorted(done) == list(range(40)))
os._exit(0)
"""


@pytest.mark.redis
def test_all_processes_count_together(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    # A Redis that is as slow as this machine is not away.
    patient = {"socket_timeout": 60, "socket_connect_timeout": 60}
    monkeypatch.setattr("display.auth.throttle.RedisStorage", lambda url, **_shorter: RedisStorage(url, **patient))
    one, other = (
        Attempts(Counters(redis_server.url), "room-a", KEY),
        Attempts(Counters(redis_server.url), "room-a", KEY),
    )
    waits = [(one, other)[number % 2].wait_s("rina", "10.0.0.1") for number in range(OF_PAIR + 1)]
    assert waits[:-1] == [0] * OF_PAIR
    assert 0 < waits[-1] <= 15 * 60
    assert Attempts(Counters(redis_server.url), "room-b", KEY).wait_s("rina", "10.0.0.1") == 0
    other.succeeded("RINA ", "10.0.0.1")
    assert one.wait_s("rina", "10.0.0.1") == 0


@pytest.mark.postgres
def test_two_web_processes_without_a_redis_keep_one_limit_and_tell_no_address(postgres_url: str) -> None:
    room = StandingRoom(postgres_url)
    one, other = (Attempts(Counters("", room.log), "room", KEY) for _ in range(2))
    waits = [(one, other)[number % 2].wait_s("rina", "10.0.0.1") for number in range(OF_PAIR + 1)]
    assert [wait > 0 for wait in waits] == [False] * OF_PAIR + [True]
    assert one.wait_s("rina", "10.0.0.2") == 0
    kept = {row["key"] for row in room.tables(["counter"])["counter"]}
    Attempts(Counters("", room.log), "room", "another key").wait_s("rina", "10.0.0.1")
    more = {row["key"] for row in room.tables(["counter"])["counter"]}
    assert len(more - kept) == 2, "whoever has not the key finds none of them by trying"
    room.close()


@pytest.mark.postgres
def test_a_room_on_postgresql_counts_guesses_of_all_its_web_processes(postgres_url: str, tmp_path: Path) -> None:
    house = House(tmp_path, database=postgres_url)
    assert [house.browser().log_in("rina", "wrong-wrong").status_code for _ in range(OF_PAIR)] == [401] * OF_PAIR
    again = web_app(house.config, house.opened, ThreadRuntime(), lambda: False)
    assert Browser(Client(again.wsgi, TestResponse)).log_in("rina", "wrong-wrong").status_code == 429


@pytest.mark.redis
def test_without_its_redis_a_process_counts_alone(redis_server: RedisServer) -> None:
    attempts = Attempts(Counters(redis_server.url), "room-c", KEY)
    redis_server.kill()
    waits = [attempts.wait_s("rina", "10.0.0.1") for _ in range(OF_PAIR + 1)]
    assert [wait > 0 for wait in waits] == [False] * OF_PAIR + [True]


def test_an_office_behind_one_address_is_not_shut_out_by_those_who_come_in() -> None:
    attempts = Attempts(Counters(""), "room", KEY)
    for number in range(2 * OF_ADDRESS):
        assert attempts.wait_s(f"officer-{number}", "10.0.0.1") == 0
        attempts.succeeded(f"officer-{number}", "10.0.0.1")


def test_who_guesses_from_one_address_shuts_out_nobody_elsewhere() -> None:
    attempts = Attempts(Counters(""), "room", KEY)
    assert [attempts.wait_s("rina", "10.0.0.1") > 0 for _ in range(OF_PAIR + 1)] == [False] * OF_PAIR + [True]
    assert attempts.wait_s("rina", "10.0.0.2") == 0


def test_who_guesses_from_many_addresses_makes_strangers_wait_and_no_known_device() -> None:
    attempts = Attempts(Counters(""), "room", KEY)
    waits = [attempts.wait_s("rina", f"10.0.{number}.1") for number in range(OF_STRANGERS + 1)]
    assert [wait > 0 for wait in waits] == [False] * OF_STRANGERS + [True]
    assert attempts.wait_s("budi", "10.0.200.1") == 0
    assert attempts.trusted("the laptop of rina") == "the laptop of rina"


def test_a_known_device_that_guesses_too_often_is_a_stranger_until_its_owner_comes_in() -> None:
    attempts = Attempts(Counters(""), "room", KEY)
    assert [attempts.trusted("d") for _ in range(OF_DEVICE + 1)] == ["d"] * OF_DEVICE + [None]
    assert attempts.trusted("another") == "another"
    assert attempts.trusted(None) is None
    attempts.succeeded("rina", "10.0.0.1", "d")
    assert attempts.trusted("d") == "d"


def test_a_crowd_from_one_address_holds_up_no_other() -> None:
    """All but the one being looked at wait, eight of one address at most; whoever comes from elsewhere has a turn."""
    looking, go_on = threading.Event(), threading.Event()
    turns = PasswordQueue(ThreadRuntime())

    def look() -> str:
        looking.set()
        assert go_on.wait(60)
        return "looked"

    with ThreadPoolExecutor(WAITING + 1) as pool:
        crowd = [pool.submit(turns.run, look, "10.0.0.1") for _ in range(WAITING)]
        assert looking.wait(60)
        until(lambda: turns.waiting("10.0.0.1") == WAITING, why="all of them to wait")
        with pytest.raises(TooManyLogins):
            turns.run(look, "10.0.0.1")
        other = pool.submit(turns.run, look, "10.0.0.2")
        go_on.set()
        assert {one.result(60) for one in (*crowd, other)} == {"looked"}
    assert turns.waiting("10.0.0.1") == 0


def test_a_crowd_from_everywhere_keeps_nobody_waiting_who_is_known() -> None:
    """Strangers wait up to a number in all; who is known comes before all of them that are not being looked at yet."""
    looking, go_on = threading.Event(), threading.Event()
    turns, seen = PasswordQueue(ThreadRuntime()), list[str]()

    def look(who: str) -> str:
        seen.append(who)
        looking.set()
        assert go_on.wait(60)
        return who

    def asked(who: str, *, known: bool = False) -> str:
        return turns.run(lambda: look(who), who, known=known)

    with ThreadPoolExecutor(STRANGERS + 1) as pool:
        crowd = [pool.submit(asked, f"10.0.{number}.1") for number in range(STRANGERS)]
        assert looking.wait(60)
        until(lambda: all(turns.waiting(f"10.0.{number}.1") for number in range(STRANGERS)), why="all to wait")
        with pytest.raises(TooManyLogins):
            asked("10.1.0.1")
        officer = pool.submit(asked, "rina", known=True)
        until(lambda: turns.waiting("rina") == 1, why="the officer to wait")
        go_on.set()
        assert officer.result(60) == "rina"
        assert {one.result(60) for one in crowd} == {f"10.0.{number}.1" for number in range(STRANGERS)}
    assert seen.index("rina") == 1


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_what_is_done_aside_waits_for_nobody_and_nobody_for_it(mode: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, mode],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.split()) == (0, ["raised", "True"]), done.stderr
