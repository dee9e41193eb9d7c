"""Display.feed.connections."""

import logging
import socket
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from socketio import Server
from socketio.packet import ACK, CONNECT, DISCONNECT, EVENT, Packet

from display.auth.visitor import PLAIN_SESSION_COOKIE, SCREEN_COOKIE, SECURE_SESSION_COOKIE
from liveroom.runtime import Runtime
from liveroom.runtime.metrics import CLIENTS, CUT_OFF
from liveroom.runtime.server.connections import SHED, ConnectionLimits, network_of
from liveroom.runtime.server.websockets import ThreadWebSocket, joined

# What a client may say: the packets of Socket.IO that the feed has a use for. Whoever says anything else is ended.
#
# python-socketio takes any JSON for a packet and logs a traceback for what it then stumbles over, so that a stranger
# could fill the log. It takes an event called ``connect`` for a connection, too: names like that are the protocol's own
# (Socket.IO protocol, version 5), and no client may emit them.

RESERVED = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})
UNREADABLE = (ValueError, TypeError, LookupError, RecursionError, OverflowError)


class NoPacket(Exception):
    """What came is no packet that a client of the feed sends."""


class FeedPacket(Packet):  # type: ignore[misc]  # socketio is untyped
    """A packet as it comes in; of an event only the name and the first argument are kept: no event has more."""

    data: Any

    def decode(self, encoded_packet: Any) -> int:
        """Read it; there never are attachments. Raises NoPacket."""
        try:
            attachments = super().decode(encoded_packet)
        except UNREADABLE as error:
            raise NoPacket("cannot be read") from error
        if attachments or self.packet_type not in (CONNECT, DISCONNECT, EVENT, ACK):
            raise NoPacket("is of a kind that no client of the feed sends")
        if self.packet_type == EVENT:
            self.data = _event(self.data)
        return 0


def _event(data: Any) -> list[Any]:
    if not isinstance(data, list) or not data or not isinstance(data[0], str) or data[0] in RESERVED:
        raise NoPacket("is no event")
    return data[:2]


def end_who_says_nonsense(server: Server) -> None:
    """Close a connection that says what is no packet, and say so in one line without a word of it."""
    engine = server.eio
    understood = engine.handlers["message"]

    def message(sid: str, data: Any) -> None:
        client = engine.sockets.get(sid)
        if client is None or client.closed:  # it was ended, and is still heard out: python-socketio has forgotten it
            return
        try:
            if not data:  # which python-socketio takes for an event without a name
                raise NoPacket("is empty")
            understood(sid, data)
        except NoPacket as no:
            log.info("a client is ended: what it said %s", no)
            client.close(wait=False, abort=True, reason="said what is no packet")

    engine.on("message", message)


# Carved.


def websocket_of(mode: str) -> type:
    """The class that Engine.IO is to open websockets with; called with its handler and its server.

    The Engine.IO socket that the handler is bound to gets ``liveroom_tcp``, the connection under it; as long as it has
    no true ``liveroom_joined`` it is a stranger's.
    """
    if mode == "eventlet":
        from liveroom.runtime.server.eventlet_mode import EventletWebSocket

        return EventletWebSocket
    return ThreadWebSocket


# Who may hold a connection of the feed: strangers few and short, slow clients not at all.
#
# Engine.IO holds whoever answers its pings, for ever and in any number, with a queue that has no end (its issue 133).
# Here a connection that has joined no namespace is ended after ``JOIN_S``; of those there are few from one address and
# in all, and the oldest goes first, so that screens which come back are never refused for the strangers who came before
# them. A client whose queue grows is cut off and comes back by resume.

# A page joins in the same second; one that was refused may ask again on the connection it has.
JOIN_S = 10.0
# So long nobody is ended for the limit of an address: a hall of protocol clients that all come back at once shows its
# tokens only in the message that follows.
GRACE_S = 5.0
# Two seconds of traffic at the densest we send (20 batches and a beat a second), at least 64.
LONGEST_QUEUE = 64
EVERY_S = 0.2
# A body by polling, and what Engine.IO takes for a packet: as long as a websocket's message may be.
LONGEST_PACKET = 64 * 1024
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Outside:
    """A connection that has joined nothing; ``counted``: whether the limit of an address counts for it."""

    since: float
    network: str
    counted: bool


