"""Who has it: forward, accept, decline, start and the agencies beside the lead."""

from liveroom.domain import promises
from liveroom.domain.case import Case
from liveroom.domain.complaint import Stage, State
from liveroom.domain.deadlines import as_payload
from liveroom.domain.events import Event, Kind
from liveroom.domain.evolve import apply
from liveroom.domain.refusals import Code, Refused
from liveroom.domain.settling import overtaken


def forward(case: Case) -> tuple[Event, ...]:
    """To a lead and its helpers; the time to accept counts from now."""
    lead = case.field("agency")
    agencies = _known(case, lead, field="agency") + tuple(
        key for key in _known(case, *(case.field("agencies") or ()), field="agencies") if key != lead
    )
    if case.complaint.state is not State.RECEIVED and lead == case.complaint.agency:
        raise Refused(Code.STATE, "it lies with this agency already", "agency")
    deadlines = promises.planned(case.policy, case.complaint.class_, [Stage.ACCEPT], start=case.now)
    payload = {"agency": lead, "agencies": list(agencies), "deadlines": as_payload(deadlines)}
    return (case.event(Kind.FORWARDED, payload),)


def accept(case: Case) -> tuple[Event, ...]:
    """The actor's agency takes it on."""
    return (case.event(Kind.ACCEPTED, _part(case)),)


def decline(case: Case) -> tuple[Event, ...]:
    """The actor's agency does not; no deadline moves by it, so the time to forward may be over long since."""
    agency = case.command.actor_agency
    left = [key for key in case.complaint.agencies if key != agency]
    payload = _part(case) | {"next": left[0] if left else None, "reason": case.field("reason")}
    declined = case.event(Kind.DECLINED, payload)
    return (declined, *overtaken(apply(case.complaint, declined, case.command.actor), case.now))


def start(case: Case) -> tuple[Event, ...]:
    """The work begins."""
    return (case.event(Kind.STARTED, _part(case)),)


def coordinate(case: Case) -> tuple[Event, ...]:
    """Which agencies help the lead; an empty list leaves it alone."""
    lead = case.complaint.agency
    helpers = [key for key in _known(case, *case.field("agencies"), field="agencies") if key != lead]
    return (case.event(Kind.COORDINATED, {"agencies": [lead, *helpers]}),)


def _part(case: Case) -> dict[str, object]:
    agency = case.command.actor_agency
    return {"agency": agency, "lead": agency == case.complaint.agency}


def _known(case: Case, *keys: str, field: str) -> tuple[str, ...]:
    for key in keys:
        if key not in case.policy.agencies:
            raise Refused(Code.UNKNOWN_AGENCY, "is no agency of this city", field)
    return keys
