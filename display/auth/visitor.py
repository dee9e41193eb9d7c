"""Who asks: Principal, loopback trust, tokens, session cookie, CSRF."""

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

from display.feed.cards import known_audience
from liveroom.accounts.credentials import PersonalTokens
from liveroom.accounts.screens import Screen, Screens
from liveroom.accounts.sessions import Session, Sessions
from liveroom.accounts.sources import Sources, key_hash
from liveroom.accounts.users import Person, Users
from liveroom.domain.requests import OF_AGENCIES, Malformed, Role
from liveroom.room.room import Room
from liveroom.runtime.config import LOOPBACK, ServerSettings, SessionLimits
from liveroom.runtime.server.connections import prove

# How somebody stands before a door: which kind of visitor, and whose credential it is.


class PrincipalKind(StrEnum):
    """Every kind of visitor: the roles of people, the two machines, this machine where it is trusted, and nobody."""

    DUTY = "duty"
    SUPERVISOR = "supervisor"
    AGENCY = "agency"
    AGENCY_HEAD = "agency_head"
    LEADERSHIP = "leadership"
    ADMIN = "admin"
    SCREEN = "screen"
    SOURCE = "source"
    LOOPBACK = "loopback"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """``looks``: trusted loopback that may look as a screen does, but has to log in to act.

    ``audience`` is a screen's; ``session`` the token of a log-in by cookie, ``idle_for`` since its last
    act; ``credential`` the hash of what was shown.
    """

    kind: PrincipalKind
    who: Person | None = None
    audience: str | None = None
    session: str | None = None
    idle_for: timedelta = timedelta(0)
    credential: str | None = None
    looks: bool = False

    def among(self, kinds: frozenset[PrincipalKind]) -> bool:
        """Whether a door for these kinds is open to this visitor."""
        return self.kind in kinds or (self.looks and PrincipalKind.SCREEN in kinds)

    @property
    def here(self) -> bool:
        """Whether this is trusted loopback without a credential."""
        return self.kind is PrincipalKind.LOOPBACK or self.looks


NOBODY = Principal(kind=PrincipalKind.NOBODY)


# How a screen carries its token: in a header, in the handshake, or in a cookie; never for long in an address.
#
# Addresses end up in histories and logs, so ``?token=`` is exchanged for a cookie at once (design section 5).

COOKIE = "liveroom_screen"
PARAMETER = "token"
# Browsers keep a cookie for 400 days at most. Every page renews it: a screen in use never has to be paired again.
KEPT_S = 400 * 24 * 3600


def shown_token(asked: AnyRequest, auth: Mapping[str, Any]) -> str | None:
    """The token that a client shows on purpose: of the Socket.IO handshake, or of the Authorization header."""
    token = auth.get(PARAMETER) or _bearer(asked)
    return token if isinstance(token, str) and token else None


def kept_token(asked: AnyRequest) -> str | None:
    """The token that a browser keeps for us."""
    return asked.cookies.get(COOKIE) or None


def token_in_address(asked: AnyRequest) -> str | None:
    """The token in the address, empty if it holds an empty one; None if it holds none."""
    return asked.args.get(PARAMETER)


def exchange_token(asked: AnyRequest, token: str, *, secure: bool) -> Response:
    """The way to the same address without its token, with the cookie."""
    rest = [(name, value) for name, value in asked.args.items(multi=True) if name != PARAMETER]
    response = redirect(asked.path + (f"?{urlencode(rest)}" if rest else ""), 303)
    response.headers["Cache-Control"] = "no-store"
    keep_token(response, token, secure=secure)
    return response


def keep_token(response: Response, token: str, *, secure: bool) -> None:
    """Let the browser keep the token: no script reads it, no other site's form sends it."""
    response.set_cookie(COOKIE, token, max_age=KEPT_S, path="/", secure=secure, httponly=True, samesite="Lax")


def _bearer(asked: AnyRequest) -> str | None:
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


# Puts the name of whoever is logged in under what they order; nobody can sign for somebody else.

SIGNED = ("actor", "role", "actor_agency")


def signed(body: Any, who: Person | None, where: str = "") -> Any:
    """The body of an order with ``actor``, ``role`` and ``actor_agency`` of the person; as it is without one.

    Without a person it is trusted loopback that signs as any person. Raises Malformed naming a field that differs.
    """
    if not isinstance(body, dict):
        return body
    if who is None:
        if body.get("role") == Role.SYSTEM:
            raise Malformed("role", "is nobody's: the room itself acts so")
        return body
    own = {"actor": who.actor, "role": who.role.value, "actor_agency": who.agency}
    for name in SIGNED:
        if body.get(name) is not None and body[name] != own[name]:
            raise Malformed(f"{where}{name}", "is not that of whoever is logged in")
    return {**body, **own}


