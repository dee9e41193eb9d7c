"""``/healthz`` (this process), ``/readyz`` (database, tail, clock: 503 with reasons) and ``/metrics`` (Prometheus).

All three are open to everybody who reaches the process, since a health check has no credential: nothing in them names
a person, a key, a file or a client's address, and open points of security say no more than one request would find out.
``/readyz`` answers a browser with a page that has a remedy beside each fault, and everybody else with JSON.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec
from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from display.feed.tail import Tail
from display.pages.page import language_of, page
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import EventLog, Head, NoLog, database_now, read_head, refuse_ahead
from liveroom.log.lease import read_pulse
from liveroom.log.time_guard import WrongClock
from liveroom.maintenance.exposure import OpenPoint
from liveroom.media.uploads import UploadPipeline
from liveroom.room.room import Room
from liveroom.runtime.language import text
from liveroom.runtime.time import monotonic

STALE_S = 6.0
# How far back failed writes of events count, and how many. Sources send again after 5 s; a single one may be a lock.
FAILED_S, _FAILED_TIMES = 15.0, 2
# Share of the bound on files of strangers from which a warning is given.
_UPLOADS_WARN_SHARE = 0.8


def health_blueprint(
    room: Room,
    tail: Tail,
    draining: Callable[[], bool],
    open_points: Callable[[], Sequence[OpenPoint]],
    uploading: UploadPipeline,
    measures: Sequence[Callable[[], object]],
) -> Blueprint:
    """The three routes; the public ``open_points`` are shown at /readyz once the process is ready.

    ``measures`` set the gauges that are read from the log, and may raise Unavailable.
    """
    health, log = Blueprint("health", __name__), room.log

    @health.get("/healthz")
    def healthz() -> Response:
        return _health_response(["draining"] if draining() else [])

    @health.get("/readyz")
    def readyz() -> Response:
        found, more = reasons(log, tail), _disk_and_uploads(uploading)
        if not found:
            # A database that does not answer is not asked twice.
            with suppress(Unavailable):
                more["open"] = [point.said for point in open_points() if point.public]
        if "text/html" in request.headers.get("Accept", ""):
            return _health_page(room, found, more)
        return _health_response(found, more)

    @health.get("/metrics")
    def metrics() -> Response:
        for measure in measures:
            # While the database is away the last figures of it stay; those of this process go on.
            with suppress(Unavailable):
                measure()
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    return health


def seldom(measure: Callable[[], object], seconds: float = 10.0) -> Callable[[], None]:
    """The measure, taken at most every so many seconds.

    Between them /metrics asks nothing of the database, which may keep a question waiting just when somebody looks.
    """
    begun = float("-inf")

    def taken() -> None:
        nonlocal begun
        if monotonic() - begun >= seconds:
            begun = monotonic()
            measure()

    return taken


def reasons(log: EventLog, tail: Tail) -> list[str]:
    """Why this process is not ready; empty when it is."""
    found = []
    try:
        pulse, real, head = log.read(lambda c: (read_pulse(c), database_now(c), read_head(c)))
        wrong = _wrong_clock(log, head, real)
        # A pulse ahead of now is no proof of life: the database's clock was set back since.
        if pulse is None or abs((real - pulse.real_at).total_seconds()) > STALE_S:
            found.append("clock: no pulse" if pulse is None else f"clock: last pulse at {pulse.real_at:%H:%M:%S} UTC")
            if log.unwritten and not wrong:
                found.append(f"database: cannot be written: {log.unwritten}")
        elif not wrong and (lost := log.failing) and lost.times >= _FAILED_TIMES and monotonic() - lost.at < FAILED_S:
            found.append(f"database: events cannot be written: {lost.why}")
        ahead = (head.logged_at - real).total_seconds()
        found += wrong
        if ahead > STALE_S and not wrong:
            found.append(f"time: the log is {ahead:.0f} s ahead of the database's clock; is that machine's time right?")
    except (Unavailable, NoLog) as error:
        found.append(f"database: {error}")
    if tail.read_at is None or monotonic() - tail.read_at > STALE_S:
        found.append("tail: has not read the log for more than 6 s")
    return found


def _wrong_clock(log: EventLog, head: Head, real: datetime) -> list[str]:
    """Why this clock may date nothing: it jumped, or the last event lies ahead of it."""
    if log.guard.jump is not None:
        return [f"time: {log.guard.jump}"]
    try:
        refuse_ahead(head, real)
    except WrongClock as error:
        return [f"time: {error}"]
    return []


def _disk_and_uploads(uploading: UploadPipeline) -> dict[str, Any]:
    """``disk``: free MB by folder, one a disk; ``public_uploads``: MB sent without a log-in, with bounds; ``warnings``.

    None of it makes a room not ready: without space for files the log still goes on.
    """
    fills = uploading.disk.spaces()
    disk = [{"folder": str(fill.folder), "free_mb": _mb(fill.free), "reserve_mb": _mb(fill.reserve)} for fill in fills]
    warnings = [f"disk: {fill}: files are refused, the log goes on; make room" for fill in fills if fill.low]
    found: dict[str, Any] = {"disk": disk}
    bounds = uploading.register.bounds
    try:
        lying, came = uploading.register.strangers()
    except Unavailable:
        return {**found, "warnings": warnings}
    if bounds is not None:
        unclaimed, day = {"mb": _mb(lying), "of_mb": _mb(bounds.lying)}, {"mb": _mb(came), "of_mb": _mb(bounds.day)}
        found["public_uploads"] = {"unclaimed": unclaimed, "day": day}
        if (share := max(lying / bounds.lying, came / bounds.day)) >= _UPLOADS_WARN_SHARE:
            warnings.append(
                f"uploads: strangers have sent {share:.0%} of what is taken; beyond it reports come without pictures"
            )
    return {**found, "warnings": warnings}


def _mb(length: int) -> float:
    return round(length / 1e6, 1)


def _health_response(reasons: Sequence[str], more: Mapping[str, Any] | None = None) -> Response:
    body: dict[str, object] = {"status": "ok"} if not reasons else {"status": "not ready", "reasons": reasons}
    body.update({key: value for key, value in (more or {}).items() if value})
    return Response(msgspec.json.encode(body), 503 if reasons else 200, content_type="application/json")


# ---- the page: a fault, what helps, and the sentence that the program said ----

# What a sentence begins with whose remedy the catalogue has.
_PARTS = ("database:", "clock:", "time:", "tail:", "disk:", "uploads:")
# A page that is left open shows what is true now.
_AGAIN_S = 10


def _health_page(room: Room, reasons: Sequence[str], more: Mapping[str, Any]) -> Response:
    language = language_of(room.city)
    context = {
        "city": room.city,
        "drill": room.kind == "drill",
        "lang": language,
        "reasons": [_fault(said, language) for said in reasons],
        "warnings": [_fault(said, language) for said in more.get("warnings", ())],
        "open": more.get("open", ()),
        "disk": more.get("disk", ()),
    }
    response = page("ready.html", context)
    response.status_code = 503 if reasons else 200
    response.headers["Refresh"] = str(_AGAIN_S)
    return response


def _fault(said: str, language: str) -> dict[str, str]:
    part, known = said.partition(":")[0], said.startswith(_PARTS)
    return {
        "name": text(f"ready.name.{part}", language) if known else part,
        "remedy": text(f"ready.remedy.{part}", language) if known else "",
        "said": said,
    }
