"""Cuts off clients that do not keep up, by the length of their queue; they come back by resume.

python-engineio has no limit of its own (its issue 133), and its ``disconnect`` would wait for the stalled client.
"""

import logging
import socket
from typing import Any

from socketio import Server

from liveroom.metrics import CLIENTS, CUT_OFF
from liveroom.runtime import Runtime

# Two seconds of traffic at the densest we send (20 batches and a beat a second), at least 64.
CAP = 64
EVERY_S = 0.2
log = logging.getLogger(__name__)


def watch_slow(server: Server, runtime: Runtime) -> None:
    """Cut off slow clients for as long as the process lives."""
    _remember_connections(server)
    _never_wait(server)
    runtime.spawn(_keep_cutting, server, runtime)


def _remember_connections(server: Server) -> None:
    """Make each Engine.IO socket know the TCP socket under its websocket, so that a stuck writer can be freed."""
    engine = server.eio
    plain = engine._async["websocket"]
    if plain is None:
        return

    class Remembered(plain):  # type: ignore[misc,valid-type]  # chosen at run time by the async mode
        """The mode's websocket; its handler is bound to the Engine.IO socket."""

        def __init__(self, handler: Any, server: Any) -> None:
            super().__init__(handler, server)
            self._liveroom_client = handler.__self__

        def __call__(self, environ: dict[str, Any], respond: Any) -> Any:
            tcp = self._liveroom_client.liveroom_tcp = _tcp_of(environ)
            if "werkzeug.socket" in environ:
                # simple-websocket sends once and takes it for whole: with a timeout, part of a long message is lost.
                tcp.settimeout(None)
            return super().__call__(environ, respond)

    engine._async = {**engine._async, "websocket": Remembered}


def _tcp_of(environ: dict[str, Any]) -> Any:
    """The connection of a request, by the server it came through: eventlet's, Werkzeug's or gevent's."""
    if "eventlet.input" in environ:
        return environ["eventlet.input"].get_socket()
    if "werkzeug.socket" in environ:
        return environ["werkzeug.socket"]
    return environ["wsgi.websocket"].stream.handler.socket


def _never_wait(server: Server) -> None:
    """Who posts what Engine.IO cannot read is ended by ``disconnect``: its wait would keep that request for ever."""
    engine = server.eio

    def disconnect(sid: str | None = None) -> None:
        for client in list(engine.sockets.values()):
            if sid in (None, client.sid):
                end(server, client, engine.reason.SERVER_DISCONNECT)

    engine.disconnect = disconnect


def _keep_cutting(server: Server, runtime: Runtime) -> None:
    while True:
        runtime.sleep(EVERY_S)
        CUT_OFF.inc(cut_off(server))
        CLIENTS.set(len(server.eio.sockets))


def cut_off(server: Server, cap: int = CAP) -> int:
    """Close every client whose queue is longer than ``cap``; returns how many."""
    slow = [s for s in list(server.eio.sockets.values()) if not s.closed and s.queue.qsize() > cap]
    for client in slow:
        log.warning("a client with %d messages waiting is cut off", client.queue.qsize())
        end(server, client, "slow client")
    return len(slow)


def end(server: Server, client: Any, why: str) -> None:
    """End an Engine.IO connection without waiting for the other side, and keep nothing for it."""
    client.close(wait=False, abort=True, reason=why)
    _shut(client)
    # Engine.IO itself would keep it for up to 20 s under Werkzeug, whose handlers end by an error.
    server.eio.sockets.pop(client.sid, None)


def _shut(client: Any) -> None:
    """Shut the TCP socket under it: the writer that is stuck in send ends, and its backlog with it."""
    tcp = getattr(client, "liveroom_tcp", None)
    if tcp is None:
        return
    try:
        tcp.shutdown(socket.SHUT_RDWR)
    except OSError:
        log.debug("the slow client was gone already")
