"""Sends what is long in pieces: a socket's timeout is for one `sendall`, so only who reads nothing for so long is cut.

In one piece, a snapshot of some megabytes would be cut off a slow telephone that reads all the time.
"""

from collections.abc import Callable
from typing import Any

PIECE = 64 * 1024


def send_in_pieces(send: Callable[[bytes], Any], data: bytes) -> None:
    """All of ``data`` by ``send``, at most PIECE bytes each time."""
    for start in range(0, len(data), PIECE):
        send(data[start : start + PIECE])