# The cookie that carries a log-in, and the value that a page must show with every unsafe request of that log-in.

# With https the browser itself keeps the name to this host, this path and encrypted connections.
SAFE, PLAIN = "__Host-liveroom_session", "liveroom_session"
# Ties the form of the log-in to the browser it was given to, while nobody is logged in.
BEFORE, FORM, BEFORE_S = "liveroom_before", "log-in", 3600
CSRF_HEADER, CSRF_FIELD = "X-CSRF-Token", "csrf_token"


def session_token(asked: Request, *, secure: bool) -> str | None:
    """The token of the browser's log-in."""
    return asked.cookies.get(SAFE if secure else PLAIN) or None


def keep_session(response: Response, token: str, *, secure: bool, seconds: int) -> None:
    """Let the browser keep a log-in: no script reads it, no other site's form sends it."""
    name = SAFE if secure else PLAIN
    response.set_cookie(name, token, max_age=seconds, path="/", secure=secure, httponly=True, samesite="Lax")


def drop_session(response: Response, *, secure: bool) -> None:
    """Take the log-in out of the browser."""
    name = SAFE if secure else PLAIN
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")


def keep_before(response: Response, token: str, *, secure: bool) -> None:
    """Let the browser keep what the form of the log-in is tied to."""
    response.set_cookie(BEFORE, token, max_age=BEFORE_S, path="/login", secure=secure, httponly=True, samesite="Lax")


def csrf_of(token: str, what: str = "session") -> str:
    """What only a page of ours can know of a cookie that scripts cannot read."""
    drawn = hmac.digest(token.encode("utf-8", "surrogatepass"), what.encode(), hashlib.sha256)
    return urlsafe_b64encode(drawn).rstrip(b"=").decode()


def csrf_shown(asked: Request) -> str:
    """The value that came in the header, or in a form's field."""
    return asked.headers.get(CSRF_HEADER) or (asked.form.get(CSRF_FIELD, "") if _is_form(asked) else "")


def csrf_fits(asked: Request, token: str, what: str = "session") -> bool:
    """Whether the request comes from a page that was given to this very cookie."""
    shown = csrf_shown(asked).encode("utf-8", "surrogatepass")
    return secrets.compare_digest(shown, csrf_of(token, what).encode())


def _is_form(asked: Request) -> bool:
    return asked.mimetype == "application/x-www-form-urlencoded"


# Who is asking: everybody by a credential; trusted loopback, where a room has one, is this very machine alone.
#
# A real room trusts nobody by address unless it was started so (design section 5).

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")
AT_DESKS = frozenset({PrincipalKind.DUTY, PrincipalKind.SUPERVISOR, PrincipalKind.ADMIN, PrincipalKind.LOOPBACK})
# Audiences to which a person may narrow their own; not that of an agency, which sees no other's work at all.
NARROWER = ("wall", "visit", "lead")


# name, IPv4 or [IPv6], and perhaps a port; nothing else may stand there (RFC 9110, 7.2).
HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^:/\[\]@\s]+))(?::\d{1,5})?")


def host_name(host: str) -> str:
    """The name in a Host header, without port and brackets; empty for what is none."""
    found = HOST.fullmatch(host)
    return (found["six"] or found["name"]) if found else ""


def is_loopback(asked: Request, server: ServerSettings) -> bool:
    """True for a request from this machine to this machine that nobody forwarded, with no proxy configured."""
    return (
        not server.behind_proxy
        and server.host in LOOPBACK
        and asked.remote_addr in LOOPBACK
        and host_name(asked.host) in LOOPBACK
        and not any(name in asked.headers for name in FORWARDED)
    )


def is_secure(asked: Request, server: ServerSettings) -> bool:
    """Whether the browser itself came by https: only the configured proxy can say so, for it ends the encryption."""
    return server.behind_proxy and asked.headers.get("X-Forwarded-Proto", "").lower() == "https"


