"""Authentication: who makes a request (`Principal`), from its token, session cookie or trusted loopback; CSRF values.

`Visitors.principal` decides. A token in a header or handshake comes first, then the session cookie of a log-in, then
trusted loopback, then the token that a screen's browser keeps. A real room trusts no address unless it was started so.
A token in an address is exchanged for a cookie at once, since addresses end up in histories and logs.
"""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Request, g, has_request_context, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Request as AnyRequest
from werkzeug.wrappers import Response

from display.feed.cards import known_audience, room_audience
from liveroom.accounts.credentials import Followers, PersonalTokens
from liveroom.accounts.screens import Screen, Screens
from liveroom.accounts.sessions import Session, Sessions
from liveroom.accounts.sources import Sources, key_hash
from liveroom.accounts.users import Person, Users
from liveroom.domain.requests import OF_AGENCIES, Malformed, Role
from liveroom.room.room import Room
from liveroom.runtime.config import LOOPBACK, ServerSettings, SessionLimits
from liveroom.runtime.server.connections import prove


class PrincipalKind(StrEnum):
    """Every kind of visitor: the roles of people, screens, sources, other rooms, trusted loopback, and nobody."""

    DUTY = "duty"
    SUPERVISOR = "supervisor"
    AGENCY = "agency"
    AGENCY_HEAD = "agency_head"
    LEADERSHIP = "leadership"
    ADMIN = "admin"
    SCREEN = "screen"
    SOURCE = "source"
    ROOM = "room"
    LOOPBACK = "loopback"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who makes a request.

    ``audience`` is a screen's or another room's; ``session`` the token of a log-in by cookie, ``idle_for`` the time
    since its last use; ``credential`` the hash of the token shown. ``looks``: trusted loopback that may see what a
    screen sees, but has to log in to act.
    """

    kind: PrincipalKind
    who: Person | None = None
    audience: str | None = None
    session: str | None = None
    idle_for: timedelta = timedelta(0)
    credential: str | None = None
    looks: bool = False

    def among(self, kinds: frozenset[PrincipalKind]) -> bool:
        """Whether a route for these kinds is open to this visitor."""
        return self.kind in kinds or (self.looks and PrincipalKind.SCREEN in kinds)

    @property
    def here(self) -> bool:
        """Whether this is trusted loopback without a credential."""
        return self.kind is PrincipalKind.LOOPBACK or self.looks


NOBODY = Principal(kind=PrincipalKind.NOBODY)


# ---- the token of a screen or a program ----

SCREEN_COOKIE = "liveroom_screen"
_TOKEN_FIELD = "token"
# 400 days, the most that browsers allow. Every page renews it: a screen in use never has to be paired again.
_SCREEN_COOKIE_S = 400 * 24 * 3600


def _shown_token(asked: AnyRequest, auth: Mapping[str, Any]) -> str | None:
    """The token that a client sends on purpose: in the Socket.IO handshake, or in the Authorization header."""
    token = auth.get(_TOKEN_FIELD) or _bearer(asked)
    return token if isinstance(token, str) and token else None


def kept_token(asked: AnyRequest) -> str | None:
    """The token in the cookie of a screen's browser."""
    return asked.cookies.get(SCREEN_COOKIE) or None


def token_in_address(asked: AnyRequest) -> str | None:
    """The token in the address, empty if it holds an empty one; None if it holds none."""
    return asked.args.get(_TOKEN_FIELD)


def exchange_token(asked: AnyRequest, token: str, *, secure: bool) -> Response:
    """The redirect to the same address without its token, which moves into the cookie."""
    rest = [(name, value) for name, value in asked.args.items(multi=True) if name != _TOKEN_FIELD]
    response = redirect(asked.path + (f"?{urlencode(rest)}" if rest else ""), 303)
    response.headers["Cache-Control"] = "no-store"
    keep_token(response, token, secure=secure)
    return response


def keep_token(response: Response, token: str, *, secure: bool) -> None:
    """Set the screen's cookie: no script reads it, no other site's form sends it."""
    response.set_cookie(
        SCREEN_COOKIE, token, max_age=_SCREEN_COOKIE_S, path="/", secure=secure, httponly=True, samesite="Lax"
    )


def _bearer(asked: AnyRequest) -> str | None:
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


# ---- the actor of a command ----

_SIGNED_FIELDS = ("actor", "role", "actor_agency")


