"""The log-in by name and password: a page without JavaScript, tries that are counted, and the same time for all.

Whoever has a second factor, or must have one, is only half in by a right password: ``second_step.py`` goes on.
"""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from display.attempts import Attempts
from display.entering import led, let_in, safe_next
from display.known_devices import KnownDevices
from display.one_at_a_time import PATIENCE_S, Crowded, OneAtATime
from display.pages import closed, language_of, page
from display.session_cookie import BEFORE, FORM, csrf_fits, csrf_of, keep_before
from display.trust import Visitors
from liveroom.accounts.credentials import fits, hashed, outdated
from liveroom.accounts.rate_limits import KnownPlaces
from liveroom.accounts.second_factor import WAITS, begin_half, factor_of
from liveroom.accounts.users import User
from liveroom.city.city import City
from liveroom.domain.requests import Role
from liveroom.log.engine import Unavailable

if TYPE_CHECKING:  # for cost: only a room with a provider imports what speaks to one
    from display.openid_doors import SayNo

LONGEST_NAME = 64
# What a browser keeps of a log-in that is half done, for the pages of the second step alone.
HALF, HALF_PATH = "liveroom_half", "/login"
CODE, FACTOR = "/login/code", "/login/factor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
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


def log_in_blueprint(gate: Gate) -> tuple["SayNo", Blueprint]:
    """``/login``; and the page by which another way in says no: ``say_no(status, why)``."""
    blueprint, doors = Blueprint("log_in", __name__), _Doors(gate)
    blueprint.register_error_handler(Unavailable, lambda _error: closed(gate.city, "away", 503))
    blueprint.add_url_rule("/login", "page", doors.page)
    blueprint.add_url_rule("/login", "enter", doors.enter, methods=["POST"])
    return doors.form, blueprint


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """Where somebody waits for a look at their password: behind the others ``of`` the same word."""

    of: str
    known: bool


class _Doors:
    def __init__(self, gate: Gate) -> None:
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
        line = _Line(of=device or (f"{name} {address}" if usual else address), known=usual or device is not None)
        try:
            user = self._look(name, password, line)
        except Crowded:
            return self.form(503, "wait", PATIENCE_S)
        if user is None:
            if device is None:
                attempts.failed(address)
            return self.form(401, "wrong")
        attempts.succeeded(name, address, device)
        actor, onward = user.who.actor, safe_next(request.form.get("next"))
        return self._gate.next_step(actor, user.who.role, onward) or self._gate.come_in(actor, onward)

    def _look(self, name: str, password: str, line: "_Line") -> User | None:
        """The person, if it is their password; as slow for a name that nobody has."""
        user = self._gate.visitors.users.by_name(name) if _could_be(name) else None
        kept = user.password_hash if user is not None else None
        if (
            not self._gate.aside.run(lambda: fits(password, kept), line.of, known=line.known)
            or user is None
            or kept is None
        ):
            return None
        if outdated(kept):
            fresh = self._gate.aside.run(lambda: hashed(password), line.of, known=line.known)
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
