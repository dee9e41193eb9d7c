"""The events of alarms as they are written, each with its results, so that the fold needs no rule."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from liveroom.domain.alarm import CHATTER_WITHIN, PRIORITY, QUIET, Alarm, AlarmKind, AlarmState, Rule
from liveroom.domain.alarm_limits import AlarmRules
from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.moments import written


class Why(StrEnum):
    """Why an alarm is unacked again."""

    ACK_EXPIRED = "ack_expired"
    MULTIPLIED = "multiplied"
    AGAIN = "again"
    UNSHELVED = "unshelved"
    UNSUPPRESSED = "unsuppressed"
    IN_SERVICE = "in_service"


LEFT: Mapping[Kind, Why] = {
    Kind.ALARM_UNSHELVED: Why.UNSHELVED,
    Kind.ALARM_UNSUPPRESSED: Why.UNSUPPRESSED,
    Kind.ALARM_IN_SERVICE: Why.IN_SERVICE,
}


def about(alarm: str, kind: Kind, *, at: datetime, payload: Mapping[str, Any] | None = None) -> Event:
    """An event about an alarm."""
    return Event(kind=kind, subject=Subject.ALARM, id=alarm, at=at, payload=payload or {})


def begun(
    id_: str, alarm: Alarm | None, facts: Mapping[str, Any], *, why: Why, at: datetime, rules: AlarmRules
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
    alarm: Alarm, why: Why, *, at: datetime, rules: AlarmRules, facts: Mapping[str, Any] | None = None
) -> Event:
    """Unacked again within the same life; ``facts`` only where another deadline is the reason."""
    payload = {"why": why.value, **_promise(facts or {}), **_timed(alarm, at, rules)}
    return about(alarm.id, Kind.ALARM_REACTIVATED, at=at, payload=payload)


def recurred(alarm: Alarm, facts: Mapping[str, Any], *, at: datetime) -> Event:
    """True again while quiet."""
    return about(alarm.id, Kind.ALARM_RECURRED, at=at, payload=_promise(facts))


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


def facts(kind: AlarmKind, **known: Any) -> dict[str, Any]:
    """What an alarm is about, every key of it: what is not known is null, alone it counts one."""
    nothing = dict.fromkeys(("complaint", "source", "agency", "area", "category", "stage", "due_at"))
    return {"kind": kind.value, "priority": PRIORITY[kind], **nothing, "count": 1, **known}


def _promise(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in ("stage", "due_at") if name in facts}


def _timed(alarm: Alarm | None, at: datetime, rules: AlarmRules) -> dict[str, Any]:
    """When its supervisor is paged, and whether it comes too often (CR-18, CR-23)."""
    before = () if alarm is None else tuple(m for m in alarm.recent if at - m <= CHATTER_WITHIN)
    chattering = len(before) + 1 >= rules.chatter_count
    return {"page_at": written(at + rules.page_after), "chattering": chattering}
