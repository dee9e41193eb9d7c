"""What figures need of one complaint: when it was sent, accepted, finished, reopened, and how late it is. Pure.

A milestone and its spans are a function of the complaint's events alone; working time is measured by who reads them.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from liveroom.domain.complaints.model import Complaint, Deadline, Stage, State, Status
from liveroom.domain.events import Logged
from liveroom.domain.timestamps import to_micros

NOBODY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One complaint's row; times in whole microseconds. ``agency`` is empty where there is none.

    ``forwarded_at`` is the first time, ``finished_at`` and ``reopened_at`` the last; ``finished_at`` outlives a
    reopening, ``closed_at`` (done or elsewhere) does not. ``late_*``: the earliest passed deadline while overdue.
    ``inherited`` 1: it came so late that a promise was near or broken already, so how fast it was sent says nothing.
    """

    id: str
    seq: int
    agency: str
    status: str
    critical: int
    received_at: int
    closed_at: int | None = None
    forwarded_at: int | None = None
    inherited: int = 0
    finished_at: int | None = None
    reopened_at: int | None = None
    overdue: int = 0
    late_from: int | None = None
    late_due: int | None = None
    late_clock: str | None = None
    stopped_at: int | None = None
    escalation: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time one stage took: from ``start`` to ``ended_at``; ``kept`` 1 or 0, None without a promise."""

    complaint: str
    stage: str
    agency: str
    class_: str
    clock: str | None
    start: int
    ended_at: int
    kept: int | None
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event folded: the complaint before and after it."""

    before: Complaint | None
    after: Complaint
    logged: Logged


def matters(step: Step) -> bool:
    """Whether the step can change a figure; comments, claims and answers to citizens cannot."""
    return step.before is None or _inherits(step) or _face(step.before) != _face(step.after)


def _face(complaint: Complaint) -> tuple[object, ...]:
    return (
        complaint.state,
        complaint.agency,
        complaint.priority,
        complaint.closed_at,
        complaint.stopped_at,
        complaint.running if complaint.overdue else None,
    )


def advance(row: Milestone | None, step: Step) -> Milestone:
    """The row after the step."""
    complaint, at = step.after, to_micros(step.logged.event.at)
    late = _late(complaint)
    now = Milestone(
        id=complaint.id,
        seq=step.logged.seq,
        agency=complaint.agency or NOBODY,
        status=complaint.status.value,
        critical=int(complaint.priority == "critical"),
        received_at=to_micros(complaint.received_at),
        closed_at=_micros(complaint.closed_at),
        forwarded_at=(row.forwarded_at if row else None) or (at if complaint.state is State.FORWARDED else None),
        inherited=int(_inherits(step) or (row is not None and row.inherited)),
        finished_at=at if _ends(step) else row.finished_at if row else None,
        reopened_at=at if reopens(step) else row.reopened_at if row else None,
        overdue=int(complaint.overdue),
        late_from=to_micros(late.start) if late else None,
        late_due=to_micros(late.due) if late else None,
        late_clock=late.clock.value if late else None,
        stopped_at=_micros(complaint.stopped_at),
        escalation=complaint.escalation,
    )
    return row if row is not None and replace(now, seq=row.seq) == row else now


def spans(row: Milestone | None, step: Step) -> tuple[Span, ...]:
    """The stages that ended with the step; ``row`` is the milestone before it.

    An inherited complaint is sent and accepted with the backlog it came with: only its finish tells of anything.
    """
    before, after = step.before, step.after
    if before is None or row is None:
        return ()
    if _ends(step):
        return (_span(Stage.FINISH, before.finish, step),)
    if row.inherited:
        return ()
    if after.state is State.FORWARDED and row.forwarded_at is None:
        return (_span(Stage.FORWARD, before.forward, step),)
    if after.state is State.ACCEPTED and before.state is not State.ACCEPTED and before.accept is not None:
        return (_span(Stage.ACCEPT, before.accept, step),)
    return ()


def reopens(step: Step) -> bool:
    """Whether the step takes back that the complaint was done."""
    return step.before is not None and step.before.status is Status.DONE and step.after.status is not Status.DONE


def _span(stage: Stage, deadline: Deadline | None, step: Step) -> Span:
    before = step.before or step.after
    # Time that stood still does not break a promise: one merged, then done with the other, stood since then.
    judged = before.stopped_at or step.logged.event.at
    start = deadline.start if stage is Stage.ACCEPT and deadline else before.received_at
    return Span(
        complaint=before.id,
        stage=stage.value,
        agency=step.after.agency or NOBODY,
        class_=before.class_,
        clock=deadline.clock.value if deadline else None,
        start=to_micros(start),
        ended_at=to_micros(step.logged.event.at),
        kept=int(not deadline.passed and judged < deadline.due) if deadline else None,
        seq=step.logged.seq,
    )


def _late(complaint: Complaint) -> Deadline | None:
    passed = (deadline for _, deadline in complaint.running if deadline.passed)
    return min(passed, key=lambda deadline: deadline.due, default=None)


def _inherits(step: Step) -> bool:
    return step.after.state is State.RECEIVED and bool(step.logged.event.payload.get("inherited"))


def _ends(step: Step) -> bool:
    return step.after.status is Status.DONE and (step.before is None or step.before.status is not Status.DONE)


def _micros(moment: datetime | None) -> int | None:
    return to_micros(moment) if moment is not None else None
