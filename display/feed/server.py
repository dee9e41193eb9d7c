"""The Socket.IO namespace `/feed`: who may join which audience, and what a client may ask.

A connection joins its audience first and resumes second, so that no event falls between the two. It lasts no longer
than the log-in or token it came with (`ConnectionGuard`), and may ask only so often (`RequestLimits`).
"""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_socketio import ConnectionRefusedError as Refusal
from flask_socketio import Namespace, join_room, leave_room
from socketio import Server

from display.auth.visitor import PrincipalKind, Visitors
from display.feed.cards import room_audience
from display.feed.presence import Emitter, Presence
from display.feed.snapshot import Resume
from liveroom.accounts.screens import Screen
from liveroom.accounts.users import Person
from liveroom.log.engine import Unavailable
from liveroom.runtime import Runtime
from liveroom.runtime.time import monotonic

NAMESPACE = "/feed"
# How often the credentials of all connections are checked.
CHECK_S = 1.0
# What was sent to a page before its connection is closed has so long to arrive.
CLOSE_DELAY_S = 0.3
# Questions of one connection: ten at once, then two a second. A screen asks once a connection and again after a gap, so
# a client that keeps to docs/feed.md never waits.
BURST, PER_SECOND = 10.0, 2.0
# Visitors whose pages stand in the room. What leadership or an agency opens elsewhere must not take the room's sound.
ROOM_KINDS = frozenset(
    {PrincipalKind.SCREEN, PrincipalKind.DUTY, PrincipalKind.SUPERVISOR, PrincipalKind.ADMIN, PrincipalKind.LOOPBACK}
)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a handshake's ``auth`` gives.

    ``audience``: None without a right to any; ``screen``: the registered screen that connects, if it is one;
    ``of_room``: whether the page stands in the room; ``joined(sid)`` is called with each Engine.IO id that was let in.
    """

    audience: Callable[[Mapping[str, Any]], str | None]
    screen: Callable[[Mapping[str, Any]], Screen | None]
    of_room: Callable[[Mapping[str, Any]], bool]
    joined: Callable[[str], None]


class FeedNamespace(Namespace):  # type: ignore[misc]  # flask_socketio is untyped
    """Handles connect, disconnect, `report` and `resume`. ``sleep(seconds)`` yields to other connections."""

    def __init__(self, resume: Resume, rights: Rights, sleep: Callable[[float], None], presence: Presence) -> None:
        super().__init__(NAMESPACE)
        self._presence = presence
        self._rights = rights
        self._resume = resume
        self._audiences: dict[str, str] = {}
        self._request_limits = RequestLimits()
        self._sleep = sleep

    def on_connect(self, auth: object = None) -> None:
        """Join the connection to its audience; refuse it without a credential, or while the database is away."""
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
        """The audiences that have a client in this process."""
        return frozenset(self._audiences.values())

    def on_disconnect(self, *_reason: object) -> None:
        """Forget the connection."""
        self._presence.leave(request.sid)  # type: ignore[attr-defined]
        self._request_limits.forget(request.sid)  # type: ignore[attr-defined]
        audience = self._audiences.pop(request.sid, None)  # type: ignore[attr-defined]
        if audience is not None:
            leave_room(audience)

    def on_report(self, said: object = None) -> dict[str, Any]:
        """Take a page's report; acknowledged with ``{floor, name?, place?}`` or ``{error}``."""
        return self._presence.report(request.sid, said)  # type: ignore[attr-defined]

    def on_resume(self, asked: object = None) -> dict[str, Any]:
        """Answer ``resume`` with batches from the asked position, or with the address of the snapshot to take.

        A connection's questions are answered one after the other (``async_handlers`` is off), so a wait here slows down
        a client that asks without end before it takes up the database's thread.
        """
        sid = request.sid  # type: ignore[attr-defined]
        wait_s = self._request_limits.wait_s(sid)
        if wait_s:
            self._sleep(wait_s)
        audience = self._audiences.get(sid, "wall")
        try:
            return self._resume.answer(audience, asked if isinstance(asked, dict) else {})
        except Unavailable:
            return {"error": "unavailable", "retry_ms": 1000}


