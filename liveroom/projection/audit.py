"""The audit: whether rows, sums and log agree. `run.py doctor` runs all of it, a server parts of it hourly.

Random complaints are folded anew from their events, and every read model of `fold.PROJECTORS` compares its rows with
that and recounts its sums; the log is checked for gaps, marks and times. A finding is reported, never repaired.
"""

import random

from sqlalchemy import Connection, func, select

from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Kind
from liveroom.log import schema
from liveroom.log.event_log import EventLog, Slices, database_now, history, mark_at, read_head, refuse_ahead
from liveroom.log.lease import read_pulse
from liveroom.log.time_guard import STEP, WrongClock, stamp
from liveroom.projection.fold import PROJECTORS
from liveroom.projection.projector import AuditFinding, Refolded, Step

# ---- rows against the log, sums against the rows ----


def audit_rows(slices: Slices, *, sample: int, draw: random.Random) -> tuple[AuditFinding, ...]:
    """What differs: the rows of up to ``sample`` random complaints from the log, every sum from its rows."""
    return (*slices.run(lambda c: audit_subjects(c, sample=sample, draw=draw)), *audit_sums(slices))


def audit_subjects(connection: Connection, *, sample: int, draw: random.Random) -> tuple[AuditFinding, ...]:
    """Refold up to ``sample`` complaints around random ids; each row that differs from that is a finding."""
    pivot = f"{draw.getrandbits(48):012x}"
    start, table = f"{pivot[:8]}-{pivot[8:]}", schema.complaint.c
    query = select(table.id).order_by(table.id).limit(sample)
    ids = connection.execute(query.where(table.id >= start)).scalars().all()
    if len(ids) < sample:
        before = query.where(table.id < start).limit(sample - len(ids))
        ids = [*ids, *connection.execute(before).scalars()]
    refolded = [_refolded(connection, id_) for id_ in ids]
    return tuple(finding for kind in PROJECTORS for finding in kind.differences(connection, refolded))


def audit_sums(slices: Slices) -> tuple[AuditFinding, ...]:
    """Recount every sum of every read model; what differs is a finding."""
    return tuple(finding for kind in PROJECTORS for finding in kind.recount(slices))


def refold(connection: Connection, id_: str) -> Complaint | None:
    """The complaint as its events alone make it."""
    return _refolded(connection, id_).complaint


def _refolded(connection: Connection, id_: str) -> Refolded:
    steps: list[Step] = []
    complaint = None
    for logged in history(connection, id_):
        before, complaint = complaint, evolve(complaint, logged)
        steps.append(Step(before=before, after=complaint, logged=logged))
    return Refolded(id=id_, steps=tuple(steps))


# ---- the log itself: numbers without gaps up to the head, times of logging never decreasing ----


def faults_of_log(connection: Connection) -> list[str]:
    """One line a fault of the log: gaps, a wrong last mark, times that decrease."""
    event, head = schema.event, read_head(connection)
    found = []
    count, first, last = connection.execute(
        select(func.count(), func.min(event.c.seq), func.max(event.c.seq)).select_from(event)
    ).one()
    if count != head.seq or (count and (first, last) != (1, head.seq)):
        found.append(f"the log has {count} events from {first} to {last}, the head says {head.seq}")
    if mark_at(connection, head.seq, head) != head.mark:
        found.append("the last event does not bear the head's mark")
    earlier = event.alias("earlier")
    back = select(func.count()).select_from(event.join(earlier, earlier.c.seq == event.c.seq - 1))
    # A repair of the clock is the one event that may.
    turned = (event.c.logged_at < earlier.c.logged_at) & (event.c.kind != Kind.CLOCK_REPAIRED.value)
    backwards = connection.execute(back.where(turned)).scalar_one()
    if backwards:
        found.append(f"{backwards} events were logged before their predecessor")
    return found


# ---- doctor ----


def still(log: EventLog) -> str | None:
    """What to say of a served room whose pulse has stopped; None when it beats. Raises Unavailable."""
    pulse, real = log.read(lambda c: (read_pulse(c), database_now(c)))
    if pulse is None or abs(real - pulse.real_at) <= STEP:
        return None
    return (
        f"a server runs on this room, but its last pulse was at {stamp(pulse.real_at)} and it is {stamp(real)}: "
        "its /readyz says why (did the clock of this machine jump?)"
    )


def _faults_of_time(connection: Connection) -> list[str]:
    try:
        refuse_ahead(read_head(connection), database_now(connection))
    except WrongClock as error:
        return [str(error)]
    return []


def examine(log: EventLog, *, sample: int) -> list[str]:
    """One line a finding, none when all is whole; ``sample`` complaints are refolded. Raises Unavailable."""
    with log.for_upkeep().slices() as slices:
        found = [*slices.run(faults_of_log), *slices.run(_faults_of_time)]
        for finding in audit_rows(slices, sample=sample, draw=random.Random()):
            found.append(f"{finding.what} {finding.key}: the log says {finding.expected}, kept is {finding.found}")
    return found
