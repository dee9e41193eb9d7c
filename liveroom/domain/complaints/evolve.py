"""``evolve``: complaint + event -> complaint.

Reads the payload and the actor alone, never a policy, a calendar or a clock, so that the log replayed in any year gives
the same. The type checker finds a payload of a complaint that no case folds. What is about something else changes
nothing, nor does an unknown kind, of a log that a newer release wrote.
"""

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from msgspec import UNSET
from msgspec.structs import replace

from liveroom.domain import timestamps
from liveroom.domain.complaints.model import Complaint, Deadlines, Question, Stage, State, all_of, from_payload
from liveroom.domain.events import Event, LoggedEvent
from liveroom.domain.events import complaint_payloads as payloads
from liveroom.domain.events.complaint_payloads import ComplaintPayload


def evolve(complaint: Complaint | None, logged: LoggedEvent) -> Complaint:
    """The complaint after the event, at its ``seq``; an unknown kind changes nothing else.

    Raises ValueError for anything but ``complaint.received`` on a complaint that does not exist.
    """
    after = apply(complaint, logged.event, logged.actor)
    return replace(after, seq=logged.seq)


def apply(complaint: Complaint | None, event: Event, actor: str) -> Complaint:
    """As ``evolve``, for an event that has no number yet."""
    global _last
    last = _last
    if last is not None and last[0] is complaint and last[1] is event and last[2] == actor:
        return last[3]
    after = _applied(complaint, event, actor)
    _last = (complaint, event, actor, after)
    return after


def begun(event: Event, payload: payloads.ComplaintReceived, deadlines: Deadlines, actor: str) -> Complaint:
    """As ``apply`` of a receipt, for who has just planned its ``deadlines`` and need not read them from their text."""
    global _last
    after = _received(event, payload, {str(stage): deadline for stage, deadline in deadlines.items()})
    _last = (None, event, actor, after)
    return after


# What was applied last: who decides applies an event to see what follows from it, and the log applies it next.
_last: tuple[Complaint | None, Event, str, Complaint] | None = None


def _applied(complaint: Complaint | None, event: Event, actor: str) -> Complaint:
    payload = event.payload
    if isinstance(payload, payloads.ComplaintReceived):
        return _received(event, payload, from_payload(payload.deadlines))
    if complaint is None:
        raise ValueError(f"{event.kind} on the unknown complaint {event.id}")
    return _changed(complaint, event, payload, actor) if isinstance(payload, payloads.ComplaintFact) else complaint


def _changed(  # noqa: C901, PLR0912 - one case a payload: the table of what each does
    complaint: Complaint, event: Event, payload: ComplaintPayload, actor: str
) -> Complaint:
    match payload:
        case payloads.ComplaintReceived():
            return complaint
        case payloads.ComplaintEnded():
            return _ended(complaint, event, payload)
        case payloads.ComplaintCodes():
            return _corrected(complaint, payload)
        case payloads.ComplaintForwarded():
            return _forwarded(complaint, payload)
        case payloads.AgencyPart():
            return _worked(complaint, payload, actor)
        case payloads.ComplaintCoordinated():
            return _narrowed(complaint, tuple(payload.agencies))
        case payloads.ComplaintSentBack():
            return _sent_back(complaint)
        case payloads.ComplaintAsked():
            return _asked(complaint, event, payload)
        case payloads.ComplaintHeld():
            return _held(complaint, event, payload)
        case payloads.ComplaintAnswered() | payloads.ComplaintResumed():
            return _resumed(complaint, event, payload)
        case payloads.ComplaintExtended():
            return replace(complaint, **from_payload(payload.deadlines))
        case payloads.ComplaintCommented():
            return _commented(complaint, event, payload, actor)
        case payloads.ComplaintReplied():
            return replace(complaint, reply=None)
        case payloads.ComplaintClaimed():
            return replace(complaint, claimed_by=actor, claimed_until=timestamps.read(payload.until))
        case payloads.ComplaintUnclaimed():
            return replace(complaint, claimed_by=None, claimed_until=None)
        case payloads.DeadlineMark() | payloads.DeadlineMultiplied():
            return _marked(complaint, _marks(complaint, payload))
        case payloads.ComplaintAbsorbed():
            new = tuple(child for child in payload.children if child not in complaint.children)
            return replace(complaint, children=complaint.children + new)
        case payloads.ComplaintReleased():
            return _released(complaint, payload.child)
        case payloads.ComplaintReopened():
            return _reopened(complaint, event, payload)
        case payloads.ComplaintSplit():
            return _again(complaint, event, payload)
        case payloads.ComplaintRated() | payloads.ProofReleased() | payloads.ProofWithdrawn():
            return complaint  # words and pictures that other tables keep
        case _:
            assert_never(payload)


