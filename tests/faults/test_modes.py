"""The same room on each async library: intake, feed and commands work, and its sockets are as they must be."""

import socket
from collections.abc import Callable

import httpx
import pytest

from tests.faults.accounts import same_as_fresh
from tests.faults.flood import Flood, ids
from tests.faults.sockets_of import connection_of
from tests.often import some
from tests.services.screen import Watch
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]
Serve = Callable[..., Server]
MODES = ("eventlet", "threading")
ON_POSTGRES = pytest.mark.postgres
# The other two are in tests/faults/test_many_resumes.py every time.
EACH_MODE_ON_EACH = (
    pytest.param("eventlet", "postgresql", marks=ON_POSTGRES),
    ("eventlet", "sqlite"),
    pytest.param("threading", "postgresql", marks=ON_POSTGRES),
    ("threading", "sqlite"),
)


@pytest.mark.often
@pytest.mark.parametrize(("mode", "database"), some(EACH_MODE_ON_EACH, EACH_MODE_ON_EACH[1:3]))
def test_a_complaint_is_taken_shown_and_handled(
    server: Serve, watch: Watch, request: pytest.FixtureRequest, mode: str, database: str
) -> None:
    url = request.getfixturevalue("postgres_url") if database == "postgresql" else ""
    room = server(env={"LIVEROOM_ASYNC_MODE": mode, "LIVEROOM_DATABASE_URL": url})
    key = room.last_word("source", "add", "app")
    screens = [watch(room.url, audience=audience) for audience in ("wall", "desk")]
    until(lambda: all(screen.current for screen in screens), why="the screens to be current")
    answers = Flood(room.url, key, ids("a", 100), width=10, longest_s=60).start().finish()
    assert {answer.status for answer in answers.values()} == {201}
    first = answers["a-0"]
    order = {"command_id": "one", "seen_seq": first.seq, "actor": "Sari", "role": "duty", "agency": "dpupr"}
    done = httpx.post(f"{room.url}/api/v1/complaints/{first.id}/forward", json=order, timeout=60)
    assert done.status_code == 200, done.text
    assert done.json()["state"] == "forwarded"
    for screen in screens:
        until(lambda screen=screen: screen.at(done.json()["seq"]), why="the screen to show it")
        assert screen.store.cards[str(first.id)]["state"] == "forwarded"
        same_as_fresh(screen)
        assert (screen.joins, screen.loads) == (1, 1)
    assert room.stop() == 0


@pytest.mark.parametrize("mode", MODES)
def test_connections_send_at_once_and_hold_little(server: Serve, mode: str) -> None:
    room = server(env={"LIVEROOM_ASYNC_MODE": mode})
    with socket.create_connection(("127.0.0.1", room.port)) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 200"
        with connection_of(room.process.pid, client) as inside:
            assert inside.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
            assert inside.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == 2 * 128 * 1024
