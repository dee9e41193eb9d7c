"""Socket.IO over a websocket to a server that may be anything, and HTTP to it: bounded in time, size and memory.

Of the protocol as much as a client of the feed needs (Engine.IO 4, Socket.IO 5, text packets, namespace `/feed`). All
connections of a check are read by one thread with ``pump``, so that what comes is judged in the order it came in.
"""

import json
import re
import select
import socket
import ssl
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from io import StringIO
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from liveroom.runtime.http_client import BoundedClient, NoReplyError, within
from liveroom.runtime.time import monotonic

TARGET = "/socket.io/?EIO=4&transport=websocket"
NAMESPACE = "/feed"
# Seconds for a connection from the first packet to the joined namespace, and for one read or write.
JOIN_S, STEP_S = 15.0, 5.0
# Characters of one message; bytes of one HTTP answer, unpacked; values in either (a parser makes 60 bytes of each).
LONGEST_MESSAGE, LONGEST_ANSWER, MOST_VALUES = 4 << 20, 64 << 20, 4_000_000
FETCH_S = 30.0
# Characters of a value that are shown.
LONGEST_SHOWN = 80
PACKET = re.compile(r"([0-6])(?:(\d+)-)?(?:(/[^,]*),)?(\d{0,10})(.*)", re.DOTALL)
GZIP = 16 + zlib.MAX_WBITS


class CannotConnect(Exception):
    """There is no feed there, or it does not let us in: the key of a text and what fills it."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key, self.values = key, values


class BadAnswer(Exception):
    """An HTTP answer or a packet that cannot be used: the key of a text and what fills it."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def shown(value: object) -> str:
    """A value from outside, short and in ASCII: nothing that a terminal would obey."""
    try:
        text = json.dumps(_cut(value, 2))
    except (TypeError, ValueError):
        text = type(value).__name__
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."


def _cut(value: object, depth: int) -> object:
    """The beginning of a value, which may be of any size."""
    match value:
        case str():
            return value[:LONGEST_SHOWN]
        case list():
            return [_cut(one, depth - 1) for one in value[:4]] if depth else "..."
        case dict():
            return {str(name)[:40]: _cut(value[name], depth - 1) for name in islice(value, 4)} if depth else "..."
        case _:
            return value


def plain(words: object) -> str:
    """Text from outside, such as a server's reason, short and in ASCII."""
    return json.dumps(str(words)[:160])[1:-1]


def read_json(text: str | bytes) -> Any:
    """The value of a JSON text. Raises BadAnswer, also for one with more values than a feed would send."""
    marks: tuple[Any, ...] = (b",", b"[", b"{") if isinstance(text, bytes) else (",", "[", "{")
    if sum(text.count(mark) for mark in marks) > MOST_VALUES:
        raise BadAnswer("large")
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        begins = text[:60].decode("utf-8", "replace") if isinstance(text, bytes) else text[:60]
        raise BadAnswer("no_json", value=shown(begins)) from error


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


# The address, and HTTP.


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is: ``origin`` as in ``https://wall.example``."""

    origin: str
    host: str
    port: int
    secure: bool

    def path_of(self, url: str) -> str | None:
        """The path of a URL of this server, which may be only a path; None where it leads elsewhere."""
        parts = urlsplit(url)
        if (parts.scheme or parts.netloc) and f"{parts.scheme}://{parts.netloc}" != self.origin:
            return None
        if not parts.path.startswith("/") or url.startswith("//"):
            return None
        return parts.path + (f"?{parts.query}" if parts.query else "")


def address_of(url: str) -> Address:
    """The address of a server. Raises CannotConnect for a text that is none, and for one with a path."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port, host = parts.port, parts.hostname
    except ValueError:
        raise CannotConnect("address") from None
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.path.strip("/") or parts.query:
        raise CannotConnect("address")
    secure = parts.scheme == "https"
    return Address(f"{parts.scheme}://{parts.netloc}", host, port or (443 if secure else 80), secure)


@dataclass(frozen=True, slots=True)
class Fetched:
    """An HTTP answer; ``body`` is unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(address: Address, path: str, *, accept: str = "gzip", method: str = "GET", **sent: Any) -> Fetched:
    """The answer to a request. ``accept``: encodings; ``sent``: what httpx takes. Raises BadAnswer."""
    headers = {"Accept-Encoding": accept, "Accept": "application/json", **sent.pop("headers", {})}
    try:
        with _client().request(method, address.origin + path, headers=headers, **sent) as answer:
            said = {name.lower(): value for name, value in answer.headers.items()}
            body = _unpacked(answer.iter_raw(65_536), said.get("content-encoding", "identity"))
            return Fetched(answer.status_code, said, body)
    except NoReplyError as error:
        raise BadAnswer("slow" if error.late else "no_reply") from error
    except (ValueError, zlib.error) as error:
        raise BadAnswer("garbled") from error


