"""Complaint + event -> complaint (exhaustive `match`, so that mypy finds a forgotten kind)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from liveroom.domain import timestamps
from liveroom.domain.complaints.deadlines import all_of, from_payload
from liveroom.domain.complaints.model import Complaint, Question, Stage, State
from liveroom.domain.events import Event, Kind, Logged

# What receipt, resends, triage and a new policy make of a complaint: codes, place, priority and their deadlines.

_CODES = ("category", "priority", "agency", "area", "lat", "lon", "in_city", "channel")


def received(event: Event) -> Complaint:
    """A new complaint, waiting to be forwarded; ``seq`` 0 until logged."""
    payload = event.payload
    codes: dict[str, Any] = {name: payload.get(name) for name in _CODES}
    return Complaint(
        id=event.id,
        seq=0,
        state=State.RECEIVED,
        source=payload["source"],
        source_id=payload["source_id"],
        report_hash=payload["hash"],
        class_=payload["class"],
        drill=payload["drill"],
        day=payload["day"],
        received_at=event.at,
        reported_at=timestamps.read_or_none(payload.get("reported_at")),
        updated_at=timestamps.read_or_none(payload.get("updated_at")),
        agencies=(),
        accepted_by=(),
        proved_by=(),
        **codes,
        **from_payload(payload),
    )


def amended(complaint: Complaint, event: Event) -> Complaint:
    """The source said more: only what changed is in the payload."""
    payload = event.payload
    return replace(
        complaint,
        report_hash=payload["hash"],
        updated_at=timestamps.read_or_none(payload.get("updated_at")),
        **_changed(payload),
    )


def triaged(complaint: Complaint, event: Event) -> Complaint:
    """An officer set codes or place; ``set`` names the fields no source overwrites from now on."""
    officer_set = complaint.officer_set | set(event.payload["set"])
    return replace(complaint, officer_set=officer_set, **_changed(event.payload))


def changed(complaint: Complaint, event: Event) -> Complaint:
    """The city promises otherwise, or place and words were erased: only what changed is in the payload."""
    return replace(complaint, **_changed(event.payload))


def _changed(payload: Mapping[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = {name: payload[name] for name in _CODES if name in payload}
    if "class" in payload:
        changed["class_"] = payload["class"]
    if "reported_at" in payload:
        changed["reported_at"] = timestamps.read_or_none(payload["reported_at"])
    return changed | from_payload(payload)


# What handling makes of a complaint: who has it, how far they are, pauses, deadlines passed and extended.


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
        paused_until=timestamps.read(payload["until"]),
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
        left += (Question(id=event.payload["text"], by=actor, at=event.at, answer_by=timestamps.read(answer_by)),)
    return replace(complaint, questions=left)


def claimed(complaint: Complaint, event: Event, actor: str) -> Complaint:
    """An officer looks into it; a courtesy with a name, no lock."""
    return replace(complaint, claimed_by=actor, claimed_until=timestamps.read(event.payload["until"]))


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


# What an end makes of a complaint, and what undoes one: done, elsewhere, merged, split, reopened.


def done(complaint: Complaint, event: Event) -> Complaint:
    """Finished: validated, closed by decision or by its source, or closed with the complaint it was merged into."""
    return replace(_ended(complaint, event, State.DONE), without_proof=event.payload.get("without_proof", False))


def referred(complaint: Complaint, event: Event) -> Complaint:
    """Not the city's: passed to an outside body."""
    return replace(_ended(complaint, event, State.NOT_OURS), outside=event.payload["outside"])


def rejected(complaint: Complaint, event: Event) -> Complaint:
    """No complaint the room can act on."""
    return _ended(complaint, event, State.REJECTED)


def merged(complaint: Complaint, event: Event) -> Complaint:
    """Part of another now. One that was merged already only moves along and keeps the day it was."""
    ended = complaint if complaint.state is State.MERGED else _ended(complaint, event, State.MERGED)
    return replace(ended, merged_into=event.payload["into"], children=())


