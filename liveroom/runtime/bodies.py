"""How much of a request a server reads, and for how long: no client keeps it reading for ever."""

from collections.abc import Callable
from time import monotonic
from typing import Any

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


class Hurried(Lines):
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
