"""Bounds of the built-in server's heads and bodies, turns, sockets to listen on, drain."""

import errno
import os
import socket
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from time import monotonic
from typing import Any

from werkzeug.wsgi import ClosingIterator

from liveroom.runtime.metrics import REQUESTS

# How much of a request a server reads, and for how long: no client keeps it reading for ever.

# Whoever neither sends nor reads for so long loses the connection; websockets have their pings instead.
SILENT_S = 60
# From the first byte of a request its whole head has this long, however it drips.
HEAD_S = 15
# What nobody wanted (a refusal was answered) is thrown away so far, so that the answer arrives, and no further.
UNREAD_MAX = 8 * 1024 * 1024
UNREAD_S = 10
# A whole body has this long, and a second more for so many bytes of its declared length; one of no declared length as
# long as a megabyte. Slower than this a telephone does not send.
WHOLE_S = 60
SLOWEST = 8 * 1024
NO_LENGTH = 1024 * 1024
# No body is given longer than one of so many bytes: a video in one piece. A longer upload that is cut goes on.
LARGEST = 256 * 1024 * 1024
LENGTH_DIGITS = 12
# A line between the pieces of a chunked body: a number and what may stand behind it.
LINE_MAX = 1024
TRAILERS_MAX = 64


class TooSlow(TimeoutError):
    """The head or the body did not come in its time."""


class Endless(OSError):
    """More came than anybody wants, or a line that does not end."""


def whole_s(length: int | None) -> float:
    """Seconds within which a body of ``length`` bytes must have come."""
    return WHOLE_S + (NO_LENGTH if length is None else min(length, LARGEST)) / SLOWEST


def declared(length: str) -> int | None:
    """What a Content-Length says; None for what is no number, or one that no body has."""
    return int(length) if length.isascii() and length.isdigit() and len(length) <= LENGTH_DIGITS else None


class Lines:
    """The stream under a chunked body: a line that is asked for without a bound gets one."""

    def __init__(self, plain: Any) -> None:
        """``plain`` is the connection's `BufferedReader`."""
        self._plain = plain

    def read(self, most: int) -> bytes:
        """As the plain one."""
        return bytes(self._plain.read(most))

    def readline(self, most: int = -1) -> bytes:
        """Raises Endless when no line ends within LINE_MAX and nobody said how much is wanted."""
        if most >= 0:
            return bytes(self._plain.readline(most))
        line = bytes(self._plain.readline(LINE_MAX))
        if len(line) == LINE_MAX and not line.endswith(b"\n"):
            raise Endless("a line has no end")
        return line


class Heads(Lines):
    """The same for the heads of requests, in a server that has no timers.

    ``wait(seconds)`` sets how long the next piece may take.
    """

    def __init__(self, plain: Any, wait: Callable[[float], None]) -> None:
        """``plain`` is the connection's `BufferedReader`."""
        super().__init__(plain)
        self._wait = wait
        self._end: float | None = None

    def begin(self) -> None:
        """The connection rests until the first byte of the next request."""
        self._end = None

    def readline(self, most: int = -1) -> bytes:
        """A line of a head. Raises TooSlow when the head takes longer than HEAD_S, Endless as above."""
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
        """All else is the plain one's."""
        return getattr(self._plain, name)


class HurriedLines(Lines):
    """The same for a server that has no timers: nothing is read after ``end`` (of ``monotonic``), nor much at once."""

    MOST = 256 * 1024

    def __init__(self, plain: Any, end: float) -> None:
        """``end`` in seconds."""
        super().__init__(plain)
        self._end = end
        self._left: int | None = None

    def answered(self) -> None:
        """The answer begins: from here on it is thrown away, no longer than UNREAD_S and no more than UNREAD_MAX."""
        self._end = min(self._end, monotonic() + UNREAD_S)
        self._left = UNREAD_MAX

    def read(self, most: int = -1) -> bytes:
        """At most MOST. Raises TooSlow; what is thrown away just ends."""
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


# A request's body that must come in its time, whichever server reads it.


