"""A body that does not come in time, at the real intake behind a real server: told apart from one that is cut off."""

import socket
import threading
from collections.abc import Iterator

import pytest
from flask import Flask

from ingest.api import intake_blueprint
from ingest.gate import Gate
from liveroom.runtime import bodies
from liveroom.runtime.listening import listen
from liveroom.runtime.threads import Threads
from tests.ingest.stand_in import KEY, Register, StandIn

HEAD = f"""POST /api/v1/complaints HTTP/1.1\r
Host: x\r
Authorization: Bearer {KEY}\r
Content-Type: application/json\r
Content-Length: 100\r
\r
"""


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A connection to a server whose patience is short."""
    monkeypatch.setattr("liveroom.runtime.threads._Quiet.timeout", 0.5)
    monkeypatch.setattr(bodies, "WHOLE_S", 0.5)
    app, listener, threads = Flask(__name__), listen("127.0.0.1", 0), Threads()
    app.register_blueprint(intake_blueprint(StandIn(), Register(), Gate(2000)))
    address = listener.getsockname()
    serving = threading.Thread(target=threads.serve, args=(app, listener))
    serving.start()
    with socket.create_connection(address, timeout=30) as one:
        one.sendall(f"{HEAD}[".encode())
        yield one
    threads.stop()
    serving.join()


def test_a_body_that_is_late_is_408_too_slow(client: socket.socket) -> None:
    assert answer(client).startswith("HTTP/1.1 408")


def test_a_body_that_is_cut_off_is_400(client: socket.socket) -> None:
    client.shutdown(socket.SHUT_WR)
    said = answer(client)
    assert said.startswith("HTTP/1.1 400")
    assert "bad_body" in said


def answer(client: socket.socket) -> str:
    found = b""
    while piece := client.recv(4096):
        found += piece
    return found.decode()
