"""The Socket.IO edge of the feed: who may listen, in which audience, and what a screen may ask."""

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

from flask import request
from flask_socketio import ConnectionRefusedError as Refusal
from flask_socketio import Namespace, join_room, leave_room
from socketio import Server

from display.feed.patience import Patience
from display.feed.resume import Resume
from liveroom.log.book import Unavailable

NAMESPACE = "/feed"
log = logging.getLogger(__name__)
AudienceOf = Callable[[Mapping[str, Any]], str | None]


class FeedNamespace(Namespace):  # type: ignore[misc]  # flask_socketio is untyped
    """Join first, ask second: a screen is in its audience before it resumes, so nothing falls between the two."""

    def __init__(self, resume: Resume, audience_of: AudienceOf, sleep: Callable[[float], None]) -> None:
        super().__init__(NAMESPACE)
        self._resume = resume
        self._audience_of = audience_of
        self._audiences: dict[str, str] = {}
        self._patience = Patience()
        self._sleep = sleep

    def on_connect(self, auth: object = None) -> None:
        """Put the connection into its audience; refuse one without a credential, or while nobody can look it up."""
        try:
            audience = self._audience_of(auth if isinstance(auth, dict) else {})
        except Unavailable:
            raise Refusal("unavailable") from None
        if audience is None:
            raise Refusal("a token is needed")
        self._audiences[request.sid] = audience  # type: ignore[attr-defined]  # set by flask_socketio
        join_room(audience)

    def listened(self) -> Collection[str]:
        """The audiences that have a screen here."""
        return frozenset(self._audiences.values())

    def on_disconnect(self, *_reason: object) -> None:
        """Forget the connection."""
        self._patience.forget(request.sid)  # type: ignore[attr-defined]
        audience = self._audiences.pop(request.sid, None)  # type: ignore[attr-defined]
        if audience is not None:
            leave_room(audience)

    def on_resume(self, asked: object = None) -> dict[str, Any]:
        """The acknowledgement of ``resume``: batches from the asked position, or the order to take the snapshot.

        A connection's questions are answered one after the other (no ``async_handlers``), so waiting here is what
        keeps one that asks without end from taking the database's thread and the memory of all.
        """
        sid = request.sid  # type: ignore[attr-defined]
        wait_s = self._patience.wait_s(sid)
        if wait_s:
            self._sleep(wait_s)
        audience = self._audiences.get(sid, "wall")
        try:
            return self._resume.answer(audience, asked if isinstance(asked, dict) else {})
        except Unavailable:
            return {"error": "unavailable", "retry_ms": 1000}


def emitter(server: Server) -> Callable[[str, str, dict[str, Any]], None]:
    """``emit(audience, name, message)``: python-socketio encodes the packet once for the whole room."""

    def emit(audience: str, name: str, message: dict[str, Any]) -> None:
        server.emit(name, message, to=audience, namespace=NAMESPACE)

    return emit
