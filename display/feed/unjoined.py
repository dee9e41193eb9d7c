"""Ends connections that join nothing: to Engine.IO one that answers pings is alive, and holds its place for ever."""

import logging
from time import monotonic
from typing import Any

from socketio import Server

from display.feed.slow import end
from liveroom.runtime import Runtime

# A page joins in the same second; one that was refused may ask again on the connection it has.
JOIN_S = 10.0
EVERY_S = 2.0
log = logging.getLogger(__name__)


def watch_unjoined(server: Server, runtime: Runtime, join_s: float = JOIN_S) -> None:
    """End who has joined no namespace for ``join_s`` seconds, for as long as the process lives."""
    runtime.spawn(_keep_ending, Unjoined(server, join_s), runtime)


def _keep_ending(unjoined: "Unjoined", runtime: Runtime) -> None:
    while True:
        runtime.sleep(EVERY_S)
        try:
            unjoined.end()
        except Exception:
            log.exception("who joined nothing could not be ended; it is tried again")


class Unjoined:
    """Since when each connection has been in no namespace."""

    def __init__(self, server: Server, join_s: float) -> None:
        """``join_s`` in seconds."""
        self._server = server
        self._join_s = join_s
        self._since: dict[str, float] = {}

    def end(self, now: float | None = None) -> int:
        """End those that have been for too long; returns how many. ``now`` of ``monotonic``, unless given."""
        at = monotonic() if now is None else now
        outside = {sid: client for sid, client in list(self._server.eio.sockets.items()) if self._is_outside(client)}
        self._since = {sid: self._since.get(sid, at) for sid in outside}
        late = [client for sid, client in outside.items() if at - self._since[sid] >= self._join_s]
        for client in late:
            end(self._server, client, "joined nothing")
        if late:
            log.info("%d connections that joined nothing are ended", len(late))
        return len(late)

    def _is_outside(self, client: Any) -> bool:
        manager = self._server.manager
        joined = any(manager.sid_from_eio_sid(client.sid, name) for name in tuple(manager.get_namespaces()))
        return not client.closed and not joined
