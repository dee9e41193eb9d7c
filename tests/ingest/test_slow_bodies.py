"""A body that does not come in time, at the real intake behind a real server: told apart from one that is cut off."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask import Flask

from ingest.sources.api import IntakeGate, intake_blueprint
from liveroom.runtime.server import http_bounds
from liveroom.runtime.server.connections import ConnectionLimits, Connections
from liveroom.runtime.server.http_bounds import listen
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.ingest.stand_in import KEY, Register, StandIn

HEAD = f"""POST /api/v1/complaints HTTP/1.1\r
Host: x\r
Authorization: Bearer {KEY}\r
Content-Type: application/json\r
Content-Length: 100\r
\r
"""


@pytest.fixture
def client() -> Iterator[tuple[socket.socket, Callable[[], None]]]:
    """A connection on which a body has begun, and what lets the server begin: by then all that is to come has come."""
    app, listener, threads = Flask(__name__), listen("127.0.0.1", 0), ThreadRuntime()
    app.register_blueprint(intake_blueprint(StandIn(), Register(), IntakeGate(2000)))
    serving = threading.Thread(
        target=threads.serve, args=(app, listener, Connections(ConnectionLimits(total=9, per_address=9)))
    )
    with ExitStack() as ends, socket.create_connection(listener.getsockname(), timeout=60) as one:
        one.sendall(f"{HEAD}[".encode())

        def begin() -> None:
            serving.start()
            ends.callback(serving.join)
            ends.callback(threads.stop)

        yield one, begin


def test_a_body_that_is_late_is_408_too_slow(
    client: tuple[socket.socket, Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveroom.runtime.server.thread_http.QuietHandler.timeout", 0.5)
    monkeypatch.setattr(http_bounds, "WHOLE_S", 0.5)
    connection, begin = client
    begin()
    assert answer(connection).startswith("HTTP/1.1 408")


def test_a_body_that_is_cut_off_is_400(client: tuple[socket.socket, Callable[[], None]]) -> None:
    connection, begin = client
    connection.shutdown(socket.SHUT_WR)
    begin()
    said = answer(connection)
    assert said.startswith("HTTP/1.1 400")
    assert "bad_body" in said


def answer(client: socket.socket) -> str:
    found = b""
    while piece := client.recv(4096):
        found += piece
    return found.decode()
