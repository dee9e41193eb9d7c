"""Socket.IO namespace, who may stay, slow clients."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_socketio import ConnectionRefusedError as Refusal
from flask_socketio import Namespace, join_room, leave_room
from socketio import Server

from display.auth.visitor import PrincipalKind, Visitors
from display.feed.presence import Emitter, Presence
from display.feed.snapshot import Resume
from liveroom.accounts.screens import Screen
from liveroom.accounts.users import Person
from liveroom.log.engine import Unavailable
from liveroom.runtime import Runtime
from liveroom.runtime.time import monotonic

# How people come into the feed and how they go: a connection lasts no longer than the log-in or token it came by.

LOOK_S = 1.0
# Whose pages stand in the room: what leadership or an agency opens elsewhere must not take the room's sound away.
OF_ROOM = frozenset(
    {PrincipalKind.SCREEN, PrincipalKind.DUTY, PrincipalKind.SUPERVISOR, PrincipalKind.ADMIN, PrincipalKind.LOOPBACK}
)


class ConnectionGuard:
    """``part(sid)`` ends a connection, ``connected(sid)`` says whether there still is one."""

    def __init__(self, visitors: Visitors, part: Callable[[str], None], connected: Callable[[str], bool]) -> None:
        self._visitors = visitors
        self._part = part
        self._connected = connected
        self._came: dict[str, tuple[str, Person]] = {}
        self._absent: set[str] = set()

    def audience(self, auth: Mapping[str, Any]) -> str | None:
        """The audience of the connection that is being made; None without a right to any. Raises Unavailable."""
        standing = self._visitors.principal(request, auth)
        if standing.who is not None and standing.credential is not None:
            self._came[request.sid] = (standing.credential, standing.who)  # type: ignore[attr-defined]
        return self._visitors.audience_of(standing, request, auth)

    def of_room(self, auth: Mapping[str, Any]) -> bool:
        """Whether the page that connects is one of the room's own. Raises Unavailable."""
        return self._visitors.principal(request, auth).among(OF_ROOM)

    def run(self, runtime: Runtime) -> None:
        """Look for ever; while the database is away nobody is sent off, and nobody gets anything either."""
        while True:
            runtime.sleep(LOOK_S)
            try:
                self.look()
            except Unavailable:
                log.debug("whose log-in has ended is not known while the database is away")

    def look(self) -> None:
        """End what people may no longer have, or would get as somebody else now. Raises Unavailable."""
        # Whoever is just being let in is not connected yet, so only a second look tells that somebody is gone.
        absent = {sid for sid in self._came if not self._connected(sid)}
        for sid in absent & self._absent:
            self._came.pop(sid, None)
        self._absent = absent
        standing = self._visitors.sessions.people({credential for credential, _ in self._came.values()})
        for sid, (credential, who) in list(self._came.items()):
            if standing.get(credential) != who:
                self._came.pop(sid, None)
                self._part(sid)


# How often one connection may ask: a few times at once, then at a walking pace; whoever asks faster waits longer.

# A screen asks once a connection, and again after a gap; nobody who keeps the rules of the feed asks ten times at once.
AT_ONCE, A_SECOND = 10.0, 2.0


@dataclass(slots=True)
class _TokenBucket:
    tokens: float
    filled: float


class RequestLimits:
    """A purse of questions for each connection; ``clock`` in seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._purses: dict[str, _TokenBucket] = {}

    def wait_s(self, connection: str) -> float:
        """Take one question out; how many seconds this connection has to wait for its answer, mostly 0."""
        now = self._clock()
        purse = self._purses.setdefault(connection, _TokenBucket(tokens=AT_ONCE, filled=now))
        purse.tokens = min(AT_ONCE, purse.tokens + (now - purse.filled) * A_SECOND) - 1
        purse.filled = now
        return max(0.0, -purse.tokens / A_SECOND)

    def forget(self, connection: str) -> None:
        """The connection is gone."""
        self._purses.pop(connection, None)


# The Socket.IO edge of the feed: who may listen, in which audience, and what a screen may ask.

NAMESPACE = "/feed"
LAST_WORDS_S = 0.3
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a handshake's ``auth`` gives: an audience or None, the screen that it is, whether it is one of the room's.

    ``joined(sid)`` hears of each Engine.IO connection that was let in.
    """

    audience: Callable[[Mapping[str, Any]], str | None]
    screen: Callable[[Mapping[str, Any]], Screen | None]
    of_room: Callable[[Mapping[str, Any]], bool]
    joined: Callable[[str], None]


class FeedNamespace(Namespace):  # type: ignore[misc]  # flask_socketio is untyped
    """Join first, ask second: a screen is in its audience before it resumes, so nothing falls between the two."""

    def __init__(self, resume: Resume, rights: Rights, sleep: Callable[[float], None], presence: Presence) -> None:
        super().__init__(NAMESPACE)
        self._presence = presence
        self._rights = rights
        self._resume = resume
        self._audiences: dict[str, str] = {}
        self._patience = RequestLimits()
        self._sleep = sleep

    def on_connect(self, auth: object = None) -> None:
        """Put the connection into its audience; refuse one without a credential, or while nobody can look it up."""
        try:
            shown = auth if isinstance(auth, dict) else {}
            rights = self._rights
            audience, screen, of_room = rights.audience(shown), rights.screen(shown), rights.of_room(shown)
        except Unavailable:
            raise Refusal("unavailable") from None
        if audience is None:
            raise Refusal("a token is needed")
        self._presence.join(request.sid, screen, of_room=of_room)  # type: ignore[attr-defined]
        self._audiences[request.sid] = audience  # type: ignore[attr-defined]  # set by flask_socketio
        join_room(audience)
        manager = self.socketio.server.manager
        self._rights.joined(manager.eio_sid_from_sid(request.sid, NAMESPACE))  # type: ignore[attr-defined]

    def listened(self) -> Collection[str]:
        """The audiences that have a screen here."""
        return frozenset(self._audiences.values())

    def on_disconnect(self, *_reason: object) -> None:
        """Forget the connection."""
        self._presence.leave(request.sid)  # type: ignore[attr-defined]
        self._patience.forget(request.sid)  # type: ignore[attr-defined]
        audience = self._audiences.pop(request.sid, None)  # type: ignore[attr-defined]
        if audience is not None:
            leave_room(audience)

    def on_report(self, said: object = None) -> dict[str, Any]:
        """What a page says of itself; acknowledged with ``{floor, name?, place?}`` or ``{error}``."""
        return self._presence.report(request.sid, said)  # type: ignore[attr-defined]

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


def hands(server: Server, runtime: Runtime) -> Emitter:
    """How the rounds reach single pages; a connection is ended without waiting for a client that has stalled."""

    def send(sid: str, name: str, message: dict[str, object]) -> None:
        server.emit(name, message, to=sid, namespace=NAMESPACE)

    def part(sid: str) -> None:
        client = server.eio.sockets.get(server.manager.eio_sid_from_sid(sid, NAMESPACE))
        if client is not None:
            runtime.spawn(_close_soon, client, runtime)

    return Emitter(send, part)


def _close_soon(client: Any, runtime: Runtime) -> None:
    """After what was sent to it has had the time to go."""
    runtime.sleep(LAST_WORDS_S)
    client.close(wait=False, abort=True, reason="the token has ended")
