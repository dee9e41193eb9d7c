"""Which events raise, reactivate, end or suppress alarms; timers; losses; floods.

``react``: an event of a complaint -> events of its alarms. ``source_react``: a source, screen, receiver or the feed is
lost or back. ``settle_alarm``: what time alone does to an alarm. ``flood``: whether alarms come faster than people can
work on them. Nothing else moves an alarm but a person's command. The events hold their results, so that ``evolve``
needs no rule; docs/alarms.md says it in words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from msgspec import UNSET
from msgspec.structs import replace

from liveroom.domain.alarms import model
from liveroom.domain.alarms.evolve import apply
from liveroom.domain.alarms.model import (
    CHATTER_WITHIN,
    FEED,
    INHERITED,
    LISTED,
    OUTBOX,
    PRIORITY,
    QUIET,
    SCREEN,
    Alarm,
    AlarmKind,
    AlarmRules,
    AlarmState,
    Rule,
)
from liveroom.domain.complaints.model import Complaint, Deadline, Stage, State
from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.events import alarm_payloads as payloads
from liveroom.domain.events.account_payloads import ScreenDark, ScreenRevoked, ScreenSeen, SourceChanged
from liveroom.domain.events.alarm_payloads import AlarmPayload
from liveroom.domain.events.complaint_payloads import DeadlineMark, DeadlineMultiplied, DeadlinePassed, DeadlineWarned
from liveroom.domain.events.room_payloads import FeedBack, FeedLost, OutboxRecovered, OutboxStuck
from liveroom.domain.requests import CLOCK
from liveroom.domain.timestamps import to_text


class UnackReason(StrEnum):
    """Why an alarm is unacked again."""

    ACK_EXPIRED = "ack_expired"
    MULTIPLIED = "multiplied"
    AGAIN = "again"
    UNSHELVED = "unshelved"
    UNSUPPRESSED = "unsuppressed"
    IN_SERVICE = "in_service"


# Why an alarm is unacked after an event that ends its quiet spell.
_REASONS: Mapping[Kind, UnackReason] = {
    Kind.ALARM_UNSHELVED: UnackReason.UNSHELVED,
    Kind.ALARM_UNSUPPRESSED: UnackReason.UNSUPPRESSED,
    Kind.ALARM_IN_SERVICE: UnackReason.IN_SERVICE,
}
_OWN = (AlarmKind.CRITICAL, AlarmKind.WARNED, AlarmKind.PASSED)
# A flood (CR-25): more than BEARABLE activations a position WITHIN this time begin it, fewer than OVER_BELOW end it.
WITHIN = timedelta(minutes=10)
BEARABLE = 10
OVER_BELOW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAlarms:
    """What ``react`` is given beside the complaint: the alarms of ``wanted`` by id, as they are now.

    ``recent_warned``: the ``deadline.warned`` of the hour before, this one not counted. Rule: CR-33.
    """

    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    recent_warned: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInput:
    """One event of a complaint with all that the rules may know; ``at`` is the moment at which its alarms move."""

    event: Event
    before: Complaint | None
    after: Complaint
    known: KnownAlarms
    at: datetime
    rules: AlarmRules

    @property
    def inherited(self) -> bool:
        """Whether the event says what had passed before the complaint came in."""
        return is_inherited(self.event)

    def alarm(self, kind: AlarmKind) -> Alarm | None:
        """The complaint's own alarm of this kind as it is now."""
        return self.known.alarms.get(model.of_complaint(kind, self.after.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFacts:
    """What an alarm is about; None for what is not known, ``count`` 1 for one complaint."""

    kind: AlarmKind
    priority: int
    complaint: str | None = None
    source: str | None = None
    agency: str | None = None
    area: str | None = None
    category: str | None = None
    stage: str | None = None
    due_at: str | None = None
    count: int = 1


def is_inherited(event: Event) -> bool:
    """Whether the event says what had passed before the complaint came in."""
    return isinstance(event.payload, DeadlineMark) and bool(event.payload.inherited)


def wanted(event: Event, complaint: Complaint) -> tuple[str, ...]:
    """The ids of the alarms that ``react`` must be given for this event."""
    own = tuple(model.of_complaint(kind, complaint.id) for kind in _OWN)
    if event.kind == Kind.DEADLINE_WARNED:
        return (*own, model.of_group(complaint.agency, event.at))
    if event.kind == Kind.DEADLINE_PASSED and is_inherited(event):
        return (*own, model.of_inherited(_handler(event, complaint)))
    return own


def _handler(event: Event, complaint: Complaint) -> str | None:
    """The agency that has the complaint; of one that came in overdue, the agency that usually would."""
    usual = event.payload.agency if isinstance(event.payload, DeadlineMark) else None
    return complaint.agency or usual or None


def react(
    event: Event, before: Complaint | None, after: Complaint, known: KnownAlarms, now: datetime, rules: AlarmRules
) -> tuple[Event, ...]:
    """What a complaint's event, just folded from ``before`` to ``after``, does to its alarms.

    They move at ``event.at`` when a deadline did, else at ``now``, when the room learned of it. Never are two alarms of
    deadlines active: the pre-warning is suppressed before the overdue one is raised, and comes back after that ended.
    """
    of_time = _is_of_time(event.payload)
    case = RuleInput(event=event, before=before, after=after, known=known, at=event.at if of_time else now, rules=rules)
    deadlines = (_warned, _passed) if after.overdue else (_passed, _warned)
    return tuple(moved for alarm in (_critical, *deadlines) for moved in alarm(case))


def _is_of_time(payload: object) -> bool:
    """Whether the payload is that of a deadline that moved when it was due, not one found behind later."""
    match payload:
        case DeadlineWarned() | DeadlinePassed():
            return not (payload.inherited or payload.late)
        case _:
            return isinstance(payload, DeadlineMultiplied)


def _critical(case: RuleInput) -> tuple[Event, ...]:
    """Critical and waiting to be forwarded. One that came in overdue is an inherited alarm instead."""
    alarm, forward = case.alarm(AlarmKind.CRITICAL), case.after.forward
    if not _waits(case.after):
        return _ended(alarm, at=case.at)
    received_late = case.event.kind == Kind.RECEIVED and case.event.at < case.at
    if received_late and (forward is None or forward.due <= case.at):
        return ()
    if case.before is not None and _waits(case.before):
        return ()
    return _fire(case, AlarmKind.CRITICAL, (Stage.FORWARD, forward))


def _warned(case: RuleInput) -> tuple[Event, ...]:
    """A deadline is near and none has passed; suppressed as redundant while one has. Rules: CR-04, CR-33."""
    alarm, overdue = case.alarm(AlarmKind.WARNED), case.after.overdue
    if alarm is not None and alarm.rule is Rule.REDUNDANT:
        return () if overdue else _no_longer_redundant(case, alarm)
    if alarm is not None and overdue and alarm.state in LISTED:
        return (_suppressed(alarm, Rule.REDUNDANT, at=case.at),)
    if not _near(case.after):
        return _ended(alarm, at=case.at)
    fired = case.event.kind == Kind.DEADLINE_WARNED or case.before is None or not _near(case.before)
    if not fired or case.inherited:
        return ()
    if case.event.kind == Kind.DEADLINE_WARNED and _too_many(case, alarm):
        return _grouped(case, model.of_group(case.after.agency, case.event.at), AlarmKind.WARNED)
    return _fire(case, AlarmKind.WARNED, _promise(case, AlarmKind.WARNED))


def _no_longer_redundant(case: RuleInput, alarm: Alarm) -> tuple[Event, ...]:
    """The overdue alarm it was suppressed for is over; its own condition may be over as well, or true anew."""
    near = _near(case.after)
    moved: tuple[Event, ...] = ()
    if near and not alarm.active:
        moved = (
            _recurred(alarm, _complaint_facts(case, AlarmKind.WARNED, _promise(case, AlarmKind.WARNED)), at=case.at),
        )
    if not near:
        moved = _ended(alarm, at=case.at)
    payload = payloads.AlarmUnsuppressed(why="rule", rule=Rule.REDUNDANT.value)
    return (*moved, *left(replace(alarm, active=near), payload, at=case.at, rules=case.rules))


def _too_many(case: RuleInput, alarm: Alarm | None) -> bool:
    """Whether it would be one alarm too many for the hour; one that is raised already only comes again."""
    new = alarm is None or alarm.state is AlarmState.NORMAL
    return new and case.known.recent_warned >= case.rules.warned_per_hour * case.rules.positions


def _passed(case: RuleInput) -> tuple[Event, ...]:
    """Overdue, without an owner. Rules: CR-03 (each deadline once), CR-31; design section 5 (multiples)."""
    alarm, kind = case.alarm(AlarmKind.PASSED), case.event.kind
    if not case.after.overdue:
        return _ended(alarm, at=case.at)
    late_before = case.before is not None and case.before.overdue
    passed = case.event.payload
    fired = kind == Kind.DEADLINE_MULTIPLIED or (isinstance(passed, DeadlinePassed) and passed.stage != Stage.REPLY)
    if late_before and not fired:
        return ()
    if case.inherited:
        return _grouped(case, model.of_inherited(_handler(case.event, case.after)), AlarmKind.PASSED)
    why = UnackReason.MULTIPLIED if kind == Kind.DEADLINE_MULTIPLIED else UnackReason.AGAIN
    promise = _promise(case, AlarmKind.PASSED)
    if alarm is not None and alarm.state is AlarmState.NORMAL and alarm.owner and late_before:
        facts = _complaint_facts(case, AlarmKind.PASSED, promise)
        return (_reactivated(alarm, why, at=case.at, rules=case.rules, facts=facts),)
    return _fire(case, AlarmKind.PASSED, promise, why=why)


def _waits(complaint: Complaint) -> bool:
    return complaint.state is State.RECEIVED and complaint.priority == "critical"


def _near(complaint: Complaint) -> bool:
    """Whether a running deadline is near and none has passed."""
    return not complaint.overdue and any(deadline.warned for _, deadline in complaint.running)


def _promise(case: RuleInput, kind: AlarmKind) -> tuple[Stage | None, Deadline | None]:
    """The deadline that the event is about; else the earliest running one that was warned of or has passed."""
    mark = case.event.payload
    about_stage = mark.stage if isinstance(mark, DeadlineMark | DeadlineMultiplied) else None
    marked = [
        (stage, deadline)
        for stage, deadline in case.after.running
        if stage == about_stage
        or (about_stage is None and (deadline.passed if kind is AlarmKind.PASSED else deadline.warned))
    ]
    return min(marked, key=lambda pair: pair[1].due, default=(None, None))


def _fire(
    case: RuleInput,
    kind: AlarmKind,
    promise: tuple[Stage | None, Deadline | None],
    *,
    why: UnackReason = UnackReason.AGAIN,
) -> tuple[Event, ...]:
    id_, facts = model.of_complaint(kind, case.after.id), _complaint_facts(case, kind, promise)
    return _begun(id_, case.alarm(kind), facts, why=why, at=case.at, rules=case.rules)


def _complaint_facts(case: RuleInput, kind: AlarmKind, promise: tuple[Stage | None, Deadline | None]) -> AlarmFacts:
    complaint, (stage, deadline) = case.after, promise
    return AlarmFacts(
        kind=kind,
        priority=PRIORITY[kind],
        complaint=complaint.id,
        agency=complaint.agency,
        area=complaint.area,
        category=complaint.category,
        stage=stage and stage.value,
        due_at=to_text(deadline.due) if deadline else None,
    )


def _grouped(case: RuleInput, id_: str, kind: AlarmKind) -> tuple[Event, ...]:
    """One more in the group that is raised, or the first of a new one."""
    alarm = case.known.alarms.get(id_)
    if alarm is not None and alarm.state is not AlarmState.NORMAL:
        return (_counted(alarm, at=case.at),)
    facts = AlarmFacts(kind=kind, priority=PRIORITY[kind], agency=_handler(case.event, case.after))
    return (_raised(id_, alarm, facts, at=case.at, rules=case.rules),)


# Losses of sources, screens, receivers and the feed. Rule: CR-07.

Loss = SourceChanged | ScreenSeen | ScreenDark | ScreenRevoked | FeedLost | FeedBack | OutboxStuck | OutboxRecovered


def loss_of(event: Event) -> tuple[str, str] | None:
    """(what, its state) of an event about a source, a screen, a receiver or the whole feed; None for every other.

    Both are arguments of ``source_react``.
    """
    # Asked of every event: most are about a complaint or an alarm.
    if event.subject is Subject.COMPLAINT or event.subject is Subject.ALARM or not isinstance(event.payload, Loss):
        return None
    return _lost(event.id, event.payload)


def _lost(subject: str, payload: Loss) -> tuple[str, str]:
    match payload:
        case SourceChanged():
            return subject, payload.state
        case ScreenDark():
            return SCREEN + subject, "lost"
        case ScreenSeen():
            return SCREEN + subject, "ok"
        case ScreenRevoked():
            return SCREEN + subject, "closed"
        case FeedLost():
            return FEED, "lost"
        case FeedBack():
            return FEED, "ok"
        case OutboxStuck():
            return OUTBOX + payload.to, "lost"
        case OutboxRecovered():
            return OUTBOX + payload.to, "ok"


def source_react(
    source_id: str, state: str, alarms: Mapping[str, Alarm], now: datetime, rules: AlarmRules
) -> tuple[Event, ...]:
    """What the ``source.changed`` to ``state`` (ok, late, lost or closed) does to the source's alarm. Rule: CR-07.

    A screen, a receiver and the feed are lost and back in the same way, as ``screen:ID``, ``outbox:NAME`` and ``feed``.
    """
    id_ = model.of_source(source_id)
    alarm = alarms.get(id_)
    if state != "lost":
        return _ended(alarm, at=now)
    facts = AlarmFacts(kind=AlarmKind.LOST, priority=model.loss_priority(source_id), source=source_id)
    return _begun(id_, alarm, facts, why=UnackReason.AGAIN, at=now, rules=rules)


# Timers: an alarm that nobody acknowledged, an acknowledgement, a shelf or a rule that came to its end.


def settle_alarm(alarm: Alarm, now: datetime, rules: AlarmRules) -> tuple[Event, ...]:
    """Everything due by ``now`` and not logged yet, dated when due, in order. Rules: CR-18, CR-20, CR-21, CR-22."""
    events: list[Event] = []
    while (at := alarm.next_due) is not None and at <= now:
        for event in _due(alarm, at, rules):
            events.append(event)
            alarm = apply(alarm, event, CLOCK)
    return tuple(events)


def _due(alarm: Alarm, at: datetime, rules: AlarmRules) -> tuple[Event, ...]:
    match alarm.state:
        case AlarmState.UNACKED:
            paged = payloads.AlarmPaged() if rules.reachable else payloads.AlarmPaged(nobody=True)
            return (about(alarm.id, paged, at=at),)
        case AlarmState.ACKED if alarm.quarter:
            return _ended(alarm, at=at)
        case AlarmState.ACKED:
            return (_reactivated(alarm, UnackReason.ACK_EXPIRED, at=at, rules=rules),)
        case AlarmState.SHELVED:
            return left(alarm, payloads.AlarmUnshelved(why="time_out"), at=at, rules=rules)
        case AlarmState.SUPPRESSED:
            payload = payloads.AlarmUnsuppressed(why="time_out", rule=alarm.rule and alarm.rule.value)
            return left(alarm, payload, at=at, rules=rules)
        case AlarmState.NORMAL | AlarmState.RETURNED | AlarmState.OUT_OF_SERVICE:
            return ()


# Floods: begin and end by counting, nothing else.


def counts(alarm: str) -> bool:
    """Whether an activation of the alarm with this id is one that came just now. Rule: CR-25.

    A backlog that is imported says nothing about how fast things happen, however many agencies it belongs to.
    """
    return not alarm.startswith(INHERITED)


def flood(
    activations: Sequence[datetime], positions: int, flooding: bool, now: datetime
) -> Literal["begin", "end"] | None:
    """What becomes of the flood at ``now``; None when it stays as it is. Rule: CR-25.

    ``activations``: the entries to unacked that count, in any order; those of the last ten minutes decide.
    ``positions``: staffed desks, at least one. More than 10 a position begin a flood, fewer than 5 end it.
    """
    if flooding:
        end = ends_at(activations, positions)
        return "end" if end is None or end <= now else None
    count = sum(now - WITHIN < moment <= now for moment in activations)
    return "begin" if count > BEARABLE * positions else None


def ends_at(activations: Sequence[datetime], positions: int) -> datetime | None:
    """When a flood ends unless more comes: the fifth youngest leaves the window; None if there are no five."""
    kept = OVER_BELOW * positions
    return sorted(activations)[-kept] + WITHIN if len(activations) >= kept else None


# The events of alarms, with their payloads.


def about(alarm: str, payload: AlarmPayload, *, at: datetime) -> Event:
    """An event about an alarm."""
    return Event(kind=payload.KIND, subject=Subject.ALARM, id=alarm, at=at, payload=payload)


def _begun(
    id_: str, alarm: Alarm | None, facts: AlarmFacts, *, why: UnackReason, at: datetime, rules: AlarmRules
) -> tuple[Event, ...]:
    """The condition is true: raised, activated again, or, while quiet, only noted; nothing while unacked."""
    if alarm is None or alarm.state is AlarmState.NORMAL:
        return (_raised(id_, alarm, facts, at=at, rules=rules),)
    if alarm.state in QUIET:
        return () if alarm.active else (_recurred(alarm, facts, at=at),)
    if alarm.state is AlarmState.UNACKED:
        return ()
    return (_reactivated(alarm, why, at=at, rules=rules, facts=facts),)


def _raised(id_: str, alarm: Alarm | None, facts: AlarmFacts, *, at: datetime, rules: AlarmRules) -> Event:
    """A new life. ``facts``: what it is about."""
    payload = payloads.AlarmRaised(
        kind=facts.kind.value,
        priority=facts.priority,
        complaint=facts.complaint,
        source=facts.source,
        agency=facts.agency,
        area=facts.area,
        category=facts.category,
        stage=facts.stage,
        due_at=facts.due_at,
        count=facts.count,
        page_at=to_text(at + rules.page_after),
        chattering=_chatters(alarm, at, rules),
    )
    return about(id_, payload, at=at)


def _reactivated(
    alarm: Alarm, why: UnackReason, *, at: datetime, rules: AlarmRules, facts: AlarmFacts | None = None
) -> Event:
    """Unacked again within the same life; ``facts`` only where another deadline is the reason."""
    payload = payloads.AlarmReactivated(
        why=why.value,
        stage=facts.stage if facts else UNSET,
        due_at=facts.due_at if facts else UNSET,
        page_at=to_text(at + rules.page_after),
        chattering=_chatters(alarm, at, rules),
    )
    return about(alarm.id, payload, at=at)


def _recurred(alarm: Alarm, facts: AlarmFacts, *, at: datetime) -> Event:
    """True again while quiet."""
    return about(alarm.id, payloads.AlarmRecurred(stage=facts.stage, due_at=facts.due_at), at=at)


def _ended(alarm: Alarm | None, *, at: datetime) -> tuple[Event, ...]:
    """The condition is false: cleared if acknowledged, else returned, also while quiet; nothing if it was false."""
    if alarm is None or not alarm.active:
        return ()
    payload = payloads.AlarmCleared() if alarm.state is AlarmState.ACKED else payloads.AlarmReturned()
    return (about(alarm.id, payload, at=at),)


def left(alarm: Alarm, payload: payloads.SilenceEnd, *, at: datetime, rules: AlarmRules) -> tuple[Event, ...]:
    """The end of a quiet state by an event with ``payload``: unacked if the condition is true, else normal."""
    again = (_reactivated(alarm, _REASONS[payload.KIND], at=at, rules=rules),) if alarm.active else ()
    return (about(alarm.id, payload, at=at), *again)


def _suppressed(alarm: Alarm, rule: Rule, *, at: datetime) -> Event:
    """Suppressed by the room itself, for as long as the rule holds."""
    return about(alarm.id, payloads.AlarmSuppressed(rule=rule.value, reason=None, until=None), at=at)


def _counted(alarm: Alarm, *, at: datetime) -> Event:
    """A grouped alarm stands for one complaint more."""
    return about(alarm.id, payloads.AlarmCounted(count=alarm.count + 1), at=at)


def _chatters(alarm: Alarm | None, at: datetime, rules: AlarmRules) -> bool:
    """Whether it came too often within a minute. Rule: CR-23."""
    before = () if alarm is None else tuple(m for m in alarm.recent if at - m <= CHATTER_WITHIN)
    return len(before) + 1 >= rules.chatter_count
