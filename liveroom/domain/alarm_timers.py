"""What time alone makes of an alarm: nobody answered, an answer wore off, a shelf or a rule came to its end."""

from datetime import datetime

from liveroom.domain.alarm import Alarm, AlarmState
from liveroom.domain.alarm_events import Why, about, ended, left, reactivated
from liveroom.domain.alarm_limits import AlarmRules
from liveroom.domain.events import Event, Kind
from liveroom.domain.evolve_alarm import apply

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
            return (reactivated(alarm, Why.ACK_EXPIRED, at=at, rules=rules),)
        case AlarmState.SHELVED:
            return left(alarm, Kind.ALARM_UNSHELVED, {"why": "time_out"}, at=at, rules=rules)
        case AlarmState.SUPPRESSED:
            payload = {"why": "time_out", "rule": alarm.rule and alarm.rule.value}
            return left(alarm, Kind.ALARM_UNSUPPRESSED, payload, at=at, rules=rules)
        case AlarmState.NORMAL | AlarmState.RETURNED | AlarmState.OUT_OF_SERVICE:
            return ()
