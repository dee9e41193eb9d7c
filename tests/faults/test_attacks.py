"""A stranger without a credential tries to silence a room: the wall goes on hearing, and every complaint is taken."""

import contextlib
import errno
import itertools
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import websocket
from hypothesis import given
from hypothesis import strategies as st

from liveroom.runtime.server.connections import EXHAUSTED_S, GRACE_S, ConnectionLimits, Connections, network_of
from liveroom.runtime.server.websockets import LONGEST, LONGEST_UNJOINED, unmasked
from tests.faults.attacks import CONTINUES, KINDS, TEXT, Target, frame
from tests.faults.flood import complaint
from tests.often import SOAKING, some
from tests.services import nginx
from tests.services.screen import Screen
from tests.services.server import ROOT, UNTRUSTED, Server
from tests.services.wait import until

# Every kind is met by eventlet. Threads read frames and count connections by other code, the proxy waits for heads and
# passes frames on.
IN_THREADS = some(
    ("large frames", "endless fragments", "small messages", "1,200 idle connections"),
    ("endless fragments", "1,200 idle connections"),
)
THROUGH_PROXY = some(
    ("large frames", "900 idle websockets", "1,200 idle connections", "slow heads"), ("large frames", "slow heads")
)
BEATS = POSTS = 2 if SOAKING else 1
numbers = itertools.count()


class Attacked:
    """A real room that trusts nobody, with a screen and a source of its own; ``url`` is where clients call."""

    def __init__(self, server: Server, url: str) -> None:
        self.server, self.url = server, url
        self.key = server.last_word("source", "add", "app")
        self.screen = Screen(url, token=server.last_word("screen", "add", "hall")).start()
        until(lambda: self.screen.current, within=90, why="the screen to be current")

    def goes_on(self) -> None:
        """Beats come, and complaints are taken; whoever never gets an answer waits for it until the test ends."""
        for _ in range(BEATS):
            last = self.screen.beat
            until(lambda last=last: self.screen.beat is not last, within=120, why="a beat")
        for _ in range(POSTS):
            self.post()

    def post(self) -> None:
        """One complaint, sent again until it is answered, as a source does."""
        body, headers = complaint(f"a-{next(numbers)}"), {"Authorization": f"Bearer {self.key}"}

        def answered() -> bool:
            with contextlib.suppress(httpx.TransportError):
                return httpx.post(f"{self.url}/api/v1/complaints", json=body, headers=headers, timeout=60).is_success
            return False

        until(answered, within=120, why="the complaint to be taken")

    def end(self) -> None:
        """Close the screen and kill the room."""
        self.screen.close()
        self.server.kill()


@contextlib.contextmanager
def attack(kind: str, host: str, port: int, *, tls: bool = False) -> Iterator[None]:
    """The attack, under way for the length of the block."""
    words = [sys.executable, "-m", "tests.faults.attacks", kind, host, str(port), "tls" if tls else "plain"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=ROOT, stdout=pipe, stderr=pipe, text=True) as attacker:
        try:
            assert attacker.stdout and attacker.stdout.readline(), "it made no connection"
            yield
            assert attacker.poll() is None, attacker.stderr and attacker.stderr.read()
        finally:
            attacker.kill()


def real_room(data: Path, **env: str) -> Server:
    data.mkdir(exist_ok=True)
    return Server(data=data, env={**UNTRUSTED, **env}).start()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    server = real_room(tmp_path_factory.mktemp("attacked"))
    one = Attacked(server, server.url)
    yield one
    one.end()


