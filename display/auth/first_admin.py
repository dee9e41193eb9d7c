"""The set-up page, ``/setup``, behind the link that the start prints while nobody can log in: makes the first admin.

The token of the link is checked at every request; making the admin uses up every such link.
"""

from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from display.auth.login import LinkPage, LoginGate, PasswordRefused, new_password_hash
from display.pages.page import closed_page, language_of
from liveroom.accounts.users import Person
from liveroom.domain.requests import Malformed, Role
from liveroom.domain.users import UserCommandName, user_specs
from liveroom.log.engine import Unavailable
from liveroom.maintenance.exposure import PATH, SetupRefusal, make_admin, refusal_of
from liveroom.room.room import Room

# The cookie of the token lasts as long as somebody needs for the form.
KEPT_S = 3600
# Characters. No token of ours is longer, and a browser does not keep a cookie of any length.
LONGEST_TOKEN = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class FormValues:
    """What a refused form is filled with again; never a password."""

    login: str = ""
    name: str = ""


def setup_blueprint(room: Room, gate: LoginGate) -> Blueprint:
    """``/setup``; the admin that is made goes on by the log-in's ``gate``."""
    blueprint, pages = Blueprint("setup", __name__), _FirstAdminPages(room, gate)
    blueprint.register_error_handler(Unavailable, lambda _error: closed_page(room.city, "away", 503))
    blueprint.add_url_rule(PATH, "page", pages.open)
    blueprint.add_url_rule(PATH, "make", pages.make, methods=["POST"])
    return blueprint


class _FirstAdminPages:
    def __init__(self, room: Room, gate: LoginGate) -> None:
        self._room = room
        self._gate = gate
        self._visitors = gate.visitors
        self._page = LinkPage(
            gate=gate,
            path=PATH,
            cookie="liveroom_setup",
            kept_s=KEPT_S,
            csrf_for="set-up",
            template="setup.html",
        )

    def open(self) -> AnyResponse:
        """The form; with ``?token=`` the redirect to it that moves the token into a cookie."""
        token = request.args.get("token")
        if token is not None:
            return self._page.token_to_cookie(token[:LONGEST_TOKEN])
        refusal = self._refusal()
        return self._form(200) if refusal is None else self._refused(refusal)

    def make(self) -> AnyResponse:
        """Make the admin and log them in."""
        refusal = self._refusal()
        if refusal is not None:
            return self._refused(refusal)
        typed = FormValues(login=request.form.get("login", "").strip(), name=request.form.get("name", "").strip())
        if not self._page.is_own_form():
            return self._form(403, "stale", typed)
        # The holder of the link counts as known, ahead of any crowd, until they try more often than people do.
        known = self._gate.attempts.own_wait_s(f"link {PATH}") == 0
        try:
            who = self._admin(typed)
            chosen, address = request.form.get("password", ""), self._visitors.address(request)
            password_hash = new_password_hash(self._gate, who, chosen, address, known=known)
        except Malformed as malformed:
            return self._form(422, f"field_{malformed.field}", typed)
        except PasswordRefused as fault:
            return self._form(fault.status, fault.why, typed, fault.rule)
        refusal = make_admin(self._room, request.cookies[self._page.cookie], who, password_hash)
        return self._refused(refusal) if refusal is not None else self._log_in(who)

    def _admin(self, typed: FormValues) -> Person:
        """By the rules of `run.py user add`. Raises Malformed naming ``login`` or ``name``."""
        fields = {"login": typed.login, "name": typed.name or typed.login, "as_role": Role.ADMIN.value}
        found = user_specs(self._room.city.agencies)[UserCommandName.ADD].parse(fields)
        return Person(actor=found["login"], name=found["name"], role=Role.ADMIN)

    def _log_in(self, who: Person) -> AnyResponse:
        """Log them in, or redirect to the second step that the settings want of an admin."""
        gate, onward = self._gate, f"/?lang={language_of(self._room.city)}"
        response = gate.next_step(who.actor, who.role, onward) or gate.log_in(who.actor, onward)
        self._page.drop_cookie(response)
        return response

    def _refusal(self) -> SetupRefusal | None:
        """Why there is no form; a browser that brought no token has a link that is gone."""
        if self._visitors.anybody_can_log_in():
            return SetupRefusal.LATE
        return refusal_of(self._room, request.cookies.get(self._page.cookie, ""))

    def _refused(self, refusal: SetupRefusal) -> Response:
        brought = self._page.cookie in request.cookies
        response = self._page.show(403, {"no": refusal.value, "brought": brought}, form=False)
        self._page.drop_cookie(response)
        return response

    def _form(self, status: int, why: str = "", typed: FormValues | None = None, weak: str = "") -> Response:
        """The form again: ``why`` it was refused, a weak password in the words of ``weak``."""
        context = {"no": "", "why": why, "weak": weak, "typed": typed or FormValues()}
        return self._page.show(status, context, form=True)
