"""Limits of the connections below the feed's namespace: unjoined and slow clients, malformed packets.

Engine.IO keeps any client that answers its pings, in any number, for ever, with a queue that has no bound (its issue
133). Here a connection that has joined no namespace is ended after ``JOIN_S`` seconds; only few are allowed from one
address and in all, and the oldest is ended first, so that returning screens are never refused because of strangers who
came before them. A client whose queue grows is cut off and comes back by `resume`.

python-socketio takes any JSON for a packet and logs a traceback when it then fails, so that a stranger could fill the
log. It also takes an event called ``connect`` for a connection: such names belong to the protocol (Socket.IO protocol,
version 5), and no client may emit them.
"""

import logging
import socket
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import Any

from socketio import Server
from socketio.packet import ACK, CONNECT, DISCONNECT, EVENT, Packet

from display.auth.visitor import PLAIN_SESSION_COOKIE, SCREEN_COOKIE, SECURE_SESSION_COOKIE
from liveroom.runtime import Runtime
from liveroom.runtime.metrics import CLIENTS, CUT_OFF
from liveroom.runtime.server.connections import SHED, ConnectionLimits, network_of
from liveroom.runtime.server.websockets import ThreadWebSocket, joined

# A page joins in the same second; one that was refused may ask again on the connection it has.
JOIN_S = 10.0
# For so long no connection is ended for the limit of its address: when many clients behind one address come back at
# once, their tokens come only in the message that follows.
GRACE_S = 5.0
# Two seconds of traffic at the densest we send (20 batches and a beat a second), at least 64.
LONGEST_QUEUE = 64
# How often clients that are too slow are looked for.
EVERY_S = 0.2
# Every so many times also clients that have not joined: once a second, as it asks more of each.
JOINING_EVERY = 5
# Bytes of a body sent by polling, and of a packet to Engine.IO: as long as a websocket's message may be.
LONGEST_PACKET = 64 * 1024
# Event names that belong to the protocol.
RESERVED = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})
DECODE_ERRORS = (ValueError, TypeError, LookupError, RecursionError, OverflowError)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _UnjoinedConnection:
    """A connection that has joined no namespace; ``counted``: whether it counts for the limit of an address."""

    since: float
    network: str
    counted: bool


class FeedConnections:
    """The Engine.IO connections of a process.

    ``limits``: of those that have joined no namespace; ``proxied``: a client's address is what the proxy says it is.
    """

    def __init__(self, server: Server, limits: ConnectionLimits, *, proxied: bool) -> None:
        self._server = server
        self._limits = limits
        self._proxied = proxied
        self._unjoined: dict[str, _UnjoinedConnection] = {}
        self._of_network: dict[str, dict[str, None]] = {}

    def watch(self, runtime: Runtime) -> None:
        """Hook into the server's connect and disconnect, and start the loop that enforces the limits."""
        engine = self._server.eio
        engine._async = {**engine._async, "websocket": websocket_class(runtime.mode)}
        engine.disconnect = self._disconnect
        connect = engine.handlers["connect"]

        def admit(sid: str, environ: dict[str, Any]) -> Any:
            self.opened(sid, environ)
            return connect(sid, environ)

        engine.on("connect", admit)
        runtime.spawn(self._run, runtime)

    def joined(self, sid: str) -> None:
        """Note that a connection (by its Engine.IO id) was let into the namespace."""
        self._drop(sid)
        client = self._server.eio.sockets.get(sid)
        if client is not None:
            client.liveroom_joined = True

    def opened(self, sid: str, environ: Mapping[str, Any]) -> None:
        """Note a new connection; above the total limit, end the oldest of the network that has the most."""
        self._add(sid, environ)
        while len(self._unjoined) > self._limits.total:
            crowd = max(list(self._of_network.values()), key=len)
            self._end_surplus(next(iter(crowd)), "unjoined")

    def end_late(self, now: float | None = None) -> int:
        """End connections that have not joined in time or are too many from one address; returns how many.

        ``now``: of ``monotonic``, which is read unless it is given.
        """
        at = monotonic() if now is None else now
        self._look()
        late = [sid for sid, one in list(self._unjoined.items()) if at - one.since >= JOIN_S]
        for sid in late:
            self._end(sid, "joined nothing")
        if late:
            log.info("%d connections that joined nothing are ended", len(late))
        return len(late) + self._end_crowds(at)

    def cut_off(self, longest: int = LONGEST_QUEUE) -> int:
        """End every client whose queue is longer than ``longest``; returns how many."""
        clients = list(self._server.eio.sockets.values())
        slow = [one for one in clients if not one.closed and one.queue.qsize() > longest]
        for client in slow:
            log.warning("a client with %d messages waiting is cut off", client.queue.qsize())
            end(self._server, client, "slow client")
        return len(slow)

    def _run(self, runtime: Runtime) -> None:
        for turn in count():
            runtime.sleep(EVERY_S)
            try:
                CUT_OFF.inc(self.cut_off())
                if turn % JOINING_EVERY == 0:
                    self.end_late()
            except Exception:
                log.exception("the limits of the feed's connections could not be enforced; it is tried again")
            CLIENTS.set(len(self._server.eio.sockets))

    def _look(self) -> None:
        """Bring the unjoined up to date: some have gone, and some that had joined have left their namespace."""
        manager, sockets = self._server.manager, self._server.eio.sockets
        namespaces = tuple(manager.get_namespaces())
        for sid, client in list(sockets.items()):
            if client.closed or sid in self._unjoined:
                continue
            # The namespace alone does not tell: it already has a client that asks to join, before it was let in.
            if not joined(client) or not any(manager.sid_from_eio_sid(sid, name) for name in namespaces):
                client.liveroom_joined = False
                self._add(sid, self._server.environ.get(sid, {}))
        for sid in [sid for sid in list(self._unjoined) if sid not in sockets or sockets[sid].closed]:
            self._drop(sid)

    def _end_crowds(self, at: float) -> int:
        """End the oldest of each address above its limit, none in its first ``GRACE_S`` seconds; returns how many."""
        counts = Counter(one.network for one in list(self._unjoined.values()) if one.counted)
        ended = 0
        for sid, one in list(self._unjoined.items()):
            if one.counted and at - one.since >= GRACE_S and counts[one.network] > self._limits.per_address:
                counts[one.network] -= 1
                ended += 1
                self._end_surplus(sid, "unjoined_address")
        return ended

    def _add(self, sid: str, environ: Mapping[str, Any]) -> None:
        address = str(environ.get("REMOTE_ADDR") or "")
        if self._proxied:
            address = str(environ.get("HTTP_X_FORWARDED_FOR") or "").rpartition(",")[2].strip() or address
        counted = not brings_credential(environ) and (self._proxied or not self._limits.unlimited(address))
        one = _UnjoinedConnection(since=monotonic(), network=network_of(address), counted=counted)
        self._unjoined[sid] = one
        self._of_network.setdefault(one.network, {})[sid] = None

    def _drop(self, sid: str) -> None:
        one = self._unjoined.pop(sid, None)
        if one is None:
            return
        # With threads, another one may have removed the last of this network in between.
        ours = self._of_network.get(one.network, {})
        ours.pop(sid, None)
        if not ours:
            self._of_network.pop(one.network, None)

    def _end_surplus(self, sid: str, why: str) -> None:
        SHED.labels(why).inc()
        self._end(sid, "too many that joined nothing")

    def _end(self, sid: str, why: str) -> None:
        self._drop(sid)
        client = self._server.eio.sockets.get(sid)
        if client is not None:
            end(self._server, client, why)

    def _disconnect(self, sid: str | None = None) -> None:
        """In place of Engine.IO's own ``disconnect``, which would wait for the client while a request is held open."""
        for client in list(self._server.eio.sockets.values()):
            if sid in (None, client.sid):
                end(self._server, client, self._server.eio.reason.SERVER_DISCONNECT)


