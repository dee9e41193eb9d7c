"""Counting of tries: together through Redis, alone while it is away, and never in the way of the hub."""

import subprocess
import sys

import pytest

from display.attempts import OF_ACCOUNT, OF_ADDRESS, Attempts
from tests.services.redis import RedisServer
from tests.services.server import ROOT

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
def test_all_processes_count_together(redis_server: RedisServer) -> None:
    one, other = Attempts(redis_server.url, "room-a"), Attempts(redis_server.url, "room-a")
    waits = [(one, other)[number % 2].wait_s("rina", "10.0.0.1") for number in range(OF_ACCOUNT + 1)]
    assert waits[:-1] == [0] * OF_ACCOUNT
    assert 0 < waits[-1] <= 15 * 60
    assert Attempts(redis_server.url, "room-b").wait_s("rina", "10.0.0.1") == 0
    other.succeeded("RINA ")
    assert one.wait_s("rina", "10.0.0.1") == 0


@pytest.mark.redis
def test_without_its_redis_a_process_counts_alone(redis_server: RedisServer) -> None:
    attempts = Attempts(redis_server.url, "room-c")
    redis_server.kill()
    waits = [attempts.wait_s("rina", "10.0.0.1") for _ in range(OF_ACCOUNT + 1)]
    assert [wait > 0 for wait in waits] == [False] * OF_ACCOUNT + [True]


def test_an_office_behind_one_address_is_not_shut_out_by_those_who_come_in() -> None:
    attempts = Attempts("", "room")
    for number in range(2 * OF_ADDRESS):
        assert attempts.wait_s(f"officer-{number}", "10.0.0.1") == 0
        attempts.succeeded(f"officer-{number}")


@pytest.mark.parametrize("mode", ["eventlet", "gevent", "threading"])
def test_what_is_done_aside_waits_for_nobody_and_nobody_for_it(mode: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, mode],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "raised"), done.stderr
