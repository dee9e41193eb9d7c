"""The route x role table and its enforcement."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from flask import Flask, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.auth.visitor import Principal, PrincipalKind, Visitors, csrf_fits
from display.pages.wall import closed
from liveroom.accounts.sessions import NOTED
from liveroom.city.city import City
from liveroom.log.engine import Unavailable
from liveroom.runtime.http_input import in_utf8, problem

# Who may use what: every route of the product and the kinds of visitors it is open to, in one table.
#
# What a person may order is said once more, and in full, by the domain's tables (specs.py, alarm_specs.py): here is the
# door, there the act. docs/permissions.md is made of this table.

EVERYBODY = frozenset(PrincipalKind)
DESKS = frozenset({PrincipalKind.DUTY, PrincipalKind.SUPERVISOR, PrincipalKind.ADMIN})
LEADERS = frozenset({PrincipalKind.SUPERVISOR, PrincipalKind.ADMIN})
AGENCIES = frozenset({PrincipalKind.AGENCY, PrincipalKind.AGENCY_HEAD})
STAFF = DESKS | AGENCIES
HEADS = LEADERS | {PrincipalKind.AGENCY_HEAD, PrincipalKind.LEADERSHIP}
PEOPLE = STAFF | {PrincipalKind.LEADERSHIP}
# Trusted loopback of a drill or test room, and of a real one started with LIVEROOM_TRUST_LOOPBACK=1 in which nobody can
# log in yet, acts for anybody.
HERE = frozenset({PrincipalKind.LOOPBACK})
LOOKERS = PEOPLE | HERE | {PrincipalKind.SCREEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """``page``: whoever is nobody is led to the log-in. ``stranger``: the status for another machine's credential.

    ``own``: the door looks at the credential itself, and why. ``tells``: a page's word about itself, no act of a
    person, so that it needs no CSRF value.
    """

    kinds: frozenset[PrincipalKind]
    page: bool = False
    stranger: int = 403
    own: str = ""
    tells: bool = False


# A source's key at the feed, or a screen's token at the intake, is simply not a credential there.
_FEED = Permission(kinds=LOOKERS, stranger=401)
_TELLS = Permission(kinds=LOOKERS, stranger=401, tells=True)
_INTAKE = Permission(kinds=frozenset({PrincipalKind.SOURCE}), stranger=401, own="looks up the source's key")
# No kind of visitor: whoever holds a signed link, and has the CSRF value of its page to act.
_LINK = Permission(
    kinds=frozenset(), stranger=401, own="reads the signed link of one complaint in the browser's cookie"
)
# For everybody, logged in or not: no cookie is looked at, so no CSRF value is asked for.
_CITIZEN = Permission(kinds=EVERYBODY, own="is everybody's; a signed ticket of the form, and limits, keep machines out")
_PRIVATE_LINK = Permission(kinds=EVERYBODY, own="looks up the private link's token in the address")
_HALF = Permission(kinds=EVERYBODY, own="looks up whose password was right in the browser's cookie, and a CSRF value")
# A page of one's own; its acts ask for the password again, and refuse a program's token.
_OWN = Permission(kinds=PEOPLE, page=True)
_ADMINS = Permission(kinds=frozenset({PrincipalKind.ADMIN}) | HERE)
_DESK_PAGE = Permission(kinds=DESKS | HERE, page=True)

PERMISSIONS: Mapping[str, Permission] = {
    "static": Permission(kinds=EVERYBODY),
    "health.healthz": Permission(kinds=EVERYBODY),
    "health.readyz": Permission(kinds=EVERYBODY),
    "health.metrics": Permission(kinds=EVERYBODY),
    "pages.index": Permission(kinds=EVERYBODY),
    "pages.wall": Permission(kinds=LOOKERS, own="shows whoever has no token how to get one"),
    "log_in.page": Permission(kinds=EVERYBODY),
    "log_in.enter": Permission(kinds=EVERYBODY, own="has a CSRF value of its own: nobody is logged in yet"),
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
    "session.tell": Permission(kinds=PEOPLE | HERE),
    "session.extend": Permission(kinds=PEOPLE),
    "feed.snapshot": _FEED,
    "feed.calendar": Permission(kinds=EVERYBODY),
    # What lies under the wall's map and the desk's.
    "map_file.piece": _FEED,
    "feed.stalled": _TELLS,
    # Whoever has the turn keeps the others from theirs.
    "feed.turn": Permission(kinds=HERE | {PrincipalKind.SCREEN}, stranger=401, tells=True),
    # Figures are about all agencies; the head of one gets leadership's, of their own.
    "figures.figures": Permission(kinds=LOOKERS - {PrincipalKind.AGENCY}, stranger=401),
    "figures.list": Permission(kinds=HEADS | HERE),
    "lead.lead": Permission(kinds=HEADS | HERE, page=True),
    "lead.whole": Permission(kinds=HEADS | HERE),
    "intake.complaints": _INTAKE,
    "commands.complaint": Permission(kinds=PEOPLE | HERE),
    "commands.complaints": Permission(kinds=PEOPLE | HERE),
    "commands.alarm": Permission(kinds=DESKS | HERE),
    "commands.alarms": Permission(kinds=DESKS | HERE),
    "commands.room": Permission(kinds=DESKS | HERE),
    "reading.list": Permission(kinds=PEOPLE | HERE),
    "reading.whole": Permission(kinds=PEOPLE | HERE),
    "suggestions.suggest": Permission(kinds=DESKS | HERE),
    "loads.agency": Permission(kinds=STAFF | HERE),
    "loads.drilldown": Permission(kinds=DESKS | {PrincipalKind.LEADERSHIP} | HERE),
    "names.call": Permission(kinds=DESKS | HERE),
    "handover.look": Permission(kinds=DESKS | HERE),
    "taking.take": Permission(kinds=DESKS | HERE),
    "alarm_desk.alarms": _DESK_PAGE,
    "alarm_desk.alarm_health": _DESK_PAGE,
    "duty_desk.desk": _DESK_PAGE,
    "agency_page.agency": Permission(kinds=AGENCIES | HERE, page=True),
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
    "screens.list": Permission(kinds=DESKS | HERE),
    "screens.picture": Permission(kinds=DESKS | HERE),
    "screens.pair": Permission(kinds=LEADERS | HERE),
    "screens.give": Permission(kinds=LEADERS | HERE),
    "users_page.people": Permission(kinds=frozenset({PrincipalKind.ADMIN}) | HERE, page=True),
    "users.list": _ADMINS,
    "users.add": _ADMINS,
    "users.give": _ADMINS,
    "outbox_page.outbox_desk": _DESK_PAGE,
    "outbox.list": Permission(kinds=DESKS | HERE),
    "outbox.release": Permission(kinds=LEADERS | HERE),
    "outbox.give": Permission(kinds=LEADERS | HERE),
    "uploads.expect": Permission(kinds=STAFF | HERE),
    "uploads.speak": Permission(kinds=EVERYBODY),
    "uploads.head": Permission(kinds=STAFF | HERE),
    "uploads.patch": Permission(kinds=STAFF | HERE),
    "uploads.delete": Permission(kinds=STAFF | HERE),
    "uploads.state": Permission(kinds=STAFF | HERE),
    # A screen gets what was released for showing, and nothing else.
    "uploads.media": Permission(kinds=LOOKERS),
    "lapor.page": Permission(kinds=EVERYBODY),
    "lapor.send": _CITIZEN,
    "lapor.ticket": Permission(kinds=EVERYBODY),
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


# The one place where a request is let in: by the table of permissions, and a log-in only from a page of ours.

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# What a page asks for by itself is no sign that somebody is there.
BY_ITSELF = ("/feed/", "/static/", "/api/v1/session")
CLOSED = Permission(kinds=frozenset())
# No form of ours is longer. Parsing one holds up everybody else, and anybody may send one to the log-in.
FORMS, LONGEST_FORM = ("application/x-www-form-urlencoded", "multipart/form-data"), 64 * 1024


def admit_by_table(app: Flask, city: City, visitors: Visitors) -> None:
    """Check every request; a route without a row in the table is closed to all."""

    @app.before_request
    def admit() -> AnyResponse | None:
        if request.endpoint is None:
            return None
        if request.mimetype in FORMS:
            request.max_content_length = request.max_form_memory_size = LONGEST_FORM
        if (no := _without_nul()) is not None:
            return no
        row = PERMISSIONS.get(request.endpoint, CLOSED)
        try:
            return _checked(row, city, visitors)
        except Unavailable:
            return closed(city, "away", 503) if row.page else _away()


def _without_nul() -> Response | None:
    """The refusal of an address with a NUL, which not every database takes even to look for it."""
    if "\x00" in request.path:
        return problem(404, "unknown", "there is nothing at an address with a NUL")
    asked = ((name, value) for name, value in request.args.items(multi=True) if name != "token")
    name = next((name for name, value in asked if "\x00" in name + value), None)
    return None if name is None else problem(422, "malformed", "must not contain NUL", name.replace("\x00", ""))


def _checked(row: Permission, city: City, visitors: Visitors) -> AnyResponse | None:
    acts = request.method not in SAFE
    if row.own or (row.kinds == EVERYBODY and not acts):
        return _odd_form() if row.kinds == EVERYBODY else None
    standing = visitors.standing(request, {})
    if not standing.among(row.kinds):
        return _turned_away(row, standing, city)
    if (odd := _odd_form()) is not None or standing.session is None:
        return odd
    if acts and not row.tells and not csrf_fits(request, standing.session):
        return problem(403, "csrf", "the request does not come from a page of this log-in", "X-CSRF-Token")
    # Whoever asks by hand is there: the idle end moves.
    if standing.idle_for > NOTED and not request.path.startswith(BY_ITSELF):
        visitors.sessions.seen(standing.session)
    return None


def _odd_form() -> Response | None:
    """The refusal of a form in another charset: it would be read as UTF-8 and kept as gibberish."""
    if request.mimetype not in FORMS or in_utf8(request):
        return None
    said = "the form must be UTF-8: a charset, where Content-Type names one, must be utf-8"
    return problem(415, "unsupported_media_type", said)


def _turned_away(row: Permission, standing: Principal, city: City) -> AnyResponse:
    if standing.kind is PrincipalKind.NOBODY:
        return _to_log_in() if row.page else problem(401, "unauthorized", "a log-in or a token is needed")
    if row.page:
        return closed(city, "desk", 403)
    if row.stranger == 401 and standing.who is None:
        return problem(401, "unauthorized", "this credential is for another door")
    return problem(403, "role", f"this is not for {standing.kind.value}")


def _to_log_in() -> AnyResponse:
    response = redirect(f"/login?next={quote(request.full_path.rstrip('?'), safe='/')}", 303)
    response.headers["Cache-Control"] = "no-store"
    return response


def _away() -> Response:
    return problem(503, "unavailable", "the database does not answer", retry_after=1)
