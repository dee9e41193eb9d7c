"""What a forwarder that says nothing lets the world see of a real room: nothing, on every door and for every audience.

An `ssh -L` or `socat`, a bare `proxy_pass`, a container's published port: the room sees its own machine ask, under the
Host that it knows. It is asked here as the rudest stranger would, who names role, actor and audience.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import socketio
import websocket

from display.auth.permissions import PERMISSIONS
from display.auth.visitor import PrincipalKind
from tests.display.auth.doors import path_of, refused
from tests.display.auth.permissions_page import routes
from tests.faults.flood import complaint
from tests.rooms.staffed import AGENCY, PASSWORD, with_all_doors
from tests.services import forwarder
from tests.services.process import Process, free_port, listening
from tests.services.screen import InOrder
from tests.services.server import UNTRUSTED, Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]
AUDIENCES = ("wall", "visit", "desk", f"agency:{AGENCY}", "lead")
AS_ANYBODY = {"command_id": "c", "seen_seq": 0, "actor": "rina", "role": "admin", "actor_agency": AGENCY}
# A bare proxy: HTTP/1.0 to the room, Host of its own making, no header that tells of the client.
NGINX = """
daemon off;
worker_processes 1;
pid {home}/pid;
error_log {home}/error.log warn;
events {{}}
http {{
    access_log off;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://127.0.0.1:{room}; }}
    }}
}}
"""
# Of a range that no network uses (RFC 2544); a test run has its own.
NEAR, FAR = (f"198.18.{os.getpid() % 256}.{host}" for host in (1, 2))


@dataclass(frozen=True)
class Way:
    """A way to the room from outside; ``websockets`` are carried, or only requests."""

    url: str
    websockets: bool = True


@contextmanager
def forwarded(home: Path, listen: tuple[str, int], to: tuple[str, int], *before: str) -> Iterator[None]:
    """A forwarder from one address to another; ``before``: what its process is started by."""
    words = [sys.executable, forwarder.__file__, listen[0], str(listen[1]), to[0], str(to[1])]
    process = Process([*before, *words], log=home / f"forwarder-{listen[1]}.log")
    process.start(cwd=home)
    try:
        yield
    finally:
        process.end()


@contextmanager
def plain(home: Path, room: int) -> Iterator[Way]:
    port = free_port()
    with forwarded(home, ("127.0.0.1", port), ("127.0.0.1", room)):
        until(lambda: listening(port), why="the forwarder")
        yield Way(f"http://127.0.0.1:{port}")


@contextmanager
def bare_proxy(home: Path, room: int) -> Iterator[Way]:
    if not shutil.which("nginx"):
        pytest.skip("Debian's nginx is not here")
    port = free_port()
    (home / "nginx.conf").write_text(NGINX.format(home=home, port=port, room=room))
    proxy = Process(["nginx", "-c", str(home / "nginx.conf")], log=home / "nginx.log")
    proxy.start(cwd=home)
    try:
        until(lambda: listening(port), why="nginx to listen")
        yield Way(f"http://127.0.0.1:{port}", websockets=False)
    finally:
        proxy.end()


@contextmanager
def container(home: Path, room: int) -> Iterator[Way]:
    """A published port: a network namespace with a pair of cables where that may be made, else another loopback."""
    with ExitStack() as stack:
        port, inner = free_port(), free_port()
        if _namespace(stack):
            name = f"liveroom-{os.getpid()}"
            stack.enter_context(forwarded(home, (NEAR, inner), ("127.0.0.1", room)))
            until(lambda: _answers(NEAR, inner), why="the published port")
            stack.enter_context(forwarded(home, (FAR, port), (NEAR, inner), "ip", "netns", "exec", name))
            address = FAR
        else:
            address = "127.0.0.2"
            stack.enter_context(forwarded(home, (address, port), ("127.0.0.1", room)))
        until(lambda: _answers(address, port), why="the way through the container")
        yield Way(f"http://{address}:{port}")


def _namespace(stack: ExitStack) -> bool:
    name = f"liveroom-{os.getpid()}"
    if os.geteuid() != 0 or not shutil.which("ip") or _ip(f"netns add {name}"):
        return False
    stack.callback(_ip, f"netns del {name}")
    ends = (f"lr{os.getpid()}a", f"lr{os.getpid()}b")
    orders = (
        f"link add {ends[0]} type veth peer name {ends[1]}",
        f"link set {ends[1]} netns {name}",
        f"addr add {NEAR}/30 dev {ends[0]}",
        f"link set {ends[0]} up",
        f"-n {name} addr add {FAR}/30 dev {ends[1]}",
        f"-n {name} link set {ends[1]} up",
    )
    stack.callback(_ip, f"link del {ends[0]}")
    return not any(_ip(order) for order in orders)


def _ip(order: str) -> int:
    return subprocess.run(["ip", *order.split()], capture_output=True, check=False).returncode


def _answers(host: str, port: int) -> bool:
    try:
        return httpx.get(f"http://{host}:{port}/healthz", timeout=30).status_code in (200, 421)
    except httpx.TransportError:
        return False


WAYS: dict[str, Callable[..., Iterator[Way]]] = {"socat": plain, "proxy_pass": bare_proxy, "container": container}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real room with a complaint in it that trusts nobody, and in which nobody can log in yet."""
    one = Server(data=tmp_path_factory.mktemp("room"), env={**UNTRUSTED, "LIVEROOM_PASSWORD": PASSWORD}).start()
    bearer = {"Authorization": f"Bearer {one.last_word('source', 'add', 'lapor')}"}
    told = httpx.post(f"{one.url}/api/v1/complaints", json=complaint("secret-1"), headers=bearer, timeout=60)
    assert told.status_code == 201
    yield one
    one.kill()


