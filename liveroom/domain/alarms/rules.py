"""Which events raise, reactivate, end or suppress alarms; timers; flood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

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
from liveroom.domain.timestamps import written

# The events of alarms as they are written, each with its results, so that the fold needs no rule.


class UnackReason(StrEnum):
    """Why an alarm is unacked again."""

    ACK_EXPIRED = "ack_expired"
    MULTIPLIED = "multiplied"
    AGAIN = "again"
    UNSHELVED = "unshelved"
    UNSUPPRESSED = "unsuppressed"
    IN_SERVICE = "in_service"


LEFT: Mapping[Kind, UnackReason] = {
    Kind.ALARM_UNSHELVED: UnackReason.UNSHELVED,
    Kind.ALARM_UNSUPPRESSED: UnackReason.UNSUPPRESSED,
    Kind.ALARM_IN_SERVICE: UnackReason.IN_SERVICE,
}


def about(alarm: str, kind: Kind, *, at: datetime, payload: Mapping[str, Any] | None = None) -> Event:
    """An event about an alarm."""
    return Event(kind=kind, subject=Subject.ALARM, id=alarm, at=at, payload=payload or {})


def begun(
    id_: str, alarm: Alarm | None, facts: Mapping[str, Any], *, why: UnackReason, at: datetime, rules: AlarmRules
) -> tuple[Event, ...]:
    """The condition is true: a new life, the same one again, or, while quiet, only noted; nothing while unacked."""
    if alarm is None or alarm.state is AlarmState.NORMAL:
        return (raised(id_, alarm, facts, at=at, rules=rules),)
    if alarm.state in QUIET:
        return () if alarm.active else (recurred(alarm, facts, at=at),)
    if alarm.state is AlarmState.UNACKED:
        return ()
    return (reactivated(alarm, why, at=at, rules=rules, facts=facts),)


def raised(id_: str, alarm: Alarm | None, facts: Mapping[str, Any], *, at: datetime, rules: AlarmRules) -> Event:
    """A new life. ``facts``: what it is about."""
    return about(id_, Kind.ALARM_RAISED, at=at, payload={**facts, **_timed(alarm, at, rules)})


def reactivated(
    alarm: Alarm, why: UnackReason, *, at: datetime, rules: AlarmRules, facts: Mapping[str, Any] | None = None
) -> Event:
    """Unacked again within the same life; ``facts`` only where another deadline is the reason."""
    payload = {"why": why.value, **_promise_facts(facts or {}), **_timed(alarm, at, rules)}
    return about(alarm.id, Kind.ALARM_REACTIVATED, at=at, payload=payload)


def recurred(alarm: Alarm, facts: Mapping[str, Any], *, at: datetime) -> Event:
    """True again while quiet."""
    return about(alarm.id, Kind.ALARM_RECURRED, at=at, payload=_promise_facts(facts))


def ended(alarm: Alarm | None, *, at: datetime) -> tuple[Event, ...]:
    """The condition is false: cleared if somebody acknowledged, else returned, also while quiet; nothing if it was."""
    if alarm is None or not alarm.active:
        return ()
    kind = Kind.ALARM_CLEARED if alarm.state is AlarmState.ACKED else Kind.ALARM_RETURNED
    return (about(alarm.id, kind, at=at),)


def left(alarm: Alarm, kind: Kind, payload: Mapping[str, Any], *, at: datetime, rules: AlarmRules) -> tuple[Event, ...]:
    """Out of a quiet state by an event of ``kind``: unacked if the condition is true, else normal."""
    again = (reactivated(alarm, LEFT[kind], at=at, rules=rules),) if alarm.active else ()
    return (about(alarm.id, kind, at=at, payload=payload), *again)


def suppressed(alarm: Alarm, rule: Rule, *, at: datetime) -> Event:
    """By the room itself, for as long as the rule holds."""
    payload = {"rule": rule.value, "reason": None, "until": None}
    return about(alarm.id, Kind.ALARM_SUPPRESSED, at=at, payload=payload)


def counted(alarm: Alarm, *, at: datetime) -> Event:
    """A grouped one stands for one more."""
    return about(alarm.id, Kind.ALARM_COUNTED, at=at, payload={"count": alarm.count + 1})


def facts_of(kind: AlarmKind, **known: Any) -> dict[str, Any]:
    """What an alarm is about, every key of it: what is not known is null, alone it counts one."""
    nothing = dict.fromkeys(("complaint", "source", "agency", "area", "category", "stage", "due_at"))
    return {"kind": kind.value, "priority": PRIORITY[kind], **nothing, "count": 1, **known}


def _promise_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in ("stage", "due_at") if name in facts}


def _timed(alarm: Alarm | None, at: datetime, rules: AlarmRules) -> dict[str, Any]:
    """When its supervisor is paged, and whether it comes too often (CR-18, CR-23)."""
    before = () if alarm is None else tuple(m for m in alarm.recent if at - m <= CHATTER_WITHIN)
    chattering = len(before) + 1 >= rules.chatter_count
    return {"page_at": written(at + rules.page_after), "chattering": chattering}


# What time alone makes of an alarm: nobody answered, an answer wore off, a shelf or a rule came to its end.

CLOCK = "clock"


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
            return (about(alarm.id, Kind.ALARM_PAGED, at=at),)
        case AlarmState.ACKED if alarm.quarter:
            return ended(alarm, at=at)
        case AlarmState.ACKED:
            return (reactivated(alarm, UnackReason.ACK_EXPIRED, at=at, rules=rules),)
        case AlarmState.SHELVED:
            return left(alarm, Kind.ALARM_UNSHELVED, {"why": "time_out"}, at=at, rules=rules)
        case AlarmState.SUPPRESSED:
            payload = {"why": "time_out", "rule": alarm.rule and alarm.rule.value}
            return left(alarm, Kind.ALARM_UNSUPPRESSED, payload, at=at, rules=rules)
        case AlarmState.NORMAL | AlarmState.RETURNED | AlarmState.OUT_OF_SERVICE:
            return ()


# When alarms begin and end: what an event of a complaint or the state of a source does to them; nothing else does.

__all__ = ["AlarmRules", "KnownAlarms", "react", "settle_alarm", "source_react", "wanted"]

MARKS = frozenset({Kind.DEADLINE_WARNED, Kind.DEADLINE_PASSED, Kind.DEADLINE_MULTIPLIED})
OWN = (AlarmKind.CRITICAL, AlarmKind.WARNED, AlarmKind.PASSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAlarms:
    """What ``react`` may know beside the complaint: the alarms of ``wanted`` by id, as they are now.

    ``recent_warned``: the ``deadline.warned`` of the hour before, this one not counted. Rule: CR-33.
    """

    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    recent_warned: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInput:
    """One event of a complaint before the rules; ``at`` is the moment its alarms move."""

    event: Event
    before: Complaint | None
    after: Complaint
    known: KnownAlarms
    at: datetime
    rules: AlarmRules

    @property
    def inherited(self) -> bool:
        """Whether the event tells of what the room was not there to judge."""
        return bool(self.event.payload.get("inherited"))

    def alarm(self, kind: AlarmKind) -> Alarm | None:
        """The complaint's own alarm of this kind as it is now."""
        return self.known.alarms.get(model.of_complaint(kind, self.after.id))