def page_emitter(server: Server, runtime: Runtime) -> Emitter:
    """Sends to single pages and ends their connections, without waiting for a client that has stalled."""

    def send(sid: str, name: str, message: dict[str, object]) -> None:
        server.emit(name, message, to=sid, namespace=NAMESPACE)

    def part(sid: str) -> None:
        client = server.eio.sockets.get(server.manager.eio_sid_from_sid(sid, NAMESPACE))
        if client is not None:
            runtime.spawn(_close_soon, client, runtime)

    return Emitter(send, part)


def _close_soon(client: Any, runtime: Runtime) -> None:
    runtime.sleep(CLOSE_DELAY_S)
    client.close(wait=False, abort=True, reason="the token has ended")


class ConnectionGuard:
    """Ends connections whose log-in, token or key has ended, or would give another person or other fields now.

    ``part(sid)`` ends a connection, ``connected(sid)`` says whether it is still there.
    """

    def __init__(self, visitors: Visitors, part: Callable[[str], None], connected: Callable[[str], bool]) -> None:
        self._visitors = visitors
        self._part = part
        self._connected = connected
        self._logins: dict[str, tuple[str, Person]] = {}
        # Other rooms: the hash of the key and the audience that it gave.
        self._rooms: dict[str, tuple[str, str]] = {}
        self._absent: set[str] = set()

    def audience(self, auth: Mapping[str, Any]) -> str | None:
        """The audience of the connection that is being opened; None without a right to any. Raises Unavailable."""
        standing = self._visitors.principal(request, auth)
        if standing.who is not None and standing.credential is not None:
            self._logins[request.sid] = (standing.credential, standing.who)  # type: ignore[attr-defined]
        if standing.kind is PrincipalKind.ROOM and standing.credential and standing.audience:
            self._rooms[request.sid] = (standing.credential, standing.audience)  # type: ignore[attr-defined]
        return self._visitors.audience_of(standing, request, auth)

    def of_room(self, auth: Mapping[str, Any]) -> bool:
        """Whether the page that connects stands in the room. Raises Unavailable."""
        return self._visitors.principal(request, auth).among(ROOM_KINDS)

    def run(self, runtime: Runtime) -> None:
        """Check for ever. While the database is away no connection is ended; the tail sends nothing then either."""
        while True:
            runtime.sleep(CHECK_S)
            try:
                self.check()
            except Unavailable:
                log.debug("credentials of connections cannot be checked while the database is away")

    def check(self) -> None:
        """End connections whose credential no longer gives the same person or fields. Raises Unavailable."""
        # A connection that is being opened is not connected yet: only one absent at two checks is gone.
        absent = {sid for sid in (*self._logins, *self._rooms) if not self._connected(sid)}
        for sid in absent & self._absent:
            self._logins.pop(sid, None)
            self._rooms.pop(sid, None)
        self._absent = absent
        self._check_rooms()
        standing = self._visitors.sessions.people({credential for credential, _ in self._logins.values()})
        for sid, (credential, who) in list(self._logins.items()):
            if standing.get(credential) != who:
                self._logins.pop(sid, None)
                self._part(sid)

    def _check_rooms(self) -> None:
        standing = self._visitors.followers.standing({credential for credential, _ in self._rooms.values()})
        for sid, (credential, audience) in list(self._rooms.items()):
            found = standing.get(credential)
            if found is None or room_audience(found.fields) != audience:
                self._rooms.pop(sid, None)
                self._part(sid)


@dataclass(slots=True)
class _TokenBucket:
    tokens: float
    filled: float


class RequestLimits:
    """A token bucket for the questions of each connection; ``clock`` in seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, _TokenBucket] = {}

    def wait_s(self, connection: str) -> float:
        """Count one question; how many seconds its answer has to wait, mostly 0."""
        now = self._clock()
        bucket = self._buckets.setdefault(connection, _TokenBucket(tokens=BURST, filled=now))
        bucket.tokens = min(BURST, bucket.tokens + (now - bucket.filled) * PER_SECOND) - 1
        bucket.filled = now
        return max(0.0, -bucket.tokens / PER_SECOND)

    def forget(self, connection: str) -> None:
        """Drop the bucket of a connection that is gone."""
        self._buckets.pop(connection, None)
