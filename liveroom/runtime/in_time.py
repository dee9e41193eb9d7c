"""A request's body that must come in its time, whichever server reads it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from time import monotonic
from typing import Any

from liveroom.runtime import bodies


class InTime:
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
        return self._in_time(lambda: super(InTime, self).read(length))  # type: ignore[misc]  # the server's

    def readline(self, size: int | None = None) -> bytes:
        """Raises FAULTS, TooSlow among them."""
        return self._in_time(lambda: super(InTime, self).readline(size))  # type: ignore[misc]  # the server's

    def throw_away(self) -> None:
        """What is left is read so that the answer arrives; what has no end ends the connection."""
        self._end, left = monotonic() + bodies.UNREAD_S, bodies.UNREAD_MAX
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
            self._end = monotonic() + bodies.whole_s(None if self.chunked_input else self.content_length)
        try:
            with self.timer(max(0.001, self._end - monotonic()), bodies.TooSlow("the body takes too long")):
                return bytes(read())
        except self.FAULTS:
            self.cut()
            raise
