"""The second factor of a log-in: enrolment (a key for an authenticator app) and the pages of the second step.

Enrolment draws a key, shows it as QR code and letters, and stores it once its first code confirms it. Until then the
key waits sealed in the form itself: nothing is stored of whoever turns back, and a page asked for twice shows two keys.
The second step follows a right password, which has put the token of a half log-in into a cookie sent to ``/login``
alone; until the step is done that token opens nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from display.auth.login import CODE, FACTOR, HALF, HALF_PATH, LoginGate
from display.auth.visitor import csrf_fits, csrf_of, safe_next, see_other
from display.pages.page import closed_page, language_of, page
from liveroom.accounts.second_factor import (
    LONGEST_CODE,
    Seal,
    end_half,
    factor_of,
    grouped,
    half_of,
    new_recovery_codes,
    new_secret,
    picture,
    step_of,
)
from liveroom.accounts.users import Person
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import database_now
from liveroom.room.commands.users import set_factor, use_code
from liveroom.room.room import Room
from liveroom.room.transaction import UnitOfWork
from liveroom.runtime.language import text

if TYPE_CHECKING:  # for cost: only a room with a provider imports what speaks to one
    from display.auth.oidc import LoginPage

# Time to install an app on a telephone.
LASTS_S = 30 * 60
LONGEST_SEALED = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorDraft:
    """A key that came back in a form; ``step``: the time step of the code that confirms it, None for a wrong code."""

    secret: str
    step: int | None


class Enrolment:
    """Offers and stores keys, for the second step and for the account page."""

    def __init__(self, room: Room, seal: Seal) -> None:
        self._room = room
        self.seal = seal

    def shown(self, who: Person, secret: str | None, lang: str) -> Mapping[str, object]:
        """What a page shows of a key: its picture, its letters, and the sealed value that its form sends back."""
        key = secret or new_secret()
        city = self._room.city
        drill = self._room.kind == "drill"
        issuer = text("login.factor.drill_issuer", lang, room=city.room_name) if drill else city.room_name
        title = text("login.factor.qr", lang)
        drawn = Markup(picture(key, who.actor, issuer, title))  # an SVG of our own, its words escaped
        return {"qr": drawn, "secret": grouped(key), "sealed": self.seal.close(who.actor, key)}

    def begun(self, who: Person) -> FactorDraft | None:
        """The key of the form that was sent; None for one too old, or of somebody else."""
        sealed = request.form.get("sealed", "")
        secret = self.seal.open(who.actor, sealed, LASTS_S) if len(sealed) <= LONGEST_SEALED else None
        if secret is None:
            return None
        now = self._room.log.read(database_now)
        return FactorDraft(secret=secret, step=step_of(secret, request.form.get("code", ""), now))

    def set(self, who: Person, secret: str, step: int, current: str | None) -> tuple[str, ...] | None:
        """Store the key and return the recovery codes, which are shown once.

        None when the person has a second factor already and ``current`` is no code of it: whoever only knows the
        password cannot replace it.
        """
        codes, sealed = new_recovery_codes(), self.seal.close(who.actor, secret)

        def work(work: UnitOfWork) -> tuple[str, ...] | None:
            if not self._may(work, who.actor, current):
                return None
            set_factor(work, who.actor, sealed, step, codes)
            return codes

        return self._room.unit(work)

    def _may(self, work: UnitOfWork, actor: str, current: str | None) -> bool:
        if factor_of(work.transaction.connection, actor) is None:
            return True
        return current is not None and use_code(work, actor, current, self.seal)


# ---- the second step of a log-in ----

CSRF_FOR = "second step"


def second_step_blueprint(gate: LoginGate, enrolment: Enrolment, show_login: "LoginPage") -> Blueprint:
    """``/login/code`` and ``/login/factor``; ``show_login(status, why)`` shows the log-in's page again."""
    blueprint, pages = Blueprint("second_step", __name__), _SecondStepPages(gate, enrolment, show_login)
    blueprint.register_error_handler(Unavailable, lambda _error: closed_page(gate.city, "away", 503))
    blueprint.add_url_rule(CODE, "page", pages.ask)
    blueprint.add_url_rule(CODE, "enter", pages.enter, methods=["POST"])
    blueprint.add_url_rule(FACTOR, "offer", pages.offer)
    blueprint.add_url_rule(FACTOR, "enrol", pages.enrol, methods=["POST"])
    return blueprint


