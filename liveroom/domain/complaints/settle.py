"""What time alone makes true of a complaint (``settle``, ``inherit``, ``overtaken``), and a new policy (``replan``).

Warnings, passed deadlines, their multiples and ends of holds are events, each dated when it was due and not when it
was noticed.
"""

from datetime import datetime
from typing import Any

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from liveroom.domain.complaints import deadlines
from liveroom.domain.complaints.evolve import apply
from liveroom.domain.complaints.model import Complaint, Deadline, Deadlines, Stage, all_of, as_payload, running
from liveroom.domain.events import Event, happened
from liveroom.domain.events import complaint_payloads as payloads
from liveroom.domain.events.complaint_payloads import DeadlinePassed, DeadlineWarned
from liveroom.domain.policy import Policy
from liveroom.domain.requests import CLOCK
from liveroom.domain.timestamps import to_text


def settle(complaint: Complaint, now: datetime) -> tuple[Event, ...]:
    """Everything due by ``now`` and not logged yet, in order of due; empty when nothing is."""
    events: list[Event] = []
    while (event := _next_event(complaint, now)) is not None:
        events.append(event)
        complaint = apply(complaint, event, CLOCK)
    return tuple(events)


def inherit(complaint: Complaint, now: datetime, agency: str | None) -> tuple[Event, ...]:
    """One event for all that is due already in a complaint that came in late, such as an imported one.

    It says of every deadline how far it had come, so that nothing fires later for the past. ``agency``: who would
    usually handle it, for a complaint that nobody has yet.
    """
    return _reached(complaint, now, inherited=True, agency=complaint.agency or agency)


def overtaken(complaint: Complaint, now: datetime) -> tuple[Event, ...]:
    """As ``inherit``, for a stage that runs again from long ago: what passed meanwhile is one event, not several."""
    return _reached(complaint, now, late=True)


def _reached(
    complaint: Complaint,
    now: datetime,
    *,
    inherited: bool | UnsetType = UNSET,
    late: bool | UnsetType = UNSET,
    agency: str | UnsetType | None = UNSET,
) -> tuple[Event, ...]:
    behind = {stage: deadline for stage, deadline in complaint.unfired if _behind(deadline, now)}
    if not behind:
        return ()
    due = {stage: deadline for stage, deadline in behind.items() if deadline.due <= now}
    found = due or behind
    stage = min(found, key=lambda reached: (reached is Stage.REPLY, reached is not Stage.FINISH))
    deadline, stages = found[stage], [reached.value for reached in found]
    how: dict[str, Any] = {"inherited": inherited, "late": late, "agency": agency, "stages": stages}
    if not due:
        warned = DeadlineWarned(stage=stage.value, due_at=to_text(deadline.due), **how)
        return (happened(complaint.id, warned, at=deadline.next_mark or now),)
    runs = {reached.value: _multiples_run(one, now) for reached, one in due.items()}
    passed = DeadlinePassed(
        stage=stage.value,
        due_at=to_text(deadline.due),
        warned=[reached.value for reached in behind if reached not in due],
        multiplied={reached: run for reached, run in runs.items() if run},
        **how,
    )
    return (happened(complaint.id, passed, at=deadline.due),)


def _behind(deadline: Deadline, now: datetime) -> bool:
    return deadline.next_mark is not None and deadline.next_mark <= now


def _multiples_run(deadline: Deadline, now: datetime) -> int:
    """How many multiples of the allowed time have run."""
    return sum(multiple.at <= now for multiple in deadline.multiples)


def _next_event(complaint: Complaint, now: datetime) -> Event | None:
    marks = ((mark, stage, deadline) for stage, deadline in complaint.unfired if (mark := deadline.next_mark))
    mark, stage, deadline = min(marks, key=lambda found: found[0], default=(None, None, None))
    until = complaint.paused_until
    if until is not None and until <= now and (mark is None or until <= mark):
        return happened(complaint.id, payloads.ComplaintResumed(), at=until)
    if mark is None or stage is None or deadline is None or mark > now:
        return None
    return happened(complaint.id, _mark_payload(stage, deadline, mark), at=mark)


