"""What an end makes of a complaint, and what undoes one: done, elsewhere, merged, split, reopened."""

from dataclasses import replace

from liveroom.domain.complaint import Complaint, State
from liveroom.domain.deadlines import from_payload
from liveroom.domain.events import Event


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
