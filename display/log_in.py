"""The log-in by name and password: a page without JavaScript, tries that are counted, and the same time for all."""

import secrets
from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from display.attempts import Attempts
from display.entering import led, let_in, safe_next
from display.known_devices import KnownDevices
from display.one_at_a_time import PATIENCE_S, Crowded, OneAtATime
from display.openid_doors import SayNo
from display.pages import closed, language_of, page
from display.session_cookie import BEFORE, FORM, csrf_fits, csrf_of, keep_before
from display.trust import Visitors
from liveroom.city.city import City
from liveroom.log.book import Unavailable
from liveroom.log.users import User
from liveroom.passwords import fits, hashed, outdated

LONGEST_NAME = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What the log-in needs; ``openid`` is the name of a provider to offer, empty without one."""

    city: City
    visitors: Visitors
    attempts: Attempts
    devices: KnownDevices
    aside: OneAtATime
    drill: bool
    openid: str = ""


def log_in_blueprint(gate: Gate) -> tuple[SayNo, Blueprint]:
    """``/login``; and the page by which another way in says no: ``say_no(status, why)``."""
    blueprint, doors = Blueprint("log_in", __name__), _Doors(gate)
    blueprint.register_error_handler(Unavailable, lambda _error: closed(gate.city, "away", 503))
    blueprint.add_url_rule("/login", "page", doors.page)
    blueprint.add_url_rule("/login", "enter", doors.enter, methods=["POST"])
    return doors.form, blueprint


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
        wait = attempts.wait_s(name, address) if device is None else 0
        if wait:
            return self.form(429, "wait", wait)
        try:
            user = self._look(name, password, address)
        except Crowded:
            return self.form(503, "wait", PATIENCE_S)
        if user is None:
            if device is None:
                attempts.failed(address)
            return self.form(401, "wrong")
        attempts.succeeded(name, address, device)
        response = let_in(self._gate.visitors, user.who.actor, safe_next(request.form.get("next")))
        self._gate.devices.remember(request, response, name, secure=self._gate.visitors.came_securely(request))
        return response

    def _look(self, name: str, password: str, address: str) -> User | None:
        """The person, if it is their password; as slow for a name that nobody has."""
        user = self._gate.visitors.users.by_name(name) if len(name) <= LONGEST_NAME else None
        kept = user.password_hash if user is not None else None
        if not self._gate.aside.run(lambda: fits(password, kept), address) or user is None or kept is None:
            return None
        if outdated(kept):
            fresh = self._gate.aside.run(lambda: hashed(password), address)
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
            "said": request.args.get("said", ""),
        }
        response = page("login.html", context)
        response.status_code = status
        if wait_s:
            response.headers["Retry-After"] = str(wait_s)
        keep_before(response, before, secure=gate.visitors.came_securely(request))
        return response
