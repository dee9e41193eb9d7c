"""``evolve``: complaint + event -> complaint.

Reads the payload and the actor alone, never a policy, a calendar or a clock, so that the log replayed in any year gives
the same. CHANGES names every kind of event about a complaint, also those that change nothing; a test finds a forgotten
one. An unknown kind, of a log that a newer release wrote, changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from liveroom.domain import timestamps
from liveroom.domain.complaints.model import Complaint, Question, Stage, State, all_of, from_payload
from liveroom.domain.events import Event, Kind, LoggedEvent

Change = Callable[[Complaint, Event, str], Complaint]


def evolve(complaint: Complaint | None, logged: LoggedEvent) -> Complaint:
    """The complaint after the event, at its ``seq``; an unknown kind changes nothing else.

    Raises ValueError for anything but ``complaint.received`` on a complaint that does not exist.
    """
    after = apply(complaint, logged.event, logged.actor)
    return replace(after, seq=logged.seq)


def apply(complaint: Complaint | None, event: Event, actor: str) -> Complaint:
    """As ``evolve``, for an event that has no number yet."""
    if event.kind == Kind.RECEIVED:
        return _received(event)
    if complaint is None:
        raise ValueError(f"{event.kind} on the unknown complaint {event.id}")
    change = CHANGES.get(event.kind)
    return complaint if change is None else change(complaint, event, actor)


# Receipt, resends, triage and a new policy: codes, place, priority and their deadlines.

_CODES = ("category", "priority", "agency", "area", "lat", "lon", "in_city", "channel")


def _received(event: Event) -> Complaint:
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


def _amended(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """The source said more: only what changed is in the payload."""
    payload = event.payload
    return replace(
        complaint,
        report_hash=payload["hash"],
        updated_at=timestamps.read_or_none(payload.get("updated_at")),
        **_changed_fields(payload),
    )


def _triaged(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """An officer set codes or place; ``set`` names the fields no source overwrites from now on."""
    officer_set = complaint.officer_set | set(event.payload["set"])
    return replace(complaint, officer_set=officer_set, **_changed_fields(event.payload))


def _changed(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """A new policy or an erasure: only what changed is in the payload."""
    return replace(complaint, **_changed_fields(event.payload))


def _changed_fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = {name: payload[name] for name in _CODES if name in payload}
    if "class" in payload:
        changed["class_"] = payload["class"]
    if "reported_at" in payload:
        changed["reported_at"] = timestamps.read_or_none(payload["reported_at"])
    return changed | from_payload(payload)


# Work on it: agencies, proof, pauses, words, claims, marks of deadlines.


def _forwarded(complaint: Complaint, event: Event, _actor: str) -> Complaint:
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


def _accepted(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """One agency took it on; in process once that is the lead."""
    state = State.ACCEPTED if event.payload["lead"] else complaint.state
    return replace(complaint, state=state, accepted_by=(*complaint.accepted_by, event.payload["agency"]))


def _declined(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """The lead's no sends it back to the desk (``next`` is intended now); a helper's only removes the helper."""
    payload = event.payload
    if payload["lead"]:
        return replace(
            complaint, state=State.RECEIVED, agency=payload["next"], agencies=(), accepted_by=(), proved_by=()
        )
    return _narrowed(complaint, tuple(agency for agency in complaint.agencies if agency != payload["agency"]))


def _coordinated(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """Other agencies beside the lead."""
    return _narrowed(complaint, tuple(event.payload["agencies"]))


def _narrowed(complaint: Complaint, agencies: tuple[str, ...]) -> Complaint:
    """With these agencies; what others had accepted or proved goes with them."""
    return replace(
        complaint,
        agencies=agencies,
        accepted_by=tuple(agency for agency in complaint.accepted_by if agency in agencies),
        proved_by=tuple(agency for agency in complaint.proved_by if agency in agencies),
    )


def _started(complaint: Complaint, _event: Event, _actor: str) -> Complaint:
    """The work began."""
    return replace(complaint, state=State.WORKING)


def _proof_submitted(complaint: Complaint, event: Event, actor: str) -> Complaint:
    """An agency says it is done; the lead's proof is what is validated."""
    proved_by = (*(a for a in complaint.proved_by if a != event.payload["agency"]), event.payload["agency"])
    if not event.payload["lead"]:
        return replace(complaint, proved_by=proved_by)
    return replace(complaint, state=State.PROOF_SUBMITTED, proved_by=proved_by, submitted_by=actor)