@pytest.fixture(scope="module", params=WAYS)
def way(room: Server, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    with WAYS[request.param](tmp_path_factory.mktemp("way"), room.port) as found:
        yield found


@pytest.fixture(scope="module")
def stranger(room: Server, way: Way) -> Iterator[httpx.Client]:
    """Whoever comes that way, and says that it asks the room's own machine: nothing keeps a client from that."""
    with httpx.Client(base_url=way.url, headers={"Host": f"127.0.0.1:{room.port}"}, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, str]]:
    """(method, address, endpoint) of every route of the product, those of an OpenID provider left out."""
    found = routes(with_all_doors(tmp_path_factory.mktemp("doors")).app)
    return [(m, path_of(rule), rule.endpoint) for m, rule in found if not rule.endpoint.startswith("openid.")]


def test_every_door_takes_whoever_comes_through_for_a_stranger(
    stranger: httpx.Client, doors: list[tuple[str, str, str]]
) -> None:
    as_one = {"audience": "desk", "role": "admin", "actor": "rina", "as": AGENCY}
    wrong = []
    for method, path, endpoint in doors:
        row = PERMISSIONS[endpoint]
        body = {"json": AS_ANYBODY} if method == "POST" else {}
        answer = stranger.request(method, path, params=as_one, **body)  # type: ignore[arg-type]
        assert answer.status_code < 500, (path, answer.text)
        if endpoint == "pages.wall":
            assert (answer.status_code, 'data-door="none"' in answer.text) == (401, True)
        elif row.own:
            # These look themselves, for a link, a ticket or a CSRF value that nobody has here.
            if PrincipalKind.NOBODY not in row.kinds and answer.status_code not in (401, 403):
                wrong.append(f"{method} {path}: {answer.status_code}")
        elif refused(row, PrincipalKind.NOBODY, answer) == (PrincipalKind.NOBODY in row.kinds):
            wrong.append(f"{method} {path}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize("audience", AUDIENCES)
def test_no_audience_of_the_feed_is_given_to_whoever_comes_through(
    room: Server, way: Way, stranger: httpx.Client, audience: str
) -> None:
    assert stranger.get("/feed/snapshot", params={"audience": audience}).status_code == 401
    assert told_by_polling(stranger, audience).endswith('/feed,{"message":"a token is needed"}')
    if way.websockets:
        assert kept_out_by_websocket(room, way, audience)


def told_by_polling(stranger: httpx.Client, audience: str) -> str:
    """What the feed answers to a connection by polling, as the protocol writes it."""
    address = "/socket.io/?EIO=4&transport=polling"
    sid = json.loads(stranger.get(address).text[1:])["sid"]
    stranger.post(f"{address}&sid={sid}", content="40/feed," + json.dumps({"audience": audience}))
    return stranger.get(f"{address}&sid={sid}").text


def kept_out_by_websocket(room: Server, way: Way, audience: str) -> bool:
    """Whether the feed says no to this audience; fails when it says neither yes nor no."""
    client, said = InOrder(handshake_s=60, host=f"127.0.0.1:{room.port}", suppress_origin=True), list[str]()
    client.on("connect_error", lambda why: said.append(why["message"]), namespace="/feed")
    asks = {"namespaces": ["/feed"], "transports": ["websocket"], "auth": {"audience": audience}}
    try:
        client.connect(way.url, **asks, wait_timeout=60)
    except socketio.exceptions.ConnectionError:
        assert said == ["a token is needed"]
        return True
    finally:
        client.disconnect()
    return False


def test_a_credential_opens_through_a_forwarder_what_it_opens(room: Server, stranger: httpx.Client) -> None:
    token = room.last_word("screen", "add", f"dinding-{free_port()}")
    snapshot = stranger.get("/feed/snapshot", headers={"Authorization": f"Bearer {token}"})
    assert (snapshot.status_code, len(snapshot.json()["cards"]["id"])) == (200, 1)
    assert stranger.get("/lapor").status_code == 200


def test_the_names_of_the_room_hold_for_the_feed_too(room: Server, way: Way) -> None:
    """What is open to strangers, health and the form, is so under the room's names and to its own pages alone."""
    for headers in ({"Host": "evil.example"}, {"Host": f"127.0.0.1:{room.port}", "Origin": "http://evil.example"}):
        for path in ("/socket.io/?EIO=4&transport=polling", "/wall", "/readyz"):
            answer = httpx.get(f"{way.url}{path}", headers=headers, timeout=60)
            # A proxy that makes a Host of its own hides the browser's, which is why it has to pass it on.
            hidden = not way.websockets and "Origin" not in headers
            assert hidden or answer.status_code == 421, (headers, path)
    if way.websockets:
        address = f"{way.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
        with pytest.raises(websocket.WebSocketBadStatusException) as no:
            websocket.create_connection(
                address, timeout=60, host=f"127.0.0.1:{room.port}", origin="http://evil.example"
            )
        assert no.value.status_code == 421
        no.value.__traceback__ = None
