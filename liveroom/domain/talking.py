"""Words about a complaint, and who is looking into it; none of it moves the complaint."""

from datetime import timedelta

from liveroom.domain.case import Case
from liveroom.domain.events import Event, Kind
from liveroom.domain.moments import written
from liveroom.domain.refusals import Code, Refused
from liveroom.domain.specs import LEADERS


def comment(case: Case) -> tuple[Event, ...]:
    """A note among ourselves."""
    return (case.event(Kind.COMMENTED, {"text": case.field("text")}),)


def reply(case: Case) -> tuple[Event, ...]:
    """An answer to the citizen; ends the reply's deadline."""
    return (case.event(Kind.REPLIED, {"text": case.field("text")}),)


def claim(case: Case) -> tuple[Event, ...]:
    """ "I am looking into it": refused while somebody else is, unless a supervisor takes over."""
    holder, until = case.complaint.claimed_by, case.complaint.claimed_until
    live = until is not None and until > case.now
    if live and holder != case.command.actor and case.command.role not in LEADERS:
        raise Refused(Code.CLAIMED, "somebody else is looking into it")
    until = case.now + timedelta(minutes=case.policy.claim_minutes)
    return (case.event(Kind.CLAIMED, {"until": written(until)}),)
