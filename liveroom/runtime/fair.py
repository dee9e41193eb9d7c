"""Whoever sends without a pause waits between two reads like everybody else.

A read of a green socket that finds something does not yield: one client that always has more ready, be it frames that
mean nothing, would keep the hub, and with it every screen's beats, for as long as it likes.
"""

from collections.abc import Callable
from typing import Any


def fair(plain: type, yields: Callable[[], Any]) -> type:
    """The socket class ``plain`` whose reads let all others run first, by ``yields``."""

    class Fair(plain):  # type: ignore[misc]  # which one, the async mode says
        """A connection that is read in turns."""

        def recv(self, *args: Any) -> bytes:
            """As ever."""
            yields()
            received: bytes = super().recv(*args)
            return received

        def recv_into(self, *args: Any) -> int:
            """As ever."""
            yields()
            length: int = super().recv_into(*args)
            return length

    return Fair
