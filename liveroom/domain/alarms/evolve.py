"""``evolve_alarm``: alarm + event -> alarm.

Reads the payload and the actor alone. CHANGES is the life cycle: what each event does, and in which states (CR-08);
an event that is no transition of the alarm's state changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from liveroom.domain.alarms import model
from liveroom.domain.alarms.model import CHATTER_WITHIN, LISTED, LOUD, QUIET, Alarm, AlarmKind, AlarmState, Rule
from liveroom.domain.complaints.model import Stage
from liveroom.domain.events import Event, Kind, LoggedEvent
from liveroom.domain.timestamps import read, read_or_none

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
Fold = Callable[[Alarm, Event, str], Alarm]


def evolve_alarm(alarm: Alarm | None, logged: LoggedEvent) -> Alarm:
    """The alarm after the event, at its ``seq``; what is no transition of its state changes nothing else.

    Raises ValueError for anything but ``alarm.raised`` on an alarm that was never raised, unless it is a source's.
    """
    return replace(apply(alarm, logged.event, logged.actor), seq=logged.seq)


def apply(alarm: Alarm | None, event: Event, actor: str) -> Alarm:
    """As ``evolve_alarm``, for an event that has no number yet."""
    if event.kind == Kind.ALARM_RAISED:
        alarm = alarm or _new(event)
    alarm = alarm or model.unraised_of(event.id)
    change = CHANGES.get(event.kind)
    return alarm if change is None or alarm.state not in change.states else change.fold(alarm, event, actor)


def _new(event: Event) -> Alarm:
    return Alarm(id=event.id, kind=AlarmKind(event.payload["kind"]), priority=event.payload["priority"])


def _raised(alarm: Alarm, event: Event, _actor: str) -> Alarm:
    """A new life; what it is about is as it was when it was raised."""
    payload = event.payload
    about = {name: payload[name] for name in ("complaint", "source", "agency", "area", "category", "count")}
    return replace(_activated(alarm, event), **about, priority=payload["priority"], raised_at=event.at, rearmed=0)


def _reactivated(alarm: Alarm, event: Event, _actor: str) -> Alarm:
    return _activated(alarm, event)


def _activated(alarm: Alarm, event: Event) -> Alarm:
    """An entry to unacked: the acknowledgement and the owner of the last one are over."""
    payload = event.payload
    within = tuple(moment for moment in alarm.recent if event.at - moment <= CHATTER_WITHIN)
    return replace(
        alarm,
        **_ANSWER,
        **_SPELL,
        **_promise(event),
        state=AlarmState.UNACKED,
        active=True,
        activated_at=event.at,
        rearmed=alarm.rearmed + 1,
        page_at=read(payload["page_at"]),
        paged_at=None,
        recent=(*within, event.at),
        chattering=payload["chattering"],
    )


def _promise(event: Event) -> dict[str, Any]:
    """The deadline that the alarm is about now; unchanged when the event names none."""
    payload = event.payload
    if "stage" not in payload:
        return {}
    return {"stage": payload["stage"] and Stage(payload["stage"]), "due_at": read_or_none(payload["due_at"])}


def _acknowledged(alarm: Alarm, event: Event, actor: str) -> Alarm:
    payload = event.payload
    answer = {
        "acked_by": actor,
        "acked_at": event.at,
        "acked_from": payload["from"],
        "owner": payload["owner"],
        "expires_at": read_or_none(payload["expires_at"]),
    }
    return replace(alarm, **answer, state=AlarmState.ACKED if alarm.active else AlarmState.NORMAL)


def _returned(alarm: Alarm, _event: Event, _actor: str) -> Alarm:
    """The condition ended; a quiet alarm stays quiet."""
    return replace(alarm, active=False, state=alarm.state if alarm.state in QUIET else AlarmState.RETURNED)


def _cleared(alarm: Alarm, _event: Event, _actor: str) -> Alarm:
    return replace(alarm, active=False, expires_at=None, state=AlarmState.NORMAL)


def _recurred(alarm: Alarm, event: Event, _actor: str) -> Alarm:
    """The condition is true again while the alarm is quiet: a new life that begins there."""
    return replace(alarm, **_ANSWER, **_promise(event), active=True, raised_at=event.at, rearmed=0)


def _shelved(alarm: Alarm, event: Event, actor: str) -> Alarm:
    payload = event.payload
    spell = {"shelved_by": actor, "shelved_until": read(payload["until"]), "reason": payload["reason"]}
    return replace(alarm, **{**_SPELL, **spell}, expires_at=None, state=AlarmState.SHELVED)


def _suppressed(alarm: Alarm, event: Event, _actor: str) -> Alarm:
    payload = event.payload
    spell = {
        "rule": Rule(payload["rule"]),
        "suppressed_until": read_or_none(payload["until"]),
        "reason": payload["reason"],
    }
    return replace(alarm, **{**_SPELL, **spell}, expires_at=None, state=AlarmState.SUPPRESSED)


def _out_of_service(alarm: Alarm, event: Event, _actor: str) -> Alarm:
    payload = event.payload
    spell = {"reason": payload["reason"], "review_at": read(payload["review_at"])}
    return replace(alarm, **{**_SPELL, **spell}, expires_at=None, state=AlarmState.OUT_OF_SERVICE)


def _loud_again(alarm: Alarm, _event: Event, _actor: str) -> Alarm:
    """Normal; where the condition is still true the same append activates it anew."""
    return replace(alarm, **_SPELL, active=False, state=AlarmState.NORMAL)


def _paged(alarm: Alarm, event: Event, _actor: str) -> Alarm:
    return replace(alarm, paged_at=event.at)


def _counted(alarm: Alarm, event: Event, _actor: str) -> Alarm:
    return replace(alarm, count=event.payload["count"])


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmChange:
    """What an event does, and in which states."""

    states: frozenset[AlarmState]
    fold: Fold


# Every kind of event about an alarm; a test finds a forgotten one.
CHANGES: Mapping[Kind, AlarmChange] = {
    Kind.ALARM_RAISED: AlarmChange(states=frozenset({AlarmState.NORMAL}), fold=_raised),
    Kind.ALARM_ACKNOWLEDGED: AlarmChange(
        states=frozenset({AlarmState.UNACKED, AlarmState.RETURNED}), fold=_acknowledged
    ),
    Kind.ALARM_RETURNED: AlarmChange(states=QUIET | {AlarmState.UNACKED}, fold=_returned),
    Kind.ALARM_CLEARED: AlarmChange(states=frozenset({AlarmState.ACKED}), fold=_cleared),
    Kind.ALARM_REACTIVATED: AlarmChange(states=LOUD - {AlarmState.UNACKED}, fold=_reactivated),
    Kind.ALARM_RECURRED: AlarmChange(states=QUIET, fold=_recurred),
    Kind.ALARM_SHELVED: AlarmChange(states=LOUD, fold=_shelved),
    Kind.ALARM_UNSHELVED: AlarmChange(states=frozenset({AlarmState.SHELVED}), fold=_loud_again),
    Kind.ALARM_SUPPRESSED: AlarmChange(states=LOUD, fold=_suppressed),
    Kind.ALARM_UNSUPPRESSED: AlarmChange(states=frozenset({AlarmState.SUPPRESSED}), fold=_loud_again),
    Kind.ALARM_OUT_OF_SERVICE: AlarmChange(states=LOUD, fold=_out_of_service),
    Kind.ALARM_IN_SERVICE: AlarmChange(states=frozenset({AlarmState.OUT_OF_SERVICE}), fold=_loud_again),
    Kind.ALARM_PAGED: AlarmChange(states=frozenset({AlarmState.UNACKED}), fold=_paged),
    Kind.ALARM_COUNTED: AlarmChange(states=QUIET | LISTED, fold=_counted),
}
