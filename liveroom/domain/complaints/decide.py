"""``decide``: complaint + command + now -> events, or `Refused`; one function per command.

Pure: ``now`` and the city's policy are arguments, other complaints are given by id. Who may give a command in which
state is in `commands`; the functions here check what depends on the fields. docs/commands.md lists the codes.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from msgspec import UNSET, UnsetType

from liveroom.domain.complaints.commands import AGENCY, ASKERS, LEADERS, STAFF, ComplaintCommand, refusal
from liveroom.domain.complaints.deadlines import extended, planned, replanned, shifted
from liveroom.domain.complaints.evolve import apply
from liveroom.domain.complaints.model import (
    Complaint,
    Deadline,
    DeadlineClock,
    Stage,
    State,
    all_of,
    as_payload,
    running,
)
from liveroom.domain.complaints.settle import overtaken
from liveroom.domain.events import Event, happened
from liveroom.domain.events import complaint_payloads as payloads
from liveroom.domain.events.complaint_payloads import ComplaintPayload, DeadlineRows
from liveroom.domain.policy import CalendarEnds, Policy
from liveroom.domain.requests import Code, CommandName, Refused
from liveroom.domain.timestamps import to_text

# The furthest ahead that a hold, an answer or an extension may lie.
LONGEST = timedelta(days=366)
# Commands given to many complaints that also reach a claimed one: they change neither its state nor who handles it.
HARMLESS = frozenset({CommandName.COMMENT, CommandName.REPLY, CommandName.RELEASE, CommandName.RATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One command with all that the rules may know.

    ``now`` aware UTC room time; ``others`` the complaints that ``commands.needs`` names and the children, by id.
    """

    complaint: Complaint
    command: ComplaintCommand
    now: datetime
    policy: Policy
    others: Mapping[str, Complaint]

    def field(self, name: str) -> Any:
        """A field of the command, None when not given."""
        return self.command.fields.get(name)

    def event(self, payload: ComplaintPayload, *, about: str | None = None) -> Event:
        """An event of now on this complaint, or on the one called ``about``."""
        return happened(about or self.complaint.id, payload, at=self.now)

    @property
    def day(self) -> str:
        """The city's date of now, which every event that ends a complaint holds."""
        return self.policy.day(self.now).isoformat()


def decide(
    complaint: Complaint, command: ComplaintCommand, now: datetime, policy: Policy, *, others: Mapping[str, Complaint]
) -> tuple[Event, ...]:
    """The events of the command on a complaint that is settled at ``now``; some may be about its ``others``.

    ``others`` holds the complaints that ``commands.needs`` names. Raises Refused with a closed code.
    """
    no = refusal(complaint, command.name, command.role, actor_agency=command.actor_agency)
    if no is not None:
        raise no
    if (taken := _claim_refusal(complaint, command, now)) is not None:
        raise taken
    case = Case(complaint=complaint, command=command, now=now, policy=policy, others=others)
    return HANDLERS[command.name](case)


# A claim says who is looking into a complaint. All desks see the name for a while; it ends by itself and is no lock.


def claim(case: Case) -> tuple[Event, ...]:
    """Claims the complaint: refused while somebody else has it claimed, unless a supervisor takes over.

    The holder renews it; nothing is logged while more than half of the time is left.
    """
    complaint, now = case.complaint, case.now
    whole = timedelta(minutes=case.policy.claim_minutes)
    if (taken := _taken(complaint, case.command, now)) is not None:
        raise taken
    until = complaint.claimed_until
    if complaint.claimed_by == case.command.actor and until is not None and until - now > whole / 2:
        return ()
    return (case.event(payloads.ComplaintClaimed(until=to_text(now + whole))),)


def release(case: Case) -> tuple[Event, ...]:
    """Ends a claim, by its holder or a supervisor; nothing happens where there is none."""
    if _holder(case.complaint, case.now) is None:
        return ()
    if (taken := _taken(case.complaint, case.command, case.now)) is not None:
        raise taken
    return (case.event(payloads.ComplaintUnclaimed()),)


