"""Ends beside done (referred, rejected) and the way back from any end."""

from datetime import timedelta

from liveroom.domain import promises
from liveroom.domain.case import Case
from liveroom.domain.complaint import Complaint, Deadline, Stage, State
from liveroom.domain.deadlines import all_of, as_payload
from liveroom.domain.events import Event, Kind
from liveroom.domain.pausing import running_again
from liveroom.domain.refusals import Code, Refused


def refer_outside(case: Case) -> tuple[Event, ...]:
    """Not the city's: to one of the pack's outside bodies."""
    outside = case.field("outside")
    if outside not in case.policy.outside:
        raise Refused(Code.UNKNOWN_AGENCY, "is no outside body of this city", "outside")
    payload = case.closing() | {"outside": outside, "reason": case.field("reason")}
    return (*running_again(case.complaint, case.policy, case.now), case.event(Kind.REFERRED, payload))


def reject(case: Case) -> tuple[Event, ...]:
    """Nothing the room can act on."""
    payload = case.closing() | {"reason": case.field("reason")}
    return (*running_again(case.complaint, case.policy, case.now), case.event(Kind.REJECTED, payload))


def reopen(case: Case) -> tuple[Event, ...]:
    """Back to waiting; one that is done only within the city's window."""
    closed_at = case.complaint.closed_at
    window = timedelta(days=case.policy.reopen_days)
    if case.complaint.state is State.DONE and closed_at is not None and case.now > closed_at + window:
        raise Refused(Code.WINDOW, f"it was done more than {case.policy.reopen_days} days ago")
    payload = waiting_again(case, case.complaint) | {"reason": case.field("reason")}
    parent = case.complaint.merged_into
    released = case.event(Kind.RELEASED, {"child": case.complaint.id}, about=parent) if parent else None
    return (case.event(Kind.REOPENED, payload), *((released,) if released else ()))


def waiting_again(case: Case, complaint: Complaint) -> dict[str, object]:
    """State and deadlines of a complaint that ended and is back: the time it stood ended does not count.

    With its agencies it is forwarded again and accept counts from now; without any it is received.
    """
    state = State.FORWARDED if complaint.agencies else State.RECEIVED
    deadlines: dict[Stage, Deadline | None] = dict(all_of(complaint))
    if complaint.stopped_at is not None:
        again = max(case.now, complaint.stopped_at)  # it may have ended by a clock that was ahead
        deadlines = promises.shifted(case.policy, deadlines, complaint.stopped_at, again=again)
    if state is State.FORWARDED:
        deadlines |= promises.planned(case.policy, complaint.class_, [Stage.ACCEPT], start=case.now)
    return {"state": state.value, "deadlines": as_payload(deadlines)}
