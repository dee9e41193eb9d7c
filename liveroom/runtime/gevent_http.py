"""gevent's HTTP with an end to every body and every silence: its own waits and reads for as long as a client likes."""

from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any

import gevent
from gevent.pywsgi import Input
from geventwebsocket.handler import WebSocketHandler

from liveroom.runtime import bodies
from liveroom.runtime.pieces import send_in_pieces


class Bounded(Input):  # type: ignore[misc]  # gevent is untyped
    """A request's body that must come in its time; one that does not costs its connection."""

    __slots__ = ("_end", "_handler")

    def __init__(self, handler: "Handler", plain: Input) -> None:
        """``plain`` is the body as gevent made it."""
        super().__init__(plain.rfile, plain.content_length, socket=plain.socket, chunked_input=plain.chunked_input)
        self._handler = handler
        self._end: float | None = None

    def read(self, length: int | None = None) -> bytes:
        """Raises OSError, TooSlow among them."""
        return self._in_time(lambda: super(Bounded, self).read(length))

    def readline(self, size: int | None = None) -> bytes:
        """Raises OSError, TooSlow among them."""
        return self._in_time(lambda: super(Bounded, self).readline(size))

    def _discard(self) -> None:
        """What is left is read so that the answer arrives; what has no end ends the connection."""
        wanted = self.chunked_input or self.position < (self.content_length or 0)
        if not wanted or self._chunked_input_error or self._handler.close_connection:
            return
        self._end = monotonic() + bodies.UNREAD_S
        self.send_100_continue_enabled = False  # type: ignore[misc]  # a slot of gevent's
        try:
            bodies.throw_away(self.read)
        except OSError:
            self._handler.close_connection = True

    def _in_time(self, read: Callable[[], bytes]) -> bytes:
        if self._end is None:
            self._end = monotonic() + bodies.whole_s(None if self.chunked_input else self.content_length)
        try:
            with gevent.Timeout(max(0.001, self._end - monotonic()), bodies.TooSlow("the body takes too long")):
                return bytes(read())
        except OSError:
            self._handler.close_connection = True
            raise


class Handler(WebSocketHandler):  # type: ignore[misc]  # gevent-websocket is untyped
    """HTTP/1.1 and websockets; bodies are Bounded, and whoever says nothing loses the connection."""

    def handle(self) -> None:
        """All requests of one connection."""
        self.socket.settimeout(bodies.SILENT_S)
        super().handle()

    def read_request(self, raw_requestline: str) -> bool:
        """A head that does not come whole is the client's fault, no error of ours to be traced. Raises ValueError."""
        try:
            return bool(super().read_request(raw_requestline))
        except TimeoutError:
            raise ValueError("the head did not come in time") from None

    def log_error(self, msg: str, *args: Any) -> None:
        """Say nothing of a client's fault: the line would name its address."""

    def upgrade_connection(self) -> Any:
        """The websocket, or why there is none."""
        refused = super().upgrade_connection()
        if (websocket := getattr(self, "websocket", None)) is not None:
            websocket.stream.write = partial(send_in_pieces, websocket.stream.write)
        return refused

    def _sendall(self, data: bytes) -> None:
        send_in_pieces(super()._sendall, data)

    def get_environ(self) -> dict[str, Any]:
        """The request's environment."""
        environ: dict[str, Any] = super().get_environ()
        has_body = self.command != "GET" or "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ
        if environ["wsgi.input_terminated"] or has_body:  # else it becomes a websocket
            plain: Input = self.wsgi_input  # type: ignore[has-type]  # set by gevent
            self.wsgi_input = environ["wsgi.input"] = Bounded(self, plain)
            environ["wsgi.input_terminated"] = True
        return environ
