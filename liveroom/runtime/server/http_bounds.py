"""How much of a request the server reads and for how long; the listening socket; the requests under way.

Both async modes use these limits: no client keeps the server reading or writing for ever.
"""

import errno
import os
import socket
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from time import monotonic
from typing import Any

from werkzeug.wsgi import ClosingIterator

from liveroom.runtime.metrics import REQUESTS

# A client that neither sends nor reads for so long loses its connection; websockets have their pings instead.
SILENT_S = 60
# The whole head of a request must come within this time of its first byte.
HEAD_S = 15
# The rest of a body that is not wanted (it was answered with a refusal) is thrown away within these limits, so that the
# answer arrives.
UNREAD_MAX = 8 * 1024 * 1024
UNREAD_S = 10
# A whole body must come within WHOLE_S and a second more for every SLOWEST bytes of its declared length. No telephone
# sends more slowly. A body without a declared length has the time of NO_LENGTH bytes.
WHOLE_S = 60
SLOWEST = 8 * 1024
NO_LENGTH = 1024 * 1024
# No body has more time than one of so many bytes, a video in one piece: a longer upload can be resumed.
LARGEST = 256 * 1024 * 1024
LENGTH_DIGITS = 12
# A line between the pieces of a chunked body: their length and perhaps extensions.
LINE_MAX = 1024
TRAILERS_MAX = 64
_PIECE = 64 * 1024


class TooSlow(TimeoutError):
    """The head or the body did not come in time."""


class Endless(OSError):
    """More came than is wanted, or a line that does not end."""


def body_time_s(length: int | None) -> float:
    """Seconds within which a body of ``length`` bytes must have come."""
    return WHOLE_S + (NO_LENGTH if length is None else min(length, LARGEST)) / SLOWEST


def declared_length(length: str) -> int | None:
    """The value of a Content-Length; None for what is no number, or larger than any body."""
    return int(length) if length.isascii() and length.isdigit() and len(length) <= LENGTH_DIGITS else None


class BoundedLines:
    """The stream under a chunked body: a line that is read without a limit gets one."""

    def __init__(self, plain: Any) -> None:
        """``plain`` is the connection's `BufferedReader`."""
        self._plain = plain

    def read(self, most: int) -> bytes:
        """Read as the plain stream does."""
        return bytes(self._plain.read(most))

    def readline(self, most: int = -1) -> bytes:
        """Read a line. Raises Endless when none ends within LINE_MAX and ``most`` is not given."""
        if most >= 0:
            return bytes(self._plain.readline(most))
        line = bytes(self._plain.readline(LINE_MAX))
        if len(line) == LINE_MAX and not line.endswith(b"\n"):
            raise Endless("a line has no end")
        return line


class TimedHeads(BoundedLines):
    """The heads of requests with a time limit, for a server without timers.

    ``wait(seconds)`` sets how long the next piece may take.
    """

    def __init__(self, plain: Any, wait: Callable[[float], None]) -> None:
        """``plain`` is the connection's `BufferedReader`."""
        super().__init__(plain)
        self._wait = wait
        self._end: float | None = None

    def begin(self) -> None:
        """Wait for the next request: the time starts at its first byte."""
        self._end = None

    def readline(self, most: int = -1) -> bytes:
        """Read a line of a head. Raises TooSlow when the head takes longer than HEAD_S."""
        most, line = (LINE_MAX if most < 0 else most), b""
        while len(line) < most and not line.endswith(b"\n"):
            left = SILENT_S if self._end is None else self._end - monotonic()
            if left <= 0:
                raise TooSlow("the head takes too long")
            self._wait(min(left, SILENT_S))
            ready = len(self._plain.peek(1))
            if not ready:
                break
            if self._end is None:
                self._end = monotonic() + HEAD_S
            line += self._plain.readline(min(ready, most - len(line)))
        return line

    def __getattr__(self, name: str) -> Any:
        """Everything else is the plain stream's."""
        return getattr(self._plain, name)


class TimedLines(BoundedLines):
    """A body with a time limit, for a server without timers: nothing is read after ``end`` (of ``monotonic``)."""

    MOST = 256 * 1024

    def __init__(self, plain: Any, end: float) -> None:
        """``end``: in seconds of `monotonic`."""
        super().__init__(plain)
        self._end = end
        self._left: int | None = None

    def answered(self) -> None:
        """From here on the rest is thrown away, for at most UNREAD_S and UNREAD_MAX bytes."""
        self._end = min(self._end, monotonic() + UNREAD_S)
        self._left = UNREAD_MAX

    def read(self, most: int = -1) -> bytes:
        """Read at most MOST bytes. Raises TooSlow; a rest that is thrown away only ends."""
        left = self.MOST if most < 0 else min(most, self.MOST)
        pieces: list[bytes] = []
        while left:
            if monotonic() > self._end or self._left == 0:
                if self._left is None:
                    raise TooSlow("the body takes too long")
                return b""
            piece = self._plain.read1(left if self._left is None else min(left, self._left))
            if not piece:
                break
            pieces.append(piece)
            left -= len(piece)
            if self._left is not None:
                self._left -= len(piece)
        return b"".join(pieces)


