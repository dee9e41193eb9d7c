"""The permission table: every route and the kinds of visitors it is open to; and its enforcement on each request.

A route without a row is closed to all. The table only opens routes: which command a role may give, and in which state,
is decided by the tables of the domain (`SPECS` of each kind of subject).
docs/permissions.md is generated from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from flask import Flask, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.auth.visitor import Principal, PrincipalKind, Visitors, csrf_fits
from display.pages.page import closed_page
from liveroom.accounts.sessions import NOTED
from liveroom.city.city import City
from liveroom.log.engine import Unavailable
from liveroom.runtime.http_input import in_utf8, problem

EVERYBODY = frozenset(PrincipalKind)
DESKS = frozenset({PrincipalKind.DUTY, PrincipalKind.SUPERVISOR, PrincipalKind.ADMIN})
LEADERS = frozenset({PrincipalKind.SUPERVISOR, PrincipalKind.ADMIN})
AGENCIES = frozenset({PrincipalKind.AGENCY, PrincipalKind.AGENCY_HEAD})
STAFF = DESKS | AGENCIES
HEADS = LEADERS | {PrincipalKind.AGENCY_HEAD, PrincipalKind.LEADERSHIP}
PEOPLE = STAFF | {PrincipalKind.LEADERSHIP}
# Trusted loopback of a drill or test room, and of a real one started with LIVEROOM_TRUST_LOOPBACK=1 in which nobody can
# log in yet, acts for anybody.
THIS_MACHINE = frozenset({PrincipalKind.LOOPBACK})
VIEWERS = PEOPLE | THIS_MACHINE | {PrincipalKind.SCREEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Who may use one route.

    ``page``: a visitor without a credential is sent to the log-in instead of getting 401. ``stranger``: the status for
    a machine's credential of another kind. ``own``: the route checks the credential itself, and why. ``no_csrf``: a
    page reports about itself, no act of a person, so that it needs no CSRF value.
    """

    kinds: frozenset[PrincipalKind]
    page: bool = False
    stranger: int = 403
    own: str = ""
    no_csrf: bool = False


# A source's key at the feed, or a screen's token at the intake, is no credential there: 401.
_FEED = Permission(kinds=VIEWERS, stranger=401)
# The feed itself is all that another room has a key for.
_FOLLOWED = Permission(kinds=VIEWERS | {PrincipalKind.ROOM}, stranger=401)
_PAGE_REPORT = Permission(kinds=VIEWERS, stranger=401, no_csrf=True)
_INTAKE = Permission(kinds=frozenset({PrincipalKind.SOURCE}), stranger=401, own="looks up the source's key")
# No kind of visitor: the holder of a signed link; to act, with the CSRF value of the link's page.
_LINK = Permission(
    kinds=frozenset(), stranger=401, own="reads the signed link of one complaint in the browser's cookie"
)
# Open to everybody, logged in or not: no cookie is read, so no CSRF value is asked for.
_CITIZEN = Permission(kinds=EVERYBODY, own="is everybody's; a signed ticket of the form, and limits, keep machines out")
_PRIVATE_LINK = Permission(kinds=EVERYBODY, own="looks up the private link's token in the address")
_HALF = Permission(kinds=EVERYBODY, own="looks up whose password was right in the browser's cookie, and a CSRF value")
# The account page; its acts ask for the password again and refuse a program's token.
_OWN = Permission(kinds=PEOPLE, page=True)
_ADMINS = Permission(kinds=frozenset({PrincipalKind.ADMIN}) | THIS_MACHINE)
_LEADERS = Permission(kinds=LEADERS | THIS_MACHINE)
_DESK_PAGE = Permission(kinds=DESKS | THIS_MACHINE, page=True)

