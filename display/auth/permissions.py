"""The route x role table and its enforcement."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from flask import Flask, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.auth.visitor import Kind, Standing, Visitors, csrf_fits
from display.pages.wall import closed
from liveroom.accounts.sessions import NOTED
from liveroom.city.city import City
from liveroom.log.engine import Unavailable
from liveroom.runtime.http_input import in_utf8, problem

# Who may use what: every route of the product and the kinds of visitors it is open to, in one table.
#
# What a person may order is said once more, and in full, by the domain's tables (specs.py, alarm_specs.py): here is the
# door, there the act. docs/permissions.md is made of this table.

EVERYBODY = frozenset(Kind)
DESKS = frozenset({Kind.DUTY, Kind.SUPERVISOR, Kind.ADMIN})
LEADERS = frozenset({Kind.SUPERVISOR, Kind.ADMIN})
AGENCIES = frozenset({Kind.AGENCY, Kind.AGENCY_HEAD})
STAFF = DESKS | AGENCIES
HEADS = LEADERS | {Kind.AGENCY_HEAD, Kind.LEADERSHIP}
PEOPLE = STAFF | {Kind.LEADERSHIP}
# Trusted loopback of a drill or test room, and of a real one started with LIVEROOM_TRUST_LOOPBACK=1 in which nobody can
# log in yet, acts for anybody.
HERE = frozenset({Kind.LOOPBACK})
LOOKERS = PEOPLE | HERE | {Kind.SCREEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``page``: whoever is nobody is led to the log-in. ``stranger``: the status for another machine's credential.

    ``own``: the door looks at the credential itself, and why. ``tells``: a page's word about itself, no act of a
    person, so that it needs no CSRF value.
    """

    kinds: frozenset[Kind]
    page: bool = False
    stranger: int = 403
    own: str = ""
    tells: bool = False


# A source's key at the feed, or a screen's token at the intake, is simply not a credential there.
_FEED = Row(kinds=LOOKERS, stranger=401)
_TELLS = Row(kinds=LOOKERS, stranger=401, tells=True)
_INTAKE = Row(kinds=frozenset({Kind.SOURCE}), stranger=401, own="looks up the source's key")
# No kind of visitor: whoever holds a signed link, and has the CSRF value of its page to act.
_LINK = Row(kinds=frozenset(), stranger=401, own="reads the signed link of one complaint in the browser's cookie")
# For everybody, logged in or not: no cookie is looked at, so no CSRF value is asked for.
_CITIZEN = Row(kinds=EVERYBODY, own="is everybody's; a signed ticket of the form, and limits, keep machines out")
_PRIVATE_LINK = Row(kinds=EVERYBODY, own="looks up the private link's token in the address")
_HALF = Row(kinds=EVERYBODY, own="looks up whose password was right in the browser's cookie, and a CSRF value")
# A page of one's own; its acts ask for the password again, and refuse a program's token.
_OWN = Row(kinds=PEOPLE, page=True)
_ADMINS = Row(kinds=frozenset({Kind.ADMIN}) | HERE)
_DESK_PAGE = Row(kinds=DESKS | HERE, page=True)