def _holder(complaint: Complaint, now: datetime) -> str | None:
    """Who is looking into it now; None for nobody."""
    until = complaint.claimed_until
    return complaint.claimed_by if until is not None and until > now else None


def _claim_refusal(complaint: Complaint, command: ComplaintCommand, now: datetime) -> Refused | None:
    """Why a command given to many skips this complaint: somebody else is looking into it. None for a single command."""
    if not command.bulk or command.name in HARMLESS or command.role in AGENCY:
        return None
    return _taken(complaint, command, now)


def _taken(complaint: Complaint, command: ComplaintCommand, now: datetime) -> Refused | None:
    by = _holder(complaint, now)
    if by in (None, command.actor) or command.role in LEADERS:
        return None
    return Refused(Code.CLAIMED, "somebody else is looking into it", by=by)


# Agencies: forward, accept, decline, start, and the helpers of the lead.


def forward(case: Case) -> tuple[Event, ...]:
    """To a lead and its helpers; the time to accept counts from now."""
    lead = case.field("agency")
    agencies = _known(case, lead, field="agency") + tuple(
        key for key in _known(case, *(case.field("agencies") or ()), field="agencies") if key != lead
    )
    if case.complaint.state is not State.RECEIVED and lead == case.complaint.agency:
        raise Refused(Code.STATE, "it lies with this agency already", "agency")
    accept_by = planned(case.policy, case.complaint.class_, [Stage.ACCEPT], start=case.now)
    payload = payloads.ComplaintForwarded(agency=lead, agencies=list(agencies), deadlines=as_payload(accept_by))
    return (case.event(payload),)


def accept(case: Case) -> tuple[Event, ...]:
    """The actor's agency takes it on."""
    return (case.event(payloads.ComplaintAccepted(agency=_own(case), lead=_leads(case))),)


def decline(case: Case) -> tuple[Event, ...]:
    """The actor's agency does not take it on.

    No deadline moves by it, so after the lead's decline the time to forward may have passed long ago.
    """
    agency = _own(case)
    following = next((key for key in case.complaint.agencies if key != agency), None)
    declined = case.event(
        payloads.ComplaintDeclined(agency=agency, lead=_leads(case), next=following, reason=case.field("reason"))
    )
    return (declined, *overtaken(apply(case.complaint, declined, case.command.actor), case.now))


def start(case: Case) -> tuple[Event, ...]:
    """The work begins."""
    return (case.event(payloads.ComplaintStarted(agency=_own(case), lead=_leads(case))),)


def coordinate(case: Case) -> tuple[Event, ...]:
    """Which agencies help the lead; an empty list leaves it alone."""
    lead = case.complaint.agency
    helpers = [key for key in _known(case, *case.field("agencies"), field="agencies") if key != lead]
    return (case.event(payloads.ComplaintCoordinated(agencies=[*([lead] if lead else []), *helpers])),)


def _own(case: Case) -> str:
    """The agency of whoever gives the command: `refusal` lets nobody without one do an agency's part."""
    return case.command.actor_agency or ""


def _leads(case: Case) -> bool:
    return case.command.actor_agency == case.complaint.agency


def _known(case: Case, *keys: str, field: str) -> tuple[str, ...]:
    for key in keys:
        if key not in case.policy.agencies:
            raise Refused(Code.UNKNOWN_AGENCY, "is no agency of this city", field)
    return keys


# Pauses: a question to the citizen, a hold with its end, and the deadlines that stand still meanwhile.


def ask(case: Case) -> tuple[Event, ...]:
    """A question to the citizen; paused until it is answered."""
    return (case.event(payloads.ComplaintAsked(text=case.field("text"), stops="citizen" in case.policy.pauses)),)


