"""Proof and its judgement, and closing without any: a complaint merged into one that is done is done with it."""

from liveroom.domain.case import Case
from liveroom.domain.events import Event, Kind
from liveroom.domain.pausing import running_again
from liveroom.domain.refusals import Code, Refused


def submit_proof(case: Case) -> tuple[Event, ...]:
    """The actor's agency says it is done; the lead's waits for a second person."""
    agency = case.command.actor_agency
    payload = {
        "agency": agency,
        "lead": agency == case.complaint.agency,
        "note": case.field("note"),
        "media": list(case.field("media") or ()),
    }
    return (case.event(Kind.PROOF_SUBMITTED, payload),)


def validate(case: Case) -> tuple[Event, ...]:
    """The proof convinces."""
    if case.policy.second_person and case.command.actor == case.complaint.submitted_by:
        raise Refused(Code.SAME_PERSON, "somebody else has to judge the proof")
    return (case.event(Kind.VALIDATED, case.closing()), *_with_it(case))


def send_back(case: Case) -> tuple[Event, ...]:
    """It does not."""
    return (case.event(Kind.SENT_BACK, {"reason": case.field("reason")}),)


def close(case: Case) -> tuple[Event, ...]:
    """Done by decision; ``without_proof`` marks it where the category asks for proof and the lead gave none."""
    complaint = case.complaint
    category = case.policy.categories.get(complaint.category)
    unproved = complaint.agency not in complaint.proved_by and (category is None or category.needs_proof)
    payload = case.closing() | {"reason": case.field("reason"), "without_proof": unproved}
    return (*running_again(complaint, case.policy, case.now), case.event(Kind.CLOSED, payload), *_with_it(case))


def _with_it(case: Case) -> tuple[Event, ...]:
    payload = case.closing() | {"with": case.complaint.id}
    return tuple(case.event(Kind.CLOSED, payload, about=child) for child in case.complaint.children)
