"""The page behind a one-time link: its holder chooses a password. Looking uses nothing up: scanners of mail look."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.entering import led
from display.log_in import Gate
from display.one_at_a_time import PATIENCE_S, Crowded
from display.pages import closed, language_of, page
from display.session_cookie import csrf_fits, csrf_of
from liveroom.accounts.credentials import LASTS, SHORTEST, Weak, hashed, holder_of, refuse_weak
from liveroom.accounts.users import Who
from liveroom.log.engine import Unavailable
from liveroom.room.commands.users import set_by_link
from liveroom.room.room import Room

T = TypeVar("T")
Told = TypeVar("Told", bound=AnyResponse)
PATH = "/login/password"
COOKIE, CSRF_FOR = "liveroom_password", "password"
SET = "set"


def address_of(token: str) -> str:
    """The path of a link with this token."""
    return f"{PATH}?k={token}"


def password_blueprint(room: Room, gate: Gate) -> Blueprint:
    """``/login/password``."""
    blueprint, doors = Blueprint("password", __name__), _Doors(room, gate)
    blueprint.register_error_handler(Unavailable, lambda _error: closed(room.city, "away", 503))
    blueprint.add_url_rule(PATH, "page", doors.open)
    blueprint.add_url_rule(PATH, "choose", doors.choose, methods=["POST"])
    return blueprint


class _Doors:
    def __init__(self, room: Room, gate: Gate) -> None:
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
            password_hash = self._beside(who, known, lambda: hashed(chosen))
        except Weak as weak:
            return self._form(who, 422, weak.why, weak.said(language_of(self._room.city)))
        except Crowded:
            return self._form(who, 503, "crowded")
        if not set_by_link(self._room, token, password_hash):
            return self._form(None, 403, "gone")
        response = led(f"/login?said={SET}&lang={language_of(self._room.city)}")
        response.delete_cookie(COOKIE, path=PATH)
        self._gate.devices.remember(request, response, who.actor, secure=self._visitors.came_securely(request))
        return response

    def _holder(self) -> Who | None:
        token = request.cookies.get(COOKIE, "")
        return self._room.log.read(lambda c: holder_of(c, token)) if token else None

    def _exchanged(self, token: str) -> AnyResponse:
        response = _quiet(redirect(f"{PATH}?lang={language_of(self._room.city)}", 303))
        secure, kept_s = self._visitors.came_securely(request), int(LASTS.total_seconds())
        response.set_cookie(COOKIE, token, kept_s, path=PATH, secure=secure, httponly=True, samesite="Lax")
        return response

    def _beside(self, who: Who, known: bool, work: Callable[[], T]) -> T:
        """Whoever holds a link is ``known``, so that no crowd is before them, until they try more than people do."""
        return self._gate.aside.run(work, f"link {who.actor}", known=known)

    def _form(self, who: Who | None, status: int, why: str = "", rule: str = "") -> Response:
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
