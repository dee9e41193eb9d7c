"""What an officer knows better than the report: category, class, place, who it is meant for, and a later finish."""

from datetime import datetime, timedelta

from liveroom.domain import promises
from liveroom.domain.case import Case
from liveroom.domain.complaint import Clock, Deadline, Stage, State
from liveroom.domain.deadlines import as_payload
from liveroom.domain.events import Event, Kind
from liveroom.domain.pausing import LONGEST
from liveroom.domain.refusals import Code, Refused
from liveroom.domain.working import CalendarEnds


def triage(case: Case) -> tuple[Event, ...]:
    """Codes and place set by a person, which no source overwrites; another class plans the deadlines anew."""
    given = case.command.fields
    _check(case)
    payload = {name: given[name] for name in ("category", "agency", "area", "lat", "lon") if name in given}
    class_ = _class(case)
    payload |= {"class": class_, "priority": case.policy.priority_of(class_), "set": _set(case)}
    if "area" in given:
        payload["in_city"] = True
    if class_ != case.complaint.class_:
        anew = promises.replanned(case.policy, case.complaint, class_, now=case.now)
        payload["deadlines"] = as_payload(anew)
    return (case.event(Kind.TRIAGED, payload),)


def extend(case: Case) -> tuple[Event, ...]:
    """A later finish: ahead of now and of the present one. It is a fresh promise, so passed is false again."""
    due, present = case.field("due_at"), case.complaint.finish
    if present is None or due <= case.now or due <= present.due:
        raise Refused(Code.PAST, "is not later than now and the present deadline", "due_at")
    if due > case.now + LONGEST:
        raise Refused(Code.FIELD, "is more than 366 days ahead", "due_at")
    finish = promises.extended(case.policy, present, due, clock=_clock(case, present, due), now=case.now)
    deadlines = as_payload({Stage.FINISH: finish})
    return (case.event(Kind.EXTENDED, {"reason": case.field("reason"), "deadlines": deadlines}),)


def _clock(case: Case, present: Deadline, due: datetime) -> Clock:
    """The present clock, but the calendar's for a moment outside office hours: working time cannot move that."""
    try:
        within = case.policy.calendar.between(due - timedelta(microseconds=1), due)
    except CalendarEnds:
        return Clock.CALENDAR
    return present.clock if within else Clock.CALENDAR


def _check(case: Case) -> None:
    known = (
        ("category", case.policy.categories, Code.UNKNOWN_CATEGORY),
        ("class", case.policy.classes, Code.FIELD),
        ("agency", case.policy.agencies, Code.UNKNOWN_AGENCY),
        ("area", case.policy.areas, Code.FIELD),
    )
    for name, keys, code in known:
        if case.field(name) is not None and case.field(name) not in keys:
            raise Refused(code, f"is no {name} of this city", name)
    if case.field("agency") is not None and case.complaint.state is not State.RECEIVED:
        raise Refused(Code.STATE, "it is forwarded already: forward it anew or coordinate", "agency")


def _class(case: Case) -> str:
    """The class said, or the one of category and priority; one that an officer said before outlives a new category."""
    complaint, policy = case.complaint, case.policy
    if (said := case.field("class")) is not None:
        return str(said)
    if case.field("priority") is None and (case.field("category") is None or "class" in complaint.officer_set):
        return complaint.class_
    raised = complaint.class_ != policy.class_of(complaint.category, "normal")
    priority = case.field("priority") or (complaint.priority if raised else "normal")
    return policy.class_of(case.field("category") or complaint.category, priority)


def _set(case: Case) -> list[str]:
    names = set(case.command.fields)
    if names & {"class", "priority"}:
        names |= {"class", "priority"}
    return sorted(names)
