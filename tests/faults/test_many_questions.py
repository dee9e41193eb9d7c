"""One connection that asks without end is answered at a walking pace; everybody else is answered meanwhile."""

from collections.abc import Callable

import httpx
import pytest
import websocket

from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]
# Five minutes at that pace: no machine is so slow that all are answered before the others were.
ASKED = 600


@pytest.fixture
def room(tmp_path):  # type: ignore[no-untyped-def]
    one = Server(data=tmp_path, env={}).start()
    yield one
    one.kill()


def joined(room: Server) -> websocket.WebSocket:
    one = websocket.create_connection(
        f"{room.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket", timeout=60
    )
    one.recv()
    one.send("40/feed,")
    until(lambda: one.recv().startswith("40/feed"), why="the feed to let it in")
    return one


def answers(one: websocket.WebSocket, wanted: Callable[[str], bool]) -> list[str]:
    """Acknowledgements until one that is wanted; pings are answered on the way."""
    found: list[str] = []
    while not found or not wanted(found[-1]):
        text = one.recv()
        if text == "2":
            one.send("3")
        if text.startswith("43/feed,"):
            found.append(text.removeprefix("43/feed,").split("[", 1)[0])
    return found


def test_one_that_asks_without_end_holds_up_nobody(room: Server) -> None:
    key = room.last_word("source", "add", "LAKSA")
    flood, other = joined(room), joined(room)
    for number in range(ASKED):
        flood.send(f'42/feed,{number}["resume",{{"epoch":"E","seq":2,"mark":"x"}}]')
    assert answers(flood, lambda number: number == "9") == [str(number) for number in range(10)]
    other.send('42/feed,0["resume",{}]')
    assert answers(other, lambda number: number == "0") == ["0"]
    posted = httpx.post(
        f"{room.url}/api/v1/complaints",
        json={"source_id": "L-1", "category": "banjir"},
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
    )
    assert posted.status_code == 201
    flood.settimeout(0.05)
    with pytest.raises(websocket.WebSocketTimeoutException):
        answers(flood, lambda number: number == str(ASKED - 1))
    flood.close()
    other.close()
