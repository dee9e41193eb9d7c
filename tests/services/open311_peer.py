"""An Open311 server of another city or agency, as they really are: which filters, pages and manners it has is set."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from liveroom.domain.timestamps import time_of
from liveroom.runtime.time import system_now
from tests.services.process import free_port

Answer = Callable[[BaseHTTPRequestHandler], None]


def say(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


class Open311Peer:
    """``rows``: what it has; of each ``_at`` is when it changed and ``_made`` when it came, which nobody is shown.

    ``filters``: the parameters it knows beside ids, ``limit``: the most rows of an answer, ``pages``: whether it knows
    pages, ``tags``: whether it sends ETags. ``odd``: what it does instead to the next requests, one each; None: nothing
    odd. ``ahead``: how far its clock is ahead. ``asked``: path and parameters of each request, ``posted`` the forms.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/v2"
        self.rows: list[dict[str, Any]] = []
        self.updates: list[dict[str, Any]] = []
        self.tokens: dict[str, str] = {}
        self.filters: frozenset[str] = frozenset({"start_date", "end_date"})
        self.limit, self.pages, self.tags = 1000, True, False
        self.ahead = timedelta(0)
        self.odd: list[Answer | None] = []
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.posted: list[tuple[str, dict[str, str]]] = []
        self.answer_to_post = (200, b'[{"service_request_id": "SR-1"}]')
        self._server: ThreadingHTTPServer | None = None

    def add(self, number: str, *, at: datetime | None = None, made: datetime | None = None, **said: Any) -> None:
        """A request that came at ``made`` and changed at ``at``; by default both now."""
        at = at or system_now()
        row = {"service_request_id": number, "status": "open", "service_code": "jalan_rusak", "_at": at}
        self.rows.append({**row, "_made": made or at, "description": "Lubang, dalam", **said})

    def change(self, number: str, *, at: datetime | None = None, **said: Any) -> None:
        """Its request says something else from now on."""
        row = next(one for one in self.rows if one.get("service_request_id") == number)
        row |= {**said, "_at": at or system_now()}

    def start(self) -> "Open311Peer":
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                peer.get(self)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                form = {name: said[0] for name, said in parse_qs(body).items()}
                peer.posted.append((self.path, form))
                say(self, *peer.answer_to_post)

            def log_message(self, *_words: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads, self._server.block_on_close = True, False
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def get(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        asked = {name: said[0] for name, said in parse_qs(parts.query).items()}
        self.asked.append((parts.path, asked, {name.lower(): value for name, value in handler.headers.items()}))
        if self.odd and (answer := self.odd.pop(0)) is not None:
            answer(handler)
            return
        what, _, form = parts.path.removeprefix("/v2/").rpartition(".")
        collection, _, key = what.partition("/")
        found = self._found(collection, unquote(key), asked)
        if found is None:
            say(handler, 404, b'[{"code": 404, "description": "not here"}]')
            return
        self._send(handler, collection, found, form)

    def _found(self, collection: str, key: str, asked: dict[str, str]) -> list[dict[str, Any]] | None:
        match collection:
            case "tokens":
                return [{"token": key, "service_request_id": self.tokens.get(key)}]
            case "requests" if key:
                return [row for row in self.rows if row.get("service_request_id") == key] or None
            case "requests":
                return self._page(self._listed(asked), asked)
            case "servicerequestupdates":
                return self._page(self.updates, asked)
        return None

    def _listed(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        if ids := asked.get("service_request_id"):
            return [row for row in self.rows if row.get("service_request_id") in ids.split(",")]
        found = sorted(self.rows, key=lambda row: row["_made"], reverse=True)
        for name, field, later in (
            ("start_date", "_made", True), ("end_date", "_made", False),
            ("updated_after", "_at", True), ("updated_before", "_at", False),
        ):  # fmt: skip
            if name in self.filters and name in asked:
                bound = time_of(asked[name], UTC)
                found = [row for row in found if (row[field] + self.ahead >= bound) == later or row[field] == bound]
        return found

    def _page(self, found: list[dict[str, Any]], asked: dict[str, str]) -> list[dict[str, Any]]:
        if not self.pages:
            return found[: self.limit]
        size = min(int(asked.get("page_size", self.limit)), self.limit)
        first = (int(asked.get("page", 1)) - 1) * size
        return found[first : first + size]

    def _send(self, handler: BaseHTTPRequestHandler, collection: str, found: list[dict[str, Any]], form: str) -> None:
        shown = [{name: said for name, said in row.items() if not name.startswith("_")} for row in found]
        body = json.dumps(shown).encode() if form == "json" else _xml(collection, shown)
        tag = f'"{hash(body)}"'
        if self.tags and handler.headers.get("If-None-Match") == tag:
            say(handler, 304, ETag=tag)
            return
        say(handler, 200, body, **({"ETag": tag} if self.tags else {}))


def _xml(collection: str, rows: list[dict[str, Any]]) -> bytes:
    names = {"requests": ("service_requests", "request"), "tokens": ("service_requests", "request")}
    root, element = names.get(collection, ("service_request_updates", "request_update"))
    top = Element(root)
    for row in rows:
        one = SubElement(top, element)
        for name, said in row.items():
            SubElement(one, name).text = None if said is None else str(said)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(top)