class Visitors:
    """Who asks, and what audience of the feed that gives."""

    def __init__(self, room: Room, server: ServerSettings, limits: SessionLimits, *, provider: bool = False) -> None:
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

    def standing(self, asked: Request, auth: Mapping[str, Any]) -> Principal:
        """By the token shown; else by the log-in of the cookie; else, on trusted loopback, by that; else by the token
        that a screen's browser keeps: a stale cookie takes nothing away from this machine. Raises Unavailable."""
        if auth or not has_request_context():
            return self._standing(asked, auth)
        if "standing" not in g:
            g.standing = self._standing(asked, auth)
        found: Principal = g.standing
        return found

    def _standing(self, asked: Request, auth: Mapping[str, Any]) -> Principal:
        found = self._found(asked, auth)
        if found is not NOBODY:
            prove(asked.environ)
        return found

    def _found(self, asked: Request, auth: Mapping[str, Any]) -> Principal:
        shown = shown_token(asked, auth)
        if shown is not None:
            return self._of_token(shown)
        if (token := self.session_token(asked)) is not None and (session := self.sessions.of(token)) is not None:
            return _logged_in(session, token)
        if self.trusts_here(asked):
            return (
                Principal(kind=PrincipalKind.LOOPBACK)
                if self._acts_freely()
                else Principal(kind=PrincipalKind.NOBODY, looks=True)
            )
        kept = kept_token(asked)
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

    def who(self, asked: Request) -> Person | None:
        """The person who asks, by session or by a token of their own; None for anybody else. Raises Unavailable."""
        return self.standing(asked, {}).who

    def audience(self, asked: Request, auth: Mapping[str, Any]) -> str | None:
        """What the feed gives to this visitor; None without a right to any. Raises Unavailable."""
        return self.audience_of(self.standing(asked, auth), asked, auth)

    def audience_of(self, standing: Principal, asked: Request, auth: Mapping[str, Any]) -> str | None:
        """The same, where it is known already how the visitor stands."""
        wanted = auth.get("audience") or asked.args.get("audience")
        return audience_for(standing, wanted, self._agencies)

    def may_act(self, asked: Request) -> bool:
        """Whether the desks are open to whoever asks. Raises Unavailable."""
        return self.standing(asked, {}).among(AT_DESKS)

    def screen(self, asked: Request, auth: Mapping[str, Any]) -> Screen | None:
        """The screen whose token is shown or kept; None for whoever has none. Raises Unavailable."""
        token = shown_token(asked, auth) or kept_token(asked)
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

    def _of_token(self, token: str) -> Principal:
        who = self._tokens.who(token)
        if who is not None:
            return Principal(kind=PrincipalKind(who.role.value), who=who, credential=key_hash(token))
        found = self._of_screen(token)
        if found is NOBODY and self._sources.by_key(token) is not None:
            return Principal(kind=PrincipalKind.SOURCE)
        return found

    def _of_screen(self, token: str) -> Principal:
        audience = self._screens.audience_of(token)
        return NOBODY if audience is None else Principal(kind=PrincipalKind.SCREEN, audience=audience)


def _logged_in(session: Session, token: str) -> Principal:
    kind, who, credential = PrincipalKind(session.who.role.value), session.who, key_hash(token)
    return Principal(kind=kind, who=who, session=token, idle_for=session.idle_for, credential=credential)


def audience_for(standing: Principal, wanted: object, agencies: Collection[str]) -> str | None:
    """A person has one audience, of which desks and leadership may ask for less; this machine may ask for any."""
    if standing.here:
        return known_audience(wanted, agencies)
    if standing.who is not None:
        narrows = isinstance(wanted, str) and wanted in NARROWER and standing.who.role not in OF_AGENCIES
        return str(wanted) if narrows else known_audience(standing.who.audience, agencies)
    return None if standing.audience is None else known_audience(standing.audience, agencies)


def allowed_hosts(server: ServerSettings) -> frozenset[str]:
    """Names under which browsers may reach this server."""
    return frozenset(LOOPBACK) | frozenset(server.hosts) | _bound(server)


def _bound(server: ServerSettings) -> frozenset[str]:
    return frozenset() if server.host in ("0.0.0.0", "::", "") else frozenset((server.host,))


# How a browser gets its log-in: a new session whatever it brought, and a way on that stays on this server.

NO_WAY_ON = ("//", "/login", "/logout")


def let_in(visitors: Visitors, actor: str, onward: str, shown: Response | None = None) -> Response:
    """Begin a session under an id of ours, end the one that the browser brought, and lead on; or first show a page."""
    secure = visitors.came_securely(request)
    token = visitors.sessions.begin(actor, instead_of=visitors.session_token(request))
    response = led(onward) if shown is None else shown
    keep_session(response, token, secure=secure, seconds=2 * int(visitors.sessions.limits.longest.total_seconds()))
    response.delete_cookie(BEFORE, path="/login", secure=secure, httponly=True, samesite="Lax")
    return response


def led(onward: str) -> Response:
    """The way to an address of ours, kept by nobody."""
    response = redirect(onward, 303)
    response.headers["Cache-Control"] = "no-store"
    return response


def safe_next(wanted: str | None) -> str:
    """A path of ours; the start page for whatever leads, or could be read to lead, elsewhere."""
    asked = wanted or "/"
    try:
        parts = urlsplit(asked)
    except ValueError:
        return "/"
    elsewhere = parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith(NO_WAY_ON)
    if elsewhere or "\\" in asked or not asked.isprintable():
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")
