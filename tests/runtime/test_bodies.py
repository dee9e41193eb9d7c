"""Bodies without end, in each async mode: answered, read no further than is fair, and the connection is closed."""

import itertools
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import cache
from time import monotonic

import pytest

from tests.house import tree
from tests.services.process import free_port
from tests.services.wait import until

pytestmark = pytest.mark.long

MORE = 512 * 1024 * 1024
CHUNK = b"8000\r\n" + b"a" * 0x8000 + b"\r\n"
CHUNKED = "Transfer-Encoding: chunked"
Served = Callable[..., int]


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`served(whole_s=…, silent_s=…, head_s=…)`: the port of a server with that patience; else more than a test has."""
    said, servers = tmp_path_factory.mktemp("server") / "stderr", ExitStack()

    @cache
    def served(*, whole_s: int = 120, silent_s: int = 120, head_s: int = 120) -> int:
        one = free_port()
        run = [
            sys.executable,
            "-m",
            "tests.runtime.bounded_server",
            request.param,
            str(one),
            str(whole_s),
            str(silent_s),
            str(head_s),
        ]
        with said.open("ab") as errors:
            server = servers.enter_context(subprocess.Popen(run, cwd=tree.ROOT, stderr=errors))
        servers.callback(server.kill)
        until(lambda: reachable(one), why="the server to listen")
        return one

    with servers:
        yield served
    # Whatever clients did: no traceback, nobody's address, and nothing of what they asked for.
    assert not [word for word in ("127.0.0.1", "Traceback", "Budi") if word in said.read_text()]


def reachable(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def begin(port: int, path: str, header: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=30)
    client.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode())
    return client


def sent_until_closed(client: socket.socket, piece: bytes) -> int:
    """Bytes that went out before the other side closed."""
    try:
        for sent in itertools.count(0, len(piece)):
            if sent > MORE:
                return sent
            client.sendall(piece)
    except OSError:
        return sent
    raise AssertionError


def rest(client: socket.socket) -> bytes:
    """What comes until the other side closes."""
    found = b""
    try:
        while piece := client.recv(4096):
            found += piece
    except ConnectionError:
        pass
    return found


@pytest.mark.parametrize(
    ("header", "piece"),
    [(CHUNKED, CHUNK), (f"Content-Length: {10**13}", b"a" * 0x8000), (CHUNKED, b"1" * 0x8000)],
    ids=["chunks", "length", "line"],
)
def test_a_body_that_nobody_reads_ends(served: Served, header: str, piece: bytes) -> None:
    with begin(served(), "/", header) as client:
        assert sent_until_closed(client, piece) < MORE
    with begin(served(), "/", "Connection: close\r\nContent-Length: 0") as client:
        assert rest(client).startswith(b"HTTP/1.1 200")


def test_no_upgrade_makes_a_body_endless(served: Served) -> None:
    with begin(served(), "/read", "Content-Length: 5\r\nConnection: Upgrade\r\nUpgrade: websocket") as client:
        client.sendall(b"abcde")
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
    with begin(served(), "/", f"{CHUNKED}\r\nConnection: Upgrade\r\nUpgrade: websocket") as client:
        assert sent_until_closed(client, CHUNK) < MORE


@pytest.mark.parametrize("length", ["²", "9" * 400])
def test_a_length_that_is_none_is_no_fault_of_ours(served: Served, length: str) -> None:
    with socket.create_connection(("127.0.0.1", served()), timeout=30) as client:
        client.sendall(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode("latin-1"))
        assert client.recv(4096).startswith(b"HTTP/1.")


@pytest.mark.parametrize("head", ["GET /?q=Budi Santoso HTTP/1.1", "GET /?q=Budi HTTP/9.9", "Budi"])
def test_a_head_that_is_none_is_refused_and_quoted_nowhere(served: Served, head: str) -> None:
    with socket.create_connection(("127.0.0.1", served()), timeout=30) as client:
        client.sendall(f"{head}\r\nHost: x\r\n\r\n".encode())
        assert b" 200 " not in rest(client)


def test_a_refusal_reaches_who_sends_more_than_is_wanted(served: Served) -> None:
    body = b"a" * 2_000_000
    with begin(served(), "/", f"Content-Length: {len(body)}") as client:
        client.sendall(body)
        assert client.recv(15).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("header", [CHUNKED, "Content-Length: 1000", f"Content-Length: {10**11}"])
def test_a_body_that_drips_is_told_so_and_ends(served: Served, header: str) -> None:
    with begin(served(whole_s=1), "/read", header) as client:
        client.sendall(b"800\r\nabcde" if header == CHUNKED else b"abcde")
        # However late this side comes: what was answered before the other side closed is there to be read.
        with suppress(ConnectionError):
            for _ in range(2000):
                if select.select([client], [], [], 0.05)[0]:
                    break
                client.sendall(b"a")
        assert client.recv(12) == b"HTTP/1.1 408"


@pytest.mark.parametrize("head", [b"", b"GET / HTTP/1.1\r\nHo"])
def test_who_falls_silent_loses_the_connection(served: Served, head: bytes) -> None:
    with socket.create_connection(("127.0.0.1", served(silent_s=2)), timeout=60) as client:
        client.sendall(head)
        assert b" 200 " not in rest(client)


def test_a_head_that_drips_loses_the_connection_and_one_that_rests_does_not(served: Served) -> None:
    port = served(head_s=2)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as resting:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as dripping:
            dripping.sendall(b"GET / HTTP/1.1\r\nX: ")
            ended = lambda: bool(select.select([dripping], [], [], 0.05)[0])  # noqa: E731 - it is asked for at once
            until(lambda: ended() or dripping.sendall(b"a"), within=60, why="the head that drips to be over")
            assert b" 200 " not in rest(dripping)
        resting.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert resting.recv(4096).startswith(b"HTTP/1.1 200")


def test_who_reads_slowly_but_reads_is_not_cut(served: Served) -> None:
    silent_s = 8  # so that a reader who stands still for five seconds on a busy machine is not silent yet
    pace, got = threading.Event(), 0
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
        client.settimeout(30)
        client.connect(("127.0.0.1", served(silent_s=silent_s)))
        client.sendall(b"GET /much HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        slow_until = monotonic() + silent_s * 1.5
        while piece := client.recv(16 * 1024):
            got += len(piece)
            if monotonic() < slow_until:
                pace.wait(0.02)
    assert got > 6_000_000


def test_whole_bodies_are_read_as_ever(served: Served) -> None:
    with begin(served(), "/read", f"{CHUNKED}\r\nConnection: close") as client:
        client.sendall(b"5\r\nabcde\r\n3\r\nfgh\r\n0\r\n\r\n")
        assert rest(client).endswith(b"8")
    with begin(served(), "/read", "Content-Length: 3\r\nConnection: close") as client:
        client.sendall(b"abc")
        assert rest(client).endswith(b"3")
