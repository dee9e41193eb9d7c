"""Who is looking into a complaint: a name for a while, seen by all desks; it ends by itself and is no lock."""

from datetime import datetime, timedelta

from liveroom.domain.case import Case
from liveroom.domain.commands import Command, Name
from liveroom.domain.complaint import Complaint
from liveroom.domain.events import Event, Kind
from liveroom.domain.moments import written
from liveroom.domain.refusals import Code, Refused
from liveroom.domain.specs import AGENCY, LEADERS

# What a claim does not keep from a complaint that is one of many: words move nothing.
HARMLESS = frozenset({Name.COMMENT, Name.REPLY, Name.RELEASE, Name.RATE})


def claim(case: Case) -> tuple[Event, ...]:
    """ "I am looking into it": refused while somebody else is, unless a supervisor takes over.

    The holder renews it; nothing is logged while more than half of the time is left.
    """
    complaint, now = case.complaint, case.now
    whole = timedelta(minutes=case.policy.claim_minutes)
    if (taken := _taken(complaint, case.command, now)) is not None:
        raise taken
    until = complaint.claimed_until
    if complaint.claimed_by == case.command.actor and until is not None and until - now > whole / 2:
        return ()
    return (case.event(Kind.CLAIMED, {"until": written(now + whole)}),)


def release(case: Case) -> tuple[Event, ...]:
    """ "I am not, after all": the holder's or a supervisor's; nothing happens where nobody is."""
    if holder(case.complaint, case.now) is None:
        return ()
    if (taken := _taken(case.complaint, case.command, case.now)) is not None:
        raise taken
    return (case.event(Kind.UNCLAIMED, {}),)


def holder(complaint: Complaint, now: datetime) -> str | None:
    """Who is looking into it now."""
    until = complaint.claimed_until
    return complaint.claimed_by if until is not None and until > now else None


def in_the_way(complaint: Complaint, command: Command, now: datetime) -> Refused | None:
    """Why a command given to many passes this complaint by: somebody else is looking into it. None for any other."""
    if not command.bulk or command.name in HARMLESS or command.role in AGENCY:
        return None
    return _taken(complaint, command, now)


def _taken(complaint: Complaint, command: Command, now: datetime) -> Refused | None:
    by = holder(complaint, now)
    if by in (None, command.actor) or command.role in LEADERS:
        return None
    return Refused(Code.CLAIMED, "somebody else is looking into it", by=by)