def answer(case: Case) -> tuple[Event, ...]:
    """The citizen's answer came."""
    moved = _moved_deadlines(case.complaint, case.policy, case.now)
    return (case.event(payloads.ComplaintAnswered(text=case.field("text"), deadlines=moved)),)


def hold(case: Case) -> tuple[Event, ...]:
    """Paused until a moment ahead. Its end needs no calendar: the deadlines move now to where it will put them."""
    until = case.field("until")
    if until <= case.now:
        raise Refused(Code.PAST, "lies in the past", "until")
    if until > case.now + LONGEST:
        raise Refused(Code.FIELD, "is more than 366 days ahead", "until")
    stops = "hold" in case.policy.pauses
    deadlines: DeadlineRows | UnsetType = UNSET
    if stops:
        moved = shifted(case.policy, running(case.complaint), case.now, again=until)
        if None in moved.values():
            raise Refused(Code.FIELD, "is beyond the city's calendar", "until")
        deadlines = as_payload(moved)
    held = payloads.ComplaintHeld(reason=case.field("reason"), until=to_text(until), stops=stops, deadlines=deadlines)
    return (case.event(held),)


def resume(case: Case) -> tuple[Event, ...]:
    """A person ends the pause, whichever it is."""
    return running_again(case.complaint, case.policy, case.now)


def running_again(complaint: Complaint, policy: Policy, now: datetime) -> tuple[Event, ...]:
    """The end of a pause at ``now``, so that what follows finds the deadlines right; nothing when not paused."""
    if complaint.paused is None:
        return ()
    resumed = payloads.ComplaintResumed(deadlines=_moved_deadlines(complaint, policy, now))
    return (happened(complaint.id, resumed, at=now),)


def _moved_deadlines(complaint: Complaint, policy: Policy, now: datetime) -> DeadlineRows | UnsetType:
    """The deadlines when the pause ends at ``now``: a hold's lie already at its end and move back from there."""
    if complaint.stopped_at is None:
        return UNSET
    # A pause that began ahead of now, by a clock that was wrong, took no time away.
    again = max(now, complaint.stopped_at)
    stopped = complaint.paused_until or complaint.stopped_at
    moved = shifted(policy, running(complaint), stopped, again=again)
    return as_payload(moved)


# Ends other than done (referred, rejected), and the way back from any end.


def refer_outside(case: Case) -> tuple[Event, ...]:
    """Not the city's: passed to one of the pack's outside bodies."""
    outside = case.field("outside")
    if outside not in case.policy.outside:
        raise Refused(Code.UNKNOWN_AGENCY, "is no outside body of this city", "outside")
    payload = payloads.ComplaintReferred(closed_day=case.day, outside=outside, reason=case.field("reason"))
    return (*running_again(case.complaint, case.policy, case.now), case.event(payload))


def reject(case: Case) -> tuple[Event, ...]:
    """Not a complaint that the room can act on."""
    payload = payloads.ComplaintRejected(closed_day=case.day, reason=case.field("reason"))
    return (*running_again(case.complaint, case.policy, case.now), case.event(payload))


def reopen(case: Case) -> tuple[Event, ...]:
    """Back to waiting; one that is done only within the city's window."""
    closed_at = case.complaint.closed_at
    window = timedelta(days=case.policy.reopen_days)
    if case.complaint.state is State.DONE and closed_at is not None and case.now > closed_at + window:
        raise Refused(Code.WINDOW, f"it was done more than {case.policy.reopen_days} days ago")
    state, deadlines = _waiting_again(case, case.complaint)
    payload = payloads.ComplaintReopened(state=state.value, deadlines=deadlines, reason=case.field("reason"))
    parent = case.complaint.merged_into
    released = case.event(payloads.ComplaintReleased(child=case.complaint.id), about=parent) if parent else None
    return (case.event(payload), *((released,) if released else ()))


