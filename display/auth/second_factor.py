"""Display.auth.second_factor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from display.auth.login import CODE, FACTOR, HALF, HALF_PATH, LoginGate
from display.auth.visitor import csrf_fits, csrf_of, led, safe_next
from display.pages.wall import closed, language_of, page
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

if TYPE_CHECKING:  # for cost: only a room with a provider imports what speaks to one
    from display.auth.oidc import Refuse


# Setting up a second factor: a key drawn anew, shown to a telephone, and confirmed by the first code that it makes.
#
# The key waits in the form itself, sealed: nothing is kept of whoever turns back, and a page asked for twice is two
# keys.

# Time to install an app on a telephone.
LASTS_S = 30 * 60
LONGEST_SEALED = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorDraft:
    """A key that came back in a form, with the step of the code that confirms it; None of a wrong code."""

    secret: str
    step: int | None


class Enrolment:
    """What the log-in and a person's own page share."""

    def __init__(self, room: Room, seal: Seal) -> None:
        self._room = room
        self.seal = seal

    def shown(self, who: Person, secret: str | None, lang: str) -> Mapping[str, object]:
        """What a page shows of a key: its picture, its letters, and the sealed value that its form sends back."""
        key = secret or new_secret()
        city = self._room.city
        called = f"{'LATIHAN ' if self._room.kind == 'drill' else ''}{city.room_name}"
        title = "QR code of the key" if lang == "en" else "Kode QR kunci"
        drawn = Markup(picture(key, who.actor, called, title))  # drawn here, its words escaped
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
        """Keep the key; the recovery codes that are shown once. None when the person has a second factor already and
        ``current`` is no code of it: whoever only has the password cannot replace it."""
        codes, sealed = new_recovery_codes(), self.seal.close(who.actor, secret)

        def work(work: UnitOfWork) -> tuple[str, ...] | None:
            if not self._may(work, who.actor, current):
                return None
            set_factor(work, who.actor, sealed, step, codes)
            return codes

        return self._room.unit(work)

    def _may(self, work: UnitOfWork, actor: str, current: str | None) -> bool:
        if factor_of(work.unit.connection, actor) is None:
            return True
        return current is not None and use_code(work, actor, current, self.seal)


# The second step of a log-in: a code of the second factor, or setting one up where the person's role needs one.
#
# A right password has put a token into a cookie of ``/login`` alone; until this step is done it opens nothing else.

CSRF_FOR = "second step"


def second_step_blueprint(gate: LoginGate, enrolment: Enrolment, say_no: "Refuse") -> Blueprint:
    """``/login/code`` and ``/login/factor``; ``say_no(status, why)`` shows the log-in's page again."""
    blueprint, doors = Blueprint("second_step", __name__), _SecondStepPages(gate, enrolment, say_no)
    blueprint.register_error_handler(Unavailable, lambda _error: closed(gate.city, "away", 503))
    blueprint.add_url_rule(CODE, "page", doors.ask)
    blueprint.add_url_rule(CODE, "enter", doors.enter, methods=["POST"])
    blueprint.add_url_rule(FACTOR, "offer", doors.offer)
    blueprint.add_url_rule(FACTOR, "enrol", doors.enrol, methods=["POST"])
    return blueprint


class _SecondStepPages:
    def __init__(self, gate: LoginGate, enrolment: Enrolment, say_no: "Refuse") -> None:
        self._gate = gate
        self._enrolment = enrolment
        self._say_no = say_no
        self._room = gate.visitors.room

    def ask(self) -> AnyResponse:
        """The form for a code; ``?with=recovery`` for a recovery code."""
        who = self._half()
        if who is None:
            return self._begin_again()
        return self._code_form(200) if self._has_factor(who) else led(self._here(FACTOR))

    def enter(self) -> AnyResponse:
        """Look at a code. Each try counts, before it is looked at."""
        who = self._half()
        if who is None or not self._fits():
            return self._say_no(403, "stale")
        attempts = self._gate.attempts
        device = self._gate.devices.known(request, who.actor)
        if wait := attempts.code_wait_s(who.actor, device):
            return self._code_form(429, "wait", wait)
        code = request.form.get("code", "")[:LONGEST_CODE]
        if not self._room.unit(lambda work: use_code(work, who.actor, code, self._enrolment.seal)):
            attempts.code_failed(device)
            return self._code_form(401, "wrong")
        attempts.code_fitted(who.actor, device)
        half = request.cookies[HALF]
        self._room.log.touch(lambda c: end_half(c, half))
        return _without_half(self._gate.come_in(who.actor, self._onward()))

    def offer(self) -> AnyResponse:
        """The key of a second factor for somebody who may not come in without one."""
        who = self._half()
        if who is None:
            return self._begin_again()
        return led(self._here(CODE)) if self._has_factor(who) else self._factor_form(who, 200)

    def enrol(self) -> AnyResponse:
        """Keep the key that its first code confirms; the person is in, and sees the recovery codes once."""
        who = self._half()
        if who is None or not self._fits():
            return self._say_no(403, "stale")
        begun = self._enrolment.begun(who)
        if begun is None:
            return self._factor_form(who, 403, "stale")
        if wait := self._gate.attempts.own_wait_s(who.actor):
            return self._factor_form(who, 429, "wait", begun.secret, wait)
        if begun.step is None:
            return self._factor_form(who, 401, "wrong", begun.secret)
        codes = self._enrolment.set(who, begun.secret, begun.step, None)
        if codes is None:
            return self._say_no(403, "stale")
        self._gate.attempts.own_fitted(who.actor)
        onward = self._onward()
        shown = page("recovery_codes.html", {**self._page(), "codes": codes, "onward": onward})
        return _without_half(self._gate.come_in(who.actor, onward, shown))

    def _half(self) -> Person | None:
        token = request.cookies.get(HALF, "")
        return self._room.log.read(lambda c: half_of(c, token)) if token else None

    def _has_factor(self, who: Person) -> bool:
        return self._room.log.read(lambda c: factor_of(c, who.actor)) is not None

    def _fits(self) -> bool:
        return csrf_fits(request, request.cookies[HALF], CSRF_FOR)

    def _onward(self) -> str:
        return safe_next(request.values.get("next"))

    def _here(self, path: str) -> str:
        return f"{path}?{request.query_string.decode('ascii', 'replace')}" if request.query_string else path

    def _begin_again(self) -> AnyResponse:
        return led(f"/login?lang={language_of(self._gate.city)}")

    def _page(self) -> dict[str, object]:
        gate = self._gate
        return {"city": gate.city, "drill": gate.drill, "lang": language_of(gate.city)}

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
        response = page(template, {**self._page(), "csrf": csrf, "next": onward, "wait_min": -(-wait_s // 60), **more})
        response.status_code = status
        if wait_s:
            response.headers["Retry-After"] = str(wait_s)
        return response


def _without_half(response: AnyResponse) -> AnyResponse:
    response.delete_cookie(HALF, path=HALF_PATH)
    return response