PERMISSIONS: Mapping[str, Permission] = {
    "static": Permission(kinds=EVERYBODY),
    "bundles.file": Permission(kinds=EVERYBODY),
    "health.healthz": Permission(kinds=EVERYBODY),
    "health.readyz": Permission(kinds=EVERYBODY),
    "health.metrics": Permission(kinds=EVERYBODY),
    "pages.index": Permission(kinds=EVERYBODY),
    "pages.province": Permission(kinds=VIEWERS, own="shows whoever has no token how to get one"),
    "pages.wall": Permission(kinds=VIEWERS, own="shows whoever has no token how to get one"),
    # What this room can be asked is no secret: nothing in it is of this room but its name.
    "interface.page": Permission(kinds=EVERYBODY),
    "interface.openapi": Permission(kinds=EVERYBODY),
    "interface.asyncapi": Permission(kinds=EVERYBODY),
    "log_in.page": Permission(kinds=EVERYBODY),
    "log_in.enter": Permission(kinds=EVERYBODY, own="has a CSRF value of its own: nobody is logged in yet"),
    "practice.enter": Permission(
        kinds=EVERYBODY, own="refuses all but a drill's own machine, and asks for a CSRF value of its own"
    ),
    "openid.out": Permission(kinds=EVERYBODY),
    "openid.back": Permission(kinds=EVERYBODY, own="reads the state that only the browser that went out has"),
    "password.page": Permission(kinds=EVERYBODY, own="looks up the one-time link in the browser's cookie"),
    "password.choose": Permission(
        kinds=EVERYBODY, own="looks up the one-time link in the browser's cookie, and a CSRF value"
    ),
    "setup.page": Permission(kinds=EVERYBODY, own="looks up the set-up link in the browser's cookie"),
    "setup.make": Permission(kinds=EVERYBODY, own="looks up the set-up link in the browser's cookie, and a CSRF value"),
    "second_step.page": _HALF,
    "second_step.enter": _HALF,
    "second_step.offer": _HALF,
    "second_step.enrol": _HALF,
    "account.page": _OWN,
    "account.factor_form": _OWN,
    "account.factor": _OWN,
    "account.recovery_form": _OWN,
    "account.recovery": _OWN,
    "account.remove_form": _OWN,
    "account.remove": _OWN,
    "account.password_form": _OWN,
    "account.password": _OWN,
    "session.leave": Permission(kinds=EVERYBODY),
    "session.tell": Permission(kinds=PEOPLE | THIS_MACHINE),
    "session.extend": Permission(kinds=PEOPLE),
    "feed.snapshot": _FOLLOWED,
    "feed.resume": _FOLLOWED,
    "feed.calendar": Permission(kinds=EVERYBODY),
    # Whoever may see the present of a page may see its past; another room's key opens the present alone.
    "past.day": _FEED,
    "past.batches": _FEED,
    # The archive under the maps of the wall and the desk.
    "map_file.piece": _FEED,
    # Where districts and areas end is nobody's secret, and the holder of a link has no other credential.
    "map_file.outlines_file": Permission(kinds=EVERYBODY),
    "feed.stalled": _PAGE_REPORT,
    # Only screens: a page that holds the turn keeps the others from loading.
    "feed.turn": Permission(kinds=THIS_MACHINE | {PrincipalKind.SCREEN}, stranger=401, no_csrf=True),
    # Figures cover all agencies; the head of one gets those of leadership, about their own.
    "figures.figures": Permission(kinds=VIEWERS - {PrincipalKind.AGENCY}, stranger=401),
    "figures.list": Permission(kinds=HEADS | THIS_MACHINE),
    "lead.lead": Permission(kinds=HEADS | THIS_MACHINE, page=True),
    "lead.whole": Permission(kinds=HEADS | THIS_MACHINE),
    "intake.complaints": _INTAKE,
    # A format and codes of its own: every refusal is one of the specification (docs/open311.md).
    "open311.read": Permission(
        kinds=EVERYBODY,
        own="is everybody's where the settings say so, else looks up the source's key; reads no cookie",
    ),
    "open311.write": Permission(kinds=frozenset({PrincipalKind.SOURCE}), own="looks up the source's key"),
    "open311.refuse": Permission(kinds=EVERYBODY, own="answers 405"),
    "hooks.take": Permission(
        kinds=frozenset({PrincipalKind.SOURCE}), stranger=401, own="checks the signature or shared secret of the hook"
    ),
    "hooks.greet": Permission(kinds=EVERYBODY, own="answers whoever shows the handshake's token of the hook"),
    "commands.complaint": Permission(kinds=PEOPLE | THIS_MACHINE),
    "commands.complaints": Permission(kinds=PEOPLE | THIS_MACHINE),
    "commands.alarm": Permission(kinds=DESKS | THIS_MACHINE),
    "commands.alarms": Permission(kinds=DESKS | THIS_MACHINE),
    "commands.room": Permission(kinds=DESKS | THIS_MACHINE),
    "commands.screen": Permission(kinds=LEADERS | THIS_MACHINE),
    "commands.outbox": Permission(kinds=LEADERS | THIS_MACHINE),
    "commands.user": _ADMINS,
    "reading.list": Permission(kinds=PEOPLE | THIS_MACHINE),
    "reading.whole": Permission(kinds=PEOPLE | THIS_MACHINE),
    "suggestions.suggest": Permission(kinds=DESKS | THIS_MACHINE),
    "loads.agency": Permission(kinds=STAFF | THIS_MACHINE),
    "loads.drilldown": Permission(kinds=DESKS | {PrincipalKind.LEADERSHIP} | THIS_MACHINE),
    "names.call": Permission(kinds=DESKS | THIS_MACHINE),
    "handover.look": Permission(kinds=DESKS | THIS_MACHINE),
    "taking.take": Permission(kinds=DESKS | THIS_MACHINE),
    "alarm_desk.alarms": _DESK_PAGE,
    "alarm_desk.alarm_health": _DESK_PAGE,
    "duty_desk.desk": _DESK_PAGE,
    "agency_page.agency": Permission(kinds=AGENCIES | THIS_MACHINE, page=True),
    "agency_link.open": _LINK,
    "agency_link.data": _LINK,
    "agency_link.act": _LINK,
    "agency_link.file": _LINK,
    "agency_link.speak": Permission(kinds=EVERYBODY),
    "agency_link.file_head": _LINK,
    "agency_link.file_patch": _LINK,
    "agency_link.file_delete": _LINK,
    "agency_link.file_state": _LINK,
    "agency_link.picture": _LINK,
    "screens_page.screens": _DESK_PAGE,
    "screens.list": Permission(kinds=DESKS | THIS_MACHINE),
    "screens.picture": Permission(kinds=DESKS | THIS_MACHINE),
    "sources_page.sources": Permission(kinds=LEADERS | THIS_MACHINE, page=True),
    "import_page.imports": Permission(kinds=LEADERS | THIS_MACHINE, page=True),
    "imports.list": _LEADERS,
    "imports.receive": _LEADERS,
    "imports.show": _LEADERS,
    "imports.rejects": _LEADERS,
    "imports.order": _LEADERS,
    "sources.list": _LEADERS,
    "sources.order": _LEADERS,
    "sources.entries": _LEADERS,
    "sources.entry": _LEADERS,
    "sources.decide": _LEADERS,
    "users_page.people": Permission(kinds=frozenset({PrincipalKind.ADMIN}) | THIS_MACHINE, page=True),
    "users.list": _ADMINS,
    "outbox_page.outbox_desk": _DESK_PAGE,
    "outbox.list": Permission(kinds=DESKS | THIS_MACHINE),
    "uploads.expect": Permission(kinds=STAFF | THIS_MACHINE),
    "uploads.speak": Permission(kinds=EVERYBODY),
    "uploads.head": Permission(kinds=STAFF | THIS_MACHINE),
    "uploads.patch": Permission(kinds=STAFF | THIS_MACHINE),
    "uploads.delete": Permission(kinds=STAFF | THIS_MACHINE),
    "uploads.state": Permission(kinds=STAFF | THIS_MACHINE),
    # A screen gets what was released for showing, and nothing else.
    "uploads.media": Permission(kinds=VIEWERS),
    "lapor.page": Permission(kinds=EVERYBODY),
    "lapor.send": _CITIZEN,
    "lapor.ticket": Permission(kinds=EVERYBODY),
    "lapor.area": Permission(kinds=EVERYBODY, own="is everybody's: reads no cookie, keeps nothing, and is limited"),
    "lapor.outlines": Permission(kinds=EVERYBODY),
    "lapor.map": Permission(kinds=EVERYBODY),
    "lapor.squares": Permission(kinds=EVERYBODY),
    "lapor.manifest": Permission(kinds=EVERYBODY),
    "lapor.worker": Permission(kinds=EVERYBODY),
    "lapor.follow": _PRIVATE_LINK,
    "lapor.act": _PRIVATE_LINK,
    "lapor.picture": _PRIVATE_LINK,
    "lapor.speak": Permission(kinds=EVERYBODY),
    "lapor.file": _CITIZEN,
    "lapor.file_head": _CITIZEN,
    "lapor.file_patch": _CITIZEN,
    "lapor.file_delete": _CITIZEN,
    "lapor.file_state": _CITIZEN,
    "pairing.look": Permission(kinds=EVERYBODY),
    "pairing.offer": Permission(
        kinds=EVERYBODY, own="a new screen has no credential yet; how many may wait is limited"
    ),
}