# Receipt, resends, triage and a new policy: codes, place, priority and their deadlines.


def _received(event: Event, payload: payloads.ComplaintReceived, deadlines: Mapping[str, Any]) -> Complaint:
    """A new complaint, waiting to be forwarded; ``seq`` 0 until logged."""
    return Complaint(
        id=event.id,
        seq=0,
        state=State.RECEIVED,
        source=payload.source,
        source_id=payload.source_id,
        report_hash=payload.hash,
        category=payload.category,
        class_=payload.class_,
        priority=payload.priority,
        agency=None,
        area=payload.area,
        lat=payload.lat,
        lon=payload.lon,
        in_city=payload.in_city,
        channel=payload.channel,
        drill=payload.drill,
        day=payload.day,
        received_at=event.at,
        reported_at=timestamps.read_or_none(payload.reported_at),
        updated_at=timestamps.read_or_none(payload.updated_at),
        agencies=(),
        accepted_by=(),
        proved_by=(),
        officer_set=frozenset(),
        **deadlines,
    )


_CODES = ("category", "class_", "priority", "agency", "area", "lat", "lon", "in_city", "channel")


def _corrected(complaint: Complaint, payload: payloads.Correction) -> Complaint:
    """Only what changed is in the payload: by the source, an officer, a new policy or an erasure."""
    changed: dict[str, Any] = {name: new for name in _CODES if (new := getattr(payload, name)) is not UNSET}
    if payload.reported_at is not UNSET:
        changed["reported_at"] = timestamps.read_or_none(payload.reported_at)
    changed |= from_payload(payload.deadlines)
    match payload:
        case payloads.ComplaintAmended():
            changed |= {"report_hash": payload.hash, "updated_at": timestamps.read_or_none(payload.updated_at)}
        case payloads.ComplaintTriaged():
            changed["officer_set"] = complaint.officer_set | set(payload.officer_set)
        case payloads.ComplaintReplanned() | payloads.ComplaintErased():
            pass
        case _:
            assert_never(payload)
    return replace(complaint, **changed)


# Work on it: agencies, proof, pauses, words, claims, marks of deadlines.


def _forwarded(complaint: Complaint, payload: payloads.ComplaintForwarded) -> Complaint:
    """With its agencies now; each accepts anew, and the desk's claim is over."""
    return replace(
        complaint,
        state=State.FORWARDED,
        agency=payload.agency,
        agencies=tuple(payload.agencies),
        accepted_by=(),
        proved_by=(),
        submitted_by=None,
        claimed_by=None,
        claimed_until=None,
        handler=payload.agency,
        moves=complaint.moves + (complaint.handler not in (None, payload.agency)),
        **from_payload(payload.deadlines),
    )


def _worked(complaint: Complaint, payload: payloads.AgencyStep, actor: str) -> Complaint:
    """One agency accepted, declined, began or proved its part; that of the lead moves the complaint."""
    match payload:
        case payloads.ComplaintAccepted():
            state = State.ACCEPTED if payload.lead else complaint.state
            return replace(complaint, state=state, accepted_by=(*complaint.accepted_by, payload.agency))
        case payloads.ComplaintDeclined():
            return _declined(complaint, payload)
        case payloads.ComplaintStarted():
            return replace(complaint, state=State.WORKING)
        case payloads.ProofSubmitted():
            return _proved(complaint, payload, actor)
        case _:
            assert_never(payload)


