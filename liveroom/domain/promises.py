"""What the city promises a complaint: deadlines planned, moved over the time that stood still, and planned anew."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from liveroom.domain.complaint import Clock, Complaint, Deadline, Stage
from liveroom.domain.deadlines import Deadlines, all_of
from liveroom.domain.policy import Policy
from liveroom.domain.working import CalendarEnds


def planned(policy: Policy, class_: str, stages: Iterable[Stage], *, start: datetime) -> dict[Stage, Deadline | None]:
    """The class's promises counted from ``start``; None where it makes none."""
    return {stage: policy.deadline(class_, stage, start) for stage in stages}


def shifted(
    policy: Policy, deadlines: Deadlines, stopped: datetime, *, again: datetime
) -> dict[Stage, Deadline | None]:
    """All of them after standing still from ``stopped`` to ``again``; ``again`` before ``stopped`` moves them back.

    None where the calendar does not reach that far: no deadline is better than a silently wrong one.
    """
    return {
        stage: deadline and _shifted(policy, deadline, stopped, again=again) for stage, deadline in deadlines.items()
    }


def _shifted(policy: Policy, deadline: Deadline, stopped: datetime, *, again: datetime) -> Deadline | None:
    try:
        return policy.shifted(deadline, stopped, again)
    except CalendarEnds:
        return None


def replanned(policy: Policy, complaint: Complaint, class_: str, *, now: datetime) -> dict[Stage, Deadline | None]:
    """All deadlines for another class, from their original starts and over every stop since.

    What is logged stays logged while its new moment lies behind as well; a mark ahead is a fresh one. An extension
    belonged to the old class and falls away. The reply is kept out once answered (``reply`` is None).
    """
    judged = complaint.stopped_at or now
    stages = [stage for stage in Stage if stage is not Stage.REPLY or complaint.reply is not None]
    result: dict[Stage, Deadline | None] = {}
    for stage in stages:
        old = all_of(complaint).get(stage)
        if stage is Stage.ACCEPT and old is None:
            continue
        new = policy.deadline(class_, stage, old.start if old else complaint.received_at)
        result[stage] = _over_stops(policy, complaint, new, old=old, judged=judged)
    return result


def extended(policy: Policy, present: Deadline, due: datetime, *, clock: Clock, now: datetime) -> Deadline:
    """A fresh promise with the same start. Who extends it into its last part needs no warning of that."""
    fresh = policy.marked(Deadline(start=present.start, due=due, clock=clock))
    return replace(fresh, warn_at=None) if fresh.warn_at is not None and fresh.warn_at <= now else fresh


def _over_stops(
    policy: Policy, complaint: Complaint, new: Deadline | None, *, old: Deadline | None, judged: datetime
) -> Deadline | None:
    stops = () if new is None else (stop for stop in complaint.stops if stop[0] >= new.start)
    for stopped, again in stops:
        new = new and _shifted(policy, new, stopped, again=again)
    new = new and _logged(new, old, judged)
    if new is not None and complaint.stopped_at is not None and complaint.paused_until is not None:
        return _shifted(policy, new, complaint.stopped_at, again=complaint.paused_until)
    return new


def _logged(new: Deadline, old: Deadline | None, judged: datetime) -> Deadline:
    """The new plan with what is logged of the old one and lies behind in both."""
    if old is None:
        return new
    return replace(
        new,
        passed=old.passed and new.due <= judged,
        warned=old.warned and new.warn_at is not None and new.warn_at <= judged,
        multiplied=min(old.multiplied, sum(multiple.at <= judged for multiple in new.multiples)),
    )
