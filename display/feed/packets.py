"""What a client may say: the packets of Socket.IO that the feed has a use for. Whoever says anything else is ended.

python-socketio takes any JSON for a packet and logs a traceback for what it then stumbles over, so that a stranger
could fill the log. It takes an event called ``connect`` for a connection, too: names like that are the protocol's own
(Socket.IO protocol, version 5), and no client may emit them.
"""

import logging
from typing import Any

from socketio import Server
from socketio.packet import ACK, CONNECT, DISCONNECT, EVENT, Packet

RESERVED = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})
UNREADABLE = (ValueError, TypeError, LookupError, RecursionError, OverflowError)
log = logging.getLogger(__name__)


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
