"""A small server of the feed that keeps to docs/feed.md, but for the one fault that it is given.

`FAULTS` is the switchboard: for each fault the place where it acts and what it makes of the message there.
"""

import gzip
import json
import re
import socket
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Request, TextMessage
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from liveroom.runtime.time import monotonic, system_now

Message = dict[str, Any]
EPOCH, DAY = "e1", "2026-11-24"
AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
# Seconds between events, and between beats.
STEP_S, BEAT_S = 0.1, 0.7
ALARM = {
    "id": "passed:1", "seq": 1, "kind": "passed", "priority": 2, "state": "unacked", "complaint": None, "active": True,
    "raised_at": "2026-11-24T01:00:00Z", "acked_by": None, "acked_at": None, "owner": None, "count": 1,
}  # fmt: skip
SOURCE = {"id": "app", "name": "Aplikasi", "every_s": 300, "state": "ok"}
HAZARD = {
    "id": "5e0c.0", "event": "Hujan lebat", "severity": "Severe", "urgency": "Immediate", "certainty": "Likely",
    "expires": "2026-11-24T09:00:00Z", "areas": ["36.71.06.1001"], "polygons": [],
}  # fmt: skip
LINE = {
    "id": "surge:1",
    "kind": "surge",
    "category": "jalan_rusak",
    "area": None,
    "n": 12,
    "since": "2026-11-24T01:00:00Z",
}


