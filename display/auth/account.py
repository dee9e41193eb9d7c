"""The account page: a person's own second factor, recovery codes and password. Each change asks for the password again.

The permission table has checked the log-in and its CSRF value; a program's token changes nothing here.
"""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from display.auth.login import PATIENCE_S, LoginGate, PasswordRefused, TooManyLogins, new_password_hash
from display.auth.second_factor import Enrolment
from display.auth.visitor import begin_session, csrf_of, see_other
from display.pages.page import closed_page, language_of, page
from liveroom.accounts.credentials import SHORTEST, verify_password
from liveroom.accounts.second_factor import LONGEST_CODE, Factor, factor_of, new_recovery_codes
from liveroom.accounts.users import Person
from liveroom.domain.requests import Role
from liveroom.log.engine import Unavailable
from liveroom.room.commands.users import remove_factor, renew_recovery, set_password, use_code
from liveroom.room.transaction import UnitOfWork
from liveroom.runtime.http_input import problem

PATH = "/account"
# The credentials that the form of each change asks for.
_ASKS: Mapping[str, tuple[str, ...]] = {
    "factor": ("password",),
    "recovery": ("password", "code"),
    "remove": ("password", "code"),
}


def account_blueprint(gate: LoginGate, enrolment: Enrolment) -> Blueprint:
    """``/account`` and its forms."""
    blueprint, pages = Blueprint("account", __name__, url_prefix=PATH), _AccountPages(gate, enrolment)
    blueprint.register_error_handler(Unavailable, lambda _error: closed_page(gate.city, "away", 503))
    blueprint.add_url_rule("", "page", pages.page)
    acts: Mapping[str, Callable[[Person], AnyResponse]] = {
        "factor": pages.set_factor,
        "recovery": pages.renew,
        "remove": pages.remove,
        "password": pages.set_password,
    }
    for act, do in acts.items():
        blueprint.add_url_rule(f"/{act}", f"{act}_form", lambda act=act: pages.form(act))
        blueprint.add_url_rule(f"/{act}", act, lambda do=do: pages.act(do), methods=["POST"])
    return blueprint


