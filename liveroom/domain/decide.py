"""The rules of the room: a complaint, a command and a moment in, events or a refusal out."""

from collections.abc import Callable, Mapping
from datetime import datetime

from liveroom.domain import claiming, ending, forwarding, grouping, pausing, proving, showing, talking, triaging
from liveroom.domain.case import Case
from liveroom.domain.commands import Command, Name
from liveroom.domain.complaint import Complaint
from liveroom.domain.events import Event
from liveroom.domain.policy import Policy
from liveroom.domain.standing import refusal

Handler = Callable[[Case], tuple[Event, ...]]

HANDLERS: Mapping[Name, Handler] = {
    Name.TRIAGE: triaging.triage,
    Name.FORWARD: forwarding.forward,
    Name.ACCEPT: forwarding.accept,
    Name.DECLINE: forwarding.decline,
    Name.START: forwarding.start,
    Name.ASK: pausing.ask,
    Name.ANSWER: pausing.answer,
    Name.HOLD: pausing.hold,
    Name.RESUME: pausing.resume,
    Name.COORDINATE: forwarding.coordinate,
    Name.SUBMIT_PROOF: proving.submit_proof,
    Name.VALIDATE: proving.validate,
    Name.SEND_BACK: proving.send_back,
    Name.RELEASE_PROOF: showing.release_proof,
    Name.WITHDRAW_PROOF: showing.withdraw_proof,
    Name.CLOSE: proving.close,
    Name.REOPEN: ending.reopen,
    Name.MERGE: grouping.merge,
    Name.SPLIT: grouping.split,
    Name.REFER_OUTSIDE: ending.refer_outside,
    Name.REJECT: ending.reject,
    Name.COMMENT: talking.comment,
    Name.REPLY: talking.reply,
    Name.CLAIM: claiming.claim,
    Name.RELEASE: claiming.release,
    Name.EXTEND: triaging.extend,
    Name.RATE: talking.rate,
}


def decide(
    complaint: Complaint, command: Command, now: datetime, policy: Policy, *, others: Mapping[str, Complaint]
) -> tuple[Event, ...]:
    """The events of the command on a complaint that is settled at ``now``; some may be about its ``others``.

    ``others`` holds the complaints of ``commands.needs``. Raises Refused with a closed code; docs/commands.md.
    """
    no = refusal(complaint, command.name, command.role, actor_agency=command.actor_agency)
    if no is not None:
        raise no
    if (taken := claiming.in_the_way(complaint, command, now)) is not None:
        raise taken
    case = Case(complaint=complaint, command=command, now=now, policy=policy, others=others)
    return HANDLERS[command.name](case)