PERMISSIONS: Mapping[str, Row] = {
    "static": Row(kinds=EVERYBODY),
    "health.healthz": Row(kinds=EVERYBODY),
    "health.readyz": Row(kinds=EVERYBODY),
    "health.metrics": Row(kinds=EVERYBODY),
    "pages.index": Row(kinds=EVERYBODY),
    "pages.wall": Row(kinds=LOOKERS, own="shows whoever has no token how to get one"),
    "log_in.page": Row(kinds=EVERYBODY),
    "log_in.enter": Row(kinds=EVERYBODY, own="has a CSRF value of its own: nobody is logged in yet"),
    "openid.out": Row(kinds=EVERYBODY),
    "openid.back": Row(kinds=EVERYBODY, own="reads the state that only the browser that went out has"),
    "password.page": Row(kinds=EVERYBODY, own="looks up the one-time link in the browser's cookie"),
    "password.choose": Row(kinds=EVERYBODY, own="looks up the one-time link in the browser's cookie, and a CSRF value"),
    "setup.page": Row(kinds=EVERYBODY, own="looks up the set-up link in the browser's cookie"),
    "setup.make": Row(kinds=EVERYBODY, own="looks up the set-up link in the browser's cookie, and a CSRF value"),
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
    "session.leave": Row(kinds=EVERYBODY),
    "session.tell": Row(kinds=PEOPLE | HERE),
    "session.extend": Row(kinds=PEOPLE),
    "feed.snapshot": _FEED,
    "feed.calendar": Row(kinds=EVERYBODY),
    # What lies under the wall's map and the desk's.
    "map_file.piece": _FEED,
    "feed.stalled": _TELLS,
    # Whoever has the turn keeps the others from theirs.
    "feed.turn": Row(kinds=HERE | {Kind.SCREEN}, stranger=401, tells=True),
    # Figures are about all agencies; the head of one gets leadership's, of their own.
    "figures.figures": Row(kinds=LOOKERS - {Kind.AGENCY}, stranger=401),
    "figures.list": Row(kinds=HEADS | HERE),
    "lead.lead": Row(kinds=HEADS | HERE, page=True),
    "lead.whole": Row(kinds=HEADS | HERE),
    "intake.complaints": _INTAKE,
    "commands.complaint": Row(kinds=PEOPLE | HERE),
    "commands.complaints": Row(kinds=PEOPLE | HERE),
    "commands.alarm": Row(kinds=DESKS | HERE),
    "commands.alarms": Row(kinds=DESKS | HERE),
    "commands.room": Row(kinds=DESKS | HERE),
    "reading.list": Row(kinds=PEOPLE | HERE),
    "reading.whole": Row(kinds=PEOPLE | HERE),
    "suggestions.suggest": Row(kinds=DESKS | HERE),
    "loads.agency": Row(kinds=STAFF | HERE),
    "loads.drilldown": Row(kinds=DESKS | {Kind.LEADERSHIP} | HERE),
    "names.call": Row(kinds=DESKS | HERE),
    "handover.look": Row(kinds=DESKS | HERE),
    "taking.take": Row(kinds=DESKS | HERE),
    "alarm_desk.alarms": _DESK_PAGE,
    "alarm_desk.alarm_health": _DESK_PAGE,
    "duty_desk.desk": _DESK_PAGE,
    "agency_page.agency": Row(kinds=AGENCIES | HERE, page=True),
    "agency_link.open": _LINK,
    "agency_link.data": _LINK,
    "agency_link.act": _LINK,
    "agency_link.file": _LINK,
    "agency_link.speak": Row(kinds=EVERYBODY),
    "agency_link.file_head": _LINK,
    "agency_link.file_patch": _LINK,
    "agency_link.file_delete": _LINK,
    "agency_link.file_state": _LINK,
    "agency_link.picture": _LINK,
    "screens_page.screens": _DESK_PAGE,
    "screens.list": Row(kinds=DESKS | HERE),
    "screens.picture": Row(kinds=DESKS | HERE),
    "screens.pair": Row(kinds=LEADERS | HERE),
    "screens.give": Row(kinds=LEADERS | HERE),
    "users_page.people": Row(kinds=frozenset({Kind.ADMIN}) | HERE, page=True),
    "users.list": _ADMINS,
    "users.add": _ADMINS,
    "users.give": _ADMINS,
    "outbox_page.outbox_desk": _DESK_PAGE,
    "outbox.list": Row(kinds=DESKS | HERE),
    "outbox.release": Row(kinds=LEADERS | HERE),
    "outbox.give": Row(kinds=LEADERS | HERE),
    "uploads.expect": Row(kinds=STAFF | HERE),
    "uploads.speak": Row(kinds=EVERYBODY),
    "uploads.head": Row(kinds=STAFF | HERE),
    "uploads.patch": Row(kinds=STAFF | HERE),
    "uploads.delete": Row(kinds=STAFF | HERE),
    "uploads.state": Row(kinds=STAFF | HERE),
    # A screen gets what was released for showing, and nothing else.
    "uploads.media": Row(kinds=LOOKERS),
    "lapor.page": Row(kinds=EVERYBODY),
    "lapor.send": _CITIZEN,
    "lapor.ticket": Row(kinds=EVERYBODY),
    "lapor.outlines": Row(kinds=EVERYBODY),
    "lapor.map": Row(kinds=EVERYBODY),
    "lapor.squares": Row(kinds=EVERYBODY),
    "lapor.manifest": Row(kinds=EVERYBODY),
    "lapor.worker": Row(kinds=EVERYBODY),
    "lapor.follow": _PRIVATE_LINK,
    "lapor.act": _PRIVATE_LINK,
    "lapor.picture": _PRIVATE_LINK,
    "lapor.speak": Row(kinds=EVERYBODY),
    "lapor.file": _CITIZEN,
    "lapor.file_head": _CITIZEN,
    "lapor.file_patch": _CITIZEN,
    "lapor.file_delete": _CITIZEN,
    "lapor.file_state": _CITIZEN,
    "pairing.look": Row(kinds=EVERYBODY),
    "pairing.offer": Row(kinds=EVERYBODY, own="a new screen has no credential yet; how many may wait is limited"),
}


# The one place where a request is let in: by the table of permissions, and a log-in only from a page of ours.

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# What a page asks for by itself is no sign that somebody is there.
BY_ITSELF = ("/feed/", "/static/", "/api/v1/session")
CLOSED = Row(kinds=frozenset())
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


def _checked(row: Row, city: City, visitors: Visitors) -> AnyResponse | None:
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


def _turned_away(row: Row, standing: Standing, city: City) -> AnyResponse:
    if standing.kind is Kind.NOBODY:
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
