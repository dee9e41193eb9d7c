"""When alarms begin and end: what an event of a complaint or the state of a source does to them; nothing else does."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from liveroom.domain import alarm_events as say
from liveroom.domain import alarm_ids as ids
from liveroom.domain.alarm import LISTED, Alarm, AlarmKind, AlarmState, Rule
from liveroom.domain.alarm_events import Why
from liveroom.domain.alarm_limits import AlarmRules
from liveroom.domain.alarm_timers import settle_alarm
from liveroom.domain.complaint import Complaint, Deadline, Stage, State
from liveroom.domain.events import Event, Kind
from liveroom.domain.moments import written

__all__ = ["AlarmRules", "Known", "react", "settle_alarm", "source_react", "wanted"]

MARKS = frozenset({Kind.DEADLINE_WARNED, Kind.DEADLINE_PASSED, Kind.DEADLINE_MULTIPLIED})
OWN = (AlarmKind.CRITICAL, AlarmKind.WARNED, AlarmKind.PASSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What ``react`` may know beside the complaint: the alarms of ``wanted`` by id, as they are now.

    ``recent_warned``: the ``deadline.warned`` of the hour before, this one not counted. Rule: CR-33.
    """

    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    recent_warned: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One event of a complaint before the rules; ``at`` is the moment its alarms move."""

    event: Event
    before: Complaint | None
    after: Complaint
    known: Known
    at: datetime
    rules: AlarmRules

    @property
    def inherited(self) -> bool:
        """Whether the event tells of what the room was not there to judge."""
        return bool(self.event.payload.get("inherited"))

    def alarm(self, kind: AlarmKind) -> Alarm | None:
        """The complaint's own alarm of this kind as it is now."""
        return self.known.alarms.get(ids.of_complaint(kind, self.after.id))


def wanted(event: Event, complaint: Complaint) -> tuple[str, ...]:
    """The ids of the alarms that ``react`` must be given for this event."""
    own = tuple(ids.of_complaint(kind, complaint.id) for kind in OWN)
    if event.kind == Kind.DEADLINE_WARNED:
        return (*own, ids.of_group(complaint.agency, event.at))
    if event.kind == Kind.DEADLINE_PASSED and event.payload.get("inherited"):
        return (*own, ids.of_inherited(_handler(event, complaint)))
    return own


def _handler(event: Event, complaint: Complaint) -> str | None:
    """Who has it; of what was overdue already when it came in, who would usually have it."""
    return complaint.agency or event.payload.get("agency")


def react(
    event: Event, before: Complaint | None, after: Complaint, known: Known, now: datetime, rules: AlarmRules
) -> tuple[Event, ...]:
    """What a complaint's event, just folded from ``before`` to ``after``, does to its alarms.

    They move when a deadline did, ``event.at``; at ``now`` for all that the room only learned of. Never two active
    alarms of deadlines: the pre-warning is suppressed before the overdue one is raised and comes back after it ended.
    """
    of_time = event.kind in MARKS and not (event.payload.get("inherited") or event.payload.get("late"))
    turn = Turn(event=event, before=before, after=after, known=known, at=event.at if of_time else now, rules=rules)
    deadlines = (_warned, _passed) if after.overdue else (_passed, _warned)
    return tuple(moved for alarm in (_critical, *deadlines) for moved in alarm(turn))


def source_react(
    source_id: str, state: str, alarms: Mapping[str, Alarm], now: datetime, rules: AlarmRules
) -> tuple[Event, ...]:
    """What the ``source.changed`` to ``state`` (ok, late, lost or closed) does to the source's alarm. Rule: CR-07.

    A screen and the feed itself are lost and back in the same way, as ``screen:ID`` and ``feed``.
    """
    id_ = ids.of_source(source_id)
    alarm = alarms.get(id_)
    if state != "lost":
        return say.ended(alarm, at=now)
    facts = say.facts(AlarmKind.LOST, source=source_id, priority=ids.loss_priority(source_id))
    return say.begun(id_, alarm, facts, why=Why.AGAIN, at=now, rules=rules)


def _critical(turn: Turn) -> tuple[Event, ...]:
    """Critical and waiting to be forwarded. History is overdue instead, and then inherited."""
    alarm, forward = turn.alarm(AlarmKind.CRITICAL), turn.after.forward
    if not _waits(turn.after):
        return say.ended(alarm, at=turn.at)
    received_late = turn.event.kind == Kind.RECEIVED and turn.event.at < turn.at
    if received_late and (forward is None or forward.due <= turn.at):
        return ()
    if turn.before is not None and _waits(turn.before):
        return ()
    return _fire(turn, AlarmKind.CRITICAL, (Stage.FORWARD, forward))


