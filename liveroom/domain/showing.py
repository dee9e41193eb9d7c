"""Which pictures of finished work guests may see: a supervisor says so for each complaint, and may take it back."""

from liveroom.domain.case import Case
from liveroom.domain.events import Event, Kind
from liveroom.domain.refusals import Code, Refused


def release_proof(case: Case) -> tuple[Event, ...]:
    """Before and after are shown. Raises Refused for a private matter, or one that the city does not know."""
    if case.policy.is_private(case.complaint.category):
        raise Refused(Code.FIELD, "pictures of a private matter are shown to nobody", "after")
    return (case.event(Kind.PROOF_RELEASED, {"before": case.field("before"), "after": case.field("after")}),)


def withdraw_proof(case: Case) -> tuple[Event, ...]:
    """They are not shown any more, or never were."""
    return (case.event(Kind.PROOF_WITHDRAWN, {}),)