def signed(body: Any, who: Person | None, where: str = "") -> Any:
    """The body of a command with ``actor``, ``role`` and ``actor_agency`` of the person; unchanged without one.

    Without a person it is trusted loopback, which may act as any person. Raises Malformed naming a field that differs:
    nobody acts in the name of somebody else.
    """
    if not isinstance(body, dict):
        return body
    if who is None:
        if body.get("role") == Role.SYSTEM:
            raise Malformed("role", "is nobody's: the room itself acts so")
        return body
    own = {"actor": who.actor, "role": who.role.value, "actor_agency": who.agency}
    for name in _SIGNED_FIELDS:
        if body.get(name) is not None and body[name] != own[name]:
            raise Malformed(f"{where}{name}", "is not that of whoever is logged in")
    return {**body, **own}


# ---- session cookie and CSRF value ----

# With https the prefix __Host- makes the browser keep the cookie to this host, this path and encrypted connections.
SECURE_SESSION_COOKIE, PLAIN_SESSION_COOKIE = "__Host-liveroom_session", "liveroom_session"
# Ties the log-in form to the browser it was given to, while nobody is logged in.
FORM_COOKIE, LOGIN_FORM, _FORM_COOKIE_S = "liveroom_before", "log-in", 3600
_CSRF_HEADER, _CSRF_FIELD = "X-CSRF-Token", "csrf_token"


def _session_token(asked: Request, *, secure: bool) -> str | None:
    """The token of the browser's log-in."""
    return asked.cookies.get(SECURE_SESSION_COOKIE if secure else PLAIN_SESSION_COOKIE) or None


def _keep_session(response: Response, token: str, *, secure: bool, seconds: int) -> None:
    """Set the session cookie: no script reads it, no other site's form sends it."""
    name = SECURE_SESSION_COOKIE if secure else PLAIN_SESSION_COOKIE
    response.set_cookie(name, token, max_age=seconds, path="/", secure=secure, httponly=True, samesite="Lax")


def drop_session(response: Response, *, secure: bool) -> None:
    """Take the session out of the browser."""
    name = SECURE_SESSION_COOKIE if secure else PLAIN_SESSION_COOKIE
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")


def keep_form_cookie(response: Response, token: str, *, secure: bool) -> None:
    """Set the cookie that the log-in form is tied to."""
    response.set_cookie(
        FORM_COOKIE, token, max_age=_FORM_COOKIE_S, path="/login", secure=secure, httponly=True, samesite="Lax"
    )


def csrf_of(token: str, what: str = "session") -> str:
    """The CSRF value for a cookie that scripts cannot read: only a page of ours holds it. ``what`` names the form."""
    drawn = hmac.digest(token.encode("utf-8", "surrogatepass"), what.encode(), hashlib.sha256)
    return urlsafe_b64encode(drawn).rstrip(b"=").decode()


def _csrf_shown(asked: Request) -> str:
    """The CSRF value in the header, or in a form's field."""
    return asked.headers.get(_CSRF_HEADER) or (asked.form.get(_CSRF_FIELD, "") if _is_form(asked) else "")


def csrf_fits(asked: Request, token: str, what: str = "session") -> bool:
    """Whether the request bears the CSRF value of this cookie."""
    shown = _csrf_shown(asked).encode("utf-8", "surrogatepass")
    return secrets.compare_digest(shown, csrf_of(token, what).encode())


def _is_form(asked: Request) -> bool:
    return asked.mimetype == "application/x-www-form-urlencoded"


# ---- who makes a request ----

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")
_DESK_KINDS = frozenset({PrincipalKind.DUTY, PrincipalKind.SUPERVISOR, PrincipalKind.ADMIN, PrincipalKind.LOOPBACK})
# Audiences to which people may narrow their own; not people of an agency, who see no other agency's work.
_NARROWER = ("wall", "visit", "lead")

# A name, IPv4 or [IPv6], and perhaps a port; nothing else may stand there (RFC 9110, 7.2).
_HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^:/\[\]@\s]+))(?::\d{1,5})?")


def host_name(host: str) -> str:
    """The name in a Host header, without port and brackets; empty if the header is not valid."""
    found = _HOST.fullmatch(host)
    return (found["six"] or found["name"]) if found else ""


def _is_loopback(asked: Request, server: ServerSettings) -> bool:
    """Whether the request went from this machine to this machine, forwarded by nobody, with no proxy configured."""
    return (
        not server.behind_proxy
        and server.host in LOOPBACK
        and asked.remote_addr in LOOPBACK
        and host_name(asked.host) in LOOPBACK
        and not any(name in asked.headers for name in FORWARDED)
    )


def _is_secure(asked: Request, server: ServerSettings) -> bool:
    """Whether the browser used https: only the configured proxy can say so, since it ends the encryption."""
    return server.behind_proxy and asked.headers.get("X-Forwarded-Proto", "").lower() == "https"


