"""The feed over plain HTTP: snapshot, resume, the working calendar, and what a screen's watchdog asks and reports.

`GET /feed/snapshot`, `GET /feed/resume`, `GET /feed/calendar/HASH`, `POST /feed/stalled` (CR-107) and
`POST /feed/turn` (CR-110).
"""

import logging
import re
from collections.abc import Callable

import msgspec
from flask import Blueprint, Response, request

from display.api.responses import fault_response
from display.feed.blocks import form_for
from display.feed.cards import GUESTS, WALLS, room_fields_of
from display.feed.presence import RestartTurns
from display.feed.snapshot import Resume, Snapshot
from liveroom.log.engine import Unavailable
from liveroom.room.room import Room
from liveroom.runtime.http_input import BadJson, TooLarge, Unsupported, problem, read_body, read_json
from liveroom.runtime.time import monotonic

MAX_STALL_S = 86_400
# How often the room's day is read for the calendar.
RENEW_S = 60.0
# A proxy may give an answer to `resume` again, for so long. A crowd that comes back asks within seconds; and a place
# that is erased, or a screen that is revoked, finds nothing there soon after.
SHARED_S = 10
# Audiences of which a proxy may keep an answer: everybody in the room reads them on a wall.
SHARED = (WALLS, GUESTS)
# A position is a whole number below 2^53; epochs and marks have 24 digits.
_POSITION, _WORD = re.compile(r"[0-9]{1,16}"), re.compile(r"[0-9A-Za-z_-]{1,64}")
log = logging.getLogger(__name__)


def feed_blueprint(
    snapshot: Callable[[str, str], Snapshot],
    resume: Resume,
    audience_of_request: Callable[[], str | None],
    calendar: Callable[[], tuple[str, bytes]],
    turns: RestartTurns,
) -> Blueprint:
    """The blueprint. ``snapshot(audience, form)``: the one that this request is for, of now or of then.

    ``audience_of_request``: None without a credential; ``calendar``: hash and JSON text.
    """
    feed = Blueprint("feed", __name__, url_prefix="/feed")
    feed.add_url_rule("/snapshot", "snapshot", lambda: _snapshot(snapshot, audience_of_request()))
    feed.add_url_rule("/resume", "resume", lambda: _resume(resume, audience_of_request()))
    feed.add_url_rule("/calendar/<wanted>", "calendar", lambda wanted: _calendar(wanted, *calendar()))
    feed.add_url_rule("/stalled", "stalled", _note_stall, methods=["POST"])
    feed.add_url_rule("/turn", "turn", lambda: _turn(turns), methods=["POST"])
    feed.register_error_handler(Unavailable, lambda _error: _unavailable())
    feed.register_error_handler(Unsupported, lambda error: problem(415, "unsupported_media_type", str(error)))
    return feed


def _snapshot(snapshot: Callable[[str, str], Snapshot], audience: str | None) -> Response:
    if audience is None:
        return problem(401, "unauthorized", "a token is needed")
    taken = snapshot(audience, form_for(request.headers.get("Accept", "")))
    headers = {"Vary": "Accept, Accept-Encoding", "Cache-Control": "no-store"}
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(taken.body, content_type=taken.form, headers=headers)
    return Response(taken.plain(), content_type=taken.form, headers=headers)


def _resume(resume: Resume, audience: str | None) -> Response:
    """What leads from a position to another. The epoch is of one audience, so no address has answers for two."""
    if audience is None:
        return problem(401, "unauthorized", "a token is needed")
    for name, form in (("epoch", _WORD), ("from", _POSITION), ("mark", _WORD), ("to", _POSITION)):
        if not form.fullmatch(request.args.get(name, "")):
            return problem(422, "field", "a position: epoch, from, mark; and to, which it has to reach", name)
    seq, to = int(request.args["from"]), int(request.args["to"])
    if to < seq:
        return problem(422, "field", "lies before from", "to")
    asked = {"epoch": request.args["epoch"], "seq": seq, "mark": request.args["mark"]}
    # Another room lives by these answers alone: each has a beat, and so is right for no longer than its moment.
    followed = room_fields_of(audience) is not None
    answer = resume.answer(audience, asked) if followed else resume.answer_to(audience, asked, to)
    if "snapshot" in answer or followed:
        kept = "no-store"
    else:
        kept = f"{'public' if audience in SHARED else 'private'}, max-age={SHARED_S}, immutable"
    return Response(msgspec.json.encode(answer), content_type="application/json", headers={"Cache-Control": kept})


def _turn(turns: RestartTurns) -> Response:
    """Whether a screen may restart its browser now (CR-110)."""
    if turns.take():
        return Response(status=204)
    return problem(409, "not_now", "an alarm waits for somebody, or another screen restarts", retry_after=60)


def _unavailable() -> Response:
    return problem(503, "unavailable", "the database does not answer", retry_after=1)


def _calendar(wanted: str, hash_: str, body: bytes) -> Response:
    if wanted != hash_:
        return problem(404, "unknown_calendar", "this calendar is not in force", "hash")
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(body, content_type="application/json", headers=headers)


def _note_stall() -> Response:
    """Log what a screen's watchdog reports: its page has not answered for ``silent_s`` seconds (CR-107)."""
    try:
        body = read_json(read_body(request))
    except (Unsupported, TooLarge, BadJson) as fault:
        return fault_response(fault)
    silent = body.get("silent_s") if isinstance(body, dict) else None
    if not isinstance(silent, int) or isinstance(silent, bool) or not 0 < silent <= MAX_STALL_S:
        return problem(422, "field", f"seconds, at most {MAX_STALL_S}", "silent_s")
    log.warning("a screen has not answered its watchdog for %s s", silent)
    return Response(status=204)


class CalendarWindow:
    """The working calendar that screens count with: the city's opening intervals around the room's day."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._asked = float("-inf")
        self._kept: tuple[str, bytes] = ("", b"")

    def of_now(self) -> tuple[str, bytes]:
        """Hash and JSON text ``{"intervals": [[start, end], …]}`` in milliseconds UTC. Raises Unavailable."""
        if monotonic() - self._asked > RENEW_S:
            hash_, intervals = self._room.city.feed_window(self._room.now())
            self._kept = (hash_, msgspec.json.encode({"intervals": intervals}))
            self._asked = monotonic()
        return self._kept