def _warned(turn: Turn) -> tuple[Event, ...]:
    """Near its end and not overdue; redundant while it is overdue. Rules: CR-04, CR-33."""
    alarm, overdue = turn.alarm(AlarmKind.WARNED), turn.after.overdue
    if alarm is not None and alarm.rule is Rule.REDUNDANT:
        return () if overdue else _no_longer_redundant(turn, alarm)
    if alarm is not None and overdue and alarm.state in LISTED:
        return (say.suppressed(alarm, Rule.REDUNDANT, at=turn.at),)
    if not _near(turn.after):
        return say.ended(alarm, at=turn.at)
    fired = turn.event.kind == Kind.DEADLINE_WARNED or turn.before is None or not _near(turn.before)
    if not fired or turn.inherited:
        return ()
    if turn.event.kind == Kind.DEADLINE_WARNED and _too_many(turn, alarm):
        return _grouped(turn, ids.of_group(turn.after.agency, turn.event.at), AlarmKind.WARNED)
    return _fire(turn, AlarmKind.WARNED, _promise(turn, AlarmKind.WARNED))


def _no_longer_redundant(turn: Turn, alarm: Alarm) -> tuple[Event, ...]:
    """What it was suppressed for is over; its own condition may be as well, or true anew."""
    near = _near(turn.after)
    moved: tuple[Event, ...] = ()
    if near and not alarm.active:
        moved = (say.recurred(alarm, _facts(turn, AlarmKind.WARNED, _promise(turn, AlarmKind.WARNED)), at=turn.at),)
    if not near:
        moved = say.ended(alarm, at=turn.at)
    payload = {"why": "rule", "rule": Rule.REDUNDANT.value}
    now = replace(alarm, active=near)
    return (*moved, *say.left(now, Kind.ALARM_UNSUPPRESSED, payload, at=turn.at, rules=turn.rules))


def _too_many(turn: Turn, alarm: Alarm | None) -> bool:
    """Whether it would be one alarm more than an hour bears; one that stands already only comes again."""
    new = alarm is None or alarm.state is AlarmState.NORMAL
    return new and turn.known.recent_warned >= turn.rules.warned_per_hour * turn.rules.positions


def _passed(turn: Turn) -> tuple[Event, ...]:
    """Overdue, and nobody follows it up. Rules: CR-03 (each deadline once), CR-31; design section 5 (multiples)."""
    alarm, kind = turn.alarm(AlarmKind.PASSED), turn.event.kind
    if not turn.after.overdue:
        return say.ended(alarm, at=turn.at)
    late_before = turn.before is not None and turn.before.overdue
    fired = kind == Kind.DEADLINE_MULTIPLIED or (
        kind == Kind.DEADLINE_PASSED and turn.event.payload["stage"] != Stage.REPLY
    )
    if late_before and not fired:
        return ()
    if turn.inherited:
        return _grouped(turn, ids.of_inherited(_handler(turn.event, turn.after)), AlarmKind.PASSED)
    why = Why.MULTIPLIED if kind == Kind.DEADLINE_MULTIPLIED else Why.AGAIN
    promise = _promise(turn, AlarmKind.PASSED)
    if alarm is not None and alarm.state is AlarmState.NORMAL and alarm.owner and late_before:
        facts = _facts(turn, AlarmKind.PASSED, promise)
        return (say.reactivated(alarm, why, at=turn.at, rules=turn.rules, facts=facts),)
    return _fire(turn, AlarmKind.PASSED, promise, why=why)


def _waits(complaint: Complaint) -> bool:
    return complaint.state is State.RECEIVED and complaint.priority == "critical"


def _near(complaint: Complaint) -> bool:
    """In the last part of a promise that is not broken yet, and no other one is."""
    return not complaint.overdue and any(deadline.warned for _, deadline in complaint.running)


def _promise(turn: Turn, kind: AlarmKind) -> tuple[Stage | None, Deadline | None]:
    """The deadline that the event tells of; else the earliest running one that was warned of or has passed."""
    told = turn.event.payload.get("stage") if turn.event.kind in MARKS else None
    marked = [
        (stage, deadline)
        for stage, deadline in turn.after.running
        if stage == told or (told is None and (deadline.passed if kind is AlarmKind.PASSED else deadline.warned))
    ]
    return min(marked, key=lambda pair: pair[1].due, default=(None, None))


def _fire(
    turn: Turn, kind: AlarmKind, promise: tuple[Stage | None, Deadline | None], *, why: Why = Why.AGAIN
) -> tuple[Event, ...]:
    id_, facts = ids.of_complaint(kind, turn.after.id), _facts(turn, kind, promise)
    return say.begun(id_, turn.alarm(kind), facts, why=why, at=turn.at, rules=turn.rules)


def _facts(turn: Turn, kind: AlarmKind, promise: tuple[Stage | None, Deadline | None]) -> dict[str, Any]:
    complaint, (stage, deadline) = turn.after, promise
    return say.facts(
        kind,
        complaint=complaint.id,
        agency=complaint.agency,
        area=complaint.area,
        category=complaint.category,
        stage=stage and stage.value,
        due_at=deadline and written(deadline.due),
    )


def _grouped(turn: Turn, id_: str, kind: AlarmKind) -> tuple[Event, ...]:
    """One more for the group that stands, or the first of one."""
    alarm = turn.known.alarms.get(id_)
    if alarm is not None and alarm.state is not AlarmState.NORMAL:
        return (say.counted(alarm, at=turn.at),)
    facts = say.facts(kind, agency=_handler(turn.event, turn.after))
    return (say.raised(id_, alarm, facts, at=turn.at, rules=turn.rules),)
