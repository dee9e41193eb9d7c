"""What handling makes of a complaint: who has it, how far they are, pauses, deadlines passed and extended."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from liveroom.domain import moments
from liveroom.domain.complaint import Complaint, Question, Stage, State
from liveroom.domain.deadlines import all_of, from_payload
from liveroom.domain.events import Event


def forwarded(complaint: Complaint, event: Event) -> Complaint:
    """With its agencies now; each accepts anew, and the desk's claim is over."""
    payload = event.payload
    return replace(
        complaint,
        state=State.FORWARDED,
        agency=payload["agency"],
        agencies=tuple(payload["agencies"]),
        accepted_by=(),
        proved_by=(),
        submitted_by=None,
        claimed_by=None,
        claimed_until=None,
        **from_payload(payload),
    )


def accepted(complaint: Complaint, event: Event) -> Complaint:
    """One agency took it on; in process once that is the lead."""
    state = State.ACCEPTED if event.payload["lead"] else complaint.state
    return replace(complaint, state=state, accepted_by=(*complaint.accepted_by, event.payload["agency"]))


def declined(complaint: Complaint, event: Event) -> Complaint:
    """The lead's no sends it back to the desk (``next`` is intended now); a helper's only removes the helper."""
    payload = event.payload
    if payload["lead"]:
        return replace(
            complaint, state=State.RECEIVED, agency=payload["next"], agencies=(), accepted_by=(), proved_by=()
        )
    return _among(complaint, tuple(agency for agency in complaint.agencies if agency != payload["agency"]))


def coordinated(complaint: Complaint, event: Event) -> Complaint:
    """Other agencies beside the lead."""
    return _among(complaint, tuple(event.payload["agencies"]))


def _among(complaint: Complaint, agencies: tuple[str, ...]) -> Complaint:
    return replace(
        complaint,
        agencies=agencies,
        accepted_by=tuple(agency for agency in complaint.accepted_by if agency in agencies),
        proved_by=tuple(agency for agency in complaint.proved_by if agency in agencies),
    )


def started(complaint: Complaint, _event: Event) -> Complaint:
    """Somebody works on it."""
    return replace(complaint, state=State.WORKING)


def proof_submitted(complaint: Complaint, event: Event, actor: str) -> Complaint:
    """An agency says it is done; the lead's proof is what is validated."""
    proved_by = (*(a for a in complaint.proved_by if a != event.payload["agency"]), event.payload["agency"])
    if not event.payload["lead"]:
        return replace(complaint, proved_by=proved_by)
    return replace(complaint, state=State.PROOF_SUBMITTED, proved_by=proved_by, submitted_by=actor)


def sent_back(complaint: Complaint, _event: Event) -> Complaint:
    """The lead's proof did not convince."""
    proved_by = tuple(agency for agency in complaint.proved_by if agency != complaint.agency)
    return replace(complaint, state=State.WORKING, proved_by=proved_by, submitted_by=None)


def asked(complaint: Complaint, event: Event) -> Complaint:
    """Waits for the citizen; the clock stands still where the city says so."""
    stopped_at = event.at if event.payload["stops"] else None
    return replace(complaint, paused="citizen", paused_at=event.at, stopped_at=stopped_at)


def held(complaint: Complaint, event: Event) -> Complaint:
    """Held until a moment; the deadlines in the payload lie already where that end will put them."""
    payload = event.payload
    return replace(
        complaint,
        paused="hold",
        paused_at=event.at,
        paused_until=moments.read(payload["until"]),
        stopped_at=event.at if payload["stops"] else None,
        **from_payload(payload),
    )


def resumed(complaint: Complaint, event: Event) -> Complaint:
    """The pause is over, by a person, an answer or the end of the hold."""
    stop = () if complaint.stopped_at is None else ((complaint.stopped_at, max(event.at, complaint.stopped_at)),)
    return replace(
        complaint,
        paused=None,
        paused_at=None,
        paused_until=None,
        stopped_at=None,
        stops=complaint.stops + stop,
        **from_payload(event.payload),
    )


def extended(complaint: Complaint, event: Event) -> Complaint:
    """A later finish, with a reason."""
    return replace(complaint, **from_payload(event.payload))


def replied(complaint: Complaint, _event: Event) -> Complaint:
    """The citizen has an answer: that promise runs no more."""
    return replace(complaint, reply=None)


def commented(complaint: Complaint, event: Event, actor: str) -> Complaint:
    """A question stays open until its answer; any other note changes nothing."""
    answer_by, ended = event.payload.get("answer_by"), event.payload.get("answers", ())
    if answer_by is None and not ended:
        return complaint
    left = tuple(one for one in complaint.questions if one.id not in ended)
    if answer_by is not None:
        left += (Question(id=event.payload["text"], by=actor, at=event.at, answer_by=moments.read(answer_by)),)
    return replace(complaint, questions=left)


def claimed(complaint: Complaint, event: Event, actor: str) -> Complaint:
    """An officer looks into it; a courtesy with a name, no lock."""
    return replace(complaint, claimed_by=actor, claimed_until=moments.read(event.payload["until"]))


def unclaimed(complaint: Complaint, _event: Event) -> Complaint:
    """Nobody looks into it any more."""
    return replace(complaint, claimed_by=None, claimed_until=None)


def deadline_warned(complaint: Complaint, event: Event) -> Complaint:
    """Most of the allowed time has run."""
    return _marked(complaint, {stage: {"warned": True} for stage in _stages(event)})


def deadline_passed(complaint: Complaint, event: Event) -> Complaint:
    """A promise broken; an inherited one tells of every stage how far it was found."""
    told = event.payload
    marks: dict[str, dict[str, Any]] = {stage: {"warned": True} for stage in told.get("warned", ())}
    run = told.get("multiplied", {})
    for stage in _stages(event):
        found = {"warned": True, "multiplied": run.get(stage, 0)} if "stages" in told else {}
        marks[stage] = {"passed": True, **found}
    return _marked(complaint, marks)


def deadline_multiplied(complaint: Complaint, event: Event) -> Complaint:
    """A multiple of the allowed time has run."""
    stage = event.payload["stage"]
    deadline = all_of(complaint).get(Stage(stage))
    return complaint if deadline is None else _marked(complaint, {stage: {"multiplied": deadline.multiplied + 1}})


def _stages(event: Event) -> Sequence[str]:
    """The stages an event tells of: one, or all that were found at once."""
    found: Sequence[str] = event.payload.get("stages") or [event.payload["stage"]]
    return found


def _marked(complaint: Complaint, marks: Mapping[str, Mapping[str, Any]]) -> Complaint:
    found = {stage.value: deadline for stage, deadline in all_of(complaint).items()}
    changed: dict[str, Any] = {stage: replace(found[stage], **mark) for stage, mark in marks.items() if stage in found}
    return replace(complaint, **changed)
