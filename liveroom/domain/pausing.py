"""Pauses: a question to the citizen, a hold with its end, and the time that stands still meanwhile."""

from datetime import datetime, timedelta

from liveroom.domain import promises
from liveroom.domain._happened import happened
from liveroom.domain.case import Case
from liveroom.domain.complaint import Complaint
from liveroom.domain.deadlines import as_payload, running
from liveroom.domain.events import Event, Kind
from liveroom.domain.moments import written
from liveroom.domain.policy import Policy
from liveroom.domain.refusals import Code, Refused

LONGEST = timedelta(days=366)


def ask(case: Case) -> tuple[Event, ...]:
    """A question to the citizen; paused until it is answered."""
    return (case.event(Kind.ASKED, {"text": case.field("text"), "stops": "citizen" in case.policy.pauses}),)


def answer(case: Case) -> tuple[Event, ...]:
    """The citizen's answer came."""
    moved = _moved(case.complaint, case.policy, case.now)
    return (case.event(Kind.ANSWERED, {"text": case.field("text"), **moved}),)


def hold(case: Case) -> tuple[Event, ...]:
    """Paused until a moment ahead. Its end needs no calendar: the deadlines move now to where it will put them."""
    until = case.field("until")
    if until <= case.now:
        raise Refused(Code.PAST, "lies in the past", "until")
    if until > case.now + LONGEST:
        raise Refused(Code.FIELD, "is more than 366 days ahead", "until")
    stops = "hold" in case.policy.pauses
    payload = {"reason": case.field("reason"), "until": written(until), "stops": stops}
    if stops:
        standing = running(case.complaint)
        moved = promises.shifted(case.policy, standing, case.now, again=until)
        if None in moved.values():
            raise Refused(Code.FIELD, "is beyond the city's calendar", "until")
        payload["deadlines"] = as_payload(moved)
    return (case.event(Kind.HELD, payload),)


def resume(case: Case) -> tuple[Event, ...]:
    """A person ends the pause, whichever it is."""
    return running_again(case.complaint, case.policy, case.now)


def running_again(complaint: Complaint, policy: Policy, now: datetime) -> tuple[Event, ...]:
    """The end of a pause at ``now``, so that whatever comes next finds the deadlines right; nothing when not paused."""
    if complaint.paused is None:
        return ()
    payload = _moved(complaint, policy, now)
    return (happened(Kind.RESUMED, complaint.id, at=now, payload=payload),)


def _moved(complaint: Complaint, policy: Policy, now: datetime) -> dict[str, object]:
    """The deadlines when the pause ends at ``now``: a hold's lie already at its end and move back from there."""
    if complaint.stopped_at is None:
        return {}
    standing = running(complaint)
    # A pause that began ahead of now, by a clock that was wrong, took no time away.
    again = max(now, complaint.stopped_at)
    moved = promises.shifted(policy, standing, complaint.paused_until or complaint.stopped_at, again=again)
    return {"deadlines": as_payload(moved)}