def _waiting_again(case: Case, complaint: Complaint) -> tuple[State, DeadlineRows]:
    """State and deadlines of a complaint that ended and is back: the time it stood ended does not count.

    With its agencies it is forwarded again and accept counts from now; without any it is received.
    """
    state = State.FORWARDED if complaint.agencies else State.RECEIVED
    deadlines: dict[Stage, Deadline | None] = dict(all_of(complaint))
    if complaint.stopped_at is not None:
        again = max(case.now, complaint.stopped_at)  # it may have ended by a clock that was ahead
        deadlines = shifted(case.policy, deadlines, complaint.stopped_at, again=again)
    if state is State.FORWARDED:
        deadlines |= planned(case.policy, complaint.class_, [Stage.ACCEPT], start=case.now)
    return state, as_payload(deadlines)


# Several complaints about one thing: merged into one that is handled, and split from it again.


def merge(case: Case) -> tuple[Event, ...]:
    """Into another open complaint; its own children move along, so a tree is never deeper than one."""
    target = _merge_target(case)
    moving = case.complaint.children
    merged = payloads.ComplaintMerged(closed_day=case.day, into=target.id)
    along = payloads.ComplaintMerged(closed_day=case.day, into=target.id, from_=case.complaint.id)
    return (
        *running_again(case.complaint, case.policy, case.now),
        case.event(merged),
        *(case.event(along, about=child) for child in moving),
        case.event(payloads.ComplaintAbsorbed(children=[case.complaint.id, *moving]), about=target.id),
    )


def split(case: Case) -> tuple[Event, ...]:
    """Given on the merged complaint, or on the one it went into with ``child`` naming it."""
    child = _split_child(case)
    if child.state is not State.MERGED or child.merged_into is None:
        raise Refused(Code.STATE, "it is not merged", "child")
    state, deadlines = _waiting_again(case, child)
    return (
        case.event(payloads.ComplaintSplit(state=state.value, deadlines=deadlines), about=child.id),
        case.event(payloads.ComplaintReleased(child=child.id), about=child.merged_into),
    )


def _merge_target(case: Case) -> Complaint:
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


def _split_child(case: Case) -> Complaint:
    named = case.field("child")
    if case.complaint.state is State.MERGED and named in (None, case.complaint.id):
        return case.complaint
    if named is None or named not in case.complaint.children:
        raise Refused(Code.FIELD, "is not one of its children", "child")
    child = case.others.get(named)
    if child is None:
        raise Refused(Code.UNKNOWN_COMPLAINT, "is no complaint", "child")
    return child


# Proof and its judgement, and closing without any: a complaint merged into one that is done is done with it.


def submit_proof(case: Case) -> tuple[Event, ...]:
    """The actor's agency says that it is done; the lead's proof waits for a second person."""
    note, media = case.field("note"), list(case.field("media") or ())
    return (case.event(payloads.ProofSubmitted(agency=_own(case), lead=_leads(case), note=note, media=media)),)


def validate(case: Case) -> tuple[Event, ...]:
    """The proof convinces; refused to whoever submitted it where the city asks for a second person."""
    if case.policy.second_person and case.command.actor == case.complaint.submitted_by:
        raise Refused(Code.SAME_PERSON, "somebody else has to judge the proof")
    return (case.event(payloads.ComplaintValidated(closed_day=case.day)), *_closed_children(case))


def send_back(case: Case) -> tuple[Event, ...]:
    """The proof does not convince."""
    return (case.event(payloads.ComplaintSentBack(reason=case.field("reason"))),)


def close(case: Case) -> tuple[Event, ...]:
    """Done by decision; ``without_proof`` marks it where the category asks for proof and the lead gave none."""
    complaint = case.complaint
    category = case.policy.categories.get(complaint.category)
    unproved = complaint.agency not in complaint.proved_by and (category is None or category.needs_proof)
    payload = payloads.ComplaintClosed(closed_day=case.day, reason=case.field("reason"), without_proof=unproved)
    return (*running_again(complaint, case.policy, case.now), case.event(payload), *_closed_children(case))