def _mark_payload(stage: Stage, deadline: Deadline, mark: datetime) -> payloads.Mark:
    due_at = to_text(deadline.due)
    if deadline.passed:
        multiple = deadline.multiples[deadline.multiplied]
        return payloads.DeadlineMultiplied(
            stage=stage.value, due_at=due_at, percent=multiple.percent, recipient=multiple.recipient
        )
    if mark == deadline.due:
        return DeadlinePassed(stage=stage.value, due_at=due_at)
    return DeadlineWarned(stage=stage.value, due_at=due_at)


def replan(complaint: Complaint, policy: Policy, now: datetime, *, extended: bool) -> tuple[Event, ...]:
    """Class and running deadlines under a changed ``policy``, as one event; nothing for a complaint that has ended.

    A second, inherited event says what the new plan puts into the past. The complaint is settled by ``now``.
    ``extended``: its finish is an officer's own promise, which stays while it is later than the policy's. Otherwise as
    for another class: from the first start, over every stop; what is logged stays logged while it lies behind in the
    new plan too.
    """
    if not complaint.open:
        return ()
    class_ = _class_under(complaint, policy)
    priority = policy.priority_of(class_)
    moved = _moved_deadlines(complaint, policy, class_, now=now, extended=extended)
    payload = payloads.ComplaintReplanned(
        class_=class_ if class_ != complaint.class_ else UNSET,
        priority=priority if priority != complaint.priority else UNSET,
        deadlines=as_payload(moved) if moved else UNSET,
    )
    if payload == payloads.ComplaintReplanned():
        return ()
    replanned = happened(complaint.id, payload, at=now)
    usual = policy.agency_for(complaint.category, complaint.area)
    return (replanned, *inherit(apply(complaint, replanned, CLOCK), now, usual))


def _class_under(complaint: Complaint, policy: Policy) -> str:
    """The class that an officer set, while there is such a class; else the category's.

    Urgent stays urgent: whether category or report had made it so is not known any more.
    """
    if "class" in complaint.officer_set and complaint.class_ in policy.classes:
        return complaint.class_
    return policy.class_of(complaint.category, complaint.priority)


def _moved_deadlines(complaint: Complaint, policy: Policy, class_: str, *, now: datetime, extended: bool) -> Deadlines:
    """The running deadlines that change. What ran before is history and is not judged by a later policy."""
    present, counts = all_of(complaint), {complaint.stage, Stage.FINISH, *running(complaint)}
    planned = deadlines.replanned(policy, complaint, class_, now=now)
    judged = complaint.stopped_at or now
    anew = {stage: new and _caught_up(new, judged) for stage, new in planned.items() if stage in counts}
    if extended and _outlasts(present.get(Stage.FINISH), anew.get(Stage.FINISH)):
        del anew[Stage.FINISH]
    return {stage: new for stage, new in anew.items() if not _same(new, present.get(stage))}


def _caught_up(deadline: Deadline, judged: datetime) -> Deadline:
    """With the multiples that a shorter time puts into the past as logged, where it had passed: one event is enough."""
    if not deadline.passed:
        return deadline
    return replace(deadline, multiplied=sum(multiple.at <= judged for multiple in deadline.multiples))


def _outlasts(extended: Deadline | None, planned: Deadline | None) -> bool:
    return extended is not None and (planned is None or extended.due >= planned.due)


def _same(new: Deadline | None, old: Deadline | None) -> bool:
    """Whether two deadlines promise the same; a warning that is over or never comes makes no difference."""
    if new is None or old is None:
        return new is old
    silent = new.passed or new.warn_at is None
    return (replace(new, warned=old.warned) if silent else new) == old
