"""The figure `overdue`: the complaints furthest beyond their limit, and how many have reached each escalation step.

How far one is beyond its limit is the ratio of elapsed time to the limit, both on the deadline's own clock.
"""

import heapq
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from display.figures.measure import Frame
from liveroom.city.city import EscalationStep
from liveroom.city.sheet import named
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.timestamps import from_micros, to_text
from liveroom.log.engine import Connection
from liveroom.projection import complaints as complaint_rows
from liveroom.projection import figures

# Complaints shown.
SHOWN = 24
# Rows a slice: about 3 ms of the database's thread.
SLICE = 250
# Percent of the limit: escalation steps above it concern overdue complaints.
LIMIT = 100


@dataclass(frozen=True, slots=True, order=True)
class OverdueCase:
    """An overdue complaint, ordered by ``ratio``, then by how ``late`` it is; times in microseconds."""

    ratio: float
    late: int
    id: str
    start: int
    due: int
    clock: str
    escalation: int


@dataclass(slots=True)
class OverdueScan:
    """What the scan has found so far: how many, how many at each escalation percent, and the worst of them."""

    number: int = 0
    escalated: Counter[int] = field(default_factory=Counter)
    worst: list[OverdueCase] = field(default_factory=list)

    @property
    def floor(self) -> float:
        """The ratio that a complaint must reach to be shown."""
        return self.worst[-1].ratio if len(self.worst) == SHOWN else 0.0

    def escalated_to(self, percent: int) -> int:
        """How many have reached this escalation step or a higher one."""
        return sum(n for at, n in self.escalated.items() if at >= percent)


def overdue(frame: Frame) -> dict[str, Any]:
    """The figure ``overdue`` of docs/figures.md."""
    steps = [step for step in frame.city.escalation if step.percent > LIMIT]
    found = _scan(frame)
    ids = [one.id for one in found.worst]
    complaints = {c.id: c for c in frame.read(partial(complaint_rows.complaints, ids=ids))}
    return {
        "overdue": found.number,
        "shown": len(ids),
        "told": {str(step.percent): found.escalated_to(step.percent) for step in steps},
        "steps": [_step(frame, step) for step in steps],
        "rows": [_row(frame, one, complaints[one.id]) for one in found.worst],
    }


def _scan(frame: Frame) -> OverdueScan:
    found, after = OverdueScan(), ""
    while (last := frame.read(partial(_scan_slice, frame=frame, found=found, after=after))) is not None:
        after = last
    return found


def _scan_slice(connection: Connection, *, frame: Frame, found: OverdueScan, after: str) -> str | None:
    """Scan one slice; the id to go on from, None at the end.

    Each is measured here: its percent grows on its own clock, so no index can order them.
    """
    rows, floor = figures.overdue_after(connection, after, SLICE), found.floor
    worse = [late for row in rows if (late := _measured(frame, row)).ratio >= floor]
    found.worst = heapq.nlargest(SHOWN, (*found.worst, *worse))
    found.escalated.update(row.escalation for row in rows)
    found.number += len(rows)
    return rows[-1].id if rows else None


def _measured(frame: Frame, row: Any) -> OverdueCase:
    limit = frame.working.between(row.late_from, row.late_due, row.late_clock)
    late = frame.working.between(row.late_due, row.stopped_at or frame.now, row.late_clock)
    ratio = (limit + late) / max(limit, 1)
    return OverdueCase(ratio, late, row.id, row.late_from, row.late_due, row.late_clock, row.escalation)


def _row(frame: Frame, one: OverdueCase, complaint: Complaint) -> dict[str, Any]:
    stage = complaint.first_due
    return {
        "id": one.id,
        "agency": complaint.agency,
        # A category that the pack does not know is a source's own text.
        "category": complaint.category if complaint.category in frame.city.policy.categories else None,
        "area": complaint.area,
        "status": complaint.status.value,
        "priority": complaint.priority,
        "paused": complaint.paused,
        "stage": stage[0].value if stage else None,
        "clock": one.clock,
        "stage_from": to_text(from_micros(one.start)),
        "due_at": to_text(from_micros(one.due)),
        "percent": int(one.ratio * 100),
        "late_s": one.late // 1_000_000,
        "escalation": one.escalation,
    }


def _step(frame: Frame, step: EscalationStep) -> dict[str, Any]:
    offices = [frame.city.recipients[key] for key in step.to]
    return {
        "percent": step.percent,
        "key": step.key,
        **named("label", step.label, step.labels),
        "to": [{"key": one.key, **named("name", one.name, one.names)} for one in offices],
    }