class Visitors:
    """Tells who makes a request, and which audience of the feed they get."""

    def __init__(self, room: Room, server: ServerSettings, limits: SessionLimits, *, provider: bool = False) -> None:
        """``provider``: an OpenID provider lets people in, so that nobody has to be added here first."""
        self._screens = Screens(room.log)
        self._sources = Sources(room.log)
        self._tokens = PersonalTokens(room.log)
        self.followers = Followers(room.log)
        self.room = room
        self.users = Users(room.log)
        self.sessions = Sessions(room.log, limits)
        self._server = server
        self._agencies = room.city.policy.agencies
        self._rehearses = room.kind != "real"
        self._provider = provider

    def principal(self, asked: Request, auth: Mapping[str, Any]) -> Principal:
        """Who makes this request, decided once per request and token of its handshake. Raises Unavailable.

        A screen's cookie comes last: a stale one takes nothing away from trusted loopback.
        """
        if not has_request_context():
            return self._principal(asked, auth)
        known: dict[str | None, Principal] = g.setdefault("principals", {})
        token = _shown_token(asked, auth)
        if token not in known:
            known[token] = self._principal(asked, auth)
        return known[token]

    def _principal(self, asked: Request, auth: Mapping[str, Any]) -> Principal:
        found = self._found(asked, auth)
        if found is not NOBODY:
            prove(asked.environ)
        return found

    def _found(self, asked: Request, auth: Mapping[str, Any]) -> Principal:
        shown = _shown_token(asked, auth)
        if shown is not None:
            return self._of_token(shown)
        if (token := self.session_token(asked)) is not None and (session := self.sessions.of(token)) is not None:
            return _logged_in(session, token)
        if self.trusts_loopback(asked):
            return (
                Principal(kind=PrincipalKind.LOOPBACK)
                if self._acts_freely()
                else Principal(kind=PrincipalKind.NOBODY, looks=True)
            )
        kept = kept_token(asked)
        return self._of_screen(kept) if kept is not None else NOBODY

    def trusts_loopback(self, asked: Request) -> bool:
        """Whether the request comes from this machine, and the room trusts it for that."""
        return self._server.trusts_loopback(self.room.kind) and _is_loopback(asked, self._server)

    @property
    def trusts_by_address(self) -> bool:
        """Whether this is a real room that was started to trust its loopback, which its pages say."""
        return self.room.kind == "real" and self._server.trusts_loopback(self.room.kind)

    def anybody_can_log_in(self) -> bool:
        """Whether anybody can log in: somebody was added here, or a provider lets people in. Raises Unavailable."""
        return self._provider or self.users.any()

    def awaits_admin(self) -> bool:
        """Whether pages have to say that nobody can log in yet; never where loopback may do everything anyway.

        Raises Unavailable.
        """
        free = self._rehearses and self._server.trusts_loopback(self.room.kind)
        return not free and not self.anybody_can_log_in()

    def who(self, asked: Request) -> Person | None:
        """The person, by session or by a token of their own; None for anybody else. Raises Unavailable."""
        return self.principal(asked, {}).who

    def audience(self, asked: Request, auth: Mapping[str, Any]) -> str | None:
        """The audience of the feed for this visitor; None without a right to any. Raises Unavailable."""
        return self.audience_of(self.principal(asked, auth), asked, auth)

    def audience_of(self, principal: Principal, asked: Request, auth: Mapping[str, Any]) -> str | None:
        """As ``audience``, for a principal that is known already."""
        wanted = auth.get("audience") or asked.args.get("audience")
        return _audience_for(principal, wanted, self._agencies)

    def may_see_wall(self, asked: Request) -> bool:
        """Whether the pages of screens are open to this visitor: to no room that has a key for the feed alone.

        Raises Unavailable.
        """
        principal = self.principal(asked, {})
        return principal.kind is not PrincipalKind.ROOM and self.audience_of(principal, asked, {}) is not None

    def may_use_desk(self, asked: Request) -> bool:
        """Whether the desks are open to this visitor. Raises Unavailable."""
        return self.principal(asked, {}).among(_DESK_KINDS)

    def screen(self, asked: Request, auth: Mapping[str, Any]) -> Screen | None:
        """The screen whose token is sent or kept in the cookie; None without one. Raises Unavailable."""
        token = _shown_token(asked, auth) or kept_token(asked)
        return self._screens.by_token(token) if token is not None else None

    def has_screen(self, token: str) -> bool:
        """Whether a screen has this token. Raises Unavailable."""
        return self._screens.audience_of(token) is not None

    def came_securely(self, asked: Request) -> bool:
        """Whether a cookie set now can be limited to https."""
        return _is_secure(asked, self._server)

    def session_token(self, asked: Request) -> str | None:
        """The token in the session cookie, valid or not."""
        return _session_token(asked, secure=self.came_securely(asked))

    def address(self, asked: Request) -> str:
        """The client's address: by the configured proxy's header, else the connection's."""
        header = asked.headers.get("X-Forwarded-For", "") if self._server.behind_proxy else ""
        return header.rpartition(",")[2].strip() or asked.remote_addr or ""

    def _acts_freely(self) -> bool:
        return self._rehearses or not self.anybody_can_log_in()

    def _of_token(self, token: str) -> Principal:
        who = self._tokens.who(token)
        if who is not None:
            return Principal(kind=PrincipalKind(who.role.value), who=who, credential=key_hash(token))
        found = self._of_screen(token)
        if found is NOBODY and self._sources.by_key(token) is not None:
            return Principal(kind=PrincipalKind.SOURCE)
        if found is NOBODY and (room := self.followers.by_token(token)) is not None:
            audience = room_audience(room.fields)
            return Principal(kind=PrincipalKind.ROOM, audience=audience, credential=key_hash(token))
        return found

    def _of_screen(self, token: str) -> Principal:
        audience = self._screens.audience_of(token)
        return NOBODY if audience is None else Principal(kind=PrincipalKind.SCREEN, audience=audience)


