"""Servers that are no feed and mean harm: each takes a connection and answers as `answer` does, for ever if need be."""

import base64
import hashlib
import re
import socket
import socketserver
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[socket.socket, bytes, threading.Event], None]
HTML = b"<!doctype html><title>Selamat datang</title>"
JOINED = ('0{"sid":"1","upgrades":[],"pingInterval":25000,"pingTimeout":20000}', '40/feed,{"sid":"1"}')
ORDER = '43/feed,1[{"epoch":"e","seq":1,"snapshot":"/feed/snapshot","jitter_ms":0}]'


@contextmanager
def hostile(answer: Answer) -> Iterator[str]:
    """The address of such a server."""
    ended = threading.Event()

    def serve(tcp: socket.socket, _address: object, _server: object) -> None:
        with suppress(OSError):
            answer(tcp, tcp.recv(65_536), ended)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), serve) as server:
        server.daemon_threads = True
        threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        ended.set()
        server.shutdown()


def http(status: str, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {said}" for name, said in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def frame(text: str | bytes, *, length: int | None = None) -> bytes:
    """A text frame; ``length``: what it says it has, if that is more."""
    body = text.encode() if isinstance(text, str) else text
    return (
        b"\x81\x7f" + (length or len(body)).to_bytes(8, "big") + body
        if (length or len(body)) > 65_535
        else (
            b"\x81\x7e" + len(body).to_bytes(2, "big") + body
            if len(body) > 125
            else b"\x81" + bytes([len(body)]) + body
        )
    )


def upgraded(tcp: socket.socket, head: bytes) -> bool:
    """Open the websocket where that is asked, join it, and wait for the first question; whether it was."""
    key = re.search(rb"sec-websocket-key: (\S+)", head, re.IGNORECASE)
    if key is None:
        return False
    accept = base64.b64encode(hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    tcp.sendall(
        b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    for text in JOINED:
        tcp.sendall(frame(text))
        tcp.recv(65_536)
    return True


def saying(*parts: bytes, rest: bytes = b"", pause: float = 0) -> Answer:
    """Says these bytes, then ``rest`` without end."""

    def answer(tcp: socket.socket, _head: bytes, ended: threading.Event) -> None:
        for part in parts:
            tcp.sendall(part)
        while rest and not ended.wait(pause):
            tcp.sendall(rest)

    return answer


def after_joining(said: bytes, *, rest: bytes = b"") -> Answer:
    """Says these bytes to the first question, and ``rest`` without end."""

    def answer(tcp: socket.socket, head: bytes, ended: threading.Event) -> None:
        if upgraded(tcp, head):
            saying(said, rest=rest)(tcp, head, ended)
            ended.wait(20)

    return answer


def with_snapshot(give: Answer) -> Answer:
    """Orders a snapshot, which it gives so."""

    def answer(tcp: socket.socket, head: bytes, ended: threading.Event) -> None:
        if upgraded(tcp, head):
            saying(frame(ORDER))(tcp, head, ended)
            ended.wait(20)
        else:
            give(tcp, head, ended)

    return answer


def bomb() -> bytes:
    """A gzip of 4 MiB of zeros, in 4 kB."""
    pack = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    return pack.compress(bytes(4 << 20)) + pack.flush()
