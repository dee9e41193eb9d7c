"""What a changed policy makes of an open complaint: its class and the promises that run, planned anew as one event."""

from dataclasses import replace
from datetime import datetime

from liveroom.domain import promises
from liveroom.domain._happened import happened
from liveroom.domain.complaint import Complaint, Deadline, Stage
from liveroom.domain.deadlines import Deadlines, all_of, as_payload, running
from liveroom.domain.events import Event, Kind
from liveroom.domain.evolve import apply
from liveroom.domain.policy import Policy
from liveroom.domain.settling import CLOCK, inherit


def replan(complaint: Complaint, policy: Policy, now: datetime, *, extended: bool) -> tuple[Event, ...]:
    """What differs under ``policy``, and one inherited event for what that puts into the past; nothing once ended.

    The complaint is settled by ``now``. ``extended``: its finish is an officer's own promise, which stays while it is
    later than the policy's. Otherwise as for another class: from the first start, over every stop, and what is logged
    stays logged while it lies behind in the new plan too.
    """
    if not complaint.open:
        return ()
    class_ = _class(complaint, policy)
    payload: dict[str, object] = {}
    if class_ != complaint.class_:
        payload["class"] = class_
    if (priority := policy.priority_of(class_)) != complaint.priority:
        payload["priority"] = priority
    if moved := _moved(complaint, policy, class_, now=now, extended=extended):
        payload["deadlines"] = as_payload(moved)
    if not payload:
        return ()
    replanned = happened(Kind.REPLANNED, complaint.id, at=now, payload=payload)
    usual = policy.agency_for(complaint.category, complaint.area)
    return (replanned, *inherit(apply(complaint, replanned, CLOCK), now, usual))


def _class(complaint: Complaint, policy: Policy) -> str:
    """An officer's while there is such a class; else the category's.

    Urgent stays urgent: whether category or report had made it so is not known any more.
    """
    if "class" in complaint.officer_set and complaint.class_ in policy.classes:
        return complaint.class_
    return policy.class_of(complaint.category, complaint.priority)


def _moved(complaint: Complaint, policy: Policy, class_: str, *, now: datetime, extended: bool) -> Deadlines:
    """The running promises that are others now. What ran before is history and is not judged by a later policy."""
    present, counts = all_of(complaint), {complaint.stage, Stage.FINISH, *running(complaint)}
    planned = promises.replanned(policy, complaint, class_, now=now)
    judged = complaint.stopped_at or now
    anew = {stage: new and _caught_up(new, judged) for stage, new in planned.items() if stage in counts}
    if extended and _outlasts(present.get(Stage.FINISH), anew.get(Stage.FINISH)):
        del anew[Stage.FINISH]
    return {stage: new for stage, new in anew.items() if not _same(new, present.get(stage))}


def _caught_up(deadline: Deadline, judged: datetime) -> Deadline:
    """One that had passed is known to be late: multiples that a shorter time puts behind are not told one by one."""
    if not deadline.passed:
        return deadline
    return replace(deadline, multiplied=sum(multiple.at <= judged for multiple in deadline.multiples))


def _outlasts(extended: Deadline | None, planned: Deadline | None) -> bool:
    return extended is not None and (planned is None or extended.due >= planned.due)


def _same(new: Deadline | None, old: Deadline | None) -> bool:
    """Whether they promise the same; a warning that is over or never comes makes no difference."""
    if new is None or old is None:
        return new is old
    silent = new.passed or new.warn_at is None
    return (replace(new, warned=old.warned) if silent else new) == old
