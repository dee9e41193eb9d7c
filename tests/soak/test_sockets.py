"""The feed's Socket.IO as strangers speak it: any event, any argument, any credential, packets that are none."""

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
import websocket
from hypothesis import strategies as st

from tests.rooms.staffed import NAME
from tests.soak.junk import values
from tests.soak.served import ServedRoom
from tests.soak.strangers import written
from tests.soak.walk import Walk

pytestmark = [pytest.mark.soak]
ANSWER_S = 30
EVENTS = [
    "resume",
    "report",
    "connect",
    "disconnect",
    "message",
    "batch",
    "beat",
    "error",
    "",
    "__class__",
    "trigger_event",
]
PACKETS = [
    "4", "42", "42/feed", "42/feed,", "42/feed,[]", "42/feed,{}", "42/feed,[1]", "42/feed,[null]", "42/feed,[{}]",
    '42/feed,[["resume"]]',
    "4A", "4-1", "47", "44/feed,{}", '451-/feed,["resume",{"_placeholder":true,"num":0}]',
    '45999999999-/feed,["resume"]', "46/feed,1[]",
    "43/feed,1[]", '43/feed,99999999999999999999999["x"]', '42/feed,99999999999999999999999["resume",{}]',
    '42/nowhere,["resume"]',
    '42["resume"]', "40", "40/nowhere,", "40/feed,", "40/feed,[", "40/feed,{", "41/feed,", "41", "2probe", "3probe",
    "5", "6", "9", "x", "\ud7ff",
    "42/feed,[" * 50, "42/feed," + "[" * 2000, '42/feed,["resume",{"seq":1e999}]', "42/feed,[NaN]", "bAAAA", "b",
    "4\x00", "0{}", "1",
]  # fmt: skip


class Line(websocket.WebSocket):
    """A connection that closes with its last owner, even one that was refused."""

    def __del__(self) -> None:
        self.shutdown()


@dataclass(frozen=True, slots=True)
class Visit:
    """One connection: its credential, and what it says, in what manner ``dice`` tells."""

    dice: Random
    auth: Any
    said: list[Any]


def visits(room: ServedRoom) -> st.SearchStrategy[Visit]:
    tokens = room.inner.known.tokens
    junk = values(st.sampled_from([one for kind in tokens.values() for one in kind]))
    fields = {
        "resume": {"epoch": "x", "seq": 3, "mark": "x"},
        "report": {"page": "abcdefgh-1", "kind": "wall", "seq": 3, "lags_ms": [1], "sound": "off",
        "lost": {"from_s": 30, "to_s": 2}},
    }  # fmt: skip

    @st.composite
    def drawn(draw: Callable[..., Any]) -> Visit:
        dice = Random(draw(st.integers(0, 2**64 - 1)))
        auth: Any = {"token": dice.choice(tokens["screen"])}
        if dice.random() < 0.2:
            auth = draw(junk)
        elif dice.random() < 0.3:
            auth |= {dice.choice(["token", "audience"]): draw(junk)}
        said: list[Any] = []
        for _ in range(dice.randrange(6)):
            one: Any = dict(fields[dice.choice(["resume", "report"])])
            one[dice.choice([*one, "picture", "painted_s", "scene", "width"])] = draw(junk)
            said.append(one if dice.random() < 0.8 else draw(junk))
        return Visit(dice, auth, said)

    return drawn()


def line_to(room: ServedRoom, address: str) -> websocket.WebSocket:
    """An open connection that has joined nothing yet."""
    url = f"ws://127.0.0.1:{room.server.port}/socket.io/?EIO=4&transport=websocket"
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": address}
    line = websocket.create_connection(
        url, timeout=ANSWER_S, host=NAME, header=headers, suppress_origin=True, class_=Line
    )
    line.recv()
    return line


def come(room: ServedRoom, visit: Visit, walk: Walk) -> None:
    """Connect, join, say all of it, and go; what the server thinks of it stands in its log."""
    try:
        with closing(line_to(room, f"203.0.113.{visit.dice.randrange(250)}")) as line:
            line.send("40/feed," + written(visit.auth).decode())
            joined = line.recv().startswith("40/feed,")
            walk.tally.counts["socket: joined" if joined else "socket: refused", 0] += 1
            for value in visit.said:
                say(line, visit.dice, value)
                walk.tally.counts["socket: packets", 0] += 1
            line.send('42/feed,9["resume",{}]')
            while joined and not str(line.recv()).startswith("43/feed,9["):
                pass
    except (OSError, websocket.WebSocketException):
        walk.tally.counts["socket: ended by the server", 0] += 1


def say(line: websocket.WebSocket, dice: Random, value: Any) -> None:
    """Mostly an event that the feed knows, with that as its argument."""
    manner = dice.random()
    if manner < 0.03:
        line.send_binary(dice.randbytes(dice.randrange(30)))
    elif manner < 0.1:
        line.send(dice.choice(PACKETS))
    else:
        known = "resume" if isinstance(value, dict) and "mark" in value else "report"
        event: Any = dice.choice([*EVENTS, value]) if manner < 0.2 else known
        more = [value] * dice.choice([1, 1, 1, 0, 2, 5])
        line.send(f"42/feed,{dice.choice(['', '1', '7'])}{written([event, *more]).decode()}")


def is_answered(room: ServedRoom) -> bool:
    """Whether a screen still joins and is told where to begin."""
    with closing(line_to(room, "203.0.113.251")) as line:
        line.send("40/feed," + json.dumps({"token": room.inner.known.tokens["screen"][0]}))
        line.send('42/feed,1["resume",{}]')
        ends = time.monotonic() + ANSWER_S
        while time.monotonic() < ends:
            if line.recv().startswith("43/feed,1["):
                return True
    return False


def test_the_feed(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with ServedRoom(tmp_path) as room:
        walk, read, strangers = Walk(), 0, visits(room)
        while not walk.over:
            walk.rounds(1, 20, strangers, lambda visit: come(room, visit, walk))
            read = walk.tally.note_log(room.server.log(), read, walk.number - 1)
            assert is_answered(room)
        assert room.answers()
    walk.tell("sockets of eventlet", request)
