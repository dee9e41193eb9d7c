"""How people come into the feed and how they go: a connection lasts no longer than the log-in or token it came by."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from display.standing import Kind
from display.trust import Visitors
from liveroom.accounts.users import Who
from liveroom.log.engine import Unavailable
from liveroom.runtime import Runtime

LOOK_S = 1.0
# Whose pages stand in the room: what leadership or an agency opens elsewhere must not take the room's sound away.
OF_ROOM = frozenset({Kind.SCREEN, Kind.DUTY, Kind.SUPERVISOR, Kind.ADMIN, Kind.LOOPBACK})
log = logging.getLogger(__name__)


class Entrance:
    """``part(sid)`` ends a connection, ``connected(sid)`` says whether there still is one."""

    def __init__(self, visitors: Visitors, part: Callable[[str], None], connected: Callable[[str], bool]) -> None:
        self._visitors = visitors
        self._part = part
        self._connected = connected
        self._came: dict[str, tuple[str, Who]] = {}
        self._absent: set[str] = set()

    def audience(self, auth: Mapping[str, Any]) -> str | None:
        """The audience of the connection that is being made; None without a right to any. Raises Unavailable."""
        standing = self._visitors.standing(request, auth)
        if standing.who is not None and standing.credential is not None:
            self._came[request.sid] = (standing.credential, standing.who)  # type: ignore[attr-defined]
        return self._visitors.audience_of(standing, request, auth)

    def of_room(self, auth: Mapping[str, Any]) -> bool:
        """Whether the page that connects is one of the room's own. Raises Unavailable."""
        return self._visitors.standing(request, auth).among(OF_ROOM)

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
