"""A service of warnings: an index by HTTP, and the documents of CAP that it links."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.rooms.cap_documents import document
from tests.services.open311_peer import Answer, say
from tests.services.process import free_port


class CapService:
    """``documents`` by their paths, in the order of the index; ``form``: rss or atom; ``tags``: it sends ETags.

    ``odd``: what it does instead to a path. ``asked``: the path of each request.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/index"
        self.documents: dict[str, bytes] = {}
        self.form, self.tags = "rss", True
        self.odd: dict[str, Answer] = {}
        self.asked: list[str] = []
        self._server: ThreadingHTTPServer | None = None

    def publish(self, identifier: str, body: bytes | None = None) -> None:
        self.documents[f"/{identifier}_alert.xml"] = body or document(identifier)

    def start(self) -> "CapService":
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.asked.append(self.path)
                service.odd.get(self.path, service.get)(self)

            def log_message(self, *_words: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads, self._server.block_on_close = True, False
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def get(self, handler: BaseHTTPRequestHandler) -> None:
        if handler.path.partition("?")[0] != "/index":
            found = self.documents.get(handler.path)
            return say(handler, 404) if found is None else say(handler, 200, found)
        tag = f'"{len(self.documents)}"'
        if self.tags and handler.headers.get("If-None-Match") == tag:
            return say(handler, 304)
        return say(handler, 200, self.index(), **({"ETag": tag} if self.tags else {}))

    def index(self) -> bytes:
        if self.form == "rss":
            items = "".join(f"<item><title>Cuaca</title><link>{path}</link></item>" for path in self.documents)
            return f'<rss version="2.0"><channel><title>BMKG</title>{items}</channel></rss>'.encode()
        entries = "".join(
            f'<entry><id>{path}</id><link href="/page"/><link type="application/cap+xml" href="{path}"/></entry>'
            for path in self.documents
        )
        return f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'.encode()
