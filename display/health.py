"""/healthz for proxies (this process), /readyz for people (database, tail, clock: 503 with reasons), /metrics."""

from collections.abc import Callable

import msgspec
from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from display.feed.tail import Tail
from liveroom.log.book import Log, Unavailable
from liveroom.log.head import NoLog, database_now, read_head
from liveroom.log.pulse import read_pulse
from liveroom.time import monotonic

STALE_S = 6.0
# So long one looks back at events that could not be written; sources come again after 5 s. One alone may be a lock.
FAILED_S, FAILED_TIMES = 15.0, 2


def health_blueprint(log: Log, tail: Tail, draining: Callable[[], bool]) -> Blueprint:
    """The three addresses of a process."""
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def healthz() -> Response:
        return _say(["draining"] if draining() else [])

    @health.get("/readyz")
    def readyz() -> Response:
        return _say(reasons(log, tail))

    @health.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    return health


def reasons(log: Log, tail: Tail) -> list[str]:
    """Why this process is not ready; empty when it is."""
    found = []
    try:
        pulse, real, head = log.read(lambda c: (read_pulse(c), database_now(c), read_head(c)))
        # A pulse from ahead of now is no proof of life: the database's clock was set back since.
        if pulse is None or abs((real - pulse.real_at).total_seconds()) > STALE_S:
            found.append("clock: no pulse" if pulse is None else f"clock: last pulse at {pulse.real_at:%H:%M:%S} UTC")
            if log.unwritten:
                found.append(f"database: cannot be written: {log.unwritten}")
        elif (lost := log.failing) and lost.times >= FAILED_TIMES and monotonic() - lost.at < FAILED_S:
            found.append(f"database: events cannot be written: {lost.why}")
        ahead = (head.logged_at - real).total_seconds()
        if ahead > STALE_S:
            found.append(f"time: the log is {ahead:.0f} s ahead of the database's clock; is that machine's time right?")
    except (Unavailable, NoLog) as error:
        found.append(f"database: {error}")
    if tail.read_at is None or monotonic() - tail.read_at > STALE_S:
        found.append("tail: has not read the log for more than 6 s")
    return found


def _say(reasons: list[str]) -> Response:
    body = {"status": "ok"} if not reasons else {"status": "not ready", "reasons": reasons}
    return Response(msgspec.json.encode(body), 503 if reasons else 200, content_type="application/json")
