"""What an event makes of a complaint: reads the payload alone, so that the log replayed in any year gives the same."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from liveroom.domain import evolve_handling as handling
from liveroom.domain import evolve_origin as origin
from liveroom.domain import evolve_outcome as outcome
from liveroom.domain.complaint import Complaint
from liveroom.domain.events import Event, Kind, Logged

Fold = Callable[[Complaint, Event], Complaint]
Signed = Callable[[Complaint, Event, str], Complaint]

FOLDS: Mapping[str, Fold] = {
    Kind.AMENDED: origin.amended,
    Kind.TRIAGED: origin.triaged,
    Kind.FORWARDED: handling.forwarded,
    Kind.ACCEPTED: handling.accepted,
    Kind.DECLINED: handling.declined,
    Kind.STARTED: handling.started,
    Kind.ASKED: handling.asked,
    Kind.ANSWERED: handling.resumed,
    Kind.HELD: handling.held,
    Kind.RESUMED: handling.resumed,
    Kind.COORDINATED: handling.coordinated,
    Kind.SENT_BACK: handling.sent_back,
    Kind.VALIDATED: outcome.done,
    Kind.CLOSED: outcome.done,
    Kind.REOPENED: outcome.reopened,
    Kind.MERGED: outcome.merged,
    Kind.ABSORBED: outcome.absorbed,
    Kind.SPLIT: outcome.split,
    Kind.RELEASED: outcome.released,
    Kind.REFERRED: outcome.referred,
    Kind.REJECTED: outcome.rejected,
    Kind.REPLIED: handling.replied,
    Kind.UNCLAIMED: handling.unclaimed,
    Kind.EXTENDED: handling.extended,
    Kind.REPLANNED: origin.changed,
    Kind.ERASED: origin.changed,
    Kind.DEADLINE_WARNED: handling.deadline_warned,
    Kind.DEADLINE_PASSED: handling.deadline_passed,
    Kind.DEADLINE_MULTIPLIED: handling.deadline_multiplied,
}
SIGNED: Mapping[str, Signed] = {
    Kind.PROOF_SUBMITTED: handling.proof_submitted,
    Kind.CLAIMED: handling.claimed,
    Kind.COMMENTED: handling.commented,
}


def evolve(complaint: Complaint | None, logged: Logged) -> Complaint:
    """The complaint after the event, at its ``seq``; an unknown type changes nothing else.

    Raises ValueError for anything but ``complaint.received`` on a complaint that does not exist.
    """
    after = apply(complaint, logged.event, logged.actor)
    return replace(after, seq=logged.seq)


def apply(complaint: Complaint | None, event: Event, actor: str) -> Complaint:
    """As ``evolve``, for an event that has no number yet."""
    if event.kind == Kind.RECEIVED:
        return origin.received(event)
    if complaint is None:
        raise ValueError(f"{event.kind} on the unknown complaint {event.id}")
    if (signed := SIGNED.get(event.kind)) is not None:
        return signed(complaint, event, actor)
    fold = FOLDS.get(event.kind)
    return complaint if fold is None else fold(complaint, event)
