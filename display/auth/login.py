"""Log-in, log-out, password links."""

import secrets
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.auth.throttle import Attempts, KnownDevices
from display.auth.visitor import (
    BEFORE,
    FORM,
    Visitors,
    csrf_fits,
    csrf_of,
    drop_session,
    keep_before,
    led,
    let_in,
    safe_next,
)
from display.pages.wall import closed, language_of, page
from liveroom.accounts.credentials import (
    LASTS,
    SHORTEST,
    WeakPassword,
    hash_password,
    holder_of,
    needs_rehash,
    refuse_weak,
    verify_password,
)
from liveroom.accounts.rate_limits import KnownPlaces
from liveroom.accounts.second_factor import WAITS, begin_half, factor_of
from liveroom.accounts.sessions import Session
from liveroom.accounts.users import Person, User, plain
from liveroom.city.city import City
from liveroom.domain.requests import Role
from liveroom.log.engine import Unavailable
from liveroom.room.commands.users import set_by_link
from liveroom.room.room import Room
from liveroom.runtime import Runtime
from liveroom.runtime.http_input import problem

if TYPE_CHECKING:  # for cost: only a room with a provider imports what speaks to one
    from display.auth.oidc import Refuse

T = TypeVar("T")

# Passwords are looked at and hashed beside the hub, one at a time a process: each takes a tenth of a second.
#
# Whoever is known goes first: a crowd of strangers from a thousand addresses keeps no officer waiting longer than the
# one look that is under way.

PATIENCE_S = 10
# An office that comes to work at once waits a second; a stranger who sends a thousand cannot hold up the others.
WAITING = 8
# Of strangers in all: no more than can be looked at in time.
STRANGERS = 64


class TooManyLogins(Exception):
    """More passwords wait to be looked at than one processor can do in time."""