@pytest.fixture(scope="module")
def threaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    server = real_room(tmp_path_factory.mktemp("threaded"), LIVEROOM_ASYNC_MODE="threading")
    one = Attacked(server, server.url)
    yield one
    one.end()


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Attacked, nginx.Proxy]]:
    home = tmp_path_factory.mktemp("behind")
    server = real_room(home / "room", LIVEROOM_CONFIG=str(nginx.settings(home)))
    with nginx.proxied(home, [server.port]) as proxy, pytest.MonkeyPatch.context() as patch:
        for name in ("WEBSOCKET_CLIENT_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
            patch.setenv(name, str(proxy.certificate))
        one = Attacked(server, proxy.url)
        yield one, proxy
        one.end()


@pytest.mark.server
@pytest.mark.often
@pytest.mark.parametrize("kind", KINDS)
def test_a_wall_goes_on_hearing(room: Attacked, kind: str) -> None:
    with attack(kind, "127.0.0.1", room.server.port):
        room.goes_on()
    assert room.server.process.running


@pytest.mark.server
@pytest.mark.often
@pytest.mark.parametrize("kind", IN_THREADS)
def test_a_wall_goes_on_hearing_in_threads(threaded: Attacked, kind: str) -> None:
    with attack(kind, "127.0.0.1", threaded.server.port):
        threaded.goes_on()


@pytest.mark.server
@pytest.mark.often
@pytest.mark.skipif(not nginx.THERE, reason="Debian's nginx and openssl")
@pytest.mark.parametrize("kind", THROUGH_PROXY)
def test_a_wall_behind_the_shipped_proxy_goes_on_hearing(behind: tuple[Attacked, nginx.Proxy], kind: str) -> None:
    room, proxy = behind
    with attack(kind, nginx.NAME, proxy.port, tls=True):
        room.goes_on()
        # Somebody who never was here before gets in too.
        new = Screen(room.url, token=room.server.last_word("screen", "add", f"new-{kind}")).start()
        until(lambda: new.current, within=120, why="a new screen to be let in")
        new.close()
        # And a citizen behind the same address as the attacker is heard.
        assert httpx.get(f"{room.url}/lapor", timeout=60).status_code == 200


def opened(room: Attacked) -> socket.socket:
    return Target("127.0.0.1", room.server.port, tls=False).websocket()


def closed_with(one: socket.socket) -> int | None:
    """The code with which the other side closes; None when it goes without one."""
    told = b""
    with contextlib.closing(one), contextlib.suppress(ConnectionError):
        while piece := one.recv(4096):
            told += piece
    at = told.rfind(b"\x88")
    return int.from_bytes(told[at + 2 : at + 4], "big") if at >= 0 else None


@pytest.mark.server
@pytest.mark.parametrize("which", ["room", "threaded"])
def test_what_is_too_long_for_a_stranger_is_closed_and_no_more_is_read(
    request: pytest.FixtureRequest, which: str
) -> None:
    one = opened(request.getfixturevalue(which))
    one.sendall(frame(TEXT, b"4" * (LONGEST_UNJOINED + 1)))
    assert closed_with(one) in (1009, None)
    two = opened(request.getfixturevalue(which))
    half = LONGEST_UNJOINED // 2 + 1
    two.sendall(frame(TEXT, b"4" * half, final=False) + frame(CONTINUES, b"a" * half, final=False))
    assert closed_with(two) in (1009, None)


@pytest.mark.server
@pytest.mark.parametrize("which", ["room", "threaded"])
def test_who_has_joined_may_say_as_much_as_the_protocol_needs(request: pytest.FixtureRequest, which: str) -> None:
    room: Attacked = request.getfixturevalue(which)
    address = f"{room.server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
    token = room.server.last_word("screen", "add", f"talker-{which}")
    one = websocket.create_connection(address, timeout=60, origin=room.server.url)
    one.send(f'40/feed,{{"token":"{token}"}}')
    until(lambda: one.recv().startswith("40/feed,"), why="to be let in")
    long = "x" * (LONGEST - 200)
    one.send(f'42/feed,7["report",{{"page":"{long}"}}]')
    until(lambda: one.recv().startswith("43/feed,7"), why="an answer to a long message")
    with contextlib.closing(one.sock), contextlib.suppress(websocket.WebSocketException, OSError):
        one.send("x" * (LONGEST + 1))
        while said := one.recv():
            assert said.startswith(("2", "42/feed")), "nothing but beats until it is closed"


@pytest.mark.server
def test_descriptors_that_run_out_end_nothing(tmp_path: Path) -> None:
    """Fewer open files than the room believed in: accept fails, and the quietest strangers make room."""
    server = real_room(tmp_path)
    room = Attacked(server, server.url)
    used = len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (used + 60, used + 60))
    with attack("1,200 idle connections", "127.0.0.1", server.port):
        until(lambda: "no connection can be accepted" in server.log(), within=60, why="descriptors to run out")
        room.goes_on()
    room.goes_on()
    room.end()


