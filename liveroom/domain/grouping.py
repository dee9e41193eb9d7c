"""Several complaints about one thing: merged into one that is handled, and split from it again."""

from liveroom.domain.case import Case
from liveroom.domain.complaint import Complaint, State
from liveroom.domain.ending import waiting_again
from liveroom.domain.events import Event, Kind
from liveroom.domain.pausing import running_again
from liveroom.domain.refusals import Code, Refused


def merge(case: Case) -> tuple[Event, ...]:
    """Into another open complaint; its own children move along, so a tree is never deeper than one."""
    target = _target(case)
    moving = case.complaint.children
    along = {"into": target.id, "from": case.complaint.id}
    return (
        *running_again(case.complaint, case.policy, case.now),
        case.event(Kind.MERGED, case.closing() | {"into": target.id}),
        *(case.event(Kind.MERGED, case.closing() | along, about=child) for child in moving),
        case.event(Kind.ABSORBED, {"children": [case.complaint.id, *moving]}, about=target.id),
    )


def split(case: Case) -> tuple[Event, ...]:
    """Given on the merged complaint, or on the one it went into with ``child`` naming it."""
    child = _child(case)
    if child.state is not State.MERGED or child.merged_into is None:
        raise Refused(Code.STATE, "it is not merged", "child")
    return (
        case.event(Kind.SPLIT, waiting_again(case, child), about=child.id),
        case.event(Kind.RELEASED, {"child": child.id}, about=child.merged_into),
    )


def _target(case: Case) -> Complaint:
    into = case.field("into")
    if into == case.complaint.id or into in case.complaint.children:
        raise Refused(Code.CYCLE, "it would be merged into itself", "into")
    target = case.others.get(into)
    if target is None:
        raise Refused(Code.UNKNOWN_COMPLAINT, "is no complaint", "into")
    if target.state is State.MERGED:
        raise Refused(Code.CYCLE, f"is merged itself, into {target.merged_into}", "into")
    if not target.open:
        raise Refused(Code.STATE, f"is {target.state}", "into")
    if target.drill != case.complaint.drill:
        raise Refused(Code.DRILL, "drill and real complaints do not mix", "into")
    return target


def _child(case: Case) -> Complaint:
    named = case.field("child")
    if case.complaint.state is State.MERGED and named in (None, case.complaint.id):
        return case.complaint
    if named is None or named not in case.complaint.children:
        raise Refused(Code.FIELD, "is not one of its children", "child")
    child = case.others.get(named)
    if child is None:
        raise Refused(Code.UNKNOWN_COMPLAINT, "is no complaint", "child")
    return child