class OneAtATime:
    """What the log-in and the pages of new passwords share."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._turn = threading.Condition(threading.Lock())
        self._busy = False
        self._known = 0
        self._waiting: Counter[str] = Counter()
        self._strangers = 0

    def run(self, work: Callable[[], T], of: str, *, known: bool = False) -> T:
        """The result of ``work``; of somebody ``known`` before that of strangers.

        Raises Crowded after ten seconds, or at once while eight ``of`` one address, or too many strangers, wait.
        """
        if self._waiting[of] >= WAITING or (not known and self._strangers >= STRANGERS):
            raise TooManyLogins
        self._waiting[of] += 1
        self._strangers += not known
        try:
            return self._in_turn(work, known=known)
        finally:
            self._strangers -= not known
            self._waiting[of] -= 1
            if self._waiting[of] <= 0:
                del self._waiting[of]

    def waiting(self, of: str) -> int:
        """How many of one address wait or are looked at."""
        return self._waiting[of]

    def _in_turn(self, work: Callable[[], T], *, known: bool) -> T:
        with self._turn:
            self._known += known
            try:
                if not self._turn.wait_for(lambda: not self._busy and (known or not self._known), PATIENCE_S):
                    raise TooManyLogins
                self._busy = True
            finally:
                self._known -= known
        try:
            return self._runtime.run_aside(work)
        finally:
            with self._turn:
                self._busy = False
                self._turn.notify_all()


# The log-in by name and password: a page without JavaScript, tries that are counted, and the same time for all.
#
# Whoever has a second factor, or must have one, is only half in by a right password: ``second_step.py`` goes on.

LONGEST_NAME = 64
# What a browser keeps of a log-in that is half done, for the pages of the second step alone.
HALF, HALF_PATH = "liveroom_half", "/login"
CODE, FACTOR = "/login/code", "/login/factor"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginGate:
    """What the log-in needs; ``openid`` is the name of a provider to offer, empty without one."""

    city: City
    visitors: Visitors
    attempts: Attempts
    devices: KnownDevices
    places: KnownPlaces
    aside: OneAtATime
    drill: bool
    openid: str = ""

    def come_in(self, actor: str, onward: str, shown: AnyResponse | None = None) -> AnyResponse:
        """Begin the session of somebody who has shown all that is asked of them; browser and network are known now.

        Leads ``onward``, or first to the page ``shown``.
        """
        response = let_in(self.visitors, actor, onward, shown)
        self.devices.remember(request, response, actor, secure=self.visitors.came_securely(request))
        self.places.remember(actor, self.visitors.address(request))
        return response

    def next_step(self, actor: str, role: Role, onward: str) -> AnyResponse | None:
        """The way to the second step for whoever has a second factor or must have one; None for all others."""
        visitors = self.visitors
        has_one = visitors.room.log.read(lambda c: factor_of(c, actor)) is not None
        if not has_one and role not in visitors.sessions.limits.second_factor:
            return None
        token = visitors.room.log.touch(lambda c: begin_half(c, actor))
        query = urlencode({"lang": language_of(self.city), "next": onward})
        response = led(f"{CODE if has_one else FACTOR}?{query}")
        secure, kept_s = visitors.came_securely(request), int(WAITS.total_seconds())
        response.set_cookie(HALF, token, kept_s, path=HALF_PATH, secure=secure, httponly=True, samesite="Lax")
        return response


def log_in_blueprint(gate: LoginGate) -> tuple["Refuse", Blueprint]:
    """``/login``; and the page by which another way in says no: ``say_no(status, why)``."""
    blueprint, doors = Blueprint("log_in", __name__), _LoginPages(gate)
    blueprint.register_error_handler(Unavailable, lambda _error: closed(gate.city, "away", 503))
    blueprint.add_url_rule("/login", "page", doors.page)
    blueprint.add_url_rule("/login", "enter", doors.enter, methods=["POST"])
    return doors.form, blueprint


@dataclass(frozen=True, slots=True, kw_only=True)
class _LoginLine:
    """Where somebody waits for a look at their password: behind the others ``of`` the same word."""

    of: str
    known: bool


class _LoginPages:
    def __init__(self, gate: LoginGate) -> None:
        self._gate = gate

    def page(self) -> AnyResponse:
        """The form; whoever is logged in is led on, unless they ask for it ``again``."""
        if not request.args.get("again") and self._gate.visitors.standing(request, {}).session is not None:
            return led(safe_next(request.args.get("next")))
        return self.form(200)

    def enter(self) -> AnyResponse:
        """Look at a name and a password."""
        before = request.cookies.get(BEFORE)
        if before is None or not csrf_fits(request, before, FORM):
            return self.form(403, "stale")
        name, password = request.form.get("username", "").strip(), request.form.get("password", "")
        attempts, address = self._gate.attempts, self._gate.visitors.address(request)
        device = attempts.trusted(self._gate.devices.known(request, name))
        usual = device is None and _could_be(name) and self._gate.places.known(name, address)
        wait = attempts.wait_s(name, address, usual=usual) if device is None else 0
        if wait:
            return self.form(429, "wait", wait)
        # Who is known goes first, and waits in a line of their own: not behind what strangers of one address send.
        line = _LoginLine(of=device or (f"{name} {address}" if usual else address), known=usual or device is not None)
        try:
            user = self._look(name, password, line)
        except TooManyLogins:
            return self.form(503, "wait", PATIENCE_S)
        if user is None:
            if device is None:
                attempts.failed(address)
            return self.form(401, "wrong")
        attempts.succeeded(name, address, device)
        actor, onward = user.who.actor, safe_next(request.form.get("next"))
        return self._gate.next_step(actor, user.who.role, onward) or self._gate.come_in(actor, onward)

    def _look(self, name: str, password: str, line: "_LoginLine") -> User | None:
        """The person, if it is their password; as slow for a name that nobody has."""
        user = self._gate.visitors.users.by_name(name) if _could_be(name) else None
        kept = user.password_hash if user is not None else None
        if (
            not self._gate.aside.run(lambda: verify_password(password, kept), line.of, known=line.known)
            or user is None
            or kept is None
        ):
            return None
        if needs_rehash(kept):
            fresh = self._gate.aside.run(lambda: hash_password(password), line.of, known=line.known)
            self._gate.visitors.users.rehash(user.who.actor, fresh)
        return user

    def form(self, status: int, why: str = "", wait_s: int = 0) -> Response:
        """The page with what went wrong; the name and the password that were typed are not in it."""
        gate, before = self._gate, request.cookies.get(BEFORE) or secrets.token_urlsafe(32)
        context = {
            "city": gate.city,
            "drill": gate.drill,
            "lang": language_of(gate.city),
            "why": why,
            "wait_min": -(-wait_s // 60),
            "next": safe_next(request.values.get("next")),
            "csrf": csrf_of(before, FORM),
            "openid": gate.openid,
            "empty": gate.visitors.awaits_admin(),
            "said": request.args.get("said", ""),
        }
        response = page("login.html", context)
        response.status_code = status
        if wait_s:
            response.headers["Retry-After"] = str(wait_s)
        keep_before(response, before, secure=gate.visitors.came_securely(request))
        return response


def _could_be(name: str) -> bool:
    """Whether anybody can have this name: not every database even looks for one with a NUL."""
    return len(name) <= LONGEST_NAME and "\x00" not in name


# The page behind a one-time link: its holder chooses a password. Looking uses nothing up: scanners of mail look.

Told = TypeVar("Told", bound=AnyResponse)
PATH = "/login/password"
COOKIE, CSRF_FOR = "liveroom_password", "password"
SET = "set"


def address_of(token: str) -> str:
    """The path of a link with this token."""
    return f"{PATH}?k={token}"


def password_blueprint(room: Room, gate: LoginGate) -> Blueprint:
    """``/login/password``."""
    blueprint, doors = Blueprint("password", __name__), _PasswordPages(room, gate)
    blueprint.register_error_handler(Unavailable, lambda _error: closed(room.city, "away", 503))
    blueprint.add_url_rule(PATH, "page", doors.open)
    blueprint.add_url_rule(PATH, "choose", doors.choose, methods=["POST"])
    return blueprint


class _PasswordPages:
    def __init__(self, room: Room, gate: LoginGate) -> None:
        self._room = room
        self._gate = gate
        self._visitors = gate.visitors

    def open(self) -> AnyResponse:
        """The form; with ``?k=`` the way to it without the token, which moves into a cookie of this address alone."""
        token = request.args.get("k")
        if token is not None:
            return self._exchanged(token)
        who = self._holder()
        return self._form(None, 403, "gone") if who is None else self._form(who, 200)

    def choose(self) -> AnyResponse:
        """Take the password that was typed twice; the link is used up by it."""
        who = self._holder()
        if who is None:
            return self._form(None, 403, "gone")
        token = request.cookies[COOKIE]
        if not csrf_fits(request, token, CSRF_FOR):
            return self._form(who, 403, "stale")
        chosen, again = request.form.get("password", ""), request.form.get("again", "")
        known = self._gate.attempts.own_wait_s(f"link {who.actor}") == 0
        try:
            self._beside(who, known, lambda: refuse_weak(chosen, who.actor, who.name, places=self._room.city.names))
            if chosen != again:
                return self._form(who, 422, "again")
            password_hash = self._beside(who, known, lambda: hash_password(chosen))
        except WeakPassword as weak:
            return self._form(who, 422, weak.why, weak.message(language_of(self._room.city)))
        except TooManyLogins:
            return self._form(who, 503, "crowded")
        if not set_by_link(self._room, token, password_hash):
            return self._form(None, 403, "gone")
        response = led(f"/login?said={SET}&lang={language_of(self._room.city)}")
        response.delete_cookie(COOKIE, path=PATH)
        self._gate.devices.remember(request, response, who.actor, secure=self._visitors.came_securely(request))
        return response

    def _holder(self) -> Person | None:
        token = request.cookies.get(COOKIE, "")
        return self._room.log.read(lambda c: holder_of(c, token)) if token else None

    def _exchanged(self, token: str) -> AnyResponse:
        response = _quiet(redirect(f"{PATH}?lang={language_of(self._room.city)}", 303))
        secure, kept_s = self._visitors.came_securely(request), int(LASTS.total_seconds())
        response.set_cookie(COOKIE, token, kept_s, path=PATH, secure=secure, httponly=True, samesite="Lax")
        return response

    def _beside(self, who: Person, known: bool, work: Callable[[], T]) -> T:
        """Whoever holds a link is ``known``, so that no crowd is before them, until they try more than people do."""
        return self._gate.aside.run(work, f"link {who.actor}", known=known)

    def _form(self, who: Person | None, status: int, why: str = "", rule: str = "") -> Response:
        context = {
            "city": self._room.city,
            "drill": self._room.kind == "drill",
            "lang": language_of(self._room.city),
            "who": who,
            "why": why,
            "rule": rule,
            "shortest": SHORTEST,
            "csrf": csrf_of(request.cookies[COOKIE], CSRF_FOR) if who is not None else "",
        }
        response = _quiet(page("password.html", context))
        response.status_code = status
        if status == 503:
            response.headers["Retry-After"] = str(PATIENCE_S)
        return response


def _quiet(response: Told) -> Told:
    """Kept by nobody, found by nobody."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