# ---- enforcement ----

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Requests that a page makes by itself, which do not show that somebody is there: they do not end the idle time.
_BY_ITSELF = ("/feed/", "/static/", "/api/v1/session")
_CLOSED = Permission(kinds=frozenset())
# Above our longest form. Parsing one blocks all other requests, and anybody may send one to the log-in.
_FORM_TYPES, _LONGEST_FORM = ("application/x-www-form-urlencoded", "multipart/form-data"), 64 * 1024


def enforce_permissions(app: Flask, city: City, visitors: Visitors) -> None:
    """Check every request against the table, and a change by cookie also for its CSRF value."""

    @app.before_request
    def admit() -> AnyResponse | None:
        if request.endpoint is None:
            return None
        if request.mimetype in _FORM_TYPES:
            request.max_content_length = request.max_form_memory_size = _LONGEST_FORM
        if (refusal := _nul_refusal()) is not None:
            return refusal
        row = PERMISSIONS.get(request.endpoint, _CLOSED)
        try:
            return _check(row, city, visitors)
        except Unavailable:
            return closed_page(city, "away", 503) if row.page else _unavailable()


def _nul_refusal() -> Response | None:
    """The refusal of an address with a NUL, which not every database takes even to look for it."""
    if "\x00" in request.path:
        return problem(404, "unknown", "there is nothing at an address with a NUL")
    if not request.query_string:
        return None
    asked = ((name, value) for name, value in request.args.items(multi=True) if name != "token")
    name = next((name for name, value in asked if "\x00" in name + value), None)
    return None if name is None else problem(422, "malformed", "must not contain NUL", name.replace("\x00", ""))