def wanted(event: Event, complaint: Complaint) -> tuple[str, ...]:
    """The ids of the alarms that ``react`` must be given for this event."""
    own = tuple(model.of_complaint(kind, complaint.id) for kind in OWN)
    if event.kind == Kind.DEADLINE_WARNED:
        return (*own, model.of_group(complaint.agency, event.at))
    if event.kind == Kind.DEADLINE_PASSED and event.payload.get("inherited"):
        return (*own, model.of_inherited(_handler(event, complaint)))
    return own


def _handler(event: Event, complaint: Complaint) -> str | None:
    """Who has it; of what was overdue already when it came in, who would usually have it."""
    return complaint.agency or event.payload.get("agency")


def react(
    event: Event, before: Complaint | None, after: Complaint, known: KnownAlarms, now: datetime, rules: AlarmRules
) -> tuple[Event, ...]:
    """What a complaint's event, just folded from ``before`` to ``after``, does to its alarms.

    They move when a deadline did, ``event.at``; at ``now`` for all that the room only learned of. Never two active
    alarms of deadlines: the pre-warning is suppressed before the overdue one is raised and comes back after it ended.
    """
    of_time = event.kind in MARKS and not (event.payload.get("inherited") or event.payload.get("late"))
    turn = RuleInput(event=event, before=before, after=after, known=known, at=event.at if of_time else now, rules=rules)
    deadlines = (_warned, _passed) if after.overdue else (_passed, _warned)
    return tuple(moved for alarm in (_critical, *deadlines) for moved in alarm(turn))


