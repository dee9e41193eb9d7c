"""What `doctor` looks at: dense numbers, marks that match the head, and a projection that is what the log says."""

import random

from liveroom.log.book import Log
from liveroom.log.integrity import faults_of_log
from liveroom.projection.auditor import audit_subjects, audit_tallies, audit_totals


def examine(log: Log, *, sample: int) -> list[str]:
    """One line a finding, none when all is whole; ``sample`` complaints are refolded. Raises Unavailable."""
    draw = random.Random()
    with log.slices() as slices:
        found = slices.run(faults_of_log)
        for finding in (
            *slices.run(lambda c: audit_subjects(c, sample=sample, draw=draw)),
            *slices.run(audit_totals),
            *audit_tallies(slices),
        ):
            found.append(f"{finding.what} {finding.key}: the log says {finding.expected}, kept is {finding.found}")
    return found