# What a log-in can ask about itself: how long it lasts, that it lasts longer (CR-101), and that it ends.


def session_blueprint(city: City, visitors: Visitors) -> Blueprint:
    """``POST /logout``, ``GET /api/v1/session`` and ``POST /api/v1/session/extend``."""
    blueprint, doors = Blueprint("session", __name__), _SessionRoutes(visitors)
    blueprint.register_error_handler(Unavailable, lambda _error: closed(city, "away", 503))
    blueprint.add_url_rule("/logout", "leave", doors.leave, methods=["POST"])
    blueprint.add_url_rule("/api/v1/session", "tell", doors.tell)
    blueprint.add_url_rule("/api/v1/session/extend", "extend", doors.extend, methods=["POST"])
    return blueprint


class _SessionRoutes:
    def __init__(self, visitors: Visitors) -> None:
        self._visitors = visitors

    def leave(self) -> AnyResponse:
        """Log out here, or everywhere with ``everywhere`` in the form."""
        standing = self._visitors.standing(request, {})
        if standing.who is not None and request.form.get("everywhere"):
            self._visitors.sessions.end_all(standing.who.actor)
        elif standing.session is not None:
            self._visitors.sessions.end(standing.session)
        response = led("/login")
        drop_session(response, secure=self._visitors.came_securely(request))
        return response

    def tell(self) -> Response:
        """Who is logged in and for how much longer."""
        standing = self._visitors.standing(request, {})
        return self._told(None if standing.session is None else self._visitors.sessions.of(standing.session))

    def extend(self) -> Response:
        """Put the end off."""
        standing = self._visitors.standing(request, {})
        if standing.session is None:
            return problem(422, "no_session", "a token does not end by itself")
        found = self._visitors.sessions.extend(standing.session)
        return self._told(found) if found else problem(401, "unauthorized", "the log-in has ended")

    def _told(self, session: Session | None) -> Response:
        """``left_s`` is null for a token; ``more``: whether extending would put the end off."""
        who = self._visitors.who(request)
        body = {
            "who": None if who is None else plain(who),
            "left_s": None if session is None else int(session.left.total_seconds()),
            "warn_s": int(self._visitors.sessions.limits.warn.total_seconds()),
            "more": session is not None and session.more,
        }
        headers = {"Cache-Control": "no-store"}
        return Response(msgspec.json.encode(body), content_type="application/json", headers=headers)