def brings_credential(environ: Mapping[str, Any]) -> bool:
    """Whether a handshake brings what may be a credential; it is only looked up when the namespace is joined."""
    cookies = str(environ.get("HTTP_COOKIE") or "")
    return bool(environ.get("HTTP_AUTHORIZATION")) or any(
        f"{name}=" in cookies for name in (SCREEN_COOKIE, SECURE_SESSION_COOKIE, PLAIN_SESSION_COOKIE)
    )


def end(server: Server, client: Any, why: str) -> None:
    """End an Engine.IO connection at once; its own ``disconnect`` would wait for the queue of a stalled client."""
    client.close(wait=False, abort=True, reason=why)
    _shut(client)
    # Under Werkzeug, whose handlers end by an error, Engine.IO itself would keep it for up to 20 s.
    server.eio.sockets.pop(client.sid, None)


def _shut(client: Any) -> None:
    """Shut the TCP socket down, so that a writer that is stuck in send ends."""
    tcp = getattr(client, "liveroom_tcp", None)
    if tcp is None:
        return
    try:
        tcp.shutdown(socket.SHUT_RDWR)
    except OSError:
        log.debug("the client was gone already")


def websocket_class(mode: str) -> type:
    """The class with which Engine.IO opens websockets in this mode.

    It gives the Engine.IO socket ``liveroom_tcp``, the TCP connection under it; ``liveroom_joined``, true once it has
    joined the namespace; with eventlet also ``liveroom_websocket``, to which a broadcast is written.
    """
    if mode == "eventlet":
        from liveroom.runtime.server.eventlet_mode import EventletWebSocket

        return EventletWebSocket
    return ThreadWebSocket


# Packets: a connection that sends anything but the feed's own packets is closed.


class BadPacket(Exception):
    """What came is no packet that a client of the feed sends; ``str`` completes "what it said …"."""


class FeedPacket(Packet):  # type: ignore[misc]  # socketio is untyped
    """An incoming packet; of an event only the name and the first argument are kept, as no event has more."""

    data: Any

    def decode(self, encoded_packet: Any) -> int:
        """Decode a packet without attachments; returns 0, their number. Raises BadPacket."""
        try:
            attachments = super().decode(encoded_packet)
        except DECODE_ERRORS as error:
            raise BadPacket("cannot be read") from error
        if attachments or self.packet_type not in (CONNECT, DISCONNECT, EVENT, ACK):
            raise BadPacket("is of a kind that no client of the feed sends")
        if self.packet_type == EVENT:
            self.data = _event(self.data)
        return 0


def _event(data: Any) -> list[Any]:
    if not isinstance(data, list) or not data or not isinstance(data[0], str) or data[0] in RESERVED:
        raise BadPacket("is no event")
    return data[:2]


def close_on_bad_packet(server: Server) -> None:
    """Close a connection that sends a malformed packet; log one line that quotes nothing of it."""
    engine = server.eio
    handle = engine.handlers["message"]

    def message(sid: str, data: Any) -> None:
        client = engine.sockets.get(sid)
        if client is None or client.closed:  # ended before, and forgotten by python-socketio
            return
        try:
            if not data:  # python-socketio would take it for an event without a name
                raise BadPacket("is empty")
            handle(sid, data)
        except BadPacket as no:
            log.info("a client is ended: what it said %s", no)
            client.close(wait=False, abort=True, reason="said what is no packet")

    engine.on("message", message)
