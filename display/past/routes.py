"""The routes of past moments: `GET /feed/past/day`, `GET /feed/past/batches`; and what `/feed/snapshot?at=` answers.

Times are RFC 3339; nothing of the past is kept by a browser or a proxy, for what is erased later must not stay there.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import msgspec
from flask import Blueprint, Response, request

from display.feed.snapshot import Snapshot, Snapshots
from display.past.day_overview import DayOverview
from display.past.moments import PastClosed, WrongPosition
from display.past.past_snapshot import PastSnapshots
from display.past.playback import STEPS_S, Playback
from liveroom.domain.timestamps import read
from liveroom.log.engine import Unavailable
from liveroom.projection.checkpoints import NotReady
from liveroom.runtime.http_input import problem

_NUMBER, _DATE = re.compile(r"[0-9]{1,16}"), re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# While checkpoints are being made.
READY_IN_S = 60


def past_blueprint(
    playback: Playback, overview: DayOverview, audience_of_request: Callable[[], str | None]
) -> Blueprint:
    """The blueprint. ``audience_of_request``: None without a credential."""
    past = Blueprint("past", __name__, url_prefix="/feed/past")
    past.add_url_rule("/day", "day", lambda: _day(overview, audience_of_request()))
    past.add_url_rule("/batches", "batches", lambda: _batches(playback, audience_of_request()))
    # Of the whole application: the snapshot's own address raises them too.
    past.app_errorhandler(WrongPosition)(lambda error: problem(422, "field", str(error), error.field))
    past.app_errorhandler(PastClosed)(lambda error: problem(403, error.code, str(error)))
    past.app_errorhandler(NotReady)(
        lambda _error: problem(503, "not_ready", "the past is being prepared; ask later", retry_after=READY_IN_S)
    )
    past.register_error_handler(
        Unavailable, lambda _error: problem(503, "unavailable", "the database does not answer", retry_after=1)
    )
    return past


def snapshot_of_request(live: Snapshots, past: PastSnapshots, audience: str, form: str) -> Snapshot:
    """The snapshot that a request is for: of now, or of what `?at=` or `?seq=` says. Raises as `PastSnapshots.of`."""
    args = request.args
    if "at" not in args and "seq" not in args:
        return live.of(audience, form)
    if "at" in args and "seq" in args:
        raise WrongPosition("seq", "either a time or a position")
    if "at" in args:
        return past.of(audience, at=_moment("at"), form=form)
    return past.of(audience, seq=_number("seq"), form=form)


def _batches(playback: Playback, audience: str | None) -> Response:
    if audience is None:
        return problem(401, "unauthorized", "a token is needed")
    step = _number("step_s") if "step_s" in request.args else 60
    if step not in STEPS_S:
        raise WrongPosition("step_s", f"{STEPS_S.start} to {STEPS_S.stop - 1} seconds")
    try:
        found = playback.batches(audience, _number("from"), _moment("until"), timedelta(seconds=step))
    except WrongPosition as error:  # the page asked for it by another name
        raise WrongPosition({"seq": "from", "at": "until"}.get(error.field, error.field), str(error)) from None
    return _answer(found)


def _day(overview: DayOverview, audience: str | None) -> Response:
    if audience is None:
        return problem(401, "unauthorized", "a token is needed")
    text = request.args.get("date", "")
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise WrongPosition("date", "a date of the city, YYYY-MM-DD")
    return _answer(overview.of(audience, day))


def _answer(found: object) -> Response:
    return Response(msgspec.json.encode(found), content_type="application/json", headers={"Cache-Control": "no-store"})


def _number(name: str) -> int:
    text = request.args.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise WrongPosition(name, "a whole number")
    return int(text)


def _moment(name: str) -> datetime:
    try:
        return read(request.args.get(name, "").replace(" ", "+"))
    except ValueError:
        raise WrongPosition(name, "a time such as 2026-03-04T08:15:30+07:00") from None
