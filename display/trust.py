"""Who is asking: everybody by a credential; trusted loopback, where a room has one, is this very machine alone.

A real room trusts nobody by address unless it was started so (design section 5).
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from flask import Request, g, has_request_context

from display import tokens
from display.feed.audiences import known
from display.session_cookie import session_token
from display.standing import NOBODY, Kind, Standing
from liveroom.accounts.credentials import PersonalTokens
from liveroom.accounts.screens import Screen, Screens
from liveroom.accounts.sessions import Session, Sessions
from liveroom.accounts.sources import Sources, key_hash
from liveroom.accounts.users import Users, Who
from liveroom.domain.requests import OF_AGENCIES
from liveroom.room.room import Room
from liveroom.runtime.config import LOOPBACK, Server, SessionLimits
from liveroom.runtime.server.connections import prove

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")
AT_DESKS = frozenset({Kind.DUTY, Kind.SUPERVISOR, Kind.ADMIN, Kind.LOOPBACK})
# Audiences to which a person may narrow their own; not that of an agency, which sees no other's work at all.
NARROWER = ("wall", "visit", "lead")


# name, IPv4 or [IPv6], and perhaps a port; nothing else may stand there (RFC 9110, 7.2).
HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^:/\[\]@\s]+))(?::\d{1,5})?")


def host_name(host: str) -> str:
    """The name in a Host header, without port and brackets; empty for what is none."""
    found = HOST.fullmatch(host)
    return (found["six"] or found["name"]) if found else ""


def is_loopback(asked: Request, server: Server) -> bool:
    """True for a request from this machine to this machine that nobody forwarded, with no proxy configured."""
    return (
        not server.behind_proxy
        and server.host in LOOPBACK
        and asked.remote_addr in LOOPBACK
        and host_name(asked.host) in LOOPBACK
        and not any(name in asked.headers for name in FORWARDED)
    )


def is_secure(asked: Request, server: Server) -> bool:
    """Whether the browser itself came by https: only the configured proxy can say so, for it ends the encryption."""
    return server.behind_proxy and asked.headers.get("X-Forwarded-Proto", "").lower() == "https"


class Visitors:
    """Who asks, and what audience of the feed that gives."""

    def __init__(self, room: Room, server: Server, limits: SessionLimits, *, provider: bool = False) -> None:
        """``provider``: an OpenID provider lets people in, so that nobody has to be added here first."""
        self._screens = Screens(room.log)
        self._sources = Sources(room.log)
        self._tokens = PersonalTokens(room.log)
        self.room = room
        self.users = Users(room.log)
        self.sessions = Sessions(room.log, limits)
        self._server = server
        self._agencies = room.city.policy.agencies
        self._rehearses = room.kind != "real"
        self._provider = provider

    def standing(self, asked: Request, auth: Mapping[str, Any]) -> Standing:
        """By the token shown; else by the log-in of the cookie; else, on trusted loopback, by that; else by the token
        that a screen's browser keeps: a stale cookie takes nothing away from this machine. Raises Unavailable."""
        if auth or not has_request_context():
            return self._standing(asked, auth)
        if "standing" not in g:
            g.standing = self._standing(asked, auth)
        found: Standing = g.standing
        return found

    def _standing(self, asked: Request, auth: Mapping[str, Any]) -> Standing:
        found = self._found(asked, auth)
        if found is not NOBODY:
            prove(asked.environ)
        return found

    def _found(self, asked: Request, auth: Mapping[str, Any]) -> Standing:
        shown = tokens.shown(asked, auth)
        if shown is not None:
            return self._of_token(shown)
        if (token := self.session_token(asked)) is not None and (session := self.sessions.of(token)) is not None:
            return _logged_in(session, token)
        if self.trusts_here(asked):
            return Standing(kind=Kind.LOOPBACK) if self._acts_freely() else Standing(kind=Kind.NOBODY, looks=True)
        kept = tokens.kept(asked)
        return self._of_screen(kept) if kept is not None else NOBODY

    def trusts_here(self, asked: Request) -> bool:
        """Whether the request comes from this very machine, in a room that trusts it for that."""
        return self._server.trusts_loopback(self.room.kind) and is_loopback(asked, self._server)

    @property
    def trusts_by_address(self) -> bool:
        """Whether this is a real room that was told to trust its loopback, which its pages say."""
        return self.room.kind == "real" and self._server.trusts_loopback(self.room.kind)

    def somebody_enters(self) -> bool:
        """Whether anybody can log in: was ever added here, or comes by a provider. Raises Unavailable."""
        return self._provider or self.users.any()

    def awaits_admin(self) -> bool:
        """Whether pages have to say that nobody can log in yet; never where this machine may do everything anyway.
        Raises Unavailable."""
        free = self._rehearses and self._server.trusts_loopback(self.room.kind)
        return not free and not self.somebody_enters()

    def who(self, asked: Request) -> Who | None:
        """The person who asks, by session or by a token of their own; None for anybody else. Raises Unavailable."""
        return self.standing(asked, {}).who

    def audience(self, asked: Request, auth: Mapping[str, Any]) -> str | None:
        """What the feed gives to this visitor; None without a right to any. Raises Unavailable."""
        return self.audience_of(self.standing(asked, auth), asked, auth)

    def audience_of(self, standing: Standing, asked: Request, auth: Mapping[str, Any]) -> str | None:
        """The same, where it is known already how the visitor stands."""
        wanted = auth.get("audience") or asked.args.get("audience")
        return audience_for(standing, wanted, self._agencies)

    def may_act(self, asked: Request) -> bool:
        """Whether the desks are open to whoever asks. Raises Unavailable."""
        return self.standing(asked, {}).among(AT_DESKS)

    def screen(self, asked: Request, auth: Mapping[str, Any]) -> Screen | None:
        """The screen whose token is shown or kept; None for whoever has none. Raises Unavailable."""
        token = tokens.shown(asked, auth) or tokens.kept(asked)
        return self._screens.by_token(token) if token is not None else None

    def knows(self, token: str) -> bool:
        """Whether a screen has this token. Raises Unavailable."""
        return self._screens.audience_of(token) is not None

    def came_securely(self, asked: Request) -> bool:
        """Whether a cookie given now may be kept from plain http."""
        return is_secure(asked, self._server)

    def session_token(self, asked: Request) -> str | None:
        """The token of the log-in that the browser keeps, good or not."""
        return session_token(asked, secure=self.came_securely(asked))

    def address(self, asked: Request) -> str:
        """Where the request came from: the configured proxy's word for it, else the connection's."""
        told = asked.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() if self._server.behind_proxy else ""
        return told or asked.remote_addr or ""

    def _acts_freely(self) -> bool:
        return self._rehearses or not self.somebody_enters()

    def _of_token(self, token: str) -> Standing:
        who = self._tokens.who(token)
        if who is not None:
            return Standing(kind=Kind(who.role.value), who=who, credential=key_hash(token))
        found = self._of_screen(token)
        if found is NOBODY and self._sources.by_key(token) is not None:
            return Standing(kind=Kind.SOURCE)
        return found

    def _of_screen(self, token: str) -> Standing:
        audience = self._screens.audience_of(token)
        return NOBODY if audience is None else Standing(kind=Kind.SCREEN, audience=audience)


def _logged_in(session: Session, token: str) -> Standing:
    kind, who, credential = Kind(session.who.role.value), session.who, key_hash(token)
    return Standing(kind=kind, who=who, session=token, idle_for=session.idle_for, credential=credential)


def audience_for(standing: Standing, wanted: object, agencies: Collection[str]) -> str | None:
    """A person has one audience, of which desks and leadership may ask for less; this machine may ask for any."""
    if standing.here:
        return known(wanted, agencies)
    if standing.who is not None:
        narrows = isinstance(wanted, str) and wanted in NARROWER and standing.who.role not in OF_AGENCIES
        return str(wanted) if narrows else known(standing.who.audience, agencies)
    return None if standing.audience is None else known(standing.audience, agencies)


def allowed_hosts(server: Server) -> frozenset[str]:
    """Names under which browsers may reach this server."""
    return frozenset(LOOPBACK) | frozenset(server.hosts) | _bound(server)


def _bound(server: Server) -> frozenset[str]:
    return frozenset() if server.host in ("0.0.0.0", "::", "") else frozenset((server.host,))