def _declined(complaint: Complaint, payload: payloads.ComplaintDeclined) -> Complaint:
    """The lead's no sends it back to the desk (``next`` is intended now); a helper's only removes the helper."""
    if payload.lead:
        return replace(complaint, state=State.RECEIVED, agency=payload.next, agencies=(), accepted_by=(), proved_by=())
    return _narrowed(complaint, tuple(agency for agency in complaint.agencies if agency != payload.agency))


def _narrowed(complaint: Complaint, agencies: tuple[str, ...]) -> Complaint:
    """With these agencies; what others had accepted or proved goes with them."""
    return replace(
        complaint,
        agencies=agencies,
        accepted_by=tuple(agency for agency in complaint.accepted_by if agency in agencies),
        proved_by=tuple(agency for agency in complaint.proved_by if agency in agencies),
    )


def _proved(complaint: Complaint, payload: payloads.ProofSubmitted, actor: str) -> Complaint:
    """An agency says it is done; the lead's proof is what is validated."""
    proved_by = (*(agency for agency in complaint.proved_by if agency != payload.agency), payload.agency)
    if not payload.lead:
        return replace(complaint, proved_by=proved_by)
    return replace(complaint, state=State.PROOF_SUBMITTED, proved_by=proved_by, submitted_by=actor)


def _sent_back(complaint: Complaint) -> Complaint:
    """The lead's proof did not convince."""
    proved_by = tuple(agency for agency in complaint.proved_by if agency != complaint.agency)
    return replace(complaint, state=State.WORKING, proved_by=proved_by, submitted_by=None)


def _asked(complaint: Complaint, event: Event, payload: payloads.ComplaintAsked) -> Complaint:
    """Waits for the citizen; the clock stands still where the city says so."""
    stopped_at = event.at if payload.stops else None
    return replace(complaint, paused="citizen", paused_at=event.at, stopped_at=stopped_at)


def _held(complaint: Complaint, event: Event, payload: payloads.ComplaintHeld) -> Complaint:
    """Held until a moment; the deadlines in the payload lie already where that end will put them."""
    return replace(
        complaint,
        paused="hold",
        paused_at=event.at,
        paused_until=timestamps.read(payload.until),
        stopped_at=event.at if payload.stops else None,
        **from_payload(payload.deadlines),
    )


def _resumed(
    complaint: Complaint, event: Event, payload: payloads.ComplaintAnswered | payloads.ComplaintResumed
) -> Complaint:
    """The pause is over, by a person, an answer or the end of the hold."""
    stop = () if complaint.stopped_at is None else ((complaint.stopped_at, max(event.at, complaint.stopped_at)),)
    return replace(
        complaint,
        paused=None,
        paused_at=None,
        paused_until=None,
        stopped_at=None,
        stops=complaint.stops + stop,
        **from_payload(payload.deadlines),
    )


def _commented(complaint: Complaint, event: Event, payload: payloads.ComplaintCommented, actor: str) -> Complaint:
    """A question stays open until its answer; any other note changes nothing."""
    if not payload.answer_by and not payload.answers:
        return complaint
    left = tuple(one for one in complaint.questions if one.id not in (payload.answers or ()))
    if payload.answer_by:
        answer_by = timestamps.read(payload.answer_by)
        left += (Question(id=payload.text or "", by=actor, at=event.at, answer_by=answer_by),)
    return replace(complaint, questions=left)