def _sent_back(complaint: Complaint, _event: Event, _actor: str) -> Complaint:
    """The lead's proof did not convince."""
    proved_by = tuple(agency for agency in complaint.proved_by if agency != complaint.agency)
    return replace(complaint, state=State.WORKING, proved_by=proved_by, submitted_by=None)


def _asked(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """Waits for the citizen; the clock stands still where the city says so."""
    stopped_at = event.at if event.payload["stops"] else None
    return replace(complaint, paused="citizen", paused_at=event.at, stopped_at=stopped_at)


def _held(complaint: Complaint, event: Event, _actor: str) -> Complaint:
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


def _resumed(complaint: Complaint, event: Event, _actor: str) -> Complaint:
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


def _extended(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """A later finish, with a reason."""
    return replace(complaint, **from_payload(event.payload))


def _replied(complaint: Complaint, _event: Event, _actor: str) -> Complaint:
    """The citizen has an answer: the reply's deadline runs no more."""
    return replace(complaint, reply=None)


def _commented(complaint: Complaint, event: Event, actor: str) -> Complaint:
    """A question stays open until its answer; any other note changes nothing."""
    answer_by, ended = event.payload.get("answer_by"), event.payload.get("answers", ())
    if answer_by is None and not ended:
        return complaint
    left = tuple(one for one in complaint.questions if one.id not in ended)
    if answer_by is not None:
        left += (Question(id=event.payload["text"], by=actor, at=event.at, answer_by=timestamps.read(answer_by)),)
    return replace(complaint, questions=left)


def _claimed(complaint: Complaint, event: Event, actor: str) -> Complaint:
    """An officer looks into it; a courtesy with a name, no lock."""
    return replace(complaint, claimed_by=actor, claimed_until=timestamps.read(event.payload["until"]))


def _unclaimed(complaint: Complaint, _event: Event, _actor: str) -> Complaint:
    """Nobody looks into it any more."""
    return replace(complaint, claimed_by=None, claimed_until=None)


def _deadline_warned(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """Most of the allowed time has run."""
    return _marked(complaint, {stage: {"warned": True} for stage in _stages(event)})


def _deadline_passed(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """A deadline passed; an inherited event says of every stage how far it had come."""
    payload = event.payload
    marks: dict[str, dict[str, Any]] = {stage: {"warned": True} for stage in payload.get("warned", ())}
    run = payload.get("multiplied", {})
    for stage in _stages(event):
        found = {"warned": True, "multiplied": run.get(stage, 0)} if "stages" in payload else {}
        marks[stage] = {"passed": True, **found}
    return _marked(complaint, marks)


def _deadline_multiplied(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """A multiple of the allowed time has run."""
    stage = event.payload["stage"]
    deadline = all_of(complaint).get(Stage(stage))
    return complaint if deadline is None else _marked(complaint, {stage: {"multiplied": deadline.multiplied + 1}})


def _stages(event: Event) -> Sequence[str]:
    """The stages that an event is about: one, or all that were found at once."""
    found: Sequence[str] = event.payload.get("stages") or [event.payload["stage"]]
    return found


def _marked(complaint: Complaint, marks: Mapping[str, Mapping[str, Any]]) -> Complaint:
    found = {stage.value: deadline for stage, deadline in all_of(complaint).items()}
    changed: dict[str, Any] = {stage: replace(found[stage], **mark) for stage, mark in marks.items() if stage in found}
    return replace(complaint, **changed)


# Ends and what undoes them: done, elsewhere, merged, split, reopened.


def _done(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """Finished: validated, closed by decision or by its source, or closed with the complaint it was merged into."""
    return replace(_ended(complaint, event, State.DONE), without_proof=event.payload.get("without_proof", False))


def _referred(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """Not the city's: passed to an outside body."""
    return replace(_ended(complaint, event, State.NOT_OURS), outside=event.payload["outside"])


def _rejected(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """Not a complaint that the room can act on."""
    return _ended(complaint, event, State.REJECTED)


def _merged(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """Part of another now. One that was merged already only moves along and keeps the day it was."""
    ended = complaint if complaint.state is State.MERGED else _ended(complaint, event, State.MERGED)
    return replace(ended, merged_into=event.payload["into"], children=())


def _absorbed(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """Others were merged into it."""
    new = tuple(child for child in event.payload["children"] if child not in complaint.children)
    return replace(complaint, children=complaint.children + new)


def _released(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """One of its children, or of those done with it, stands alone again."""
    children, followers = (_without(ids, event.payload["child"]) for ids in (complaint.children, complaint.followers))
    return replace(complaint, children=children, followers=followers)


def _reopened(complaint: Complaint, event: Event, actor: str) -> Complaint:
    """Back to waiting; not counted in again (CR-77). Those done with it stay done: no children, they only follow."""
    children, followers = complaint.children, complaint.followers
    if complaint.state is State.DONE:
        children, followers = (), followers + children
    again = replace(_again(complaint, event, actor), reopened=complaint.reopened + 1)
    return replace(again, children=children, followers=followers)


def _without(ids: tuple[str, ...], gone: str) -> tuple[str, ...]:
    return tuple(one for one in ids if one != gone)


def _ended(complaint: Complaint, event: Event, state: State) -> Complaint:
    """Its deadlines stand still from the first end on: one merged, then closed with the other, since it was merged."""
    return replace(
        complaint,
        state=state,
        closed_at=event.at,
        closed_day=event.payload["closed_day"],
        stopped_at=complaint.stopped_at or event.at,
        claimed_by=None,
        claimed_until=None,
    )


def _again(complaint: Complaint, event: Event, _actor: str) -> Complaint:
    """Waiting or forwarded again, as a merged complaint is once it stands alone."""
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


def _unchanged(complaint: Complaint, _event: Event, _actor: str) -> Complaint:
    """Words and pictures that other tables keep."""
    return complaint


# Every kind of event about a complaint but its receipt, which has none to change.
CHANGES: Mapping[Kind, Change] = {
    Kind.AMENDED: _amended,
    Kind.TRIAGED: _triaged,
    Kind.FORWARDED: _forwarded,
    Kind.ACCEPTED: _accepted,
    Kind.DECLINED: _declined,
    Kind.STARTED: _started,
    Kind.ASKED: _asked,
    Kind.ANSWERED: _resumed,
    Kind.HELD: _held,
    Kind.RESUMED: _resumed,
    Kind.COORDINATED: _coordinated,
    Kind.PROOF_SUBMITTED: _proof_submitted,
    Kind.PROOF_RELEASED: _unchanged,
    Kind.PROOF_WITHDRAWN: _unchanged,
    Kind.VALIDATED: _done,
    Kind.SENT_BACK: _sent_back,
    Kind.CLOSED: _done,
    Kind.REOPENED: _reopened,
    Kind.MERGED: _merged,
    Kind.ABSORBED: _absorbed,
    Kind.SPLIT: _again,
    Kind.RELEASED: _released,
    Kind.REFERRED: _referred,
    Kind.REJECTED: _rejected,
    Kind.COMMENTED: _commented,
    Kind.REPLIED: _replied,
    Kind.RATED: _unchanged,
    Kind.CLAIMED: _claimed,
    Kind.UNCLAIMED: _unclaimed,
    Kind.EXTENDED: _extended,
    Kind.REPLANNED: _changed,
    Kind.ERASED: _changed,
    Kind.DEADLINE_WARNED: _deadline_warned,
    Kind.DEADLINE_PASSED: _deadline_passed,
    Kind.DEADLINE_MULTIPLIED: _deadline_multiplied,
}
