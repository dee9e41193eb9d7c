"""A service of warnings: an index by HTTP, and the documents of CAP that it links."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.sax.saxutils import escape

from liveroom.domain.timestamps import to_text
from tests.rooms.standing import START
from tests.services.open311_peer import Answer, say
from tests.services.process import free_port

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
SENDER = "nowcast@bmkg.example"
# Around the middle of Ciledug and Larangan, and of Bandung.
CILEDUG = "-6.26,106.69 -6.26,106.74 -6.22,106.74 -6.22,106.69 -6.26,106.69"
BANDUNG = "-6.95,107.55 -6.95,107.70 -6.88,107.70 -6.88,107.55 -6.95,107.55"
PARTS = ("senderName", "headline", "description", "instruction")


def info(**said: Any) -> str:
    """One info; ``area``: its XML, ``polygon`` of a plain one; the rest are elements by their names."""
    texts = {"language": "id-ID", "category": "Met", "event": "Hujan lebat disertai petir", "urgency": "Immediate"}
    texts |= {"severity": "Moderate", "certainty": "Likely", "expires": to_text(START + timedelta(hours=2))}
    texts |= {"senderName": "BMKG", "headline": "Hujan lebat di Ciledug", "description": "Hujan sampai sore."}
    area = said.pop("area", None) or _area(said.pop("polygon", CILEDUG))
    order = ("language", "category", "event", "responseType", "urgency", "severity", "certainty")
    order = (*order, "effective", "onset", "expires", *PARTS)
    all_of = {**texts, **said}
    return (
        f"<info>{''.join(_element(name, all_of[name]) for name in order if all_of.get(name) is not None)}{area}</info>"
    )


def _area(polygon: str) -> str:
    return f"<area><areaDesc>Kota Tangerang</areaDesc><polygon>{polygon}</polygon></area>"


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def document(
    identifier: str,
    message: str = "Alert",
    *,
    sent: datetime = START,
    refers: Sequence[tuple[str, datetime]] = (),
    infos: Sequence[str] | None = None,
    **said: str,
) -> bytes:
    """A document; ``refers``: identifiers and times of sending, ``said``: status, scope, sender."""
    head = {"identifier": identifier, "sender": SENDER, "sent": to_text(sent).replace("Z", "+00:00")}
    head |= {"status": "Actual", "msgType": message, "scope": "Public"} | said
    names = " ".join(f"{head['sender']},{one},{to_text(at)}" for one, at in refers)
    shown = ([] if message == "Cancel" else [info()]) if infos is None else infos
    references = f"<references>{names}</references>" if refers else ""
    heads = "".join(_element(name, text) for name, text in head.items())
    return f'<?xml version="1.0"?><alert xmlns="{CAP}">{heads}{references}{"".join(shown)}</alert>'.encode()


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
