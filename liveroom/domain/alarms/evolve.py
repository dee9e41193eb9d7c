"""``evolve_alarm``: alarm + event -> alarm.

Reads the payload and the actor alone. STATES is the life cycle: in which states each event does something (CR-08); an
event that is no transition of the alarm's state changes nothing. The type checker finds a payload of an alarm that no
case folds.
"""

from collections.abc import Mapping
from typing import Any, assert_never

from msgspec import UNSET
from msgspec.structs import replace

from liveroom.domain.alarms import model
from liveroom.domain.alarms.model import CHATTER_WITHIN, LISTED, LOUD, QUIET, Alarm, AlarmKind, AlarmState, Rule
from liveroom.domain.complaints.model import Stage
from liveroom.domain.events import Event, Kind, LoggedEvent
from liveroom.domain.events import alarm_payloads as payloads
from liveroom.domain.events.alarm_payloads import AlarmPayload
from liveroom.domain.timestamps import read, read_or_none

# The states in which an event does something, of every kind of event about an alarm; a test finds a forgotten one.
STATES: Mapping[Kind, frozenset[AlarmState]] = {
    Kind.ALARM_RAISED: frozenset({AlarmState.NORMAL}),
    Kind.ALARM_ACKNOWLEDGED: frozenset({AlarmState.UNACKED, AlarmState.RETURNED}),
    Kind.ALARM_RETURNED: QUIET | {AlarmState.UNACKED},
    Kind.ALARM_CLEARED: frozenset({AlarmState.ACKED}),
    Kind.ALARM_REACTIVATED: LOUD - {AlarmState.UNACKED},
    Kind.ALARM_RECURRED: QUIET,
    Kind.ALARM_SHELVED: LOUD,
    Kind.ALARM_UNSHELVED: frozenset({AlarmState.SHELVED}),
    Kind.ALARM_SUPPRESSED: LOUD,
    Kind.ALARM_UNSUPPRESSED: frozenset({AlarmState.SUPPRESSED}),
    Kind.ALARM_OUT_OF_SERVICE: LOUD,
    Kind.ALARM_IN_SERVICE: frozenset({AlarmState.OUT_OF_SERVICE}),
    Kind.ALARM_PAGED: frozenset({AlarmState.UNACKED}),
    Kind.ALARM_COUNTED: QUIET | LISTED,
}
# An acknowledgement, and a quiet spell, that are over.
_ANSWER: Mapping[str, Any] = {"acked_by": None, "acked_at": None, "acked_from": None, "owner": None, "expires_at": None}
_SPELL: Mapping[str, Any] = {
    "shelved_by": None,
    "shelved_until": None,
    "rule": None,
    "suppressed_until": None,
    "reason": None,
    "review_at": None,
}


def evolve_alarm(alarm: Alarm | None, logged: LoggedEvent) -> Alarm:
    """The alarm after the event, at its ``seq``; what is no transition of its state changes nothing else.

    Raises ValueError for anything but ``alarm.raised`` on an alarm that was never raised, unless it is a source's.
    """
    return replace(apply(alarm, logged.event, logged.actor), seq=logged.seq)


def apply(alarm: Alarm | None, event: Event, actor: str) -> Alarm:
    """As ``evolve_alarm``, for an event that has no number yet."""
    payload = event.payload
    if isinstance(payload, payloads.AlarmRaised):
        alarm = alarm or Alarm(id=event.id, kind=AlarmKind(payload.kind), priority=payload.priority)
    alarm = alarm or model.unraised_of(event.id)
    if not isinstance(payload, payloads.AlarmFact) or alarm.state not in STATES[event.kind]:
        return alarm
    return _changed(alarm, event, payload, actor)