class _SecondStepPages:
    def __init__(self, gate: LoginGate, enrolment: Enrolment, show_login: "LoginPage") -> None:
        self._gate = gate
        self._enrolment = enrolment
        self._show_login = show_login
        self._room = gate.visitors.room

    def ask(self) -> AnyResponse:
        """The form for a code; ``?with=recovery`` for a recovery code."""
        who = self._half()
        if who is None:
            return self._to_login()
        return self._code_form(200) if self._has_factor(who) else see_other(self._here(FACTOR))

    def enter(self) -> AnyResponse:
        """Check a code. Each try counts, before it is checked."""
        who = self._half()
        if who is None or not self._is_own_form():
            return self._show_login(403, "stale")
        attempts = self._gate.attempts
        device = self._gate.devices.known(request, who.actor)
        if wait := attempts.code_wait_s(who.actor, device):
            return self._code_form(429, "wait", wait)
        code = request.form.get("code", "")[:LONGEST_CODE]
        if not self._room.unit(lambda work: use_code(work, who.actor, code, self._enrolment.seal)):
            attempts.code_failed(device)
            return self._code_form(401, "wrong")
        attempts.code_succeeded(who.actor, device)
        half = request.cookies[HALF]
        self._room.log.touch(lambda c: end_half(c, half))
        return _without_half(self._gate.log_in(who.actor, self._onward()))

    def offer(self) -> AnyResponse:
        """The key of a second factor for somebody whose role needs one."""
        who = self._half()
        if who is None:
            return self._to_login()
        return see_other(self._here(CODE)) if self._has_factor(who) else self._factor_form(who, 200)

    def enrol(self) -> AnyResponse:
        """Store the key that its first code confirms and log in; the recovery codes are shown once."""
        who = self._half()
        if who is None or not self._is_own_form():
            return self._show_login(403, "stale")
        begun = self._enrolment.begun(who)
        if begun is None:
            return self._factor_form(who, 403, "stale")
        if wait := self._gate.attempts.own_wait_s(who.actor):
            return self._factor_form(who, 429, "wait", begun.secret, wait)
        if begun.step is None:
            return self._factor_form(who, 401, "wrong", begun.secret)
        codes = self._enrolment.set(who, begun.secret, begun.step, None)
        if codes is None:
            return self._show_login(403, "stale")
        self._gate.attempts.own_succeeded(who.actor)
        onward = self._onward()
        shown = page("recovery_codes.html", {**self._gate.page_context(), "codes": codes, "onward": onward})
        return _without_half(self._gate.log_in(who.actor, onward, shown))

    def _half(self) -> Person | None:
        token = request.cookies.get(HALF, "")
        return self._room.log.read(lambda c: half_of(c, token)) if token else None

    def _has_factor(self, who: Person) -> bool:
        return self._room.log.read(lambda c: factor_of(c, who.actor)) is not None

    def _is_own_form(self) -> bool:
        return csrf_fits(request, request.cookies[HALF], CSRF_FOR)

    def _onward(self) -> str:
        return safe_next(request.values.get("next"))

    def _here(self, path: str) -> str:
        return f"{path}?{request.query_string.decode('ascii', 'replace')}" if request.query_string else path

    def _to_login(self) -> AnyResponse:
        return see_other(f"/login?lang={language_of(self._gate.city)}")

    def _code_form(self, status: int, why: str = "", wait_s: int = 0) -> Response:
        recovers = request.values.get("with") == "recovery"
        return self._form("login_code.html", status, {"why": why, "wait_s": wait_s, "recovers": recovers})

    def _factor_form(
        self, who: Person, status: int, why: str = "", secret: str | None = None, wait_s: int = 0
    ) -> Response:
        lang = language_of(self._gate.city)
        key = self._enrolment.shown(who, secret, lang)
        more = {"why": why, "wait_s": wait_s, "who": who, "action": FACTOR, "needed": True, "asks": (), **key}
        return self._form("factor.html", status, more)

    def _form(self, template: str, status: int, more: dict[str, object]) -> Response:
        csrf, wait_s = csrf_of(request.cookies[HALF], CSRF_FOR), int(str(more["wait_s"]))
        onward = self._onward()
        response = page(
            template, {**self._gate.page_context(), "csrf": csrf, "next": onward, "wait_min": -(-wait_s // 60), **more}
        )
        response.status_code = status
        if wait_s:
            response.headers["Retry-After"] = str(wait_s)
        return response


def _without_half(response: AnyResponse) -> AnyResponse:
    response.delete_cookie(HALF, path=HALF_PATH)
    return response