def _logged_in(session: Session, token: str) -> Principal:
    kind, who, credential = PrincipalKind(session.who.role.value), session.who, key_hash(token)
    return Principal(kind=kind, who=who, session=token, idle_for=session.idle_for, credential=credential)


def _audience_for(principal: Principal, wanted: object, agencies: Collection[str]) -> str | None:
    """A person has one audience; desks and leadership may ask for less, trusted loopback for any."""
    if principal.here:
        return known_audience(wanted, agencies)
    if principal.who is not None:
        narrows = isinstance(wanted, str) and wanted in _NARROWER and principal.who.role not in OF_AGENCIES
        return str(wanted) if narrows else known_audience(principal.who.audience, agencies)
    return None if principal.audience is None else known_audience(principal.audience, agencies)


def allowed_hosts(server: ServerSettings) -> frozenset[str]:
    """Names under which browsers may reach this server."""
    return frozenset(LOOPBACK) | frozenset(server.hosts) | _bound(server)


def _bound(server: ServerSettings) -> frozenset[str]:
    return frozenset() if server.host in ("0.0.0.0", "::", "") else frozenset((server.host,))


# ---- session begin and redirects ----

_NEVER_NEXT = ("//", "/login", "/logout")


def begin_session(visitors: Visitors, actor: str, onward: str, shown: Response | None = None) -> Response:
    """Begin a session under a new token, end the one that the browser brought, and redirect; or first show a page.

    Who asked for no page of ours gets the one that they work on.
    """
    secure = visitors.came_securely(request)
    user = visitors.users.by_name(actor)
    onward = onward if user is None else own_page(user.who.role, onward)
    token = visitors.sessions.begin(actor, instead_of=visitors.session_token(request))
    response = see_other(onward) if shown is None else shown
    _keep_session(response, token, secure=secure, seconds=2 * int(visitors.sessions.limits.longest.total_seconds()))
    response.delete_cookie(FORM_COOKIE, path="/login", secure=secure, httponly=True, samesite="Lax")
    return response


# Where each role works; the start page leads everybody everywhere.
_OWN_PAGES: Mapping[Role, str] = {
    Role.DUTY: "/desk",
    Role.SUPERVISOR: "/desk",
    Role.AGENCY: "/agency",
    Role.AGENCY_HEAD: "/agency",
    Role.LEADERSHIP: "/lead",
    Role.ADMIN: "/desk/people",
}


def own_page(role: Role, onward: str) -> str:
    """``onward``, but in place of the start page the one that this role works on."""
    path, question, query = onward.partition("?")
    return f"{_OWN_PAGES.get(role, path)}{question}{query}" if path == "/" else onward


def see_other(onward: str) -> Response:
    """A redirect (303) to an address of ours that no cache keeps."""
    response = redirect(onward, 303)
    response.headers["Cache-Control"] = "no-store"
    return response


def safe_next(wanted: str | None) -> str:
    """A path of ours; the start page for whatever leads, or could be read as leading, elsewhere."""
    asked = wanted or "/"
    try:
        parts = urlsplit(asked)
    except ValueError:
        return "/"
    elsewhere = parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith(_NEVER_NEXT)
    if elsewhere or "\\" in asked or not asked.isprintable():
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")
