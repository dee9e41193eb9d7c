"""Names are looked up by the system, which blocks: never on the hub's own thread."""

import subprocess
import sys

import pytest

from tests.services.server import ROOT

# The lookup ends when another greenlet lets it: on the hub's thread it would wait for ever.
SCRIPT = """
import _thread, socket
gate = _thread.allocate_lock()
gate.acquire()

def looked_up(*asked):
    gate.acquire()
    return asked

looked_up.__name__ = {name!r}
socket.{name} = looked_up
from liveroom.runtime.async_mode import patch
patch("eventlet")
import eventlet
eventlet.spawn_after(0, gate.release)
assert socket.{name}(*{asked!r}) == {asked!r}
"""


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("getaddrinfo", ("somewhere.invalid", 80)),
        ("gethostbyname", ("somewhere.invalid",)),
        ("gethostbyaddr", ("192.0.2.1",)),
        ("getnameinfo", (("192.0.2.1", 80), 0)),
    ],
)
def test_a_lookup_lets_others_go_on(name: str, asked: tuple[object, ...]) -> None:
    script = SCRIPT.format(name=name, asked=asked)
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 0
