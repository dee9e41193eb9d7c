"""Who is late, how long, whom it has reached: the complaints furthest beyond their limit, on their own clocks."""

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from display.figures.frame import Frame
from liveroom.city.rules import Step
from liveroom.domain.complaint import Complaint
from liveroom.moments import from_micros, to_text
from liveroom.projection import figures_read, read

SHOWN = 24
SLICE = 1000
LIMIT = 100


@dataclass(frozen=True, slots=True, order=True)
class Late:
    """One overdue complaint, ordered by how far it is beyond its limit, then by lateness; microseconds."""

    ratio: float
    late: int
    id: str
    start: int
    due: int
    clock: str
    escalation: int


def overdue(frame: Frame) -> dict[str, Any]:
    """The figure ``overdue`` of docs/figures.md."""
    steps = [step for step in frame.city.escalation if step.percent > LIMIT]
    told: Counter[int] = Counter()
    worst: list[Late] = []
    number = 0
    for part in _all(frame):
        number += len(part)
        told.update(one.escalation for one in part)
        worst = heapq.nlargest(SHOWN, (*worst, *part))
    complaints = {c.id: c for c in frame.read(partial(read.complaints, ids=[one.id for one in worst]))}
    return {
        "overdue": number,
        "shown": len(worst),
        "told": {str(step.percent): sum(n for at, n in told.items() if at >= step.percent) for step in steps},
        "steps": [_step(frame, step) for step in steps],
        "rows": [_row(frame, one, complaints[one.id]) for one in worst],
    }


def _all(frame: Frame) -> Iterator[list[Late]]:
    after = ""
    while part := frame.read(partial(_some, frame=frame, after=after)):
        yield part
        after = part[-1].id


def _some(connection: Any, *, frame: Frame, after: str) -> list[Late]:
    """Measured within the slice: the percent of each grows at its own pace, so no index holds it."""
    found = []
    for row in figures_read.overdue_after(connection, after, SLICE):
        until = row.stopped_at or frame.now
        limit = frame.working.between(row.late_from, row.late_due, row.late_clock)
        late = frame.working.between(row.late_due, until, row.late_clock)
        ratio = (limit + late) / max(limit, 1)
        found.append(Late(ratio, late, row.id, row.late_from, row.late_due, row.late_clock, row.escalation))
    return found


def _row(frame: Frame, one: Late, complaint: Complaint) -> dict[str, Any]:
    stage = complaint.first_due
    return {
        "id": one.id,
        "agency": complaint.agency,
        # What the pack does not know is a source's own words.
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


def _step(frame: Frame, step: Step) -> dict[str, Any]:
    offices = [frame.city.recipients[key] for key in step.to]
    return {
        "percent": step.percent,
        "key": step.key,
        "label": step.label,
        "label_en": step.label_en or step.label,
        "to": [{"key": one.key, "name": one.name, "name_en": one.name_en or one.name} for one in offices],
    }