class TimedBody:
    """A time limit for a request's body, for a server with timers; stands before the server's own class in the bases.

    A body that is late or malformed costs its connection: ``cut`` closes it.
    """

    FAULTS: tuple[type[Exception], ...] = (OSError,)
    timer: Callable[[float, Exception], AbstractContextManager[Any]]
    chunked_input: Any
    content_length: Any
    _end: float | None = None

    def read(self, length: int | None = None) -> bytes:
        """Raises FAULTS, TooSlow among them."""
        return self._in_time(lambda: super(TimedBody, self).read(length))  # type: ignore[misc]  # the server's

    def readline(self, size: int | None = None) -> bytes:
        """Raises FAULTS, TooSlow among them."""
        return self._in_time(lambda: super(TimedBody, self).readline(size))  # type: ignore[misc]  # the server's

    def throw_away(self) -> None:
        """Read the rest so that the answer arrives; a rest without end ends the connection."""
        self._end, left = monotonic() + UNREAD_S, UNREAD_MAX
        with suppress(*self.FAULTS):
            while piece := self.read(16 * 1024):
                left -= len(piece)
                if left < 0:
                    self.cut()
                    break

    def cut(self) -> None:
        """Close the connection after this answer."""
        raise NotImplementedError

    def _in_time(self, read: Callable[[], bytes]) -> bytes:
        if self._end is None:
            self._end = monotonic() + body_time_s(None if self.chunked_input else self.content_length)
        try:
            with self.timer(max(0.001, self._end - monotonic()), TooSlow("the body takes too long")):
                return bytes(read())
        except self.FAULTS:
            self.cut()
            raise


def send_in_pieces(send: Callable[[bytes], Any], data: bytes) -> None:
    """Send ``data`` at most 64 KiB at a time, since a socket's timeout is for one ``sendall``.

    In one piece, a snapshot of some megabytes would be cut off for a slow telephone that reads all the time.
    """
    for start in range(0, len(data), _PIECE):
        send(data[start : start + _PIECE])


# The listening socket of both async modes. Accepted sockets inherit its options, so they are set once, here.

# Linux gives twice this. A send buffer that grows by itself hides a stalled client for 20 s and holds 4 MB for it.
_SEND_BUFFER = 128 * 1024
_BACKLOG = 1024
_REMEDIES = {
    errno.EADDRINUSE: "another process has it (`ss -ltnp` names it): end that one or take another port",
    errno.EACCES: "below 1024 only root may: take a port from 1024 and let the proxy listen there",
    errno.EADDRNOTAVAIL: "server.host (LIVEROOM_HOST) must be an address of this machine, such as 127.0.0.1",
}


class CannotListen(ValueError):
    """The address is in use or not of this machine; the text says which."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, green when ``socket`` is patched. Raises CannotListen."""
    where = f"server.port (LIVEROOM_PORT): cannot listen on port {port} of {host}"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except socket.gaierror as error:
        raise CannotListen(f"{where}: no such name; {_REMEDIES[errno.EADDRNOTAVAIL]}") from error
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "server.host and server.port say where")
        raise CannotListen(f"{where}: {os.strerror(error.errno or 0)}; {remedy}") from error
    # Without it a broadcast's p95 is 35 ms: Nagle waits for a delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    return listener


# The requests under way: a process that ends answers those it has and refuses new ones.

_Environ = dict[str, Any]
_Respond = Callable[..., Any]
_App = Callable[[_Environ, _Respond], Iterable[bytes]]

_HEALTH = ("/healthz", "/readyz", "/metrics")
# Websockets are requests that never end; they are closed one by one instead.
_SOCKETS = "/socket.io/"
_COME_BACK = b"this process is ending: come back\n"


class RequestsInFlight:
    """The outermost WSGI application; ``count``: requests that have begun and are not yet answered."""

    def __init__(self, app: _App, draining: Callable[[], bool]) -> None:
        self._app = app
        self._draining = draining
        self.count = 0

    def __call__(self, environ: _Environ, respond: _Respond) -> Iterable[bytes]:
        """Pass the request on; while draining, answer 503 with Retry-After to all but the health checks."""
        path = environ.get("PATH_INFO", "")
        if self._draining() and path not in _HEALTH:
            return _come_back(respond)
        if path in _HEALTH or path.startswith(_SOCKETS):
            return self._app(environ, respond)
        self._count(1)
        try:
            return ClosingIterator(self._app(environ, respond), self._end)
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        self._count(-1)

    def _count(self, change: int) -> None:
        self.count += change
        REQUESTS.set(self.count)


def _come_back(respond: _Respond) -> Iterable[bytes]:
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(_COME_BACK))), ("Retry-After", "1")]
    respond("503 Service Unavailable", [*headers, ("Connection", "close")])
    return [_COME_BACK]