def text_of(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def id_of(number: int) -> str:
    return str(UUID(int=(7 << 76) | (2 << 62) | number))


def mark_of(seq: int) -> str:
    return f"m{seq}"


class Room:
    """A log in which each event is a new complaint, done at once if its number is even."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        self.seq = 3
        self.turn = 0
        self.asked = 0
        self.begun = system_now()
        self.lock = threading.RLock()

    def bend(self, place: str, message: Any) -> Any:
        """What the fault makes of a message at this place."""
        where, bend = FAULTS.get(self.fault, ("", None))
        return bend(message, self) if bend is not None and where == place else message

    def times(self) -> Message:
        now = system_now()
        return {"now": text_of(now), "at": text_of(AT + (now - self.begun))}

    def card(self, seq: int) -> Message:
        done = seq % 2 == 0
        state, status = ("done", "done") if done else ("received", "waiting")
        received = "2026-11-24T01:00:00Z"
        card = {
            "id": id_of(seq), "seq": seq, "state": state, "status": status,
            "overdue": False, "paused": None, "source": "app", "category": "jalan_rusak", "priority": "normal",
            "agency": "dpupr", "agencies": ["dpupr"], "area": None, "lat": -6.178, "lon": 106.632, "in_city": True,
            "received_at": received, "received_day": DAY, "closed_at": received if done else None,
            "stage": None if done else "forward", "stage_from": None if done else received,
            "stage_clock": None if done else "working", "due_at": None if done else "2026-11-24T09:00:00Z",
            "escalation": 0, "moves": 0, "drill": True,
        }  # fmt: skip
        return self.bend("card", card)

    def counts(self, seq: int) -> Message:
        done = seq // 2
        cohort = {"in": seq, "waiting": seq - done, "in_process": 0, "done": done, "elsewhere": 0}
        counts = {"day": DAY, "cohort": cohort, "stock": {"open": seq - done, "overdue": 0}, "flow": {"done": done}}
        return self.bend("counts", counts)

    def rest(self, seq: int) -> Message:
        return {
            "alarms": [self.bend("alarm", ALARM)],
            "counts": self.counts(seq),
            "sources": [self.bend("source", SOURCE)],
            "lines": [self.bend("line", LINE)],
            "hazards": [self.bend("hazard", HAZARD)],
        }

    def batch(self, since: int, to: int) -> Message:
        cards = [self.card(seq) for seq in range(since + 1, to + 1)]
        times = self.times()
        named = {"epoch": EPOCH, "mark": mark_of(to), "from": since, "to": to, "logged_at": times["now"]}
        return {**named, **times, "cards": cards, "gone": [], **self.rest(to)}

    def beat(self) -> Message:
        times = self.times()
        pulse = {"as_of": times["now"], "due_to": times["at"], "rate": 1, "build": "2026", "calendar": "c1"}
        return {"epoch": EPOCH, "seq": self.seq, "mark": mark_of(self.seq), **times, **pulse, "heard": {"app": 1.5}}

    def answer(self, asked: Any, audience: str) -> Message:
        """The acknowledgement of `resume`."""
        self.asked += 1
        asked = asked if isinstance(asked, dict) else {}
        seq = asked.get("seq")
        known = type(seq) is int and 0 <= seq <= self.seq and asked.get("mark") == mark_of(seq)
        if not known or asked.get("epoch") != EPOCH:
            return self.order(audience)
        batches = [self.batch(seq, self.seq)] if seq < self.seq else []
        return {"epoch": EPOCH, "seq": self.seq, "mark": mark_of(self.seq), "batches": batches}

    def order(self, audience: str = "wall") -> Message:
        url = f"/feed/snapshot?audience={audience}"
        return {"epoch": EPOCH, "seq": self.seq, "snapshot": url, "jitter_ms": 200}

    def snapshot(self, audience: str) -> Message:
        cards = [self.card(seq) for seq in range(1, self.seq + 1)]
        columns: Message = {name: [card[name] for card in cards] for name in cards[0]}
        if self.fault == "connection.audience" and audience != "wall":
            columns["class"] = ["darurat"] * len(cards)
        named = {"epoch": EPOCH, "seq": self.seq, "mark": mark_of(self.seq), "day": DAY}
        return self.bend("snapshot", {**named, **self.times(), "cards": columns, **self.rest(self.seq)})


class FaultyFeed:
    """The server, as a context. ``url``: where it is; ``paths``: what was fetched by HTTP."""

    def __init__(self, fault: str = "") -> None:
        self.room = Room(fault)
        self.paths: list[str] = []
        self.sockets: list[Client] = []
        self._ended = threading.Event()
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._serve)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "FaultyFeed":
        for loop in (lambda: self._server.serve_forever(0.02), self._tick):
            threading.Thread(target=loop, daemon=True).start()
        return self

    def __exit__(self, *_why: object) -> None:
        self._ended.set()
        self._server.shutdown()
        for client in [*self.sockets]:
            client.end()
        self._server.server_close()

    def _serve(self, tcp: socket.socket, _address: object, _server: object) -> None:
        with suppress(OSError, LocalProtocolError, RemoteProtocolError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += tcp.recv(4096)
            if head.startswith(b"GET /socket.io/"):
                Client(self, tcp).run(head)
            else:
                self._http(tcp, head.decode("latin-1"))

    def _tick(self) -> None:
        """An event every step, and a beat now and then."""
        room, beaten = self.room, monotonic()
        while not self._ended.wait(STEP_S):
            beats = room.fault == "beat.rhythm" or monotonic() - beaten >= BEAT_S
            beaten = monotonic() if beats else beaten
            with room.lock:
                room.turn += 1
                room.seq += 1
                for client in [*self.sockets]:
                    client.turns += 1
                    for message in room.bend("live", [room.batch(room.seq - 1, room.seq)]):
                        client.emit("batch", message)
                    if beats:
                        for message in room.bend("beats", [room.bend("beat", room.beat())]):
                            client.emit("beat", message)
                    client.ping()

    def _http(self, tcp: socket.socket, head: str) -> None:
        method, path, _ = head.split(" ", 2)
        self.paths.append(path)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        packs = "gzip" in (re.search(r"accept-encoding: (.*)", head, re.IGNORECASE) or ["", ""])[1]
        with self.room.lock:
            status, value = self._value(method, urlsplit(path).path, asked)
        body = json.dumps(value).encode()
        headers = {"Content-Type": "application/json"}
        if packs:
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        status, headers, body = self.room.bend("http", (status, headers, body))
        lines = [f"HTTP/1.1 {status} x", *(f"{name}: {said}" for name, said in headers.items())]
        tcp.sendall("\r\n".join([*lines, f"Content-Length: {len(body)}", "Connection: close", "", ""]).encode() + body)

    def _value(self, method: str, path: str, asked: Message) -> tuple[int, Any]:
        room = self.room
        match method, path:
            case "GET", "/feed/snapshot":
                return 200, room.snapshot(asked.get("audience", "wall"))
            case "GET", "/feed/calendar/c1":
                return 200, room.bend("calendar", {"intervals": [[1, 2], [3, 4]]})
            case "GET", "/feed/resume":
                question = {"epoch": asked["epoch"], "seq": int(asked["from"]), "mark": asked["mark"]}
                return 200, room.bend("door", room.answer(question, "wall"))
            case "POST", _:
                return 201, {"id": room.bend("posted", id_of(room.seq + 1))}
        return 404, {}


class Client:
    """One connection to the server; ``questions``: how many it has asked."""

    def __init__(self, server: FaultyFeed, tcp: socket.socket) -> None:
        self._server, self._tcp, self._room = server, tcp, server.room
        self._websocket = WSConnection(ConnectionType.SERVER)
        self._joined = False
        self._audience = "wall"
        self.turns = self.questions = 0
        self.asked: Any = None
        self._text = ""

    def run(self, head: bytes) -> None:
        """Serve it until it ends."""
        data = head
        while data:
            self._websocket.receive_data(data)
            for event in self._websocket.events():
                if isinstance(event, Request):
                    self._tcp.sendall(self._websocket.send(AcceptConnection()))
                    opened = {
                        "sid": "1",
                        "upgrades": [],
                        "pingInterval": 1000,
                        "pingTimeout": 1000,
                        "maxPayload": 65536,
                    }
                    self.say("0" + json.dumps(self._room.bend("open", opened)))
                elif isinstance(event, TextMessage):
                    self._text += event.data
                    if event.message_finished:
                        text, self._text = self._text, ""
                        self._hear(text)
                elif isinstance(event, CloseConnection):
                    return
            data = self._tcp.recv(1 << 17)
        self._leave()

    def _hear(self, text: str) -> None:
        with self._room.lock:
            if text.startswith("40/feed,"):
                self._audience = json.loads(text[8:])["audience"]
                self.say('40/feed,{"sid":"1"}')
                self._server.sockets.append(self)
                self.say(self._room.bend("joined", ""))
            elif question := re.match(r'42/feed,(\d+)\["resume",(.*)\]$', text):
                self.questions += 1
                asked = json.loads(question[2])
                answer = self._room.answer(asked, self._audience)
                answer = self._room.bend("answer", (asked, answer, self))
                answer, self.asked = answer[1] if isinstance(answer, tuple) else answer, asked
                if answer is not None:
                    self.say(f"43/feed,{question[1]}{json.dumps([answer])}")
            elif text.startswith("4") and self._room.bend("odd", self._odd(text)):
                self.end()

    @staticmethod
    def _odd(text: str) -> str:
        """Why a message ends the connection: bad, long; "" for one that is ignored."""
        return "long" if len(text) > 65_536 else "" if text.endswith("]") else "bad"

    def emit(self, name: str, message: Any) -> None:
        """Send an event; one that cannot be sent is lost."""
        self.say(f"42/feed,{json.dumps([name, message])}")
        if self.turns == 5 and self._room.fault == "connection.kept":
            self.end()

    def ping(self) -> None:
        """Every other turn."""
        if self.turns % 2 == 0 and self._room.fault != "connection.ping":
            self.say("2")

    def say(self, text: str) -> None:
        """Send a text; none where it is empty."""
        if text:
            with suppress(OSError, LocalProtocolError):
                self._tcp.sendall(self._websocket.send(TextMessage(data=text)))

    def end(self) -> None:
        """Close the connection."""
        self._leave()
        with suppress(OSError):
            self._tcp.shutdown(socket.SHUT_RDWR)

    def _leave(self) -> None:
        if self in self._server.sockets:
            self._server.sockets.remove(self)


# The faults.

Bend = Callable[[Any, Room], Any]


def put(**fields: Any) -> Bend:
    """The message with other values in these fields."""
    return lambda message, _room: {**message, **fields}


def drop(name: str) -> Bend:
    """The message without a field."""
    return lambda message, _room: {key: value for key, value in message.items() if key != name}


def in_live(change: Bend) -> Bend:
    """What becomes of a live batch."""
    return lambda batches, room: [change(batch, room) for batch in batches]


def when(asks: Callable[[Any, Message, Client], bool], give: Callable[[Message, Room], Any]) -> Bend:
    """Another answer to such a question."""
    return lambda said, room: give(said[1], room) if asks(*said) else said[1]


def to_order(asks: Callable[[Any, Message, Client], bool]) -> Bend:
    """The order to take the snapshot where batches would do."""
    return when(asks, lambda _answer, room: room.order())


def nothing_new(_answer: Message, room: Room) -> Message:
    return {"epoch": EPOCH, "seq": room.seq, "mark": mark_of(room.seq), "batches": []}


def to_nothing_new(asks: Callable[[Any, Message, Client], bool]) -> Bend:
    """An answer as to one who is at the head."""
    return when(asks, nothing_new)


def good(asked: Any, answer: Message, _client: Client) -> bool:
    return "batches" in answer


def ordered(asked: Any, answer: Message, _client: Client) -> bool:
    return "snapshot" in answer


def is_position(asked: Any) -> bool:
    return (
        isinstance(asked, dict)
        and isinstance(asked.get("mark"), str)
        and type(asked.get("seq")) is int
        and asked["seq"] >= 0
    )


def late(moment: str, seconds: float) -> str:
    return text_of(datetime.fromisoformat(moment) + timedelta(seconds=seconds))


def at_once(asked: Any, answer: Message, client: Client) -> bool:
    """The first question of a connection that begins at a position."""
    return "batches" in answer and client.questions == 1


def of_the_past(asked: Any, answer: Message, client: Client) -> bool:
    return at_once(asked, answer, client) and asked["seq"] < answer["seq"] - 2


def again(asked: Any, answer: Message, client: Client) -> bool:
    return "batches" in answer and client.asked == asked


def too_many(_asked: Any, _answer: Message, client: Client) -> bool:
    return client.questions > 9


def beyond(asked: Any, *_: object) -> bool:
    return is_position(asked) and asked["seq"] > 900_000


def foreign(asked: Any, *_: object) -> bool:
    return is_position(asked) and asked["epoch"] != EPOCH


def wrong_mark(asked: Any, *_: object) -> bool:
    return is_position(asked) and asked["mark"].endswith("x")


def silence(_answer: Message, _room: Room) -> None:
    """No answer."""


def packed_wrongly(said: tuple[int, Message, bytes], _room: Room) -> tuple[int, Message, bytes]:
    """Packed, whether that is accepted or not."""
    status, headers, body = said
    if "Content-Encoding" not in headers:
        headers, body = {**headers, "Content-Encoding": "gzip"}, gzip.compress(body)
    return status, headers, body


def partial(batch: Message, _room: Room) -> Message:
    return {**batch, "cards": [{name: card[name] for name in card if name != "area"} for card in batch["cards"]]}


def shifted(batch: Message, _room: Room) -> Message:
    return {**batch, "cards": [{**card, "escalation": 300} for card in batch["cards"]]}


FAULTS: dict[str, tuple[str, Bend]] = {
    "alarm.fields": ("alarm", put(priority="high")),
    "alarm.forbidden": ("alarm", put(reason="Pak Joko di kantor")),
    "alarm.standing": ("alarm", put(state="normal")),
    "batch.fields": ("live", in_live(drop("gone"))),
    "batch.gap": ("live", in_live(lambda batch, _: {**batch, "from": batch["to"]})),
    "batch.pace": ("live", in_live(lambda batch, room: {**batch, "now": late(text_of(room.begun), room.turn / 100)})),
    "batch.range": ("live", in_live(lambda batch, _: {**batch, "from": batch["to"] + 1})),
    "batch.repeat": ("live", lambda batches, _: batches * 2),
    "beat.age": ("beat", lambda beat, _: {**beat, "as_of": late(beat["now"], -60)}),
    "beat.fields": ("beat", drop("build")),
    "beat.heard": ("beat", put(heard={"app": "just now"})),
    "beat.position": ("beat", lambda beat, _: {**beat, "seq": beat["seq"] - 1, "mark": mark_of(beat["seq"] - 1)}),
    "beat.pulse": ("beats", lambda beats, _: [*beats, {**beats[-1], "as_of": late(beats[-1]["now"], -20)}]),
    "beat.rhythm": ("", put()),
    "beat.time": ("beats", lambda beats, _: beats * 2),
    "calendar.fields": ("calendar", put(intervals=[[5, 3]])),
    "card.fields": ("card", put(state="stolen")),
    "card.forbidden": ("card", put(description="Lubang di depan rumah Bu Siti")),
    "card.once": ("snapshot", lambda one, _: {**one, "cards": {name: [*c, c[0]] for name, c in one["cards"].items()}}),
    "card.place": ("card", put(lon=None)),
    "card.status": ("card", put(status="in_process")),
    "card.unknown": ("card", put(colour="red")),
    "card.whole": ("live", in_live(partial)),
    "connection.audience": ("", put()),
    "connection.bad_packet": ("odd", lambda why, _: why if why != "bad" else ""),
    "connection.kept": ("", put()),
    "connection.long_message": ("odd", lambda why, _: why if why != "long" else ""),
    "connection.other_events": ("odd", lambda why, _: why or "any"),
    "connection.ping": ("open", put(pingInterval=100, pingTimeout=100)),
    "counts.cards": ("counts", put(stock={"open": 700, "overdue": 0})),
    "counts.fields": ("counts", drop("flow")),
    "counts.sum": ("counts", lambda counts, _: {**counts, "cohort": {**counts["cohort"], "in": 700}}),
    "door.answer": ("door", lambda _answer, _room: {"rows": []}),
    "hazard.fields": ("hazard", drop("expires")),
    "hazard.forbidden": ("hazard", put(instruction="Tetap di dalam.")),
    "line.fields": ("line", drop("kind")),
    "line.forbidden": ("line", put(by="joko")),
    "number.size": ("card", put(seq=2**53)),
    "packet.form": ("joined", lambda _text, _room: '42/feed,["batch",{"_placeholder":'),
    "position.fields": ("beat", put(mark=None)),
    "position.mark": ("beat", put(mark="m0")),
    "post.arrives": ("posted", lambda _id, _room: id_of(99_999)),
    "resume.again": ("answer", to_order(again)),
    "resume.answer": ("answer", when(good, lambda _answer, _room: {})),
    "resume.beyond": ("answer", to_nothing_new(beyond)),
    "resume.chain": ("answer", when(good, lambda answer, _: {**answer, "seq": answer["seq"] + 5})),
    "resume.first": ("answer", to_nothing_new(lambda asked, *_: asked == {})),
    "resume.foreign_epoch": ("answer", to_nothing_new(foreign)),
    "resume.garbage": ("answer", when(lambda asked, *_: asked == [], silence)),
    "resume.jitter": ("answer", when(ordered, lambda answer, _: {**answer, "jitter_ms": "soon"})),
    "resume.load": ("answer", to_order(good)),
    "resume.many": ("answer", when(too_many, silence)),
    "resume.past": ("answer", to_order(of_the_past)),
    "resume.reconnect": ("answer", to_order(at_once)),
    "resume.retry": ("answer", lambda said, room: {"error": "unavailable"} if room.asked == 2 else said[1]),
    "resume.url": ("answer", when(ordered, lambda answer, _: {**answer, "snapshot": "http://10.0.0.1/feed/snapshot"})),
    "resume.wrong_mark": ("answer", to_nothing_new(wrong_mark)),
    "snapshot.age": ("answer", when(ordered, lambda answer, _: {**answer, "seq": answer["seq"] + 900})),
    "snapshot.columns": ("snapshot", lambda one, _: {**one, "cards": {**one["cards"], "seq": [1]}}),
    "snapshot.fields": ("snapshot", drop("day")),
    "snapshot.gzip": ("http", packed_wrongly),
    "snapshot.type": ("http", lambda said, _: (said[0], {**said[1], "Content-Type": "text/html"}, said[2])),
    "source.fields": ("source", put(state="fine")),
    "state.agree": ("live", in_live(shifted)),
    "time.form": ("beat", put(now="2026-11-24 09:00:00+07:00")),
}  # fmt: skip