@pytest.mark.server
def test_the_newest_gets_in_and_the_quietest_stranger_goes(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("city: tangerang\nserver: {connections: 64, address_connections: 1000}\n")
    server = real_room(tmp_path / "room", LIVEROOM_CONFIG=str(config))
    room = Attacked(server, server.url)
    joins = room.screen.joins
    with contextlib.ExitStack() as idle:
        first = idle.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
        for _ in range(100):
            last = idle.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
        last.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert last.recv(12) == b"HTTP/1.1 200"
        assert first.recv(1) == b"", "the first that came was the first to go"
        room.goes_on()
    assert room.screen.joins == joins
    assert 'liveroom_connections_shed_total{why="total"}' in httpx.get(f"{server.url}/metrics", timeout=60).text
    room.end()


class Counted:
    """Connections with a clock of the test's; ``cut`` names those that were closed."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.now = 0.0
        self.cut: list[str] = []
        self.connections = Connections(limits, lambda: self.now)

    def open(self, *names: str, address: str = "192.0.2.1") -> None:
        for name in names:
            self.connections.opened(name, address, lambda name=name: self.cut.append(name))


def test_an_address_counts_for_itself_and_a_credential_for_nobody() -> None:
    limits = ConnectionLimits(total=100, per_address=2, unlimited=lambda address: address == "127.0.0.1")
    one = Counted(limits)
    one.open("a", "b")
    one.open("other", address="192.0.2.2")
    one.open(*"123", address="127.0.0.1")
    one.connections.proven("a")
    one.open("c")
    one.open("d", "e")
    assert one.cut == [], "nobody in the first moment"
    one.now = GRACE_S
    one.connections.heard("b")
    one.open("f")
    assert one.cut == ["c", "d", "e"], "those that have been quiet longest, until there are two again"
    assert len(one.connections) == 7


def test_all_that_have_shown_a_credential_stay() -> None:
    one = Counted(ConnectionLimits(total=3, per_address=9))
    one.open("a", "b", "c")
    for name in "abc":
        one.connections.proven(name)
    one.open("d")
    assert (one.cut, len(one.connections)) == (["d"], 3)
    one.connections.closed("a")
    one.open("e")
    assert (one.cut, len(one.connections)) == (["d"], 3)


def test_after_a_moment_without_descriptors_there_is_room_again() -> None:
    one = Counted(ConnectionLimits(total=200, per_address=300))
    one.open(*map(str, range(150)))
    for name in range(100):
        one.connections.proven(str(name))
    for _ in range(10):
        assert one.connections.exhausted(OSError(errno.EMFILE, "Too many open files"))
    assert not one.connections.exhausted(OSError(errno.ECONNABORTED, "gone"))
    one.cut.clear()
    one.open(*(f"new-{number}" for number in range(64)))
    assert one.cut == [], "who has shown a credential leaves places for others"
    one.open("one more")
    assert one.cut == ["new-0"]
    one.now = EXHAUSTED_S + 1
    one.open(*(f"later-{number}" for number in range(30)))
    assert one.cut == ["new-0"], "a minute later as many as ever"


def test_a_home_of_ipv6_is_one_address() -> None:
    assert network_of("2001:db8:1:2:aaaa::1") == network_of("2001:db8:1:2::9") != network_of("2001:db8:1:3::9")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") != network_of("192.0.2.2")


@given(data=st.binary(max_size=300), mask=st.binary(min_size=4, max_size=4), offset=st.integers(0, 9))
def test_a_frame_is_unmasked_as_rfc_6455_says(data: bytes, mask: bytes, offset: int) -> None:
    assert unmasked(data, mask, offset) == bytes(byte ^ mask[(offset + index) % 4] for index, byte in enumerate(data))


FROM_ANY_THREAD = """
import sys, eventlet
eventlet.monkey_patch()
sys.setswitchinterval(1e-6)
from eventlet import tpool
from liveroom.runtime.server.connections import ConnectionLimits, Connections
connections = Connections(ConnectionLimits(total=50, per_address=50))
def come_and_go(name):
    for number in range(5_000):
        connections.opened((name, number), "192.0.2.1", lambda: None)
        connections.closed((name, number))
        if number % 50 == 0 and name != "native":
            eventlet.sleep()
greens = [eventlet.spawn(come_and_go, name) for name in range(4)]
tpool.execute(come_and_go, "native")
for green in greens:
    green.wait()
print(len(connections))
"""


def test_a_socket_that_is_collected_in_a_native_thread_stops_nobody() -> None:
    """With a green lock the hub was never woken again: the room stood still after 10 s of packets that are none."""
    words = [sys.executable, "-W", "ignore", "-c", FROM_ANY_THREAD]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout.strip(), done.stderr) == ("0", "")