def _check(row: Permission, city: City, visitors: Visitors) -> AnyResponse | None:
    acts = request.method not in _SAFE_METHODS
    if row.own or (row.kinds == EVERYBODY and not acts):
        return _charset_refusal() if row.kinds == EVERYBODY else None
    principal = visitors.principal(request, {})
    if not principal.among(row.kinds):
        return _refusal(row, principal, city)
    if (refusal := _charset_refusal()) is not None or principal.session is None:
        return refusal
    if acts and not row.no_csrf and not csrf_fits(request, principal.session):
        return problem(403, "csrf", "the request does not come from a page of this log-in", "X-CSRF-Token")
    # A request made by hand shows that somebody is there, so the idle time begins anew.
    if principal.idle_for > NOTED and not request.path.startswith(_BY_ITSELF):
        visitors.sessions.seen(principal.session)
    return None


def _charset_refusal() -> Response | None:
    """The refusal of a form in another charset: it would be read as UTF-8 and kept as gibberish."""
    if request.mimetype not in _FORM_TYPES or in_utf8(request):
        return None
    said = "the form must be UTF-8: a charset, where Content-Type names one, must be utf-8"
    return problem(415, "unsupported_media_type", said)


def _refusal(row: Permission, principal: Principal, city: City) -> AnyResponse:
    if principal.kind is PrincipalKind.NOBODY:
        return _to_log_in() if row.page else problem(401, "unauthorized", "a log-in or a token is needed")
    if row.page:
        return closed_page(city, "desk", 403)
    if row.stranger == 401 and principal.who is None:
        return problem(401, "unauthorized", "this credential is for another door")
    return problem(403, "role", f"this is not for {principal.kind.value}")


def _to_log_in() -> AnyResponse:
    response = redirect(f"/login?next={quote(request.full_path.rstrip('?'), safe='/')}", 303)
    response.headers["Cache-Control"] = "no-store"
    return response


def _unavailable() -> Response:
    return problem(503, "unavailable", "the database does not answer", retry_after=1)
