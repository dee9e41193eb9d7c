"""gevent's HTTP with an end to every body and every silence: its own waits and reads for as long as a client likes."""

from functools import partial
from typing import Any

import gevent
from gevent.pywsgi import Input
from geventwebsocket.handler import WebSocketHandler

from liveroom.runtime import bodies
from liveroom.runtime.in_time import InTime
from liveroom.runtime.pieces import send_in_pieces


class Bounded(InTime, Input):  # type: ignore[misc]  # gevent is untyped
    """A request's body that must come in its time; one that does not costs its connection."""

    timer = gevent.Timeout

    def __init__(self, handler: "Handler", plain: Input) -> None:
        """``plain`` is the body as gevent made it."""
        super().__init__(plain.rfile, plain.content_length, socket=plain.socket, chunked_input=plain.chunked_input)
        self._handler = handler

    def cut(self) -> None:
        """End the connection with this answer."""
        self._handler.close_connection = True

    def _discard(self) -> None:
        wanted = self.chunked_input or self.position < (self.content_length or 0)
        if wanted and not self._chunked_input_error and not self._handler.close_connection:
            self.send_100_continue_enabled = False
            self.throw_away()


class Handler(WebSocketHandler):  # type: ignore[misc]  # gevent-websocket is untyped
    """HTTP/1.1 and websockets; bodies are Bounded, and whoever says nothing loses the connection."""

    def handle(self) -> None:
        """All requests of one connection."""
        self.socket.settimeout(bodies.SILENT_S)
        super().handle()

    def handle_one_request(self) -> Any:
        """One request; of many that came in one piece each waits its turn."""
        gevent.sleep()
        return super().handle_one_request()

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
