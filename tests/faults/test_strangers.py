"""Who is kept out: foreign hosts and origins, whoever came through a proxy, and keys that are for something else."""

from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial

import httpx
import pytest
import socketio
import websocket

from tests.faults.flood import complaint
from tests.services.screen import InOrder, Watch
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]
Serve = Callable[..., Server]
FOREIGN_HOSTS = ("evil.example", "evil.example:8000", "127.0.0.1.evil.example", "0.0.0.0", "169.254.169.254", "")
FOREIGN_ORIGINS = ("http://evil.example", "https://127.0.0.1.evil.example", "http://127.0.0.1:1", "null", "http://[")
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")
# What is refused is refused at once; the library's own five seconds say how busy this machine is and nothing more.
get, post = partial(httpx.get, timeout=60), partial(httpx.post, timeout=60)
PATHS = ("/wall", "/feed/snapshot", "/healthz", "/socket.io/?EIO=4&transport=polling", "/static/js/wall/wall.js")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory):
    one = Server(data=tmp_path_factory.mktemp("strangers"), env={}).start()
    yield one
    one.kill()


@pytest.mark.parametrize("path", PATHS)
def test_a_foreign_host_or_origin_gets_nothing(room: Server, path: str) -> None:
    hosts = {get(room.url + path, headers={"Host": host}).status_code for host in FOREIGN_HOSTS}
    origins = {get(room.url + path, headers={"Origin": origin}).status_code for origin in FOREIGN_ORIGINS}
    assert (hosts, origins) == ({421}, {421})
    assert get(room.url + path, headers={"Origin": room.url}).status_code == 200


@pytest.mark.parametrize("name", ["Host", "Origin"])
def test_a_foreign_page_cannot_open_a_websocket(room: Server, name: str) -> None:
    address = f"{room.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
    options = {"host": "evil.example"} if name == "Host" else {"origin": "http://evil.example"}
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(address, timeout=30, **options)
    assert refused.value.status_code == 421
    refused.value.__traceback__ = None
    good = websocket.create_connection(address, timeout=30, origin=room.url)
    assert good.recv().startswith("0{")
    good.close()


@pytest.mark.parametrize("name", FORWARDED)
def test_whoever_was_forwarded_is_no_longer_on_loopback(room: Server, name: str) -> None:
    forwarded = {name: "203.0.113.9"}
    order = {"command_id": "c", "seen_seq": 0, "actor": "a", "role": "duty"}
    command = post(f"{room.url}/api/v1/complaints/x/accept", json=order, headers=forwarded)
    assert command.status_code == 401
    assert post(f"{room.url}/api/v1/complaints/x/accept", json=order).status_code == 404
    assert get(f"{room.url}/feed/snapshot", headers=forwarded).status_code == 401
    assert get(f"{room.url}/wall", headers=forwarded, follow_redirects=False).status_code == 401
    assert refused(room, auth={"audience": "desk"}, headers=forwarded)


@pytest.mark.parametrize(
    "said", ["4", "42/feed,[]", "42/feed,[7]", '42/feed,["connect"]', "42/feed,[", "451-/feed,[]", "49"]
)
def test_nonsense_on_the_feed_ends_that_connection_and_leaves_no_traceback(room: Server, said: str) -> None:
    address = f"{room.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
    with closing(websocket.create_connection(address, timeout=30, origin=room.url)) as line:
        assert line.recv().startswith("0{")
        line.send("40/feed,{}")
        while not line.recv().startswith("40/feed,"):
            pass
        with closing(line.sock), suppress(OSError, websocket.WebSocketException):
            line.send(said)
            while line.recv() or line.connected:
                pass
    assert not [line for line in room.log().splitlines() if "handler error" in line or "Traceback" in line]


def refused(room: Server, *, auth: dict[str, str], headers: dict[str, str] | None = None) -> bool:
    """Whether the feed lets this connection in; fails when it neither does nor says no."""
    client, said = InOrder(handshake_s=60), list[str]()
    client.on("connect_error", lambda why: said.append(why["message"]), namespace="/feed")
    try:
        client.connect(
            room.url, namespaces=["/feed"], transports=["websocket"], auth=auth, headers=headers or {}, wait_timeout=60
        )
    except socketio.exceptions.ConnectionError:
        assert said == ["a token is needed"]
        return True
    finally:
        client.disconnect()
    return False


def test_a_screen_sees_what_a_wall_may_see(room: Server, watch: Watch) -> None:
    token = room.last_word("screen", "add", "hall")
    key = room.last_word("source", "add", "app")
    bearer = {"Authorization": f"Bearer {key}"}
    posted = post(f"{room.url}/api/v1/complaints", json=complaint("a-1"), headers=bearer)
    screen = watch(room.url, token=token, audience="desk")
    until(lambda: screen.current and posted.json()["id"] in screen.store.cards, within=90, why="the screen to show it")
    assert "source_id" not in screen.store.cards[posted.json()["id"]], "a screen is a wall, whatever it asks for"
    forwarded = {"X-Forwarded-For": "203.0.113.9", "Authorization": f"Bearer {token}"}
    assert get(f"{room.url}/feed/snapshot?audience=desk", headers=forwarded).json()["epoch"] == screen.store.epoch
    assert not refused(room, auth={"token": token}, headers={"X-Forwarded-For": "203.0.113.9"})


def test_a_key_opens_its_own_door_only(room: Server) -> None:
    key, token = room.last_word("source", "add", "other"), room.last_word("screen", "add", "other")
    assert get(f"{room.url}/feed/snapshot", headers={"Authorization": f"Bearer {key}"}).status_code == 401
    assert refused(room, auth={"token": key})
    assert refused(room, auth={"token": "x"})
    body, bearer = complaint("a-2"), {"Authorization": f"Bearer {token}"}
    assert post(f"{room.url}/api/v1/complaints", json=body, headers=bearer).status_code == 401
