"""Log-in by name and password, one-time password links, and log-out; pages that need no JavaScript.

Tries are counted (`throttle.py`) and take the same time whether the name exists or not. A right password of somebody
who has a second factor, or whose role needs one, only begins a half log-in: `second_factor.py` completes it.
"""

import secrets
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.auth.practice import offered
from display.auth.throttle import Attempts, KnownDevices
from display.auth.visitor import (
    FORM_COOKIE,
    LOGIN_FORM,
    Visitors,
    begin_session,
    csrf_fits,
    csrf_of,
    drop_session,
    keep_form_cookie,
    safe_next,
    see_other,
)
from display.pages.page import closed_page, language_of, page
from liveroom.accounts.credentials import (
    LASTS,
    SHORTEST,
    WeakPassword,
    hash_password,
    needs_rehash,
    person_by_password_link,
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
    from display.auth.oidc import LoginPage

T = TypeVar("T")

# Seconds after which a password that still waits is refused.
PATIENCE_S = 10
# Of one address. An office that comes to work at once waits a second; one stranger cannot hold up the others.
WAITING = 8
# Of strangers in all: as many as can be checked in time.
STRANGERS = 64


class TooManyLogins(Exception):
    """More passwords wait to be checked than one processor can do in time."""


class PasswordQueue:
    """Checks and hashes passwords beside the hub, one at a time in a process: each takes a tenth of a second.

    Known people go first, so that strangers from a thousand addresses delay an officer by one check at most.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._turn = threading.Condition(threading.Lock())
        self._busy = False
        self._known = 0
        self._waiting: Counter[str] = Counter()
        self._strangers = 0

    def run(self, work: Callable[[], T], of: str, *, known: bool = False) -> T:
        """The result of ``work``; somebody ``known`` is served before strangers.

        Raises TooManyLogins after ten seconds, or at once while eight ``of`` one address, or too many strangers, wait.
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
        """How many of one address wait or are being checked."""
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


# ---- the log-in ----

LONGEST_NAME = 64
# The cookie of a half log-in, sent to the pages of the second step alone.
HALF, HALF_PATH = "liveroom_half", "/login"
CODE, FACTOR = "/login/code", "/login/factor"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginGate:
    """What every way in shares; ``openid`` is the name of the provider to offer, empty without one."""

    city: City
    visitors: Visitors
    attempts: Attempts
    devices: KnownDevices
    places: KnownPlaces
    queue: PasswordQueue
    drill: bool
    openid: str = ""

    def log_in(self, actor: str, onward: str, shown: AnyResponse | None = None) -> AnyResponse:
        """Begin the session of somebody who proved all that is asked of them; browser and network are known from now.

        Redirects to ``onward``, or first shows the page ``shown``.
        """
        response = begin_session(self.visitors, actor, onward, shown)
        self.devices.remember(request, response, actor, secure=self.visitors.came_securely(request))
        self.places.remember(actor, self.visitors.address(request))
        return response

    def next_step(self, actor: str, role: Role, onward: str) -> AnyResponse | None:
        """The redirect to the second step for whoever has a second factor or must have one; None for all others."""
        visitors = self.visitors
        has_one = visitors.room.log.read(lambda c: factor_of(c, actor)) is not None
        if not has_one and role not in visitors.sessions.limits.second_factor:
            return None
        token = visitors.room.log.touch(lambda c: begin_half(c, actor))
        query = urlencode({"lang": language_of(self.city), "next": onward})
        response = see_other(f"{CODE if has_one else FACTOR}?{query}")
        secure, kept_s = visitors.came_securely(request), int(WAITS.total_seconds())
        response.set_cookie(HALF, token, kept_s, path=HALF_PATH, secure=secure, httponly=True, samesite="Lax")
        return response

    def page_context(self) -> dict[str, object]:
        """What the template of every page of the log-in needs."""
        return {"city": self.city, "drill": self.drill, "lang": language_of(self.city)}


def log_in_blueprint(gate: LoginGate) -> tuple["LoginPage", Blueprint]:
    """``/login``; and its page, on which the other ways in show their refusals."""
    blueprint, pages = Blueprint("log_in", __name__), _LoginPages(gate)
    blueprint.register_error_handler(Unavailable, lambda _error: closed_page(gate.city, "away", 503))
    blueprint.add_url_rule("/login", "page", pages.page)
    blueprint.add_url_rule("/login", "enter", pages.enter, methods=["POST"])
    return pages.form, blueprint


@dataclass(frozen=True, slots=True, kw_only=True)
class _QueuePlace:
    """Where a password waits in the queue: among those with the same key ``of``."""

    of: str
    known: bool


class _LoginPages:
    def __init__(self, gate: LoginGate) -> None:
        self._gate = gate

    def page(self) -> AnyResponse:
        """The form; whoever is logged in is redirected, unless they ask for it with ``?again=``."""
        if not request.args.get("again") and self._gate.visitors.principal(request, {}).session is not None:
            return see_other(safe_next(request.args.get("next")))
        return self.form(200)

    def enter(self) -> AnyResponse:
        """Check a name and a password."""
        form_token = request.cookies.get(FORM_COOKIE)
        if form_token is None or not csrf_fits(request, form_token, LOGIN_FORM):
            return self.form(403, "stale")
        name, password = request.form.get("username", "").strip(), request.form.get("password", "")
        attempts, address = self._gate.attempts, self._gate.visitors.address(request)
        device = attempts.trusted(self._gate.devices.known(request, name))
        usual = device is None and _can_exist(name) and self._gate.places.known(name, address)
        wait = attempts.wait_s(name, address, usual=usual) if device is None else 0
        if wait:
            return self.form(429, "wait", wait)
        # Known people wait under a key of their own, not behind what strangers of their address send.
        place = _QueuePlace(of=device or (f"{name} {address}" if usual else address), known=usual or device is not None)
        try:
            user = self._authenticate(name, password, place)
        except TooManyLogins:
            return self.form(503, "wait", PATIENCE_S)
        if user is None:
            if device is None:
                attempts.failed(address)
            return self.form(401, "wrong")
        attempts.succeeded(name, address, device)
        actor, onward = user.who.actor, safe_next(request.form.get("next"))
        return self._gate.next_step(actor, user.who.role, onward) or self._gate.log_in(actor, onward)

    def _authenticate(self, name: str, password: str, place: _QueuePlace) -> User | None:
        """The person, if it is their password; as slow for a name that nobody has."""
        user = self._gate.visitors.users.by_name(name) if _can_exist(name) else None
        kept = user.password_hash if user is not None else None
        right = self._gate.queue.run(lambda: verify_password(password, kept), place.of, known=place.known)
        if not right or user is None or kept is None:
            return None
        if needs_rehash(kept):
            fresh = self._gate.queue.run(lambda: hash_password(password), place.of, known=place.known)
            self._gate.visitors.users.rehash(user.who.actor, fresh)
        return user

    def form(self, status: int, why: str = "", wait_s: int = 0) -> Response:
        """The page with what went wrong; the name and the password that were typed are not in it."""
        gate, form_token = self._gate, request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)
        context = {
            **gate.page_context(),
            "why": why,
            "wait_min": -(-wait_s // 60),
            "next": safe_next(request.values.get("next")),
            "csrf": csrf_of(form_token, LOGIN_FORM),
            "openid": gate.openid,
            "empty": gate.visitors.awaits_admin(),
            "said": request.args.get("said", ""),
            "practice": offered(gate.visitors),
        }
        response = page("login.html", context)
        response.status_code = status
        if wait_s:
            response.headers["Retry-After"] = str(wait_s)
        keep_form_cookie(response, form_token, secure=gate.visitors.came_securely(request))
        return response


def _can_exist(name: str) -> bool:
    """Whether anybody can have this name: not every database even looks for one with a NUL."""
    return len(name) <= LONGEST_NAME and "\x00" not in name


# ---- new passwords: shared by the password link, the set-up link and the account page ----


class PasswordRefused(Exception):
    """Why a form with a new password is shown again: ``status``, the code ``why``, and ``rule``, the words about a weak
    password, empty for other reasons."""

    def __init__(self, status: int, why: str, rule: str = "") -> None:
        super().__init__(why)
        self.status, self.why, self.rule = status, why, rule


def new_password_hash(gate: LoginGate, who: Person, chosen: str, of: str, *, known: bool) -> str:
    """The hash of the password ``chosen`` in the form, which repeats it as ``again``. Raises PasswordRefused.

    ``of`` and ``known`` as `PasswordQueue.run` takes them.
    """
    try:
        gate.queue.run(
            lambda: refuse_weak(chosen, who.actor, who.name, places=gate.city.names),
            of,
            known=known,
        )
        if chosen != request.form.get("again", ""):
            raise PasswordRefused(422, "again")
        return gate.queue.run(lambda: hash_password(chosen), of, known=known)
    except WeakPassword as weak:
        raise PasswordRefused(422, weak.why, weak.message(language_of(gate.city))) from weak
    except TooManyLogins as crowd:
        raise PasswordRefused(503, "crowded") from crowd


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage:
    """The page at ``path`` behind a link with a token, which moves from the address to a cookie of that path alone.

    ``csrf_for`` ties the form of the page to the cookie. Nobody caches the page or finds it by a search.
    """

    gate: LoginGate
    path: str
    cookie: str
    kept_s: int
    csrf_for: str
    template: str

    def token_to_cookie(self, token: str) -> AnyResponse:
        """The redirect to the page without the token in its address."""
        response = _unlisted(redirect(f"{self.path}?lang={language_of(self.gate.city)}", 303))
        secure = self.gate.visitors.came_securely(request)
        response.set_cookie(
            self.cookie, token, self.kept_s, path=self.path, secure=secure, httponly=True, samesite="Lax"
        )
        return response

    def drop_cookie(self, response: AnyResponse) -> None:
        """Take the token out of the browser."""
        response.delete_cookie(self.cookie, path=self.path)

    def is_own_form(self) -> bool:
        """Whether the form that was sent is one of this page, given to this very browser."""
        return csrf_fits(request, request.cookies[self.cookie], self.csrf_for)

    def show(self, status: int, context: Mapping[str, object], *, form: bool) -> Response:
        """The page; with ``form`` one on which a password is chosen."""
        shown = {**self.gate.page_context(), "shortest": SHORTEST, "csrf": "", **context}
        if form:
            shown["csrf"] = csrf_of(request.cookies[self.cookie], self.csrf_for)
        response = _unlisted(page(self.template, shown))
        response.status_code = status
        if status == 503:
            response.headers["Retry-After"] = str(PATIENCE_S)
        return response


R = TypeVar("R", bound=AnyResponse)


def _unlisted(response: R) -> R:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


# ---- the page behind a one-time link, where its holder chooses a password ----

PASSWORD_PATH = "/login/password"


def password_link(token: str) -> str:
    """The path of a link with this token."""
    return f"{PASSWORD_PATH}?k={token}"


def password_blueprint(room: Room, gate: LoginGate) -> Blueprint:
    """``/login/password``; opening a link does not use it up, since scanners of mail open links."""
    blueprint, pages = Blueprint("password", __name__), _PasswordPages(room, gate)
    blueprint.register_error_handler(Unavailable, lambda _error: closed_page(room.city, "away", 503))
    blueprint.add_url_rule(PASSWORD_PATH, "page", pages.open)
    blueprint.add_url_rule(PASSWORD_PATH, "choose", pages.choose, methods=["POST"])
    return blueprint


class _PasswordPages:
    def __init__(self, room: Room, gate: LoginGate) -> None:
        self._room = room
        self._gate = gate
        self._page = LinkPage(
            gate=gate,
            path=PASSWORD_PATH,
            cookie="liveroom_password",
            kept_s=int(LASTS.total_seconds()),
            csrf_for="password",
            template="password.html",
        )

    def open(self) -> AnyResponse:
        """The form; with ``?k=`` the redirect to it that moves the token into a cookie."""
        token = request.args.get("k")
        if token is not None:
            return self._page.token_to_cookie(token)
        who = self._holder()
        return self._form(None, 403, "gone") if who is None else self._form(who, 200)

    def choose(self) -> AnyResponse:
        """Set the password that was typed twice; the link is used up by it."""
        who = self._holder()
        if who is None:
            return self._form(None, 403, "gone")
        if not self._page.is_own_form():
            return self._form(who, 403, "stale")
        token, link = request.cookies[self._page.cookie], f"link {who.actor}"
        # The holder of a link counts as known, ahead of any crowd, until they try more often than people do.
        known = self._gate.attempts.own_wait_s(link) == 0
        try:
            kept = new_password_hash(self._gate, who, request.form.get("password", ""), link, known=known)
        except PasswordRefused as fault:
            return self._form(who, fault.status, fault.why, fault.rule)
        if not set_by_link(self._room, token, kept):
            return self._form(None, 403, "gone")
        response = see_other(f"/login?said=set&lang={language_of(self._room.city)}")
        self._page.drop_cookie(response)
        secure = self._gate.visitors.came_securely(request)
        self._gate.devices.remember(request, response, who.actor, secure=secure)
        return response

    def _holder(self) -> Person | None:
        token = request.cookies.get(self._page.cookie, "")
        return self._room.log.read(lambda c: person_by_password_link(c, token)) if token else None

    def _form(self, who: Person | None, status: int, why: str = "", rule: str = "") -> Response:
        return self._page.show(status, {"who": who, "why": why, "rule": rule}, form=who is not None)


# ---- the session of a log-in: how long it lasts, that it is extended (CR-101), and that it ends ----


def session_blueprint(city: City, visitors: Visitors) -> Blueprint:
    """``POST /logout``, ``GET /api/v1/session`` and ``POST /api/v1/session/extend``."""
    blueprint, routes = Blueprint("session", __name__), _SessionRoutes(visitors)
    blueprint.register_error_handler(Unavailable, lambda _error: closed_page(city, "away", 503))
    blueprint.add_url_rule("/logout", "leave", routes.leave, methods=["POST"])
    blueprint.add_url_rule("/api/v1/session", "tell", routes.show)
    blueprint.add_url_rule("/api/v1/session/extend", "extend", routes.extend, methods=["POST"])
    return blueprint


class _SessionRoutes:
    def __init__(self, visitors: Visitors) -> None:
        self._visitors = visitors

    def leave(self) -> AnyResponse:
        """Log out here, or everywhere with ``everywhere`` in the form."""
        principal = self._visitors.principal(request, {})
        if principal.who is not None and request.form.get("everywhere"):
            self._visitors.sessions.end_all(principal.who.actor)
        elif principal.session is not None:
            self._visitors.sessions.end(principal.session)
        response = see_other("/login")
        drop_session(response, secure=self._visitors.came_securely(request))
        return response

    def show(self) -> Response:
        """Who is logged in and for how much longer."""
        principal = self._visitors.principal(request, {})
        return self._session_json(None if principal.session is None else self._visitors.sessions.of(principal.session))

    def extend(self) -> Response:
        """Postpone the end."""
        principal = self._visitors.principal(request, {})
        if principal.session is None:
            return problem(422, "no_session", "a token does not end by itself")
        found = self._visitors.sessions.extend(principal.session)
        return self._session_json(found) if found else problem(401, "unauthorized", "the log-in has ended")

    def _session_json(self, session: Session | None) -> Response:
        """``{who, left_s, warn_s, more}``: ``left_s`` null for a token; ``more``: extending would postpone the end."""
        who = self._visitors.who(request)
        body = {
            "who": None if who is None else plain(who),
            "left_s": None if session is None else int(session.left.total_seconds()),
            "warn_s": int(self._visitors.sessions.limits.warn.total_seconds()),
            "more": session is not None and session.more,
        }
        headers = {"Cache-Control": "no-store"}
        return Response(msgspec.json.encode(body), content_type="application/json", headers=headers)