def source_react(
    source_id: str, state: str, alarms: Mapping[str, Alarm], now: datetime, rules: AlarmRules
) -> tuple[Event, ...]:
    """What the ``source.changed`` to ``state`` (ok, late, lost or closed) does to the source's alarm. Rule: CR-07.

    A screen and the feed itself are lost and back in the same way, as ``screen:ID`` and ``feed``.
    """
    id_ = model.of_source(source_id)
    alarm = alarms.get(id_)
    if state != "lost":
        return ended(alarm, at=now)
    facts = facts_of(AlarmKind.LOST, source=source_id, priority=model.loss_priority(source_id))
    return begun(id_, alarm, facts, why=UnackReason.AGAIN, at=now, rules=rules)


def _critical(turn: RuleInput) -> tuple[Event, ...]:
    """Critical and waiting to be forwarded. History is overdue instead, and then inherited."""
    alarm, forward = turn.alarm(AlarmKind.CRITICAL), turn.after.forward
    if not _waits(turn.after):
        return ended(alarm, at=turn.at)
    received_late = turn.event.kind == Kind.RECEIVED and turn.event.at < turn.at
    if received_late and (forward is None or forward.due <= turn.at):
        return ()
    if turn.before is not None and _waits(turn.before):
        return ()
    return _fire(turn, AlarmKind.CRITICAL, (Stage.FORWARD, forward))


def _warned(turn: RuleInput) -> tuple[Event, ...]:
    """Near its end and not overdue; redundant while it is overdue. Rules: CR-04, CR-33."""
    alarm, overdue = turn.alarm(AlarmKind.WARNED), turn.after.overdue
    if alarm is not None and alarm.rule is Rule.REDUNDANT:
        return () if overdue else _no_longer_redundant(turn, alarm)
    if alarm is not None and overdue and alarm.state in LISTED:
        return (suppressed(alarm, Rule.REDUNDANT, at=turn.at),)
    if not _near(turn.after):
        return ended(alarm, at=turn.at)
    fired = turn.event.kind == Kind.DEADLINE_WARNED or turn.before is None or not _near(turn.before)
    if not fired or turn.inherited:
        return ()
    if turn.event.kind == Kind.DEADLINE_WARNED and _too_many(turn, alarm):
        return _grouped(turn, model.of_group(turn.after.agency, turn.event.at), AlarmKind.WARNED)
    return _fire(turn, AlarmKind.WARNED, _promise(turn, AlarmKind.WARNED))


def _no_longer_redundant(turn: RuleInput, alarm: Alarm) -> tuple[Event, ...]:
    """What it was suppressed for is over; its own condition may be as well, or true anew."""
    near = _near(turn.after)
    moved: tuple[Event, ...] = ()
    if near and not alarm.active:
        moved = (recurred(alarm, _facts(turn, AlarmKind.WARNED, _promise(turn, AlarmKind.WARNED)), at=turn.at),)
    if not near:
        moved = ended(alarm, at=turn.at)
    payload = {"why": "rule", "rule": Rule.REDUNDANT.value}
    now = replace(alarm, active=near)
    return (*moved, *left(now, Kind.ALARM_UNSUPPRESSED, payload, at=turn.at, rules=turn.rules))


def _too_many(turn: RuleInput, alarm: Alarm | None) -> bool:
    """Whether it would be one alarm more than an hour bears; one that stands already only comes again."""
    new = alarm is None or alarm.state is AlarmState.NORMAL
    return new and turn.known.recent_warned >= turn.rules.warned_per_hour * turn.rules.positions


