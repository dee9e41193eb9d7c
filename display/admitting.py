"""The one place where a request is let in: by the table of permissions, and a log-in only from a page of ours."""

from urllib.parse import quote

from flask import Flask, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.pages import closed
from display.permissions import EVERYBODY, PERMISSIONS, Row
from display.session_cookie import csrf_fits
from display.standing import Kind, Standing
from display.trust import Visitors
from liveroom.accounts.sessions import NOTED
from liveroom.city.city import City
from liveroom.log.engine import Unavailable
from liveroom.runtime.http_input import in_utf8, problem

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