class FeedConnections:
    """The Engine.IO connections of a process. ``limits``: of those that have joined nothing."""

    def __init__(self, server: Server, limits: ConnectionLimits, *, proxied: bool) -> None:
        """``proxied``: the address of a client is what the configured proxy says."""
        self._server = server
        self._limits = limits
        self._proxied = proxied
        self._outside: dict[str, _Outside] = {}
        self._of_network: dict[str, dict[str, None]] = {}

    def watch(self, runtime: Runtime) -> None:
        """Take over the server's connections, and keep them in bounds for as long as the process lives."""
        engine = self._server.eio
        engine._async = {**engine._async, "websocket": websocket_of(runtime.mode)}
        engine.disconnect = self._disconnect
        connect = engine.handlers["connect"]

        def admit(sid: str, environ: dict[str, Any]) -> Any:
            self.opened(sid, environ)
            return connect(sid, environ)

        engine.on("connect", admit)
        runtime.spawn(self._keep, runtime)

    def joined(self, sid: str) -> None:
        """A connection (by its Engine.IO id) was let in: from now on it is no stranger's."""
        self._drop(sid)
        client = self._server.eio.sockets.get(sid)
        if client is not None:
            client.liveroom_joined = True

    def opened(self, sid: str, environ: Mapping[str, Any]) -> None:
        """A handshake came; if there are too many, the oldest of the network that has the most makes room."""
        self._add(sid, environ)
        while len(self._outside) > self._limits.total:
            crowd = max(list(self._of_network.values()), key=len)
            self._shed(next(iter(crowd)), "unjoined")

    def end_late(self, now: float | None = None) -> int:
        """End who has joined nothing for too long, or is one of too many from one address; returns how many.

        ``now`` of ``monotonic``, unless given.
        """
        at = monotonic() if now is None else now
        self._look()
        late = [sid for sid, one in list(self._outside.items()) if at - one.since >= JOIN_S]
        for sid in late:
            self._end(sid, "joined nothing")
        if late:
            log.info("%d connections that joined nothing are ended", len(late))
        return len(late) + self._end_crowds(at)

    def cut_off(self, longest: int = LONGEST_QUEUE) -> int:
        """Close every client whose queue is longer than ``longest``; returns how many."""
        clients = list(self._server.eio.sockets.values())
        slow = [one for one in clients if not one.closed and one.queue.qsize() > longest]
        for client in slow:
            log.warning("a client with %d messages waiting is cut off", client.queue.qsize())
            end(self._server, client, "slow client")
        return len(slow)

    def _keep(self, runtime: Runtime) -> None:
        while True:
            runtime.sleep(EVERY_S)
            try:
                CUT_OFF.inc(self.cut_off())
                self.end_late()
            except Exception:
                log.exception("connections of the feed could not be looked through; it is tried again")
            CLIENTS.set(len(self._server.eio.sockets))

    def _look(self) -> None:
        """Know who is outside now: some have gone, and some that were in have left their namespace."""
        manager, sockets = self._server.manager, self._server.eio.sockets
        namespaces = tuple(manager.get_namespaces())
        for sid, client in list(sockets.items()):
            if client.closed or sid in self._outside:
                continue
            # Not by the namespace alone: it knows who asks to be let in, too, while nobody has said yes.
            if not joined(client) or not any(manager.sid_from_eio_sid(sid, name) for name in namespaces):
                client.liveroom_joined = False
                self._add(sid, self._server.environ.get(sid, {}))
        for sid in [sid for sid in list(self._outside) if sid not in sockets or sockets[sid].closed]:
            self._drop(sid)

    def _end_crowds(self, at: float) -> int:
        """Of each address the oldest above its number, but nobody in the first moment."""
        counts = Counter(one.network for one in list(self._outside.values()) if one.counted)
        ended = 0
        for sid, one in list(self._outside.items()):
            if one.counted and at - one.since >= GRACE_S and counts[one.network] > self._limits.per_address:
                counts[one.network] -= 1
                ended += 1
                self._shed(sid, "unjoined_address")
        return ended

    def _add(self, sid: str, environ: Mapping[str, Any]) -> None:
        address = str(environ.get("REMOTE_ADDR") or "")
        if self._proxied:
            address = str(environ.get("HTTP_X_FORWARDED_FOR") or "").rpartition(",")[2].strip() or address
        counted = not brings_credential(environ) and (self._proxied or not self._limits.unlimited(address))
        one = _Outside(since=monotonic(), network=network_of(address), counted=counted)
        self._outside[sid] = one
        self._of_network.setdefault(one.network, {})[sid] = None

    def _drop(self, sid: str) -> None:
        one = self._outside.pop(sid, None)
        if one is None:
            return
        # In threads another one may have ended the last of its network at this very moment.
        ours = self._of_network.get(one.network, {})
        ours.pop(sid, None)
        if not ours:
            self._of_network.pop(one.network, None)

    def _shed(self, sid: str, why: str) -> None:
        SHED.labels(why).inc()
        self._end(sid, "too many that joined nothing")

    def _end(self, sid: str, why: str) -> None:
        self._drop(sid)
        client = self._server.eio.sockets.get(sid)
        if client is not None:
            end(self._server, client, why)

    def _disconnect(self, sid: str | None = None) -> None:
        """Who posts what Engine.IO cannot read is ended by its ``disconnect``, whose wait would keep that request."""
        for client in list(self._server.eio.sockets.values()):
            if sid in (None, client.sid):
                end(self._server, client, self._server.eio.reason.SERVER_DISCONNECT)


def brings_credential(environ: Mapping[str, Any]) -> bool:
    """Whether a handshake brings what may be a credential of ours; looked up is it when the namespace is joined."""
    cookies = str(environ.get("HTTP_COOKIE") or "")
    return bool(environ.get("HTTP_AUTHORIZATION")) or any(
        f"{name}=" in cookies for name in (SCREEN_COOKIE, SECURE_SESSION_COOKIE, PLAIN_SESSION_COOKIE)
    )


def end(server: Server, client: Any, why: str) -> None:
    """End an Engine.IO connection without waiting for the other side, and keep nothing for it.

    Its own ``disconnect`` would wait for the queue of a client that has stalled, and the caller with it.
    """
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
        log.debug("the client was gone already")
