"""The feed over plain HTTP: the snapshot, the working calendar, and the paint lag that walls report."""

from collections.abc import Callable

from flask import Blueprint, Response, request

from display.feed.snapshot import Snapshots
from liveroom.log.book import Unavailable
from liveroom.metrics import PAINT_LAG
from liveroom.problems import problem

MAX_LAGS = 200
LONGEST_LAG_MS = 600_000


def feed_blueprint(
    snapshots: Snapshots, audience_of_request: Callable[[], str | None], calendar: Callable[[], tuple[str, bytes]]
) -> Blueprint:
    """``/feed/snapshot``, ``/feed/calendar/HASH`` and ``/feed/painted``. ``calendar`` gives hash and JSON text."""
    feed = Blueprint("feed", __name__, url_prefix="/feed")

    @feed.get("/snapshot")
    def snapshot() -> Response:
        audience = audience_of_request()
        if audience is None:
            return problem(401, "unauthorized", "a token is needed")
        try:
            taken = snapshots.of(audience)
        except Unavailable:
            return problem(503, "unavailable", "the database does not answer", retry_after=1)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding", "Cache-Control": "no-store"}
            return Response(taken.body, content_type="application/json", headers=headers)
        return Response(taken.plain(), content_type="application/json", headers={"Cache-Control": "no-store"})

    @feed.get("/calendar/<wanted>")
    def working_time(wanted: str) -> Response:
        hash_, body = calendar()
        if wanted != hash_:
            return problem(404, "unknown_calendar", "this calendar is not in force", "hash")
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(body, content_type="application/json", headers=headers)

    @feed.post("/painted")
    def painted() -> Response:
        return _note_lags(request.get_json(silent=True))

    return feed


def _note_lags(body: object) -> Response:
    lags = body.get("lags_ms") if isinstance(body, dict) else None
    if not isinstance(lags, list) or len(lags) > MAX_LAGS:
        return problem(422, "field", f"a list of at most {MAX_LAGS} numbers", "lags_ms")
    good = [lag for lag in lags if isinstance(lag, int | float) and 0 <= lag <= LONGEST_LAG_MS]
    for lag in good:
        PAINT_LAG.observe(lag / 1000)
    return Response(status=204)
