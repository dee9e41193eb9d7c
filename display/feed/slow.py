"""Cuts off clients that do not keep up, by the length of their queue; they come back by resume.

python-engineio has no limit of its own (its issue 133), and its ``disconnect`` would wait for the stalled client.
"""

import logging
import socket
from typing import Any

from socketio import Server

# Two seconds of traffic at the densest we send (20 batches and a beat a second), at least 64.
CAP = 64
log = logging.getLogger(__name__)


def remember_websockets(server: Server) -> None:
    """Make each Engine.IO socket know its websocket, so that a stuck writer can be freed; eventlet and gevent."""
    engine = server.eio
    plain = engine._async["websocket"]
    if plain is None or engine.async_mode == "threading":
        return

    class Remembered(plain):  # type: ignore[misc,valid-type]  # chosen at run time by the async mode
        """The mode's websocket, known to its Engine.IO socket."""

        def __init__(self, handler: Any, server: Any) -> None:
            super().__init__(handler, server)
            handler.__self__.liveroom_websocket = self

    engine._async = {**engine._async, "websocket": Remembered}


def cut_off(server: Server, cap: int = CAP) -> int:
    """Close every client whose queue is longer than ``cap``; returns how many."""
    slow = [s for s in list(server.eio.sockets.values()) if not s.closed and s.queue.qsize() > cap]
    for client in slow:
        log.warning("a client with %d messages waiting is cut off", client.queue.qsize())
        client.close(wait=False, abort=True, reason="slow client")
        _shut(client)
    return len(slow)


def _shut(client: Any) -> None:
    """Shut the TCP socket under it: the writer that is stuck in send ends, and its backlog with it."""
    remembered = getattr(client, "liveroom_websocket", None)
    raw = getattr(remembered, "_sock", None)
    if raw is None:
        return
    try:
        raw.shutdown(socket.SHUT_RDWR)
    except OSError:
        log.debug("the slow client was gone already")