class _AccountPages:
    def __init__(self, gate: LoginGate, enrolment: Enrolment) -> None:
        self._gate = gate
        self._visitors = gate.visitors
        self._attempts = gate.attempts
        self._enrolment = enrolment
        self._room = gate.visitors.room

    def page(self) -> AnyResponse:
        """The state of the account and the links to its forms."""
        who = self._who()
        context = {"who": who, "factor": self._factor(who), "said": request.args.get("said", "")}
        return page("account.html", {**self._page(who), **context})

    def form(self, act: str) -> AnyResponse:
        """The form of one change; back to the account where it does not apply."""
        who = self._who()
        has_one, context = self._factor(who) is not None, self._page(who)
        applies = context["by_password"] and (act not in ("recovery", "remove") or has_one)
        if not applies or (act == "remove" and context["needed"]):
            return see_other(f"{PATH}?lang={context['lang']}")
        return self._form(act, who, 200)

    def act(self, do: Callable[[Person], AnyResponse]) -> AnyResponse:
        """Make the change for whoever is logged in by a browser."""
        principal = self._visitors.principal(request, {})
        if principal.session is None or principal.who is None:
            return problem(422, "no_session", "a program's token changes nothing of its owner's account")
        return do(principal.who)

    def set_factor(self, who: Person) -> AnyResponse:
        """Store the key that its first code confirms; an earlier one is replaced only with a code of its own."""
        begun = self._enrolment.begun(who)
        if begun is None:
            return self._form("factor", who, 403, "stale")
        if (refusal := self._password_refusal("factor", who, begun.secret)) is not None:
            return refusal
        codes = None
        if begun.step is not None:
            codes = self._enrolment.set(who, begun.secret, begun.step, self._code("current"))
        if codes is None:
            return self._form("factor", who, 401, "wrong", begun.secret)
        return self._new_session(who, page("recovery_codes.html", {**self._page(who), "codes": codes, "onward": PATH}))

    def renew(self, who: Person) -> AnyResponse:
        """Ten new recovery codes."""
        codes = new_recovery_codes()
        refusal = self._change("recovery", who, lambda work: renew_recovery(work, who.actor, codes))
        return refusal or page("recovery_codes.html", {**self._page(who), "codes": codes, "onward": PATH})

    def remove(self, who: Person) -> AnyResponse:
        """Take the second factor away; refused to a role that needs one."""
        if who.role in self._needing:
            return self._form("remove", who, 403, "needed")
        refusal = self._change("remove", who, lambda work: remove_factor(work, who.actor, who.actor))
        return refusal or self._new_session(who, see_other(f"{PATH}?said=removed&lang={language_of(self._room.city)}"))

    def set_password(self, who: Person) -> AnyResponse:
        """Set another password; every other log-in, and the tokens of programs, end."""
        if (refusal := self._password_refusal("password", who)) is not None:
            return refusal
        try:
            kept = new_password_hash(self._gate, who, request.form.get("chosen", ""), _queue_key(who), known=True)
        except PasswordRefused as fault:
            wait_s = PATIENCE_S if fault.status == 503 else 0
            return self._form("password", who, fault.status, fault.rule or fault.why, wait_s=wait_s)
        self._room.unit(lambda work: set_password(work, who.actor, kept, who.actor))
        return self._new_session(who, see_other(f"{PATH}?said=password&lang={language_of(self._room.city)}"))

    def _change(self, act: str, who: Person, change: Callable[[UnitOfWork], object]) -> Response | None:
        """Make the change if password and code are right; else the form again with what is wrong."""
        if (refusal := self._password_refusal(act, who)) is not None:
            return refusal
        code = self._code("code")

        def work(work: UnitOfWork) -> bool:
            allowed = use_code(work, who.actor, code, self._enrolment.seal)
            if allowed:
                change(work)
            return allowed

        return None if self._room.unit(work) else self._form(act, who, 401, "wrong")

    def _password_refusal(self, act: str, who: Person, secret: str | None = None) -> Response | None:
        """The form again for whoever does not know the password, None for who does; tries are counted."""
        if wait := self._attempts.own_wait_s(who.actor):
            return self._form(act, who, 429, "wait", secret, wait)
        user = self._visitors.users.by_name(who.actor)
        kept, password = user.password_hash if user is not None else None, request.form.get("password", "")
        try:
            right = self._gate.queue.run(lambda: verify_password(password, kept), _queue_key(who), known=True)
        except TooManyLogins:
            return self._form(act, who, 503, "crowded", secret, PATIENCE_S)
        return None if right else self._form(act, who, 401, "wrong", secret)

    def _new_session(self, who: Person, response: AnyResponse) -> AnyResponse:
        """The response with a new session for this browser: all others have ended."""
        self._attempts.own_succeeded(who.actor)
        return begin_session(self._visitors, who.actor, PATH, response)

    def _who(self) -> Person:
        who = self._visitors.who(request)
        if who is None:
            raise RuntimeError("the permission table lets nobody but people to their account")
        return who

    @property
    def _needing(self) -> frozenset[Role]:
        return self._visitors.sessions.limits.second_factor

    def _factor(self, who: Person) -> Factor | None:
        return self._room.log.read(lambda c: factor_of(c, who.actor))

    @staticmethod
    def _code(name: str) -> str:
        return request.form.get(name, "")[:LONGEST_CODE]

    def _page(self, who: Person) -> dict[str, object]:
        user, principal = self._visitors.users.by_name(who.actor), self._visitors.principal(request, {})
        return {
            **self._gate.page_context(),
            "csrf": csrf_of(principal.session) if principal.session is not None else "",
            "by_password": user is not None and user.password_hash is not None,
            "needed": who.role in self._needing,
        }

    def _form(
        self, act: str, who: Person, status: int, why: str = "", secret: str | None = None, wait_s: int = 0
    ) -> Response:
        has_one = self._factor(who) is not None
        asks = (*_ASKS.get(act, ()), "current") if act == "factor" and has_one else _ASKS.get(act, ())
        context = {"who": who, "why": why, "wait_min": -(-wait_s // 60), "act": act, "asks": asks, "shortest": SHORTEST}
        context |= {"action": f"{PATH}/{act}", "next": PATH, "has_one": has_one}
        if act == "factor":
            context |= self._enrolment.shown(who, secret, language_of(self._room.city))
        response = page("factor.html" if act == "factor" else "account_act.html", {**self._page(who), **context})
        response.status_code = status
        if wait_s:
            response.headers["Retry-After"] = str(wait_s)
        return response


def _queue_key(who: Person) -> str:
    return f"account {who.actor}"
