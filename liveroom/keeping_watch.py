"""Watches over a process while it serves: how late the hub's ticks come, and hourly whether the projection is true."""

import logging
import random
from contextlib import suppress
from datetime import timedelta

from liveroom.log.engine import Unavailable
from liveroom.log.event_log import Log
from liveroom.log.texts import prune_access
from liveroom.projection.audit import audit_subjects, audit_tallies, audit_totals
from liveroom.runtime import Runtime
from liveroom.runtime.metrics import MISMATCHES, STALLS
from liveroom.runtime.time import monotonic

TICK_S = 0.05
AUDIT_S = 3600.0
SAMPLE = 20
log = logging.getLogger(__name__)


def watch(runtime: Runtime, book: Log, keep_access: timedelta) -> None:
    """Measure for ever; once an hour audit, and forget who read personal data longer ago than ``keep_access``."""
    audited = monotonic()
    while True:
        before = monotonic()
        runtime.sleep(TICK_S)
        STALLS.observe(max(0.0, monotonic() - before - TICK_S))
        if monotonic() - audited > AUDIT_S:
            audited = monotonic()
            audit(book)
            with suppress(Unavailable):
                prune_access(book, keep_access)


def audit(book: Log) -> int:
    """Refold a sample and recount the totals; returns how many findings were logged and counted."""
    draw = random.Random()
    try:
        with book.for_upkeep().slices() as slices:
            found = (
                *slices.run(lambda c: audit_subjects(c, sample=SAMPLE, draw=draw)),
                *slices.run(audit_totals),
                *audit_tallies(slices),
            )
    except Unavailable:
        return 0
    for finding in found:
        log.error("the projection is not what the log says: %s %s", finding.what, finding.key)
        MISMATCHES.labels(finding.what).inc()
    return len(found)