def absorbed(complaint: Complaint, event: Event) -> Complaint:
    """Took in others."""
    new = tuple(child for child in event.payload["children"] if child not in complaint.children)
    return replace(complaint, children=complaint.children + new)


def released(complaint: Complaint, event: Event) -> Complaint:
    """One of its children, or of those done with it, stands alone again."""
    children, followers = (_without(ids, event.payload["child"]) for ids in (complaint.children, complaint.followers))
    return replace(complaint, children=children, followers=followers)


def reopened(complaint: Complaint, event: Event) -> Complaint:
    """Back to waiting; not counted in again (CR-77). Those done with it stay done: no children, they only follow."""
    children, followers = complaint.children, complaint.followers
    if complaint.state is State.DONE:
        children, followers = (), followers + children
    again = replace(_again(complaint, event), reopened=complaint.reopened + 1)
    return replace(again, children=children, followers=followers)


def split(complaint: Complaint, event: Event) -> Complaint:
    """A merged one stands alone again."""
    return _again(complaint, event)


def _without(ids: tuple[str, ...], gone: str) -> tuple[str, ...]:
    return tuple(one for one in ids if one != gone)


def _ended(complaint: Complaint, event: Event, state: State) -> Complaint:
    """Its time stands still from its first end on: one merged, then done with the other, stood since it was merged."""
    return replace(
        complaint,
        state=state,
        closed_at=event.at,
        closed_day=event.payload["closed_day"],
        stopped_at=complaint.stopped_at or event.at,
        claimed_by=None,
        claimed_until=None,
    )


def _again(complaint: Complaint, event: Event) -> Complaint:
    stop = () if complaint.stopped_at is None else ((complaint.stopped_at, max(event.at, complaint.stopped_at)),)
    return replace(
        complaint,
        state=State(event.payload["state"]),
        stops=complaint.stops + stop,
        closed_at=None,
        closed_day=None,
        stopped_at=None,
        accepted_by=(),
        proved_by=(),
        submitted_by=None,
        merged_into=None,
        outside=None,
        without_proof=False,
        **from_payload(event.payload),
    )


# What an event makes of a complaint: reads the payload alone, so that the log replayed in any year gives the same.

Fold = Callable[[Complaint, Event], Complaint]
Signed = Callable[[Complaint, Event, str], Complaint]

FOLDS: Mapping[str, Fold] = {
    Kind.AMENDED: amended,
    Kind.TRIAGED: triaged,
    Kind.FORWARDED: forwarded,
    Kind.ACCEPTED: accepted,
    Kind.DECLINED: declined,
    Kind.STARTED: started,
    Kind.ASKED: asked,
    Kind.ANSWERED: resumed,
    Kind.HELD: held,
    Kind.RESUMED: resumed,
    Kind.COORDINATED: coordinated,
    Kind.SENT_BACK: sent_back,
    Kind.VALIDATED: done,
    Kind.CLOSED: done,
    Kind.REOPENED: reopened,
    Kind.MERGED: merged,
    Kind.ABSORBED: absorbed,
    Kind.SPLIT: split,
    Kind.RELEASED: released,
    Kind.REFERRED: referred,
    Kind.REJECTED: rejected,
    Kind.REPLIED: replied,
    Kind.UNCLAIMED: unclaimed,
    Kind.EXTENDED: extended,
    Kind.REPLANNED: changed,
    Kind.ERASED: changed,
    Kind.DEADLINE_WARNED: deadline_warned,
    Kind.DEADLINE_PASSED: deadline_passed,
    Kind.DEADLINE_MULTIPLIED: deadline_multiplied,
}
SIGNED: Mapping[str, Signed] = {
    Kind.PROOF_SUBMITTED: proof_submitted,
    Kind.CLAIMED: claimed,
    Kind.COMMENTED: commented,
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
        return received(event)
    if complaint is None:
        raise ValueError(f"{event.kind} on the unknown complaint {event.id}")
    if (signed := SIGNED.get(event.kind)) is not None:
        return signed(complaint, event, actor)
    fold = FOLDS.get(event.kind)
    return complaint if fold is None else fold(complaint, event)