class TimedBody:
    """Goes before a server's own body in the bases of its class: nothing of it is read after its time.

    One that does not come, or not as it should, costs its connection: ``cut`` ends that.
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
        """What is left is read so that the answer arrives; what has no end ends the connection."""
        self._end, left = monotonic() + UNREAD_S, UNREAD_MAX
        with suppress(*self.FAULTS):
            while piece := self.read(16 * 1024):
                left -= len(piece)
                if left < 0:
                    self.cut()
                    break

    def cut(self) -> None:
        """End the connection with this answer."""
        raise NotImplementedError

    def _in_time(self, read: Callable[[], bytes]) -> bytes:
        if self._end is None:
            self._end = monotonic() + whole_s(None if self.chunked_input else self.content_length)
        try:
            with self.timer(max(0.001, self._end - monotonic()), TooSlow("the body takes too long")):
                return bytes(read())
        except self.FAULTS:
            self.cut()
            raise


# Sends what is long in pieces: a socket's timeout is for one `sendall`, so only who reads nothing for so long is cut.
#
# In one piece, a snapshot of some megabytes would be cut off a slow telephone that reads all the time.

PIECE = 64 * 1024


def send_in_pieces(send: Callable[[bytes], Any], data: bytes) -> None:
    """All of ``data`` by ``send``, at most PIECE bytes each time."""
    for start in range(0, len(data), PIECE):
        send(data[start : start + PIECE])


# The listening socket of every async mode: accepted sockets inherit its options, so they are set here, once.

# Without TCP_NODELAY a broadcast's p95 is 35 ms (Nagle waits for a delayed ACK).
# A send buffer that grows by itself hides a stalled client for 20 s and holds 4 MB of it; Linux gives twice this.
SEND_BUFFER = 128 * 1024
BACKLOG = 1024
REMEDIES = {
    errno.EADDRINUSE: "another process has it (`ss -ltnp` names it): end that one or take another port",
    errno.EACCES: "below 1024 only root may: take a port from 1024 and let the proxy listen there",
    errno.EADDRNOTAVAIL: "server.host (LIVEROOM_HOST) must be an address of this machine, such as 127.0.0.1",
}


class CannotListen(ValueError):
    """The address is taken or not this machine's; the text says which."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, green when ``socket`` is patched. Raises CannotListen."""
    where = f"server.port (LIVEROOM_PORT): cannot listen on port {port} of {host}"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except socket.gaierror as error:
        raise CannotListen(f"{where}: no such name; {REMEDIES[errno.EADDRNOTAVAIL]}") from error
    except OSError as error:
        remedy = REMEDIES.get(error.errno or 0, "server.host and server.port say where")
        raise CannotListen(f"{where}: {os.strerror(error.errno or 0)}; {remedy}") from error
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    return listener


# Counts the requests under way, so that a process that ends answers those it has and sends new ones elsewhere.

Environ = dict[str, Any]
Respond = Callable[..., Any]
App = Callable[[Environ, Respond], Iterable[bytes]]

HEALTH = ("/healthz", "/readyz", "/metrics")
# Its websockets are requests that never end; they are closed one by one instead.
SOCKETS = "/socket.io/"
COME_BACK = b"this process is ending: come back\n"


class RequestsInFlight:
    """The WSGI application around all others. ``count`` is how many requests have begun and not been answered."""

    def __init__(self, app: App, draining: Callable[[], bool]) -> None:
        self._app = app
        self._draining = draining
        self.count = 0

    def __call__(self, environ: Environ, respond: Respond) -> Iterable[bytes]:
        """Pass the request on; while draining answer 503 with Retry-After to all but questions about health."""
        path = environ.get("PATH_INFO", "")
        if self._draining() and path not in HEALTH:
            return _come_back(respond)
        if path in HEALTH or path.startswith(SOCKETS):
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


def _come_back(respond: Respond) -> Iterable[bytes]:
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(COME_BACK))), ("Retry-After", "1")]
    respond("503 Service Unavailable", [*headers, ("Connection", "close")])
    return [COME_BACK]