def _passed(turn: RuleInput) -> tuple[Event, ...]:
    """Overdue, and nobody follows it up. Rules: CR-03 (each deadline once), CR-31; design section 5 (multiples)."""
    alarm, kind = turn.alarm(AlarmKind.PASSED), turn.event.kind
    if not turn.after.overdue:
        return ended(alarm, at=turn.at)
    late_before = turn.before is not None and turn.before.overdue
    fired = kind == Kind.DEADLINE_MULTIPLIED or (
        kind == Kind.DEADLINE_PASSED and turn.event.payload["stage"] != Stage.REPLY
    )
    if late_before and not fired:
        return ()
    if turn.inherited:
        return _grouped(turn, model.of_inherited(_handler(turn.event, turn.after)), AlarmKind.PASSED)
    why = UnackReason.MULTIPLIED if kind == Kind.DEADLINE_MULTIPLIED else UnackReason.AGAIN
    promise = _promise(turn, AlarmKind.PASSED)
    if alarm is not None and alarm.state is AlarmState.NORMAL and alarm.owner and late_before:
        facts = _facts(turn, AlarmKind.PASSED, promise)
        return (reactivated(alarm, why, at=turn.at, rules=turn.rules, facts=facts),)
    return _fire(turn, AlarmKind.PASSED, promise, why=why)


def _waits(complaint: Complaint) -> bool:
    return complaint.state is State.RECEIVED and complaint.priority == "critical"


def _near(complaint: Complaint) -> bool:
    """In the last part of a promise that is not broken yet, and no other one is."""
    return not complaint.overdue and any(deadline.warned for _, deadline in complaint.running)


def _promise(turn: RuleInput, kind: AlarmKind) -> tuple[Stage | None, Deadline | None]:
    """The deadline that the event tells of; else the earliest running one that was warned of or has passed."""
    told = turn.event.payload.get("stage") if turn.event.kind in MARKS else None
    marked = [
        (stage, deadline)
        for stage, deadline in turn.after.running
        if stage == told or (told is None and (deadline.passed if kind is AlarmKind.PASSED else deadline.warned))
    ]
    return min(marked, key=lambda pair: pair[1].due, default=(None, None))


def _fire(
    turn: RuleInput,
    kind: AlarmKind,
    promise: tuple[Stage | None, Deadline | None],
    *,
    why: UnackReason = UnackReason.AGAIN,
) -> tuple[Event, ...]:
    id_, facts = model.of_complaint(kind, turn.after.id), _facts(turn, kind, promise)
    return begun(id_, turn.alarm(kind), facts, why=why, at=turn.at, rules=turn.rules)


def _facts(turn: RuleInput, kind: AlarmKind, promise: tuple[Stage | None, Deadline | None]) -> dict[str, Any]:
    complaint, (stage, deadline) = turn.after, promise
    return facts_of(
        kind,
        complaint=complaint.id,
        agency=complaint.agency,
        area=complaint.area,
        category=complaint.category,
        stage=stage and stage.value,
        due_at=deadline and written(deadline.due),
    )


def _grouped(turn: RuleInput, id_: str, kind: AlarmKind) -> tuple[Event, ...]:
    """One more for the group that stands, or the first of one."""
    alarm = turn.known.alarms.get(id_)
    if alarm is not None and alarm.state is not AlarmState.NORMAL:
        return (counted(alarm, at=turn.at),)
    facts = facts_of(kind, agency=_handler(turn.event, turn.after))
    return (raised(id_, alarm, facts, at=turn.at, rules=turn.rules),)


# When alarms come faster than people can work on them: a flood begins and ends by counting, nothing else.

WITHIN = timedelta(minutes=10)
BEARABLE = 10
OVER_BELOW = 5


def counts(alarm: str) -> bool:
    """Whether an activation of the alarm with this id is one that came just now. Rule: CR-25.

    A backlog that is taken in says nothing of how fast things happen, however many agencies it is of.
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


# Which events tell that something is lost or back, and under which name its alarm knows it. Rule: CR-07.

STATES: Mapping[Kind, str] = {
    Kind.SCREEN_DARK: "lost",
    Kind.SCREEN_SEEN: "ok",
    Kind.SCREEN_REVOKED: "closed",
    Kind.FEED_LOST: "lost",
    Kind.FEED_BACK: "ok",
    Kind.OUTBOX_STUCK: "lost",
    Kind.OUTBOX_RECOVERED: "ok",
}


def loss_of(event: Event) -> tuple[str, str] | None:
    """(what, its state) of an event about a source, a screen, a way out or the whole feed; None for every other."""
    if event.subject is Subject.SOURCE:
        return event.id, str(event.payload["state"])
    state = STATES.get(event.kind)
    if state is None:
        return None
    if event.kind in (Kind.OUTBOX_STUCK, Kind.OUTBOX_RECOVERED):
        return OUTBOX + str(event.payload["to"]), state
    return FEED if event.subject is Subject.ROOM else SCREEN + event.id, state
