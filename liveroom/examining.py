"""What `doctor` looks at: dense numbers, marks that match the head, a projection as the log says, the time."""

import random

from liveroom.log.engine import Connection
from liveroom.log.event_log import Log, database_now, read_head, refuse_ahead
from liveroom.log.integrity import faults_of_log
from liveroom.log.lease import read_pulse
from liveroom.log.time_guard import STEP, WrongClock, stamp
from liveroom.projection.auditor import audit_subjects, audit_tallies, audit_totals


def still(log: Log) -> str | None:
    """What to say of a room that is being served, as far as its pulse tells; None when it beats. Raises Unavailable."""
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


def examine(log: Log, *, sample: int) -> list[str]:
    """One line a finding, none when all is whole; ``sample`` complaints are refolded. Raises Unavailable."""
    draw = random.Random()
    with log.for_upkeep().slices() as slices:
        found = [*slices.run(faults_of_log), *slices.run(_faults_of_time)]
        for finding in (
            *slices.run(lambda c: audit_subjects(c, sample=sample, draw=draw)),
            *slices.run(audit_totals),
            *audit_tallies(slices),
        ):
            found.append(f"{finding.what} {finding.key}: the log says {finding.expected}, kept is {finding.found}")
    return found
