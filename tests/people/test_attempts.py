"""Counting of tries: together through Redis, alone while it is away, and never in the way of the hub."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from limits.storage import RedisStorage

from display.attempts import OF_ADDRESS, OF_DEVICE, OF_PAIR, OF_STRANGERS, Attempts
from display.one_at_a_time import WAITING, Crowded, OneAtATime
from liveroom.runtime.threads import Threads
from tests.services.redis import RedisServer
from tests.services.server import ROOT
from tests.services.wait import until

# The work waits, in native code that lets go of the interpreter, for what another greenlet does: on the hub itself,
# or on a thread that the hub waits for, it would wait for ever.
SCRIPT = """
import os, sys
from liveroom.runtime.start import patch, runtime_of
patch(sys.argv[1])
runtime = runtime_of(sys.argv[1], "sqlite:///x")
outside = __import__("eventlet").patcher.original("os") if sys.argv[1] == "eventlet" else os
if sys.argv[1] == "gevent":
    from gevent.monkey import get_original
    read = get_original("os", "read")
else:
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
os._exit(0)
"""


@pytest.mark.redis
def test_all_processes_count_together(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    # A Redis that is as slow as this machine is not away.
    patient = {"socket_timeout": 60, "socket_connect_timeout": 60}
    monkeypatch.setattr("display.counters.RedisStorage", lambda url, **_shorter: RedisStorage(url, **patient))
    one, other = Attempts(redis_server.url, "room-a"), Attempts(redis_server.url, "room-a")
    waits = [(one, other)[number % 2].wait_s("rina", "10.0.0.1") for number in range(OF_PAIR + 1)]
    assert waits[:-1] == [0] * OF_PAIR
    assert 0 < waits[-1] <= 15 * 60
    assert Attempts(redis_server.url, "room-b").wait_s("rina", "10.0.0.1") == 0
    other.succeeded("RINA ", "10.0.0.1")
    assert one.wait_s("rina", "10.0.0.1") == 0


@pytest.mark.redis
def test_without_its_redis_a_process_counts_alone(redis_server: RedisServer) -> None:
    attempts = Attempts(redis_server.url, "room-c")
    redis_server.kill()
    waits = [attempts.wait_s("rina", "10.0.0.1") for _ in range(OF_PAIR + 1)]
    assert [wait > 0 for wait in waits] == [False] * OF_PAIR + [True]


def test_an_office_behind_one_address_is_not_shut_out_by_those_who_come_in() -> None:
    attempts = Attempts("", "room")
    for number in range(2 * OF_ADDRESS):
        assert attempts.wait_s(f"officer-{number}", "10.0.0.1") == 0
        attempts.succeeded(f"officer-{number}", "10.0.0.1")


def test_who_guesses_from_one_address_shuts_out_nobody_elsewhere() -> None:
    attempts = Attempts("", "room")
    assert [attempts.wait_s("rina", "10.0.0.1") > 0 for _ in range(OF_PAIR + 1)] == [False] * OF_PAIR + [True]
    assert attempts.wait_s("rina", "10.0.0.2") == 0


def test_who_guesses_from_many_addresses_makes_strangers_wait_and_no_known_device() -> None:
    attempts = Attempts("", "room")
    waits = [attempts.wait_s("rina", f"10.0.{number}.1") for number in range(OF_STRANGERS + 1)]
    assert [wait > 0 for wait in waits] == [False] * OF_STRANGERS + [True]
    assert attempts.wait_s("budi", "10.0.200.1") == 0
    assert attempts.trusted("the laptop of rina") == "the laptop of rina"


def test_a_known_device_that_guesses_too_often_is_a_stranger_until_its_owner_comes_in() -> None:
    attempts = Attempts("", "room")
    assert [attempts.trusted("d") for _ in range(OF_DEVICE + 1)] == ["d"] * OF_DEVICE + [None]
    assert attempts.trusted("another") == "another"
    assert attempts.trusted(None) is None
    attempts.succeeded("rina", "10.0.0.1", "d")
    assert attempts.trusted("d") == "d"


def test_a_crowd_from_one_address_holds_up_no_other() -> None:
    """All but the one being looked at wait, eight of one address at most; whoever comes from elsewhere has a turn."""
    looking, go_on = threading.Event(), threading.Event()
    turns = OneAtATime(Threads())

    def look() -> str:
        looking.set()
        assert go_on.wait(60)
        return "looked"

    with ThreadPoolExecutor(WAITING + 1) as pool:
        crowd = [pool.submit(turns.run, look, "10.0.0.1") for _ in range(WAITING)]
        assert looking.wait(60)
        until(lambda: turns.waiting("10.0.0.1") == WAITING, why="all of them to wait")
        with pytest.raises(Crowded):
            turns.run(look, "10.0.0.1")
        other = pool.submit(turns.run, look, "10.0.0.2")
        go_on.set()
        assert {one.result(60) for one in (*crowd, other)} == {"looked"}
    assert turns.waiting("10.0.0.1") == 0


@pytest.mark.parametrize("mode", ["eventlet", "gevent", "threading"])
def test_what_is_done_aside_waits_for_nobody_and_nobody_for_it(mode: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, mode],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "raised"), done.stderr
