"""Receivers as agencies have them: a real SMTP server and a real HTTP server that can be away and come back."""

import ssl
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.services.process import free_port


class Mailbox:
    """``messages`` in the order of their coming; ``answer`` is what the server says to each, 550 to ``unknown``;
    ``to_sender`` what to whoever begins, before it heard whom a letter is for, ``to_receiver`` what after that."""

    def __init__(self) -> None:
        self.port = free_port()
        self.messages: list[EmailMessage] = []
        self.answer = "250 OK"
        self.unknown = ""
        self.to_sender = self.to_receiver = "250 OK"
        self._controller: Controller | None = None

    async def handle_MAIL(  # noqa: N802 - aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.to_sender

    async def handle_RCPT(  # noqa: N802 - aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address == self.unknown:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return self.to_receiver

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd
        if self.answer.startswith("2"):
            whole = message_from_bytes(cast(bytes, envelope.content), policy=policy.default)
            self.messages.append(cast(EmailMessage, whole))
        return self.answer

    def start(self) -> "Mailbox":
        # By itself it gives up after five seconds, which a busy machine may take to start a thread.
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=60)
        self._controller.start()
        return self

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


class Request:
    """One POST as it came."""

    def __init__(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self.path, self.headers, self.body = path, headers, body


Answer = Callable[[BaseHTTPRequestHandler, Request], None]


def ok(handler: BaseHTTPRequestHandler, _request: Request) -> None:
    say(handler, 200, b'[{"service_request_id": "SR-77"}]')


def say(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


class System:
    """An agency's own system; ``answer`` decides what it says to each request, which it keeps first."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/inbox"
        self.requests: list[Request] = []
        self.answer: Answer = ok
        self._server: ThreadingHTTPServer | None = None

    def start(self, tls: ssl.SSLContext | None = None) -> "System":
        system = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = Request(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                system.requests.append(request)
                system.answer(self, request)

            def log_message(self, *_words: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def ids(self) -> list[str]:
        """The idempotency keys in the order of their coming."""
        return [request.headers["idempotency-key"] for request in self.requests]
