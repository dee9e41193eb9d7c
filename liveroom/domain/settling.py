"""What time alone has made true: deadlines near, passed or far behind, holds ended, each dated when it was due."""

from collections.abc import Mapping
from datetime import datetime

from liveroom.domain._happened import happened
from liveroom.domain.complaint import Complaint, Deadline, Stage
from liveroom.domain.events import Event, Kind
from liveroom.domain.evolve import apply
from liveroom.domain.moments import written

CLOCK = "clock"


def settle(complaint: Complaint, now: datetime) -> tuple[Event, ...]:
    """Everything due by ``now`` and not logged yet, in order of due; empty when nothing is."""
    events: list[Event] = []
    while (event := _first(complaint, now)) is not None:
        events.append(event)
        complaint = apply(complaint, event, CLOCK)
    return tuple(events)


def inherit(complaint: Complaint, now: datetime, agency: str | None) -> tuple[Event, ...]:
    """One event for all that is due already, with the stage reached: for what the room was not there to judge.

    It says of every deadline how far it had come, so that nothing fires later for the past. ``agency``: who would
    usually handle it, for what nobody has yet.
    """
    return _reached(complaint, now, {"inherited": True, "agency": complaint.agency or agency})


def overtaken(complaint: Complaint, now: datetime) -> tuple[Event, ...]:
    """The same for a stage that runs again from long ago: what passed while another one ran is told once, as of now."""
    return _reached(complaint, now, {"late": True})


def _reached(complaint: Complaint, now: datetime, how: Mapping[str, object]) -> tuple[Event, ...]:
    behind = {stage: deadline for stage, deadline in complaint.unfired if _behind(deadline, now)}
    if not behind:
        return ()
    due = {stage: deadline for stage, deadline in behind.items() if deadline.due <= now}
    kind, found = (Kind.DEADLINE_PASSED, due) if due else (Kind.DEADLINE_WARNED, behind)
    stage = min(found, key=lambda reached: (reached is Stage.REPLY, reached is not Stage.FINISH))
    payload = {**how, "stages": [reached.value for reached in found]}
    if due:
        payload["warned"] = [reached.value for reached in behind if reached not in due]
        payload["multiplied"] = {reached.value: run for reached, one in due.items() if (run := _run(one, now))}
    at = found[stage].due if due else found[stage].next_mark or now
    return (_mark(complaint, kind, stage, found[stage], at=at, more=payload),)


def _behind(deadline: Deadline, now: datetime) -> bool:
    return deadline.next_mark is not None and deadline.next_mark <= now


def _run(deadline: Deadline, now: datetime) -> int:
    """How many multiples of its time have run."""
    return sum(multiple.at <= now for multiple in deadline.multiples)


def _first(complaint: Complaint, now: datetime) -> Event | None:
    marks = ((mark, stage, deadline) for stage, deadline in complaint.unfired if (mark := deadline.next_mark))
    mark, stage, deadline = min(marks, key=lambda found: found[0], default=(None, None, None))
    until = complaint.paused_until
    if until is not None and until <= now and (mark is None or until <= mark):
        return happened(Kind.RESUMED, complaint.id, at=until, payload={})
    if mark is None or stage is None or deadline is None or mark > now:
        return None
    if deadline.passed:
        multiple = deadline.multiples[deadline.multiplied]
        more = {"percent": multiple.percent, "recipient": multiple.recipient}
        return _mark(complaint, Kind.DEADLINE_MULTIPLIED, stage, deadline, at=mark, more=more)
    kind = Kind.DEADLINE_PASSED if mark == deadline.due else Kind.DEADLINE_WARNED
    return _mark(complaint, kind, stage, deadline, at=mark, more={})


def _mark(
    complaint: Complaint, kind: Kind, stage: Stage, deadline: Deadline, *, at: datetime, more: Mapping[str, object]
) -> Event:
    payload = {"stage": stage.value, "due_at": written(deadline.due), **more}
    return happened(kind, complaint.id, at=at, payload=payload)
