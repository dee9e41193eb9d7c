"""The websocket of the eventlet mode: eventlet's own, with the bounds of `websockets`."""

from typing import Any

import eventlet
from engineio.async_drivers.eventlet import WebSocketWSGI
from eventlet.websocket import FailedConnectionError, RFC6455WebSocket

from liveroom.runtime.websockets import (
    AGAINST_RULES,
    FRAGMENTS,
    FRAMES_UNJOINED,
    TOO_LONG,
    Pace,
    forget,
    joined,
    longest,
    unmasked,
)

CONTROL, LONGEST_CONTROL = 8, 125


class _Bounded(RFC6455WebSocket):  # type: ignore[misc]  # eventlet is untyped
    """A websocket whose messages, fragments and frames are bounded; ``client`` is its Engine.IO socket."""

    client_socket: Any

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._pace = Pace()
        self._frames = self._fragments = self._length = 0

    @staticmethod
    def _apply_mask(data: bytes, mask: tuple[int, ...], length: int | None = None, offset: int = 0) -> bytes:
        return unmasked(data if length is None else data[:length], bytes(mask), offset)

    def _recv_frame(self, message: Any = None) -> Any:
        """The next frame; ``message`` is what it may continue. Raises FailedConnectionError, which closes."""
        if wait_s := self._pace.wait_s():
            eventlet.sleep(wait_s)
        self._frames += 1
        if self._frames > FRAMES_UNJOINED and not joined(self.client_socket):
            raise FailedConnectionError(AGAINST_RULES, "join first")
        # A control frame may come in the middle of a message that is nearly full.
        self.max_frame_length = max(LONGEST_CONTROL, longest(self.client_socket) - self._length)
        pieces = 0 if message is None else len(message.data)
        frame = super()._recv_frame(message=message)
        if not frame.opcode & CONTROL:
            self._add(frame, sum(map(len, frame.data[pieces:])))
        return frame

    def _add(self, frame: Any, length: int) -> None:
        self._fragments += 1
        self._length += length
        if self._length > longest(self.client_socket):
            raise FailedConnectionError(TOO_LONG, "the message is too long")
        if self._fragments > FRAGMENTS:
            raise FailedConnectionError(AGAINST_RULES, "the message has too many fragments")
        if frame.finished:
            self._fragments = self._length = 0


class GreenWebSocket(WebSocketWSGI):  # type: ignore[misc]  # engineio is untyped
    """Opens bounded websockets, and none of the protocols from before RFC 6455, which have no bounds at all."""

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        self.support_legacy_versions = False
        self._client = handler.__self__

    def __call__(self, environ: dict[str, Any], respond: Any) -> Any:
        """Open it and read it to its end."""
        self._client.liveroom_tcp = environ["eventlet.input"].get_socket()
        try:
            return super().__call__(environ, respond)
        finally:
            forget(self._client)

    def _handle_hybi_request(self, environ: dict[str, Any]) -> _Bounded:
        plain = super()._handle_hybi_request(environ)
        bounded = _Bounded(plain.socket, environ, plain.version, protocol=plain.protocol)
        bounded.client_socket = self._client
        return bounded
