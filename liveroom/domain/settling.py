"""What time alone has made true: deadlines passed and holds ended, each dated when it was due; people come after."""

from datetime import datetime

from liveroom.domain.case import happened
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


def inherit(complaint: Complaint, now: datetime) -> tuple[Event, ...]:
    """One event for all that is due already, with the stage reached: for what the room was not there to judge."""
    due = {stage: deadline for stage, deadline in complaint.unfired if deadline.due <= now}
    if not due:
        return ()
    stage = min(due, key=lambda found: (found is Stage.REPLY, found is not Stage.FINISH))
    more = {"inherited": True, "stages": [found.value for found in due]}
    return (_passed(complaint, stage, due[stage], more=more),)


def _first(complaint: Complaint, now: datetime) -> Event | None:
    stage, deadline = min(complaint.unfired, key=lambda pair: pair[1].due, default=(None, None))
    until = complaint.paused_until
    if until is not None and until <= now and (deadline is None or until <= deadline.due):
        return happened(Kind.RESUMED, complaint.id, at=until, payload={})
    if stage is None or deadline is None or deadline.due > now:
        return None
    return _passed(complaint, stage, deadline, more={})


def _passed(complaint: Complaint, stage: Stage, deadline: Deadline, *, more: dict[str, object]) -> Event:
    payload = {"stage": stage.value, "due_at": written(deadline.due), **more}
    return happened(Kind.DEADLINE_PASSED, complaint.id, at=deadline.due, payload=payload)
