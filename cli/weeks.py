"""``--history 8w``: the past of a new drill room, made before it opens, and what its port answers meanwhile.

A browser that comes while the room lives through its weeks is told so by a page that loads itself again, and a program
by 503: the past is one transaction, of which nobody sees a part. `/healthz`, which asks about the process, gets 200.
"""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from markupsafe import escape

from liveroom.room.bootstrap import OpenRoom
from liveroom.runtime import Runtime
from liveroom.runtime.config import ServerSettings
from liveroom.runtime.language import text
from liveroom.runtime.logging import say
from liveroom.runtime.server.http_bounds import listen
from liveroom.runtime.time import monotonic

if TYPE_CHECKING:
    from ingest.drill.driver import Drill

# The longest past: it is lived through while somebody waits.
MOST_WEEKS = 12
# A browser comes again after so many seconds; who sends nothing for so long is let go.
_AGAIN_S, _PATIENCE_S = 2, 1.0
# Of a request's head, and of what follows, which is thrown away.
_LONGEST_HEAD, _PIECE = 8192, 65536


def weeks_of(history: str) -> int:
    """The weeks of ``8w``; 0 without any. Raises ValueError."""
    found = re.fullmatch(r"([1-9][0-9]?)w", history)
    if history and (found is None or int(found[1]) > MOST_WEEKS):
        raise ValueError(f"--history is a number of weeks from 1w to {MOST_WEEKS}w, not {history!r}")
    return int(found[1]) if found else 0


def live(
    drill: "Drill", opened: OpenRoom, runtime: Runtime, server: ServerSettings, *, weeks: int, until: datetime
) -> None:
    """Let a new drill room have lived ``weeks`` before ``until``; terminal and port say how far it is."""
    begun, doorman = monotonic(), Doorman(languages=tuple(opened.room.city.languages), weeks=weeks, left=weeks)
    say(f"the room lives through {weeks} weeks first: that is done once and takes some seconds")
    drill.register()
    with doorman.answering(server, runtime):
        came = opened.room.live(lambda past: drill.live(past, weeks=weeks, until=until, note=doorman.note))
    drill.count_past(until)
    opened.room.log.scrub()  # a journal as large as all of it would stay beside it
    say(f"{came} complaints came in before now; it took {monotonic() - begun:.0f} s")


@dataclass(slots=True, kw_only=True)
class Doorman:
    """Answers the port of a room that is not open yet, one visitor after another."""

    languages: tuple[str, ...]
    weeks: int
    left: int
    over: bool = False
    gone: threading.Event = field(default_factory=threading.Event)

    def note(self, left: int) -> None:
        """So many weeks are to go."""
        self.left = left
        say(f"weeks to go: {left}")

    @contextmanager
    def answering(self, server: ServerSettings, runtime: Runtime) -> Iterator[None]:
        """Answer while the block runs. Raises CannotListen."""
        with closing(listen(server.host, server.port)) as listener:
            listener.settimeout(_PATIENCE_S / 4)
            runtime.spawn(self._answer, listener)
            try:
                yield
            finally:
                self.over = True
                self.gone.wait(4 * _PATIENCE_S)  # who still listens would keep the room itself from its port

    def _answer(self, listener: socket.socket) -> None:
        try:
            while not self.over:
                with suppress(OSError):  # nobody came, or they left
                    visitor, _ = listener.accept()
                    with closing(visitor):
                        self._meet(visitor)
        finally:
            self.gone.set()

    def _meet(self, visitor: socket.socket) -> None:
        visitor.settimeout(_PATIENCE_S)
        visitor.sendall(self._response(visitor.recv(_LONGEST_HEAD)))
        # With a part of the request unread, closing would take the answer away from who is still sending.
        visitor.shutdown(socket.SHUT_WR)
        visitor.settimeout(_PATIENCE_S / 4)
        until = monotonic() + _PATIENCE_S
        while monotonic() < until and visitor.recv(_PIECE):
            pass

    def _response(self, head: bytes) -> bytes:
        method, _, path = head.partition(b"\r\n")[0].partition(b" ")
        said = "503 Service Unavailable"
        again: tuple[str, ...] = (f"Refresh: {_AGAIN_S}", f"Retry-After: {_AGAIN_S}")
        kind, body = ("text/html", self._page()) if b"text/html" in head else ("application/json", self._reason())
        if path.partition(b" ")[0].partition(b"?")[0] == b"/healthz":  # asks whether the process lives, and it does
            said, again, kind, body = "200 OK", (), "application/json", '{"status":"ok"}\n'
        lines = (
            f"HTTP/1.1 {said}",
            f"Content-Type: {kind}; charset=utf-8",
            f"Content-Length: {len(body.encode())}",
            *again,
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            "Connection: close",
        )
        return ("\r\n".join(lines) + "\r\n\r\n" + ("" if method == b"HEAD" else body)).encode()

    def _reason(self) -> str:
        return f'{{"status":"not ready","reasons":["history: {self.left} of {self.weeks} weeks to go"]}}\n'

    def _page(self) -> str:
        said = "".join(
            f'<section lang="{one}"><h1>{escape(text("page.history.title", one))}</h1>'
            f"<p>{escape(text('page.history.left', one, n=self.left, of=self.weeks))}</p></section>"
            for one in self.languages
        )
        return (
            f'<!doctype html><html lang="{self.languages[0]}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="color-scheme" content="dark"><title>Liveroom</title></head>'
            f"<body><main>{said}</main></body></html>"
        )
