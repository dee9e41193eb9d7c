"""A complaint's deadlines as a whole: planned, stopped, moved, planned anew, and as payload text and back."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from liveroom.domain.complaint import Clock, Complaint, Deadline, Stage
from liveroom.domain.moments import read, written
from liveroom.domain.policy import Policy
from liveroom.domain.working import CalendarEnds

Promises = Mapping[Stage, Deadline | None]


def of(complaint: Complaint) -> dict[Stage, Deadline]:
    """Every deadline the complaint has, running or not."""
    pairs = {
        Stage.FORWARD: complaint.forward,
        Stage.ACCEPT: complaint.accept,
        Stage.FINISH: complaint.finish,
        Stage.REPLY: complaint.reply,
    }
    return {stage: deadline for stage, deadline in pairs.items() if deadline is not None}


def running(complaint: Complaint) -> dict[Stage, Deadline]:
    """Those whose time counts now: the running stage's, finish's and the reply's. Rule: "pauses move what runs"."""
    now_running = dict(complaint.running)
    if complaint.stage is not None and complaint.reply is not None:
        now_running[Stage.REPLY] = complaint.reply
    return now_running


def planned(policy: Policy, class_: str, stages: Iterable[Stage], *, start: datetime) -> dict[Stage, Deadline | None]:
    """The class's promises counted from ``start``; None where it makes none."""
    return {stage: policy.deadline(class_, stage, start) for stage in stages}


def shifted(policy: Policy, deadlines: Promises, stopped: datetime, *, again: datetime) -> dict[Stage, Deadline | None]:
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

    A passed one stays passed while its new due lies behind as well; with a due ahead it becomes a fresh promise. An
    extension belonged to the old class and falls away. The reply is kept out once answered (``reply`` is None).
    """
    judged = complaint.stopped_at or now
    stages = [stage for stage in Stage if stage is not Stage.REPLY or complaint.reply is not None]
    result: dict[Stage, Deadline | None] = {}
    for stage in stages:
        old = of(complaint).get(stage)
        if stage is Stage.ACCEPT and old is None:
            continue
        new = policy.deadline(class_, stage, old.start if old else complaint.received_at)
        passed = old is not None and old.passed
        result[stage] = _over_stops(policy, complaint, new, passed=passed, judged=judged)
    return result


def _over_stops(
    policy: Policy, complaint: Complaint, new: Deadline | None, *, passed: bool, judged: datetime
) -> Deadline | None:
    stops = () if new is None else (stop for stop in complaint.stops if stop[0] >= new.start)
    for stopped, again in stops:
        new = new and _shifted(policy, new, stopped, again=again)
    new = new and replace(new, passed=passed and new.due <= judged)
    if new is not None and complaint.stopped_at is not None and complaint.paused_until is not None:
        return _shifted(policy, new, complaint.stopped_at, again=complaint.paused_until)
    return new


def as_payload(deadlines: Promises) -> dict[str, dict[str, Any] | None]:
    """``{stage: {start, due, clock, passed} | null}``, times as RFC 3339 text."""
    return {stage.value: None if deadline is None else _row(deadline) for stage, deadline in deadlines.items()}


def _row(deadline: Deadline) -> dict[str, Any]:
    return {
        "start": written(deadline.start),
        "due": written(deadline.due),
        "clock": deadline.clock.value,
        "passed": deadline.passed,
    }


def from_payload(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The ``deadlines`` of a payload (Deadline or None) by the name of their field; only those the event changed."""
    return {
        Stage(stage).value: row
        and Deadline(start=read(row["start"]), due=read(row["due"]), clock=Clock(row["clock"]), passed=row["passed"])
        for stage, row in payload.get("deadlines", {}).items()
    }