def _changed(  # noqa: C901 - one case a payload: the table of what each does
    alarm: Alarm, event: Event, payload: AlarmPayload, actor: str
) -> Alarm:
    match payload:
        case payloads.AlarmRaised():
            return _raised(alarm, event, payload)
        case payloads.AlarmReactivated():
            return _activated(alarm, event, payload)
        case payloads.AlarmAcknowledged():
            return _acknowledged(alarm, event, payload, actor)
        case payloads.AlarmReturned():
            # The condition ended; a quiet alarm stays quiet.
            return replace(alarm, active=False, state=alarm.state if alarm.state in QUIET else AlarmState.RETURNED)
        case payloads.AlarmCleared():
            return replace(alarm, active=False, expires_at=None, state=AlarmState.NORMAL)
        case payloads.AlarmRecurred():
            # The condition is true again while the alarm is quiet: a new life that begins there.
            return replace(alarm, **_ANSWER, **_promise(payload), active=True, raised_at=event.at, rearmed=0)
        case payloads.AlarmShelved() | payloads.AlarmSuppressed() | payloads.AlarmOutOfService():
            return _silenced(alarm, payload, actor)
        case payloads.AlarmUnshelved() | payloads.AlarmUnsuppressed() | payloads.AlarmInService():
            # Normal; where the condition is still true the same append activates it anew.
            return replace(alarm, **_SPELL, active=False, state=AlarmState.NORMAL)
        case payloads.AlarmPaged():
            return replace(alarm, paged_at=event.at, unreached=payload.nobody is True)
        case payloads.AlarmCounted():
            return replace(alarm, count=payload.count)
        case _:
            assert_never(payload)


def _raised(alarm: Alarm, event: Event, payload: payloads.AlarmRaised) -> Alarm:
    """A new life; what it is about is as it was when it was raised."""
    return replace(
        _activated(alarm, event, payload),
        complaint=payload.complaint,
        source=payload.source,
        agency=payload.agency,
        area=payload.area,
        category=payload.category,
        count=payload.count,
        priority=payload.priority,
        raised_at=event.at,
        rearmed=0,
    )


def _activated(alarm: Alarm, event: Event, payload: payloads.AlarmRaised | payloads.AlarmReactivated) -> Alarm:
    """An entry to unacked: the acknowledgement and the owner of the last one are over."""
    within = tuple(moment for moment in alarm.recent if event.at - moment <= CHATTER_WITHIN)
    return replace(
        alarm,
        **_ANSWER,
        **_SPELL,
        **_promise(payload),
        state=AlarmState.UNACKED,
        active=True,
        activated_at=event.at,
        rearmed=alarm.rearmed + 1,
        page_at=read(payload.page_at),
        paged_at=None,
        unreached=False,
        recent=(*within, event.at),
        chattering=payload.chattering,
    )


def _promise(payload: payloads.AlarmRaised | payloads.AlarmReactivated | payloads.AlarmRecurred) -> dict[str, Any]:
    """The deadline that the alarm is about now; unchanged when the event names none."""
    if payload.stage is UNSET:
        return {}
    return {"stage": payload.stage and Stage(payload.stage), "due_at": read_or_none(payload.due_at or None)}


def _acknowledged(alarm: Alarm, event: Event, payload: payloads.AlarmAcknowledged, actor: str) -> Alarm:
    return replace(
        alarm,
        acked_by=actor,
        acked_at=event.at,
        acked_from=payload.from_,
        owner=payload.owner,
        expires_at=read_or_none(payload.expires_at),
        state=AlarmState.ACKED if alarm.active else AlarmState.NORMAL,
    )


def _silenced(alarm: Alarm, payload: payloads.Silence, actor: str) -> Alarm:
    """Quiet: set aside by a person, by a rule, or out of service."""
    spell: dict[str, Any] = {**_SPELL, "reason": payload.reason, "expires_at": None}
    match payload:
        case payloads.AlarmShelved():
            state = AlarmState.SHELVED
            spell |= {"shelved_by": actor, "shelved_until": read(payload.until)}
        case payloads.AlarmSuppressed():
            state = AlarmState.SUPPRESSED
            spell |= {"rule": Rule(payload.rule), "suppressed_until": read_or_none(payload.until)}
        case payloads.AlarmOutOfService():
            state = AlarmState.OUT_OF_SERVICE
            spell |= {"review_at": read(payload.review_at)}
        case _:
            assert_never(payload)
    return replace(alarm, **spell, state=state)