def _marks(complaint: Complaint, payload: payloads.Mark) -> Mapping[str, Mapping[str, Any]]:
    """By stage, what its deadline came to; an inherited event says of every stage how far it had come."""
    match payload:
        case payloads.DeadlineWarned():
            return {stage: {"warned": True} for stage in _stages(payload)}
        case payloads.DeadlinePassed():
            marks: dict[str, dict[str, Any]] = {stage: {"warned": True} for stage in payload.warned or ()}
            run = payload.multiplied or {}
            for stage in _stages(payload):
                found = {"warned": True, "multiplied": run.get(stage, 0)} if payload.stages is not UNSET else {}
                marks[stage] = {"passed": True, **found}
            return marks
        case payloads.DeadlineMultiplied():
            deadline = all_of(complaint).get(Stage(payload.stage))
            return {} if deadline is None else {payload.stage: {"multiplied": deadline.multiplied + 1}}
        case _:
            assert_never(payload)


def _stages(payload: payloads.DeadlineMark) -> Sequence[str]:
    """The stages that an event is about: one, or all that were found at once."""
    return payload.stages or (payload.stage,)


def _marked(complaint: Complaint, marks: Mapping[str, Mapping[str, Any]]) -> Complaint:
    found = {stage.value: deadline for stage, deadline in all_of(complaint).items()}
    changed: dict[str, Any] = {stage: replace(found[stage], **mark) for stage, mark in marks.items() if stage in found}
    return replace(complaint, **changed)


# Ends and what undoes them: done, elsewhere, merged, split, reopened.


def _ended(complaint: Complaint, event: Event, payload: payloads.End) -> Complaint:
    """Finished (by validation, by decision, by its source, with another), not the city's, rejected, or merged."""
    match payload:
        case payloads.ComplaintValidated():
            return replace(_closed(complaint, event, payload, State.DONE), without_proof=False)
        case payloads.ComplaintClosed():
            done = _closed(complaint, event, payload, State.DONE)
            return replace(done, without_proof=payload.without_proof or False)
        case payloads.ComplaintReferred():
            return replace(_closed(complaint, event, payload, State.NOT_OURS), outside=payload.outside)
        case payloads.ComplaintRejected():
            return _closed(complaint, event, payload, State.REJECTED)
        case payloads.ComplaintMerged():
            # One that was merged already only moves along and keeps the day it was.
            moves = complaint.state is State.MERGED
            ended = complaint if moves else _closed(complaint, event, payload, State.MERGED)
            return replace(ended, merged_into=payload.into, children=())
        case _:
            assert_never(payload)


def _closed(complaint: Complaint, event: Event, payload: payloads.ComplaintEnded, state: State) -> Complaint:
    """Its deadlines stand still from the first end on: one merged, then closed with the other, since it was merged."""
    return replace(
        complaint,
        state=state,
        closed_at=event.at,
        closed_day=payload.closed_day,
        stopped_at=complaint.stopped_at or event.at,
        claimed_by=None,
        claimed_until=None,
    )


def _released(complaint: Complaint, child: str) -> Complaint:
    """One of its children, or of those done with it, stands alone again."""
    children, followers = (
        tuple(one for one in ids if one != child) for ids in (complaint.children, complaint.followers)
    )
    return replace(complaint, children=children, followers=followers)


def _reopened(complaint: Complaint, event: Event, payload: payloads.ComplaintReopened) -> Complaint:
    """Back to waiting; not counted in again (CR-77). Those done with it stay done: no children, they only follow."""
    children, followers = complaint.children, complaint.followers
    if complaint.state is State.DONE:
        children, followers = (), followers + children
    again = replace(_again(complaint, event, payload), reopened=complaint.reopened + 1)
    return replace(again, children=children, followers=followers)


def _again(complaint: Complaint, event: Event, payload: payloads.ComplaintReturned) -> Complaint:
    """Waiting or forwarded again, as a merged complaint is once it stands alone."""
    stop = () if complaint.stopped_at is None else ((complaint.stopped_at, max(event.at, complaint.stopped_at)),)
    return replace(
        complaint,
        state=State(payload.state),
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
        **from_payload(payload.deadlines),
    )
