"""The page behind the link that a start prints while nobody can log in: whoever opens it makes the first admin."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Blueprint, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.auth.login import PATIENCE_S, LoginGate, TooManyLogins
from display.auth.visitor import csrf_fits, csrf_of
from display.pages.wall import closed, language_of, page
from liveroom.accounts.credentials import SHORTEST, WeakPassword, hash_password, refuse_weak
from liveroom.accounts.users import Person
from liveroom.domain.requests import Malformed, Role
from liveroom.domain.users import UserName, parse_user
from liveroom.log.engine import Unavailable
from liveroom.maintenance.exposure import PATH, SetupRefusal, make_admin, refusal_of
from liveroom.room.room import Room

Work = TypeVar("Work")

Told = TypeVar("Told", bound=AnyResponse)
# The token waits here for the form, and for no longer than somebody takes to fill it in.
COOKIE, KEPT_S, CSRF_FOR = "liveroom_setup", 3600, "set-up"
# No token of ours is as long, and a browser keeps no cookie of any length.
LONGEST = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class FormValues:
    """What stands in the form again after it was refused; passwords never do."""

    login: str = ""
    name: str = ""


def setup_blueprint(room: Room, gate: LoginGate) -> Blueprint:
    """``/setup``; whoever was made goes on by the log-in's ``gate``."""
    blueprint, doors = Blueprint("setup", __name__), _FirstAdminPages(room, gate)
    blueprint.register_error_handler(Unavailable, lambda _error: closed(room.city, "away", 503))
    blueprint.add_url_rule(PATH, "page", doors.open)
    blueprint.add_url_rule(PATH, "make", doors.make, methods=["POST"])
    return blueprint


class _FirstAdminPages:
    def __init__(self, room: Room, gate: LoginGate) -> None:
        self._room = room
        self._gate = gate
        self._visitors = gate.visitors

    def open(self) -> AnyResponse:
        """The form; with ``?token=`` the way to it without, the token in a cookie of this address alone."""
        token = request.args.get("token")
        if token is not None:
            return self._exchanged(token)
        no = self._no()
        return self._form(200) if no is None else self._refused(no)

    def make(self) -> AnyResponse:
        """Make the admin and log them in; the link, and every other, is used up by it."""
        no = self._no()
        if no is not None:
            return self._refused(no)
        typed = FormValues(login=request.form.get("login", "").strip(), name=request.form.get("name", "").strip())
        token, chosen = request.cookies[COOKIE], request.form.get("password", "")
        if not csrf_fits(request, token, CSRF_FOR):
            return self._form(403, "stale", typed)
        known = self._gate.attempts.own_wait_s(f"link {PATH}") == 0
        try:
            who = self._admin(typed)
            self._aside(known, lambda: refuse_weak(chosen, who.actor, who.name, places=self._room.city.names))
            if chosen != request.form.get("again", ""):
                return self._form(422, "again", typed)
            password_hash = self._aside(known, lambda: hash_password(chosen))
        except Malformed as malformed:
            return self._form(422, f"field_{malformed.field}", typed)
        except WeakPassword as weak:
            return self._form(422, weak.why, typed, weak.message(language_of(self._room.city)))
        except TooManyLogins:
            return self._form(503, "crowded", typed)
        no = make_admin(self._room, token, who, password_hash)
        return self._refused(no) if no is not None else self._let_in(who)

    def _admin(self, typed: FormValues) -> Person:
        """By the rules of `run.py user add`. Raises Malformed naming ``login`` or ``name``."""
        said = {"login": typed.login, "name": typed.name or typed.login, "as_role": Role.ADMIN.value}
        found = parse_user(UserName.ADD, said, self._room.city.agencies)
        return Person(actor=found["login"], name=found["name"], role=Role.ADMIN)

    def _aside(self, known: bool, work: Callable[[], Work]) -> Work:
        """Beside the hub; whoever holds the link is ``known`` until they try more than people do. Raises Crowded."""
        return self._gate.aside.run(work, self._visitors.address(request), known=known)

    def _let_in(self, who: Person) -> AnyResponse:
        """Log them in, or lead them to set up the second step that the settings want of an admin."""
        gate, onward = self._gate, f"/?lang={language_of(self._room.city)}"
        response = gate.next_step(who.actor, who.role, onward) or gate.come_in(who.actor, onward)
        response.delete_cookie(COOKIE, path=PATH)
        return response

    def _no(self) -> SetupRefusal | None:
        """Why there is no form; a browser that brought no token has a link that is gone."""
        if self._visitors.somebody_enters():
            return SetupRefusal.LATE
        return refusal_of(self._room, request.cookies.get(COOKIE, ""))

    def _exchanged(self, token: str) -> AnyResponse:
        response = _quiet(redirect(f"{PATH}?lang={language_of(self._room.city)}", 303))
        secure = self._visitors.came_securely(request)
        response.set_cookie(COOKIE, token[:LONGEST], KEPT_S, path=PATH, secure=secure, httponly=True, samesite="Lax")
        return response

    def _refused(self, no: SetupRefusal) -> Response:
        brought = COOKIE in request.cookies
        response = self._page(403, {"no": no.value, "brought": brought})
        response.delete_cookie(COOKIE, path=PATH)
        return response

    def _form(self, status: int, why: str = "", typed: FormValues | None = None, weak: str = "") -> Response:
        """The form again: ``why`` it was refused, a password in the words of ``weak``."""
        csrf = csrf_of(request.cookies[COOKIE], CSRF_FOR)
        context = {
            "no": "",
            "why": why,
            "weak": weak,
            "typed": typed or FormValues(),
            "shortest": SHORTEST,
            "csrf": csrf,
        }
        response = self._page(status, context)
        if status == 503:
            response.headers["Retry-After"] = str(PATIENCE_S)
        return response

    def _page(self, status: int, more: dict[str, object]) -> Response:
        context = {
            "city": self._room.city,
            "drill": self._room.kind == "drill",
            "lang": language_of(self._room.city),
        }
        response = _quiet(page("setup.html", context | more))
        response.status_code = status
        return response


def _quiet(response: Told) -> Told:
    """Kept by nobody, found by nobody."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