def _closed_children(case: Case) -> tuple[Event, ...]:
    payload = payloads.ComplaintClosed(closed_day=case.day, with_=case.complaint.id)
    return tuple(case.event(payload, about=child) for child in case.complaint.children)


# Pictures of finished work that guests may see: a supervisor releases them for each complaint, and may withdraw them.


def release_proof(case: Case) -> tuple[Event, ...]:
    """Pictures of before and after; refused for a private category, or one that the city does not know."""
    if case.policy.is_private(case.complaint.category):
        raise Refused(Code.FIELD, "pictures of a private matter are shown to nobody", "after")
    return (case.event(payloads.ProofReleased(before=case.field("before"), after=case.field("after"))),)


def withdraw_proof(case: Case) -> tuple[Event, ...]:
    """Nothing is shown any more; possible also where nothing was."""
    return (case.event(payloads.ProofWithdrawn()),)


# Words about a complaint; they change neither its state nor who handles it.


def comment(case: Case) -> tuple[Event, ...]:
    """An internal note: a question where it names a time to answer by, else an answer to what others asked.

    No deadline of the complaint moves. Raises Refused for a time that lies in the past or more than 366 days ahead.
    """
    text, answer_by = case.field("text"), case.field("answer_by")
    if answer_by is None:
        return (case.event(payloads.ComplaintCommented(text=text, answers=_answered(case) or UNSET)),)
    if case.command.role not in ASKERS:
        raise Refused(Code.FIELD, "is for leadership, heads of agencies and supervisors", "answer_by")
    if answer_by <= case.now:
        raise Refused(Code.PAST, "lies in the past", "answer_by")
    if answer_by > case.now + LONGEST:
        raise Refused(Code.FIELD, "is more than 366 days ahead", "answer_by")
    return (case.event(payloads.ComplaintCommented(text=text, answer_by=to_text(answer_by))),)


def _answered(case: Case) -> list[str]:
    """The open questions of others, by id; leadership asks and does not answer."""
    if case.command.role not in STAFF:
        return []
    return [one.id for one in case.complaint.questions if one.by != case.command.actor]


def reply(case: Case) -> tuple[Event, ...]:
    """An answer to the citizen; ends the reply's deadline."""
    return (case.event(payloads.ComplaintReplied(text=case.field("text"))),)


def rate(case: Case) -> tuple[Event, ...]:
    """The citizen's judgement, 1 to 5; the last one counts."""
    return (case.event(payloads.ComplaintRated(score=int(case.field("score")), text=case.field("text"))),)


# What an officer corrects: category, class, place, intended agency, and a later finish.


def triage(case: Case) -> tuple[Event, ...]:
    """Codes and place set by a person, which no source overwrites; another class plans the deadlines anew."""
    given = case.command.fields
    _check_codes(case)
    class_ = _triaged_class(case)
    another = class_ != case.complaint.class_
    payload = payloads.ComplaintTriaged(
        category=given.get("category", UNSET),
        class_=class_,
        priority=case.policy.priority_of(class_),
        agency=given.get("agency", UNSET),
        area=given.get("area", UNSET),
        lat=given.get("lat", UNSET),
        lon=given.get("lon", UNSET),
        in_city=True if "area" in given else UNSET,
        deadlines=as_payload(replanned(case.policy, case.complaint, class_, now=case.now)) if another else UNSET,
        officer_set=_officer_set(case),
    )
    return (case.event(payload),)


def extend(case: Case) -> tuple[Event, ...]:
    """A later finish: ahead of now and of the present one. It is a fresh promise, so passed is false again."""
    due, present = case.field("due_at"), case.complaint.finish
    if present is None or due <= case.now or due <= present.due:
        raise Refused(Code.PAST, "is not later than now and the present deadline", "due_at")
    if due > case.now + LONGEST:
        raise Refused(Code.FIELD, "is more than 366 days ahead", "due_at")
    finish = extended(case.policy, present, due, clock=_extended_clock(case, present, due), now=case.now)
    deadlines = as_payload({Stage.FINISH: finish})
    return (case.event(payloads.ComplaintExtended(reason=case.field("reason"), deadlines=deadlines)),)


