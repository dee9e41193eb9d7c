"""A person's own account: their second factor, recovery codes and password. Each change needs the password again.

The table of permissions has checked the log-in and its CSRF value; a program's token changes nothing here.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from display.auth.login import PATIENCE_S, OneAtATime, TooManyLogins
from display.auth.second_factor import Enrolment
from display.auth.throttle import Attempts
from display.auth.visitor import Visitors, csrf_of, led, let_in
from display.pages.wall import closed, language_of, page
from liveroom.accounts.credentials import SHORTEST, WeakPassword, hash_password, refuse_weak, verify_password
from liveroom.accounts.second_factor import LONGEST_CODE, Factor, factor_of, new_recovery_codes
from liveroom.accounts.users import Person
from liveroom.domain.requests import Role
from liveroom.log.engine import Unavailable
from liveroom.room.commands.users import remove_factor, renew_recovery, set_password, use_code
from liveroom.room.transaction import UnitOfWork
from liveroom.runtime.http_input import problem

T = TypeVar("T")

PATH = "/account"
# What the form of each act asks for besides what it sets.
ASKS: Mapping[str, tuple[str, ...]] = {
    "factor": ("password",),
    "recovery": ("password", "code"),
    "remove": ("password", "code"),
}


def account_blueprint(visitors: Visitors, attempts: Attempts, aside: OneAtATime, enrolment: Enrolment) -> Blueprint:
    """``/account`` and its acts."""
    blueprint, doors = (
        Blueprint("account", __name__, url_prefix=PATH),
        _AccountPages(visitors, attempts, aside, enrolment),
    )
    blueprint.register_error_handler(Unavailable, lambda _error: closed(visitors.room.city, "away", 503))
    blueprint.add_url_rule("", "page", doors.page)
    acts: Mapping[str, Callable[[Person], AnyResponse]] = {
        "factor": doors.set_factor,
        "recovery": doors.renew,
        "remove": doors.remove,
        "password": doors.set_password,
    }
    for act, do in acts.items():
        blueprint.add_url_rule(f"/{act}", f"{act}_form", lambda act=act: doors.form(act))
        blueprint.add_url_rule(f"/{act}", act, lambda do=do: doors.act(do), methods=["POST"])
    return blueprint


class _AccountPages:
    def __init__(self, visitors: Visitors, attempts: Attempts, aside: OneAtATime, enrolment: Enrolment) -> None:
        self._visitors = visitors
        self._attempts = attempts
        self._aside = aside
        self._enrolment = enrolment
        self._room = visitors.room

    def page(self) -> AnyResponse:
        """How the account stands and what can be done about it."""
        who = self._who()
        context = {"who": who, "factor": self._factor(who), "said": request.args.get("said", "")}
        return page("account.html", {**self._page(who), **context})

    def form(self, act: str) -> AnyResponse:
        """The form of one act; back to the account where there is nothing to do it to."""
        who = self._who()
        has_one, told = self._factor(who) is not None, self._page(who)
        none = not told["by_password"] or (act in ("recovery", "remove") and not has_one)
        if none or (act == "remove" and told["needed"]):
            return led(f"{PATH}?lang={told['lang']}")
        return self._form(act, who, 200)

    def act(self, do: Callable[[Person], AnyResponse]) -> AnyResponse:
        """Do it for whoever is logged in by a browser."""
        standing = self._visitors.standing(request, {})
        if standing.session is None or standing.who is None:
            return problem(422, "no_session", "a program's token changes nothing of its owner's account")
        return do(standing.who)

    def set_factor(self, who: Person) -> AnyResponse:
        """Keep the key that its first code confirms, instead of one that a code of its own gives up."""
        begun = self._enrolment.begun(who)
        if begun is None:
            return self._form("factor", who, 403, "stale")
        if (no := self._unproved("factor", who, begun.secret)) is not None:
            return no
        codes = None
        if begun.step is not None:
            codes = self._enrolment.set(who, begun.secret, begun.step, self._code("current"))
        if codes is None:
            return self._form("factor", who, 401, "wrong", begun.secret)
        return self._again(who, page("recovery_codes.html", {**self._page(who), "codes": codes, "onward": PATH}))

    def renew(self, who: Person) -> AnyResponse:
        """Ten new recovery codes."""
        codes = new_recovery_codes()
        no = self._done("recovery", who, lambda work: renew_recovery(work, who.actor, codes))
        return no or page("recovery_codes.html", {**self._page(who), "codes": codes, "onward": PATH})

    def remove(self, who: Person) -> AnyResponse:
        """No second factor any more; refused to a role that needs one."""
        if who.role in self._needing:
            return self._form("remove", who, 403, "needed")
        no = self._done("remove", who, lambda work: remove_factor(work, who.actor, who.actor))
        return no or self._again(who, led(f"{PATH}?said=removed&lang={language_of(self._room.city)}"))

    def set_password(self, who: Person) -> AnyResponse:
        """Another password; every other log-in, and the tokens of programs, end."""
        if (no := self._unproved("password", who)) is not None:
            return no
        chosen = request.form.get("chosen", "")
        try:
            kept = self._run(who, lambda: _checked(chosen, who, self._room.city.names))
        except WeakPassword as weak:
            return self._form("password", who, 422, weak.message(language_of(self._room.city)))
        except TooManyLogins:
            return self._form("password", who, 503, "crowded", wait_s=PATIENCE_S)
        if chosen != request.form.get("again", ""):
            return self._form("password", who, 422, "again")
        self._room.unit(lambda work: set_password(work, who.actor, kept, who.actor))
        return self._again(who, led(f"{PATH}?said=password&lang={language_of(self._room.city)}"))

    def _done(self, act: str, who: Person, change: Callable[[UnitOfWork], object]) -> Response | None:
        """Do what password and code allow; the page that says no, None when it is done."""
        if (no := self._unproved(act, who)) is not None:
            return no
        code = self._code("code")

        def work(work: UnitOfWork) -> bool:
            allowed = use_code(work, who.actor, code, self._enrolment.seal)
            if allowed:
                change(work)
            return allowed

        return None if self._room.unit(work) else self._form(act, who, 401, "wrong")

    def _unproved(self, act: str, who: Person, secret: str | None = None) -> Response | None:
        """The page that says no to whoever does not know the password; tries are counted."""
        if wait := self._attempts.own_wait_s(who.actor):
            return self._form(act, who, 429, "wait", secret, wait)
        user = self._visitors.users.by_name(who.actor)
        kept, said = user.password_hash if user is not None else None, request.form.get("password", "")
        try:
            known = self._run(who, lambda: verify_password(said, kept))
        except TooManyLogins:
            return self._form(act, who, 503, "crowded", secret, PATIENCE_S)
        return None if known else self._form(act, who, 401, "wrong", secret)

    def _run(self, who: Person, work: Callable[[], T]) -> T:
        return self._aside.run(work, f"account {who.actor}", known=True)

    def _again(self, who: Person, response: AnyResponse) -> AnyResponse:
        """The response with a new log-in for this browser: the others have ended."""
        self._attempts.own_fitted(who.actor)
        return let_in(self._visitors, who.actor, PATH, response)

    def _who(self) -> Person:
        who = self._visitors.who(request)
        if who is None:
            raise RuntimeError("the table of permissions lets nobody but people to their account")
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
        user, standing = self._visitors.users.by_name(who.actor), self._visitors.standing(request, {})
        return {
            "city": self._room.city,
            "drill": self._room.kind == "drill",
            "lang": language_of(self._room.city),
            "csrf": csrf_of(standing.session) if standing.session is not None else "",
            "by_password": user is not None and user.password_hash is not None,
            "needed": who.role in self._needing,
        }

    def _form(
        self, act: str, who: Person, status: int, why: str = "", secret: str | None = None, wait_s: int = 0
    ) -> Response:
        has_one = self._factor(who) is not None
        asks = (*ASKS.get(act, ()), "current") if act == "factor" and has_one else ASKS.get(act, ())
        context = {"who": who, "why": why, "wait_min": -(-wait_s // 60), "act": act, "asks": asks, "shortest": SHORTEST}
        context |= {"action": f"{PATH}/{act}", "next": PATH, "has_one": has_one}
        if act == "factor":
            context |= self._enrolment.shown(who, secret, language_of(self._room.city))
        response = page("factor.html" if act == "factor" else "account_act.html", {**self._page(who), **context})
        response.status_code = status
        if wait_s:
            response.headers["Retry-After"] = str(wait_s)
        return response


def _checked(password: str, who: Person, places: tuple[str, ...]) -> str:
    """The hash of a password that is not refused. Raises WeakPassword."""
    refuse_weak(password, who.actor, who.name, places=places)
    return hash_password(password)
