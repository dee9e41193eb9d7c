"""Batches and beats to every client of an audience: one frame for all, written straight to the sockets that are idle.

Encoding was never the cost of a broadcast: for each client the library puts the message into a queue, wakes a writer,
arms a timer and takes a lock. A client with nothing under way needs none of that and gets the frame by one system
call. Every other gets the message by its queue, so that nothing overtakes anything
(docs/decisions/0016-one-frame-for-all.md).

This module alone reads the private parts of python-socketio, python-engineio and eventlet that a broadcast needs;
`tests/display/feed/test_broadcast.py` names the versions in which they were read. Under threads a socket that was found
idle may be busy before it is written to, so there the library's own emit stays.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from socket import SHUT_RDWR
from typing import Any

from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from socketio import Server
from socketio.packet import EVENT

from display.feed.server import NAMESPACE
from liveroom.runtime import Runtime
from liveroom.runtime.metrics import SENT

# Clients that are written to before all others may run: about 3 ms.
SLICE = 250


def audience_emitter(server: Server, runtime: Runtime) -> Callable[[str, str, dict[str, Any]], None]:
    """``emit(audience, name, message)``: to every client of the audience, encoded once; never waits for a client."""

    def emit(audience: str, name: str, message: dict[str, Any]) -> None:
        server.emit(name, message, to=audience, namespace=NAMESPACE)

    return Broadcast(server, runtime).emit if runtime.mode == "eventlet" else emit


class Broadcast:
    """Sends one message at a time: two that run at once would overtake each other when they yield."""

    def __init__(self, server: Server, runtime: Runtime) -> None:
        self._server = server
        self._runtime = runtime
        self._straight, self._queued = SENT.labels("straight"), SENT.labels("queue")

    def emit(self, audience: str, name: str, message: dict[str, Any]) -> None:
        """Send to every client that is in the audience now; yields after each ``SLICE`` of them."""
        text = self._server.packet_class(EVENT, namespace=NAMESPACE, data=[name, message]).encode()
        packet = EnginePacket(MESSAGE, text)
        frame, straight, queued = None, 0, 0
        for engine_sid, websocket in self._clients(audience):
            if websocket is not None:
                if frame is None:
                    frame = memoryview(websocket._pack_message(packet.encode()))
                if self._write(websocket, frame):
                    straight += 1
                    continue
            queued += 1
            self._server._send_eio_packet(engine_sid, packet)
        self._straight.inc(straight)
        self._queued.inc(queued)

    def _clients(self, audience: str) -> Iterator[tuple[str, Any]]:
        """Each client's Engine.IO id and, if it is idle, its websocket, to be used before anything else can run.

        Who leaves while this rests is passed over.
        """
        manager, sockets = self._server.manager, self._server.eio.sockets
        clients = list(manager.get_participants(NAMESPACE, audience))
        for start in range(0, len(clients), SLICE):
            if start:
                self._runtime.sleep(0)
            room = manager.rooms.get(NAMESPACE, {}).get(audience)
            present = {} if room is None else room._fwdm  # the dict under it, ten times as fast
            # Who was not told yet that it is connected, or is being told to go, takes the queue.
            between = {*manager.pending_connect.get(NAMESPACE, ()), *manager.pending_disconnect.get(NAMESPACE, ())}
            for sid, engine_sid in clients[start : start + SLICE]:
                if sid in present:
                    yield engine_sid, None if sid in between else idle_websocket(sockets.get(engine_sid))

    def _write(self, websocket: Any, frame: memoryview) -> bool:
        """Write to the socket of an idle websocket; whether the frame is taken care of.

        A part that is left is written in a greenlet under the websocket's lock, which is taken here and now: not even a
        pong comes into the middle of a frame, and until the rest is written this client is not idle.
        """
        try:
            sent = websocket.socket.fd.send(frame)  # the plain socket under the green one: it never waits
        except OSError:  # full, or gone: the writer of the queue waits for the one and closes the other
            return False
        if sent < len(frame):
            websocket._sendlock.acquire()
            self._runtime.spawn(_write_rest, websocket, frame[sent:])
        return True


def idle_websocket(client: Any) -> Any:
    """The websocket of an Engine.IO socket that may be written to now; None for whatever must take the queue.

    ``upgraded`` is true from the first or after the probe, never for polling. Between taking a packet from the queue
    and taking the lock the writer yields only as one of those who wait for the lock. A ping that has no answer yet
    (``last_ping``) needs the look at the time that every way by the queue takes.
    """
    if client is None or not client.upgraded or client.closing or client.closed or client.last_ping:
        return None
    websocket = getattr(client, "liveroom_websocket", None)
    # `qsize()` and the lock's `balance` say the same; this is asked a thousand times for each message.
    if websocket is None or client.queue.queue:
        return None
    lock = websocket._sendlock
    if lock.counter < 1 or lock._waiters:
        return None
    # The end of the connection was said, or what is written would have to be compressed for this client alone.
    return None if websocket.websocket_closed or websocket.extensions else websocket


def _write_rest(websocket: Any, rest: memoryview) -> None:
    """Write the rest of a frame and give the lock back; after a frame that stays incomplete nothing can follow."""
    try:
        websocket.socket.sendall(rest)
    except OSError:
        with suppress(OSError):
            websocket.socket.shutdown(SHUT_RDWR)
    finally:
        websocket._sendlock.release()