def _extended_clock(case: Case, present: Deadline, due: datetime) -> DeadlineClock:
    """The present clock, but the calendar's for a moment outside office hours: working time cannot move that."""
    try:
        within = case.policy.calendar.between(due - timedelta(microseconds=1), due)
    except CalendarEnds:
        return DeadlineClock.CALENDAR
    return present.clock if within else DeadlineClock.CALENDAR


def _check_codes(case: Case) -> None:
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


def _triaged_class(case: Case) -> str:
    """The class given, or the one of category and priority; a class that an officer set survives a new category."""
    complaint, policy = case.complaint, case.policy
    if (said := case.field("class")) is not None:
        return str(said)
    if case.field("priority") is None and (case.field("category") is None or "class" in complaint.officer_set):
        return complaint.class_
    raised = complaint.class_ != policy.class_of(complaint.category, "normal")
    priority = case.field("priority") or (complaint.priority if raised else "normal")
    return policy.class_of(case.field("category") or complaint.category, priority)


def _officer_set(case: Case) -> list[str]:
    names = set(case.command.fields)
    if names & {"class", "priority"}:
        names |= {"class", "priority"}
    return sorted(names)


HANDLERS: Mapping[CommandName, Callable[[Case], tuple[Event, ...]]] = {
    CommandName.TRIAGE: triage,
    CommandName.FORWARD: forward,
    CommandName.ACCEPT: accept,
    CommandName.DECLINE: decline,
    CommandName.START: start,
    CommandName.ASK: ask,
    CommandName.ANSWER: answer,
    CommandName.HOLD: hold,
    CommandName.RESUME: resume,
    CommandName.COORDINATE: coordinate,
    CommandName.SUBMIT_PROOF: submit_proof,
    CommandName.VALIDATE: validate,
    CommandName.SEND_BACK: send_back,
    CommandName.RELEASE_PROOF: release_proof,
    CommandName.WITHDRAW_PROOF: withdraw_proof,
    CommandName.CLOSE: close,
    CommandName.REOPEN: reopen,
    CommandName.MERGE: merge,
    CommandName.SPLIT: split,
    CommandName.REFER_OUTSIDE: refer_outside,
    CommandName.REJECT: reject,
    CommandName.COMMENT: comment,
    CommandName.REPLY: reply,
    CommandName.CLAIM: claim,
    CommandName.RELEASE: release,
    CommandName.EXTEND: extend,
    CommandName.RATE: rate,
}


# Redaction. What can betray a person though it is a code: the exact place, and a category in a source's own words
# (law 27/2022).

_PLACE = ("lat", "lon")
# A category that no city has: it is treated as one that is not known.
REDACTED = ""


def redacted(payload: Mapping[str, Any], listed: Collection[str]) -> dict[str, Any]:
    """A payload without exact place and without a category that is not ``listed`` by the city; its keys stay."""
    nowhere: dict[str, Any] = {key: None for key in _PLACE if key in payload}
    words = payload.get("category")
    return {**payload, **nowhere, **({"category": REDACTED} if words is not None and words not in listed else {})}


def erased(complaint: Complaint, listed: Collection[str], now: datetime, *, whole: bool) -> Event:
    """The event of an erasure: all of the complaint (``whole``) or the person alone, and the codes that it redacts."""
    known: dict[str, Any] = {key: getattr(complaint, key) for key in (*_PLACE, "category")}
    gone = {key: value for key, value in redacted(known, listed).items() if whole and value != known[key]}
    return happened(complaint.id, payloads.ComplaintErased(what="all" if whole else "person", **gone), at=now)