@cache
def _client() -> BoundedClient:
    return BoundedClient(FETCH_S)


def _unpacked(chunks: Iterable[bytes], encoding: str) -> bytes:
    """The body, at most ``LONGEST_ANSWER`` bytes of it unpacked. Raises BadAnswer."""
    if encoding not in ("identity", "", "gzip"):
        raise BadAnswer("encoding", value=shown(encoding))
    inflate = zlib.decompressobj(GZIP) if encoding == "gzip" else None
    body = bytearray()
    for chunk in chunks:
        body += inflate.decompress(chunk, LONGEST_ANSWER + 1 - len(body)) if inflate else chunk
        if len(body) > LONGEST_ANSWER:
            raise BadAnswer("large")
    if inflate is not None and not inflate.eof:
        raise BadAnswer("garbled")
    return bytes(body)


# One connection.


@dataclass(frozen=True, slots=True)
class Packet:
    """An event with its name, or an acknowledgement with the number of its question; ``at`` of ``monotonic``."""

    name: str
    ack: int | None
    value: Any
    at: float


class FeedSocket:
    """One connection to `/feed`. ``heard(packet)`` is called for each packet while ``pump`` reads.

    ``over``: why it has ended, None while it is open; ``pings``: how often the server has asked whether we are there.
    """

    def __init__(self, address: Address, auth: Mapping[str, str], heard: Callable[[Packet], None]) -> None:
        self._address = address
        self._auth = auth
        self._heard = heard
        self._websocket = WSConnection(ConnectionType.CLIENT)
        self._text, self._length = StringIO(), 0
        self._asked = 0
        self._joined = False
        self._refused: str | None = None
        self.over: BadAnswer | None = None
        self.pings = 0
        self.engine: Mapping[str, Any] = {}
        self.opened_at = monotonic()
        self._socket = self._open()

    def _open(self) -> socket.socket:
        """Connect and join. Raises CannotConnect."""
        where = self._address
        try:
            tcp = socket.create_connection((where.host, where.port), STEP_S)
        except (OSError, UnicodeError) as error:
            raise CannotConnect("tcp", why=_reason(error)) from error
        self._socket = tcp
        try:
            with within(JOIN_S) as guard:
                guard.watch(lambda: tcp)
                self._join(tcp)
        except (OSError, LocalProtocolError) as error:
            self.close()
            raise CannotConnect("slow" if guard.late else "tcp", why=_reason(error)) from error
        except BadAnswer as error:
            self.close()
            raise CannotConnect("slow" if guard.late else error.key, **error.values) from error
        return self._socket

    def _join(self, tcp: socket.socket) -> None:
        tcp.settimeout(JOIN_S)
        if self._address.secure:
            tls = ssl.create_default_context()
            self._socket = tls.wrap_socket(tcp, server_hostname=self._address.host)
        host = self._address.origin.partition("://")[2]
        self._socket.sendall(self._websocket.send(Request(host=host, target=TARGET)))
        self.opened_at = end = monotonic()
        while not self._joined:
            self._receive()
            if self.over is not None:
                raise self.over
            if self._refused is not None:
                raise BadAnswer("refused", why=plain(self._refused))
            if monotonic() - end > JOIN_S:  # one that drips never lets a single read time out
                raise BadAnswer("slow")
        self._socket.settimeout(STEP_S)

    def fileno(self) -> int:
        """For ``select``."""
        return self._socket.fileno()

    def waiting(self) -> bool:
        """Whether bytes were read from the network that TLS has not handed out yet."""
        return isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0

    def ask(self, name: str, value: Any) -> int:
        """Emit an event that is to be acknowledged; the number that its acknowledgement will have."""
        self._asked += 1
        self.say(f"42{NAMESPACE},{self._asked}{json.dumps([name, value])}")
        return self._asked

    def say(self, text: str) -> None:
        """Send one message of the websocket; a connection that has ended takes it and does nothing."""
        if self.over is None:
            try:
                self._socket.sendall(self._websocket.send(TextMessage(data=text)))
            except (OSError, LocalProtocolError):
                self.over = BadAnswer("closed")

    def close(self) -> None:
        """End it."""
        self.over = self.over or BadAnswer("closed")
        self._socket.close()

    def read(self) -> None:
        """Take what has arrived; a connection that ends or says what is no packet is ``over`` then."""
        try:
            self._receive()
        except BadAnswer as error:
            self.over = error
        except (OSError, ssl.SSLError):
            self.over = BadAnswer("closed")

    def _receive(self) -> None:
        data = self._socket.recv(65_536)
        try:
            self._websocket.receive_data(data or None)
            for event in self._websocket.events():
                self._take(event)
                if self.over is not None:
                    return
        except RemoteProtocolError as error:
            raise BadAnswer("no_websocket") from error
        if not data:
            self.over = self.over or BadAnswer("closed")

    def _take(self, event: Event) -> None:
        match event:
            case RejectConnection():
                raise BadAnswer("status", status=event.status_code)
            case TextMessage():
                self._part(event)
            case BytesMessage():
                raise BadAnswer("binary")
            case Ping():
                self._socket.sendall(self._websocket.send(event.response()))
            case CloseConnection() if self._websocket.state is ConnectionState.OPEN:
                raise BadAnswer("no_websocket")  # wsproto's word for frames that it cannot read
            case CloseConnection():
                self.over = BadAnswer("closed")
            case _:
                pass  # accepted: Engine.IO speaks first

    def _part(self, event: TextMessage) -> None:
        self._length += len(event.data)
        if self._length > LONGEST_MESSAGE:
            raise BadAnswer("large")
        self._text.write(event.data)
        if event.message_finished:
            text = self._text.getvalue()
            self._text, self._length = StringIO(), 0
            self._message(text)

    def _message(self, text: str) -> None:
        """One packet of Engine.IO. Raises BadAnswer."""
        match text[:1]:
            case "0":
                opened = read_json(text[1:])
                if not isinstance(opened, dict):
                    raise BadAnswer("no_packet", value=shown(text[:60]))
                self.engine = opened
                self.say(f"40{NAMESPACE},{json.dumps(self._auth)}")
            case "1":
                self.over = BadAnswer("closed")
            case "2":
                self.pings += 1
                self.say("3")
            case "4":
                self._packet(text[1:])
            case "3" | "6":
                pass  # a pong, and Engine.IO's way to say nothing
            case _:
                raise BadAnswer("no_packet", value=shown(text[:60]))

    def _packet(self, text: str) -> None:
        """One packet of Socket.IO. Raises BadAnswer."""
        parts = PACKET.fullmatch(text)
        if parts is None or parts[2] is not None or parts[1] in "56":
            raise BadAnswer("no_packet", value=shown(text[:60]))
        kind, ack = parts[1], parts[4]
        if (parts[3] or "/").partition("?")[0] != NAMESPACE:
            return
        value = read_json(parts[5]) if parts[5] else None
        if kind == "0":
            self._joined = True
        elif kind == "1":
            self.over = BadAnswer("closed")
        elif kind == "4":
            self._refused = str(value.get("message")) if isinstance(value, dict) else ""
        elif not isinstance(value, list) or (kind == "2" and not (value and isinstance(value[0], str))):
            raise BadAnswer("no_packet", value=shown(text[:60]))
        elif kind == "2":
            self._heard(Packet(value[0], None, value[1] if len(value) > 1 else None, monotonic()))
        elif ack and int(ack) <= self._asked:
            self._heard(Packet("", int(ack), value[0] if value else None, monotonic()))


def _reason(error: Exception) -> str:
    """What the system or TLS says, without its number."""
    return plain(getattr(error, "strerror", None) or error)


def pump(sockets: Iterable[FeedSocket], seconds: float) -> bool:
    """Read what has come on any of them; wait for so long at most until something comes. Whether something has."""
    read = [one for one in sockets if one.over is None]
    ready = [one for one in read if one.waiting()]
    if not ready:
        ready, _, _ = select.select(read, [], [], max(seconds, 0))
    for one in ready:
        one.read()
    return bool(ready)
